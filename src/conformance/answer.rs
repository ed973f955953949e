//! Requests as the checks put them together, and answers as they judge them.

use std::collections::BTreeMap;

use reqwest::Method;
use serde_json::Value;

/// What a check says: nothing, or how the answer differs.
pub(super) type Tried = Result<(), String>;

/// A request of an operation.
#[derive(Clone)]
pub(super) struct Ask {
    pub operation: &'static str,
    pub method: Method,
    pub url: String,
    pub headers: BTreeMap<&'static str, String>,
    pub body: Option<Value>,
}

impl Ask {
    pub(super) fn new(operation: &'static str, method: Method, url: String) -> Self {
        Self {
            operation,
            method,
            url,
            headers: BTreeMap::new(),
            body: None,
        }
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
    /// How the body differs from what the contract says.
    pub misfit: Option<String>,
}

impl Answer {
    /// It has this status, and its body fits.
    pub(super) fn is(&self, status: u16) -> Tried {
        if self.status != status {
            let said = self.error();
            return Err(format!("answers {} {said}, not {status}", self.status).replace(" ,", ","));
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
        match self.body.pointer(pointer) {
            Some(found) if *found == expected => Ok(()),
            Some(found) => Err(format!("{pointer} is {found}, not {expected}")),
            None => Err(format!("{pointer} is missing")),
        }
    }

    /// The ETag, which this answer must have.
    pub(super) fn etag(&self) -> Result<String, String> {
        self.etag
            .clone()
            .ok_or_else(|| "ETag is missing".to_owned())
    }

    /// The list in a field.
    pub(super) fn list(&self, name: &str) -> Result<&Vec<Value>, String> {
        let list = self.body.get(name).and_then(Value::as_array);
        list.ok_or_else(|| format!("/{name} is not a list"))
    }
}
