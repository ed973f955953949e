//! IAM's policy simulator. The emulator has one that knows every principal, reads no paths and no conditions, and sees no boundary.
//! Here principals must be there, and a role's policies are judged by our own rules.

use std::collections::BTreeMap;

use aws_sdk_iam::Client;
use axum::{
    body::{Body, Bytes},
    extract::Request,
    http::{HeaderMap, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

use super::passage::Gateway;
use crate::{
    policy::{
        self,
        evaluate::{self, Principal},
    },
    sandbox::{cloud::Caller, request::scope},
};

/// The decision that allows a request.
const ALLOWED: &str = "allowed";

/// The parameters of a call.
type Form = BTreeMap<String, String>;

/// The policies that count for a role.
struct Policies {
    /// The ARN of the role.
    arn: String,
    /// In the role, and attached to it.
    own: Vec<Value>,
    boundary: Option<Value>,
}

impl Gateway {
    /// Answers `SimulatePrincipalPolicy`. The emulator decides who may ask, and judges the policies of users.
    pub(super) async fn simulator(&self, parts: Parts, body: Bytes) -> Response {
        let form: Form = url::form_urlencoded::parse(&body).into_owned().collect();
        let caller = self.caller(&parts.headers).await;
        let asked = Request::from_parts(parts, Body::from(body));
        let asked = self.pass(asked).await;
        let (true, Some(Caller { account, region })) = (asked.status().is_success(), caller) else {
            return asked;
        };
        let Some(root) = self.cloud.root(&account, &region).await else {
            return asked;
        };
        let source = form.get("PolicySourceArn").map_or("", String::as_str);
        let Some((_, entity)) = source.split_once(":iam::") else {
            return not_an_entity(source);
        };
        let (_, entity) = entity.split_once(':').unwrap_or_default();
        let name = entity.rsplit('/').next().unwrap_or_default();
        match entity.split('/').next() {
            Some("role") => match policies(&root.iam, name).await {
                Some(policies) if policies.arn == source => {
                    simulated(&form, account.as_str(), &policies)
                }
                _ => absent("role", name),
            },
            Some("user") => {
                let found = root.iam.get_user().user_name(name).send().await.ok();
                let user = found.as_ref().and_then(|found| found.user());
                match user.is_some_and(|user| user.arn() == source) {
                    true => asked,
                    false => absent("user", name),
                }
            }
            _ => not_an_entity(source),
        }
    }

    /// Whether a caller certainly has a permission: an account's root has all of them, a role or a user those of its policies.
    pub(super) async fn may(&self, headers: &HeaderMap, action: &str, resource: &str) -> bool {
        let arn = scope(headers).and_then(|scope| self.arn_of(scope.access_key));
        let (Some(arn), Some(Caller { account, region })) = (arn, self.caller(headers).await)
        else {
            return false;
        };
        if arn.ends_with(":root") {
            return true;
        }
        let Some(root) = self.cloud.root(&account, &region).await else {
            return false;
        };
        // `arn:aws:sts::111122223333:assumed-role/name/session`
        let Some((_, role)) = arn.split_once(":assumed-role/") else {
            return user_may(&root.iam, &arn, action, resource).await;
        };
        let name = role.split('/').next().unwrap_or_default();
        let Some(policies) = policies(&root.iam, name).await else {
            return false;
        };
        let request = evaluate::Request {
            principal: Principal::Role {
                arn: &policies.arn,
                account: account.as_str(),
            },
            action,
            resource,
            context: &[("aws:RequestedRegion", Some(region.as_str()))],
            complete: true,
        };
        decision(&policies, &request).0 == ALLOWED
    }
}

/// Asks the emulator, which judges the policies of users.
async fn user_may(iam: &Client, arn: &str, action: &str, resource: &str) -> bool {
    let asked = iam.simulate_principal_policy().policy_source_arn(arn);
    let asked = asked.action_names(action).resource_arns(resource);
    let asked = asked.send().await;
    let results = asked
        .as_ref()
        .map_or(&[][..], |asked| asked.evaluation_results());
    let mut results = results.iter();
    results.any(|one| one.eval_decision().as_str() == ALLOWED)
}

/// Reads the policies of a role; `None` if there is no role of this name.
async fn policies(iam: &Client, name: &str) -> Option<Policies> {
    let found = iam.get_role().role_name(name).send().await.ok()?;
    let role = found.role()?;
    let mut own = Vec::new();
    let inline = iam.list_role_policies().role_name(name).send().await.ok()?;
    for policy in inline.policy_names() {
        let read = iam.get_role_policy().role_name(name).policy_name(policy);
        own.extend(document(read.send().await.ok()?.policy_document()));
    }
    let attached = iam.list_attached_role_policies().role_name(name);
    let attached = attached.send().await.ok()?;
    for policy in attached.attached_policies() {
        own.extend(managed(iam, policy.policy_arn()?).await);
    }
    let boundary = role.permissions_boundary();
    let boundary = match boundary.and_then(|boundary| boundary.permissions_boundary_arn()) {
        Some(arn) => managed(iam, arn).await,
        None => None,
    };
    Some(Policies {
        arn: role.arn().to_owned(),
        own,
        boundary,
    })
}

/// Reads a managed policy.
async fn managed(iam: &Client, arn: &str) -> Option<Value> {
    let policy = iam.get_policy().policy_arn(arn).send().await.ok()?;
    let version = policy.policy()?.default_version_id()?;
    let read = iam.get_policy_version().policy_arn(arn).version_id(version);
    let read = read.send().await.ok()?;
    document(read.policy_version()?.document()?)
}

/// Reads a document, in which each statement is for whoever has the policy: our rules are those of resource policies.
fn document(encoded: &str) -> Option<Value> {
    let text = percent_decode_str(encoded).decode_utf8_lossy();
    let read = policy::parse(Some(text.as_ref()))?;
    let mut statements = policy::statements(&read);
    statements.retain(Value::is_object);
    for statement in statements.iter_mut().filter_map(Value::as_object_mut) {
        statement.insert("Principal".to_owned(), json!("*"));
    }
    Some(json!({ "Statement": statements }))
}

/// The values of a list in a form: `Name.member.1`, `Name.member.2` and so on, with what may stand behind.
fn members<'a>(form: &'a Form, name: &str, behind: &str) -> Vec<&'a str> {
    let keys = (1..).map(|number| format!("{name}.member.{number}{behind}"));
    let values = keys.map_while(|key| form.get(&key));
    values.map(String::as_str).collect()
}

