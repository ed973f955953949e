//! Calls that were made, until CloudTrail has delivered the events about them. They are kept in memory only.

use std::collections::{HashMap, VecDeque};

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::connection::{AccountId, Region};

/// How long an event waits for a trail that logs. CloudTrail delivers an event about five minutes after its call (CloudTrail
/// user guide, "How CloudTrail works"), so a trail that begins to log gets the events of the minutes before as well.
const KEPT: SignedDuration = SignedDuration::from_mins(5);
/// The most events that are kept.
const MOST: usize = 5000;

/// The calls of all accounts.
#[derive(Default)]
pub(super) struct Calls {
    list: VecDeque<Call>,
    /// How many calls there have been.
    count: u64,
    /// How many of them a trail has got, by trail, account and region.
    given: HashMap<(String, AccountId, Region), u64>,
}

struct Call {
    number: u64,
    account: AccountId,
    region: Region,
    at: Timestamp,
    event: Value,
}

/// Events for one log file.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub events: Vec<Value>,
    /// How many calls there had been when the batch was made.
    count: u64,
}

impl Calls {
    /// Adds the event of a call in this account and region.
    pub(super) fn add(&mut self, account: &AccountId, region: &Region, event: Value) {
        self.count += 1;
        let at = Timestamp::now();
        let old = |call: &Call| at.duration_since(call.at) > KEPT;
        while self.list.len() >= MOST || self.list.front().is_some_and(old) {
            self.list.pop_front();
        }
        self.list.push_back(Call {
            number: self.count,
            account: account.clone(),
            region: region.clone(),
            at,
            event,
        });
    }

    /// The regions in which the account has events that the trail has not got.
    #[must_use]
    pub(super) fn regions(&self, trail: &str, account: &AccountId) -> Vec<Region> {
        let mut regions: Vec<Region> = self
            .list
            .iter()
            .filter(|call| call.account == *account && call.number > self.got(trail, call))
            .map(|call| call.region.clone())
            .collect();
        regions.sort();
        regions.dedup();
        regions
    }

    /// The events that the trail has not got.
    #[must_use]
    pub(super) fn batch(&self, trail: &str, account: &AccountId, region: &Region) -> Batch {
        let of_place = |call: &&Call| call.account == *account && call.region == *region;
        let calls = self.list.iter().filter(of_place);
        let calls = calls.filter(|call| call.number > self.got(trail, call));
        Batch {
            events: calls.map(|call| call.event.clone()).collect(),
            count: self.count,
        }
    }

    /// Notes that the trail has got a batch.
    pub(super) fn delivered(
        &mut self,
        trail: &str,
        account: &AccountId,
        region: &Region,
        batch: &Batch,
    ) {
        let place = (trail.to_owned(), account.clone(), region.clone());
        self.given.insert(place, batch.count);
    }

    fn got(&self, trail: &str, call: &Call) -> u64 {
        let place = (trail.to_owned(), call.account.clone(), call.region.clone());
        self.given.get(&place).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_trail_gets_each_event_of_its_account_once() {
        let account = |id: &str| id.parse::<AccountId>().unwrap();
        let region: Region = "eu-west-1".parse().unwrap();
        let (own, other) = (account("111122223333"), account("222233334444"));
        let mut calls = Calls::default();
        calls.add(&own, &region, json!(1));
        calls.add(&other, &region, json!(2));
        assert_eq!(calls.regions("trail", &own), std::slice::from_ref(&region));
        let batch = calls.batch("trail", &own, &region);
        assert_eq!(batch.events, [json!(1)]);
        calls.add(&own, &region, json!(3));
        calls.delivered("trail", &own, &region, &batch);
        let next = calls.batch("trail", &own, &region);
        assert_eq!(next.events, [json!(3)], "what came in the meantime is next");
        calls.delivered("trail", &own, &region, &next);
        assert!(calls.regions("trail", &own).is_empty());
        assert_eq!(calls.batch("second", &own, &region).events.len(), 2);
    }
}
