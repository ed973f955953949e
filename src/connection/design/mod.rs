//! What a connection consists of in AWS: names, ARNs and documents, computed from its identity and answers.

mod documents;

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AccountId, Arn, ConnectionId, ConnectionName, Partition, Region, TAG_CONNECTION, TAG_VERSION,
    names::{self, BucketName, FunctionName, KeyPrefix, RoleName, RolePath, TopicName},
};

/// How the forwarder hears of log files (step 2 of the wizard). ARNs are of trails that were there before us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Feed {
    /// A trail of ours writes into a bucket of ours and notifies a topic of ours.
    New,
    /// A trail that is there notifies a topic already, which is only subscribed to.
    Subscribe { trail: String },
    /// A trail that is there gets a topic of ours.
    Trail { trail: String },
    /// The bucket notifies a topic of ours; the trail that writes into it may be out of sight.
    Bucket { trail: Option<String> },
    /// The bucket tells EventBridge, and a rule of ours the function: no topic.
    EventBridge { trail: Option<String> },
}

impl Feed {
    /// The trail that was there before us.
    #[must_use]
    pub fn existing_trail(&self) -> Option<&str> {
        match self {
            Self::New => None,
            Self::Subscribe { trail } | Self::Trail { trail } => Some(trail),
            Self::Bucket { trail } | Self::EventBridge { trail } => trail.as_deref(),
        }
    }
}

/// Answers that name, or choose, what may not be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Named {
    Resources,
    Trail,
    Notify,
    Bucket,
    Topic,
    Role,
    RoleArn,
    KmsKey,
    DeadLetter,
}

impl Named {
    pub const ALL: [Self; 9] = [
        Self::Resources,
        Self::Trail,
        Self::Notify,
        Self::Bucket,
        Self::Topic,
        Self::Role,
        Self::RoleArn,
        Self::KmsKey,
        Self::DeadLetter,
    ];

    /// The answer of a flag, where it is one of these.
    #[must_use]
    pub fn of_flag(flag: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|named| named.flag() == flag)
    }

    /// The flag of the answer, without dashes.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::Resources => "resources",
            Self::Trail => "trail",
            Self::Notify => "notify",
            Self::Bucket => "bucket",
            Self::Topic => "topic",
            Self::Role => "role",
            Self::RoleArn => "role-arn",
            Self::KmsKey => "kms-key",
            Self::DeadLetter => "dead-letter",
        }
    }
}

/// The AWS organization that a connection collects from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Organization {
    /// `o-…`
    pub id: String,
    pub management: AccountId,
}

/// Everything that is to exist in AWS for one connection. Pure: the same input gives the same design anywhere.
#[derive(Clone, Debug)]
pub struct Design {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub account: AccountId,
    pub partition: Partition,
    pub region: Region,
    pub feed: Feed,
    pub organization: Option<Organization>,
    /// Name of our own trail.
    pub trail: String,
    /// Empty where an existing one is not known yet.
    pub bucket: BucketName,
    /// Key prefix of the log files, without slashes at its edges; empty where there is none.
    pub prefix: KeyPrefix,
    pub topic: TopicName,
    pub function: FunctionName,
    pub role: RoleName,
    /// IAM path, `/` by default.
    pub role_path: RolePath,
    /// Whether the role's policy is ours to write; not where somebody brought the role (`--role-arn`).
    pub own_role: bool,
    pub permissions_boundary: Option<String>,
    /// Days after which log files of a new bucket expire; `None` keeps them.
    pub retention_days: Option<i32>,
    /// Days that the function's own log is kept.
    pub log_retention_days: i32,
    /// Customer key of the log files.
    pub kms_key: Option<String>,
    /// SQS queue or SNS topic for events that the function could not handle.
    pub dead_letter: Option<Arn>,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// Answers that name a resource and were given in this run, not saved or filled in: one of them that is there already
    /// is meant to be used.
    pub given: BTreeSet<Named>,
    /// Answers of that kind that only Central has saved.
    pub saved: BTreeSet<Named>,
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

    /// Whether the bucket has the name that we compute: an empty one without a mark may then be ours.
    #[must_use]
    pub fn has_default_bucket(&self) -> bool {
        self.bucket == names::default_bucket(&self.name, &self.account, &self.region)
    }

    #[must_use]
    pub fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.bucket)
    }

    /// Whether trail and bucket are ours.
    #[must_use]
    pub fn own_trail(&self) -> bool {
        self.feed == Feed::New
    }

    /// Whether the topic is ours.
    #[must_use]
    pub fn own_topic(&self) -> bool {
        !matches!(self.feed, Feed::Subscribe { .. } | Feed::EventBridge { .. })
    }

    /// Whether messages come through a topic at all.
    #[must_use]
    pub fn has_topic(&self) -> bool {
        !matches!(self.feed, Feed::EventBridge { .. })
    }

    /// Name of the EventBridge rule.
    #[must_use]
    pub fn rule(&self) -> String {
        names::default_name(&self.name)
    }

    #[must_use]
    pub fn rule_arn(&self) -> String {
        format!(
            "arn:{}:events:{}:{}:rule/{}",
            self.partition,
            self.region,
            self.account,
            self.rule()
        )
    }

    /// Who invokes the function: the service, and the ARN that it acts for.
    #[must_use]
    pub fn invoker(&self) -> (&'static str, String) {
        if self.has_topic() {
            ("sns.amazonaws.com", self.topic_arn())
        } else {
            ("events.amazonaws.com", self.rule_arn())
        }
    }

    /// An organization's trail is the management account's, whoever makes it.
    #[must_use]
    pub fn trail_owner(&self) -> &AccountId {
        let organization = self.organization.as_ref();
        organization.map_or(&self.account, |one| &one.management)
    }

    /// Known before a trail of ours exists, so that policies can name it.
    #[must_use]
    pub fn trail_arn(&self) -> String {
        if let Some(trail) = self.feed.existing_trail() {
            return trail.to_owned();
        }
        format!(
            "arn:{}:cloudtrail:{}:{}:trail/{}",
            self.partition,
            self.region,
            self.trail_owner(),
            self.trail
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

    /// What the key of every log file begins with.
    #[must_use]
    pub fn log_prefix(&self) -> String {
        format!("{}AWSLogs/", self.key_prefix())
    }

    /// The queue for messages that SNS or EventBridge cannot deliver: both take SQS queues only (SNS developer guide,
    /// "Dead-letter queues").
    #[must_use]
    pub fn redrive(&self) -> Option<String> {
        let queue = self.dead_letter.as_ref().filter(|arn| arn.service == "sqs");
        queue.map(ToString::to_string)
    }

    /// Id of our entry in the bucket's notifications.
    #[must_use]
    pub fn notification_id(&self) -> String {
        self.id.part("Notify")
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
