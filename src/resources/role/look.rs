//! Reads the role and our policy in it.

use percent_encoding::percent_decode_str;

use super::state::{Observed, State};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::{
        document,
        seen::{Owner, Seen, seen},
    },
};

/// Reads the role and our policy in it.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let (name, id) = (&design.role, design.id);
    let policy_name = design.role_policy_name();
    // Both at once: the policy is read before it is known whether the role is there.
    let (role, policy) = tokio::join!(
        aws.iam.get_role().role_name(name).send(),
        aws.iam
            .get_role_policy()
            .role_name(name)
            .policy_name(&policy_name)
            .send(),
    );
    let role = match seen(role.map_err(AwsError::of("iam:GetRole")), &["NoSuchEntity"])? {
        Seen::There(role) => role,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let policy = seen(
        policy.map_err(AwsError::of("iam:GetRolePolicy")),
        &["NoSuchEntity"],
    )?;
    let Some(role) = role.role() else {
        return Ok(Seen::Absent);
    };
    let trust = Seen::There(role.assume_role_policy_document().map(decode));
    let tags = role.tags().iter();
    let tags = tags.map(|tag| (tag.key().to_owned(), tag.value().to_owned()));
    let tags = Seen::There(tags.collect());
    Ok(Seen::There(State {
        arn: role.arn().to_owned(),
        id: role.role_id().to_owned(),
        owner: Owner::of_tags(id, tags),
        trust: document::readable("iam:GetRole", trust)?
            .there()
            .cloned()
            .unwrap_or_default(),
        boundary: role
            .permissions_boundary()
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(ToOwned::to_owned),
        policy: document::readable(
            "iam:GetRolePolicy",
            policy.map(|policy| Some(decode(policy.policy_document()))),
        )?,
    }))
}

/// Decodes a document: IAM answers with URL-encoded JSON.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
