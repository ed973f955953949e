//! One file a kind of AWS resource: look at it, create it, change it, undo it, and the IAM actions all that needs.
//! To add one: write its file with `observe`, its writes and `grants`, and give it rows in [`apply`] and [`grants`].
//! Which steps a run takes is decided in `plan`; nothing here decides.

/// The tags of everything that we create, as a list of one SDK's own type of tag: each service has one.
macro_rules! tags_as {
    ($tag:ty, $design:expr) => {
        $design
            .all_tags()
            .into_iter()
            .map(|(key, value)| {
                <$tag>::builder()
                    .key(key)
                    .value(value)
                    .build()
                    .expect("key and value are set")
            })
            .collect::<Vec<$tag>>()
    };
}

pub mod bucket;
pub mod document;
pub mod event_rule;
pub mod function;
pub mod log_group;
pub mod notification;
pub mod organization;
pub mod package;
pub mod role;
pub mod subscription;
pub mod topic;
pub mod trail;

use sha2::{Digest, Sha256};

use crate::{
    aws::{Aws, error::AwsError, wait::Waiting},
    connection::{ConnectionId, Design, Kind, TAG_CONNECTION},
    plan::{Action, Step},
    policy::grant::Grant,
    ui::{Code, Failure, Result, t},
};

/// What a look at AWS found. 403 is "unseen", never "absent".
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Seen<T> {
    #[default]
    Absent,
    There(T),
    /// The caller may not see it; the action that is missing.
    Unseen(&'static str),
}

impl<T> Seen<T> {
    #[must_use]
    pub fn there(&self) -> Option<&T> {
        if let Self::There(value) = self {
            Some(value)
        } else {
            None
        }
    }

    #[must_use]
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// What is there, turned into something else.
    #[must_use]
    pub fn map<U>(self, with: impl FnOnce(T) -> U) -> Seen<U> {
        self.and_then(|value| Some(with(value)))
    }

    /// What is found in what is there; absent where nothing is.
    #[must_use]
    pub fn and_then<U>(self, find: impl FnOnce(T) -> Option<U>) -> Seen<U> {
        match self {
            Self::There(value) => find(value).map_or(Seen::Absent, Seen::There),
            Self::Absent => Seen::Absent,
            Self::Unseen(action) => Seen::Unseen(action),
        }
    }

    /// The action that is missing, where it cannot be seen.
    #[must_use]
    pub fn unseen(&self) -> Option<&'static str> {
        if let Self::Unseen(action) = self {
            Some(action)
        } else {
            None
        }
    }

    /// What is there, before it is deleted: a denial is not an absence, and so ends here.
    ///
    /// # Errors
    /// Names the action that is missing.
    pub fn or_gone(self, arn: &str) -> Result<Option<T>> {
        match self {
            Self::There(value) => Ok(Some(value)),
            Self::Absent => Ok(None),
            Self::Unseen(action) => Err(unseen(arn, action)),
        }
    }
}

/// The refusal to change what cannot be looked at.
pub(crate) fn unseen(arn: &str, action: &str) -> Failure {
    Failure::new(
        Code::AwsPermission,
        t!("document-unseen", arn = arn, action = action),
    )
}

impl<T> Seen<Seen<T>> {
    /// Two looks as one.
    #[must_use]
    pub fn flatten(self) -> Seen<T> {
        match self {
            Self::There(seen) => seen,
            Self::Absent => Seen::Absent,
            Self::Unseen(action) => Seen::Unseen(action),
        }
    }
}

/// Turns an error into what was seen: these codes mean absent, a denial means unseen.
pub(crate) fn seen<T>(result: Result<T, AwsError>, absent: &[&str]) -> Result<Seen<T>, AwsError> {
    match result {
        Ok(value) => Ok(Seen::There(value)),
        Err(error) if absent.iter().any(|code| error.is(code)) => Ok(Seen::Absent),
        Err(error) if error.is_denied() => Ok(Seen::Unseen(error.action)),
        Err(error) => Err(error),
    }
}

/// The end of a change that may be repeated: these codes say that it is done already.
pub(crate) fn done_or<T>(result: Result<T, AwsError>, already: &[&str]) -> Result<()> {
    match result {
        Err(error) if !already.iter().any(|code| error.is(code)) => Err(error.into()),
        _ => Ok(()),
    }
}

/// Whether a resource carries our mark (SPEC 2.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mark {
    Ours,
    /// No mark of ours or of any connection.
    None,
    /// The mark of another connection: its id.
    Other(String),
    /// The caller may not read it.
    Unseen(&'static str),
}

impl Mark {
    pub(crate) fn of(id: ConnectionId, value: Option<&str>) -> Self {
        match value {
            Some(value) if value == id.to_string() => Self::Ours,
            Some(value) => Self::Other(value.to_owned()),
            None => Self::None,
        }
    }

