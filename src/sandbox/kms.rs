//! Keys of the emulator: CloudTrail asks a key's policy before it takes it for a trail.

use aws_credential_types::Credentials;
use serde_json::{Value, json};

use crate::{
    connection::{AccountId, Arn, Region},
    forwarder::sign,
    policy::{
        self,
        evaluate::{Principal, Request, allows},
    },
};

/// One call of an account's root. `None` where it fails.
pub async fn call(
    endpoint: &str,
    account: &AccountId,
    region: &Region,
    operation: &str,
    input: &Value,
) -> Option<Value> {
    let body = input.to_string();
    let target = format!("TrentService.{operation}");
    let url = format!("{endpoint}/");
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
    let credentials = Credentials::new(account.as_str(), "test", None, None, "sandbox");
    let headers = sign::headers(&unsigned, &credentials).ok()?;
    let http = reqwest::Client::builder().no_proxy().build().ok()?;
    let mut request = http.post(&url).body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let answer = request.send().await.ok()?;
    let answer = answer.error_for_status().ok()?;
    answer.json().await.ok()
}

/// Why CloudTrail does not take a key for a trail: the error's code.
pub async fn refusal(
    endpoint: &str,
    key: &str,
    bucket_region: &Region,
    trail_arn: &str,
) -> Option<&'static str> {
    let not_found = Some("KmsKeyNotFoundException");
    let Ok(arn) = key.parse::<Arn>() else {
        return not_found;
    };
    let (Ok(account), true) = (arn.account.parse(), arn.region == bucket_region.as_str()) else {
        return not_found;
    };
    let input = json!({ "KeyId": key, "PolicyName": "default" });
    let Some(answer) = call(endpoint, &account, bucket_region, "GetKeyPolicy", &input).await else {
        return not_found;
    };
    let document = policy::parse(answer["Policy"].as_str()).unwrap_or_default();
    let context = [
        ("aws:SourceArn", Some(trail_arn)),
        ("kms:EncryptionContext:aws:cloudtrail:arn", Some(trail_arn)),
    ];
    let may = |action| {
        let request = Request {
            principal: Principal::Service(super::organizations::CLOUDTRAIL),
            action,
            resource: key,
            context: &context,
            complete: true,
        };
        allows(&document, &request)
    };
    let both = may("kms:GenerateDataKey") && may("kms:DescribeKey");
    (!both).then_some("InsufficientEncryptionPolicyException")
}
