//! Calls that wait for an answer: whom they ask, for which time, through which proxy, and since when. Those who make a call say
//! so here; `signs` shows it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
    time::{Duration, Instant},
};

use sophos_ct_forwarder::host::host_of;

use super::signs;

/// The calls of this process.
static CALLS: Mutex<Calls> = Mutex::new(Calls::none());

/// A call with all its attempts. It waits until this is dropped.
#[derive(Debug)]
pub(crate) struct Call(u64);

impl Call {
    /// Begins a call. `whom` is what it waits for until it asks a host.
    #[must_use]
    pub(crate) fn begin(whom: impl Into<String>) -> Self {
        Self(calls().begin(whom.into(), Instant::now()))
    }

    /// Says which URL the call asks, through which proxy, and for which time. Only the host of the URL is kept.
    pub(crate) fn asks(&self, url: &str, proxy: Option<String>, attempt: u32) {
        calls().asks(self.0, url, proxy, attempt);
    }
}

/// However a call ends: with an answer, with an error, or because it is given up.
impl Drop for Call {
    fn drop(&mut self) {
        calls().open.remove(&self.0);
        signs::refresh();
    }
}

/// Whom the program waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wait {
    pub(super) whom: String,
    pub(super) proxy: Option<String>,
    /// The highest of all calls that ask the same host.
    pub(super) attempt: u32,
    /// How long the first of these calls has waited.
    pub(super) time: Duration,
}

/// Returns whom the program has waited for at least this long, the longest wait first.
pub(super) fn waits(least: Duration) -> Vec<Wait> {
    calls().waits(least, Instant::now())
}

fn calls() -> MutexGuard<'static, Calls> {
    CALLS.lock().expect("nobody panics while holding it")
}

#[derive(Debug)]
struct Calls {
    next: u64,
    /// In the order in which they began.
    open: BTreeMap<u64, Open>,
}

#[derive(Debug)]
struct Open {
    whom: String,
    proxy: Option<String>,
    attempt: u32,
    since: Instant,
}

impl Calls {
    const fn none() -> Self {
        Self {
            next: 0,
            open: BTreeMap::new(),
        }
    }

    fn begin(&mut self, whom: String, since: Instant) -> u64 {
        let id = self.next;
        self.next += 1;
        let open = Open {
            whom,
            proxy: None,
            attempt: 1,
            since,
        };
        self.open.insert(id, open);
        id
    }

    fn asks(&mut self, id: u64, url: &str, proxy: Option<String>, attempt: u32) {
        if let Some(open) = self.open.get_mut(&id) {
            if let Ok(host) = host_of(url) {
                open.whom = host;
            }
            open.proxy = proxy;
            open.attempt = attempt;
        }
    }

    fn waits(&self, least: Duration, now: Instant) -> Vec<Wait> {
        let mut waits: Vec<Wait> = Vec::new();
        for open in self.open.values() {
            let time = now.saturating_duration_since(open.since);
            if time < least {
                continue;
            }
            match waits.iter_mut().find(|wait| wait.whom == open.whom) {
                Some(wait) => wait.attempt = wait.attempt.max(open.attempt),
                None => waits.push(Wait {
                    whom: open.whom.clone(),
                    proxy: open.proxy.clone(),
                    attempt: open.attempt,
                    time,
                }),
            }
        }
        waits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_to_one_host_are_one_wait_and_quick_ones_are_none() {
        let begun = Instant::now();
        let at = |seconds| begun + Duration::from_secs(seconds);
        let mut calls = Calls::none();
        let first = calls.begin("credentials".to_owned(), begun);
        let second = calls.begin("api.example.com".to_owned(), at(1));
        let third = calls.begin("api.example.com".to_owned(), at(2));
        calls.begin("quick.example.com".to_owned(), at(9));
        let proxy = Some("proxy:3128".to_owned());
        calls.asks(
            first,
            "https://someone@sts.example.com/?a=b",
            proxy.clone(),
            1,
        );
        calls.asks(third, "https://api.example.com/v1/secret", None, 3);
        let wait = |whom: &str, proxy, attempt, seconds| Wait {
            whom: whom.to_owned(),
            proxy,
            attempt,
            time: Duration::from_secs(seconds),
        };
        assert_eq!(
            calls.waits(Duration::from_secs(2), at(10)),
            [
                wait("sts.example.com", proxy, 1, 10),
                wait("api.example.com", None, 3, 9),
            ]
        );
        calls.open.remove(&first);
        calls.open.remove(&second);
        assert_eq!(
            calls.waits(Duration::from_secs(2), at(10)),
            [wait("api.example.com", None, 3, 8)]
        );
    }

    #[test]
    fn a_host_is_told_without_its_usual_port() {
        let of = |url| host_of(url).unwrap_or_default();
        assert_eq!(of("https://id.sophos.com:443/api"), "id.sophos.com");
        assert_eq!(of("http://127.0.0.1:4566"), "127.0.0.1:4566");
        assert_eq!(of("/no-host"), "");
    }
}
