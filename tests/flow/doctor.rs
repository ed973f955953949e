//! What `doctor` says of permissions before anything is set up.

use serde_json::{Value, json};

use crate::support::World;

/// The checks of permissions that `doctor` shows to a caller with this policy.
fn permissions(world: &World, policy: &Value) -> (i32, Vec<Value>) {
    let doctor = world.run_under(&policy.to_string(), &["doctor", "--format", "json"]);
    let code = doctor.code;
    let checks = doctor.json()["checks"].as_array().unwrap().clone();
    let of_permissions = checks.into_iter();
    let of_permissions = of_permissions.filter(|check| check["name"] == "permissions");
    (code, of_permissions.collect())
}

/// The policy for `setup` with the names that it gives by default, and what `doctor` itself asks for.
fn enough(world: &World) -> Value {
    let name = format!("aws-{}", world.account);
    let printed = world.printed_policy("setup-new", &name, &[]);
    let mut policy: Value = serde_json::from_str(&printed).unwrap();
    let own = [
        "iam:SimulatePrincipalPolicy",
        "iam:GetRole",
        "lambda:GetFunction",
        "organizations:DescribeOrganization",
    ];
    let own = json!({ "Effect": "Allow", "Action": own, "Resource": "*" });
    policy["Statement"].as_array_mut().unwrap().push(own);
    policy
}

/// The policy without an action.
fn without(policy: &Value, action: &str) -> Value {
    let mut policy = policy.clone();
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if let Some(actions) = statement["Action"].as_array_mut() {
            actions.retain(|one| one != action);
        } else if statement["Action"] == action {
            statement["Action"] = json!(["sts:GetCallerIdentity"]);
        }
    }
    let all = policy["Statement"].as_array_mut().unwrap();
    all.retain(|statement| statement["Action"] != json!([]));
    policy
}

#[test]
fn doctor_tells_what_setup_may_not_do() {
    let world = World::new();
    let policy = enough(&world);
    let (code, checks) = permissions(&world, &policy);
    assert_eq!((code, &checks[0]["ok"]), (0, &json!(true)), "{checks:?}");
    for action in ["iam:PassRole", "cloudtrail:CreateTrail", "s3:CreateBucket"] {
        let (code, checks) = permissions(&world, &without(&policy, action));
        assert_eq!((code, &checks[0]["ok"]), (8, &json!(false)), "{checks:?}");
        let detail = checks[0]["detail"].as_str().unwrap();
        assert!(detail.contains(action), "{detail}");
        let fix = checks[0]["fix"].as_str().unwrap();
        assert!(fix.contains("policy setup-new"), "{fix}");
    }
    let mut denied = policy.clone();
    let deny = json!({ "Effect": "Deny", "Action": "sns:CreateTopic", "Resource": "*" });
    denied["Statement"].as_array_mut().unwrap().push(deny);
    let (_, checks) = permissions(&world, &denied);
    let fix = checks[0]["fix"].as_str().unwrap();
    assert!(fix.contains("Deny statement"), "{fix}");
}

#[test]
fn without_the_simulator_doctor_cannot_tell_and_says_which_action_lets_it() {
    let world = World::new();
    let policy = enough(&world);
    for action in ["iam:SimulatePrincipalPolicy", "iam:GetRole"] {
        let (code, checks) = permissions(&world, &without(&policy, action));
        assert_eq!((code, &checks[0]["ok"]), (0, &Value::Null), "{checks:?}");
        let detail = checks[0]["detail"].as_str().unwrap();
        assert!(detail.contains(action), "{detail}");
    }
}

#[test]
fn the_simulator_knows_only_principals_that_are_there() {
    let world = World::new();
    crate::support::blocking(async {
        let aws = world.aws().await;
        let missing = format!("arn:aws:iam::{}:role/missing", world.account);
        let session = format!("arn:aws:sts::{}:assumed-role/missing/me", world.account);
        for (arn, code) in [(missing, "NoSuchEntity"), (session, "InvalidInput")] {
            let asked = aws.iam.simulate_principal_policy().policy_source_arn(arn);
            let asked = asked.action_names("s3:ListBucket").send().await;
            let error = asked.unwrap_err().into_service_error();
            assert_eq!(error.meta().code(), Some(code));
        }
    });
}
