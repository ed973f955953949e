//! The permissions that the calls of this family need.

use super::look::is_used;
use crate::{
    connection::Design,
    policy::grant::{Grant, Purpose},
};

/// The permissions on the bucket's notifications that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    if !is_used(design) {
        return Vec::new();
    }
    let mut actions = vec!["s3:GetBucketNotification"];
    match purpose {
        Purpose::Setup | Purpose::Remove => actions.push("s3:PutBucketNotification"),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    vec![Grant::new(&actions, design.bucket_arn())]
}
