//! What a connection is judged by.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    central::model::{Connection, Statistics},
    connection::Design,
    plan,
    resources::{families::Observed, trail},
};

/// What a connection is judged by.
pub(crate) struct Evidence<'a> {
    pub connection: &'a Connection,
    /// What Central received in the last day, or why it does not say.
    pub statistics: Result<Statistics, String>,
    /// When the newest log file landed in the bucket, if that could be seen.
    pub newest: Option<Timestamp>,
    pub design: &'a Design,
    pub observed: &'a Observed,
    /// The environment that the function should have.
    pub environment: &'a BTreeMap<String, String>,
}

impl Evidence<'_> {
    /// The status of the connection's trail, if it can be seen.
    pub(super) fn trail_status(&self) -> Option<&trail::Status> {
        self.observed.trail.own.there()?.status.there()
    }

    /// Whether a stack owns the connection, because Central or the marks in AWS say so.
    pub(super) fn is_of_stack(&self) -> bool {
        self.connection.manifest().is_adopted() || plan::stack_stands(self.observed)
    }
}
