//! Counts what is proved: all together, by account and region, and by time. It stays small however many files there are.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::{
    digest::Hash,
    finding::Finding,
    proof::{File, Proof},
    signature::PublicKey,
};
use crate::{
    audit::{Folder, Window, tally::Slots},
    connection::{AccountId, Region},
};

/// How many log files there are of each proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts([u64; Proof::COUNTED.len()]);

impl Counts {
    fn add(&mut self, proof: Proof) {
        if let Some(count) = self.0.get_mut(proof as usize) {
            *count += 1;
        }
    }

    #[must_use]
    pub(crate) fn of(&self, proof: Proof) -> u64 {
        self.0.get(proof as usize).copied().unwrap_or_default()
    }

    /// How many there are at all.
    #[must_use]
    pub(crate) fn files(&self) -> u64 {
        self.0.iter().sum()
    }

    /// How many have something wrong with them.
    #[must_use]
    pub(crate) fn wrong(&self) -> u64 {
        let wrong = Proof::COUNTED.into_iter().filter(|proof| proof.is_wrong());
        wrong.map(|proof| self.of(proof)).sum()
    }
}

/// A key with which digests are signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyUsed {
    pub from: Timestamp,
    pub until: Timestamp,
    /// Of the key itself: CloudTrail's fingerprint does not say what it is computed from.
    pub hash: Hash,
}

/// What the digests prove.
#[derive(Clone, Debug)]
pub(crate) struct Certificate {
    pub total: Counts,
    pub places: BTreeMap<(AccountId, Region), Counts>,
    pub slots: Slots,
    /// By slot.
    pub times: Vec<Counts>,
    pub findings: Vec<Finding>,
    /// How many digests were read.
    pub digests: u64,
    /// The keys that CloudTrail had in use, by region and fingerprint.
    pub keys: BTreeMap<(Region, String), KeyUsed>,
    /// The keys of the files that are not proved, if someone wants them.
    pub objects: Option<BTreeMap<Proof, Vec<String>>>,
    /// The keys of the first files of which something is wrong.
    pub wrong: Vec<(Proof, String)>,
}

impl Certificate {
    /// How many files of which something is wrong are named in any case.
    const NAMED: usize = 100;

    /// Proves nothing yet.
    #[must_use]
    pub(crate) fn new(window: &Window, keep_objects: bool) -> Self {
        let slots = Slots::new(window, 0);
        Self {
            total: Counts::default(),
            places: BTreeMap::new(),
            times: vec![Counts::default(); slots.count],
            slots,
            findings: Vec::new(),
            digests: 0,
            keys: BTreeMap::new(),
            objects: keep_objects.then(BTreeMap::new),
            wrong: Vec::new(),
        }
    }

    /// Counts a log file. `at` is the time that it counts for.
    pub(crate) fn add(&mut self, place: &(AccountId, Region), file: &File, at: Timestamp) {
        if file.proof == Proof::Outside {
            return;
        }
        self.total.add(file.proof);
        if let Some(counts) = self.places.get_mut(place) {
            counts.add(file.proof);
        }
        if let Some(counts) = self.times.get_mut(self.slots.of(at)) {
            counts.add(file.proof);
        }
        if file.proof.is_wrong() && self.wrong.len() < Self::NAMED {
            self.wrong.push((file.proof, file.object.clone()));
        }
        if let Some(objects) = &mut self.objects
            && file.proof != Proof::Proved
        {
            let objects = objects.entry(file.proof).or_default();
            objects.push(file.object.clone());
        }
    }

    /// Begins with an account and region.
    pub(crate) fn begin(&mut self, place: &(AccountId, Region), keys: &[PublicKey]) {
        self.places.entry(place.clone()).or_default();
        for key in keys {
            let name = (place.1.clone(), key.fingerprint.clone());
            let used = KeyUsed {
                from: key.from,
                until: key.until,
                hash: Hash::of(&key.value.0),
            };
            self.keys.insert(name, used);
        }
    }

    /// Whether it proves no log file at all.
    #[must_use]
    pub(crate) fn proves_nothing(&self) -> bool {
        self.total.of(Proof::Proved) == 0
    }

    /// How many times have no proof.
    #[must_use]
    pub(crate) fn gaps(&self) -> usize {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.what.is_gap()).count()
    }

    /// How many digests prove nothing.
    #[must_use]
    pub(crate) fn invalid_digests(&self) -> usize {
        let wrong = self
            .findings
            .iter()
            .filter(|finding| finding.what.is_wrong());
        wrong.filter(|finding| !finding.what.is_gap()).count()
    }

    /// Whether nothing is wrong.
    #[must_use]
    pub(crate) fn is_clean(&self) -> bool {
        self.total.wrong() == 0 && !self.findings.iter().any(|finding| finding.what.is_wrong())
    }

    /// The counts as JSON.
    #[must_use]
    pub(super) fn counts(&self) -> Map<String, Value> {
        let counts = Proof::COUNTED.into_iter();
        let counts =
            counts.map(|proof| (proof.name().to_owned(), Value::from(self.total.of(proof))));
        let mut counts: Map<String, Value> = counts.collect();
        counts.insert("gaps".to_owned(), self.gaps().into());
        counts.insert("digests".to_owned(), self.digests.into());
        counts.insert("invalidDigests".to_owned(), self.invalid_digests().into());
        counts
    }

    /// The counts as JSON, with the keys of the files that are not proved and the findings if they were kept.
    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let mut document = self.counts();
        if let Some(objects) = &self.objects {
            let sorted = objects.iter().map(|(proof, objects)| {
                let mut objects = objects.clone();
                objects.sort();
                (proof.name().to_owned(), json!(objects))
            });
            document.insert("keys".to_owned(), Value::Object(sorted.collect()));
            document.insert("findings".to_owned(), json!(self.findings));
        }
        Value::Object(document)
    }
}

/// The account and region of a folder.
#[must_use]
pub(super) fn place(folder: &Folder) -> (AccountId, Region) {
    (folder.account.clone(), folder.region.clone())
}
