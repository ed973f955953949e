//! What Central knows to be missing: objects that were offered and never arrived (`retry`), and prefixes where files may have
//! been lost (`catchUp`). Worked off after an invocation's own files, within its deadline. Central's word only says where to
//! look: nothing outside the connection's own bucket and prefix is read.

use std::collections::{BTreeSet, VecDeque};

use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::{
    AT_ONCE,
    central::{Address, CatchUp, Progress},
    event::{LogKey, Object},
    report::Report,
    transfer::Forwarder,
};

/// Keys of one page of a listing, as many as Central may be asked about at once.
const PAGE: u16 = 1000;
/// Pages that one invocation looks through at most; the next one goes on.
const PAGES: usize = 50;
/// Objects to be offered again that are kept; Central repeats the others.
const MOST: usize = 1000;

/// What is still open.
#[derive(Default)]
pub struct Backlog {
    retry: VecDeque<Address>,
    catch_up: VecDeque<CatchUp>,
}

impl Backlog {
    /// Takes objects up that Central wants offered again.
    pub fn retry(&mut self, objects: Vec<Address>) {
        for address in objects {
            if self.retry.len() < MOST && !self.retry.contains(&address) {
                self.retry.push_back(address);
            }
        }
    }
}

impl Forwarder {
    pub(super) fn backlog(&self) -> std::sync::MutexGuard<'_, Backlog> {
        self.backlog.lock().expect("nobody panics while holding it")
    }

    /// Works off what is missing until the deadline. A failure costs this attempt, not the invocation: Central says again what
    /// is still open.
    pub(super) async fn heal(&self, deadline: Instant, report: &mut Report) {
        let mut tried = BTreeSet::new();
        self.offer_again(&mut tried, deadline, report).await;
        if let Some(told) = self.central.take_catch_up() {
            self.backlog().catch_up = told.into();
        }
        let mut pages = PAGES;
        while pages > 0 && Instant::now() < deadline {
            let Some(entry) = self.backlog().catch_up.pop_front() else {
                break;
            };
            if entry.bucket != self.settings.bucket
                || !entry.prefix.starts_with(&self.settings.log_prefix())
            {
                report.ignore("foreignCatchUp", 1);
                continue;
            }
            let looked = self.catch_up(entry, &mut pages, deadline, report);
            match tokio::time::timeout_at(deadline, looked).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => return report.trouble("catchUp", &error),
                Err(_) => return report.trouble("catchUp", "the deadline is near"),
            }
        }
        // Offers of the catch-up may have told of more.
        self.offer_again(&mut tried, deadline, report).await;
    }

    async fn offer_again(
        &self,
        tried: &mut BTreeSet<String>,
        deadline: Instant,
        report: &mut Report,
    ) {
        let told: Vec<Address> = self.backlog().retry.drain(..).collect();
        let mut objects = Vec::new();
        for Address { bucket, key } in told {
            match LogKey::parse(&key) {
                Some(parsed)
                    if bucket == self.settings.bucket && parsed.prefix == self.settings.prefix =>
                {
                    if tried.insert(key.clone()) {
                        objects.push(Object::new(bucket, key));
                    }
                }
                _ => report.ignore("foreignRetry", 1),
            }
        }
        self.move_all(objects, deadline, report).await;
    }

    /// Looks a prefix through, page by page. How far it has come is told only once the files of a page were dealt with, so that
    /// a run that is stopped is taken up where it was.
    async fn catch_up(
        &self,
        mut entry: CatchUp,
        pages: &mut usize,
        deadline: Instant,
        report: &mut Report,
    ) -> Result<(), String> {
        let settings = &self.settings;
        let mut done: Option<String> = None;
        loop {
            if *pages == 0 || Instant::now() >= deadline {
                self.backlog().catch_up.push_front(entry);
                return Ok(());
            }
            *pages -= 1;
            let after = entry.start_after.as_deref();
            let page = self.s3.list(settings, &entry.prefix, after, PAGE).await?;
            let progress = Progress {
                prefix: &entry.prefix,
                up_to: done.as_deref(),
                end: false,
            };
            let ask = self
                .central
                .missing(settings, &entry.bucket, &page.keys, &progress);
            let missing = ask.await.map_err(|refused| refused.text())?;
            // Only what is on the page: Central cannot send us elsewhere.
            let wanted: BTreeSet<String> = missing.into_iter().collect();
            let objects: Vec<Object> = page
                .keys
                .iter()
                .filter(|key| wanted.contains(*key))
                .map(|key| Object::new(entry.bucket.clone(), key.clone()))
                .collect();
            let all = objects.len();
            let moved = self.move_all(objects, deadline, report).await;
            if moved < all {
                return Err(format!(
                    "{} of {all} files of {} not delivered",
                    all - moved,
                    entry.prefix
                ));
            }
            done = page.keys.last().cloned().or(done);
            entry.start_after = done.clone().or(entry.start_after);
            if !page.truncated {
                let progress = Progress {
                    prefix: &entry.prefix,
                    up_to: done.as_deref(),
                    end: true,
                };
                let ask = self
                    .central
                    .missing(settings, &entry.bucket, &[], &progress);
                return ask.await.map(drop).map_err(|refused| refused.text());
            }
        }
    }

    /// Delivers files, some at a time; how many were dealt with.
    pub(super) async fn move_all(
        &self,
        objects: Vec<Object>,
        deadline: Instant,
        report: &mut Report,
    ) -> usize {
        let mut moved = stream::iter(objects)
            .map(|object| async move {
                let begun = Instant::now();
                let moved = tokio::time::timeout_at(deadline, self.deliver(&object)).await;
                let moved = moved.unwrap_or_else(|_| Err("the deadline came first".to_owned()));
                (object, moved, begun.elapsed())
            })
            .buffer_unordered(AT_ONCE);
        let mut dealt_with = 0;
        while let Some((object, moved, time)) = moved.next().await {
            dealt_with += usize::from(moved.is_ok());
            report.file(&object, &moved, time);
        }
        dealt_with
    }
}
