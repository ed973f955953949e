//! A plan as a file, so that somebody else can read, approve and apply it. The file is data, not an instruction: whoever applies it
//! plans anew, and [`moved`] says what differs from the file.

mod moved;
mod read;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use moved::{How, Moved, further, moved};
pub(crate) use read::read;

use super::removal::User;
use crate::{
    connection::{AccountId, ConnectionId, ConnectionName, Kind, Partition, Region},
    resources::{document::Written, families::Step, settings::Settings, step::Action},
    ui::visible,
};

/// The version of the format: files of the same major version can be read, whatever their minor version.
pub(crate) const VERSION: &str = "1.1";

/// What a plan file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, strum::IntoStaticStr)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub(crate) enum Purpose {
    Setup,
    Remove,
}

/// A plan of `setup` or `remove`, with what was seen when it was made. It has no secrets.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct PlanFile {
    pub version: String,
    pub purpose: Purpose,
    /// The version of the program that made it.
    pub tool: String,
    pub account: AccountId,
    pub partition: Partition,
    pub region: Region,
    /// Who planned: an ARN. Somebody else of the same account may apply it.
    pub caller: String,
    pub tenant: Tenant,
    pub connection: Connection,
    /// The answers of `setup`, in the order of the questions.
    pub answers: Vec<Answered>,
    /// What `remove` was asked to keep or to delete.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wishes: Option<Wished>,
    /// Who else uses what `remove` may delete.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<User>,
    /// Whether `remove` deletes the last trail that logs management events.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub last_trail: bool,
    /// SHA-256 (hex) of the zip that the function is to run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub function: Option<String>,
    /// Where log files will go, as far as Central says so.
    pub hosts: Vec<String>,
    pub steps: Vec<Line>,
    pub documents: Vec<Document>,
    /// What it costs if a further, billed copy of management events is created.
    pub cost: Option<String>,
    pub notes: Vec<String>,
}

/// The tenant of Central that log files go to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Tenant {
    pub id: String,
    pub name: String,
    pub data_region: String,
}

/// The connection. The id of one that is `new` is fixed by the plan, because documents have it in them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Connection {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub new: bool,
}

/// An answer, by the key of its question.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answered {
    pub key: String,
    pub value: Value,
    pub from: Source,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Source {
    /// Whoever planned has given it.
    Given,
    /// It is saved at Central, and read from there again.
    Saved,
    Default,
}

/// The wishes of `remove`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Wished {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
}

/// A step of a plan.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Line {
    pub action: Action,
    pub kind: Kind,
    pub arn: String,
    /// Ids of the parts that the step writes together.
    pub ids: Vec<String>,
    /// Why, in the language of whoever planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What the step's resource is like besides its documents. Files of version 1.0 do not say it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
}

/// A setting of a resource, as it was seen and as the step leaves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Setting {
    /// As AWS calls it.
    pub name: String,
    /// `null` if there was none, or if it could not be read.
    pub before: Option<Value>,
    /// The permission that was missing to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// What the step leaves; `null` for nothing.
    pub after: Option<Value>,
}

/// A document of a resource, as it was seen and, if a step writes it, as that leaves it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Document {
    /// What the document is about. For a role, that is its trust.
    pub kind: Kind,
    pub arn: String,
    /// `null` if there was none, or if it could not be read.
    pub before: Option<Value>,
    /// The permission that was missing to read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unread: Option<String>,
    /// Whether a step writes it.
    pub writes: bool,
    /// What a step leaves; `null` if there is none then.
    pub after: Option<Value>,
}

impl PlanFile {
    /// The file's text: JSON, with characters that something acts on as `\u` escapes.
    #[must_use]
    pub(crate) fn to_text(&self) -> String {
        let text = serde_json::to_string_pretty(self).expect("a plan is always printable");
        format!("{}\n", visible::json(&text))
    }

    /// Whether the file says what resources are like, and who else uses them: version 1.0 does not.
    #[must_use]
    pub(crate) fn has_settings_and_users(&self) -> bool {
        read::parsed(&self.version).is_some_and(|version| version >= (1, 1))
    }
}

/// Returns the steps of a plan as lines of its file, each with the settings of its resource.
#[must_use]
pub(crate) fn lines(steps: &[Step], settings: &[Settings]) -> Vec<Line> {
    let line = |step: &Step| Line {
        action: step.action(),
        kind: step.kind(),
        arn: step.arn.clone(),
        ids: step.ids.clone(),
        reason: step.reason.clone(),
        settings: of_step(step, settings),
    };
    steps.iter().map(line).collect()
}

/// Returns the settings of what a step is about, before and after it. Of something that is only used, whoever owns it may tag it.
#[must_use]
pub(crate) fn of_step(step: &Step, settings: &[Settings]) -> Vec<Setting> {
    let (action, kind) = (step.action(), step.kind());
    let of_resource = settings
        .iter()
        .filter(|one| one.kind == kind && one.arn == step.arn);
    let told = of_resource.flat_map(|one| &one.all);
    let told = told.filter(|one| action != Action::Use || !one.is_tag());
    let told = told.map(|one| Setting {
        name: one.name.clone(),
        before: one.found.there().cloned(),
        unread: one.found.denied().map(ToOwned::to_owned),
        after: one.after(action).cloned(),
    });
    // A new resource is listed with every setting, also with those that it will not have: it certainly has no others.
    told.filter(|one| action == Action::Create || one.says_something())
        .collect()
}

/// Returns the documents of a plan as its file has them: those that steps write, then the others that were seen.
#[must_use]
pub(crate) fn documents(written: &[Written], seen: &[Written]) -> Vec<Document> {
    let document = |one: &Written, writes: bool| Document {
        kind: one.kind,
        arn: one.arn.clone(),
        before: one.before.there().cloned(),
        unread: one.before.denied().map(ToOwned::to_owned),
        writes: writes && one.before.denied().is_none(),
        after: one.after.clone(),
    };
    let is_written = |one: &Written| {
        let mut written = written.iter();
        written.any(|other| other.kind == one.kind && other.arn == one.arn)
    };
    let others = seen.iter().filter(|one| !is_written(one));
    let others = others.map(|one| document(one, false));
    let written = written.iter().map(|one| document(one, true));
    written.chain(others).collect()
}

impl Setting {
    fn says_something(&self) -> bool {
        self.before.is_some() || self.unread.is_some() || self.after.is_some()
    }
}

impl Line {
    /// Whether the step changes something in AWS.
    #[must_use]
    pub(crate) fn writes(&self) -> bool {
        !matches!(self.action, Action::Use | Action::Keep)
    }
}
