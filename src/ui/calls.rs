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
        Self(calls().begin(whom.into(), Instant::now(), None))
    }

    /// The same for a call that is given up after this time.
    #[must_use]
    pub(crate) fn begin_for(whom: impl Into<String>, longest: Duration) -> Self {
        Self(calls().begin(whom.into(), Instant::now(), Some(longest)))
    }

    /// Says which URL the call asks, through which proxy, for which time, and of how many at most. Only the host of the URL is kept.
    pub(crate) fn asks(
        &self,
        url: &str,
        proxy: Option<String>,
        attempt: u32,
        attempts: Option<u32>,
    ) {
        calls().asks(self.0, url, proxy, (attempt, attempts));
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
    /// How many attempts there are at most.
    pub(super) attempts: Option<u32>,
    /// How long the first of these calls has waited.
    pub(super) time: Duration,
    /// When that call is given up.
    pub(super) longest: Option<Duration>,
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
    /// The attempt, and how many there are at most.
    attempt: (u32, Option<u32>),
    since: Instant,
    longest: Option<Duration>,
}

impl Calls {
    const fn none() -> Self {
        Self {
            next: 0,
            open: BTreeMap::new(),
        }
    }

    fn begin(&mut self, whom: String, since: Instant, longest: Option<Duration>) -> u64 {
        let id = self.next;
        self.next += 1;
        let open = Open {
            whom,
            proxy: None,
            attempt: (1, None),
            since,
            longest,
        };
        self.open.insert(id, open);
        id
    }

    fn asks(&mut self, id: u64, url: &str, proxy: Option<String>, attempt: (u32, Option<u32>)) {
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
                Some(wait) if wait.attempt < open.attempt.0 => {
                    (wait.attempt, wait.attempts) = open.attempt;
                }
                Some(_) => {}
                None => waits.push(Wait {
                    whom: open.whom.clone(),
                    proxy: open.proxy.clone(),
                    attempt: open.attempt.0,
                    attempts: open.attempt.1,
                    time,
                    longest: open.longest,
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
        let longest = Some(Duration::from_secs(120));
        let first = calls.begin("credentials".to_owned(), begun, None);
        let second = calls.begin("api.example.com".to_owned(), at(1), longest);
        let third = calls.begin("api.example.com".to_owned(), at(2), longest);
        calls.begin("quick.example.com".to_owned(), at(9), None);
        let proxy = Some("proxy:3128".to_owned());
        calls.asks(
            first,
            "https://someone@sts.example.com/?a=b",
            proxy.clone(),
            (1, None),
        );
        let url = "https://api.example.com/v1/secret";
        calls.asks(third, url, None, (3, Some(4)));
        let sts = Wait {
            whom: "sts.example.com".to_owned(),
            proxy,
            attempt: 1,
            attempts: None,
            time: Duration::from_secs(10),
            longest: None,
        };
        let api = |seconds| Wait {
            whom: "api.example.com".to_owned(),
            proxy: None,
            attempt: 3,
            attempts: Some(4),
            time: Duration::from_secs(seconds),
            longest,
        };
        assert_eq!(calls.waits(Duration::from_secs(2), at(10)), [sts, api(9)]);
        calls.open.remove(&first);
        calls.open.remove(&second);
        assert_eq!(calls.waits(Duration::from_secs(2), at(10)), [api(8)]);
    }

    #[test]
    fn a_host_is_told_without_its_usual_port() {
        let of = |url| host_of(url).unwrap_or_default();
        assert_eq!(of("https://id.sophos.com:443/api"), "id.sophos.com");
        assert_eq!(of("http://127.0.0.1:4566"), "127.0.0.1:4566");
        assert_eq!(of("/no-host"), "");
    }
}
