//! The documents of a design: the role's trust and policy, and our statements in shared policies.

use serde_json::Value;

use super::{Design, Feed};
use crate::policy;

impl Design {
    /// Returns the trust policy of the role.
    #[must_use]
    pub(crate) fn trust(&self) -> Value {
        policy::fill(include_str!("../../../policies/role-trust.json"), &[])
    }

    /// Returns the role's inline policy: to read log files and to write its own log, nothing else.
    #[must_use]
    pub(crate) fn role_policy(&self) -> Value {
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

    /// Returns our statements in the bucket policy. There are none in a bucket that a trail writes into that is not ours.
    #[must_use]
    pub(crate) fn bucket_statements(&self) -> Vec<Value> {
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

    /// Returns the ids of our statements in the bucket policy, including those that a run on this machine would not write.
    #[must_use]
    pub(crate) fn bucket_statement_ids(&self) -> Vec<String> {
        [
            "AclCheck",
            "Write",
            "DenyInsecureTransport",
            "OrganizationWrite",
        ]
        .map(|part| self.id.part(part))
        .to_vec()
    }

    /// Returns our statement in the topic policy: who may publish. There is none in a topic that we only subscribe to.
    #[must_use]
    pub(crate) fn topic_statements(&self) -> Vec<Value> {
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
    pub(crate) fn topic_statement_ids(&self) -> Vec<String> {
        vec![self.id.part("Publish")]
    }
}
