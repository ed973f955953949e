//! Calls of CloudWatch. The SDK sends them in CBOR to a path that names the operation (Smithy RPC v2 CBOR protocol).

use aws_sdk_iam::types::PolicyEvaluationDecisionType;
use axum::{
    extract::Request,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::passage::Gateway;
use crate::sandbox::{cloud::Caller, request::scope};

impl Gateway {
    /// Answers a call of CloudWatch. The emulator does not see which operation a call in CBOR asks for and so would allow it to
    /// everybody. Here its IAM is asked, for all resources.
    pub(super) async fn alarms(&self, request: Request) -> Response {
        let headers = request.headers();
        let Some(operation) = operation(request.uri().path()) else {
            return self.pass(request).await;
        };
        let action = format!("cloudwatch:{operation}");
        if self.knows_secret(headers) || self.may(headers, &action).await {
            self.pass(request).await
        } else {
            denied(&action)
        }
    }

    /// Whether the policies of the caller, a role or a user, allow an action.
    async fn may(&self, headers: &HeaderMap, action: &str) -> bool {
        let arn = scope(headers).and_then(|scope| self.arn_of(scope.access_key));
        let (Some(arn), Some(Caller { account, region })) = (arn, self.caller(headers).await)
        else {
            return false;
        };
        let Some(root) = self.cloud.root(&account, &region).await else {
            return false;
        };
        let asked = root
            .iam
            .simulate_principal_policy()
            .policy_source_arn(principal(&arn))
            .action_names(action)
            .resource_arns("*")
            .send()
            .await;
        let allowed = PolicyEvaluationDecisionType::Allowed;
        asked.is_ok_and(|asked| {
            let results = asked.evaluation_results();
            results.iter().any(|one| *one.eval_decision() == allowed)
        })
    }
}

/// The operation that a path names.
pub(super) fn operation(path: &str) -> Option<&str> {
    let (service, operation) = path.strip_prefix("/service/")?.split_once("/operation/")?;
    let is_name = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_name(service) && is_name(operation)).then_some(operation)
}

/// Whose policies count for a caller: those of the role, for a session.
fn principal(arn: &str) -> String {
    let role = || {
        let (start, session) = arn.split_once(":assumed-role/")?;
        let (role, _) = session.split_once('/')?;
        let start = start.replace(":sts:", ":iam:");
        Some(format!("{start}:role/{role}"))
    };
    role().unwrap_or_else(|| arn.to_owned())
}

/// The refusal, in CBOR (RFC 8949): a map of two texts.
fn denied(action: &str) -> Response {
    let message = format!("the caller is not authorized to perform: {action}");
    let mut body = vec![0xa2];
    for text in ["__type", "AccessDenied", "message", &message] {
        let length = u16::try_from(text.len()).expect("a short text");
        body.push(0x79);
        body.extend(length.to_be_bytes());
        body.extend(text.bytes());
    }
    let protocol = header::HeaderName::from_static("smithy-protocol");
    let headers = [
        (header::CONTENT_TYPE, "application/cbor"),
        (protocol, "rpc-v2-cbor"),
    ];
    (StatusCode::FORBIDDEN, headers, body).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_names_the_operation_and_a_session_has_the_policies_of_its_role() {
        let path = "/service/GraniteServiceVersion20100801/operation/PutMetricAlarm";
        assert_eq!(operation(path), Some("PutMetricAlarm"));
        for other in ["/", "/service/a/operation/b/c", "/service/a%2F/operation/b"] {
            assert_eq!(operation(other), None, "{other}");
        }
        let session = "arn:aws:sts::111122223333:assumed-role/operator/test";
        let role = "arn:aws:iam::111122223333:role/operator";
        assert_eq!(principal(session), role);
        let user = "arn:aws:iam::111122223333:user/operator";
        assert_eq!(principal(user), user);
    }
}
