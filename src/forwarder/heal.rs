//! What Central knows to be missing: objects that were offered and never arrived (`retry`), and prefixes where files may have
//! been lost (`catchUp`). Worked off after an invocation's own files, within fifteen seconds and a fixed number of requests.
//! Central's word only says where to look: nothing outside the connection's own bucket and prefix is read.

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
    s3::Listing,
};

/// Files that are moved at the same time.
const AT_ONCE: usize = 8;
/// Time for it in one invocation.
const TIME: Duration = Duration::from_secs(15);
/// Keys of one page of a listing, as many as Central may be asked about at once.
const PAGE: u16 = 1000;
/// Files of one report at most.
const REPORTED: usize = 100;
/// A file is begun only while there are requests left for all that may be under way.
const ROOM: u32 = 8 * AT_ONCE as u32;

impl Forwarder {
    /// Works off what is missing until the deadline. A failure costs this attempt, not the invocation: Central says again what
    /// is still open.
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
                // To be gone on with in the next invocation, unless the lease has ended by then.
                Ok(Ok(false)) | Err(_) => {
                    self.backlog().catch_up.push_front(open);
                    break;
                }
                Ok(Err(refused)) => return report.trouble("catchUp", &refused.text()),
            }
        }
        // Offers of the catch-up may have told of more.
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

    /// Looks a prefix through, page by page; whether it came to its end. How far it has come is told only once the files of a
    /// page were dealt with, so that a run that is stopped is taken up where it was.
    async fn catch_up(
        &self,
        open: &mut Open,
        deadline: Instant,
        report: &mut Report<'_>,
    ) -> Result<bool, Refused> {
        let settings = &self.settings;
        loop {
            if self.meter.left() <= ROOM || Instant::now() >= deadline {
                return Ok(false);
            }
            let entry = &open.entry;
            let listing = Listing {
                prefix: &entry.prefix,
                after: open.done.as_deref().or(entry.start_after.as_deref()),
                most: PAGE,
                folders: false,
            };
            let page = self.s3.list(settings, listing).await?;
            // Of digests and whatever else lies there, Central is told nothing.
            let keys: Vec<&str> = page
                .keys
                .iter()
                .map(String::as_str)
                .filter(|key| LogKey::parse(key).is_some_and(|key| key.prefix == settings.prefix))
                .collect();
            let progress = Progress {
                prefix: &entry.prefix,
                lease: &entry.lease,
                up_to: open.done.as_deref(),
                end: false,
            };
            let ask = self
                .central
                .missing(settings, &entry.bucket, &keys, &progress);
            // Only what is on the page: Central cannot send us elsewhere.
            let wanted: BTreeSet<String> = ask.await?.into_iter().collect();
            let objects: Vec<Object> = keys
                .into_iter()
                .filter(|key| wanted.contains(*key))
                .map(|key| Object::new(entry.bucket.clone(), key.to_owned()))
                .collect();
            let all = objects.len();
            let known = self
                .move_all(objects, Whose::Centrals, deadline, report)
                .await;
            if known < all {
                return Ok(false);
            }
            open.done = page.keys.last().cloned().or(open.done.take());
            if !page.truncated {
                let entry = &open.entry;
                let progress = Progress {
                    prefix: &entry.prefix,
                    lease: &entry.lease,
                    up_to: open.done.as_deref(),
                    end: true,
                };
                let ask = self
                    .central
                    .missing(settings, &entry.bucket, &[], &progress);
                ask.await?;
                return Ok(true);
            }
        }
    }

    /// Delivers files, some at a time. Those that cannot be delivered are reported. How many of them Central knows of
    /// afterwards: a file that was offered is one that it asks for again by itself.
    pub(super) async fn move_all(
        &self,
        objects: Vec<Object>,
        whose: Whose,
        deadline: Instant,
        report: &mut Report<'_>,
    ) -> usize {
        let mut left = objects.into_iter();
        // Of what Central asks for, no more is begun than the requests suffice for.
        let objects = std::iter::from_fn(|| {
            let room = whose == Whose::Own || self.meter.left() > ROOM;
            left.next().filter(|_| room)
        });
        let rounds = match whose {
            Whose::Own => ROUNDS,
            Whose::Centrals => ONE_ROUND,
        };
        let mut moved = stream::iter(objects)
            .map(|object| async move {
                let begun = Instant::now();
                let moved = tokio::time::timeout_at(deadline, self.deliver(&object, rounds)).await;
                let late = || Trouble {
                    text: "the deadline came first".to_owned(),
                    offered: false,
                };
                (
                    object,
                    moved.unwrap_or_else(|_| Err(late())),
                    begun.elapsed(),
                )
            })
            .buffer_unordered(AT_ONCE);
        let mut known = 0;
        let mut undeliverable = Vec::new();
        while let Some((object, moved, time)) = moved.next().await {
            let reported = match &moved {
                Ok(Outcome::Gone) => Some(("gone", String::new())),
                Ok(Outcome::Archived(detail)) => Some(("archived", detail.clone())),
                Ok(Outcome::Denied(detail)) => Some(("denied", detail.clone())),
                Ok(Outcome::Stored(_) | Outcome::Skipped(_)) | Err(_) => None,
            };
            if let Some((outcome, detail)) = reported {
                let item = Undeliverable {
                    object,
                    outcome,
                    detail,
                };
                undeliverable.push((item, moved, time));
                continue;
            }
            known += usize::from(!matches!(moved, Err(Trouble { offered: false, .. })));
            report.file(&object, &moved, time);
        }
        for some in undeliverable.chunks(REPORTED) {
            let items: Vec<&Undeliverable> = some.iter().map(|(item, ..)| item).collect();
            let told = self.central.report(&self.settings, &items);
            let told = tokio::time::timeout_at(deadline, told).await;
            let told = match told {
                Ok(Ok(()) | Err(Refused::Deleted)) => Ok(()),
                Ok(Err(refused)) => Err(refused.text()),
                Err(_) => Err("report: the deadline came first".to_owned()),
            };
            known += some.len();
            for (item, moved, time) in some {
                let moved = match &told {
                    Ok(()) => moved.clone(),
                    Err(text) => Err(Trouble {
                        text: format!("{} ({})", text, item.outcome),
                        offered: true,
                    }),
                };
                report.file(&item.object, &moved, *time);
            }
        }
        known
    }
}

/// On whose behalf files are moved.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The invocation's own: it fails where they are not dealt with.
    Own,
    /// What Central knows to be missing.
    Centrals,
}
