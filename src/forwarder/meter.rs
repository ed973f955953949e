//! Limits how many requests an invocation may send, so that a Central or a bucket that misbehaves cannot make it cost more.

use std::sync::atomic::{AtomicU32, Ordering};

/// Requests for one file of the invocation: three rounds of an offer (sent at most twice), a read, a listing to see whether the
/// key is there, and an upload; a sign-in and a repeated offer if the token was refused; the report of a file that cannot be
/// delivered.
pub const A_FILE: u32 = 24;
/// Requests that do not belong to a single file: a probe's listings, reads and sign-in, and the check of the bucket after a
/// denial.
pub const BESIDES: u32 = 48;
/// Requests for what Central knows to be missing, in one invocation.
pub const HEALING: u32 = 300;

/// Returns the most requests for an invocation's own files.
#[must_use]
pub fn own(files: u32) -> u32 {
    files.saturating_mul(A_FILE).saturating_add(BESIDES)
}

/// Returns the most requests that an invocation with this many files of its own sends, healing included.
#[must_use]
pub fn worst_case(files: u32) -> u32 {
    own(files).saturating_add(HEALING)
}

/// Counts down the requests that are left.
#[derive(Default)]
pub struct Meter(AtomicU32);

impl Meter {
    /// Allows this many requests from here on.
    pub fn allow(&self, requests: u32) {
        self.0.store(requests, Ordering::Relaxed);
    }

    /// Returns how many requests may still be sent.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts one request. It is called before each request and fails if none is left.
    pub fn spend(&self) -> Result<(), String> {
        let spent = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                left.checked_sub(1)
            });
        spent
            .map(drop)
            .map_err(|_| "the requests of this invocation are used up".to_owned())
    }
}
