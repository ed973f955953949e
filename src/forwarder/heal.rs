//! Delivers what Central knows to be missing: objects that were offered and never arrived (`retry`), and prefixes where files
//! may have been lost (`catchUp`). This happens after an invocation's own files, within fifteen seconds and a fixed number of
//! requests. Central says only where to search: the function reads nothing outside the connection's own bucket and prefix.

use std::{collections::BTreeSet, time::Duration};

use futures::{StreamExt, stream};
use tokio::time::Instant;

use crate::{
    backlog::Open,
    central::{Address, Progress, Refused, Undeliverable},
    deliver::{Forwarder, ONE_ROUND, ROUNDS},
    event::{LogKey, Object},
    meter,
    report::{Outcome, Report, Trouble},
    s3::{Listing, Page},
};

/// How many files are moved at the same time.
const AT_ONCE: usize = 8;
/// Time for healing in one invocation.
const TIME: Duration = Duration::from_secs(15);
/// Keys on one page of a listing: as many as one question to Central may hold.
const PAGE: u16 = 1000;
/// The most files in one report.
const REPORTED: usize = 100;
/// A file is begun only while more than this many requests are left: enough for all files that may be under way.
const ROOM: u32 = 8 * AT_ONCE as u32;

impl Forwarder {
    /// Delivers what is missing until the deadline. A failure ends this attempt but does not fail the invocation: Central
    /// reports again what is still open.
    pub(super) async fn heal(&self, deadline: Instant, report: &mut Report<'_>) {
        self.meter.allow(meter::HEALING);
        let deadline = deadline.min(Instant::now() + TIME);
        let mut tried = BTreeSet::new();
        self.offer_again(&mut tried, deadline, report).await;
        if let Some(told) = self.central.take_catch_up() {
            let open = told.into_iter().map(|entry| Open { entry, done: None });
            self.backlog().catch_up.extend(open);
        }
        while self.meter.left() > ROOM && Instant::now() < deadline {
            let Some(mut open) = self.backlog().catch_up.pop_front() else {
                break;
            };
            if open.entry.bucket != self.settings.bucket
                || !open.entry.prefix.starts_with(&self.settings.log_prefix())
            {
                report.ignore("foreignCatchUp", 1);
                continue;
            }
            let looked = self.catch_up(&mut open, deadline, report);
            match tokio::time::timeout_at(deadline, looked).await {
                Ok(Ok(true)) | Ok(Err(Refused::LeaseLost | Refused::Deleted)) => {}
                // The next invocation continues here, unless the lease has ended by then.
                Ok(Ok(false)) | Err(_) => {
                    self.backlog().catch_up.push_front(open);
                    break;
                }
                Ok(Err(refused)) => return report.trouble("catchUp", &refused.text()),
            }
        }
        // The answers to the offers of the catch-up may have named more.
        self.offer_again(&mut tried, deadline, report).await;
    }

    async fn offer_again(
        &self,
        tried: &mut BTreeSet<String>,
        deadline: Instant,
        report: &mut Report<'_>,
    ) {
        if self.meter.left() <= ROOM || Instant::now() >= deadline {
            return;
        }
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
        self.move_all(objects, Whose::Centrals, deadline, report)
            .await;
    }

    /// Goes through a prefix page by page and returns whether it reached the end. It reports its progress to Central only after
    /// all files of a page were dealt with, so that a run that was stopped continues where it was.
    async fn catch_up(
        &self,
        open: &mut Open,
        deadline: Instant,
        report: &mut Report<'_>,
    ) -> Result<bool, Refused> {
        loop {
            if self.meter.left() <= ROOM || Instant::now() >= deadline {
                return Ok(false);
            }
            let page = self.s3.list(&self.settings, listing(open)).await?;
            let objects = self.missing_of(open, &page).await?;
            let all = objects.len();
            let known = self
                .move_all(objects, Whose::Centrals, deadline, report)
                .await;
            if known < all {
                return Ok(false);
            }
            let last = page.objects.last().map(|one| one.key.clone());
            open.done = last.or(open.done.take());
            if !page.truncated {
                let bucket = &open.entry.bucket;
                let end = progress(open, true);
                let told = self.central.missing(&self.settings, bucket, &[], &end);
                told.await?;
                return Ok(true);
            }
        }
    }

