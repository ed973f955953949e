//! Identity policies: what a caller needs, collected from the resources that make the calls, as a document.

use serde_json::{Value, json};

/// What permissions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Setup,
    Status,
    Remove,
    /// In addition to `Remove`: emptying and deleting the log bucket.
    RemoveLogs,
}

/// Permission to make some calls on one resource.
#[derive(Clone, Debug, PartialEq)]
pub struct Grant {
    pub actions: Vec<&'static str>,
    /// ARN or `*`, where AWS takes nothing narrower.
    pub resources: Vec<String>,
    pub condition: Option<Value>,
}

impl Grant {
    #[must_use]
    pub fn new(actions: &[&'static str], resource: impl Into<String>) -> Self {
        Self {
            actions: actions.to_vec(),
            resources: vec![resource.into()],
            condition: None,
        }
    }

    #[must_use]
    pub fn and_on(mut self, resource: impl Into<String>) -> Self {
        self.resources.push(resource.into());
        self
    }

    #[must_use]
    pub fn only_if(mut self, condition: Value) -> Self {
        self.condition = Some(condition);
        self
    }
}

/// An identity policy that grants exactly this: grants on the same resources become one statement.
#[must_use]
pub fn document(grants: &[Grant]) -> Value {
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
