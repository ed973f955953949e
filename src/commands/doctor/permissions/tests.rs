//! What `doctor` says of permissions, from answers of the simulator that are served here.

use super::*;
use crate::{
    aws::served,
    connection::{Feed, fixture},
};

const USER: &str = "arn:aws:iam::111122223333:user/ada";

/// Clients of a caller. The simulator allows what is not among the refused, which have details in their results.
async fn aws(arn: &str, refused: &'static [(&'static str, &'static str)]) -> Aws {
    let design = fixture::design(Feed::New);
    let mut aws = served::aws(&design, move |call| {
        let body = call.get("body")?;
        body.contains("Action=SimulatePrincipalPolicy")
            .then(|| (200, results(body, refused)))
    })
    .await;
    arn.clone_into(&mut aws.caller.arn);
    aws
}

fn results(body: &str, refused: &[(&str, &str)]) -> String {
    let results = url::form_urlencoded::parse(body.as_bytes())
        .filter(|(key, _)| key.starts_with("ActionNames"))
        .map(|(_, action)| {
            let found = refused.iter().find(|(name, _)| *name == action);
            let (decision, details) = match found {
                Some((_, details)) => ("implicitDeny", *details),
                None => ("allowed", ""),
            };
            format!(
                "<member><EvalActionName>{action}</EvalActionName><EvalDecision>{decision}</EvalDecision>{details}</member>"
            )
        })
        .collect::<String>();
    format!(
        "<SimulatePrincipalPolicyResponse><SimulatePrincipalPolicyResult><EvaluationResults>{results}</EvaluationResults>\
         </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    )
}

fn trail() -> trail::State {
    trail::State {
        topic_arn: Some("arn:aws:sns:eu-west-1:111122223333:theirs".to_owned()),
        ..trail::State::fixture(
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/audit",
            "theirs",
        )
    }
}

/// What was found, and whether it is a remark.
fn told(checks: &[Check]) -> Vec<(Option<bool>, bool)> {
    let told = checks.iter().map(|check| (check.ok, check.remark));
    told.collect()
}

const LIMITS: (Option<bool>, bool) = (None, true);

#[tokio::test]
async fn each_way_that_is_open_here_is_judged() {
    let aws = aws(USER, &[]).await;
    let organization = Organization {
        id: "o-0123456789".to_owned(),
        management: aws.caller.account.clone(),
    };
    let allowed = (Some(true), false);
    let found = checks(&aws, Some(organization), &[trail()]).await;
    assert_eq!(told(&found), [allowed, allowed, allowed, LIMITS]);
    let ways = [
        t!("doctor-way-new"),
        t!("doctor-way-existing", trail = "audit"),
        t!("doctor-way-organization", id = "o-0123456789"),
    ];
    for (check, way) in found.iter().zip(ways) {
        assert!(check.detail.starts_with(&way), "{}", check.detail);
    }
    let mut elsewhere = trail();
    elsewhere.topic_arn = Some("arn:aws:sns:us-east-1:111122223333:theirs".to_owned());
    assert_eq!(
        told(&checks(&aws, None, &[elsewhere]).await),
        [allowed, LIMITS]
    );
}

#[tokio::test]
async fn what_one_way_lacks_is_a_remark_while_another_is_open() {
    let aws = aws(USER, &[("cloudtrail:CreateTrail", "")]).await;
    let found = checks(&aws, None, &[trail()]).await;
    assert_eq!(told(&found), [(None, true), (Some(true), false), LIMITS]);
    for part in ["cloudtrail:CreateTrail", "`sophos-ct policy setup-new`"] {
        assert!(found[0].detail.contains(part), "{}", found[0].detail);
    }
    let alone = checks(&aws, None, &[]).await;
    assert_eq!(told(&alone), [(Some(false), false), LIMITS]);
    let fix = t!("doctor-may-fix", policy = "setup-new");
    assert_eq!(alone[0].fix, Some(fix));
}

#[tokio::test]
async fn whoever_forbids_is_named_and_actions_with_open_conditions_are_not_wrong() {
    const SCP: &str = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>";
    const OPEN: &str = "<MissingContextValues><member>aws:SourceIp</member></MissingContextValues>";
    let several = aws(USER, &[("iam:CreateRole", SCP), ("s3:CreateBucket", "")]).await;
    let found = checks(&several, None, &[]).await;
    let scp = t!(
        "doctor-may-cause",
        actions = "iam:CreateRole",
        fix = t!("denied-by-scp")
    );
    let own = t!(
        "doctor-may-cause",
        actions = "s3:CreateBucket",
        fix = t!("doctor-may-fix", policy = "setup-new")
    );
    assert_eq!(found[0].fix, Some([own, scp].join("\n")));
    let open = aws(USER, &[("iam:CreateRole", OPEN)]).await;
    let found = checks(&open, None, &[]).await;
    assert_eq!(told(&found), [(None, false), LIMITS]);
    assert!(found[0].detail.contains("iam:CreateRole"));
}

#[tokio::test]
async fn whom_the_simulator_does_not_take_is_told() {
    for (arn, expected) in [
        ("arn:aws:iam::111122223333:root", t!("doctor-may-root")),
        (
            "arn:aws:sts::111122223333:federated-user/ada",
            t!("doctor-may-other"),
        ),
    ] {
        let found = checks(&aws(arn, &[]).await, None, &[]).await;
        assert_eq!(told(&found), [(None, false)]);
        assert_eq!(found[0].detail, expected);
    }
}

#[test]
fn only_some_actions_are_named() {
    let actions = ["a:A", "a:B", "a:C", "a:D", "a:E", "a:F", "a:G", "a:H"];
    assert_eq!(some(&actions[..2]), "a:A, a:B");
    let named = "a:A, a:B, a:C, a:D, a:E, a:F";
    assert_eq!(
        some(&actions),
        t!("doctor-actions-more", actions = named, count = 2)
    );
}
