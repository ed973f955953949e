//! Seeded randomness that decides which requests meet which fault, some of them in bursts.

use std::sync::Mutex;

/// What a request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// 429 or 503, with the seconds of `Retry-After`, if any.
    Busy(u16, Option<u64>),
    /// No answer; the server has not acted.
    Reset,
    /// The server has acted, but its answer breaks.
    Lost,
    /// The answer breaks in the middle.
    Half,
    /// The answer comes slowly.
    Slow,
    /// The upload URL has expired.
    Expired,
}

pub struct Dice {
    rolls: Mutex<Rolls>,
}

struct Rolls {
    random: fastrand::Rng,
    per_mille: u32,
    /// A burst: the fault, and how many more requests meet it.
    burst: Option<(Fault, u32)>,
}

impl Dice {
    pub fn new(seed: u64, per_mille: u32) -> Self {
        let random = fastrand::Rng::with_seed(seed);
        Self {
            rolls: Mutex::new(Rolls {
                random,
                per_mille,
                burst: None,
            }),
        }
    }

    /// Ends all faults from now on.
    pub fn rest(&self) {
        let mut rolls = self.rolls.lock().expect("nobody panics");
        rolls.per_mille = 0;
        rolls.burst = None;
    }

    /// The fault that the next request meets, chosen from these; `None` for no fault.
    pub fn roll(&self, faults: &[Fault]) -> Option<Fault> {
        let mut rolls = self.rolls.lock().expect("nobody panics");
        if let Some((fault, left)) = rolls.burst
            && faults.contains(&fault)
        {
            rolls.burst = left.checked_sub(1).map(|left| (fault, left));
            return Some(fault);
        }
        if rolls.random.u32(0..1000) >= rolls.per_mille {
            return None;
        }
        let fault = faults[rolls.random.usize(0..faults.len())];
        // One fault in four is the first of a burst.
        if rolls.random.u32(0..4) == 0 {
            rolls.burst = Some((fault, rolls.random.u32(2..20)));
        }
        Some(fault)
    }
}
