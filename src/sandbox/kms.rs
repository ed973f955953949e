//! KMS keys: whether CloudTrail accepts a key for a trail, which the key's policy in the emulator decides.

use axum::http;
use serde_json::{Value, json};
use sophos_ct_forwarder::sign;

use super::{
    ministack::{Emulator, URL},
    rules,
};
use crate::{
    connection::{AccountId, Region},
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
};

/// One call of an account's root. `None` if it fails.
async fn call(
    emulator: &Emulator,
    account: &AccountId,
    region: &Region,
    operation: &str,
    input: &Value,
) -> Option<Value> {
    let body = input.to_string();
    let target = format!("TrentService.{operation}");
    let url = format!("{URL}/");
    let unsigned = sign::Unsigned {
        method: "POST",
        url: &url,
        headers: &[
            ("x-amz-target", &target),
            ("content-type", "application/x-amz-json-1.1"),
        ],
        service: "kms",
        region: region.as_str(),
        body: sign::Body::Text(&body),
    };
    let headers = sign::headers(&unsigned, &emulator.credentials(account)).ok()?;
    let mut request = http::Request::post(&url);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = emulator.send(request.body(body.into()).ok()?).await.ok()?;
    let answer = reqwest::Response::from(answer).error_for_status().ok()?;
    answer.json().await.ok()
}

/// The code of the error with which CloudTrail refuses a key for a trail. Ids and aliases are accepted as well as ARNs
/// (recorded).
pub(super) async fn refusal(
    emulator: &Emulator,
    owner: &AccountId,
    key: &str,
    bucket_region: &Region,
    trail_arn: &str,
) -> Option<&'static str> {
    let account = match rules::arn(key) {
        // A key of another region gets the same error as a malformed one (recorded).
        Some(arn) if arn.region != bucket_region.as_str() || !rules::is_account(arn.account) => {
            return Some("KmsKeyNotFoundException");
        }
        Some(arn) => arn.account.parse().expect("the rule takes 12 digits"),
        None if key.starts_with("alias/") || key.len() == 36 => owner.clone(),
        None => return Some("KmsKeyNotFoundException"),
    };
    // CloudTrail's errors do not distinguish an absent key from one whose policy refuses (recorded).
    let insufficient = Some("InsufficientEncryptionPolicyException");
    let input = json!({ "KeyId": key });
    let described = call(emulator, &account, bucket_region, "DescribeKey", &input).await;
    let Some(described) = described else {
        return insufficient;
    };
    if described["KeyMetadata"]["Enabled"] == false {
        return Some("KmsException");
    }
    let arn = described["KeyMetadata"]["Arn"].as_str().unwrap_or(key);
    let input = json!({ "KeyId": arn, "PolicyName": "default" });
    let Some(answer) = call(emulator, &account, bucket_region, "GetKeyPolicy", &input).await else {
        return insufficient;
    };
    let document = policy::parse(answer["Policy"].as_str()).unwrap_or_default();
    let context = [
        ("aws:SourceArn", Some(trail_arn)),
        ("kms:EncryptionContext:aws:cloudtrail:arn", Some(trail_arn)),
    ];
    let request = Request {
        principal: Principal::Service(super::cloud::CLOUDTRAIL),
        action: "kms:GenerateDataKey",
        resource: arn,
        context: &context,
        complete: true,
    };
    // This permission is enough, even if CloudTrail may not describe the key (recorded).
    (!allows(&document, &request)).then_some("InsufficientEncryptionPolicyException")
}
