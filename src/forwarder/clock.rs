//! Wall-clock time for everything that outlives an invocation. Lambda freezes a process between invocations, and a monotonic
//! clock may stand still during that time (Lambda developer guide, "Lambda runtime environment lifecycle").

use std::time::{Duration, SystemTime};

/// A clock, which tests can set.
pub(crate) struct Clock(Box<dyn Fn() -> SystemTime + Send + Sync>);

impl Default for Clock {
    fn default() -> Self {
        Self(Box::new(SystemTime::now))
    }
}

impl Clock {
    /// Returns a clock that reads the time from somewhere else.
    #[cfg(test)]
    pub(crate) fn of(read: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self(Box::new(read))
    }

    #[must_use]
    pub(crate) fn now(&self) -> SystemTime {
        (self.0)()
    }

    /// Whether this much time has passed since then. If the clock was set back, it counts as passed.
    #[must_use]
    pub(crate) fn passed(&self, since: SystemTime, time: Duration) -> bool {
        self.now()
            .duration_since(since)
            .map_or(true, |passed| passed >= time)
    }

    /// Returns the time left until then. `None` if no time is left, or more than `most`: then the clock was set back, and
    /// nobody should wait that long.
    #[must_use]
    pub(crate) fn left(&self, until: SystemTime, most: Duration) -> Option<Duration> {
        let left = until.duration_since(self.now()).ok()?;
        (!left.is_zero() && left <= most).then_some(left)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// Returns a clock and the value that sets it: the time since 1970.
    pub(crate) fn set_by_hand() -> (Clock, Arc<Mutex<Duration>>) {
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
