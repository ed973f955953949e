//! Policy documents: merges them by statement id, compares them as policy JSON, and fills in those of `policies/`.

pub(crate) mod evaluate;
pub(crate) mod grant;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

/// Returns the `Sid` of a statement.
fn sid(statement: &Value) -> Option<&str> {
    statement.get("Sid").and_then(Value::as_str)
}

/// Parses a policy document as AWS returns it; `None` if there is none or it is not JSON.
#[cfg(any(feature = "sandbox", test))]
#[must_use]
pub(crate) fn parse(text: Option<&str>) -> Option<Value> {
    serde_json::from_str(text?).ok()
}

/// Returns the statements of a document. A single statement may be given without a list.
#[must_use]
pub(crate) fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(list)) => list.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// Returns `document` with our statements in it. A statement with the same id is replaced in place, the others are appended.
/// Everything else keeps its order and content.
#[must_use]
pub(crate) fn merge(document: Option<&Value>, ours: &[Value]) -> Value {
    let mut merged = document
        .cloned()
        .unwrap_or_else(|| json!({ "Version": "2012-10-17", "Statement": [] }));
    if !merged.is_object() {
        merged = json!({ "Version": "2012-10-17" });
    }
    let mut list = statements(&merged);
    for statement in ours {
        match list
            .iter_mut()
            .find(|present| sid(present).is_some() && sid(present) == sid(statement))
        {
            Some(present) => *present = statement.clone(),
            None => list.push(statement.clone()),
        }
    }
    merged["Statement"] = Value::Array(list);
    merged
}

/// Returns `document` without the statements that have these ids; `None` if nothing remains.
#[must_use]
pub(crate) fn without(document: &Value, ids: &[String]) -> Option<Value> {
    let list: Vec<Value> = statements(document)
        .into_iter()
        .filter(|statement| !sid(statement).is_some_and(|sid| ids.iter().any(|id| id == sid)))
        .collect();
    if list.is_empty() {
        return None;
    }
    let mut rest = document.clone();
    rest["Statement"] = Value::Array(list);
    Some(rest)
}

/// Whether our statements are in a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    AsPlanned,
    /// Some of our statements are there, but not all of them as planned.
    Different,
    Missing,
}

/// Compares our statements, each with its `Sid`, with those in a document.
#[must_use]
pub(crate) fn standing(document: &Value, ours: &[Value]) -> Standing {
    let ids = ours.iter().filter_map(|one| one["Sid"].as_str());
    let ids: Vec<String> = ids.map(ToOwned::to_owned).collect();
    if contains(document, ours) {
        Standing::AsPlanned
    } else if present(document, &ids).is_empty() {
        Standing::Missing
    } else {
        Standing::Different
    }
}

/// Returns those of `ids` that are the id of a statement in the document.
#[must_use]
pub(crate) fn present<'a>(document: &Value, ids: &'a [String]) -> Vec<&'a String> {
    let list = statements(document);
    ids.iter()
        .filter(|id| list.iter().any(|statement| sid(statement) == Some(id)))
        .collect()
}

/// Whether `document` has each of our statements as we would write it.
#[must_use]
pub(crate) fn contains(document: &Value, ours: &[Value]) -> bool {
    let list = statements(document);
    ours.iter().all(|statement| {
        list.iter().any(|present| {
            sid(present) == sid(statement) && canonical(present) == canonical(statement)
        })
    })
}

/// Whether two documents are equal as policy JSON: a single value equals a list of one, lists of values are sets, and the order
/// of statements counts.
#[must_use]
pub(crate) fn equal(one: &Value, other: &Value) -> bool {
    canonical(one) == canonical(other)
}

/// Returns the form in which equal documents are equal values.
#[must_use]
pub(crate) fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            let entries = entries.into_iter().map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    // Statements keep their order; a single one counts as a list.
                    ("Statement", Value::Array(list)) => list.iter().map(canonical).collect(),
                    ("Statement", one) => Value::Array(vec![canonical(one)]),
                    _ => canonical(value),
                };
                (key.clone(), value)
            });
            Value::Object(entries.collect::<Map<_, _>>())
        }
        Value::Array(list) => {
            let mut list: Vec<Value> = list.iter().map(canonical).collect();
            list.sort_by_key(ToString::to_string);
            list.dedup();
            if list.len() == 1 {
                list.remove(0)
            } else {
                Value::Array(list)
            }
        }
        Value::Bool(flag) => Value::String(flag.to_string()),
        other => other.clone(),
    }
}

/// Replaces each `${Name}` in a document of `policies/`.
#[must_use]
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> Value {
    let document: Value = serde_json::from_str(template).expect("documents in policies/ are JSON");
    fill_value(&document, values)
}

fn fill_value(value: &Value, values: &[(&str, &str)]) -> Value {
    match value {
        Value::String(text) => {
            let mut text = text.clone();
            for (name, with) in values {
                text = text.replace(&format!("${{{name}}}"), with);
            }
            Value::String(text)
        }
        Value::Array(list) => list.iter().map(|item| fill_value(item, values)).collect(),
        Value::Object(map) => Value::Object(
            map.iter()
                .map(|(key, item)| (key.clone(), fill_value(item, values)))
                .collect(),
        ),
        other => other.clone(),
    }
}
