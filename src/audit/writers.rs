//! Which trail wrote a log file, where several trails write into the same folders: the keys of digests name the trail, and digests
//! list its log files.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    ops::RangeInclusive,
    pin::pin,
    rc::Rc,
};

use futures::{StreamExt, stream};
use jiff::{Timestamp, civil::Date};

use super::{
    Choice, Folder, Object, Objects, Place, Source,
    certify::{Digest, DigestKey, Opened, Trail, opened},
    unlisted::{Times, Unlisted, is_before, is_young},
    window::day_in,
};
use crate::{
    connection::{Arn, Design, Region},
    resources::trail,
    ui::{Code, Failure, Result, t},
};

/// How many digests of a folder are read at the same time.
const AT_ONCE: usize = 8;

/// The trails whose log files the connection's function hears of, and others that write into the same folders.
#[derive(Debug)]
pub(crate) struct Trails {
    /// The connection's trail, and those that notify the same topic.
    heard: BTreeSet<Trail>,
    /// Others, as far as CloudTrail shows them, and whether they write in every region.
    others: BTreeMap<Trail, bool>,
    /// Whether the connection's trail is that of an organization, if that is known.
    of_organization: Option<bool>,
    /// What was seen of the writers of some days of a folder: each time that is looked at is read once.
    seen: RefCell<BTreeMap<Folder, Vec<Seen>>>,
    /// The same of days whose digests are read in any case.
    closely: RefCell<BTreeMap<(String, Date), Rc<Writers>>>,
    /// Whether CloudTrail shows the account's trails.
    shown: bool,
    /// Whether the connection's trail was made for it.
    is_new: bool,
}

/// Days of a folder, and who writes there.
type Seen = (RangeInclusive<Date>, Rc<Writers>);

impl Trails {
    /// Sorts the trails that CloudTrail shows. `None` where the bucket notifies, so that every file is heard of, and where the
    /// connection's trail is not known. `shown` is `None` if CloudTrail does not show them.
    #[must_use]
    pub(crate) fn new(
        design: &Design,
        place: &Place<'_>,
        shown: Option<&[trail::State]>,
    ) -> Option<Self> {
        if design.feed.is_of_bucket() {
            return None;
        }
        let are_shown = shown.is_some();
        let shown = shown.unwrap_or_default();
        let own: Arn = design.trail_arn().parse().ok()?;
        let is_own = |trail: &trail::State| trail.arn.parse::<Arn>().is_ok_and(|arn| arn == own);
        // Of the trails of other accounts, only those of its organization are visible in an account.
        let of_organization = match &design.organization {
            None if own.account == design.account.as_str() => {
                let own = shown.iter().find(|trail| is_own(trail));
                own.map(|own| own.organization)
            }
            _ => Some(true),
        };
        let topic = design.topic_arn();
        let (mut heard, mut others) = (BTreeSet::from([Trail::of(&own)?]), BTreeMap::new());
        for trail in shown {
            let Ok(arn) = trail.arn.parse::<Arn>() else {
                continue;
            };
            let beside = arn != own
                && arn.account == own.account
                && place.is_of(trail)
                && trail.organization == (of_organization == Some(true));
            let Some(name) = Trail::of(&arn).filter(|_| beside) else {
                continue;
            };
            if trail.topic_arn.as_ref() == Some(&topic) {
                heard.insert(name);
            } else {
                others.insert(name, trail.multi_region);
            }
        }
        Some(Self {
            heard,
            others,
            of_organization,
            seen: RefCell::default(),
            closely: RefCell::default(),
            shown: are_shown,
            is_new: design.own_trail(),
        })
    }

    /// Whether the connection's trail is that of an organization. `None` if CloudTrail does not show it.
    #[must_use]
    pub(super) fn of_organization(&self) -> Option<bool> {
        self.of_organization
    }

    /// The connection's trail, and those that notify the same topic.
    #[must_use]
    pub(super) fn heard(&self) -> &BTreeSet<Trail> {
        &self.heard
    }

