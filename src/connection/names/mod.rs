//! Names of what is created in AWS: the defaults of SPEC 3, and the rules of each service.

use std::{fmt, ops::Deref, str::FromStr};

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{AccountId, Arn, ConnectionName, Region};
use crate::ui::t;

/// Types of texts that fit the rules of their service: a value that exists is valid.
macro_rules! named {
    ($($(#[$doc:meta])* $name:ident: $check:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
        pub struct $name(String);

        impl $name {
            #[must_use]
            pub fn as_str(&self) -> &str { &self.0 }

        }

        impl FromStr for $name {
            type Err = String;
            fn from_str(text: &str) -> Result<Self, String> {
                $check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }

        impl Deref for $name {
            type Target = str;
            fn deref(&self) -> &str { &self.0 }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool { self.0 == other }
        }

        impl PartialEq<String> for $name {
            fn eq(&self, other: &String) -> bool { self.0 == *other }
        }

        impl PartialEq<$name> for String {
            fn eq(&self, other: &$name) -> bool { *self == other.0 }
        }

        impl From<&$name> for String {
            fn from(name: &$name) -> Self { name.0.clone() }
        }
    )*};
}

/// `*`: any bucket, in the ARNs of a policy that is printed.
impl BucketName {
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }
}

impl TrailName {
    /// Returns `*`, which stands for any trail in the ARNs of a printed policy.
    #[must_use]
    pub(crate) fn any() -> Self {
        Self("*".to_owned())
    }
}

impl TrailArn {
    /// Returns the trail's name.
    #[must_use]
    pub(crate) fn trail(&self) -> &str {
        let resource = self.0.splitn(6, ':').nth(5).unwrap_or_default();
        resource.strip_prefix("trail/").unwrap_or_default()
    }
}

/// `*`: any topic, in the ARNs of a policy that is printed.
impl TopicName {
    #[must_use]
    pub fn any() -> Self {
        Self("*".to_owned())
    }
}

/// `o-*`: any organization, in the ARNs of a policy that is printed.
impl OrganizationId {
    #[must_use]
    pub fn any() -> Self {
        Self("o-*".to_owned())
    }
}

named! {
    /// Name of an S3 bucket.
    BucketName: check_bucket;
    /// Key prefix of log files, without slashes at its edges; may be empty.
    KeyPrefix: check_prefix;
    /// Name of an SNS topic.
    TopicName: check_topic;
    /// Name of a Lambda function.
    FunctionName: check_function;
    /// Name of an IAM role.
    RoleName: check_role;
    /// IAM path of a role.
    RolePath: check_role_path;
    /// Id of an AWS organization: `o-…`.
    OrganizationId: check_organization_id;
    /// Name of a trail.
    TrailName: check_trail;
    /// ARN of a trail.
    TrailArn: check_trail_arn;
    /// ARN of a role.
    RoleArn: check_role_arn;
    /// ARN of a managed policy that bounds a role.
    BoundaryArn: check_boundary_arn;
    /// ARN of a KMS key.
    KeyArn: check_key_arn;
    /// ARN of an SQS queue or SNS topic, none of them FIFO.
    DeadLetterArn: check_dead_letter_arn;
    /// ARN of an SNS topic that is not FIFO.
    TopicArn: check_topic_arn;
}

/// Returns the short form of a connection's name that goes into resource names: at most 20 characters of `[a-z0-9-]`.
#[must_use]
pub(crate) fn slug(name: &ConnectionName) -> String {
    let lower = name.as_str().to_ascii_lowercase();
    let slug = lower
        .split(|char: char| !char.is_ascii_lowercase() && !char.is_ascii_digit())
        .filter(|run| !run.is_empty())
        .collect::<Vec<_>>()
        .join("-");
    if slug == name.as_str() && slug.len() <= 20 {
        return slug;
    }
    let head = slug[..slug.len().min(15)].trim_end_matches('-');
    let hash = Sha256::digest(name.as_str().as_bytes());
    format!("{head}-{}", hex::encode(&hash[..2]))
}

/// Returns the default name of trail, topic, function and role.
#[must_use]
pub(crate) fn default_name(name: &ConnectionName) -> String {
    format!("sophos-ct-{}", slug(name))
}

/// Returns the default name of the log bucket: `sophos-ct-<slug>-<account>-<region>`, and `sophos-ct-<account>-<region>` for the
/// connection that has its default name, `aws-<account>`. It has at most 63 characters in every region.
///
/// All accounts of a partition share the names of buckets (S3 User Guide, "General purpose bucket naming rules"), so the account is
/// in each of them. No two connections of an account have one name: a slug is never empty.
#[must_use]
pub(crate) fn default_bucket(
    name: &ConnectionName,
    account: &AccountId,
    region: &Region,
) -> BucketName {
    if !has_default_name(name, account) {
        return bucket_of_slug(name, account, region);
    }
    let bucket = format!("sophos-ct-{account}-{region}");
    bucket.parse().expect("a default name fits S3")
}

/// Returns the name of a log bucket that repeats the account which is in the connection's name already. A bucket may have it, so
/// it counts as a default name too; `None` if there is no such name beside [`default_bucket`].
#[must_use]
pub(crate) fn repeating_bucket(
    name: &ConnectionName,
    account: &AccountId,
    region: &Region,
) -> Option<BucketName> {
    has_default_name(name, account).then(|| bucket_of_slug(name, account, region))
}

fn has_default_name(name: &ConnectionName, account: &AccountId) -> bool {
    name.as_str().strip_prefix("aws-") == Some(account.as_str())
}

fn bucket_of_slug(name: &ConnectionName, account: &AccountId, region: &Region) -> BucketName {
    let bucket = format!("sophos-ct-{}-{account}-{region}", slug(name));
    bucket.parse().expect("a default name fits S3")
}

fn all(text: &str, allowed: &str) -> bool {
    text.chars()
        .all(|char| char.is_ascii_alphanumeric() || allowed.contains(char))
}

fn edges(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_ip(text: &str) -> bool {
    text.parse::<std::net::Ipv4Addr>().is_ok()
}

/// Checks S3's rules for general purpose bucket names (S3 User Guide, bucketnamingrules). Names with dots are refused too,
/// because TLS does not cover them.
pub(crate) fn check_bucket(text: &str) -> Result<(), String> {
    let reserved_start = ["xn--", "sthree-", "amzn-s3-demo-"];
    let reserved_end = ["-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"];
    let fits = (3..=63).contains(&text.len())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && edges(text)
        && !reserved_start.iter().any(|start| text.starts_with(start))
        && !reserved_end.iter().any(|end| text.ends_with(end));
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-bucket", value = text))
    }
}

/// Checks CloudTrail's rules for trail names (CloudTrail User Guide, trail naming requirements).
fn check_trail(text: &str) -> Result<(), String> {
    let adjacent = text
        .as_bytes()
        .windows(2)
        .any(|pair| pair.iter().all(|byte| b"._-".contains(byte)));
    let fits = (3..=128).contains(&text.len())
        && all(text, "._-")
        && edges(text)
        && !adjacent
        && !is_ip(text);
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-trail", value = text))
    }
}

