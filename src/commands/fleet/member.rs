//! A member of a fleet: an account, how to get there, and the answers that hold for it alone.

use crate::{
    answers::{Flags, Shape},
    cli::AnswerFlags,
    connection::{AccountId, Arn, ConnectionName, Partition, Region},
};

/// An account of the fleet.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Member {
    /// Where it stands in the file.
    pub(super) line: usize,
    pub(super) account: AccountId,
    /// The name, with its path, or the ARN of the role to assume there.
    pub(super) role: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) session_tags: Vec<(String, String)>,
    pub(super) region: Option<Region>,
    /// Name or id of the tenant in Central.
    pub(super) tenant: Option<String>,
    /// The connection.
    pub(super) name: ConnectionName,
    /// Answers of this account alone.
    pub(super) answers: Flags,
}

impl Member {
    /// What stands for it in lines and tables.
    pub(super) fn label(&self) -> String {
        format!("{}  {}", self.account, self.name)
    }

    /// The ARN of the role to assume, if there is one.
    pub(super) fn role_arn(&self, partition: Partition) -> Option<String> {
        let role = self.role.as_deref()?;
        Some(match role.parse::<Arn>() {
            Ok(arn) => arn.to_string(),
            Err(_) => format!("arn:{partition}:iam::{}:role/{role}", self.account),
        })
    }

    /// The flags of `setup` and `plan`. The answers of the command line hold where the row has none.
    pub(super) fn flags_of_setup(&self, common: &AnswerFlags) -> Vec<String> {
        let mut words = vec![
            format!("--name={}", self.name),
            format!("--expect-account={}", self.account),
        ];
        if let Some(tenant) = &self.tenant {
            words.push(format!("--expect-tenant={tenant}"));
        }
        let mut all = common.0.clone();
        all.extend(self.answers.clone());
        if self.tenant.is_some() {
            all.remove("expect-tenant");
        }
        words.extend(all.iter().flat_map(|(key, texts)| flag(key, texts)));
        words
    }
}

/// An answer as it is typed.
fn flag(key: &str, texts: &[String]) -> Vec<String> {
    let shape = shape(key);
    if shape != Some(Shape::Flag) {
        let words = texts.iter().map(|text| format!("--{key}={text}"));
        return words.collect();
    }
    match (key, texts.last().map(String::as_str)) {
        (_, Some("true")) => vec![format!("--{key}")],
        ("organization", _) => vec!["--no-organization".to_owned()],
        _ => Vec::new(),
    }
}

/// What the values of an answer look like.
fn shape(key: &str) -> Option<Shape> {
    let mut entries = crate::answers::CATALOGUE.iter();
    let found = entries.find(|entry| entry.key == key);
    found.map(|entry| entry.shape)
}
