//! The input of a call, and the type of its answer.

use serde_json::Value;

use crate::sandbox::cloud::Error;

/// The output of a call, or an error as CloudTrail gives it.
pub(super) type Answer = Result<Value, Error>;

/// A text of the input.
pub(super) fn text<'a>(input: &'a Value, name: &str) -> Option<&'a str> {
    input.get(name).and_then(Value::as_str)
}

/// A flag of the input.
pub(super) fn flag(input: &Value, name: &str) -> Option<bool> {
    input.get(name).and_then(Value::as_bool)
}
