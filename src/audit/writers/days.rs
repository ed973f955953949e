//! The digests of a day in a folder: which other trails have some, and which log files they list.

use std::{
    cell::OnceCell,
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    ops::RangeInclusive,
    pin::pin,
};

use futures::{StreamExt, stream};
use jiff::{Timestamp, civil::Date};

use crate::{
    audit::{
        Folder, Object, Objects, Place,
        certify::{Digest, DigestKey, Opened, Trail, opened},
        unlisted::Times,
        window::{day_in, each},
    },
    ui::Result,
};

/// How many digests of a day are read at the same time.
const AT_ONCE: usize = 8;

/// A digest that lies in the bucket.
pub(super) struct Listed {
    pub(super) key: DigestKey,
    object: Object,
}

/// Returns the digests of a folder, for each of these days.
pub(super) async fn list(
    place: &Place<'_>,
    folder: &Folder,
    days: RangeInclusive<Date>,
) -> Result<BTreeMap<Date, Vec<Listed>>> {
    let each = each(&days).into_iter();
    let mut found: BTreeMap<Date, Vec<Listed>> = each.map(|day| (day, Vec::new())).collect();
    let mut objects = Objects::new(place, &folder.digests, days);
    while let Some(object) = objects.next().await? {
        let day = day_in(&object.key, &folder.digests);
        let of_day = day.and_then(|day| found.get_mut(&day));
        if let (Some(of_day), Some(key)) = (of_day, DigestKey::parse(&object.key)) {
            of_day.push(Listed { key, object });
        }
    }
    Ok(found)
}

/// What is known of the digests of a day in a folder. Who wants to read them meanwhile waits until they are read.
#[derive(Debug, Default)]
pub(super) struct OfDay {
    /// The other trails that have some, if they were listed.
    pub(super) others: OnceCell<BTreeSet<String>>,
    /// What they say, if they were read. They need not be if all are of the connection's trail.
    pub(super) read: tokio::sync::OnceCell<Day>,
}

impl OfDay {
    pub(super) fn is_read(&self) -> bool {
        self.read.get().is_some()
    }
}

/// What the digests of a day in a folder say.
#[derive(Debug, Default)]
pub(super) struct Day {
    /// The log files that the digests list. There may be many, so only hashes of their keys are kept.
    pub(super) ours: HashSet<u64>,
    pub(super) theirs: HashSet<u64>,
    /// Whether digests of the connection's trail are there, whatever they say.
    pub(super) has_ours: bool,
    /// The times of which digests of the connection's trail tell.
    pub(super) told: Times,
    /// A digest of the connection's trail that may not be read.
    pub(super) closed: Option<String>,
    /// The end of the time of the latest digest of the connection's trail that is archived.
    pub(super) archived_until: Option<Timestamp>,
    /// Whether some digests may not be read.
    pub(super) is_unread: bool,
    /// Whether some digests are archived.
    pub(super) is_archived: bool,
}

impl Day {
    /// Reads these digests. The function hears of the files of the trails that are `heard`. What may not be read, or is not a digest,
    /// tells nothing.
    pub(super) async fn read(
        place: &Place<'_>,
        digests: Vec<Listed>,
        heard: &BTreeSet<Trail>,
    ) -> Result<Self> {
        let mut day = Self::default();
        let contents = stream::iter(digests)
            .map(|digest| async move {
                let content = opened(place, &digest.object).await;
                (digest, content)
            })
            .buffer_unordered(AT_ONCE);
        let mut contents = pin!(contents);
        while let Some((Listed { key, object }, content)) = contents.next().await {
            let ours = heard.contains(&key.trail);
            day.has_ours |= ours;
            match content? {
                Opened::Digest(digest) => day.add(place.bucket, ours, &object.key, &digest),
                Opened::Nothing => {}
                Opened::Archived => {
                    day.is_archived = true;
                    day.archived_until = day.archived_until.max(ours.then_some(key.end));
                }
                Opened::Closed => {
                    day.is_unread = true;
                    day.closed = day.closed.take().or(ours.then_some(object.key));
                }
            }
        }
        // What one of several does not list may be the other's.
        if heard.len() > 1 {
            day.told = Times::default();
        }
        Ok(day)
    }

    /// Notes the log files that a digest lists, and the time of which it tells if it is in its place. A backfill digest tells only of
    /// the files that it lists.
    pub(super) fn add(&mut self, bucket: &str, ours: bool, key: &str, digest: &Digest) {
        let is_whole = DigestKey::parse(key).is_some_and(|key| !key.backfill);
        if ours && is_whole && digest.bucket == bucket && digest.object == key {
            self.told.add(digest.start, digest.end);
        }
        let here = digest.files.iter().filter(|file| file.bucket == bucket);
        let keys = here.map(|file| hashed(&file.object));
        match ours {
            true => self.ours.extend(keys),
            false => self.theirs.extend(keys),
        }
    }
}

pub(super) fn hashed(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}
