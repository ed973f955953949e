//! What is to be removed.

use crate::{
    aws::Aws,
    connection::{ConnectionName, Design, Kind, Resources},
    resources::{
        families::{self, Observed},
        planned::Unseen,
        trail,
    },
    ui::Result,
};

/// What is to be removed: where, what it should consist of, and what is claimed to be ours.
pub(super) struct Target {
    pub(super) aws: Aws,
    pub(super) design: Design,
    pub(super) manifest: Resources,
    pub(super) observed: Observed,
    /// What carries the mark under other names than those in Central's settings.
    pub(super) elsewhere: Vec<String>,
    /// Other live connections that collect from the same bucket.
    pub(super) collected_by: Vec<ConnectionName>,
    /// What may be ours but cannot be read. Central would say what it is.
    pub(super) unread: Vec<Unseen>,
    /// The action that the caller lacks to find the topic that the function, which is gone, is subscribed to.
    pub(super) unlisted: Option<&'static str>,
    /// What carries the mark and stays: a later run finds what is unread by it.
    pub(super) traces: Vec<(Kind, String)>,
}

/// Observes what a design names.
pub(super) async fn observe(aws: &Aws, design: &Design) -> Result<Observed> {
    let trails = trail::list(aws).await?;
    let management = trail::management_trails(aws, &trails).await?;
    Ok(families::observe(aws, design, trails, management).await?)
}
