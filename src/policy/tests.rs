//! Policy documents merged, compared, evaluated and written. `evaluate` has more tests of its own.

use proptest::prelude::*;

use super::{
    evaluate::{
        Applies::{self, No, Perhaps, Yes},
        Principal, Request, allows, denials,
    },
    grant::Grant,
    *,
};

fn statement() -> impl Strategy<Value = Value> {
    (
        prop::option::of("[A-Za-z0-9]{1,8}"),
        prop::collection::vec("[a-z]{1,5}:[A-Z][a-z]{1,5}", 1..3),
        any::<bool>(),
    )
        .prop_map(|(sid, actions, single)| {
            let mut statement = json!({ "Effect": "Allow", "Resource": "*" });
            statement["Action"] = if single {
                actions[0].clone().into()
            } else {
                actions.into()
            };
            if let Some(sid) = sid {
                statement["Sid"] = sid.into();
            }
            statement
        })
}

proptest! {
    #[test]
    fn merge_then_without_is_the_identity_and_merging_twice_is_merging_once(
        foreign in prop::collection::vec(statement(), 1..5),
        ours in prop::collection::vec(statement(), 1..4),
    ) {
        let document = json!({ "Version": "2012-10-17", "Id": "theirs", "Statement": foreign });
        let ours: Vec<Value> = ours.into_iter().enumerate().map(|(number, mut statement)| {
            statement["Sid"] = format!("SophosCt-0-{number}").into();
            statement
        }).collect();
        let ids: Vec<String> = (0..ours.len()).map(|number| format!("SophosCt-0-{number}")).collect();
        let merged = merge(Some(&document), &ours);
        prop_assert_eq!(&merge(Some(&merged), &ours), &merged);
        prop_assert!(contains(&merged, &ours));
        prop_assert_eq!(without(&merged, &ids), Some(document.clone()));
        prop_assert_eq!(without(&merge(None, &ours), &ids), None);
    }
}

#[test]
fn one_value_equals_a_list_of_one_but_statement_order_counts() {
    let one = json!({ "Statement": { "Action": ["s3:GetObject"], "Sid": "a" } });
    let other = json!({ "Statement": [{ "Sid": "a", "Action": "s3:GetObject" }] });
    assert!(equal(&one, &other));
    let first = json!({ "Statement": [{ "Sid": "a" }, { "Sid": "b" }] });
    let second = json!({ "Statement": [{ "Sid": "b" }, { "Sid": "a" }] });
    assert!(!equal(&first, &second));
}

#[test]
fn only_json_is_a_document() {
    let document = json!({ "Statement": [] });
    let text = document.to_string();
    assert_eq!(parse(Some(&text)), Some(document));
    assert_eq!(parse(Some("no policy")), None);
    assert_eq!(parse(None), None);
}

#[test]
fn our_statements_stand_as_planned_only_with_their_whole_content() {
    let planned = |sid: &str| json!({ "Sid": sid, "Effect": "Allow", "Action": "s3:GetObject" });
    let ours = [planned("one"), planned("two")];
    let standing_of = |statements: &[Value]| {
        let theirs = json!({ "Effect": "Allow", "Action": "s3:GetObject" });
        let all = [&[theirs][..], statements].concat();
        standing(&json!({ "Statement": all }), &ours)
    };
    let mut altered = planned("one");
    altered["Action"] = "s3:*".into();
    assert_eq!(standing_of(&ours), Standing::AsPlanned);
    assert_eq!(standing_of(&[altered, planned("two")]), Standing::Different);
    assert_eq!(standing_of(&[planned("two")]), Standing::Different);
    assert_eq!(standing_of(&[planned("three")]), Standing::Missing);
    assert_eq!(standing_of(&[]), Standing::Missing);
}

