//! How many requests an invocation may send: a hard limit, so that neither a Central nor a bucket that misbehaves can
//! make one cost more.

use std::sync::atomic::{AtomicU32, Ordering};

/// Requests for one file of the invocation: three rounds of an offer (sent twice at most), a read, a look whether the key
/// is there, and an upload; a sign-in and a repeated offer where the token was refused; the report of a file that cannot
/// be delivered.
pub const A_FILE: u32 = 24;
/// Requests besides: a probe's listings and its reads, its sign-in, and the look at the bucket after a denial.
pub const BESIDES: u32 = 48;
/// Requests for what Central knows to be missing, in one invocation.
pub const HEALING: u32 = 300;

/// The most requests for an invocation's own files.
#[must_use]
pub fn own(files: u32) -> u32 {
    files.saturating_mul(A_FILE).saturating_add(BESIDES)
}

/// The most requests that an invocation with so many files of its own sends, healing included.
#[must_use]
pub fn worst_case(files: u32) -> u32 {
    own(files).saturating_add(HEALING)
}

/// Counts requests down.
#[derive(Default)]
pub struct Meter(AtomicU32);

impl Meter {
    /// From here on so many requests may be sent.
    pub fn allow(&self, requests: u32) {
        self.0.store(requests, Ordering::Relaxed);
    }

    /// What may still be sent.
    #[must_use]
    pub fn left(&self) -> u32 {
        self.0.load(Ordering::Relaxed)
    }

    /// Before each request.
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
