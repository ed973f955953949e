//! The function's resource policy: who may invoke or change the function.

use serde_json::{Value, json};

use super::{
    change::Change,
    state::{Observed, State},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind},
    policy,
    resources::{
        document::{self, Written},
        seen::{Seen, seen},
    },
    ui::Result,
};

/// The action that our permission allows.
pub(super) const INVOKE: &str = "lambda:InvokeFunction";

/// The function's policy before and after a change; `None` if the change does not write it.
#[must_use]
pub(crate) fn written(design: &Design, seen: &Observed, change: Change) -> Option<Written> {
    let adds = match change {
        Change::Permit => true,
        Change::PermissionGoes => false,
        Change::Create | Change::Update | Change::Configure | Change::Delete => return None,
    };
    let before = seen.as_ref().and_seen(|state| state.policy.clone());
    if before.is_absent() && !adds {
        return None;
    }
    let (kind, arn) = (Kind::FunctionPermission, design.function_arn());
    Some(Written::by(kind, arn, before, |before| {
        adds.then(|| with_ours(design, before))
    }))
}

/// The policy with our permission in it.
fn with_ours(design: &Design, before: Option<&Value>) -> Value {
    // Lambda gives this id to the policy of a function that had none.
    let new = json!({ "Version": "2012-10-17", "Id": "default", "Statement": [] });
    policy::merge(Some(before.unwrap_or(&new)), &[permission(design)])
}

/// The statement that Lambda makes of our permission (Lambda developer guide, "Working with resource-based IAM policies in
/// Lambda"; `AddPermission` takes its parts).
fn permission(design: &Design) -> Value {
    let (service, source) = design.invoker();
    json!({
        "Sid": design.permission_id(),
        "Effect": "Allow",
        "Principal": { "Service": service },
        "Action": INVOKE,
        "Resource": design.function_arn(),
        "Condition": { "ArnLike": { "AWS:SourceArn": source } },
    })
}

/// Gives our permission its own id if a stack has made it with another one: CloudFormation makes ids up (CloudFormation user guide,
/// `AWS::Lambda::Permission`: it has no property for it). Everything else must be as we give it.
pub(crate) fn recognise(design: &Design, seen: &mut Observed) {
    let Seen::There(State {
        policy: Seen::There(document),
        ..
    }) = seen
    else {
        return;
    };
    let statements = document.get_mut("Statement").and_then(Value::as_array_mut);
    let Some(statements) = statements else { return };
    let ours = permission(design);
    if statements.iter().any(|one| one["Sid"] == ours["Sid"]) {
        return;
    }
    let document_of = |statement: &Value| json!({ "Statement": [statement] });
    for statement in statements.iter_mut().filter(|one| one.is_object()) {
        let mut renamed = statement.clone();
        renamed["Sid"] = ours["Sid"].clone();
        if policy::equal(&document_of(&renamed), &document_of(&ours)) {
            *statement = renamed;
            return;
        }
    }
}

pub(super) async fn read_policy(aws: &Aws, name: &str) -> Result<Seen<Value>, AwsError> {
    let policy = aws
        .lambda
        .get_policy()
        .function_name(name)
        .send()
        .await
        .map_err(AwsError::of("lambda:GetPolicy"));
    let found = seen(policy, &["ResourceNotFoundException"])?.map(|answer| answer.policy);
    document::readable("lambda:GetPolicy", found)
}

/// Whether our permission in the function's policy is as we give it, for this source alone; `None` if it is not there.
pub(super) fn permits(document: &Value, id: &str, source: &str) -> Option<bool> {
    let statement = policy::statements(document)
        .into_iter()
        .find(|statement| statement["Sid"] == id)?;
    let from_topic = statement["Condition"]
        .as_object()
        .into_iter()
        .flat_map(|operators| operators.values())
        .filter_map(Value::as_object)
        .flatten()
        .any(|(key, value)| {
            key.eq_ignore_ascii_case("aws:SourceArn") && policy::canonical(value) == source
        });
    Some(statement["Effect"] == "Allow" && from_topic)
}

/// Statements of the function's policy that are not ours, by `Sid` or else whole: others who may invoke or change the function.
pub(super) fn foreign_statements(document: &Value, id: &str) -> Vec<String> {
    policy::statements(document)
        .iter()
        .filter(|statement| statement["Sid"] != id)
        .map(|statement| match statement["Sid"].as_str() {
            Some(sid) => sid.to_owned(),
            None => statement.to_string(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::{
        connection::{Feed, fixture},
        resources::seen::Owner,
    };

    #[test]
    fn the_permission_that_is_shown_is_the_one_that_counts_as_ours() {
        for (name, design) in fixture::every_feed() {
            let document = with_ours(&design, None);
            let (id, source) = (design.permission_id(), design.invoker().1);
            assert_eq!(permits(&document, &id, &source), Some(true), "{name}");
            assert_eq!(foreign_statements(&document, &id), [""; 0], "{name}");
        }
        // What others may do stays.
        let design = fixture::design(Feed::New);
        let theirs = json!({ "Sid": "Theirs", "Effect": "Allow" });
        let both = with_ours(&design, Some(&json!({ "Statement": [theirs] })));
        assert_eq!(policy::statements(&both)[0], theirs);
        assert_eq!(policy::statements(&both)[1], permission(&design));
    }

    #[test]
    fn the_permission_of_a_stack_is_ours_if_only_its_id_differs() {
        let design = fixture::design(Feed::New);
        let recognised = |statement: Value| {
            let mut seen = Seen::There(State {
                arn: design.function_arn(),
                owner: Owner::of_tags(design.id, Seen::There(design.all_tags())),
                environment: BTreeMap::new(),
                code_sha256: String::new(),
                role: String::new(),
                runtime: String::new(),
                handler: String::new(),
                memory: None,
                timeout: None,
                architectures: Vec::new(),
                layers: Vec::new(),
                dead_letter: None,
                policy: Seen::There(json!({ "Statement": [statement] })),
            });
            recognise(&design, &mut seen);
            let document = seen.there().and_then(|state| state.policy.there());
            let source = design.invoker().1;
            permits(document.unwrap(), &design.permission_id(), &source)
        };
        let mut theirs = permission(&design);
        theirs["Sid"] = "stack-Permission-4XK0QZ".into();
        assert_eq!(recognised(theirs.clone()), Some(true));
        theirs["Principal"] = "*".into();
        assert_eq!(recognised(theirs), None);
    }

    #[test]
    fn our_permission_stands_only_if_it_allows_our_source() {
        let topic = "arn:aws:sns:eu-west-1:111122223333:ours";
        let stands = |effect: &str, key: &str, source: &str| {
            let document = json!({ "Statement": [{
                "Sid": "Ours", "Effect": effect, "Condition": { "ArnLike": { key: source } },
            }]});
            permits(&document, "Ours", topic)
        };
        assert_eq!(stands("Allow", "AWS:SourceArn", topic), Some(true));
        assert_eq!(stands("Deny", "AWS:SourceArn", topic), Some(false));
        assert_eq!(stands("Allow", "AWS:PrincipalArn", topic), Some(false));
        let other = "arn:aws:sns:eu-west-1:111122223333:other";
        assert_eq!(stands("Allow", "AWS:SourceArn", other), Some(false));
        assert_eq!(permits(&json!({ "Statement": [] }), "Ours", topic), None);
    }
}
