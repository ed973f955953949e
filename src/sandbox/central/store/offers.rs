//! Files that were offered and have not arrived, and the uploads that are open for them.

use std::time::{Duration, Instant};

/// A file that was offered and has not arrived.
#[derive(Clone, Copy, Debug)]
pub struct Offer {
    pub since: Instant,
    /// When a caller is asked to offer it again.
    pub due: Instant,
    /// The pause after that.
    pub pause: Duration,
}

impl Offer {
    /// How long callers are asked for a file (`retry`).
    const LASTS: Duration = Duration::from_secs(14 * 24 * 3600);

    #[must_use]
    pub fn new(overdue: Duration) -> Self {
        let now = Instant::now();
        Self {
            since: now,
            due: now + overdue,
            pause: overdue,
        }
    }

    /// Whether it is time to ask for the file.
    #[must_use]
    pub fn is_due(&self) -> bool {
        self.due <= Instant::now() && self.since.elapsed() < Self::LASTS
    }

    /// Notes that a caller is asked. The next one is asked after a pause that doubles each time, up to a day.
    pub fn asked(&mut self, day: Duration) {
        self.due = Instant::now() + self.pause;
        self.pause = (self.pause * 2).min(day);
    }

    /// Puts the next question off for a day.
    pub fn rest(&mut self, day: Duration) {
        self.pause = day;
        self.due = Instant::now() + day;
    }
}

/// An upload URL that can still be used, and the object that it is for.
pub struct Upload {
    pub connection: String,
    pub bucket: String,
    pub key: String,
    pub etag: Option<String>,
    pub last_modified: Option<jiff::Timestamp>,
    pub until: Instant,
}
