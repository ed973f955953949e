//! The permissions that an audit needs.

use crate::{connection::Design, policy::grant::Grant};

/// The permissions to compare the bucket with Central's receipts.
#[must_use]
pub(crate) fn grants(design: &Design) -> Vec<Grant> {
    let mut grants = vec![
        Grant::new(&["sts:GetCallerIdentity"], "*"),
        Grant::new(&["s3:ListBucket"], design.bucket_arn()),
    ];
    if !design.feed.is_of_bucket() {
        grants.push(Grant::new(&["cloudtrail:DescribeTrails"], "*"));
        // Where another trail writes into the same folders, digests tell whose a file is.
        grants.extend(reading(design, "*/CloudTrail-Digest/*"));
    }
    grants
}

/// The permissions that `--replay` needs besides: it sends files through the function.
#[must_use]
pub(crate) fn replay_grants(design: &Design) -> Vec<Grant> {
    vec![Grant::new(
        &["lambda:InvokeFunction"],
        design.function_arn(),
    )]
}

/// The permissions that `--certify` needs besides: it reads log files and digests, and looks for what may excuse that some are not
/// there or not signed: rules that let them expire, and other trails.
#[must_use]
pub(crate) fn certify_grants(design: &Design) -> Vec<Grant> {
    let mut grants = reading(design, "*");
    grants.push(Grant::new(
        &["s3:GetLifecycleConfiguration"],
        design.bucket_arn(),
    ));
    grants.push(Grant::new(&["cloudtrail:ListPublicKeys"], "*"));
    if design.feed.is_of_bucket() {
        grants.push(Grant::new(&["cloudtrail:DescribeTrails"], "*"));
    }
    grants
}

/// The permissions to look for events of a run of `setup`, which works without them.
#[must_use]
pub(crate) fn fingerprint_grants(design: &Design) -> Vec<Grant> {
    let mut grants = reading(design, "*");
    grants.push(Grant::new(&["s3:ListBucket"], design.bucket_arn()));
    grants
}

/// The permissions to read those of the objects that CloudTrail writes whose keys go on like this.
fn reading(design: &Design, keys: &str) -> Vec<Grant> {
    let files = format!("{}/{}{keys}", design.bucket_arn(), design.log_prefix());
    let mut grants = vec![Grant::new(&["s3:GetObject"], files)];
    if let Some(key) = &design.kms_key {
        grants.push(Grant::new(&["kms:Decrypt"], key.to_string()));
    }
    grants
}