/// Checks SNS's rules for topic names. Names of FIFO topics are refused, because CloudTrail cannot use them.
pub(crate) fn check_topic(text: &str) -> Result<(), String> {
    let fits = (1..=256).contains(&text.len()) && all(text, "_-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-topic", value = text))
    }
}

/// Checks Lambda's rules for function names.
pub(crate) fn check_function(text: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&text.len()) && all(text, "_-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-function", value = text))
    }
}

/// Checks IAM's rules for role names.
pub(crate) fn check_role(text: &str) -> Result<(), String> {
    let fits = (1..=64).contains(&text.len()) && all(text, "_+=,.@-");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-role", value = text))
    }
}

/// Checks IAM's rules for paths: a path starts and ends with `/`.
pub(crate) fn check_role_path(text: &str) -> Result<(), String> {
    let fits = text.len() <= 512
        && text.starts_with('/')
        && text.ends_with('/')
        && text.chars().all(|char| char.is_ascii_graphic());
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-role-path", value = text))
    }
}

/// Checks CloudTrail's rule for key prefixes (at most 200 characters). Also refuses slashes at the edges, and characters that a
/// policy takes for a pattern or a variable, or does not accept (IAM: characters up to U+00FF).
pub(crate) fn check_prefix(text: &str) -> Result<(), String> {
    let fits = text.len() <= 200
        && text
            .chars()
            .all(|char| !char.is_control() && char <= '\u{ff}' && !"*?${}\\\"".contains(char))
        && !text.starts_with('/')
        && !text.ends_with('/')
        && !text.contains("//")
        // A URL cannot contain these parts.
        && !text.split('/').any(|part| part == "." || part == "..");
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-prefix", value = text))
    }
}

