//! What has become of each member, and what follows for the run.

use serde_json::{Value, json};

use super::{member::Member, run::Ended};
use crate::{
    connection::{AccountId, ConnectionName},
    ui::{Code, Exit, Failure, Result, t},
};

/// What has become of a member.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) account: AccountId,
    pub(super) name: ConnectionName,
    pub(super) word: Word,
    /// The connection as Central has it, as far as it is known.
    pub(super) connection: Value,
    /// Why it failed or was not begun, or what is not healthy.
    pub(super) error: Value,
}

/// The result of a member in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub(super) enum Word {
    Applied,
    Unchanged,
    Removed,
    /// It was not begun.
    Planned,
    Healthy,
    /// Looked at, and something is wrong.
    Unhealthy,
    Failed,
}

impl Word {
    pub(super) fn shown(self) -> String {
        match self {
            Self::Applied => t!("fleet-applied"),
            Self::Unchanged => t!("fleet-unchanged"),
            Self::Removed => t!("fleet-removed"),
            Self::Planned => t!("fleet-planned"),
            Self::Healthy => t!("fleet-healthy"),
            Self::Unhealthy => t!("fleet-unhealthy"),
            Self::Failed => t!("fleet-failed"),
        }
    }
}

impl Outcome {
    pub(super) fn new(member: &Member, word: Word) -> Self {
        Self {
            account: member.account.clone(),
            name: member.name.clone(),
            word,
            connection: Value::Null,
            error: Value::Null,
        }
    }

    pub(super) fn failed(member: &Member, failure: &Failure) -> Self {
        Self {
            error: failure.to_json(),
            ..Self::new(member, Word::Failed)
        }
    }

    /// A member that was not begun, because another connection of its account has failed.
    pub(super) fn behind(member: &Member, failed: &ConnectionName) -> Self {
        let failure = Failure::new(Code::Failed, t!("fleet-behind", name = failed));
        Self {
            error: failure.to_json(),
            ..Self::new(member, Word::Planned)
        }
    }

    /// What the run of a member says. `fine`: the result of a run that did what it should.
    pub(super) fn of(member: &Member, ended: Result<Ended>, fine: Word) -> Self {
        let Ended { code, document } = match ended {
            Ok(ended) => ended,
            Err(failure) => return Self::failed(member, &failure),
        };
        let unhealthy = code == Exit::Unhealthy as i32;
        let word = match document["result"].as_str() {
            _ if code != 0 && !unhealthy => Word::Failed,
            Some("unchanged") => Word::Unchanged,
            _ => fine,
        };
        let error = match &document["error"] {
            Value::Null if word == Word::Failed => {
                let text = t!("fleet-unreadable", code = code, said = "");
                Failure::new(Code::Failed, text).to_json()
            }
            Value::Null if unhealthy => {
                Failure::new(Code::Unhealthy, findings(&document["checks"])).to_json()
            }
            error => error.clone(),
        };
        Self {
            connection: document["connection"].clone(),
            error,
            ..Self::new(member, word)
        }
    }

    /// Where a plan no longer holds, says how to go on: its file is this run's own.
    pub(super) fn advised(mut self) -> Self {
        if self.error["code"] == Code::Conflict.as_str() {
            self.error["hint"] = t!("fleet-moved-hint").into();
        }
        self
    }

    /// Whether it failed: what is only not healthy is set up all the same.
    pub(super) fn is_failed(&self) -> bool {
        self.word == Word::Failed
    }

    /// Whether it neither failed nor, where it was only looked at, was found not healthy.
    pub(super) fn is_fine(&self) -> bool {
        !matches!(self.word, Word::Failed | Word::Unhealthy)
    }

    /// Whether only its health is missing.
    pub(super) fn is_unhealthy(&self) -> bool {
        !matches!(self.word, Word::Failed | Word::Planned) && !self.error.is_null()
    }

    pub(super) fn to_json(&self) -> Value {
        let word: &'static str = self.word.into();
        let mut value = json!({ "account": self.account, "name": self.name, "result": word });
        for (key, part) in [("connection", &self.connection), ("error", &self.error)] {
            if !part.is_null() {
                value[key] = part.clone();
            }
        }
        value
    }
}

/// What `status` has found wrong.
fn findings(checks: &Value) -> String {
    let checks = checks.as_array().into_iter().flatten();
    let wrong = checks.filter(|check| check["ok"] == false);
    let wrong = wrong.filter_map(|check| check["detail"].as_str());
    let found = wrong.collect::<Vec<_>>().join("; ");
    match found.is_empty() {
        true => t!("not-healthy"),
        false => found,
    }
}

/// The exit code of the whole run, unless a signal has ended it.
pub(super) fn exit(outcomes: &[Outcome]) -> Exit {
    if outcomes.iter().any(Outcome::is_failed) {
        Exit::Failed
    } else if outcomes.iter().any(Outcome::is_unhealthy) {
        Exit::Unhealthy
    } else {
        Exit::Done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outcome(code: i32, document: Value) -> Outcome {
        let member = Member {
            line: 2,
            account: "111122223333".parse().unwrap(),
            role: None,
            external_id: None,
            session_tags: Vec::new(),
            region: None,
            tenant: None,
            name: "shop".parse().unwrap(),
            answers: crate::answers::Flags::new(),
        };
        Outcome::of(&member, Ok(Ended { code, document }), Word::Applied)
    }

    #[test]
    fn a_member_that_failed_counts_more_than_one_whose_health_is_missing() {
        let done = outcome(
            0,
            json!({ "result": "applied", "connection": { "name": "shop" } }),
        );
        assert_eq!(done.to_json()["result"], "applied");
        assert_eq!(done.to_json()["name"], "shop");
        assert_eq!(done.to_json()["connection"]["name"], "shop");
        assert!(done.to_json().get("error").is_none());
        let error = json!({ "code": "unhealthy", "message": "no sign-in" });
        let silent = outcome(8, json!({ "result": "unchanged", "error": error }));
        assert_eq!(silent.to_json()["result"], "unchanged");
        let broken = json!({ "code": "conflict", "message": "taken" });
        let broken = outcome(6, json!({ "result": "failed", "error": broken }));
        assert_eq!(broken.to_json()["error"]["message"], "taken");
        assert_eq!(exit(std::slice::from_ref(&done)), Exit::Done);
        assert_eq!(exit(&[done.clone(), silent.clone()]), Exit::Unhealthy);
        assert_eq!(exit(&[done, silent, broken]), Exit::Failed);
    }

    #[test]
    fn what_status_finds_wrong_is_the_error_of_its_member() {
        let checks =
            json!([{ "ok": true, "detail": "fine" }, { "ok": false, "detail": "stopped" }]);
        let found = outcome(8, json!({ "healthy": false, "checks": checks }));
        assert_eq!(found.error["message"], "stopped");
        assert!(found.is_unhealthy());
    }
}
