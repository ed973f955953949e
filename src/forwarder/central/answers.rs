//! What Central answers, and what it is sent, in the contract's terms.

use std::collections::BTreeMap;

use serde::{Deserialize, de::DeserializeOwned};

use super::call::Answer;
use crate::{event::Object, http::shorten};

/// A refusal by Central.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The connection is deleted (410): a decision, not a failure.
    Deleted,
    /// Another caller holds the catch-up entry (409), which is left to it.
    LeaseLost,
    Other(String),
}

impl From<String> for Refused {
    fn from(text: String) -> Self {
        Self::Other(text)
    }
}

impl Refused {
    /// Returns the refusal in words.
    #[must_use]
    pub(crate) fn text(self) -> String {
        match self {
            Self::Deleted => "the connection is deleted".to_owned(),
            Self::LeaseLost => "another caller has taken it over".to_owned(),
            Self::Other(text) => text,
        }
    }
}

/// The answer to an offer, as it arrives.
#[derive(Deserialize)]
pub(super) struct Offered {
    decision: String,
    reason: Option<String>,
    upload: Option<Upload>,
    #[serde(default)]
    retry: Vec<Address>,
}

/// Central's decision on a file, with the objects that were offered earlier and never arrived.
pub(crate) struct Decided {
    pub decision: Decision,
    pub retry: Vec<Address>,
}

/// What Central wants to be done with a file.
pub(crate) enum Decision {
    Upload(Upload),
    Skip(&'static str),
}

/// The reasons of the contract to skip a file.
pub(super) const REASONS: [&str; 4] = ["accountNotSelected", "duplicate", "paused", "licenseEnded"];

impl Offered {
    /// Reads the decision. An unknown one is a failure that names it, never a success.
    pub(super) fn decision(self) -> Result<Decided, String> {
        let reason = self.reason.unwrap_or_default();
        let decision = match (self.decision.as_str(), self.upload) {
            ("upload", Some(upload)) => Decision::Upload(upload),
            ("upload", None) => return Err("offer: the decision has no upload URL".to_owned()),
            ("skip", _) => match REASONS.iter().find(|known| **known == reason) {
                Some(reason) => Decision::Skip(reason),
                None => {
                    let reason = shorten(&reason);
                    return Err(format!("offer: unknown reason to skip: {reason:?}"));
                }
            },
            (other, _) => {
                let other = shorten(other);
                return Err(format!("offer: unknown decision: {other:?}"));
            }
        };
        Ok(Decided {
            decision,
            retry: self.retry,
        })
    }
}

/// Where to send a file.
#[derive(Deserialize)]
pub(crate) struct Upload {
    pub url: String,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A file, as Central names it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct Address {
    pub bucket: String,
    pub key: String,
}

/// A prefix where files may be missing; valid as long as the lease holds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct CatchUp {
    pub bucket: String,
    pub prefix: String,
    #[serde(default)]
    pub start_after: Option<String>,
    pub lease: String,
}

/// How far a catch-up has come.
pub(crate) struct Progress<'a> {
    pub prefix: &'a str,
    pub lease: &'a str,
    pub up_to: Option<&'a str>,
    pub end: bool,
}

/// A file that was offered and cannot be delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Undeliverable {
    pub object: Object,
    /// `gone`, `archived` or `denied`.
    pub outcome: &'static str,
    pub detail: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Grant {
    #[serde(rename = "access_token")]
    pub(super) token: String,
    #[serde(rename = "expires_in")]
    pub(super) seconds: u64,
    #[serde(default)]
    pub(super) catch_up: Vec<CatchUp>,
}

#[derive(Deserialize)]
pub(super) struct Missing {
    pub(super) missing: Vec<String>,
}

pub(super) fn parse<T: DeserializeOwned>(answer: &Answer, what: &str) -> Result<T, Refused> {
    serde_json::from_slice(&answer.body)
        .map_err(|_| Refused::Other(format!("{what}: the answer does not match the contract")))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn decision(answer: Value) -> Result<&'static str, String> {
        let offered: Offered = serde_json::from_value(answer).unwrap();
        offered.decision().map(|decided| match decided.decision {
            Decision::Upload(_) => "upload",
            Decision::Skip(reason) => reason,
        })
    }

    #[test]
    fn a_decision_that_is_not_known_is_a_failure_that_names_it() {
        let upload = json!({ "url": "https://a.example.com/x", "headers": {} });
        assert_eq!(
            decision(json!({ "decision": "upload", "upload": upload })),
            Ok("upload")
        );
        assert_eq!(
            decision(json!({ "decision": "skip", "reason": "paused" })),
            Ok("paused")
        );
        for (unknown, named) in [
            (json!({ "decision": "upload" }), "upload"),
            (json!({ "decision": "skip" }), "\"\""),
            (json!({ "decision": "skip", "reason": "bored" }), "bored"),
            (json!({ "decision": "later", "upload": upload }), "later"),
        ] {
            let error = decision(unknown).unwrap_err();
            assert!(error.contains(named), "{error}");
        }
    }
}
