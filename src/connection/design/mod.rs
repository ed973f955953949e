//! What a connection consists of in AWS: names, ARNs and documents, computed from its id and its answers.

mod documents;

use std::collections::{BTreeMap, BTreeSet};

use strum::{EnumString, VariantArray};

use super::{
    AccountId, Arn, ConnectionId, ConnectionName, Partition, Region, TAG_CONNECTION, TAG_VERSION,
    names::{
        self, BoundaryArn, BucketName, FunctionName, KeyArn, KeyPrefix, RoleName, RolePath,
        TopicName, TrailArn, TrailName,
    },
};

/// How the forwarder hears of log files (step 2 of the wizard). The ARNs are those of trails that were there before us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Feed {
    /// A trail of ours writes into a bucket of ours and notifies a topic of ours.
    New,
    /// An existing trail already notifies a topic. We only subscribe to it.
    Subscribe { trail: TrailArn },
    /// An existing trail gets a topic of ours.
    Trail { trail: TrailArn },
    /// The bucket notifies a topic of ours. The trail that writes into the bucket may not be visible.
    Bucket { trail: Option<TrailArn> },
    /// The bucket notifies EventBridge, and a rule of ours invokes the function. There is no topic.
    EventBridge { trail: Option<TrailArn> },
}

impl Feed {
    /// Returns the trail that was there before us.
    #[must_use]
    pub(crate) fn existing_trail(&self) -> Option<&TrailArn> {
        match self {
            Self::New => None,
            Self::Subscribe { trail } | Self::Trail { trail } => Some(trail),
            Self::Bucket { trail } | Self::EventBridge { trail } => trail.as_ref(),
        }
    }

    /// Whether the bucket itself notifies us, by an entry of ours or by EventBridge: of every file in it, whoever wrote that. A
    /// trail notifies of its own files.
    #[must_use]
    pub(crate) fn is_of_bucket(&self) -> bool {
        matches!(self, Self::Bucket { .. } | Self::EventBridge { .. })
    }
}

/// Answers that name or choose something that may not be ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, EnumString, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum Named {
    Resources,
    Trail,
    Notify,
    Bucket,
    Topic,
    Role,
    RoleArn,
    KmsKey,
    DeadLetter,
    Alarm,
}

impl Named {
    /// Returns the answer of a flag, if it is one of these.
    #[must_use]
    pub(crate) fn of_flag(flag: &str) -> Option<Self> {
        flag.parse().ok()
    }
}

/// The AWS organization that a connection collects from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Organization {
    /// `o-…`
    pub id: String,
    pub management: AccountId,
}

/// Everything that one connection should have in AWS. It is pure: the same input gives the same design on any machine.
#[derive(Clone, Debug)]
pub(crate) struct Design {
    pub id: ConnectionId,
    pub name: ConnectionName,
    pub account: AccountId,
    pub partition: Partition,
    pub region: Region,
    pub feed: Feed,
    pub organization: Option<Organization>,
    /// Name of our own trail.
    pub trail: TrailName,
    /// Empty if an existing bucket is not known yet.
    pub bucket: BucketName,
    /// Key prefix of the log files, without slashes at its edges. Empty if there is none.
    pub prefix: KeyPrefix,
    pub topic: TopicName,
    pub function: FunctionName,
    pub role: RoleName,
    /// IAM path, `/` by default.
    pub role_path: RolePath,
    /// Whether we write the role's policy. We do not if the user brought the role (`--role-arn`).
    pub own_role: bool,
    pub permissions_boundary: Option<BoundaryArn>,
    /// Days after which log files of a new bucket expire; `None` keeps them.
    pub retention_days: Option<i32>,
    /// Days that the function's own log is kept.
    pub log_retention_days: i32,
    /// Customer key of the log files.
    pub kms_key: Option<KeyArn>,
    /// SQS queue or SNS topic for events that the function could not handle.
    pub dead_letter: Option<Arn>,
    /// SNS topic that our alarms tell; `None` if the connection has no alarms.
    pub alarm: Option<Arn>,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// Answers that name a resource and were given in this run, not saved or filled in. If such a resource exists already, it is
    /// meant to be used.
    pub given: BTreeSet<Named>,
    /// Answers of the same kind that are only saved at Central.
    pub saved: BTreeSet<Named>,
    /// S3 is reached over plain http (sandbox): there is no statement that insists on TLS.
    pub plain_http: bool,
}

impl Design {
    #[must_use]
    pub(crate) fn role_arn(&self) -> String {
        format!(
            "arn:{}:iam::{}:role{}{}",
            self.partition, self.account, self.role_path, self.role
        )
    }

    #[must_use]
    pub(crate) fn role_policy_name(&self) -> String {
        self.id.part("Forwarder")
    }

    #[must_use]
    pub(crate) fn function_arn(&self) -> String {
        format!(
            "arn:{}:lambda:{}:{}:function:{}",
            self.partition, self.region, self.account, self.function
        )
    }

