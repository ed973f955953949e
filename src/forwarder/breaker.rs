//! Decides when Central is not called: for as long as it asks (429, 503), and longer and longer while it fails or does not
//! answer. In an outage an invocation may lose only seconds, and the next ones less; otherwise executions would pile up and use
//! up the customer's concurrency.

use std::{
    sync::{Mutex, MutexGuard},
    time::{Duration, SystemTime},
};

use tokio::time::Instant;

use crate::{clock::Clock, http};

/// Time for a control call, its answer's body included.
const CALL: Duration = Duration::from_secs(5);
/// Time for a control call while Central has not yet answered this process.
const TRIAL: Duration = Duration::from_secs(3);
/// Time for a control call after one that failed. In an outage, about as many executions run at once as begin in this time.
const PROBE: Duration = Duration::from_secs(2);
/// After failures, one call in this many gets the full time, so that a Central that is merely slow is found again.
const PROBES: u32 = 4;
/// The longest time that one invocation waits for Central, for all its files together.
const PATIENCE: Duration = Duration::from_secs(3);
/// The longest pause in which Central is not called.
const LONGEST: Duration = Duration::from_secs(60);
/// The first pause after a call that was not answered; each further one doubles it.
const FIRST: Duration = Duration::from_secs(4);
/// The first pause after calls that failed quickly. They cost little, so the pause begins only after `QUICK` of them in a row.
const FIRST_QUICK: Duration = Duration::from_secs(1);
const QUICK: u32 = 3;

#[derive(Default)]
struct State {
    until: Option<SystemTime>,
    /// Central has answered this process.
    met: bool,
    /// Failed calls since the last one that was answered.
    strikes: u32,
    /// This process has stored an upload.
    stored: bool,
    /// Uploads that hung since the last one that was stored. Calls may be answered all the time, since uploads go to another
    /// host.
    hung: u32,
    /// Central gave no answer in time: waiting a moment will not help.
    hangs: bool,
    /// Until when this invocation waits at most.
    patient_until: Option<Instant>,
}

/// The breaker. There is one for the life of the process.
#[derive(Default)]
pub(crate) struct Breaker {
    clock: Clock,
    state: Mutex<State>,
}

