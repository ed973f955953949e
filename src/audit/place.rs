//! Where the log files lie.

use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;

use crate::{connection::AccountId, resources::trail};

/// The bucket of a connection, and where in it the log files are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place<'a> {
    pub s3: &'a aws_sdk_s3::Client,
    pub bucket: &'a str,
    /// The account that must own the bucket.
    pub owner: Option<&'a AccountId>,
    /// The key prefix: empty, or with `/` at its end.
    pub prefix: &'a str,
}

impl Place<'_> {
    /// What the key of every log file and digest begins with.
    #[must_use]
    pub(crate) fn root(&self) -> String {
        format!("{}AWSLogs/", self.prefix)
    }

    /// Whether a trail writes here.
    #[must_use]
    pub(super) fn is_of(&self, trail: &trail::State) -> bool {
        trail.bucket == self.bucket
            && trail.prefix.trim_matches('/') == self.prefix.trim_matches('/')
    }

    /// A listing of the objects whose keys begin with this prefix.
    pub(super) fn list(&self, prefix: &str) -> ListObjectsV2FluentBuilder {
        self.s3
            .list_objects_v2()
            .bucket(self.bucket)
            .set_expected_bucket_owner(self.owner.map(ToString::to_string))
            .prefix(prefix)
    }
}
