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
mod tests;
