//! A made-up past: times, chains and keys are as they were wanted.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use sophos_ct::testing::AwsError;

use super::{check, digests, keys, listed, now, objects};
use crate::support::{
    World, blocking,
    fixtures::bucket,
    past::{Past, flip},
};

const DAY: i64 = 24 * 3600;

/// The hour that is running.
pub(super) struct Clock(i64);

impl Clock {
    pub(super) fn read() -> Self {
        Self(now().div_euclid(3600) * 3600)
    }

    /// The beginning of an hour, so many hours before.
    pub(super) fn before(&self, hours: i64) -> String {
        let second = self.0 - hours * 3600;
        jiff::Timestamp::from_second(second).unwrap().to_string()
    }
}

#[test]
fn a_past_has_its_times_its_chains_and_its_keys() {
    let world = World::new();
    let name = format!("past-{}", world.account);
    blocking(async { bucket(&world.aws().await, &name).await });
    let clock = Clock::read();
    let wanted = json!({
        "since": clock.before(72), "until": clock.before(0), "files": 60, "keys": 2,
        "silent": [[clock.before(48), clock.before(24)]],
    });
    let past = Past::make(&world, &name, "old", &wanted);
    assert_eq!((past.digests.len(), past.fingerprints.len()), (48, 2));
    blocking(async {
        let aws = world.aws().await;
        let known = keys(&aws, now() - 3 * DAY, now()).await;
        let found = digests(&aws, &name).await;
        let starts = found
            .iter()
            .filter(|one| one.said["previousDigestS3Object"].is_null());
        assert_eq!(starts.count(), 2, "a chain ends while nothing is logged");
        check(&found[0], None, &name, &known);
        for two in found.windows(2) {
            check(&two[1], Some(&two[0]), &name, &known);
        }
        let signed: BTreeSet<String> = found
            .iter()
            .map(|one| {
                one.said["digestPublicKeyFingerprint"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            })
            .collect();
        let fingerprints: BTreeSet<String> = past.fingerprints.iter().cloned().collect();
        assert_eq!(signed, fingerprints);
        let logs: BTreeSet<String> = past.logs.iter().cloned().collect();
        let listed: BTreeSet<String> = listed(&aws, &found).await.into_iter().collect();
        assert_eq!(listed, logs);

        // The first key had ended before the last days.
        let recent = keys(&aws, now() - 3600, now()).await;
        assert!(!recent.contains_key(&past.fingerprints[0]));
        assert!(recent.contains_key(&past.fingerprints[1]));
    });
}

#[test]
fn objects_of_a_past_landed_then_and_what_is_written_again_lands_now() {
    let world = World::new();
    let name = format!("past-{}", world.account);
    blocking(async { bucket(&world.aws().await, &name).await });
    let clock = Clock::read();
    let wanted = json!({ "since": clock.before(48), "until": clock.before(24), "files": 24 });
    let past = Past::make(&world, &name, "old", &wanted);
    blocking(async {
        let aws = world.aws().await;
        let (began, made) = (now() - 2 * DAY - 3600, now() - DAY + 3600);
        for (key, landed) in objects(&aws, &name, "/").await {
            assert!((began..made).contains(&landed.secs()), "{key}: {landed}");
        }
        let key = &past.logs[7];
        let head = || aws.s3.head_object().bucket(&name).key(key).send();
        let before = head().await.unwrap();
        assert!(before.last_modified().unwrap().secs() < made);
        flip(&aws, &name, key).await;
        let after = head().await.unwrap();
        assert!(after.last_modified().unwrap().secs() >= now() - 60);
        let listed = objects(&aws, &name, "/CloudTrail/").await;
        let changed = listed.iter().filter(|(_, landed)| landed.secs() >= made);
        let changed: Vec<&String> = changed.map(|(key, _)| key).collect();
        assert_eq!(changed, [key]);
    });
}

#[test]
fn a_time_range_that_ends_before_it_begins_is_refused() {
    let world = World::new();
    blocking(async {
        let aws = world.aws().await;
        let list = aws.cloudtrail.list_public_keys();
        let list = list
            .start_time(aws_smithy_types::DateTime::from_secs(now()))
            .end_time(aws_smithy_types::DateTime::from_secs(now() - DAY));
        let refused = list.send().await;
        let refused = refused.map_err(AwsError::of("cloudtrail:ListPublicKeys"));
        assert!(refused.unwrap_err().is("InvalidTimeRangeException"));
        let present = aws.cloudtrail.list_public_keys().send().await.unwrap();
        assert!(!present.public_key_list().is_empty(), "a region has a key");
    });
}

#[test]
fn digests_without_log_files_can_begin_late() {
    let world = World::new();
    let name = format!("past-{}", world.account);
    blocking(async { bucket(&world.aws().await, &name).await });
    let clock = Clock::read();
    let wanted = json!({
        "since": clock.before(24), "until": clock.before(0), "files": 0, "digestsSince": clock.before(4),
    });
    let past = Past::make(&world, &name, "old", &wanted);
    assert_eq!((past.logs.len(), past.digests.len()), (0, 4));
    blocking(async {
        let found = digests(&world.aws().await, &name).await;
        assert_eq!(found[0].said["previousDigestHashValue"], Value::Null);
        assert!(found.iter().all(|one| one.said["logFiles"] == json!([])));
    });
}
