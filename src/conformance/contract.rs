//! The contract as data: its operations, and the schemas of their answers.

use std::{collections::HashMap, error::Error};

use serde_json::{Map, Value, json};

use crate::central::CONTRACT;

/// Where the contract keeps the schemas that it shares, and where they are kept here.
const SHARED: (&str, &str) = ("#/components/schemas/", "#/$defs/");
/// The name that the schemas are compiled under. Nothing is read from there.
const DOCUMENT: &str = "https://contract.invalid/central-api.json";

/// The schemas of the contract, compiled.
pub(super) struct Contract {
    schemas: boon::Schemas,
    of: HashMap<String, boon::SchemaIndex>,
}

impl Contract {
    pub(super) fn read() -> Self {
        let definitions = definitions(&parsed());
        let names: Vec<String> = definitions.keys().cloned().collect();
        let mut compiler = boon::Compiler::new();
        compiler.enable_format_assertions();
        compiler.register_format(boon::Format {
            name: "date-time",
            func: in_utc,
        });
        compiler
            .add_resource(DOCUMENT, json!({ "$defs": definitions }))
            .expect("the name is a valid location");
        let mut schemas = boon::Schemas::new();
        let of = names.into_iter().map(|name| {
            let location = format!("{DOCUMENT}#/$defs/{name}");
            let index = compiler.compile(&location, &mut schemas);
            (name, index.expect("the contract's schemas are valid"))
        });
        let of = of.collect();
        Self { schemas, of }
    }

    /// Says how an answer differs from the contract's schema for it. Nothing, where it has none.
    pub(super) fn complaint(&self, name: &str, document: &Value) -> Option<String> {
        let index = *self.of.get(name)?;
        let complaint = self.schemas.validate(document, index).err()?;
        let mut inner = &complaint;
        while let Some(cause) = inner.causes.first() {
            inner = cause;
        }
        Some(format!("{}: {}", inner.instance_location, inner.kind))
    }
}

/// Whether a text is a time as the contract has all of them: RFC 3339, in UTC.
pub(super) fn is_utc(text: &str) -> bool {
    // A time may be written in other forms too (ISO 8601).
    let marks = [(4_usize, "-"), (7, "-"), (13, ":"), (16, ":")];
    let form = marks
        .iter()
        .all(|&(at, mark)| text.get(at..=at) == Some(mark));
    let begins = text.get(10..11).is_some_and(|mark| "Tt".contains(mark));
    let ends = ["Z", "z", "+00:00"].iter().any(|end| text.ends_with(end));
    form && begins && ends && text.parse::<jiff::Timestamp>().is_ok()
}

/// The format of times, for the schemas.
fn in_utc(value: &Value) -> Result<(), Box<dyn Error>> {
    match value.as_str() {
        Some(text) if !is_utc(text) => Err("times are RFC 3339 in UTC".into()),
        _ => Ok(()),
    }
}

/// The contract, from YAML.
pub(super) fn parsed() -> Value {
    serde_saphyr::from_str(CONTRACT).expect("the contract is YAML")
}

/// Each operation of the contract: its id, and what the contract says of it.
pub(super) fn operations(contract: &Value) -> Vec<(String, &Value)> {
    let paths = contract["paths"].as_object().into_iter().flatten();
    let methods = paths.flat_map(|(_, path)| path.as_object().into_iter().flatten());
    let named = methods.filter_map(|(_, operation)| {
        let id = operation.get("operationId")?.as_str()?;
        Some((id.to_owned(), operation))
    });
    named.collect()
}

/// The shared schemas by their names, and those of answers as `operation.status`.
fn definitions(contract: &Value) -> Map<String, Value> {
    let shared = contract["components"]["schemas"].as_object();
    let mut all: Map<String, Value> = shared
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.clone(), moved(schema)))
        .collect();
    for (id, operation) in operations(contract) {
        let responses = operation["responses"].as_object();
        for (status, response) in responses.into_iter().flatten() {
            if let Some(schema) = response.pointer("/content/application~1json/schema") {
                all.insert(format!("{id}.{status}"), moved(schema));
            }
        }
    }
    all
}

/// The same schema, with its references to where the shared schemas are kept here.
fn moved(schema: &Value) -> Value {
    match schema {
        Value::String(text) => text.replacen(SHARED.0, SHARED.1, 1).into(),
        Value::Array(list) => list.iter().map(moved).collect(),
        Value::Object(fields) => {
            let fields = fields.iter();
            let fields: Map<String, Value> = fields
                .map(|(name, value)| (name.clone(), moved(value)))
                .collect();
            fields.into()
        }
        other => other.clone(),
    }
}
