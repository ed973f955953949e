//! What can be seen of the topic.

use serde_json::Value;

use crate::resources::seen::{Owner, Seen};

/// A topic as it stands.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub owner: Owner,
    pub policy: Option<Value>,
    /// The key that encrypts the topic.
    pub kms_key: Option<String>,
    /// The number of confirmed and pending subscriptions. SNS reports it without `ListSubscriptionsByTopic`, which the published
    /// policy lacks.
    pub subscriptions: u32,
}

/// What was seen of the topic.
pub(crate) type Observed = Seen<State>;
