//! Situations of Lambda.

use aws_sdk_lambda::{
    primitives::Blob,
    types::{FunctionCode, Runtime},
};
use sophos_ct::testing::AwsError;

use super::stage::{Stage, refused};

pub(super) async fn provoked(stage: &Stage<'_>, name: &str) -> Option<AwsError> {
    let lambda = &stage.aws.lambda;
    let account = stage.account;
    Some(match name {
        "lambda GetFunction: absent" => {
            refused!(lambda.get_function().function_name("doesnotexist"))
        }
        "lambda GetPolicy: function absent" => {
            refused!(lambda.get_policy().function_name("doesnotexist"))
        }
        "lambda DeleteFunction: absent" => {
            refused!(lambda.delete_function().function_name("doesnotexist"))
        }
        "lambda AddPermission: function absent" => refused!(
            lambda
                .add_permission()
                .function_name("doesnotexist")
                .statement_id("s")
                .action("lambda:InvokeFunction")
                .principal("sns.amazonaws.com")
        ),
        "lambda Invoke: function absent" => refused!(lambda.invoke().function_name("doesnotexist")),
        "lambda CreateFunction: zip that cannot be unzipped" => refused!(
            lambda
                .create_function()
                .function_name("f")
                .role(format!("arn:aws:iam::{account}:role/recorded"))
                .handler("bootstrap")
                .runtime(Runtime::Providedal2023)
                .code(
                    FunctionCode::builder()
                        .zip_file(Blob::new(b"no zip"))
                        .build()
                )
        ),
        _ => return None,
    })
}
