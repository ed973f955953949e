//! Whether a resource policy allows a request. The sandbox uses it to decide as CloudTrail and SNS decide on AWS; preflight
//! uses it to predict that decision as far as possible. An explicit deny wins; anything unknown or not understood is "perhaps".

use serde_json::Value;

/// Whether something applies to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Applies {
    No,
    Perhaps,
    Yes,
}

impl From<bool> for Applies {
    fn from(fits: bool) -> Self {
        if fits { Self::Yes } else { Self::No }
    }
}

/// Who makes a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Principal<'a> {
    /// A service, such as `cloudtrail.amazonaws.com`.
    Service(&'a str),
    /// A role, by its ARN, and the account that it belongs to.
    Role { arn: &'a str, account: &'a str },
}

/// A request to be judged.
pub(crate) struct Request<'a> {
    pub principal: Principal<'a>,
    pub action: &'a str,
    pub resource: &'a str,
    /// Condition keys with their values; `None` for a key that the request is known not to have.
    pub context: &'a [(&'a str, Option<&'a str>)],
    /// Whether `context` is complete. If it is, a key that it does not list is absent from the request; otherwise that key may
    /// have any value.
    pub complete: bool,
}

/// Whether the document certainly allows the request and has no statement that may deny it.
#[must_use]
pub(crate) fn allows(document: &Value, request: &Request<'_>) -> bool {
    let allowed = super::statements(document)
        .iter()
        .filter(|statement| statement["Effect"] == "Allow")
        .any(|statement| applies(statement, request) == Applies::Yes);
    allowed && denials(document, request).is_empty()
}

/// Returns the statements that deny the request or may deny it.
#[must_use]
pub(crate) fn denials(document: &Value, request: &Request<'_>) -> Vec<(Value, Applies)> {
    super::statements(document)
        .into_iter()
        .filter(|statement| statement["Effect"] == "Deny")
        .filter_map(|statement| {
            let applies = applies(&statement, request);
            (applies != Applies::No).then_some((statement, applies))
        })
        .collect()
}

fn applies(statement: &Value, request: &Request<'_>) -> Applies {
    let listed = |name: &str, value: &str| {
        statement
            .get(name)
            .map(|list| any(list, |one| like(one, value)))
    };
    let principal = match (statement.get("Principal"), statement.get("NotPrincipal")) {
        (Some(principal), _) => names(principal, request.principal),
        (None, Some(principal)) => !names(principal, request.principal),
        (None, None) => false,
    };
    let action = listed("Action", request.action)
        .or_else(|| listed("NotAction", request.action).map(|fits| !fits));
    let resource = listed("Resource", request.resource)
        .or_else(|| listed("NotResource", request.resource).map(|fits| !fits));
    if !principal || action != Some(true) || resource != Some(true) {
        return Applies::No;
    }
    statement
        .get("Condition")
        .map_or(Applies::Yes, |condition| conditions(condition, request))
}

fn names(listed: &Value, principal: Principal<'_>) -> bool {
    let named = |kind: &str, one: &str| match principal {
        Principal::Service(service) => {
            one == "*" && kind != "Service" || kind == "Service" && one == service
        }
        Principal::Role { arn, account } => {
            let root = one.ends_with(&format!(":iam::{account}:root"));
            kind == "AWS" && (one == "*" || one == arn || one == account || root)
        }
    };
    match listed {
        Value::String(text) => text == "*",
        Value::Object(map) => map
            .iter()
            .any(|(kind, list)| any(list, |one| named(kind, one))),
        _ => false,
    }
}

fn any(list: &Value, fits: impl Fn(&str) -> bool) -> bool {
    match list {
        Value::Array(list) => list.iter().any(|one| match one {
            Value::String(one) => fits(one),
            other => fits(&other.to_string()),
        }),
        Value::String(one) => fits(one),
        Value::Bool(_) | Value::Number(_) => fits(&list.to_string()),
        _ => false,
    }
}

fn conditions(condition: &Value, request: &Request<'_>) -> Applies {
    let operators = condition.as_object().into_iter().flatten();
    let single = operators.flat_map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        keys.map(move |(key, wanted)| one(operator, key, wanted, request))
    });
    single.min().unwrap_or(Applies::Yes)
}