#[test]
fn what_is_no_policy_is_replaced_and_every_other_key_of_one_stays() {
    let ours = json!({ "Sid": "ours" });
    let fresh = json!({ "Version": "2012-10-17", "Statement": [ours] });
    for document in [None, Some(json!("text")), Some(json!([1]))] {
        let merged = merge(document.as_ref(), std::slice::from_ref(&ours));
        assert_eq!(merged, fresh);
    }
    let theirs = json!({ "Version": "2008-10-17", "Id": "theirs" });
    let merged = merge(Some(&theirs), std::slice::from_ref(&ours));
    let expected = json!({ "Version": "2008-10-17", "Id": "theirs", "Statement": [ours] });
    assert_eq!(merged, expected);
}

#[test]
fn grants_on_the_same_resources_under_the_same_condition_become_one_statement() {
    let only = json!({ "StringEquals": { "aws:ResourceAccount": "111122223333" } });
    let grants = [
        Grant::new(&["s3:PutObject", "s3:GetObject"], "arn:aws:s3:::one/*"),
        Grant::new(&["s3:GetObject"], "arn:aws:s3:::two/*"),
        Grant::new(&["s3:DeleteObject"], "arn:aws:s3:::one/*").only_if(only.clone()),
        Grant::new(
            &["s3:GetObject", "s3:AbortMultipartUpload"],
            "arn:aws:s3:::one/*",
        ),
        Grant::new(&["s3:ListBucket"], "arn:aws:s3:::one").and_on("arn:aws:s3:::two"),
    ];
    let first = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"];
    let both = ["arn:aws:s3:::one", "arn:aws:s3:::two"];
    let expected = json!({
        "Version": "2012-10-17",
        "Statement": [
            { "Effect": "Allow", "Action": first, "Resource": "arn:aws:s3:::one/*" },
            { "Effect": "Allow", "Action": ["s3:GetObject"], "Resource": "arn:aws:s3:::two/*" },
            { "Effect": "Allow", "Action": ["s3:DeleteObject"], "Resource": "arn:aws:s3:::one/*", "Condition": only },
            { "Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": both },
        ],
    });
    assert_eq!(grant::document(&grants), expected);
}

const ROLE: &str = "arn:aws:iam::111122223333:role/forwarder";
const OBJECT: &str = "arn:aws:s3:::logs/AWSLogs/x";

/// Whether an `Allow` with these parts lets somebody read a log file.
fn lets(who: Principal<'_>, parts: &Value) -> bool {
    let mut statement = parts.clone();
    statement["Effect"] = "Allow".into();
    let request = Request {
        principal: who,
        action: "s3:GetObject",
        resource: OBJECT,
        context: &[],
        complete: true,
    };
    allows(&json!({ "Statement": statement }), &request)
}

#[test]
fn a_statement_applies_only_to_whom_it_names() {
    let service = Principal::Service("cloudtrail.amazonaws.com");
    let role = Principal::Role {
        arn: ROLE,
        account: "111122223333",
    };
    let applied = |key: &str, principal: &Value| {
        let mut parts = json!({ "Action": "*", "Resource": "*" });
        parts[key] = principal.clone();
        (lets(service, &parts), lets(role, &parts))
    };
    let services = ["sns.amazonaws.com", "cloudtrail.amazonaws.com"];
    let root = |account: &str| format!("arn:aws:iam::{account}:root");
    let (both, nobody) = ((true, true), (false, false));
    let (to_service, to_role) = ((true, false), (false, true));
    for (principal, expected) in [
        (json!("*"), both),
        (json!({ "AWS": "*" }), both),
        (json!({ "Service": "cloudtrail.amazonaws.com" }), to_service),
        (json!({ "Service": services }), to_service),
        (json!({ "Service": "sns.amazonaws.com" }), nobody),
        (json!({ "Service": "*" }), nobody),
        (json!({ "Service": ROLE }), nobody),
        (json!({ "AWS": ROLE }), to_role),
        (json!({ "AWS": "111122223333" }), to_role),
        (json!({ "AWS": root("111122223333") }), to_role),
        (json!({ "AWS": root("999999999999") }), nobody),
        (json!({ "AWS": "cloudtrail.amazonaws.com" }), nobody),
        (json!({ "AWS": null }), nobody),
        (json!({ "Federated": ROLE }), nobody),
        (json!(ROLE), nobody),
        (json!(["*"]), nobody),
    ] {
        let found = applied("Principal", &principal);
        assert_eq!(found, expected, "{principal}");
        let (service, role) = expected;
        let found = applied("NotPrincipal", &principal);
        assert_eq!(found, (!service, !role), "all but {principal}");
    }
    // The policy of a resource that names nobody is about nobody.
    assert_eq!(applied("Sid", &json!("nobody")), nobody);
}