impl Breaker {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("nobody panics while holding it")
    }

    /// Begins an invocation. It waits for a pause only if it is the first to meet it: if a pause has already begun, it does not
    /// wait.
    pub(crate) fn begin(&self) {
        let mut state = self.state();
        let open = self.is_open(&state);
        state.patient_until = open.then(Instant::now);
    }

    /// Waits until Central may be called. If that takes longer than this invocation waits, fails and says how long it takes.
    pub(crate) async fn ready(&self) -> Result<(), String> {
        loop {
            let pause = {
                let mut state = self.state();
                let left = state
                    .until
                    .and_then(|until| self.clock.left(until, LONGEST));
                let Some(left) = left else {
                    state.until = None;
                    return Ok(());
                };
                let now = Instant::now();
                let patient_until = *state.patient_until.get_or_insert(now + PATIENCE);
                if state.hangs || now + left > patient_until {
                    let seconds = left.as_secs() + 1;
                    return Err(format!("Central is not called for {seconds} more seconds"));
                }
                left
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Waits for as long as Central asked a call to wait, if this invocation waits that long. Returns whether it did.
    pub(crate) async fn wait(&self, pause: Duration) -> bool {
        let patient = {
            let now = Instant::now();
            let mut state = self.state();
            now + pause <= *state.patient_until.get_or_insert(now + PATIENCE)
        };
        if patient {
            tokio::time::sleep(pause).await;
        }
        patient
    }

    /// Returns how long the next call may take.
    #[must_use]
    pub(crate) fn time(&self) -> Duration {
        let state = self.state();
        match state.strikes {
            0 if state.met => CALL,
            0 => TRIAL,
            strikes if strikes % PROBES == 0 => CALL,
            _ => PROBE,
        }
    }

    /// Returns how long an upload may wait for Central without moving.
    #[must_use]
    pub(crate) fn upload_time(&self) -> Duration {
        let state = self.state();
        if state.stored && state.hung == 0 {
            http::IDLE
        } else {
            CALL
        }
    }

    /// Notes that an upload was stored.
    pub(crate) fn stored(&self) {
        let mut state = self.state();
        (state.stored, state.hung) = (true, 0);
    }

    /// Notes that an upload was not answered in time.
    pub(crate) fn upload_hung(&self) {
        let mut state = self.state();
        state.hangs = true;
        if self.is_open(&state) {
            return;
        }
        state.hung = state.hung.saturating_add(1);
        state.until = Some(self.clock.now() + grown(FIRST, state.hung - 1));
    }

    fn is_open(&self, state: &State) -> bool {
        state
            .until
            .is_some_and(|until| self.clock.left(until, LONGEST).is_some())
    }

    /// Notes that Central has answered.
    pub(crate) fn answered(&self) {
        let mut state = self.state();
        (state.met, state.strikes, state.hangs) = (true, 0, false);
    }

    /// Notes that Central asks not to be called for this long.
    pub(crate) fn asked(&self, pause: Duration) {
        let mut state = self.state();
        state.hangs = false;
        state.until = Some(self.clock.now() + pause.min(LONGEST));
    }

    /// Notes that a call has failed for good. `hangs` means that it was not answered in time.
    pub(crate) fn failed(&self, hangs: bool) {
        let mut state = self.state();
        // The files of one invocation fail together and count as one strike.
        if self.is_open(&state) {
            state.hangs |= hangs;
            return;
        }
        state.hangs = hangs;
        state.strikes = state.strikes.saturating_add(1);
        let (first, before) = if hangs {
            (FIRST, 1)
        } else {
            (FIRST_QUICK, QUICK)
        };
        let Some(further) = state.strikes.checked_sub(before) else {
            return;
        };
        state.until = Some(self.clock.now() + grown(first, further));
    }
}

/// Returns a pause that was doubled this often, at random between half of it and all of it, so that the processes of a function
/// do not all come back at once.
fn grown(first: Duration, doubled: u32) -> Duration {
    let pause = first * 2_u32.pow(doubled.min(6));
    pause.min(LONGEST).mul_f64(0.5 + random() / 2.0)
}

/// Returns a random number from 0 to 1. The standard library seeds its hashers at random.
pub(crate) fn random() -> f64 {
    use std::hash::{BuildHasher, Hasher, RandomState};
    let bits = RandomState::new().build_hasher().finish() >> 11;
    bits as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::tests::set_by_hand;

    fn ready(breaker: &Breaker) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build()
            .unwrap();
        runtime.block_on(breaker.ready()).is_ok()
    }

    /// Returns the seconds until it is ready again.
    fn pause(breaker: &Breaker, hand: &Mutex<Duration>) -> f64 {
        let mut waited = Duration::ZERO;
        while !ready(breaker) {
            *hand.lock().unwrap() += Duration::from_millis(100);
            waited += Duration::from_millis(100);
        }
        waited.as_secs_f64()
    }

    /// Returns how many seconds a pause may take that was doubled this often.
    fn doubled(often: i32) -> std::ops::RangeInclusive<f64> {
        let full = (4.0 * 2_f64.powi(often)).min(60.0);
        full / 2.0 - 0.1..=full + 0.1
    }

    #[test]
    fn a_central_that_does_not_answer_is_asked_ever_more_rarely_and_a_minute_apart_at_most() {
        let (clock, hand) = set_by_hand();
        let breaker = Breaker {
            clock,
            ..Breaker::default()
        };
        let mut pauses = Vec::new();
        for _ in 0..8 {
            breaker.begin();
            breaker.failed(true);
            // The other files of the same invocation.
            breaker.failed(true);
            let time = breaker.time();
            assert!(time == PROBE || (time == CALL && (pauses.len() + 1) % 4 == 0));
            pauses.push(pause(&breaker, &hand));
        }
        for (strike, pause) in (0..).zip(&pauses) {
            assert!(doubled(strike).contains(pause), "{strike}: {pause}");
        }
        breaker.answered();
        assert_eq!(breaker.time(), CALL);
    }

    #[test]
    fn uploads_that_hang_are_tried_ever_more_rarely_though_calls_are_answered() {
        let (clock, hand) = set_by_hand();
        let breaker = Breaker {
            clock,
            ..Breaker::default()
        };
        assert_eq!(breaker.upload_time(), CALL);
        breaker.stored();
        assert_eq!(breaker.upload_time(), http::IDLE);
        for strike in 0..6 {
            breaker.begin();
            breaker.answered();
            breaker.upload_hung();
            // The other files of the same invocation.
            breaker.upload_hung();
            assert_eq!(breaker.upload_time(), CALL);
            let pause = pause(&breaker, &hand);
            assert!(doubled(strike).contains(&pause), "{strike}: {pause}");
        }
        breaker.stored();
        assert_eq!(breaker.upload_time(), http::IDLE);
    }

    #[test]
    fn a_process_that_was_frozen_meanwhile_goes_on_at_once() {
        let (clock, hand) = set_by_hand();
        let breaker = Breaker {
            clock,
            ..Breaker::default()
        };
        // A minute at most, however long Central asks for.
        breaker.asked(Duration::from_secs(3600));
        assert!(!ready(&breaker));
        *hand.lock().unwrap() += Duration::from_secs(61);
        // The monotonic clock has not moved.
        assert!(ready(&breaker));
    }

    /// Counts how many executions run at once while Central hangs, if 100 new files come each second and each event is tried
    /// three times, as Lambda does. The free environment that was made first is taken. So environments that were idle for long,
    /// whose pauses have all ended, are used together.
    #[test]
    fn a_hanging_central_keeps_concurrency_low() {
        struct Process {
            breaker: Breaker,
            free_at: f64,
        }
        let (clock, hand) = set_by_hand();
        drop(clock);
        let start = *hand.lock().unwrap();
        let fresh = || {
            let hand = std::sync::Arc::clone(&hand);
            let read = move || SystemTime::UNIX_EPOCH + *hand.lock().unwrap();
            Process {
                breaker: Breaker {
                    clock: Clock::of(read),
                    ..Breaker::default()
                },
                free_at: 0.0,
            }
        };
        let mut processes: Vec<Process> = Vec::new();
        let mut peak = 0;
        // The attempts in each hundredth of a second: new files, and those of one and of three minutes ago.
        for step in 0..600_u32 * 100 {
            let now = f64::from(step) / 100.0;
            *hand.lock().unwrap() = start + Duration::from_secs_f64(now);
            let attempts = 1 + u32::from(now >= 60.0) + u32::from(now >= 180.0);
            for _ in 0..attempts {
                let free = processes.iter().position(|one| one.free_at <= now);
                let index = free.unwrap_or_else(|| {
                    processes.push(fresh());
                    processes.len() - 1
                });
                let process = &mut processes[index];
                process.breaker.begin();
                let time = process.breaker.time().as_secs_f64();
                let open = process.breaker.state().until;
                let open = open.and_then(|until| process.breaker.clock.left(until, LONGEST));
                if open.is_some() {
                    process.free_at = now + 0.02;
                } else {
                    process.free_at = now + time;
                    // The strike counts from the moment when the call has timed out.
                    *hand.lock().unwrap() = start + Duration::from_secs_f64(now + time);
                    process.breaker.failed(true);
                    *hand.lock().unwrap() = start + Duration::from_secs_f64(now);
                }
            }
            let running = processes.iter().filter(|one| one.free_at > now).count();
            peak = peak.max(running);
        }
        println!("at most {peak} executions at once");
        assert!(peak <= 450, "{peak}");
    }
}
