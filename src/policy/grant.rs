//! Identity policies: collects the permissions that calls on the resources need, and writes them as a document.

use serde_json::{Value, json};

/// What permissions are needed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Setup,
    Status,
    Remove,
    /// In addition to `Remove`: emptying and deleting the log bucket.
    RemoveLogs,
}

/// Permission to make some calls on one resource.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grant {
    pub actions: Vec<&'static str>,
    /// ARNs, or `*` if AWS accepts nothing narrower.
    pub resources: Vec<String>,
    pub condition: Option<Value>,
}

impl Grant {
    #[must_use]
    pub(crate) fn new(actions: &[&'static str], resource: impl Into<String>) -> Self {
        Self {
            actions: actions.to_vec(),
            resources: vec![resource.into()],
            condition: None,
        }
    }

    #[must_use]
    pub(crate) fn and_on(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    /// The same for the calls that only read, which AWS names `Get…`, `List…` and `Describe…`; `None` if there are none.
    #[must_use]
    pub(crate) fn reading(mut self) -> Option<Self> {
        self.actions.retain(|action| {
            let call = action.split_once(':').map_or("", |(_, call)| call);
            let verbs = ["Get", "List", "Describe"];
            verbs.iter().any(|verb| call.starts_with(verb))
        });
        (!self.actions.is_empty()).then_some(self)
    }

    #[must_use]
    pub(crate) fn only_if(mut self, condition: Value) -> Self {
        self.condition = Some(condition);
        self
    }
}

/// Returns an identity policy that grants exactly these permissions. Grants on the same resources become one statement.
#[must_use]
pub(crate) fn document(grants: &[Grant]) -> Value {
    let mut merged: Vec<Grant> = Vec::new();
    for grant in grants {
        match merged
            .iter_mut()
            .find(|one| one.resources == grant.resources && one.condition == grant.condition)
        {
            Some(one) => one.actions.extend(&grant.actions),
            None => merged.push(grant.clone()),
        }
    }
    let statements: Vec<Value> = merged
        .into_iter()
        .map(|mut grant| {
            grant.actions.sort_unstable();
            grant.actions.dedup();
            let resource = if grant.resources.len() == 1 {
                json!(grant.resources[0])
            } else {
                json!(grant.resources)
            };
            let mut statement =
                json!({ "Effect": "Allow", "Action": grant.actions, "Resource": resource });
            if let Some(condition) = grant.condition {
                statement["Condition"] = condition;
            }
            statement
        })
        .collect();
    json!({ "Version": "2012-10-17", "Statement": statements })
}