/// Parses a user's tag into key and value, within what IAM, S3, SNS, Lambda and CloudTrail all accept.
pub(crate) fn check_tag(text: &str) -> Result<(String, String), String> {
    let complaint = || t!("invalid-tag", value = text);
    let (key, value) = text.split_once('=').ok_or_else(complaint)?;
    let fits = |part: &str, max: usize| part.chars().count() <= max && all(part, " _.:/=+-@");
    let reserved = key.to_ascii_lowercase().starts_with("aws:") || key.starts_with("sophos-ct:");
    if key.is_empty() || reserved || !fits(key, 128) || !fits(value, 256) {
        return Err(complaint());
    }
    Ok((key.to_owned(), value.to_owned()))
}

/// Checks the id of an organization.
fn check_organization_id(text: &str) -> Result<(), String> {
    let rest = text.strip_prefix("o-").unwrap_or_default();
    let fits = (10..=32).contains(&rest.len())
        && rest
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    if fits {
        Ok(())
    } else {
        Err(t!("invalid-org-id", value = text))
    }
}

fn check_role_arn(text: &str) -> Result<(), String> {
    let arn: Arn = text.parse()?;
    let path = arn.resource.strip_prefix("role");
    let fits = path.and_then(|path| path.rsplit_once('/'));
    let fits = fits.is_some_and(|(path, name)| {
        check_role_path(&format!("{path}/")).is_ok() && check_role(name).is_ok()
    });
    if arn.service == "iam" && fits {
        Ok(())
    } else {
        Err(t!("invalid-role-arn", value = text))
    }
}

fn check_boundary_arn(text: &str) -> Result<(), String> {
    match text.parse::<Arn>()? {
        arn if arn.service == "iam" && arn.resource.starts_with("policy/") => Ok(()),
        _ => Err(t!("invalid-boundary", value = text)),
    }
}

/// Checks the ARN of a key. An alias is refused: in a policy it grants nothing (KMS Developer Guide, "Using aliases").
fn check_key_arn(text: &str) -> Result<(), String> {
    match text.parse::<Arn>()? {
        arn if arn.service == "kms" && is_key(&arn.resource) => Ok(()),
        _ => Err(t!("invalid-kms-key", value = text)),
    }
}

fn check_trail_arn(text: &str) -> Result<(), String> {
    match text.parse::<Arn>()? {
        arn if arn.service == "cloudtrail" && arn.resource.starts_with("trail/") => Ok(()),
        _ => Err(t!("invalid-trail", value = text)),
    }
}

/// Whether it is `key/` and something like a key id. KMS knows which ids exist.
fn is_key(resource: &str) -> bool {
    resource
        .strip_prefix("key/")
        .is_some_and(|id| !id.is_empty() && all(id, "-"))
}

fn check_dead_letter_arn(text: &str) -> Result<(), String> {
    match text.parse::<Arn>()? {
        arn if ["sqs", "sns"].contains(&arn.service.as_str())
            && !arn.resource.ends_with(".fifo") =>
        {
            Ok(())
        }
        _ => Err(t!("invalid-dead-letter", value = text)),
    }
}

/// Checks the ARN of a standard topic.
fn check_topic_arn(text: &str) -> Result<(), String> {
    match text.parse::<Arn>()? {
        arn if arn.service == "sns" && check_topic(&arn.resource).is_ok() => Ok(()),
        _ => Err(t!("invalid-topic-arn", value = text)),
    }
}

#[cfg(test)]
mod tests;
