//! The permissions that the calls of this family need.

use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the bucket's notifications that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    if !design.feed.is_of_bucket() {
        return Vec::new();
    }
    let mut actions = vec!["s3:GetBucketNotification"];
    match purpose {
        Purpose::Setup | Purpose::Remove => actions.push("s3:PutBucketNotification"),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    vec![Grant::new(&actions, design.bucket_arn())]
}
