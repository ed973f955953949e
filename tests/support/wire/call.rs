//! A call of the program, and what can go wrong with one.

use std::time::Duration;

/// A call of the program that reached the wire.
#[derive(Clone, Debug)]
pub struct Call {
    /// `iam:CreateRole`, `s3:PutBucketPolicy`, `central:PUT connection`.
    pub name: String,
    pub write: bool,
    pub status: u16,
    /// When the call began and ended, measured from when the wire was laid.
    pub begun: Duration,
    pub ended: Duration,
}

/// A fault that one call meets, once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The throttling error of the AWS service, or 429 from Central.
    Throttled,
    Denied,
    /// A denial by a policy of the organization.
    Guarded,
    Internal,
    /// Status 400 with this code.
    Code(&'static str),
    /// The connection breaks; the server has not seen the call.
    Reset,
    /// The connection breaks after the server has acted.
    Lost,
}
