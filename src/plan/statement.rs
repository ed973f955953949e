//! Our statements in policy documents, found by the ids that we compute.

use serde_json::Value;

use crate::policy;

/// Returns the statement with this id.
pub(super) fn of_id(document: &Value, id: &str) -> Option<Value> {
    let mut statements = policy::statements(document).into_iter();
    statements.find(|one| one["Sid"] == id)
}

/// Returns whom the statement with this id lets in: the `aws:SourceArn` of its conditions.
pub(super) fn source_of_id(document: Option<&Value>, id: &str) -> Option<String> {
    let ours = of_id(document?, id)?;
    source(&ours).map(ToOwned::to_owned)
}

fn source(statement: &Value) -> Option<&str> {
    let operators = statement["Condition"].as_object()?.values();
    operators
        .filter_map(Value::as_object)
        .flatten()
        .find(|(key, _)| key.eq_ignore_ascii_case("aws:SourceArn"))?
        .1
        .as_str()
}
