//! Requests as the checks put them together, and answers as they judge them.

use std::{collections::BTreeMap, time::Duration};

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::contract;

/// What a check says: nothing, or how the answer differs.
pub(super) type Tried = Result<(), String>;

/// A request of an operation.
#[derive(Clone)]
pub(super) struct Ask {
    pub operation: &'static str,
    pub method: Method,
    pub url: String,
    pub bearer: Bearer,
    pub headers: BTreeMap<&'static str, String>,
    pub body: Option<Value>,
}

/// Whose token a request has.
#[derive(Clone)]
pub(super) enum Bearer {
    Nobody,
    /// The credential's, which is good when the request is made.
    Client,
    /// This one.
    Other(String),
}

impl Ask {
    pub(super) fn new(operation: &'static str, method: Method, url: String) -> Self {
        Self {
            operation,
            method,
            url,
            bearer: Bearer::Nobody,
            headers: BTreeMap::new(),
            body: None,
        }
    }

    pub(super) fn by(mut self, bearer: Bearer) -> Self {
        self.bearer = bearer;
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.insert(name, value.into());
        self
    }

    pub(super) fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    pub(super) fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// An answer, compared with the contract's schema for it.
pub(super) struct Answer {
    pub status: u16,
    pub etag: Option<String>,
    pub body: Value,
    /// When it was made, by the implementation's clock, if it says so.
    pub date: Option<Timestamp>,
    /// How long a busy implementation asks to wait, if that is short.
    pub pause: Option<Duration>,
    /// That it was busy, and told so as the contract says: nothing was tried.
    pub busy: Option<String>,
    /// How the body differs from what the contract says.
    pub misfit: Option<String>,
}

impl Answer {
    /// It says something of what was asked, and not only that the implementation is busy.
    pub(super) fn served(&self) -> Tried {
        self.busy.clone().map_or(Ok(()), Err)
    }

    /// It has this status, and its body fits.
    pub(super) fn is(&self, status: u16) -> Tried {
        self.served()?;
        if self.status != status {
            return Err(self.unlike(&status.to_string()));
        }
        match &self.misfit {
            Some(misfit) => Err(misfit.clone()),
            None => Ok(()),
        }
    }

    /// It is a refusal with this status and this error.
    pub(super) fn refuses(&self, status: u16, error: &str) -> Tried {
        self.is(status)?;
        if error.is_empty() || self.error() == error {
            return Ok(());
        }
        Err(format!("error is {:?}, not {error:?}", self.error()))
    }

    /// It is one of these refusals. Where several apply at once, the contract does not say which one comes first.
    pub(super) fn refuses_by(&self, refusals: &[(u16, &str)]) -> Tried {
        self.served()?;
        let same = refusals.iter().find(|(status, _)| *status == self.status);
        let statuses = refusals.iter().map(|(status, _)| status.to_string());
        match same {
            Some(&(status, error)) => self.refuses(status, error),
            None => Err(self.unlike(&statuses.collect::<Vec<_>>().join(" or "))),
        }
    }

    /// It keeps somebody out who may not have it. The contract does not say with which status.
    pub(super) fn keeps_out(&self) -> Tried {
        self.refuses_by(&[(401, ""), (403, ""), (404, "")])
    }

    fn unlike(&self, expected: &str) -> String {
        let said = self.error();
        format!("answers {} {said}, not {expected}", self.status).replace(" ,", ",")
    }

    pub(super) fn error(&self) -> &str {
        self.text("/error")
    }

    /// A text of the body; empty if it is absent.
    pub(super) fn text(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_default()
    }

    /// A field of the body has this value.
    pub(super) fn has(&self, pointer: &str, expected: impl Into<Value>) -> Tried {
        let expected = expected.into();
        self.compare(pointer, &expected, |found| *found == expected)
    }