    /// Asks Central which log files of a page it still wants. It is not asked about digests and other files that are not log
    /// files.
    async fn missing_of(&self, open: &Open, page: &Page) -> Result<Vec<Object>, Refused> {
        let settings = &self.settings;
        let bucket = &open.entry.bucket;
        let of_ours = |key: &LogKey| key.prefix == settings.prefix;
        let files = page.objects.iter();
        let files = files.filter(|one| LogKey::parse(&one.key).as_ref().is_some_and(of_ours));
        let files: Vec<_> = files.collect();
        let keys: Vec<&str> = files.iter().map(|one| one.key.as_str()).collect();
        let so_far = progress(open, false);
        let asked = self.central.missing(settings, bucket, &keys, &so_far);
        // Only what is on the page: Central cannot send us elsewhere.
        let wanted: BTreeSet<String> = asked.await?.into_iter().collect();
        let wanted = files.into_iter().filter(|one| wanted.contains(&one.key));
        let objects = wanted.map(|one| Object {
            last_modified: one.last_modified.clone(),
            ..Object::new(bucket.clone(), one.key.clone())
        });
        Ok(objects.collect())
    }

    /// Delivers files, some at a time, and reports those that cannot be delivered. Returns how many of the files Central knows
    /// of afterwards: it asks again by itself for a file that was offered.
    pub(super) async fn move_all(
        &self,
        objects: Vec<Object>,
        whose: Whose,
        deadline: Instant,
        report: &mut Report<'_>,
    ) -> usize {
        let mut left = objects.into_iter();
        // Files that Central asks for are begun only while enough requests are left.
        let objects = std::iter::from_fn(|| {
            let room = whose == Whose::Own || self.meter.left() > ROOM;
            left.next().filter(|_| room)
        });
        let mut moved = stream::iter(objects)
            .map(|object| self.move_one(object, whose, deadline))
            .buffer_unordered(AT_ONCE);
        let mut known = 0;
        let mut undeliverable = Vec::new();
        while let Some(one) = moved.next().await {
            match one.undeliverable() {
                Some(item) => undeliverable.push((item, one)),
                None => {
                    known += usize::from(!matches!(one.moved, Err(Trouble { offered: false, .. })));
                    report.file(&one.object, &one.moved, one.time);
                }
            }
        }
        for some in undeliverable.chunks(REPORTED) {
            known += some.len();
            self.tell(some, deadline, report).await;
        }
        known
    }

    async fn move_one(&self, object: Object, whose: Whose, deadline: Instant) -> One {
        let rounds = match whose {
            Whose::Own => ROUNDS,
            Whose::Centrals => ONE_ROUND,
        };
        let begun = Instant::now();
        let moved = tokio::time::timeout_at(deadline, self.deliver(&object, rounds)).await;
        let late = || Trouble {
            text: "the deadline came first".to_owned(),
            offered: false,
        };
        One {
            moved: moved.unwrap_or_else(|_| Err(late())),
            time: begun.elapsed(),
            object,
        }
    }

    /// Tells Central about files that cannot be delivered. A file counts as dealt with only if Central was told.
    async fn tell(
        &self,
        some: &[(Undeliverable, One)],
        deadline: Instant,
        report: &mut Report<'_>,
    ) {
        let items: Vec<&Undeliverable> = some.iter().map(|(item, _)| item).collect();
        let told = self.central.report(&self.settings, &items);
        let told = match tokio::time::timeout_at(deadline, told).await {
            Ok(Ok(()) | Err(Refused::Deleted)) => Ok(()),
            Ok(Err(refused)) => Err(refused.text()),
            Err(_) => Err("report: the deadline came first".to_owned()),
        };
        for (item, one) in some {
            let moved = match &told {
                Ok(()) => one.moved.clone(),
                Err(text) => Err(Trouble {
                    text: format!("{} ({})", text, item.outcome),
                    offered: true,
                }),
            };
            report.file(&one.object, &moved, one.time);
        }
    }
}

/// The next page of a prefix that is being searched.
fn listing(open: &Open) -> Listing<'_> {
    let entry = &open.entry;
    Listing {
        prefix: &entry.prefix,
        after: open.done.as_deref().or(entry.start_after.as_deref()),
        most: PAGE,
        folders: false,
    }
}

fn progress(open: &Open, end: bool) -> Progress<'_> {
    Progress {
        prefix: &open.entry.prefix,
        lease: &open.entry.lease,
        up_to: open.done.as_deref(),
        end,
    }
}

/// A file with what became of it.
struct One {
    object: Object,
    moved: Result<Outcome, Trouble>,
    time: Duration,
}

impl One {
    /// What is reported to Central about a file that cannot be delivered.
    fn undeliverable(&self) -> Option<Undeliverable> {
        let (outcome, detail) = match &self.moved {
            Ok(Outcome::Gone) => ("gone", String::new()),
            Ok(Outcome::Archived(detail)) => ("archived", detail.clone()),
            Ok(Outcome::Denied(detail)) => ("denied", detail.clone()),
            Ok(Outcome::Stored(_) | Outcome::Skipped(_)) | Err(_) => return None,
        };
        let object = self.object.clone();
        Some(Undeliverable {
            object,
            outcome,
            detail,
        })
    }
}

/// On whose behalf files are moved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Whose {
    /// The invocation's own files. It fails if they are not dealt with.
    Own,
    /// Files that Central knows to be missing.
    Centrals,
}
