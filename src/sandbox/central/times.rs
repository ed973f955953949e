//! Times as the contract writes them: RFC 3339, UTC.

use jiff::Timestamp;

/// The present time, to the millisecond.
#[must_use]
pub(crate) fn now() -> String {
    to_the_millisecond(Timestamp::now())
}

pub(super) fn to_the_millisecond(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S%.3fZ").to_string()
}

pub(super) fn to_the_second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
