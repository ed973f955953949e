//! The function's resource policy: who may invoke or change the function.

use serde_json::Value;

use crate::{
    aws::{Aws, error::AwsError},
    policy,
    resources::{
        document,
        seen::{Seen, seen},
    },
    ui::Result,
};

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
    use serde_json::json;

    use super::*;

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
