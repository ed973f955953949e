//! The manifest: what a connection consists of in AWS, as Central keeps it (`Resources` of the contract).

use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($name:ident => $text:literal),* $(,)?) => {
        /// Kind of a resource or of a part of one (`Resource.kind` of the contract).
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum Kind { $($name),* }

        impl Kind {
            pub const ALL: &[Self] = &[$(Self::$name),*];

            #[must_use]
            pub fn as_str(self) -> &'static str { match self { $(Self::$name => $text),* } }
        }
    };
}

kinds! {
    Trail => "trail",
    Bucket => "bucket",
    Topic => "topic",
    Subscription => "subscription",
    Function => "function",
    Role => "role",
    RolePolicy => "rolePolicy",
    LogGroup => "logGroup",
    BucketPolicyStatement => "bucketPolicyStatement",
    BucketNotification => "bucketNotification",
    TopicPolicyStatement => "topicPolicyStatement",
    TrailTopic => "trailTopic",
    FunctionPermission => "functionPermission",
    Lifecycle => "lifecycle",
    EventRule => "eventRule",
    TrustedAccess => "trustedAccess",
    ServiceLinkedRole => "serviceLinkedRole",
}

/// Whose a resource is, and so what `remove` does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Ownership {
    /// Created by us: `remove` deletes it.
    Created,
    /// Somebody else's document with a part of ours in it: `remove` takes the part out.
    Modified,
    /// Only used: never touched.
    Used,
    /// Made for this connection by a stack: kept and named.
    External,
}

impl Ownership {
    /// Whether `remove` has something to take back.
    #[must_use]
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Created | Self::Modified)
    }
}

/// One entry of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Resource {
    pub kind: Kind,
    /// Of the resource, or of the one that the part belongs to (subscription: the topic's).
    pub arn: String,
    /// Of the part: statement or policy id; subscription: the function's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    pub ownership: Ownership,
    /// For a part: whether the whole document was absent before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_absent: Option<bool>,
    /// SHA-256 (hex) of what was deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// The manifest of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Resources {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_role: Option<String>,
    /// The role's unique id (`AROA…`): a role of the same name that is made later is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_role_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_function: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_version: Option<String>,
    pub buckets: Vec<String>,
    pub items: Vec<Resource>,
    /// Set after the last AWS write.
    pub complete: bool,
}

impl Resources {
    /// The entry of this kind, arn and part id.
    #[must_use]
    pub fn find(&self, kind: Kind, arn: &str, id: Option<&str>) -> Option<&Resource> {
        self.items
            .iter()
            .find(|item| item.kind == kind && item.arn == arn && item.id.as_deref() == id)
    }

    /// Whether the manifest says that we created or changed this resource or part.
    #[must_use]
    pub fn says_ours(&self, kind: Kind, arn: &str) -> bool {
        self.items
            .iter()
            .any(|item| item.kind == kind && item.arn == arn && item.ownership.is_ours())
    }
}
