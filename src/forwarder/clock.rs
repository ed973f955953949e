//! Wall-clock time for everything that outlives an invocation. Lambda freezes a process between invocations, and a
//! monotonic clock may stand still meanwhile (Lambda developer guide, "Lambda runtime environment lifecycle").

use std::time::{Duration, SystemTime};

/// Tells the time; a test sets it.
pub struct Clock(Box<dyn Fn() -> SystemTime + Send + Sync>);

impl Default for Clock {
    fn default() -> Self {
        Self(Box::new(SystemTime::now))
    }
}

impl Clock {
    /// A clock that reads the time from somewhere else.
    #[cfg(test)]
    pub fn of(read: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }

    #[must_use]
    pub fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// Whether this much time has passed since then. A clock that was set back has passed any time.
    #[must_use]
    pub fn passed(&self, since: SystemTime, time: Duration) -> bool {
        self.now()
            .duration_since(since)
            .map_or(true, |passed| passed >= time)
    }

    /// How long until then, `most` at the longest: a clock that was set back keeps nobody waiting.
    #[must_use]
    pub fn left(&self, until: SystemTime, most: Duration) -> Option<Duration> {
        let left = until.duration_since(self.now()).ok()?;
        (!left.is_zero() && left <= most).then_some(left)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A clock with its hand: the time since 1970.
    pub fn set_by_hand() -> (Clock, Arc<Mutex<Duration>>) {
        let hand = Arc::new(Mutex::new(Duration::from_secs(1_000_000)));
        let read = Arc::clone(&hand);
        let clock = Clock(Box::new(move || {
            SystemTime::UNIX_EPOCH + *read.lock().unwrap()
        }));
        (clock, hand)
    }

    #[test]
    fn a_clock_that_was_set_back_keeps_nobody_waiting() {
        let (clock, hand) = set_by_hand();
        let (then, minute) = (clock.now(), Duration::from_secs(60));
        assert_eq!(clock.left(then + minute, minute), Some(minute));
        assert!(!clock.passed(then, minute));
        *hand.lock().unwrap() -= Duration::from_secs(3600);
        assert_eq!(clock.left(then + minute, minute), None);
        assert!(clock.passed(then, minute));
    }
}
