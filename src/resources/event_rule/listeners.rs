//! Who else listens to the bucket's events in EventBridge.

use serde_json::Value;

use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::seen::{Seen, seen},
};

/// Whether another rule of the account listens to events of the bucket. If so, the events stay on.
pub(crate) async fn others_listen(aws: &Aws, design: &Design) -> Result<Seen<bool>, AwsError> {
    let mut token = None;
    loop {
        let page = aws
            .events
            .list_rules()
            .set_next_token(token)
            .send()
            .await
            .map_err(AwsError::of("events:ListRules"));
        let page = match seen(page, &[])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        let listens = page.rules().iter().any(|rule| {
            rule.name() != Some(&design.rule())
                && rule
                    .event_pattern()
                    .and_then(|text| serde_json::from_str(text).ok())
                    .is_some_and(|pattern| hears(&pattern, &design.bucket))
        });
        if listens {
            return Ok(Seen::There(true));
        }
        token = page.next_token().map(ToOwned::to_owned);
        if token.is_none() {
            return Ok(Seen::There(false));
        }
    }
}

/// Whether a pattern lets events of new objects in this bucket through, judged from its parts about source and bucket (EventBridge
/// user guide, "Event patterns"). A matcher that is not known here counts as a yes.
fn hears(pattern: &Value, bucket: &str) -> bool {
    let takes = |list: Option<&Value>, value: &str| {
        let Some(Value::Array(list)) = list else {
            return true;
        };
        list.iter().any(|one| match one {
            Value::String(one) => one == value,
            Value::Object(matcher) => matcher.iter().all(|(kind, with)| {
                match (kind.as_str(), with) {
                    ("prefix", Value::String(with)) => value.starts_with(with.as_str()),
                    ("suffix", Value::String(with)) => value.ends_with(with.as_str()),
                    ("anything-but", Value::String(with)) => value != with,
                    ("anything-but", Value::Array(with)) => !with.contains(&value.into()),
                    ("exists", Value::Bool(exists)) => *exists,
                    ("equals-ignore-case", Value::String(with)) => value.eq_ignore_ascii_case(with),
                    // Wildcards, and matchers that AWS may add.
                    _ => true,
                }
            }),
            _ => false,
        })
    };
    let of = |pointer: &str| pattern.pointer(pointer);
    takes(of("/source"), "aws.s3") && takes(of("/detail/bucket/name"), bucket)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn who_else_listens_to_a_bucket_is_told_by_what_their_pattern_means() {
        for (pattern, heard) in [
            (json!({ "source": ["aws.s3"] }), true),
            (
                json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": ["logs"] } } }),
                true,
            ),
            (
                json!({ "source": ["aws.s3"], "detail": { "bucket": { "name": ["other"] } } }),
                false,
            ),
            (json!({ "source": ["aws.ec2"] }), false),
            (json!({ "source": [{ "prefix": "aws." }] }), true),
            (json!({ "source": [{ "anything-but": "aws.s3" }] }), false),
            (
                json!({ "detail": { "bucket": { "name": [{ "prefix": "lo" }] } } }),
                true,
            ),
            (json!({ "account": ["111122223333"] }), true),
            // It is not enough that the words occur.
            (
                json!({ "source": ["mine"], "detail": { "note": ["aws.s3"] } }),
                false,
            ),
        ] {
            assert_eq!(hears(&pattern, "logs"), heard, "{pattern}");
        }
    }
}
