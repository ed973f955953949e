//! The documents of a design: trust, the role's policy, and our statements of shared policies.

use serde_json::Value;

use super::{Design, Feed};
use crate::policy;

impl Design {
    /// What the role trusts.
    #[must_use]
    pub fn trust(&self) -> Value {
        policy::fill(include_str!("../../../policies/role-trust.json"), &[])
    }

    /// The role's inline policy: read log files, write its own log, nothing else.
    #[must_use]
    pub fn role_policy(&self) -> Value {
        let mut document = policy::fill(
            include_str!("../../../policies/role-forwarder.json"),
            &[
                ("Partition", self.partition.as_str()),
                ("Region", self.region.as_str()),
                ("Account", self.account.as_str()),
                ("Bucket", &self.bucket),
                ("Prefix", &self.key_prefix()),
                ("Function", &self.function),
            ],
        );
        if let (Some(key), Value::Array(statements)) = (&self.kms_key, &mut document["Statement"]) {
            statements.push(policy::fill(
                include_str!("../../../policies/role-decrypt.json"),
                &[("Key", key)],
            ));
        }
        if let (Some(target), Value::Array(statements)) =
            (&self.dead_letter, &mut document["Statement"])
        {
            let action = match target.service.as_str() {
                "sqs" => "sqs:SendMessage",
                _ => "sns:Publish",
            };
            statements.push(policy::fill(
                include_str!("../../../policies/role-dead-letter.json"),
                &[("Action", action), ("DeadLetter", &target.to_string())],
            ));
        }
        document
    }

    /// Our statements of the bucket policy; none in a bucket that a trail of somebody else writes into.
    #[must_use]
    pub fn bucket_statements(&self) -> Vec<Value> {
        if !self.own_trail() {
            return Vec::new();
        }
        let filled = policy::fill(
            include_str!("../../../policies/bucket.json"),
            &[
                ("Id", &self.id.part_prefix()),
                ("Partition", self.partition.as_str()),
                ("Account", self.trail_owner().as_str()),
                ("Bucket", &self.bucket),
                ("Prefix", &self.key_prefix()),
                ("TrailArn", &self.trail_arn()),
            ],
        );
        let Value::Array(mut list) = filled else {
            unreachable!("policies/bucket.json is a list")
        };
        if let Some(organization) = &self.organization {
            list.push(policy::fill(
                include_str!("../../../policies/bucket-organization.json"),
                &[
                    ("Id", &self.id.part_prefix()),
                    ("Partition", self.partition.as_str()),
                    ("Organization", &organization.id),
                    ("Bucket", &self.bucket),
                    ("Prefix", &self.key_prefix()),
                    ("TrailArn", &self.trail_arn()),
                ],
            ));
        }
        if self.plain_http {
            list.retain(|statement| statement["Effect"] != "Deny");
        }
        list
    }

    /// Ids of our statements of the bucket policy: also those that this machine would not write.
    #[must_use]
    pub fn bucket_statement_ids(&self) -> Vec<String> {
        [
            "AclCheck",
            "Write",
            "DenyInsecureTransport",
            "OrganizationWrite",
        ]
        .map(|part| self.id.part(part))
        .to_vec()
    }

    /// Our statement of the topic policy: who may publish. None in a topic that is only subscribed to.
    #[must_use]
    pub fn topic_statements(&self) -> Vec<Value> {
        let template = match self.feed {
            Feed::New | Feed::Trail { .. } => include_str!("../../../policies/topic.json"),
            Feed::Bucket { .. } => include_str!("../../../policies/topic-bucket.json"),
            Feed::Subscribe { .. } | Feed::EventBridge { .. } => return Vec::new(),
        };
        let filled = policy::fill(
            template,
            &[
                ("Id", &self.id.part_prefix()),
                ("TopicArn", &self.topic_arn()),
                ("TrailArn", &self.trail_arn()),
                ("BucketArn", &self.bucket_arn()),
                ("Account", self.account.as_str()),
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
}