/// The simulation: a result for each action on each resource.
fn simulated(form: &Form, account: &str, policies: &Policies) -> Response {
    let arn = policies.arn.as_str();
    let keys = members(form, "ContextEntries", ".ContextKeyName");
    let values = members(form, "ContextEntries", ".ContextKeyValues.member.1");
    let context: Vec<(&str, Option<&str>)> =
        keys.into_iter().zip(values.into_iter().map(Some)).collect();
    let mut resources = members(form, "ResourceArns", "");
    if resources.is_empty() {
        resources.push("*");
    }
    let mut results = String::new();
    for action in members(form, "ActionNames", "") {
        for resource in &resources {
            let request = evaluate::Request {
                principal: Principal::Role { arn, account },
                action,
                resource,
                context: &context,
                complete: true,
            };
            results += &result(policies, &request);
        }
    }
    let body = format!(
        "<SimulatePrincipalPolicyResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><SimulatePrincipalPolicyResult>\
         <IsTruncated>false</IsTruncated><EvaluationResults>{results}</EvaluationResults>\
         </SimulatePrincipalPolicyResult></SimulatePrincipalPolicyResponse>"
    );
    ([(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

/// Every document that counts for a role.
fn documents(policies: &Policies) -> impl Iterator<Item = &Value> {
    policies.own.iter().chain(&policies.boundary)
}

/// The decision on a request, and whether the boundary allows it if there is one.
fn decision(policies: &Policies, request: &evaluate::Request<'_>) -> (&'static str, Option<bool>) {
    let denied =
        documents(policies).any(|document| !evaluate::denials(document, request).is_empty());
    let mut own = policies.own.iter();
    let allowed = own.any(|document| evaluate::allows(document, request));
    let boundary = policies.boundary.as_ref();
    let within = boundary.map(|boundary| evaluate::allows(boundary, request));
    let decision = match (denied, allowed && within != Some(false)) {
        (true, _) => "explicitDeny",
        (false, true) => ALLOWED,
        (false, false) => "implicitDeny",
    };
    (decision, within)
}

/// One result (IAM API Reference, "EvaluationResult").
fn result(policies: &Policies, request: &evaluate::Request<'_>) -> String {
    let (decision, within) = decision(policies, request);
    let missing = documents(policies).flat_map(|document| missing(document, request));
    let missing: String = missing
        .map(|key| format!("<member>{}</member>", escaped(&key)))
        .collect();
    let within = within.map_or_else(String::new, |within| {
        format!(
            "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>{within}</AllowedByPermissionsBoundary>\
             </PermissionsBoundaryDecisionDetail>"
        )
    });
    format!(
        "<member><EvalActionName>{}</EvalActionName><EvalResourceName>{}</EvalResourceName><EvalDecision>{decision}</EvalDecision>\
         <MatchedStatements/><MissingContextValues>{missing}</MissingContextValues>{within}</member>",
        escaped(request.action),
        escaped(request.resource),
    )
}

/// The condition keys that statements about the request use, and that the call does not give.
fn missing(document: &Value, request: &evaluate::Request<'_>) -> Vec<String> {
    let mut keys = Vec::new();
    for statement in policy::statements(document) {
        let mut bare = statement.clone();
        bare["Effect"] = json!("Allow");
        bare["Condition"] = json!({});
        if !evaluate::allows(&json!({ "Statement": bare }), request) {
            continue;
        }
        let operators = statement.get("Condition").and_then(Value::as_object);
        let operators = operators.into_iter().flatten();
        let used = operators.filter_map(|(_, keys)| keys.as_object());
        let used = used.flat_map(|keys| keys.keys());
        let given = |key: &&String| {
            let mut given = request.context.iter();
            given.any(|(name, _)| name.eq_ignore_ascii_case(key))
        };
        keys.extend(used.filter(|key| !given(key)).cloned());
    }
    keys
}

fn absent(kind: &str, name: &str) -> Response {
    let message = format!("The {kind} with name {name} cannot be found.");
    refused(StatusCode::NOT_FOUND, "NoSuchEntity", &message)
}

/// What AWS says of ARNs of sessions, for example.
fn not_an_entity(arn: &str) -> Response {
    let message =
        format!("Invalid Entity Arn: {arn} does not clearly define entity type and name.");
    refused(StatusCode::BAD_REQUEST, "InvalidInput", &message)
}

fn refused(status: StatusCode, code: &str, message: &str) -> Response {
    let message = escaped(message);
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    );
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

fn escaped(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the simulator says of passing a role to a service, under these policies.
    fn said(own: &Value, boundary: Option<&Value>, service: Option<&str>) -> String {
        let read = |policy: &Value| document(&policy.to_string()).unwrap();
        let arn = "arn:aws:iam::111122223333:role/ops";
        let policies = Policies {
            arn: arn.to_owned(),
            own: vec![read(own)],
            boundary: boundary.map(read),
        };
        let context = service.map(|service| ("iam:PassedToService", Some(service)));
        let context: Vec<_> = context.into_iter().collect();
        let request = evaluate::Request {
            principal: Principal::Role {
                arn,
                account: "111122223333",
            },
            action: "iam:PassRole",
            resource: "arn:aws:iam::111122223333:role/forwarder",
            context: &context,
            complete: true,
        };
        result(&policies, &request)
    }

    #[test]
    fn conditions_denials_and_the_boundary_count() {
        let all = json!({ "Statement": { "Effect": "Allow", "Action": "*", "Resource": "*" } });
        let to = json!({ "Statement": [{
            "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": { "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } },
        }]});
        let deny = json!({ "Statement": [
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": "iam:Pass*", "Resource": "*" },
        ]});
        let other =
            json!({ "Statement": [{ "Effect": "Allow", "Action": "s3:*", "Resource": "*" }] });
        let lambda = Some("lambda.amazonaws.com");
        for (own, boundary, service, parts) in [
            (&all, None, None, &["allowed"][..]),
            (&to, None, lambda, &["allowed"]),
            (&to, None, Some("ec2.amazonaws.com"), &["implicitDeny"]),
            (&to, None, None, &["implicitDeny", "iam:PassedToService"]),
            (&deny, None, None, &["explicitDeny"]),
            (&other, None, lambda, &["implicitDeny"]),
            (&all, Some(&all), None, &["allowed", "true"]),
            (&all, Some(&other), None, &["implicitDeny", "false"]),
            (&all, Some(&deny), None, &["explicitDeny", "false"]),
        ] {
            let said = said(own, boundary, service);
            for part in parts {
                assert!(said.contains(&format!(">{part}<")), "{part}: {said}");
            }
        }
    }

    #[test]
    fn a_list_in_a_form_ends_where_a_number_is_missing() {
        let form = ["a.member.1", "a.member.2", "a.member.4", "b.member.1.c"];
        let form: Form = form
            .iter()
            .map(|key| ((*key).to_owned(), format!("of {key}")))
            .collect();
        assert_eq!(members(&form, "a", ""), ["of a.member.1", "of a.member.2"]);
        assert_eq!(members(&form, "b", ".c"), ["of b.member.1.c"]);
    }
}
