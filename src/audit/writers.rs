//! Which trail wrote a log file, where several trails write into the same folders: the keys of digests name the trail, and digests
//! list its log files.

mod beside;
mod days;
mod of_folder;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
    rc::Rc,
};

use jiff::{Timestamp, civil::Date};

use super::{
    Folder, Object, Objects, Place, Regions, Source,
    certify::{DigestKey, Trail},
    unlisted::{Unlisted, is_before, is_young},
    window::{day_in, each},
};
use crate::{
    connection::{Design, Region},
    resources::trail,
    ui::{Code, Failure, Result, t},
};
use beside::Beside;
pub(super) use beside::own_among;
use days::{Day, Listed, OfDay};
pub(super) use of_folder::{Writers, WrittenBy};

/// The trails whose log files the connection's function hears of, and others that write into the same folders.
#[derive(Debug)]
pub(crate) struct Trails {
    beside: Beside,
    /// The connection's trail, and those that notify the same topic.
    heard: BTreeSet<Trail>,
    /// The only region whose log files they are, if they are not those of every region.
    only_in: Option<Region>,
    /// Whether CloudTrail signs what the connection's trail delivers, if it shows the trail.
    signs: Option<bool>,
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
        let own = beside.own(shown);
        let alone = own.filter(|own| !own.multi_region && heard.len() == 1);
        Some(Self {
            beside,
            only_in: alone.and_then(|own| own.home_region.parse().ok()),
            signs: own.map(|own| own.validation),
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

    /// Whether CloudTrail signs what the connection's trail delivers. `None` if CloudTrail does not show the trail.
    #[must_use]
    pub(crate) fn sign(&self) -> Option<bool> {
        self.signs
    }

    /// Says who has written the log files of these days in a folder. Digests are read only if another trail writes there too, if the
    /// connection's trail writes elsewhere, or if they `must` be.
    pub(super) async fn writers(
        &self,
        place: &Place<'_>,
        folder: &Folder,
        days: &RangeInclusive<Date>,
        must: bool,
    ) -> Result<Writers> {
        let mut names = self.others_in(&folder.region);
        let days = each(&with_neighbours(days));
        let elsewhere = !self.write_into(folder);
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
        let mut instead = Vec::new();
        if let Some(logged) = self.logged_instead_of(folder) {
            self.look(place, &logged, &days, true).await?;
            instead = self.known(&logged, &days);
        }
        Ok(Writers {
            others: names,
            elsewhere,
            instead,
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
        self.has_others(source, region).await == Some(true)
    }

    /// Whether another region than the connection's shows others. `None` if it does not show its trails.
    async fn has_others(&self, source: &Source<'_>, region: &Region) -> Option<bool> {
        // The trails that show in the connection's own region are known.
        if source.aws.region == *region {
            return Some(false);
        }
        let shown = source.regions.shown(source.aws, region).await?;
        Some(self.beside.others(source.place, &shown).next().is_some())
    }

    /// Says who wrote a log file, as far as the writers of its folder tell.
    pub(super) async fn by(
        &self,
        source: &Source<'_>,
        folder: &Folder,
        writers: &Writers,
        object: &Object,
    ) -> WrittenBy {
        let by = writers.of(object);
        match by == WrittenBy::Another && self.is_presumed(source, folder, writers, object).await {
            true => WrittenBy::Unknown,
            false => by,
        }
    }

    /// Whether nothing but the absence of our digests says that a log file is another trail's: no other one is known to write there,
    /// and its region shows none. Ours may have been deleted.
    async fn is_presumed(
        &self,
        source: &Source<'_>,
        folder: &Folder,
        writers: &Writers,
        object: &Object,
    ) -> bool {
        writers.presume(object) && self.has_others(source, &folder.region).await != Some(true)
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
            told: writers.rule_out(object)
                && !self.is_presumed(source, folder, &writers, object).await,
            alone: self.shown && self.write_into(folder) && writers.others.is_empty(),
            young: is_young(object, now) && !writers.may_have_listed(object),
            before: self.is_new && is_before(object, source.heard_since),
        };
        // A trail of one region shows in no other one, and there may be no digest of it yet.
        if unlisted.by() == WrittenBy::Ours {
            unlisted.alone = self.has_others(source, region).await == Some(false);
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

    /// Whether files of a folder may be those of the connection's trail, as it is, or of one that notifies the same topic.
    fn write_into(&self, folder: &Folder) -> bool {
        let only_in = self.only_in.as_ref();
        self.are_of_kind(folder) && only_in.is_none_or(|only| *only == folder.region)
    }

    /// Whether a folder is one of an organization if the connection's trail is, and only then.
    fn are_of_kind(&self, folder: &Folder) -> bool {
        let of_organization = self.beside.of_organization;
        of_organization.is_none_or(|of| of == folder.is_of_organization())
    }

    /// The folder of the same account in the only region that the connection's trail logs, if this one is of another region.
    fn logged_instead_of(&self, folder: &Folder) -> Option<Folder> {
        let only_in = self.only_in.as_ref();
        let only_in = only_in.filter(|only| **only != folder.region)?;
        self.are_of_kind(folder).then(|| folder.in_region(only_in))
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

#[cfg(test)]
mod tests;
