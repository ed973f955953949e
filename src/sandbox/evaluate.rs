//! Whether a resource policy lets an AWS service do something: what CloudTrail and SNS look at on AWS.
//! An explicit deny wins; a condition that is not understood never allows and always denies.

use serde_json::Value;

/// What a service wants to do.
pub struct Request<'a> {
    /// `cloudtrail.amazonaws.com` and its like.
    pub service: &'a str,
    pub action: &'a str,
    pub resource: &'a str,
    /// Condition keys and their values.
    pub context: &'a [(&'a str, &'a str)],
}

/// Whether the document allows the request.
#[must_use]
pub fn allows(document: &Value, request: &Request<'_>) -> bool {
    let statements = crate::policy::statements(document);
    let fits = |effect: &str| {
        statements
            .iter()
            .filter(|statement| statement["Effect"] == effect)
            .any(|statement| applies(statement, request, effect == "Deny"))
    };
    fits("Allow") && !fits("Deny")
}

fn applies(statement: &Value, request: &Request<'_>, deny: bool) -> bool {
    let listed = |name: &str, value: &str| {
        statement
            .get(name)
            .map(|list| any(list, |one| like(one, value)))
    };
    let principal = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => names(principal, request.service),
        (None, Some(principal)) => !names(principal, request.service),
        (None, None) => false,
    };
    let action = listed("Action", request.action)
        .or_else(|| listed("NotAction", request.action).map(|fits| !fits));
    let resource = listed("Resource", request.resource)
        .or_else(|| listed("NotResource", request.resource).map(|fits| !fits));
    principal
        && action == Some(true)
        && resource == Some(true)
        && statement
            .get("Condition")
            .is_none_or(|condition| conditions(condition, request, deny))
}

fn names(principal: &Value, service: &str) -> bool {
    match principal {
        Value::String(text) => text == "*",
        Value::Object(map) => map.iter().any(|(kind, list)| {
            any(list, |one| {
                one == "*" && kind != "Service" || kind == "Service" && one == service
            })
        }),
        _ => false,
    }
}

fn any(list: &Value, fits: impl Fn(&str) -> bool) -> bool {
    match list {
        Value::Array(list) => list.iter().filter_map(Value::as_str).any(fits),
        Value::String(one) => fits(one),
        Value::Bool(flag) => fits(&flag.to_string()),
        _ => false,
    }
}

fn conditions(condition: &Value, request: &Request<'_>, deny: bool) -> bool {
    condition
        .as_object()
        .into_iter()
        .flatten()
        .all(|(operator, keys)| {
            keys.as_object()
                .into_iter()
                .flatten()
                .all(|(key, wanted)| one(operator, key, wanted, request, deny))
        })
}

fn one(operator: &str, key: &str, wanted: &Value, request: &Request<'_>, deny: bool) -> bool {
    let value = request
        .context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| *value);
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let Some(value) = value else {
        return match operator {
            "Null" => any(wanted, |one| one == "true"),
            // A negated operator holds for a key that is not there.
            "StringNotEquals" | "StringNotLike" | "ArnNotEquals" | "ArnNotLike" => true,
            _ => if_exists,
        };
    };
    match operator {
        "StringEquals" => any(wanted, |one| one == value),
        "StringNotEquals" => !any(wanted, |one| one == value),
        "StringEqualsIgnoreCase" | "Bool" => any(wanted, |one| one.eq_ignore_ascii_case(value)),
        "StringLike" | "ArnLike" | "ArnEquals" => any(wanted, |one| like(one, value)),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => !any(wanted, |one| like(one, value)),
        "Null" => any(wanted, |one| one == "false"),
        _ => deny,
    }
}

/// `*` and `?` as in policies; without regard to case, as actions are.
fn like(pattern: &str, text: &str) -> bool {
    fn fits(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', rest @ ..] => (0..=text.len()).any(|skip| fits(rest, &text[skip..])),
            [b'?', rest @ ..] => !text.is_empty() && fits(rest, &text[1..]),
            [first, rest @ ..] => {
                text.first()
                    .is_some_and(|one| one.eq_ignore_ascii_case(first))
                    && fits(rest, &text[1..])
            }
        }
    }
    fits(pattern.as_bytes(), text.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_allowed_only_by_a_statement_for_it_and_never_against_a_deny() {
        let request = Request {
            service: "cloudtrail.amazonaws.com",
            action: "s3:PutObject",
            resource: "arn:aws:s3:::b/AWSLogs/1/x",
            context: &[
                ("aws:SourceArn", "arn:aws:cloudtrail:r:1:trail/t"),
                ("aws:SecureTransport", "true"),
            ],
        };
        let allow = json!({
            "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" }, "Action": "s3:Put*",
            "Resource": "arn:aws:s3:::b/AWSLogs/1/*",
            "Condition": { "StringEquals": { "AWS:SourceArn": "arn:aws:cloudtrail:r:1:trail/t" } },
        });
        let tls = json!({
            "Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "*",
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        let deny = json!({ "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*" });
        assert!(allows(&json!({ "Statement": [allow, tls] }), &request));
        assert!(!allows(&json!({ "Statement": [allow, deny] }), &request));
        assert!(!allows(&json!({ "Statement": [] }), &request));
        let mut other = allow.clone();
        other["Condition"]["StringEquals"]["AWS:SourceArn"] =
            "arn:aws:cloudtrail:r:1:trail/other".into();
        assert!(!allows(&json!({ "Statement": other }), &request));
    }
}
