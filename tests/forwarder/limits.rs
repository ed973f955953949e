//! How many requests and how much time an invocation takes at most, also when Central or S3 is slow or fails.

use std::time::{Duration, Instant};

use sophos_ct_forwarder::meter;

use super::{block_on, conditions, start};
use crate::rig::{
    BUCKET,
    calm::{Calm, Conditions},
    message as cloudtrail, s3,
};

#[test]
fn an_invocation_sends_no_more_requests_than_the_worst_case_says() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        // Everything that costs requests: denied files in the invocation, and more than a thousand files to catch up on.
        let mut keys = Vec::new();
        for number in 0..1200 {
            keys.push(bench.put(&format!("{number:04}"), 500).0);
        }
        let own: Vec<String> = keys[..3].to_vec();
        for key in &own {
            bench.s3.refuse(key, Some(s3::DENIED));
        }
        let folder = format!("{}/", keys[0].rsplit_once('/').expect("a folder").0);
        bench.central.open(&folder);
        let sent = |bench: &Calm| bench.central.requests() + bench.s3.requests();
        let mut most = 0;
        while !bench.central.is_caught_up() {
            let before = sent(&bench);
            let invocations = bench.lambda.counts();
            // This file can be delivered, because healing happens only after a success.
            let (fine, _) = bench.put(&format!("own{before}"), 500);
            assert!(bench.handles(&cloudtrail(BUCKET, &[&fine])).await);
            let after = bench.lambda.counts();
            assert_eq!(after.failed, invocations.failed);
            most = most.max(sent(&bench) - before);
        }
        println!("{most} requests at most in an invocation");
        assert!(
            most > meter::HEALING / 2 && most <= meter::worst_case(1),
            "{most}"
        );
        let before = sent(&bench);
        assert!(!bench.handles(&cloudtrail(BUCKET, &own)).await);
        // Lambda makes three attempts, and nothing is healed while files fail.
        let sent = sent(&bench) - before;
        assert!(sent <= 3 * meter::own(3), "{sent}");
    });
}

#[test]
fn a_central_that_hangs_or_fails_costs_seconds_and_then_less() {
    block_on(async {
        for status in [0, 500, 502, 504] {
            let mut bench = Calm::start(&Conditions {
                timeout: Duration::from_secs(60),
                ..conditions("")
            })
            .await;
            let (key, sha256) = bench.put("x", 2000);
            bench.central.answers(status);
            let mut times = Vec::new();
            let mut sent = Vec::new();
            for _ in 0..4 {
                let (begun, before) = (Instant::now(), bench.central.requests());
                assert!(!bench.handles(&cloudtrail(BUCKET, &[&key])).await);
                // Three attempts each.
                times.push(begun.elapsed() / 3);
                sent.push(bench.central.requests() - before);
            }
            println!("{status}: {times:.1?} {sent:?}");
            assert!(times[0] < Duration::from_secs(7), "{status}: {times:?}");
            // All later invocations together send no more requests than the first.
            assert!(
                sent[1..].iter().sum::<u32>() <= sent[0],
                "{status}: {sent:?}"
            );
            let later: Duration = times[1..].iter().sum();
            assert!(later / 3 < Duration::from_secs(3), "{status}: {times:?}");
            bench.central.answers(200);
            let end = Instant::now() + Duration::from_secs(70);
            while !bench.handles(&cloudtrail(BUCKET, &[&key])).await {
                assert!(Instant::now() < end, "the function never tries again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            assert_eq!(bench.stored(&key), Some(sha256));
        }
    });
}

#[test]
fn an_upload_may_take_as_long_as_data_flows_and_is_cut_if_it_stands_still() {
    block_on(async {
        let slow = Conditions {
            timeout: Duration::from_secs(90),
            drip: Duration::from_secs(6),
            ..conditions("")
        };
        let mut bench = Calm::start(&slow).await;
        // Five parts, six seconds apart.
        let (key, sha256) = bench.put("x", 4 * 1024 * 1024 + 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(bench.stored(&key), Some(sha256));
        assert!(bench.lambda.billed()[0] > Duration::from_secs(24));
        let mut still = Calm::start(&Conditions {
            drip: Duration::ZERO,
            ..slow
        })
        .await;
        let (key, _) = still.put("x", 2000);
        still.s3.stall(&key);
        let begun = Instant::now();
        still.lambda.invoke(&cloudtrail(BUCKET, &[&key]));
        while still.lambda.counts().failed == 0 {
            assert!(begun.elapsed() < Duration::from_secs(45), "it is not cut");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        // S3 stalled, not Central, so the next file goes to Central at once.
        let (key, sha256) = still.put("y", 2000);
        assert!(still.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(still.stored(&key), Some(sha256));
    });
}

#[test]
fn while_central_asks_to_be_left_alone_nothing_is_sent_to_it() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let (key, sha256) = bench.put("x", 2000);
        bench.central.away(true);
        let before = bench.central.requests();
        for _ in 0..20 {
            assert!(!bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        }
        let sent = bench.central.requests() - before;
        // Three attempts for each event would be sixty requests. Central asks for a pause of a second, so few are sent.
        assert!(sent < 10, "{sent}");
        bench.central.away(false);
        let end = Instant::now() + Duration::from_secs(30);
        while !bench.handles(&cloudtrail(BUCKET, &[&key])).await {
            assert!(Instant::now() < end, "the function never tries again");
        }
        assert_eq!(bench.stored(&key), Some(sha256));
    });
}

#[test]
fn an_invocation_ends_by_itself_before_its_deadline_and_a_deleted_connection_is_not_a_failure() {
    block_on(async {
        let mut bench = start("", Duration::from_secs(60)).await;
        let (key, _) = bench.put("x", 2000);
        let process = bench.lambda.processes();
        assert!(!bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(bench.lambda.processes(), process, "the process was killed");
        bench.central.delete();
        assert!(bench.handles(&cloudtrail(BUCKET, &[&key])).await);
    });
}