    /// Says who has written the log files of these days in a folder. What was looked at before is not read again.
    pub(super) async fn writers(
        &self,
        place: &Place<'_>,
        folder: &Folder,
        days: &RangeInclusive<Date>,
    ) -> Result<Rc<Writers>> {
        if let Some(known) = self.known(folder, days) {
            return Ok(known);
        }
        let found = Rc::new(Writers::look(place, self, folder, days, false).await?);
        let mut seen = self.seen.borrow_mut();
        let of_folder = seen.entry(folder.clone()).or_default();
        of_folder.push((days.clone(), Rc::clone(&found)));
        Ok(found)
    }

    /// Whether it takes a closer look to say of a file that it is the connection's. It does if the file is to be sent, because
    /// CloudTrail does not show every trail that has ever written into a bucket, and if it shows none.
    #[must_use]
    pub(super) fn need_a_closer_look(&self, choice: Choice) -> bool {
        choice.replay || !self.shown
    }

    /// Says who wrote a log file, by the digests of its day, whoever else is known to write there.
    pub(super) async fn closely(
        &self,
        source: &Source<'_>,
        folder: &Folder,
        object: &Object,
        now: Timestamp,
    ) -> Result<WrittenBy> {
        let Some(day) = day_in(&object.key, &folder.logs) else {
            return Ok(WrittenBy::Unknown);
        };
        let writers = self.of_day(source.place, folder, day).await?;
        if let Some(by) = writers.listed(&object.key) {
            return Ok(by);
        }
        if let Some(key) = writers.closed.as_ref().filter(|_| source.choice.replay) {
            let text = t!("audit-replay-closed", key = key, action = "s3:GetObject");
            return Err(Failure::new(Code::AwsPermission, text));
        }
        let unlisted = Unlisted {
            told: writers.told.tell_of(object),
            alone: self.shown && writers.others.names.is_empty(),
            young: is_young(object, now),
            before: self.is_new && is_before(object, source.heard_since),
        };
        Ok(unlisted.by())
    }

    /// What the digests of a day say.
    async fn of_day(&self, place: &Place<'_>, folder: &Folder, day: Date) -> Result<Rc<Writers>> {
        let place_and_day = (folder.digests.clone(), day);
        let known = self.closely.borrow().get(&place_and_day).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let days = day..=day;
        let found = match self.known(folder, &days).filter(|known| known.are_read) {
            Some(known) => known,
            None => Rc::new(Writers::look(place, self, folder, &days, true).await?),
        };
        let mut closely = self.closely.borrow_mut();
        closely.insert(place_and_day, Rc::clone(&found));
        Ok(found)
    }

