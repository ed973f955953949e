//! What can be seen of a bucket's notifications, as far as they concern us.

use aws_sdk_s3::types::NotificationConfiguration;

use crate::resources::seen::Seen;

/// Id that we give to the sending of a bucket's events to EventBridge: S3 gives none to this part.
pub(crate) const EVENTBRIDGE: &str = "EventBridge";

/// Our entry as S3 has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// There, with the planned content.
    AsPlanned,
    /// There under our id, with other content.
    Different,
}

/// The bucket's notifications as far as they concern us.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub ours: Option<Entry>,
    /// A rule that is not ours and that S3 would not accept together with ours: its id.
    pub overlapping: Option<String>,
    /// There are no notifications except ours.
    pub empty: bool,
    /// Events go to EventBridge.
    pub bridged: bool,
    /// All of it, as S3 has it.
    pub document: NotificationConfiguration,
}

/// What was seen of the notifications.
pub(crate) type Observed = Seen<State>;
