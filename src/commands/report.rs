//! The JSON of `setup`, `plan` and `remove`.

use serde_json::{Value, json};

use crate::{
    audit::Proof,
    central::model::Connection,
    resources::{bucket::Held, families::Step},
    ui::{Code, Failure},
};

/// The result of `setup`, `plan` or `remove`.
#[derive(Clone, Debug, Default)]
pub(super) struct Report {
    pub result: &'static str,
    pub connection: Option<Connection>,
    pub steps: Vec<Step>,
    pub equivalent: Option<String>,
    /// The log files that a removal deletes, if they could be counted.
    pub logs: Option<Held>,
    /// An event of this run that has reached Central, if one was looked for and found.
    pub proof: Option<Proof>,
}

impl Report {
    /// Returns the report as JSON, with the failure that ended the command if there is one.
    pub(super) fn to_json(&self, failure: Option<&Failure>) -> Value {
        // An unhealthy connection is applied all the same.
        let failed = failure
            .is_some_and(|failure| !matches!(failure.code, Code::Unhealthy | Code::ChangesPending));
        let mut document = json!({
            "result": if failed || self.result.is_empty() { "failed" } else { self.result },
            "connection": self.connection,
            "steps": self.steps.iter().flat_map(Step::to_json).collect::<Vec<_>>(),
        });
        if let Some(equivalent) = &self.equivalent {
            document["equivalent"] = equivalent.clone().into();
        }
        if let Some(logs) = &self.logs {
            document["logs"] = json!(logs);
        }
        if let Some(proof) = &self.proof {
            document["proof"] = json!(proof);
        }
        if let Some(failure) = failure.filter(|failure| failure.code != Code::ChangesPending) {
            document["error"] = failure.to_json();
        }
        document
    }
}
