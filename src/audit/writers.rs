//! Which trail wrote a log file, where several trails write into the same folders: the keys of digests name the trail, and digests
//! list its log files.

mod beside;
mod days;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};

use super::{
    Folder, Object, Objects, Place, Regions, Source,
    certify::{DigestKey, Trail, around},
    unlisted::{Unlisted, is_before, is_told, is_young, times},
    window::{day_in, each},
};
use crate::{
    connection::{Design, Region},
    resources::trail,
    ui::{Code, Failure, Result, t},
};
use beside::Beside;
pub(super) use beside::own_among;
use days::{Day, Listed, OfDay, hashed};

/// The trails whose log files the connection's function hears of, and others that write into the same folders.
#[derive(Debug)]
pub(crate) struct Trails {
    beside: Beside,
    /// The connection's trail, and those that notify the same topic.
    heard: BTreeSet<Trail>,
    /// The only region whose log files they are, if they are not those of every region.
    only_in: Option<Region>,
    /// Others, as far as CloudTrail shows them, and whether they write in every region.
    others: BTreeMap<Trail, bool>,
    /// What is known of the digests in a folder, by day: each is read once.
    days: RefCell<BTreeMap<String, BTreeMap<Date, Rc<OfDay>>>>,
    /// Whether CloudTrail shows the account's trails.
    shown: bool,
    /// Whether the connection's trail was made for it.
    is_new: bool,
}

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
        let beside = Beside::new(design, shown)?;
        let (mut heard, mut others) = (BTreeSet::from([beside.own_name()?]), BTreeMap::new());
        for trail in shown {
            match beside.named(place, trail) {
                Some((name, true)) => {
                    heard.insert(name);
                }
                Some((name, false)) => {
                    others.insert(name, trail.multi_region);
                }
                None => {}
            }
        }
        let own = beside.own(shown).filter(|own| !own.multi_region);
        let only_in: Option<Region> = own.and_then(|own| own.home_region.parse().ok());
        Some(Self {
            beside,
            only_in: only_in.filter(|_| heard.len() == 1),
            heard,
            others,
            days: RefCell::default(),
            shown: are_shown,
            is_new: design.own_trail(),
        })
    }

    /// Whether the connection's trail is that of an organization. `None` if CloudTrail does not show it.
    #[must_use]
    pub(super) fn of_organization(&self) -> Option<bool> {
        self.beside.of_organization
    }

    /// The connection's trail, and those that notify the same topic.
    #[must_use]
    pub(super) fn heard(&self) -> &BTreeSet<Trail> {
        &self.heard
    }

    /// Says who has written the log files of these days in a folder. Digests are read only if another trail writes there too, if the
    /// connection's trail logs another region only, or if they `must` be.
    pub(super) async fn writers(
        &self,
        place: &Place<'_>,
        folder: &Folder,
        days: &RangeInclusive<Date>,
        must: bool,
    ) -> Result<Writers> {
        let mut names = self.others_in(&folder.region);
        let days = each(&with_neighbours(days));
        let elsewhere = !self.write_in(&folder.region);
        let must = must || elsewhere || !names.is_empty();
        self.look(place, folder, &days, must).await?;
        let mut known = self.known(folder, &days);
        let others = |days: &[Rc<OfDay>]| -> BTreeSet<String> {
            let others = days.iter().filter_map(|day| day.others.get());
            others.flatten().cloned().collect()
        };
        if !others(&known).is_empty() {
            self.look(place, folder, &days, true).await?;
            known = self.known(folder, &days);
        }
        names.extend(others(&known));
        Ok(Writers {
            others: names,
            elsewhere,
            days: known,
        })
    }

    /// Looks at the digests of those days of which not enough is known.
    async fn look(
        &self,
        place: &Place<'_>,
        folder: &Folder,
        days: &[Date],
        must: bool,
    ) -> Result<()> {
        let is_missing = |day: &Rc<OfDay>| day.others.get().is_none() || must && !day.is_read();
        let missing = days.iter().copied();
        let missing: Vec<Date> = missing
            .filter(|day| is_missing(&self.day(folder, *day)))
            .collect();
        let (Some(first), Some(last)) = (missing.first(), missing.last()) else {
            return Ok(());
        };
        let listed = days::list(place, folder, *first..=*last).await?;
        let is_other = |digest: &&Listed| !self.heard.contains(&digest.key.trail);
        let must = must || listed.values().flatten().any(|digest| is_other(&digest));
        for (date, digests) in listed {
            let day = self.day(folder, date);
            let others = digests.iter().filter(is_other);
            let others = others.map(|digest| digest.key.trail.name.clone());
            day.others.get_or_init(|| others.collect());
            if must {
                let read = || Day::read(place, digests, &self.heard);
                day.read.get_or_try_init(read).await?;
            }
        }
        Ok(())
    }

    fn day(&self, folder: &Folder, day: Date) -> Rc<OfDay> {
        let mut known = self.days.borrow_mut();
        let of_folder = known.entry(folder.digests.clone()).or_default();
        Rc::clone(of_folder.entry(day).or_default())
    }

    /// What is known of these days.
    fn known(&self, folder: &Folder, days: &[Date]) -> Vec<Rc<OfDay>> {
        days.iter().map(|day| self.day(folder, *day)).collect()
    }

    /// Whether it takes a closer look to say of a file that it is the connection's. It does if the file is to be sent, because
    /// CloudTrail does not show every trail that has ever written into a bucket, if CloudTrail shows none, and if it shows another
    /// one in the file's own region.
    pub(super) async fn need_a_closer_look(&self, source: &Source<'_>, region: &Region) -> bool {
        if source.choice.replay || !self.shown {
            return true;
        }
        let others = self.others_of(source, region).await;
        others.is_some_and(|others| !others.is_empty())
    }

    /// The names of the others that another region than the connection's shows. `None` if it does not show its trails.
    async fn others_of(&self, source: &Source<'_>, region: &Region) -> Option<BTreeSet<String>> {
        // The trails that show in the connection's own region are known.
        if source.aws.region == *region {
            return Some(BTreeSet::new());
        }
        let shown = source.regions.shown(source.aws, region).await?;
        Some(self.beside.others(source.place, &shown))
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
        let place = source.place;
        let writers = self.writers(place, folder, &(day..=day), true).await?;
        if let Some(by) = writers.listed(&object.key) {
            return Ok(by);
        }
        if let Some(key) = writers.closed().filter(|_| source.choice.replay) {
            let text = t!("audit-replay-closed", key = key, action = "s3:GetObject");
            return Err(Failure::new(Code::AwsPermission, text));
        }
        let region = &folder.region;
        let mut unlisted = Unlisted {
            told: writers.rule_out(object),
            alone: self.shown && self.write_in(region) && writers.others.is_empty(),
            young: is_young(object, now) && !writers.may_have_listed(object),
            before: self.is_new && is_before(object, source.heard_since),
        };
        // A trail of one region shows in no other one, and there may be no digest of it yet.
        if unlisted.by() == WrittenBy::Ours {
            let others = self.others_of(source, region).await;
            unlisted.alone = others.is_some_and(|others| others.is_empty());
        }
        Ok(unlisted.by())
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
        !self.is_new && self.beside.of_organization.is_none()
    }

    /// Whether files of a region may be those of the connection's trail, or of one that notifies the same topic.
    fn write_in(&self, region: &Region) -> bool {
        self.only_in.as_ref().is_none_or(|only| only == region)
    }

    /// The names of the others that write into the folders of a region.
    fn others_in(&self, region: &Region) -> BTreeSet<String> {
        let others = self.others.iter();
        let others = others.filter(|(trail, everywhere)| **everywhere || trail.home == *region);
        others.map(|(trail, _)| trail.name.clone()).collect()
    }

    /// Adds what was seen of others, and what could not be seen.
    pub(super) fn tell_of_others(&self, place: &Place<'_>, regions: &Regions, others: &mut Others) {
        let days = self.days.borrow();
        let known = days.values().flat_map(BTreeMap::values);
        for day in known.filter_map(|day| day.read.get()) {
            others.unread |= day.is_unread;
            others.archived |= day.is_archived;
        }
        for shown in regions.all() {
            others.names.extend(self.beside.others(place, &shown));
        }
    }
}

