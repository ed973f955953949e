//! What a connection with new resources consists of: names, ARNs and documents, computed from its identity and answers.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    AccountId, ConnectionId, ConnectionName, Partition, Region, TAG_CONNECTION, TAG_VERSION,
};
use crate::policy;

/// Everything that is to exist in AWS for one connection. Pure: the same input gives the same design anywhere.
#[derive(Clone, Debug)]
pub struct Design {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub account: AccountId,
    pub partition: Partition,
    pub region: Region,
    pub trail: String,
    pub bucket: String,
    /// Key prefix of the log files, without slashes at its edges; empty where there is none.
    pub prefix: String,
    pub topic: String,
    pub function: String,
    pub role: String,
    /// IAM path, `/` by default.
    pub role_path: String,
    pub permissions_boundary: Option<String>,
    /// Days after which log files of a new bucket expire; `None` keeps them.
    pub retention_days: Option<i32>,
    /// Days that the function's own log is kept.
    pub log_retention_days: i32,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// S3 is reached over plain http (sandbox): no statement that insists on TLS.
    pub plain_http: bool,
}

impl Design {
    #[must_use]
    pub fn role_arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:role{}{}",
            self.partition, self.account, self.role_path, self.role
        )
    }

    #[must_use]
    pub fn role_policy_name(&self) -> String {
        self.id.part("Forwarder")
    }

    #[must_use]
    pub fn function_arn(&self) -> String {
        format!(
            "arn:{}:lambda:{}:{}:function:{}",
            self.partition, self.region, self.account, self.function
        )
    }

    #[must_use]
    pub fn permission_id(&self) -> String {
        self.id.part("Invoke")
    }

    #[must_use]
    pub fn log_group(&self) -> String {
        format!("/aws/lambda/{}", self.function)
    }

    #[must_use]
    pub fn log_group_arn(&self) -> String {
        format!(
            "arn:{}:logs:{}:{}:log-group:{}",
            self.partition,
            self.region,
            self.account,
            self.log_group()
        )
    }

    #[must_use]
    pub fn topic_arn(&self) -> String {
        format!(
            "arn:{}:sns:{}:{}:{}",
            self.partition, self.region, self.account, self.topic
        )
    }

    #[must_use]
    pub fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.bucket)
    }

    /// Known before the trail exists, so that policies can name it.
    #[must_use]
    pub fn trail_arn(&self) -> String {
        format!(
            "arn:{}:cloudtrail:{}:{}:trail/{}",
            self.partition, self.region, self.account, self.trail
        )
    }

    /// The prefix as it stands in keys: empty, or ending in `/`.
    #[must_use]
    pub fn key_prefix(&self) -> String {
        if self.prefix.is_empty() {
            String::new()
        } else {
            format!("{}/", self.prefix)
        }
    }

    /// What the role trusts.
    #[must_use]
    pub fn trust(&self) -> Value {
        policy::fill(include_str!("../../policies/role-trust.json"), &[])
    }

    /// The role's inline policy: read log files, write its own log, nothing else.
    #[must_use]
    pub fn role_policy(&self) -> Value {
        policy::fill(
            include_str!("../../policies/role-forwarder.json"),
            &[
                ("Partition", self.partition.as_str()),
                ("Region", self.region.as_str()),
                ("Account", self.account.as_str()),
                ("Bucket", &self.bucket),
                ("Prefix", &self.key_prefix()),
                ("Function", &self.function),
            ],
        )
    }

    /// Our statements of the bucket policy.
    #[must_use]
    pub fn bucket_statements(&self) -> Vec<Value> {
        let filled = policy::fill(
            include_str!("../../policies/bucket.json"),
            &[
                ("Id", &self.id.part_prefix()),
                ("Partition", self.partition.as_str()),
                ("Account", self.account.as_str()),
                ("Bucket", &self.bucket),
                ("Prefix", &self.key_prefix()),
                ("TrailArn", &self.trail_arn()),
            ],
        );
        let Value::Array(mut list) = filled else {
            unreachable!("policies/bucket.json is a list")
        };
        if self.plain_http {
            list.retain(|statement| statement["Effect"] != "Deny");
        }
        list
    }

    /// Ids of our statements of the bucket policy: also those that this machine would not write.
    #[must_use]
    pub fn bucket_statement_ids(&self) -> Vec<String> {
        ["AclCheck", "Write", "DenyInsecureTransport"]
            .map(|part| self.id.part(part))
            .to_vec()
    }

    /// Our statement of the topic policy.
    #[must_use]
    pub fn topic_statements(&self) -> Vec<Value> {
        let filled = policy::fill(
            include_str!("../../policies/topic.json"),
            &[
                ("Id", &self.id.part_prefix()),
                ("TopicArn", &self.topic_arn()),
                ("TrailArn", &self.trail_arn()),
            ],
        );
        let Value::Array(list) = filled else {
            unreachable!("policies/topic.json is a list")
        };
        list
    }

    #[must_use]
    pub fn topic_statement_ids(&self) -> Vec<String> {
        vec![self.id.part("Publish")]
    }

    /// The tags of everything that we create: ours and the user's.
    #[must_use]
    pub fn all_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.insert(TAG_CONNECTION.to_owned(), self.id.to_string());
        tags.insert(TAG_VERSION.to_owned(), crate::VERSION.to_owned());
        tags
    }
}