    /// Whether the connection's trail, or one that notifies the same topic, has digests of these days in a folder.
    pub(super) async fn have_digests(
        &self,
        place: &Place<'_>,
        folder: &Folder,
        days: &RangeInclusive<Date>,
    ) -> Result<bool> {
        let mut objects = Objects::new(place, &folder.digests, days.clone());
        while let Some(object) = objects.next().await? {
            let key = DigestKey::parse(&object.key);
            if key.is_some_and(|key| self.heard.contains(&key.trail)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether it is not known if the connection's trail, which was there before, is that of an organization.
    #[must_use]
    pub(crate) fn may_be_of_organization(&self) -> bool {
        !self.is_new && self.of_organization.is_none()
    }

    /// Whether some of the digests that a closer look has needed may not be read.
    #[must_use]
    pub(super) fn have_unread(&self) -> bool {
        let closely = self.closely.borrow();
        closely.values().any(|writers| writers.others.unread)
    }

    /// What was seen of a time that holds these days.
    fn known(&self, folder: &Folder, days: &RangeInclusive<Date>) -> Option<Rc<Writers>> {
        let seen = self.seen.borrow();
        let mut seen = seen.get(folder)?.iter();
        let found =
            seen.find(|(known, _)| known.contains(days.start()) && known.contains(days.end()));
        found.map(|(_, writers)| Rc::clone(writers))
    }

    /// The names of the others that write into the folders of a region.
    fn others_in(&self, region: &Region) -> BTreeSet<String> {
        let others = self.others.iter();
        let others = others.filter(|(trail, everywhere)| **everywhere || trail.home == *region);
        others.map(|(trail, _)| trail.name.clone()).collect()
    }
}

/// Other trails that write into the same folders as the connection's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Others {
    pub names: BTreeSet<String>,
    /// Whether digests, which tell whose a file is, may not be read.
    pub unread: bool,
}

impl Others {
    /// Adds what is known of another folder.
    pub(super) fn add(&mut self, more: &Self) {
        self.names.extend(more.names.iter().cloned());
        self.unread |= more.unread;
    }
}

/// Who wrote a log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenBy {
    /// The connection's trail: its digests list the file, or nobody else writes there.
    Ours,
    /// Only digests of another trail list the file, or those of the connection's trail, which tell of its time, do not.
    Another,
    /// Another trail may have written it: no digest lists the file, or none that can be read.
    Unknown,
}

/// What is known of the writers of a folder.
#[derive(Debug, Default)]
pub(crate) struct Writers {
    pub others: Others,
    /// The log files that the digests list. There may be many, so only hashes of their keys are kept.
    ours: HashSet<u64>,
    theirs: HashSet<u64>,
    /// The times of which digests of the connection's trail tell.
    told: Times,
    /// A digest of the connection's trail that may not be read.
    closed: Option<String>,
    are_read: bool,
}

impl Writers {
    /// Looks who has written the log files of these days in a folder. Digests are read only if another trail writes there too, or
    /// if it `must` be. A digest may be a day later than the files that it lists.
    async fn look(
        place: &Place<'_>,
        trails: &Trails,
        folder: &Folder,
        days: &RangeInclusive<Date>,
        must: bool,
    ) -> Result<Self> {
        let end = days.end().tomorrow().unwrap_or(*days.end());
        let mut objects = Objects::new(place, &folder.digests, *days.start()..=end);
        let mut found = Self {
            others: Others {
                names: trails.others_in(&folder.region),
                unread: false,
            },
            ..Self::default()
        };
        let mut digests: Vec<(bool, Object)> = Vec::new();
        while let Some(object) = objects.next().await? {
            let Some(key) = DigestKey::parse(&object.key) else {
                continue;
            };
            let ours = trails.heard.contains(&key.trail);
            if !ours {
                found.others.names.insert(key.trail.name);
            }
            digests.push((ours, object));
        }
        if must || !found.others.names.is_empty() {
            found.read(place, digests).await?;
            found.are_read = true;
        }
        // What one of several does not list may be the other's.
        if trails.heard.len() > 1 {
            found.told = Times::default();
        }
        Ok(found)
    }

    /// Notes what these digests list. What may not be read, or is not a digest, tells nothing.
    async fn read(&mut self, place: &Place<'_>, digests: Vec<(bool, Object)>) -> Result<()> {
        let contents = stream::iter(digests)
            .map(|(ours, object)| async move {
                let content = opened(place, &object).await;
                (ours, object.key, content)
            })
            .buffer_unordered(AT_ONCE);
        let mut contents = pin!(contents);
        while let Some((ours, key, content)) = contents.next().await {
            match content? {
                Opened::Digest(digest) => self.add(place.bucket, ours, &key, &digest),
                Opened::Nothing => {}
                Opened::Closed => {
                    self.others.unread = true;
                    self.closed = self.closed.take().or(ours.then_some(key));
                }
            }
        }
        Ok(())
    }

    /// Notes the log files that a digest lists, and the time of which it tells if it is in its place. A backfill digest tells only of
    /// the files that it lists.
    fn add(&mut self, bucket: &str, ours: bool, key: &str, digest: &Digest) {
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

    /// Says who wrote a log file.
    #[must_use]
    pub(super) fn of(&self, object: &Object) -> WrittenBy {
        if self.others.names.is_empty() {
            return WrittenBy::Ours;
        }
        match self.listed(&object.key) {
            Some(by) => by,
            None if self.told.tell_of(object) => WrittenBy::Another,
            None => WrittenBy::Unknown,
        }
    }

    /// Says whose digests list a log file.
    fn listed(&self, key: &str) -> Option<WrittenBy> {
        let key = hashed(key);
        match (self.ours.contains(&key), self.theirs.contains(&key)) {
            (true, _) => Some(WrittenBy::Ours),
            (false, true) => Some(WrittenBy::Another),
            (false, false) => None,
        }
    }
}

fn hashed(key: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    key.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests;
