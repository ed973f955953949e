//! Each recorded error comes through the SDK as it was recorded, and is classified correctly.

use std::sync::{Arc, Mutex};

use axum::{Router, body::Body, extract::State, http::StatusCode, response::Response};
use serde_json::{Value, json};
use sophos_ct::testing::{Aws, AwsError, Options, SandboxAws};

use super::RECORDED;
use crate::rig;

#[test]
fn every_recorded_error_keeps_its_code_and_message_and_is_classified_correctly() {
    crate::support::blocking(async {
        let told = Answer::default();
        let router = Router::new().fallback(answer).with_state(told.clone());
        let endpoint = format!("http://{}", rig::serve(router).await);
        let sandbox = SandboxAws {
            endpoint,
            account: "111122223333".parse().unwrap(),
            secret: "x".into(),
            role: None,
            client: None,
        };
        let options = Options {
            profile: None,
            region: Some("eu-west-1".parse().unwrap()),
            sandbox: Some(sandbox),
        };
        let aws = Aws::connect(&options).await.unwrap();
        let entries: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let mut seen = 0;
        for entry in &entries {
            *told.0.lock().unwrap() = entry.clone();
            let (service, code) = (
                entry["service"].as_str().unwrap(),
                entry["code"].as_str().unwrap(),
            );
            // The SDK retries these by itself.
            if ["TooManyRequestsException", "InternalError"].contains(&code) {
                continue;
            }
            let error = call(&aws, service).await;
            assert!(error.is(code), "{entry}: {:?}", error.code);
            let message = entry["message"].as_str().unwrap_or_default();
            // The program leaves out the values of the function's variables.
            let shown = message.split("String measured").next().unwrap_or_default();
            assert_eq!(error.message, shown.trim_end(), "{entry}");
            let denied = [
                "AccessDenied",
                "AccessDeniedException",
                "AuthorizationError",
            ];
            assert_eq!(error.is_denied(), denied.contains(&code), "{entry}");
            assert_eq!(
                error.is_sign_in(),
                code == "SignatureDoesNotMatch",
                "{entry}"
            );
            assert!(!error.is_unreachable(), "{entry}");
            seen += 1;
        }
        assert!(seen > 190, "{seen}");
    });
}

#[derive(Clone, Default)]
struct Answer(Arc<Mutex<Value>>);

async fn answer(State(answer): State<Answer>) -> Response {
    let entry = answer.0.lock().unwrap().clone();
    if entry.is_null() {
        let body = "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::111122223333:root</Arn><UserId>u</UserId><Account>111122223333</Account></GetCallerIdentityResult></GetCallerIdentityResponse>";
        return Response::new(Body::from(body));
    }
    let (status, body) = wire(&entry);
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    if entry["service"] == "lambda" {
        let code = entry["code"].as_str().unwrap().parse().unwrap();
        response.headers_mut().insert("x-amzn-errortype", code);
    }
    response
}

/// The status and the body of the answer, in the service's protocol.
fn wire(entry: &Value) -> (u16, String) {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let (code, message) = (text("code"), text("message"));
    let escaped = message
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let body = match text("service") {
        "s3" => format!("<Error><Code>{code}</Code><Message>{escaped}</Message></Error>"),
        "iam" | "sns" | "sts" => format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{escaped}</Message></Error><RequestId>r-1</RequestId></ErrorResponse>"
        ),
        "lambda" => json!({ "Type": "User", "Message": message }).to_string(),
        _ => json!({ "__type": code, "message": message }).to_string(),
    };
    (entry["status"].as_u64().unwrap() as u16, body)
}

/// Makes one call to the service. Which one does not matter, because all calls of a service carry errors in the same way.
async fn call(aws: &Aws, service: &str) -> AwsError {
    macro_rules! refused {
        ($call:expr) => {
            AwsError::of("x:Y")($call.send().await.err().expect("a refusal"))
        };
    }
    match service {
        "s3" => refused!(aws.s3.get_bucket_policy().bucket("b")),
        "iam" => refused!(aws.iam.get_role().role_name("r")),
        "sns" => refused!(
            aws.sns
                .get_topic_attributes()
                .topic_arn("arn:aws:sns:r:1:t")
        ),
        "sts" => refused!(aws.sts.get_caller_identity()),
        "lambda" => refused!(aws.lambda.get_function().function_name("f")),
        "cloudtrail" => refused!(aws.cloudtrail.describe_trails()),
        "logs" => refused!(aws.logs.describe_log_groups()),
        "events" => refused!(aws.events.describe_rule().name("r")),
        "organizations" => refused!(aws.organizations.describe_organization()),
        other => panic!("{other}"),
    }
}