fn one(operator: &str, key: &str, wanted: &Value, request: &Request<'_>) -> Applies {
    let known = request
        .context
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case(key))
        .map(|(_, value)| *value);
    let value = match known {
        Some(value) => value,
        None if request.complete => None,
        None => return Applies::Perhaps,
    };
    let (operator, if_exists) = match operator.strip_suffix("IfExists") {
        Some(operator) => (operator, true),
        None => (operator, false),
    };
    let Some(value) = value else {
        return match operator {
            "Null" => any(wanted, |one| one == "true").into(),
            // A negated operator also holds for an absent key.
            "StringNotEquals"
            | "StringNotEqualsIgnoreCase"
            | "StringNotLike"
            | "ArnNotEquals"
            | "ArnNotLike"
            | "NotIpAddress" => Applies::Yes,
            _ => if_exists.into(),
        };
    };
    let number = |fits: fn(f64, f64) -> bool| {
        let value: f64 = value.parse().ok()?;
        Some(any(wanted, |one| {
            one.parse().is_ok_and(|one| fits(value, one))
        }))
    };
    let fits = match operator {
        "StringEquals" => Some(any(wanted, |one| one == value)),
        "StringNotEquals" => Some(!any(wanted, |one| one == value)),
        "StringEqualsIgnoreCase" | "Bool" => {
            Some(any(wanted, |one| one.eq_ignore_ascii_case(value)))
        }
        "StringNotEqualsIgnoreCase" => Some(!any(wanted, |one| one.eq_ignore_ascii_case(value))),
        "StringLike" | "ArnLike" | "ArnEquals" => Some(any(wanted, |one| like(one, value))),
        "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => {
            Some(!any(wanted, |one| like(one, value)))
        }
        "NumericLessThan" => number(|value, one| value < one),
        "NumericLessThanEquals" => number(|value, one| value <= one),
        "NumericGreaterThan" => number(|value, one| value > one),
        "NumericGreaterThanEquals" => number(|value, one| value >= one),
        "Null" => Some(any(wanted, |one| one == "false")),
        _ => None,
    };
    fits.map_or(Applies::Perhaps, Applies::from)
}

/// Matches `*` and `?` as policies do, ignoring case as AWS does for actions. It backtracks only to the last `*`, so the time
/// grows with the length of the pattern times the length of the text, however many `*` there are.
pub(crate) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // The position after the last `*` in the pattern, and the position in the text up to which that `*` matches.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, read));
                at += 1;
            }
            Some(one) if *one == b'?' || one.eq_ignore_ascii_case(&text[read]) => {
                at += 1;
                read += 1;
            }
            _ => match &mut star {
                Some((behind, taken)) => {
                    *taken += 1;
                    (at, read) = (*behind, *taken);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|one| *one == b'*')
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_service_is_allowed_only_by_a_statement_for_it_and_never_against_a_deny() {
        let request = Request {
            principal: Principal::Service("cloudtrail.amazonaws.com"),
            action: "s3:PutObject",
            resource: "arn:aws:s3:::b/AWSLogs/1/x",
            context: &[
                ("aws:SourceArn", Some("arn:aws:cloudtrail:r:1:trail/t")),
                ("aws:SecureTransport", Some("true")),
            ],
            complete: true,
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
        let mut odd = deny.clone();
        odd["Condition"] = json!({ "NoSuchOperator": { "aws:SourceArn": "x" } });
        assert!(allows(&json!({ "Statement": [allow, tls] }), &request));
        assert!(!allows(&json!({ "Statement": [allow, deny] }), &request));
        assert!(!allows(&json!({ "Statement": [allow, odd] }), &request));
        assert!(!allows(&json!({ "Statement": [] }), &request));
        let mut other = allow.clone();
        other["Condition"]["StringEquals"]["AWS:SourceArn"] =
            "arn:aws:cloudtrail:r:1:trail/other".into();
        assert!(!allows(&json!({ "Statement": other }), &request));
    }

    #[test]
    fn a_pattern_with_many_stars_is_no_trap() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("a*b*c", "aXXbYYc", true),
            ("a*b*c", "aXXbYY", false),
            ("s3:Get?bject", "S3:GETOBJECT", true),
            ("a?", "a", false),
            ("**a**", "xay", true),
        ] {
            assert_eq!(like(pattern, text), fits, "{pattern} {text}");
        }
        let pattern = format!("{}b", "a*".repeat(1000));
        assert!(!like(&pattern, &"a".repeat(20_000)));
    }

    #[test]
    fn what_is_unknown_about_a_request_may_deny_it() {
        let role = "arn:aws:iam::111122223333:role/forwarder";
        let denied = |condition: Value| {
            let statement = json!({
                "Effect": "Deny", "NotPrincipal": { "AWS": "arn:aws:iam::111122223333:role/other" },
                "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/*", "Condition": condition,
            });
            let request = Request {
                principal: Principal::Role {
                    arn: role,
                    account: "111122223333",
                },
                action: "s3:GetObject",
                resource: "arn:aws:s3:::b/AWSLogs/x",
                context: &[
                    ("aws:SecureTransport", Some("true")),
                    ("s3:TlsVersion", Some("1.3")),
                    ("aws:SourceVpce", None),
                    ("aws:PrincipalArn", Some(role)),
                ],
                complete: false,
            };
            denials(&json!({ "Statement": statement }), &request)
                .first()
                .map_or(Applies::No, |(_, applies)| *applies)
        };
        assert_eq!(denied(json!({})), Applies::Yes);
        assert_eq!(
            denied(json!({ "Bool": { "aws:SecureTransport": false } })),
            Applies::No
        );
        assert_eq!(
            denied(json!({ "NumericLessThan": { "s3:TlsVersion": 1.2 } })),
            Applies::No
        );
        let elsewhere = json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } });
        assert_eq!(denied(elsewhere), Applies::Yes);
        let tagged = json!({ "StringNotEquals": { "aws:PrincipalTag/team": "security" } });
        assert_eq!(denied(tagged), Applies::Perhaps);
        let spared =
            json!({ "ArnNotLike": { "aws:PrincipalArn": "arn:aws:iam::*:role/forwarder" } });
        assert_eq!(denied(spared), Applies::No);
    }
}
