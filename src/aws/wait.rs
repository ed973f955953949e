//! Waiting for what AWS has accepted to become true everywhere: tried again on exact errors, never slept for.

use std::{future::Future, time::Duration};

use tokio::time::Instant;

use super::error::AwsError;

/// Told what is being waited for and how long at most.
pub type Waiting<'a> = &'a dyn Fn(&str, Duration);

/// Does nothing with what it is told.
pub fn quietly(_: &str, _: Duration) {}

/// Runs `call` until it succeeds, fails with an error that `passing` does not know, or `budget` is over; the
/// pause grows from half a second to eight. What was last refused is returned.
pub async fn until_accepted<T, F, Fut>(
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
                waiting(&what, left);
                tokio::time::sleep(pause.min(left)).await;
                pause = (pause * 2).min(Duration::from_secs(8));
            }
            _ => return Err(error),
        }
    }
}

/// Asks `look` until it says yes or `budget` is over; `Ok(false)` then.
pub async fn until_visible<F, Fut, E>(
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
        waiting(what, end - now);
        // At most a quarter longer than it takes.
        let pause = ((now - begun) / 4).clamp(Duration::from_millis(200), Duration::from_secs(4));
        tokio::time::sleep(pause.min(end - now)).await;
    }
}
