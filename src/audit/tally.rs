//! Counts what an audit finds: all together, by account and region, and by time. It stays small however many files there are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Value, json};

use super::{Folder, Found, Verdict, Window};
use crate::{
    central::model::{Outcome, SkipReason},
    connection::{AccountId, Region},
};

/// How many log files there are, and what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub objects: u64,
    pub delivered: u64,
    pub missing: u64,
    /// Central did not want them.
    pub unwanted: u64,
    /// They could not be delivered, and Central knows that.
    pub reported: u64,
    pub in_flight: u64,
    /// They landed before the connection could hear of them.
    pub earlier: u64,
    /// Another trail has written them.
    pub other_trail: u64,
    /// Another trail may have written them.
    pub unassigned: u64,
    pub bytes: u64,
}

impl Counts {
    fn add(&mut self, found: Found, bytes: u64) {
        self.objects += 1;
        self.bytes = self.bytes.saturating_add(bytes);
        *match found {
            Found::Stored => &mut self.delivered,
            Found::Skipped(_) => &mut self.unwanted,
            Found::Reported(_) => &mut self.reported,
            Found::InFlight => &mut self.in_flight,
            Found::Earlier => &mut self.earlier,
            Found::OtherTrail => &mut self.other_trail,
            Found::Unassigned => &mut self.unassigned,
            Found::Missing => &mut self.missing,
        } += 1;
    }

    /// The counts as JSON, with how many files were sent again.
    #[must_use]
    pub(crate) fn to_json(self, replayed: u64) -> Value {
        json!({
            "objects": self.objects,
            "delivered": self.delivered,
            "missing": self.missing,
            "unwanted": self.unwanted,
            "reported": self.reported,
            "inFlight": self.in_flight,
            "beforeConnection": self.earlier,
            "otherTrail": self.other_trail,
            "unassigned": self.unassigned,
            "replayed": replayed,
            "bytes": self.bytes,
        })
    }
}

/// What an audit has found.
#[derive(Clone, Debug)]
pub(crate) struct Tally {
    pub total: Counts,
    /// By account, then region.
    pub places: BTreeMap<AccountId, BTreeMap<Region, Counts>>,
    /// Why Central did not want files.
    pub skipped: BTreeMap<Option<SkipReason>, u64>,
    /// Why files could not be delivered.
    pub reported: BTreeMap<Outcome, u64>,
    pub slots: Slots,
    /// By account, then slot.
    pub accounts: BTreeMap<AccountId, Vec<Counts>>,
    /// By region, then slot, where there is one account.
    pub regions: BTreeMap<Region, Vec<Counts>>,
    /// By slot.
    pub times: Vec<Counts>,
}

impl Tally {
    /// Counts nothing yet. It has rows for these folders.
    #[must_use]
    pub(crate) fn new(window: &Window, folders: &[Folder]) -> Self {
        let mut places: BTreeMap<AccountId, BTreeMap<Region, Counts>> = BTreeMap::new();
        for folder in folders {
            let regions = places.entry(folder.account.clone()).or_default();
            regions.insert(folder.region.clone(), Counts::default());
        }
        let regions: Vec<Region> = match places.len() {
            1 => places.values().flat_map(BTreeMap::keys).cloned().collect(),
            _ => Vec::new(),
        };
        let slots = Slots::new(window, places.len() + regions.len());
        let times = vec![Counts::default(); slots.count];
        let regions = regions.into_iter().map(|region| (region, times.clone()));
        let accounts = places
            .keys()
            .map(|account| (account.clone(), times.clone()));
        Self {
            total: Counts::default(),
            skipped: BTreeMap::new(),
            reported: BTreeMap::new(),
            accounts: accounts.collect(),
            regions: regions.collect(),
            places,
            slots,
            times,
        }
    }

    /// Counts a log file.
    pub(crate) fn add(&mut self, verdict: &Verdict<'_>) {
        let Verdict {
            folder,
            object,
            found,
        } = *verdict;
        match found {
            Found::Skipped(reason) => *self.skipped.entry(reason).or_default() += 1,
            Found::Reported(outcome) => *self.reported.entry(outcome).or_default() += 1,
            Found::Stored
            | Found::InFlight
            | Found::Earlier
            | Found::OtherTrail
            | Found::Unassigned
            | Found::Missing => {}
        }
        let slot = self.slots.of(object.modified);
        let regions = self.places.get_mut(&folder.account);
        let place = regions.and_then(|regions| regions.get_mut(&folder.region));
        let account = self.accounts.get_mut(&folder.account);
        let account = account.and_then(|slots| slots.get_mut(slot));
        let region = self.regions.get_mut(&folder.region);
        let region = region.and_then(|slots| slots.get_mut(slot));
        let all = [place, account, region, self.times.get_mut(slot)];
        let all = all.into_iter().flatten().chain([&mut self.total]);
        all.for_each(|counts| counts.add(found, object.size));
    }
}

/// The window cut into equal times: hours if it is not long, and longer ones where there would be too many numbers to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slots {
    /// In seconds since 1970.
    start: i64,
    /// In seconds.
    pub length: i64,
    pub count: usize,
}

/// An hour, in seconds.
const HOUR: i64 = 3600;

impl Slots {
    /// How many numbers are kept at most: with the size of [`Counts`], about four megabytes.
    const MOST: usize = 50_000;
    /// Hours are shown for as long as this, in seconds.
    const BY_HOURS: i64 = 31 * 24 * HOUR;

    #[must_use]
    pub(super) fn new(window: &Window, accounts: usize) -> Self {
        let since = window.since.as_second();
        let until = window.until.as_second() + i64::from(window.until.subsec_nanosecond() > 0);
        let mut length = match until - since > Self::BY_HOURS {
            true => 24 * HOUR,
            false => HOUR,
        };
        loop {
            let start = since.div_euclid(length) * length;
            let count = (until - start + length - 1).div_euclid(length).max(1);
            let count = usize::try_from(count).unwrap_or(usize::MAX);
            // One slot alone is always kept.
            if count == 1 || count.saturating_mul(accounts + 1) <= Self::MOST {
                return Self {
                    start,
                    length,
                    count,
                };
            }
            length = match length {
                HOUR => 24 * HOUR,
                length => length * 7,
            };
        }
    }

    /// The slot of a time.
    #[must_use]
    pub(crate) fn of(self, at: Timestamp) -> usize {
        usize::try_from((at.as_second() - self.start) / self.length).unwrap_or_default()
    }

    /// When a slot begins.
    #[must_use]
    pub(crate) fn begins(self, slot: usize) -> Timestamp {
        let passed = i64::try_from(slot).unwrap_or_default() * self.length;
        Timestamp::from_second(self.start + passed).unwrap_or(Timestamp::MAX)
    }

    /// Whether the slots are hours.
    #[must_use]
    pub(crate) fn are_hours(self) -> bool {
        self.length == HOUR
    }
}