#[test]
fn a_statement_applies_only_to_the_actions_and_resources_that_it_names() {
    let service = Principal::Service("cloudtrail.amazonaws.com");
    let applies = |part: &Value| {
        let mut statement = part.clone();
        statement["Principal"] = "*".into();
        lets(service, &statement)
    };
    for (key, not_key, fits, other) in [
        ("Action", "NotAction", "s3:Get*", "s3:PutObject"),
        (
            "Resource",
            "NotResource",
            "arn:aws:s3:::logs/*",
            "arn:aws:s3:::other/*",
        ),
    ] {
        let without = json!({ "Action": "*", "Resource": "*" });
        let mut without = without.as_object().unwrap().clone();
        without.remove(key);
        let with = |key: &str, value: Value| {
            let mut part = Value::Object(without.clone());
            part[key] = value;
            applies(&part)
        };
        assert!(with(key, json!(fits)) && with(key, json!([other, fits])));
        assert!(!with(key, json!(other)) && !with(key, json!([other])));
        assert!(with(not_key, json!(other)) && with(not_key, json!([other])));
        assert!(!with(not_key, json!(fits)) && !with(not_key, json!([other, fits])));
        assert!(!applies(&Value::Object(without)), "{key} is missing");
    }
}

/// Whether a condition applies to a request of which this much is known, and perhaps not more.
fn applies(condition: &Value, complete: bool) -> Applies {
    let statement = json!({
        "Effect": "Deny", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition,
    });
    let request = Request {
        principal: Principal::Service("cloudtrail.amazonaws.com"),
        action: "s3:GetObject",
        resource: OBJECT,
        context: &[
            ("aws:SourceArn", Some("Abc")),
            ("s3:TlsVersion", Some("5")),
            ("aws:SecureTransport", Some("true")),
            ("aws:SourceVpc", None),
        ],
        complete,
    };
    let denials = denials(&json!({ "Statement": statement }), &request);
    denials.first().map_or(No, |(_, applies)| *applies)
}

#[test]
fn each_operator_compares_the_value_of_a_key_as_iam_does() {
    let source = "aws:SourceArn";
    for (operator, key, wanted, expected) in [
        ("StringEquals", source, json!("Abc"), Yes),
        ("StringEquals", "AWS:SOURCEARN", json!(["x", "Abc"]), Yes),
        ("StringEquals", source, json!("abc"), No),
        ("StringNotEquals", source, json!("Abc"), No),
        ("StringNotEquals", source, json!("abc"), Yes),
        ("StringEqualsIgnoreCase", source, json!("aBC"), Yes),
        ("StringEqualsIgnoreCase", source, json!("abd"), No),
        ("StringNotEqualsIgnoreCase", source, json!("aBC"), No),
        ("StringNotEqualsIgnoreCase", source, json!("abd"), Yes),
        ("StringLike", source, json!("A*"), Yes),
        ("StringLike", source, json!("b*"), No),
        ("StringNotLike", source, json!("A*"), No),
        ("StringNotLike", source, json!("b*"), Yes),
        ("ArnLike", source, json!("A?c"), Yes),
        ("ArnEquals", source, json!("A*"), Yes),
        ("ArnNotLike", source, json!("A*"), No),
        ("ArnNotEquals", source, json!(["b*", "c*"]), Yes),
        ("StringEqualsIfExists", source, json!("abc"), No),
        ("Bool", "aws:SecureTransport", json!(true), Yes),
        ("Bool", "aws:SecureTransport", json!([true]), Yes),
        ("Bool", "aws:SecureTransport", json!("True"), Yes),
        ("Bool", "aws:SecureTransport", json!(false), No),
        ("NumericLessThan", "s3:TlsVersion", json!(5), No),
        ("NumericLessThan", "s3:TlsVersion", json!(5.1), Yes),
        ("NumericLessThan", "s3:TlsVersion", json!(4), No),
        ("NumericLessThanEquals", "s3:TlsVersion", json!("5"), Yes),
        ("NumericLessThanEquals", "s3:TlsVersion", json!(6), Yes),
        ("NumericLessThanEquals", "s3:TlsVersion", json!(4.9), No),
        ("NumericGreaterThan", "s3:TlsVersion", json!(5), No),
        ("NumericGreaterThan", "s3:TlsVersion", json!(6), No),
        ("NumericGreaterThan", "s3:TlsVersion", json!(4), Yes),
        ("NumericGreaterThanEquals", "s3:TlsVersion", json!(5), Yes),
        ("NumericGreaterThanEquals", "s3:TlsVersion", json!(4), Yes),
        ("NumericGreaterThanEquals", "s3:TlsVersion", json!(6), No),
        ("NumericLessThan", "s3:TlsVersion", json!("many"), No),
        ("Null", source, json!("false"), Yes),
        ("Null", source, json!(true), No),
        // What cannot be compared here may apply.
        ("NumericLessThan", source, json!(5), Perhaps),
        ("IpAddress", source, json!("10.0.0.0/8"), Perhaps),
        ("NotIpAddress", source, json!("10.0.0.0/8"), Perhaps),
        ("StringEquals", source, json!({}), No),
    ] {
        let condition = json!({ operator: { key: wanted } });
        assert_eq!(applies(&condition, true), expected, "{condition}");
    }
}

