//! Tests of the list of checks, of the contract's schemas, and of the report for CI systems.

use std::collections::BTreeSet;

use serde_json::json;

use super::{
    checks::CHECKS,
    contract::{Contract, is_utc, operations, parsed},
    report::{Done, Outcome, Report, junit},
};

#[test]
fn every_operation_of_the_contract_has_a_check_and_no_check_is_of_another() {
    let contract = parsed();
    let operations = operations(&contract).into_iter().map(|(id, _)| id);
    let operations: BTreeSet<String> = operations.collect();
    let checked = CHECKS.iter().map(|check| check.operation.to_owned());
    assert_eq!(checked.collect::<BTreeSet<_>>(), operations);
    let named: BTreeSet<_> = CHECKS
        .iter()
        .map(|check| (check.operation, check.name))
        .collect();
    assert_eq!(named.len(), CHECKS.len(), "each name is there once");
}

#[test]
fn an_answer_that_does_not_fit_is_named_by_its_field() {
    let contract = Contract::read();
    let fits = json!({ "code": "ABCDEFGHIJKLMNOP", "expiresAt": "2026-11-29T09:00:00Z" });
    assert_eq!(contract.complaint("createInvitation.201", &fits), None);
    let unfit = json!({ "code": "abc", "expiresAt": "2026-11-29T09:00:00Z" });
    let complaint = contract.complaint("createInvitation.201", &unfit).unwrap();
    assert!(complaint.contains("/code"), "{complaint}");
    let lacks = json!({ "code": "ABCDEFGHIJKLMNOP" });
    let complaint = contract.complaint("createInvitation.201", &lacks).unwrap();
    assert!(complaint.contains("expiresAt"), "{complaint}");
    let elsewhere = json!({ "code": "ABCDEFGHIJKLMNOP", "expiresAt": "2026-11-29T18:00:00+09:00" });
    let complaint = contract.complaint("createInvitation.201", &elsewhere);
    let complaint = complaint.unwrap();
    assert!(complaint.contains("UTC"), "{complaint}");
    assert_eq!(contract.complaint("nothing.200", &lacks), None);
}

#[test]
fn times_are_in_utc_in_each_form_that_rfc_3339_has_for_it() {
    for fits in [
        "2026-11-29T09:00:00Z",
        "2026-11-29t09:00:00.123456z",
        "2026-11-29T09:00:00+00:00",
    ] {
        assert!(is_utc(fits), "{fits}");
    }
    for other in [
        "",
        "2026-11-29",
        "2026-11-29T09:00:00",
        "2026-11-29 09:00:00Z",
        "20261129T090000Z",
        "2026-11-29T18:00:00+09:00",
        "2026-11-31T09:00:00Z",
    ] {
        assert!(!is_utc(other), "{other}");
    }
}

#[test]
fn the_report_for_ci_systems_counts_and_escapes() {
    let outcomes = [
        Outcome::Fits,
        Outcome::Differs("<a> & \"b\"\u{1}".to_owned()),
        Outcome::NotTried("no".to_owned()),
    ];
    let checks = CHECKS.iter().zip(outcomes);
    let checks = checks.map(|(check, outcome)| Done { check, outcome });
    let report = Report {
        checks: checks.collect(),
        left: vec!["id".to_owned()],
        stopped: Some("cut < short".to_owned()),
    };
    assert!(!report.conforms());
    let text = junit(&report);
    assert!(
        text.contains("tests=\"5\" failures=\"3\" skipped=\"1\""),
        "{text}"
    );
    assert!(
        text.contains("message=\"&lt;a&gt; &amp; &quot;b&quot;\u{fffd}\""),
        "{text}"
    );
    assert!(text.contains("message=\"cut &lt; short\""), "{text}");
    let left = "name=\"leaves nothing\">\n      <failure message=\"id\"/>";
    assert!(text.contains(left), "{text}");
    assert!(text.ends_with("</testsuites>\n"), "{text}");
}
