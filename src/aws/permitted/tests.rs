//! The simulator's answers, which are served here as AWS writes them (IAM API Reference, "SimulatePrincipalPolicy").

use std::sync::{Arc, Mutex};

use serde_json::json;

use super::*;
use crate::{
    aws::served,
    connection::{Feed, fixture},
};

const ROLE: &str = "arn:aws:iam::111122223333:role/teams/security/ops";
const BUCKET: &str = "arn:aws:s3:::logs";

fn answer(operation: &str, result: &str) -> (u16, String) {
    let text = format!(
        "<{operation}Response><{operation}Result>{result}</{operation}Result></{operation}Response>"
    );
    (200, text)
}

/// Clients of a session, the answers to which come from a test, and the bodies of the calls.
async fn session(
    arn: &str,
    answer: impl Fn(&str) -> Option<(u16, String)> + Send + Sync + 'static,
) -> (Aws, Arc<Mutex<Vec<String>>>) {
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let heard = Arc::clone(&asked);
    let design = fixture::design(Feed::New);
    let mut aws = served::aws(&design, move |call| {
        let body = call.get("body")?;
        heard.lock().unwrap().push(body.clone());
        answer(body)
    })
    .await;
    arn.clone_into(&mut aws.caller.arn);
    (aws, asked)
}

