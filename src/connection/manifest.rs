//! The manifest: what a connection consists of in AWS, as Central stores it (`Resources` of the contract).

use serde::{Deserialize, Serialize};

/// Kind of a resource or of a part of one (`Resource.kind` of the contract).
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::IntoStaticStr,
)]
#[serde(rename_all = "camelCase")]
#[strum(serialize_all = "camelCase")]
pub enum Kind {
    Trail,
    Bucket,
    Topic,
    Subscription,
    Function,
    Role,
    RolePolicy,
    LogGroup,
    BucketPolicyStatement,
    BucketNotification,
    TopicPolicyStatement,
    TrailTopic,
    FunctionPermission,
    Lifecycle,
    EventRule,
    TrustedAccess,
    ServiceLinkedRole,
    Alarm,
}

impl Kind {
    /// Returns the kind's name in the contract.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Who owns a resource, and so what `remove` does with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Ownership {
    /// We created it: `remove` deletes it.
    Created,
    /// A document that is not ours, with a part of ours in it: `remove` takes the part out.
    Modified,
    /// It is only used, and never touched.
    Used,
    /// A stack made it for this connection: `remove` keeps it and names it.
    External,
}

impl Ownership {
    /// Whether `remove` has something to take back.
    #[must_use]
    pub(crate) fn is_ours(self) -> bool {
        matches!(self, Self::Created | Self::Modified)
    }
}

/// One entry of the manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Resource {
    pub kind: Kind,
    /// ARN of the resource, or of the resource that the part belongs to (subscription: the topic).
    pub arn: String,
    /// Id of the part: the id of a statement or a policy; subscription: the function's ARN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    pub ownership: Ownership,
    /// For a part: whether the whole document was absent before us.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub was_absent: Option<bool>,
    /// SHA-256 (hex) of what was deployed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
}

/// The manifest of a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Resources {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forwarder_role: Option<String>,
    /// The role's unique id (`AROA…`): a role that is made later with the same name is another one.
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
    /// Returns the entry with this kind, ARN and part id.
    #[must_use]
    pub(crate) fn find(&self, kind: Kind, arn: &str, id: Option<&str>) -> Option<&Resource> {
        self.items
            .iter()
            .find(|item| item.kind == kind && item.arn == arn && item.id.as_deref() == id)
    }

    /// Whether the manifest says that we created or changed this resource or part.
    #[must_use]
    pub(crate) fn says_ours(&self, kind: Kind, arn: &str) -> bool {
        self.items
            .iter()
            .any(|item| item.kind == kind && item.arn == arn && item.ownership.is_ours())
    }

    /// Whether the manifest says that a stack has made this resource or part.
    #[must_use]
    pub(crate) fn says_external(&self, kind: Kind, arn: &str) -> bool {
        let mut external = self.external();
        external.any(|item| item.kind == kind && item.arn == arn)
    }

    /// Whether a stack has made what the connection consists of.
    #[must_use]
    pub(crate) fn is_adopted(&self) -> bool {
        self.external().next().is_some()
    }

    fn external(&self) -> impl Iterator<Item = &Resource> {
        let items = self.items.iter();
        items.filter(|item| item.ownership == Ownership::External)
    }
}
