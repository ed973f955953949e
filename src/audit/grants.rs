//! The permissions that an audit needs.

use crate::{connection::Design, policy::grant::Grant};

/// The permissions to compare the bucket with Central's receipts.
#[must_use]
pub(crate) fn grants(design: &Design) -> Vec<Grant> {
    vec![
        Grant::new(&["sts:GetCallerIdentity"], "*"),
        Grant::new(&["s3:ListBucket"], design.bucket_arn()),
    ]
}

/// The permissions that `--replay` needs besides: it sends files through the function.
#[must_use]
pub(crate) fn replay_grants(design: &Design) -> Vec<Grant> {
    vec![Grant::new(
        &["lambda:InvokeFunction"],
        design.function_arn(),
    )]
}

/// The permissions that `--certify` needs besides: it reads log files and digests.
#[must_use]
pub(crate) fn certify_grants(design: &Design) -> Vec<Grant> {
    let mut grants = reading(design);
    grants.push(Grant::new(&["cloudtrail:ListPublicKeys"], "*"));
    grants
}

/// The permissions to look for events of a run of `setup`, which works without them.
#[must_use]
pub(crate) fn fingerprint_grants(design: &Design) -> Vec<Grant> {
    let mut grants = reading(design);
    grants.push(Grant::new(&["s3:ListBucket"], design.bucket_arn()));
    grants
}

/// The permissions to read what CloudTrail writes.
fn reading(design: &Design) -> Vec<Grant> {
    let files = format!("{}/{}*", design.bucket_arn(), design.log_prefix());
    let mut grants = vec![Grant::new(&["s3:GetObject"], files)];
    if let Some(key) = &design.kms_key {
        grants.push(Grant::new(&["kms:Decrypt"], key.to_string()));
    }
    grants
}
