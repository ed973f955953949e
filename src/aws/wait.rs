//! Waits until a change that AWS has accepted is visible everywhere. Calls are repeated on certain errors; there are no fixed
//! sleeps.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use super::error::AwsError;

/// Called with what is being waited for, and for how long at most.
pub(crate) type Waiting<'a> = &'a dyn Fn(&str, Duration);

/// A [`Waiting`] that does nothing.
pub(crate) fn quietly(_: &str, _: Duration) {}

/// Runs `call` until it succeeds, fails with an error that `passing` does not know, or `budget` is over. The pause grows from
/// half a second to eight seconds. On failure, the last error is returned.
pub(crate) async fn until_accepted<T, F, Fut>(
    waiting: Waiting<'_>,
    budget: Duration,
    passing: impl Fn(&AwsError) -> Option<String>,
    mut call: F,
) -> Result<T, AwsError>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<T, AwsError>>,
{
    let end = Instant::now() + budget;
    let mut pause = Duration::from_millis(500);
    loop {
        let error = match call().await {
            Ok(value) => return Ok(value),
            Err(error) => error,
        };
        let now = Instant::now();
        match passing(&error) {
            Some(what) if now < end => {
                let left = end - now;
                tracing::debug!(action = error.action, code = error.code, "not accepted yet");
                waiting(&what, left);
                tokio::time::sleep(pause.min(left)).await;
                pause = (pause * 2).min(Duration::from_secs(8));
            }
            _ => return Err(error),
        }
    }
}

/// Calls `look` until it returns true or `budget` is over; then returns `Ok(false)`.
pub(crate) async fn until_visible<F, Fut, E>(
    waiting: Waiting<'_>,
    what: &str,
    budget: Duration,
    mut look: F,
) -> Result<bool, E>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Result<bool, E>>,
{
    let begun = Instant::now();
    let end = begun + budget;
    loop {
        if look().await? {
            return Ok(true);
        }
        let now = Instant::now();
        if now >= end {
            return Ok(false);
        }
        tracing::debug!(what, "not visible yet");
        waiting(what, end - now);
        // The pause grows with the time waited, so the wait is at most about a quarter longer than needed.
        let pause = ((now - begun) / 4).clamp(Duration::from_millis(200), Duration::from_secs(4));
        tokio::time::sleep(pause.min(end - now)).await;
    }
}
