//! How long Central is tried: a few attempts with pauses between them, and an end to all of it.

use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use super::answer::Refusal;

/// How often a call is tried at most.
pub(super) const ATTEMPTS: u32 = 4;

/// When a call is given up, whatever it waits for.
pub(super) const LONGEST: Duration = Duration::from_secs(120);

/// How long a host may stay silent in one attempt. All attempts and the pauses between them fit into the whole.
pub(super) const SILENCE: Duration = Duration::from_secs(25);

/// The pause before the second attempt. Each further one is four times as long, and jitter makes each up to twice as long.
const PAUSE: Duration = Duration::from_millis(250);

/// Retry-After is honoured up to this: it is better to show a longer one than to wait for it.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The attempts of one call.
pub(super) struct Patience {
    begun: Instant,
    end: Instant,
    /// The attempt that is made, or was the last one.
    number: u32,
    pauses: ExponentialBackoff,
}

impl Patience {
    /// Begins to count attempts and time.
    pub(super) fn begin() -> Self {
        Self::of(ATTEMPTS, LONGEST, PAUSE)
    }

    fn of(attempts: u32, longest: Duration, pause: Duration) -> Self {
        let begun = Instant::now();
        let pauses = ExponentialBuilder::default()
            .with_jitter()
            .with_factor(4.0)
            .with_min_delay(pause)
            .with_max_times(attempts.saturating_sub(1) as usize);
        Self {
            begun,
            end: begun + longest,
            number: 1,
            pauses: pauses.build(),
        }
    }

    /// Tries until there is an answer, or a refusal that another attempt would not change, or until attempts or time are used up.
    /// `attempt` makes the attempt with this number. Called again, it goes on counting.
    pub(super) async fn tries<T, Fut>(
        &mut self,
        host: &str,
        attempt: impl Fn(u32) -> Fut,
    ) -> Result<T, Refusal>
    where
        Fut: Future<Output = Result<T, Refusal>>,
    {
        loop {
            let left = self.end.saturating_duration_since(Instant::now());
            let answer = tokio::time::timeout(left, attempt(self.number)).await;
            let mut refusal = match answer.unwrap_or_else(|_| Err(Refusal::late(host))) {
                Ok(answer) => return Ok(answer),
                Err(refusal) => refusal,
            };
            refusal.tried = Some((self.number, self.begun.elapsed()));
            let Some(pause) = self.pause(&refusal) else {
                return Err(refusal);
            };
            tokio::time::sleep(pause).await;
            self.number += 1;
        }
    }

    /// How long to wait for another attempt; `None` if there is none.
    fn pause(&mut self, refusal: &Refusal) -> Option<Duration> {
        if !refusal.passes() {
            return None;
        }
        let pause = self.pauses.next()?;
        let asked = refusal.retry_after.map(|after| after.min(LONGEST_PAUSE));
        let pause = asked.unwrap_or(pause);
        (Instant::now() + pause < self.end).then_some(pause)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use reqwest::StatusCode;

    use super::*;

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.unwrap().block_on(work)
    }

    /// A refusal with this status; none is a host that did not answer.
    fn refusal(status: Option<u16>) -> Refusal {
        Refusal {
            status: status.map(|status| StatusCode::from_u16(status).unwrap()),
            ..Refusal::late("https://central.example.com")
        }
    }

    const HOST: &str = "https://central.example.com";
    const SHORT: Duration = Duration::from_millis(1);
    const LONG: Duration = Duration::from_secs(3600);

    #[test]
    fn what_passes_is_tried_a_few_times_and_all_else_once() {
        for (status, attempts) in [
            (None, 4),
            (Some(503), 4),
            (Some(429), 4),
            (Some(403), 1),
            (Some(401), 1),
        ] {
            let made = Cell::new(0);
            let mut patience = Patience::of(4, LONG, SHORT);
            let refused = block_on(patience.tries(HOST, |number| {
                made.set(made.get() + 1);
                assert_eq!(number, made.get());
                async move { Err::<(), _>(refusal(status)) }
            }));
            let tried = refused.unwrap_err().tried.unwrap();
            assert_eq!((made.get(), tried.0), (attempts, attempts), "{status:?}");
        }
    }

    #[test]
    fn an_answer_ends_it_and_the_next_call_goes_on_counting() {
        let mut patience = Patience::of(4, LONG, SHORT);
        let second = |number| async move {
            match number {
                1 => Err(refusal(Some(503))),
                number => Ok(number),
            }
        };
        assert_eq!(block_on(patience.tries(HOST, second)).unwrap(), 2);
        assert_eq!(block_on(patience.tries(HOST, second)).unwrap(), 2);
    }

    #[test]
    fn a_host_that_never_ends_its_answer_is_given_up() {
        let mut patience = Patience::of(4, Duration::from_millis(20), SHORT);
        let silent = |_| std::future::pending::<Result<(), Refusal>>();
        let refused = block_on(patience.tries(HOST, silent)).unwrap_err();
        assert_eq!(refused.message, HOST);
        assert_eq!(refused.tried.unwrap().0, 1);
    }

    #[test]
    fn nobody_waits_for_an_attempt_that_would_come_too_late() {
        let mut patience = Patience::of(4, Duration::from_secs(30), SHORT);
        let busy = |_| async {
            let mut busy = refusal(Some(503));
            busy.retry_after = Some(LONG);
            Err::<(), _>(busy)
        };
        let refused = block_on(patience.tries(HOST, busy)).unwrap_err();
        let (attempts, time) = refused.tried.unwrap();
        assert_eq!(attempts, 1);
        assert!(time < Duration::from_secs(30));
    }

    #[test]
    fn all_attempts_at_a_silent_host_fit_into_the_whole() {
        let builder = ExponentialBuilder::default().with_factor(4.0);
        let builder = builder
            .with_min_delay(PAUSE)
            .with_max_times(ATTEMPTS as usize - 1);
        let pauses: Duration = builder.build().sum();
        assert!(SILENCE * ATTEMPTS + pauses * 2 < LONGEST);
    }
}
