//! The keys of each region: which one signs at a time, an end before its time, and `ListPublicKeys`.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::key::generate;
use crate::{
    connection::Region,
    sandbox::{
        cloud::{Caller, Cloud, Error, SigningKey},
        cloudtrail::input::Answer,
    },
};

/// How long a key is valid (the AWS CLI's example of `list-public-keys`).
const VALIDITY: SignedDuration = SignedDuration::from_hours(30 * 24);

/// The key that signs a region's digests at this time. It is made if there is none yet.
pub(super) async fn current(cloud: &Cloud, region: &Region, at: Timestamp) -> Option<SigningKey> {
    let found = valid(&cloud.state().keys, region, at);
    if found.is_some() {
        return found;
    }
    let span = span(&cloud.state().keys, region, at)?;
    let place = region.clone();
    let made = tokio::task::spawn_blocking(move || generate(&place, true, span));
    let made = made.await.ok()??;
    let mut state = cloud.state();
    // Somebody else may have made one in the meantime.
    let found = valid(&state.keys, region, at);
    if found.is_some() {
        return found;
    }
    state.keys.push(made.clone());
    state.changed = true;
    Some(made)
}

/// Ends the validity of a region's key. The next digest is signed with another one.
pub(crate) fn rotate(cloud: &Cloud, region: &Region, at: Timestamp) {
    let mut state = cloud.state();
    for key in &mut state.keys {
        if is_valid(key, region, at) {
            key.until = at;
        }
    }
    state.changed = true;
}

fn is_valid(key: &SigningKey, region: &Region, at: Timestamp) -> bool {
    key.live && key.region == *region && key.from <= at && at < key.until
}

fn valid(keys: &[SigningKey], region: &Region, at: Timestamp) -> Option<SigningKey> {
    keys.iter().find(|key| is_valid(key, region, at)).cloned()
}

/// When a key that is needed now is valid: as long as others, but no longer than the keys before and after it leave free.
pub(super) fn span(
    keys: &[SigningKey],
    region: &Region,
    at: Timestamp,
) -> Option<(Timestamp, Timestamp)> {
    let number = at.as_second().div_euclid(VALIDITY.as_secs());
    let start = Timestamp::from_second(number * VALIDITY.as_secs()).ok()?;
    let others = || keys.iter().filter(|key| key.live && key.region == *region);
    let before = others().map(|key| key.until).filter(|until| *until <= at);
    let after = others().map(|key| key.from).filter(|from| *from > at);
    let from = before.fold(start, Timestamp::max);
    let until = after.fold(start + VALIDITY, Timestamp::min);
    Some((from, until))
}

/// `ListPublicKeys`: the keys of a region that were valid in a span of time. Without a span it is the present key (CloudTrail API
/// Reference, ListPublicKeys).
pub(crate) async fn list(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    if input.get("NextToken").is_some_and(|token| !token.is_null()) {
        let message = "The token is not valid.";
        return Err(Error::new("InvalidTokenException", message));
    }
    let now = Timestamp::now();
    let start = time(input, "StartTime")?.unwrap_or(now);
    let end = time(input, "EndTime")?.unwrap_or(now);
    if start > end {
        let message = "The start time occurs after the end time.";
        return Err(Error::new("InvalidTimeRangeException", message));
    }
    if start <= now && now <= end {
        // A region has a key before it has signed anything.
        let _ = current(cloud, &caller.region, now).await;
    }
    let state = cloud.state();
    let mut keys: Vec<&SigningKey> = state
        .keys
        .iter()
        .filter(|key| key.region == caller.region && key.from <= end && start <= key.until)
        .collect();
    keys.sort_by_key(|key| std::cmp::Reverse(key.from));
    let list: Vec<Value> = keys.into_iter().map(shown).collect();
    Ok(json!({ "PublicKeyList": list }))
}

fn shown(key: &SigningKey) -> Value {
    json!({
        "Value": key.public,
        "ValidityStartTime": key.from.as_second(),
        "ValidityEndTime": key.until.as_second(),
        "Fingerprint": key.fingerprint,
    })
}

/// A time of the input, in seconds since 1970 with or without a fraction.
fn time(input: &Value, name: &str) -> Result<Option<Timestamp>, Error> {
    let Some(given) = input.get(name).filter(|given| !given.is_null()) else {
        return Ok(None);
    };
    let at = given
        .as_f64()
        .filter(|seconds| *seconds >= 0.0)
        .and_then(|seconds| Timestamp::from_microsecond((seconds * 1e6) as i64).ok());
    let message = "The time range is outside the range of possible values.";
    at.map(Some)
        .ok_or_else(|| Error::new("InvalidTimeRangeException", message))
}
