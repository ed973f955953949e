//! A trail that encrypts its log files with a KMS key.

use serde_json::{Value, json};

use super::{REGION, notified_by, with_trail};
use crate::support::{World, blocking};

#[test]
fn the_function_may_decrypt_with_a_trails_key_and_cloudtrail_checks_the_keys_policy() {
    let world = with_trail(false);
    let key = Key::make(&world);
    assert!(
        !key.encrypts(),
        "CloudTrail takes a key that does not allow it"
    );
    key.allows_cloudtrail(true);
    assert!(key.encrypts());
    let by_trail = notified_by("trail");
    let words = [&["plan", "demo", "--yes"], &by_trail[..]].concat();
    let said = world.run(&words).exits(0).stdout;
    assert!(
        said.contains(&key.arn) && said.contains("kms:Decrypt"),
        "{said}"
    );
    // If the key's owner revokes the permission meanwhile, the next UpdateTrail is refused, and the hint says what to do.
    key.allows_cloudtrail(false);
    let error = world.setup("demo", &by_trail).exits(6).json()["error"].clone();
    assert!(
        error["hint"].to_string().contains("kms:GenerateDataKey*"),
        "{error}"
    );
    key.allows_cloudtrail(true);
    world.setup("demo", &["--wait-for-logs"]).exits(0);
    let document = policy_of_role(&world);
    let id = key.arn.rsplit('/').next().unwrap();
    let opened = document.contains("kms%3ADecrypt") && document.contains(id);
    assert!(opened, "{document}");
    world.remove("demo", &[]).exits(0);
}

/// A key for the log files of the trail `theirs`.
struct Key<'a> {
    world: &'a World,
    arn: String,
}

impl<'a> Key<'a> {
    /// Makes a key whose policy does not let CloudTrail use it.
    fn make(world: &'a World) -> Self {
        let made = kms(
            world,
            "CreateKey",
            &json!({ "Policy": key_policy(world, false) }),
        );
        let arn = made["KeyMetadata"]["Arn"].as_str().unwrap().to_owned();
        Self { world, arn }
    }

    /// Sets whether CloudTrail may use the key.
    fn allows_cloudtrail(&self, cloudtrail: bool) {
        let policy = key_policy(self.world, cloudtrail);
        let input = json!({ "KeyId": self.arn, "PolicyName": "default", "Policy": policy });
        kms(self.world, "PutKeyPolicy", &input);
    }

    /// Sets the key on the trail, and returns whether CloudTrail takes it.
    fn encrypts(&self) -> bool {
        blocking(async {
            let aws = self.world.aws().await;
            let update = aws
                .cloudtrail
                .update_trail()
                .name("theirs")
                .kms_key_id(&self.arn);
            update.send().await.is_ok()
        })
    }
}

/// A key's policy, with or without the statement that lets CloudTrail use the key.
fn key_policy(world: &World, cloudtrail: bool) -> String {
    let mut statements = vec![json!({
        "Sid": "Root", "Effect": "Allow", "Principal": { "AWS": format!("arn:aws:iam::{}:root", world.account) },
        "Action": "kms:*", "Resource": "*",
    })];
    if cloudtrail {
        statements.push(json!({
            "Sid": "CloudTrail", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": ["kms:GenerateDataKey*", "kms:DescribeKey"], "Resource": "*",
        }));
    }
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// The policy of the function's role, as IAM encodes it.
fn policy_of_role(world: &World) -> String {
    blocking(async {
        let aws = world.aws().await;
        let listed = aws
            .iam
            .list_role_policies()
            .role_name("sophos-ct-demo")
            .send()
            .await;
        let name = listed.unwrap().policy_names()[0].clone();
        let read = aws
            .iam
            .get_role_policy()
            .role_name("sophos-ct-demo")
            .policy_name(name);
        read.send().await.unwrap().policy_document().to_owned()
    })
}

/// Calls the emulator's KMS as this world's root.
fn kms(world: &World, operation: &str, input: &Value) -> Value {
    crate::support::kms(&world.account, REGION, operation, input)
}