    /// A field of the body has at least what is in this value: objects may have more fields, those with a default or such as the
    /// contract does not name.
    pub(super) fn holds(&self, pointer: &str, expected: &Value) -> Tried {
        self.compare(pointer, expected, |found| holds(found, expected))
    }

    fn compare(&self, pointer: &str, expected: &Value, fits: impl Fn(&Value) -> bool) -> Tried {
        self.served()?;
        match self.body.pointer(pointer) {
            Some(found) if fits(found) => Ok(()),
            Some(found) => Err(format!("{pointer} is {found}, not {expected}")),
            None => Err(format!("{pointer} is missing")),
        }
    }

    /// A field of the body is a time in UTC. Answers with a schema are compared with that.
    pub(super) fn has_time(&self, pointer: &str) -> Tried {
        self.served()?;
        match self.text(pointer) {
            text if contract::is_utc(text) => Ok(()),
            text => Err(format!("{pointer} is {text:?}, not a time in UTC")),
        }
    }

    /// The ETag, which this answer must have.
    pub(super) fn etag(&self) -> Result<String, String> {
        self.served()?;
        self.etag
            .clone()
            .ok_or_else(|| "ETag is missing".to_owned())
    }

    /// The list in a field.
    pub(super) fn list(&self, name: &str) -> Result<&Vec<Value>, String> {
        self.served()?;
        let list = self.body.get(name).and_then(Value::as_array);
        list.ok_or_else(|| format!("/{name} is not a list"))
    }
}

/// Whether a value has at least what is in another one. Lists are as long.
fn holds(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Object(found), Value::Object(expected)) => expected
            .iter()
            .all(|(name, value)| found.get(name).is_some_and(|found| holds(found, value))),
        (Value::Array(found), Value::Array(expected)) => {
            let mut pairs = found.iter().zip(expected);
            found.len() == expected.len() && pairs.all(|(one, other)| holds(one, other))
        }
        _ => found == expected,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn answer(status: u16, error: &str) -> Answer {
        Answer {
            status,
            etag: None,
            body: json!({ "error": error }),
            date: None,
            pause: None,
            busy: None,
            misfit: None,
        }
    }

    #[test]
    fn where_several_refusals_apply_each_has_its_own_error() {
        let refusals = [(401, ""), (404, "notFound")];
        let judged = |status, error| answer(status, error).refuses_by(&refusals);
        judged(401, "anything").unwrap();
        judged(404, "notFound").unwrap();
        let complaint = judged(404, "deleted").unwrap_err();
        assert_eq!(complaint, "error is \"deleted\", not \"notFound\"");
        let complaint = judged(403, "forbidden").unwrap_err();
        assert_eq!(complaint, "answers 403 forbidden, not 401 or 404");
        assert_eq!(
            answer(200, "").keeps_out().unwrap_err(),
            "answers 200, not 401 or 403 or 404"
        );
    }

    #[test]
    fn an_answer_that_says_busy_says_nothing_else() {
        let mut busy = answer(429, "tooMany");
        busy.busy = Some("it is busy".to_owned());
        let said = [
            busy.is(401),
            busy.refuses(401, "invalid"),
            busy.keeps_out(),
            busy.has("/error", "tooMany"),
            busy.has_time("/at"),
            busy.etag().map(drop),
            busy.list("items").map(drop),
        ];
        for one in said {
            assert_eq!(one.unwrap_err(), "it is busy");
        }
    }

    #[test]
    fn a_field_may_have_more_than_was_saved_and_not_less() {
        let mut shown = answer(200, "");
        shown.body = json!({ "items": [{ "kind": "topic", "region": "eu-west-1" }] });
        shown
            .holds("/items", &json!([{ "kind": "topic" }]))
            .unwrap();
        for other in [json!([]), json!([{ "kind": "bucket" }]), json!([{}, {}])] {
            shown.holds("/items", &other).unwrap_err();
        }
        shown.holds("/others", &json!([])).unwrap_err();
    }
}
