//! The program as a role with few permissions runs it.

use serde_json::Value;

use super::{Ran, World, blocking};

impl World {
    /// Runs the program as a role that has exactly this policy.
    pub fn run_under(&self, policy: &str, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        command.envs(self.role(policy));
        command.output().expect("the program starts").into()
    }

    /// Credentials of a role with exactly this policy, as environment variables.
    pub fn role(&self, policy: &str) -> [(&'static str, String); 3] {
        let credentials = blocking(async {
            let aws = self.aws().await;
            let trust = format!(
                r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"AWS":"arn:aws:iam::{}:root"}},"Action":"sts:AssumeRole"}}]}}"#,
                self.account
            );
            let made = aws
                .iam
                .create_role()
                .role_name("operator")
                .assume_role_policy_document(trust);
            let _ = made.send().await;
            let put = aws
                .iam
                .put_role_policy()
                .role_name("operator")
                .policy_name("p");
            put.policy_document(policy).send().await.expect("a policy");
            let arn = format!("arn:aws:iam::{}:role/operator", self.account);
            let session = aws
                .sts
                .assume_role()
                .role_arn(arn)
                .role_session_name("test");
            let session = session.send().await.expect("a session");
            session.credentials().expect("credentials").clone()
        });
        [
            ("AWS_ACCESS_KEY_ID", credentials.access_key_id().to_owned()),
            (
                "AWS_SECRET_ACCESS_KEY",
                credentials.secret_access_key().to_owned(),
            ),
            ("AWS_SESSION_TOKEN", credentials.session_token().to_owned()),
        ]
    }

    /// The policy that the program prints for a purpose. It is widened only where the emulator evaluates policies differently
    /// from AWS.
    pub fn printed_policy(&self, purpose: &str, name: &str, more: &[&str]) -> String {
        let words = [
            "policy",
            purpose,
            "--name",
            name,
            "--expect-account",
            &self.account,
            "--region",
            "eu-west-1",
        ];
        let printed = self.run(&[&words, more].concat()).exits(0).stdout;
        let mut printed: Value = serde_json::from_str(&printed).expect("a policy");
        for statement in printed["Statement"].as_array_mut().expect("statements") {
            let actions = statement["Action"].to_string();
            // The emulator evaluates these only on `*`.
            let wide = [
                "lambda:CreateFunction",
                "sns:ListTagsForResource",
                "cloudtrail:",
                "cloudwatch:",
            ];
            if wide.iter().any(|one| actions.contains(one)) {
                statement["Resource"] = "*".into();
            }
            // The emulator does not know the condition keys `organizations:ServicePrincipal` and `iam:AWSServiceName`.
            let unknown = ["organizations:", "iam:CreateServiceLinkedRole"];
            if unknown.iter().any(|one| actions.contains(one)) {
                statement
                    .as_object_mut()
                    .expect("an object")
                    .shift_remove("Condition");
            }
        }
        printed.to_string()
    }
}