/// A simulator that answers each question with these results.
async fn told(results: &'static str, grants: &[Grant]) -> BTreeMap<&'static str, Verdict> {
    let (aws, _) = session(ROLE, move |body| {
        let results = format!("<EvaluationResults>{results}</EvaluationResults>");
        body.contains("Action=SimulatePrincipalPolicy")
            .then(|| self::answer("SimulatePrincipalPolicy", &results))
    })
    .await;
    ask(&aws, ROLE, grants).await.unwrap().judge(grants)
}

#[tokio::test]
async fn a_role_is_looked_up_by_the_name_in_its_session() {
    let user = "arn:aws:iam::111122223333:user/teams/ada";
    let root = "arn:aws:iam::111122223333:root";
    let federated = "arn:aws:sts::111122223333:federated-user/ada";
    let session_of_role = "arn:aws:sts::111122223333:assumed-role/ops/ada";
    for (arn, expected) in [
        (user, Entity::Known(user.to_owned())),
        (root, Entity::Root),
        (federated, Entity::Other),
        (session_of_role, Entity::Known(ROLE.to_owned())),
    ] {
        let (aws, _) = session(arn, |body| {
            let role = format!(
                "<Role><Path>/teams/security/</Path><RoleName>ops</RoleName><RoleId>AROA1</RoleId><Arn>{ROLE}</Arn>\
                 <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"
            );
            let asks = body.contains("Action=GetRole") && body.contains("RoleName=ops");
            asks.then(|| answer("GetRole", &role))
        })
        .await;
        assert_eq!(entity(&aws).await.unwrap(), expected, "{arn}");
    }
}

#[tokio::test]
async fn who_forbids_an_action_is_told_from_the_details_of_the_result() {
    let result = |action: &str, decision: &str, details: &str| {
        format!(
            "<member><EvalActionName>{action}</EvalActionName><EvalResourceName>{BUCKET}</EvalResourceName>\
             <EvalDecision>{decision}</EvalDecision>{details}</member>"
        )
    };
    let boundary = "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
                    </PermissionsBoundaryDecisionDetail>";
    let on_resource = |details: &str| {
        format!(
            "<ResourceSpecificResults><member><EvalResourceName>{BUCKET}</EvalResourceName>\
             <EvalResourceDecision>implicitDeny</EvalResourceDecision>{details}</member></ResourceSpecificResults>"
        )
    };
    let missing =
        "<MissingContextValues><member>aws:MultiFactorAuthPresent</member></MissingContextValues>";
    let scp = "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail>";
    let results = [
        result("s3:CreateBucket", "allowed", ""),
        result("s3:PutBucketTagging", "implicitDeny", ""),
        result("s3:PutBucketPolicy", "explicitDeny", ""),
        result("s3:ListBucket", "implicitDeny", scp),
        result("s3:GetBucketPolicy", "implicitDeny", boundary),
        result(
            "s3:GetBucketTagging",
            "implicitDeny",
            &on_resource(boundary),
        ),
        result("s3:DeleteBucket", "explicitDeny", missing),
        result("s3:GetBucketAcl", "implicitDeny", &on_resource(missing)),
    ]
    .concat();
    let expected = BTreeMap::from([
        ("s3:CreateBucket", Verdict::Allowed),
        ("s3:PutBucketTagging", Verdict::Lacking),
        ("s3:PutBucketPolicy", Verdict::Denied),
        ("s3:ListBucket", Verdict::Organization),
        ("s3:GetBucketPolicy", Verdict::Boundary),
        ("s3:GetBucketTagging", Verdict::Boundary),
        ("s3:DeleteBucket", Verdict::Open),
        ("s3:GetBucketAcl", Verdict::Open),
        // It is not answered.
        ("s3:GetBucketLocation", Verdict::Open),
    ]);
    let actions: Vec<&'static str> = expected.keys().copied().collect();
    let grants = [Grant::new(&actions, BUCKET)];
    assert_eq!(told(results.leak(), &grants).await, expected);
}

#[tokio::test]
async fn values_of_conditions_go_along_and_what_others_decide_is_not_asked() {
    let pass = json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let grants = [
        Grant::new(&["sts:GetCallerIdentity"], "*"),
        Grant::new(&["iam:PassRole"], ROLE).only_if(pass),
        Grant::new(&["iam:GetRole"], "arn:aws:iam::999999999999:role/theirs"),
        Grant::new(&["iam:GetRole"], ROLE),
        Grant::new(&["iam:CreateRole"], ROLE),
    ];
    let (aws, asked) = session(ROLE, |body| {
        body.contains("Action=SimulatePrincipalPolicy")
            .then(|| answer("SimulatePrincipalPolicy", ""))
    })
    .await;
    asked.lock().unwrap().clear();
    let told = ask(&aws, ROLE, &grants).await.unwrap();
    let judged = told.judge(&grants);
    let names: Vec<&str> = judged.keys().copied().collect();
    assert_eq!(names, ["iam:CreateRole", "iam:GetRole", "iam:PassRole"]);
    let asked = asked.lock().unwrap();
    assert_eq!(asked.len(), 2, "{asked:?}");
    let passes = asked.iter().find(|body| body.contains("PassRole")).unwrap();
    for part in ["iam%3APassedToService", "lambda.amazonaws.com"] {
        assert!(passes.contains(part), "{passes}");
    }
    assert!(!asked.iter().any(|body| body.contains("999999999999")));
}

#[test]
fn a_log_group_is_allowed_by_either_of_its_arns_and_other_resources_all_count() {
    let group = "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/f";
    let told = |verdicts: &[(&str, Verdict)]| {
        let verdicts = verdicts.iter();
        let verdicts =
            verdicts.map(|(resource, verdict)| (("a:B", (*resource).to_owned()), *verdict));
        Permitted(verdicts.collect())
    };
    let second = format!("{group}:*");
    let either = told(&[
        (group, Verdict::Lacking),
        (second.as_str(), Verdict::Allowed),
    ]);
    let grants = [Grant::new(&["a:B"], group).and_on(&second)];
    assert_eq!(either.judge(&grants)["a:B"], Verdict::Allowed);
    let both = told(&[(ROLE, Verdict::Lacking), (BUCKET, Verdict::Allowed)]);
    let grants = [Grant::new(&["a:B"], ROLE).and_on(BUCKET)];
    assert_eq!(both.judge(&grants)["a:B"], Verdict::Lacking);
    let apart = [Grant::new(&["a:B"], BUCKET), Grant::new(&["a:B"], ROLE)];
    assert_eq!(both.judge(&apart)["a:B"], Verdict::Lacking);
}
