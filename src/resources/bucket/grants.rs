//! The permissions that the calls of this family need.

use super::obstacles;
use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the bucket that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.bucket_arn();
    let mut looks = obstacles::actions(design, purpose);
    if !design.own_trail() {
        looks.push("s3:ListBucket");
        return vec![Grant::new(&looks, &arn)];
    }
    let mut grants = vec![Grant::new(
        &["s3:ListBucket", "s3:GetBucketPolicy", "s3:GetBucketTagging"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => grants.push(Grant::new(&of_setup(design, looks), &arn)),
        Purpose::Status if design.retention_days.is_some() => {
            grants.push(Grant::new(&["s3:GetLifecycleConfiguration"], &arn));
        }
        Purpose::Status => {}
        // `DeleteBucket` only deletes empty buckets: here one that a stopped run left behind before its first log file.
        Purpose::Remove => grants.push(Grant::new(
            &[
                "s3:PutBucketPolicy",
                "s3:DeleteBucketPolicy",
                "s3:DeleteBucket",
            ],
            &arn,
        )),
        Purpose::RemoveLogs => grants.extend(to_empty(&arn)),
    }
    grants
}

/// The actions of `setup`: reading what may stand in the way, then creating the bucket and its settings.
fn of_setup(design: &Design, looks: Vec<&'static str>) -> Vec<&'static str> {
    let mut actions = looks;
    actions.extend([
        "s3:CreateBucket",
        "s3:PutBucketTagging",
        "s3:PutBucketPolicy",
    ]);
    // The rules of others are kept if they can be read. The published policy only allows writing them, which is enough for a
    // new bucket.
    if design.retention_days.is_some() {
        actions.extend([
            "s3:GetLifecycleConfiguration",
            "s3:PutLifecycleConfiguration",
        ]);
    }
    actions
}

/// What it takes to find out that the bucket may be emptied, and to empty it.
fn to_empty(arn: &str) -> [Grant; 2] {
    [
        Grant::new(
            &[
                "s3:ListBucketVersions",
                "s3:GetBucketObjectLockConfiguration",
                "s3:GetBucketPolicy",
            ],
            arn,
        ),
        Grant::new(
            &["s3:DeleteObject", "s3:DeleteObjectVersion"],
            format!("{arn}/*"),
        ),
    ]
}