    #[must_use]
    pub(crate) fn permission_id(&self) -> String {
        self.id.part("Invoke")
    }

    #[must_use]
    pub(crate) fn log_group(&self) -> String {
        format!("/aws/lambda/{}", self.function)
    }

    #[must_use]
    pub(crate) fn log_group_arn(&self) -> String {
        format!(
            "arn:{}:logs:{}:{}:log-group:{}",
            self.partition,
            self.region,
            self.account,
            self.log_group()
        )
    }

    #[must_use]
    pub(crate) fn topic_arn(&self) -> String {
        format!(
            "arn:{}:sns:{}:{}:{}",
            self.partition, self.region, self.account, self.topic
        )
    }

    /// Whether the bucket has a name that we compute. Then an empty bucket without a mark may be ours.
    #[must_use]
    pub(crate) fn has_default_bucket(&self) -> bool {
        let (name, account, region) = (&self.name, &self.account, &self.region);
        self.bucket == names::default_bucket(name, account, region)
            || Some(&self.bucket) == names::repeating_bucket(name, account, region).as_ref()
    }

    #[must_use]
    pub(crate) fn bucket_arn(&self) -> String {
        format!("arn:{}:s3:::{}", self.partition, self.bucket)
    }

    /// Whether trail and bucket are ours.
    #[must_use]
    pub(crate) fn own_trail(&self) -> bool {
        self.feed == Feed::New
    }

    /// Whether the topic is ours.
    #[must_use]
    pub(crate) fn own_topic(&self) -> bool {
        !matches!(self.feed, Feed::Subscribe { .. } | Feed::EventBridge { .. })
    }

    /// Whether messages come through a topic at all.
    #[must_use]
    pub(crate) fn has_topic(&self) -> bool {
        !matches!(self.feed, Feed::EventBridge { .. })
    }

    /// Returns the name of the EventBridge rule.
    #[must_use]
    pub(crate) fn rule(&self) -> String {
        names::default_name(&self.name)
    }

    #[must_use]
    pub(crate) fn rule_arn(&self) -> String {
        format!(
            "arn:{}:events:{}:{}:rule/{}",
            self.partition,
            self.region,
            self.account,
            self.rule()
        )
    }

    /// Returns the ARN of the alarm with this name.
    #[must_use]
    pub(crate) fn alarm_arn(&self, name: &str) -> String {
        format!(
            "arn:{}:cloudwatch:{}:{}:alarm:{name}",
            self.partition, self.region, self.account
        )
    }

    /// Returns who invokes the function: the service, and the ARN that it acts for.
    #[must_use]
    pub(crate) fn invoker(&self) -> (&'static str, String) {
        if self.has_topic() {
            ("sns.amazonaws.com", self.topic_arn())
        } else {
            ("events.amazonaws.com", self.rule_arn())
        }
    }

    /// Returns the account that owns the trail: for an organization, the management account, whoever creates the trail.
    #[must_use]
    pub(crate) fn trail_owner(&self) -> &AccountId {
        let organization = self.organization.as_ref();
        organization.map_or(&self.account, |one| &one.management)
    }

    /// Returns the trail's ARN. It is known before our trail exists, so that policies can name it.
    #[must_use]
    pub(crate) fn trail_arn(&self) -> String {
        if let Some(trail) = self.feed.existing_trail() {
            return trail.to_string();
        }
        format!(
            "arn:{}:cloudtrail:{}:{}:trail/{}",
            self.partition,
            self.region,
            self.trail_owner(),
            self.trail
        )
    }

    /// Returns the prefix as it stands in keys: empty, or with `/` at its end.
    #[must_use]
    pub(crate) fn key_prefix(&self) -> String {
        if self.prefix.is_empty() {
            String::new()
        } else {
            format!("{}/", self.prefix)
        }
    }

    /// Returns what the key of every log file begins with.
    #[must_use]
    pub(crate) fn log_prefix(&self) -> String {
        format!("{}AWSLogs/", self.key_prefix())
    }

    /// Returns the queue for messages that SNS or EventBridge cannot deliver. Both take only SQS queues (SNS developer guide,
    /// "Dead-letter queues").
    #[must_use]
    pub(crate) fn redrive(&self) -> Option<String> {
        let queue = self.dead_letter.as_ref().filter(|arn| arn.service == "sqs");
        queue.map(ToString::to_string)
    }

    /// Returns the id of our entry in the bucket's notifications.
    #[must_use]
    pub(crate) fn notification_id(&self) -> String {
        self.id.part("Notify")
    }

    /// Returns the tags of everything that we create: ours and the user's.
    #[must_use]
    pub(crate) fn all_tags(&self) -> BTreeMap<String, String> {
        let mut tags = self.tags.clone();
        tags.insert(TAG_CONNECTION.to_owned(), self.id.to_string());
        tags.insert(TAG_VERSION.to_owned(), crate::VERSION.to_owned());
        tags
    }
}