/// These days, the one before and the one after: a digest may be a day later than the files that it lists, and around midnight the
/// latest ones are of the day before.
fn with_neighbours(days: &RangeInclusive<Date>) -> RangeInclusive<Date> {
    let (first, last) = (*days.start(), *days.end());
    first.yesterday().unwrap_or(first)..=last.tomorrow().unwrap_or(last)
}

/// Other trails that write into the same folders as the connection's.
#[derive(Clone, Debug, Default)]
pub(crate) struct Others {
    pub names: BTreeSet<String>,
    /// Whether digests, which tell whose a file is, may not be read.
    pub unread: bool,
    /// Whether some of them must be restored first.
    pub archived: bool,
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
    /// The names of other trails that write there.
    pub others: BTreeSet<String>,
    /// Whether the connection's trail logs another region only.
    elsewhere: bool,
    days: Vec<Rc<OfDay>>,
}

impl Writers {
    /// Says who wrote a log file.
    #[must_use]
    pub(super) fn of(&self, object: &Object) -> WrittenBy {
        if self.others.is_empty() && !self.elsewhere {
            return WrittenBy::Ours;
        }
        match self.listed(&object.key) {
            Some(by) => by,
            None if self.rule_out(object) => WrittenBy::Another,
            None => WrittenBy::Unknown,
        }
    }

    /// Says whose digests list a log file.
    fn listed(&self, key: &str) -> Option<WrittenBy> {
        let key = hashed(key);
        if self.any(|day| day.ours.contains(&key)) {
            return Some(WrittenBy::Ours);
        }
        let theirs = self.any(|day| day.theirs.contains(&key));
        theirs.then_some(WrittenBy::Another)
    }

    /// Whether a log file that no digest lists is not that of the connection's trail: its digests tell of the time, or it has none
    /// here and logs another region only. It may have logged every region before.
    fn rule_out(&self, object: &Object) -> bool {
        self.tell_of(object) || self.elsewhere && !self.any(|day| day.has_ours)
    }

    /// Whether digests of the connection's trail tell of the time of a log file.
    fn tell_of(&self, object: &Object) -> bool {
        is_told(object, |at| self.any(|day| day.told.hold(at)))
    }

    fn any(&self, fits: impl Fn(&Day) -> bool) -> bool {
        self.read().any(fits)
    }

    /// The days whose digests were read.
    fn read(&self) -> impl Iterator<Item = &Day> {
        self.days.iter().filter_map(|day| day.read.get())
    }

    /// A digest of the connection's trail that may not be read.
    fn closed(&self) -> Option<&str> {
        self.read().find_map(|day| day.closed.as_deref())
    }

    /// Whether an archived digest of the connection's trail may list a log file.
    fn may_have_listed(&self, object: &Object) -> bool {
        let until = self.read().filter_map(|day| day.archived_until).max();
        until.is_some_and(|until| times(object).flat_map(around).any(|at| at < until))
    }
}

#[cfg(test)]
mod tests;