#[test]
fn a_key_that_a_request_does_not_have_fits_only_negations() {
    let holds = [
        "StringNotEquals",
        "StringNotEqualsIgnoreCase",
        "StringNotLike",
        "ArnNotEquals",
        "ArnNotLike",
        "NotIpAddress",
        "StringEqualsIfExists",
        "StringNotLikeIfExists",
        "BoolIfExists",
    ];
    let fails = [
        "StringEquals",
        "StringLike",
        "ArnEquals",
        "ArnLike",
        "Bool",
        "NumericLessThan",
        "IpAddress",
    ];
    let holds = holds.map(|operator| (operator, json!("x"), Yes));
    let fails = fails.map(|operator| (operator, json!("x"), No));
    let null = [
        ("Null", json!("true"), Yes),
        ("Null", json!(true), Yes),
        ("Null", json!("false"), No),
    ];
    for (operator, wanted, expected) in holds.into_iter().chain(fails).chain(null) {
        let of = |key: &str| json!({ operator: { key: wanted.clone() } });
        let (absent, unknown) = (of("aws:SourceVpc"), of("aws:PrincipalTag/team"));
        // It is known to be absent, or all that the request has is known.
        assert_eq!(applies(&absent, false), expected, "{absent}");
        assert_eq!(applies(&unknown, true), expected, "{unknown}");
        // Otherwise it may have any value.
        assert_eq!(applies(&unknown, false), Perhaps, "{unknown}");
    }
}

#[test]
fn all_conditions_of_a_statement_have_to_hold() {
    let with = |more: Value| {
        let mut condition = json!({ "StringEquals": { "aws:SourceArn": "Abc" } });
        for (operator, keys) in more.as_object().unwrap() {
            condition[operator] = keys.clone();
        }
        applies(&condition, false)
    };
    assert_eq!(applies(&json!({}), false), Yes);
    assert_eq!(with(json!({})), Yes);
    let unknown = json!({ "aws:PrincipalTag/team": "security" });
    assert_eq!(with(json!({ "StringLike": unknown })), Perhaps);
    let version = |number: f64| json!({ "s3:TlsVersion": number });
    assert_eq!(with(json!({ "NumericLessThan": version(6.0) })), Yes);
    assert_eq!(with(json!({ "NumericLessThan": version(4.0) })), No);
    let both = json!({ "StringLike": unknown, "NumericLessThan": version(4.0) });
    assert_eq!(with(both), No);
}
