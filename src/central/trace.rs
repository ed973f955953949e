//! What `-v` and `--log-file` show of calls to Central: one event for each attempt.

use std::time::Instant;

use reqwest::Method;

use super::answer::{Answer, Refusal};

/// Writes the event of an attempt: never headers, queries or bodies.
pub(super) fn trace(
    method: &Method,
    url: &str,
    attempt: u32,
    begun: Instant,
    answer: &Result<Answer, Refusal>,
) {
    let (status, request_id, cause) = match answer {
        Ok(answer) => (Some(answer.status), answer.request_id.as_deref(), None),
        Err(refusal) => (
            refusal.status,
            refusal.request_id.as_deref(),
            refusal.cause.as_deref(),
        ),
    };
    tracing::debug!(
        %method,
        url,
        attempt,
        status = status.map(|status| status.as_u16()),
        ms = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX),
        request_id,
        cause,
        "Central"
    );
}
