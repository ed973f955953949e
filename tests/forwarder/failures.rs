//! Files that cannot be delivered: what fails the invocation, what is reported, and that the other files are delivered.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{block_on, start};
use crate::rig::{BUCKET, message as cloudtrail, s3};

#[test]
fn one_bad_file_fails_the_invocation_but_the_other_files_are_delivered() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let (bad, _) = bench.put("bad", 2000);
        let (good, sha256) = bench.put("good", 2000);
        let (gone, _) = bench.put("gone", 2000);
        bench.s3.delete(&gone);
        bench.s3.refuse(&bad, Some(s3::DENIED));
        assert!(
            !bench
                .handles(&cloudtrail(BUCKET, &[&bad, &gone, &good]))
                .await
        );
        assert_eq!(bench.stored(&good), Some(sha256));
        // A file that was deleted is reported in the answer and is not an error.
        assert!(bench.handles(&cloudtrail(BUCKET, &[&gone])).await);
        assert_eq!(bench.lambda.answers().last().unwrap()["gone"], 1);
        // A refused token makes the function sign in again; it is not a failure.
        bench.central.forget_tokens();
        let (next, sha256) = bench.put("next", 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&next])).await);
        assert_eq!(bench.stored(&next), Some(sha256));
        // A file that is announced twice costs another offer, but no transfer.
        let reads = bench.s3.reads(&good);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&good, &good])).await);
        assert_eq!(bench.lambda.answers().last().unwrap()["skipped"], 1);
        assert_eq!(bench.s3.reads(&good), reads);
    });
}

#[test]
fn files_that_cannot_be_delivered_are_reported_and_do_not_stop_the_catch_up() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let keys: Vec<String> = ["archived", "denied", "gone", "key", "x", "y"]
            .map(|unique| bench.put(unique, 2000).0)
            .into();
        let [archived, denied, gone, key, ..] = &keys[..] else {
            unreachable!("six keys")
        };
        bench.s3.refuse(archived, Some(s3::ARCHIVED));
        bench.s3.refuse(denied, Some(s3::DENIED));
        bench.s3.refuse(key, Some(s3::DISABLED_KEY));
        bench.s3.delete(gone);
        // Archived and deleted files are reported and are not failures. A denied file is a failure, and is reported as well.
        assert!(bench.handles(&cloudtrail(BUCKET, &[archived, gone])).await);
        assert!(!bench.handles(&cloudtrail(BUCKET, &[denied])).await);
        for (key, outcome) in [(archived, "archived"), (gone, "gone"), (denied, "denied")] {
            assert_eq!(bench.outcome(key).as_deref(), Some(outcome));
        }
        let answer = bench.lambda.answers().pop().expect("an answer");
        assert_eq!(
            (&answer["archived"], &answer["gone"]),
            (&json!(1), &json!(1))
        );
        // A single denied object says nothing about the bucket; only a disabled KMS key does.
        assert_eq!(bench.probed().await, true);

        let folder = format!("{}/", keys[0].rsplit_once('/').expect("a folder").0);
        bench.central.open(&folder);
        bench.lambda.kill(0);
        let (own, _) = bench.put("z", 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&own])).await);
        let end = Instant::now() + Duration::from_secs(20);
        while !bench.central.is_caught_up() {
            assert!(Instant::now() < end, "the catch-up was stopped");
            bench.handles(&cloudtrail(BUCKET, &[&own])).await;
        }
        for unique in &keys[4..] {
            assert!(bench.stored(unique).is_some());
        }
        assert_eq!(bench.outcome(key).as_deref(), Some("denied"));
    });
}