    pub(crate) fn of_tags<'a>(
        id: ConnectionId,
        tags: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let value = tags
            .into_iter()
            .find(|(key, _)| *key == TAG_CONNECTION)
            .map(|(_, value)| value);
        Self::of(id, value)
    }

    /// `Ok` where it is ours; otherwise the refusal that names it.
    pub fn must_be_ours(&self, arn: &str) -> Result<()> {
        match self.complaint(arn) {
            None => Ok(()),
            Some(complaint) => Err(Failure::new(Code::Conflict, complaint)),
        }
    }

    /// Why this is not ours; `None` where it is.
    #[must_use]
    pub fn complaint(&self, arn: &str) -> Option<String> {
        match self {
            Self::Ours => None,
            Self::None => Some(t!("conflict-unmarked", arn = arn)),
            Self::Other(id) => Some(t!("conflict-other", arn = arn, id = id)),
            Self::Unseen(action) => Some(t!("conflict-unseen", arn = arn, action = action)),
        }
    }
}

/// What a write needs to know.
#[derive(Clone, Copy)]
pub struct Cx<'a> {
    pub aws: &'a Aws,
    pub design: &'a Design,
    /// Told when AWS has accepted something that is not visible everywhere yet.
    pub waiting: Waiting<'a>,
}

/// What the function runs: zip and settings.
#[derive(Clone, Debug)]
pub struct Deployment {
    pub package: package::Package,
    /// The function's whole environment.
    pub environment: std::collections::BTreeMap<String, String>,
}

/// SHA-256 (hex) of a function's environment, as the manifest holds it.
#[must_use]
pub fn environment_digest(environment: &std::collections::BTreeMap<String, String>) -> String {
    let text = serde_json::to_string(environment).expect("a map of strings is JSON");
    hex::encode(Sha256::digest(text.as_bytes()))
}

/// Carries one step out. Every create is safe to repeat: what is there already and ours counts as done.
pub async fn apply(cx: Cx<'_>, step: &Step, deployment: Option<&Deployment>) -> Result<()> {
    use Action::{Create, Delete, Modify, Restore};
    let deployed = || deployment.expect("steps that deploy the function come with a deployment");
    match (step.action, step.kind) {
        (Create, Kind::Role) => role::create(cx).await,
        (Modify, Kind::Role) => role::repair(cx).await,
        (Create | Modify, Kind::RolePolicy) => role::put_policy(cx).await,
        (Create | Modify, Kind::LogGroup) => log_group::create(cx).await,
        (Create, Kind::Topic) => topic::create(cx).await,
        (Create | Modify, Kind::TopicPolicyStatement) => topic::merge_policy(cx).await,
        (Create, Kind::Bucket) => bucket::create(cx).await,
        (Create | Modify, Kind::BucketPolicyStatement) => bucket::merge_policy(cx).await,
        (Create | Modify, Kind::Lifecycle) => bucket::put_lifecycle(cx, step.was_absent).await,
        (Create, Kind::Function) => function::create(cx, deployed()).await,
        (Modify, Kind::Function) => function::update(cx, deployed()).await,
        (Create, Kind::FunctionPermission) => function::permit(cx).await,
        (Create, Kind::Subscription) => subscription::create(cx).await,
        (Modify, Kind::TrailTopic) => trail::set_topic(cx).await,
        (Create | Modify, Kind::BucketNotification) => notification::merge(cx).await,
        (Create | Modify, Kind::EventRule) => event_rule::create(cx).await,
        (Create, Kind::TrustedAccess) => organization::enable_access(cx).await,
        (Create, Kind::ServiceLinkedRole) => organization::create_role(cx).await,
        (Create, Kind::Trail) => trail::create(cx).await,
        (Modify, Kind::Trail) => trail::repair(cx).await,
        (Delete, Kind::Subscription) => subscription::delete(cx).await,
        (Delete, Kind::Trail) => trail::delete(cx).await,
        (Delete, Kind::LogGroup) => log_group::delete(cx).await,
        (Delete, Kind::Function) => function::delete(cx).await,
        (Delete, Kind::RolePolicy) => role::delete_policy(cx).await,
        (Delete, Kind::Role) => role::delete(cx).await,
        (Delete, Kind::Topic) => topic::delete(cx).await,
        (Restore, Kind::BucketPolicyStatement) => bucket::restore_policy(cx).await,
        (Restore, Kind::TopicPolicyStatement) => topic::restore_policy(cx).await,
        (Delete, Kind::EventRule) => event_rule::delete(cx).await,
        (Restore, Kind::TrailTopic) => trail::unset_topic(cx).await,
        (Restore, Kind::BucketNotification) => notification::restore(cx).await,
        (Delete, Kind::Bucket) => bucket::delete_with_logs(cx).await,
        // Gone with the resource that they are part of.
        (Delete, Kind::FunctionPermission | Kind::TopicPolicyStatement | Kind::Lifecycle) => Ok(()),
        (action, kind) => unreachable!("no step does {action:?} on {kind:?}"),
    }
}

/// What permissions are asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Setup,
    Status,
    Remove,
    /// In addition to `Remove`: emptying and deleting the log bucket.
    RemoveLogs,
}

/// What a caller needs for a purpose, from the files that make the calls.
#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let mut grants = vec![Grant::new(&["sts:GetCallerIdentity"], "*")];
    for part in [
        trail::grants,
        organization::grants,
        bucket::grants,
        notification::grants,
        event_rule::grants,
        topic::grants,
        subscription::grants,
        function::grants,
        role::grants,
        log_group::grants,
    ] {
        grants.extend(part(design, purpose));
    }
    grants
}
