//! `schema`: prints the contract of Central's side, or the schema of what a command prints as JSON.

use std::io::Write;

use serde_json::{Value, json};

use super::{app::App, written};
use crate::{
    central::CONTRACT,
    ui::{Exit, Failure, Result, t},
};

/// The schemas of the documents that commands print.
const OUTPUT: &str = include_str!("../../schemas/output.json");

/// The schema of the file of a plan.
const PLAN_FILE: &str = include_str!("../../schemas/plan-file.json");

/// The names of the files.
const FILES: [&str; 3] = ["central-api", "output", "plan-file"];

pub(super) fn run(app: &App, name: &str, list: bool) -> Result<Exit> {
    let output: Value = serde_json::from_str(OUTPUT).expect("the schemas are JSON");
    let documents = documents(&output);
    if list {
        let names = FILES.into_iter().chain(documents.iter().copied());
        let names: Vec<&str> = names.collect();
        if app.printer.json() {
            app.printer.document(&json!({ "schemas": names }));
        } else {
            app.printer.data(&names.join("\n"));
        }
        return Ok(Exit::Done);
    }
    match name {
        // With JSON as the format, stdout is JSON.
        "central-api" if app.printer.json() => {
            app.printer
                .document(&json!({ "name": name, "yaml": CONTRACT }));
            Ok(Exit::Done)
        }
        "central-api" => written(std::io::stdout().write_all(CONTRACT.as_bytes())),
        "output" => written(std::io::stdout().write_all(OUTPUT.as_bytes())),
        "plan-file" => written(std::io::stdout().write_all(PLAN_FILE.as_bytes())),
        name if documents.contains(&name) => {
            app.printer.document(&one(&output, name));
            Ok(Exit::Done)
        }
        name => {
            let known = documents.join(", ");
            let complaint = t!("schema-unknown", name = name, known = known);
            Err(Failure::usage(complaint))
        }
    }
}

/// The documents that commands print, by their names among the definitions.
fn documents(output: &Value) -> Vec<&str> {
    let documents = output["anyOf"].as_array().into_iter().flatten();
    let names = documents.filter_map(|one| one["$ref"].as_str()?.strip_prefix("#/$defs/"));
    names.collect()
}

/// The schema of one document. It stands alone: with the definitions of all.
fn one(output: &Value, name: &str) -> Value {
    json!({
        "$schema": output["$schema"],
        "$ref": format!("#/$defs/{name}"),
        "$defs": output["$defs"],
    })
}
