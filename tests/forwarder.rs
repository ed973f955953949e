//! The function by itself: what it understands, what it does when something fails, and what it never does.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use sophos_ct_forwarder::meter;

use crate::rig::{
    BUCKET, REGION,
    calm::{Calm, Conditions},
    message as cloudtrail, s3, sns,
};

const ACCOUNT: &str = "100000000001";

fn conditions(prefix: &str) -> Conditions<'_> {
    Conditions {
        program: Path::new(env!("CARGO_BIN_EXE_bootstrap")),
        prefix,
        s3_delay: Duration::ZERO,
        central_delay: Duration::ZERO,
        timeout: Duration::from_secs(4),
        drip: Duration::ZERO,
    }
}

async fn start(prefix: &str, s3_delay: Duration) -> Calm {
    let conditions = Conditions {
        s3_delay,
        ..conditions(prefix)
    };
    Calm::start(&conditions).await
}

const VALIDATION: &str = "CloudTrail validation message.";

impl Calm {
    /// Runs an event until it is done or given up: whether it was done.
    async fn handles(&self, event: &Value) -> bool {
        let before = self.lambda.counts();
        self.lambda.invoke(event);
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let counts = self.lambda.counts();
            if counts.done > before.done || counts.dropped > before.dropped {
                return counts.done > before.done;
            }
            assert!(Instant::now() < end, "{counts:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn stored(&self, key: &str) -> Option<String> {
        let receipt = self.central.receipt(key)?;
        assert_eq!(receipt["outcome"], "stored");
        Some(receipt["sha256"].as_str().expect("a digest").to_owned())
    }
}

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(test);
}

#[test]
fn every_shape_of_message_and_key_is_understood_and_nothing_else_is_read() {
    block_on(async {
        let prefix = "a b+ü%20/ö&=?#\"<>/...x";
        let mut bench = start(prefix, Duration::ZERO).await;
        let encoded = |key: &str| {
            utf8_percent_encode(key, NON_ALPHANUMERIC)
                .to_string()
                .replace("%20", "+")
        };
        let record = |key: &str| json!({ "s3": { "bucket": { "name": BUCKET }, "object": { "key": encoded(key) } } });
        let mut files = Vec::new();
        for unique in ["x", "1 2", "+", "%2F", "ü\u{1F600}", "&amp;<>\"'", "=?#"] {
            files.push(bench.put(unique, 2000));
        }
        let longest = "y".repeat(1024 - files[0].0.len() + 1);
        files.push(bench.put(&longest, 2000));
        assert_eq!(files[7].0.len(), 1024);
        let keys: Vec<&str> = files.iter().map(|(key, _)| key.as_str()).collect();
        let events = [
            cloudtrail(BUCKET, &keys[..3]),
            json!({ "Records": [record(keys[3])] }),
            sns(&json!({ "Records": [record(keys[4]), record(keys[5])] }).to_string()),
            json!({ "source": "aws.s3", "detail": { "bucket": { "name": BUCKET }, "object": { "key": keys[6] } } }),
            cloudtrail(BUCKET, &keys[7..]),
        ];
        for event in &events {
            assert!(bench.handles(event).await, "{event}");
        }
        for (key, sha256) in &files {
            assert_eq!(bench.stored(key).as_ref(), Some(sha256), "{key}");
        }

        let before = bench.central.requests();
        let of = |kind: &str| keys[0].replace("/CloudTrail/", kind);
        let others = [
            of("/CloudTrail-Digest/"),
            of("/CloudTrail-Insight/"),
            of("/Config/"),
            format!("{prefix}/AWSLogs/{ACCOUNT}/CloudTrail/"),
            keys[0].replace(prefix, "elsewhere"),
            format!("{}/", keys[0]),
            String::new(),
        ];
        let others: Vec<&str> = others.iter().map(String::as_str).collect();
        let strange = [
            cloudtrail(BUCKET, &others),
            cloudtrail("somebody-elses", &keys),
            cloudtrail(BUCKET, &[""; 0]),
            sns("{ not json"),
            sns(""),
            sns("[]"),
            sns(r#"{"s3Bucket":1,"s3ObjectKey":"x"}"#),
            sns(r#"{"s3Bucket":"logs","s3ObjectKey":[null,1,{}]}"#),
            json!({ "Records": [] }),
            json!({ "Records": [{}, null, 1, { "s3": null }] }),
            json!({ "Records": {} }),
            json!([]),
            json!(null),
            json!("text"),
        ];
        for event in &strange {
            assert!(bench.handles(event).await, "{event}");
        }
        assert_eq!(bench.central.requests(), before);
        let answers = bench.lambda.answers();
        let ignored = &answers[events.len()]["ignored"];
        assert_eq!(ignored, &json!({ "foreignPrefix": 1, "notALogFile": 6 }));
        assert_eq!(answers[events.len() + 1]["ignored"]["foreignBucket"], 8);
    });
}

#[test]
fn one_bad_file_fails_the_invocation_and_keeps_no_other_from_going_out() {
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
        // A file that was deleted is an answer, not an error.
        assert!(bench.handles(&cloudtrail(BUCKET, &[&gone])).await);
        assert_eq!(bench.lambda.answers().last().unwrap()["gone"], 1);
        // A token that is refused is a sign-in, not a failure.
        bench.central.forget_tokens();
        let (next, sha256) = bench.put("next", 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&next])).await);
        assert_eq!(bench.stored(&next), Some(sha256));
        // Sent twice, it costs another offer and no transfer.
        let reads = bench.s3.reads(&good);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&good, &good])).await);
        assert_eq!(bench.lambda.answers().last().unwrap()["skipped"], 1);
        assert_eq!(bench.s3.reads(&good), reads);
    });
}

impl Calm {
    /// A validation message to a process that has not signed in yet: what Central is told of the bucket.
    async fn probed(&self) -> Value {
        self.lambda.kill(0);
        assert!(self.handles(&sns(VALIDATION)).await);
        self.central.connection()["forwarderChecks"]["read"].clone()
    }

    /// Outcome of a file's receipt.
    fn outcome(&self, key: &str) -> Option<String> {
        let receipt = self.central.receipt(key)?;
        receipt["outcome"].as_str().map(ToOwned::to_owned)
    }
}

#[test]
fn whether_the_bucket_can_be_read_is_tried_on_log_files_alone() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        assert_eq!(
            bench.probed().await,
            Value::Null,
            "there is nothing to try on"
        );
        // What CloudTrail leaves sorts before log files, and the role may read nothing of it but one marker.
        let folder = format!("AWSLogs/o-0123456789/{ACCOUNT}/");
        bench.s3.leave_traces(&folder, REGION);
        assert_eq!(bench.probed().await, true, "a marker that can be read");
        bench
            .s3
            .refuse(&format!("{folder}CloudTrail/"), Some(s3::DENIED));
        assert_eq!(
            bench.probed().await,
            Value::Null,
            "a marker alone may be denied"
        );
        let (key, sha256) = bench.put("x", 2000);
        assert_eq!(bench.probed().await, true);
        bench.s3.refuse(&key, Some(s3::ARCHIVED));
        assert_eq!(bench.probed().await, Value::Null, "nothing to try on");
        for refusal in [s3::DENIED, s3::DISABLED_KEY] {
            bench.s3.refuse(&key, Some(refusal));
            assert_eq!(bench.probed().await, false, "{refusal:?}");
        }
        bench.s3.refuse(&key, None);
        bench.s3.deny(Some(""));
        assert_eq!(bench.probed().await, false);
        let detail = bench.central.connection()["forwarderChecks"]["detail"].to_string();
        assert!(detail.contains("AccessDenied"), "{detail}");
        bench.s3.deny(None);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(bench.stored(&key), Some(sha256));
    });
}

#[test]
fn a_validation_message_right_after_another_costs_nothing() {
    block_on(async {
        let bench = start("", Duration::ZERO).await;
        assert!(bench.handles(&sns(VALIDATION)).await);
        let (central, s3) = (bench.central.requests(), bench.s3.requests());
        for _ in 0..5 {
            assert!(bench.handles(&sns(VALIDATION)).await);
        }
        let after = (bench.central.requests(), bench.s3.requests());
        assert_eq!(after, (central, s3));
    });
}

#[test]
fn a_role_of_the_same_name_that_was_made_later_is_refused() {
    block_on(async {
        let bench = start("", Duration::ZERO).await;
        bench.central.register_role("AROAEXAMPLEEXAMPLE99");
        assert!(!bench.handles(&sns(VALIDATION)).await);
        let connection = bench.central.connection();
        assert_eq!(connection["forwarderSeenAt"], Value::Null);
    });
}

#[test]
fn a_sign_in_that_is_refused_is_not_tried_for_each_file() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        bench.central.register_role("AROAEXAMPLEEXAMPLE99");
        let keys: Vec<String> = (0..20)
            .map(|number| bench.put(&format!("{number}"), 500).0)
            .collect();
        assert!(!bench.handles(&cloudtrail(BUCKET, &keys)).await);
        // Lambda tries three times. Files that are under way together have asked before the answer came.
        let sent = bench.central.requests();
        assert!(sent <= 10, "{sent}");
    });
}

#[test]
fn a_single_file_that_is_denied_says_nothing_of_the_bucket() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let (fine, _) = bench.put("a", 2000);
        let (denied, _) = bench.put("z", 2000);
        bench.s3.refuse(&denied, Some(s3::DENIED));
        // The newest file is the first that a look at the bucket comes to.
        assert!(!bench.handles(&cloudtrail(BUCKET, &[&denied])).await);
        bench.central.forget_tokens();
        assert!(bench.handles(&cloudtrail(BUCKET, &[&fine])).await);
        let checks = bench.central.connection()["forwarderChecks"].clone();
        assert_eq!(checks["read"], true, "{checks}");
    });
}

#[test]
fn files_that_cannot_be_delivered_are_reported_and_stop_no_catch_up() {
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
        // Archived and gone are answers; denied is a failure, and reported all the same.
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
        // A single object says nothing of the bucket; a key that is off does.
        assert_eq!(bench.probed().await, true);

        let folder = format!("{}/", keys[0].rsplit_once('/').expect("a folder").0);
        bench.central.open(&folder);
        bench.lambda.kill(0);
        let (own, _) = bench.put("z", 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&own])).await);
        let end = Instant::now() + Duration::from_secs(20);
        while !bench.central.is_caught_up() {
            assert!(Instant::now() < end, "it was stopped");
            bench.handles(&cloudtrail(BUCKET, &[&own])).await;
        }
        for unique in &keys[4..] {
            assert!(bench.stored(unique).is_some());
        }
        assert_eq!(bench.outcome(key).as_deref(), Some("denied"));
    });
}

#[test]
fn an_invocation_sends_no_more_requests_than_the_worst_case_says() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        // Everything that costs requests: a key that is denied in each own file, and thousands to be caught up.
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
            // A file that goes well, since healing comes only then.
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
        // Three attempts of Lambda's; where files fail, nothing is healed.
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
            // All that come later together send no more than the first.
            assert!(
                sent[1..].iter().sum::<u32>() <= sent[0],
                "{status}: {sent:?}"
            );
            let later: Duration = times[1..].iter().sum();
            assert!(later / 3 < Duration::from_secs(3), "{status}: {times:?}");
            bench.central.answers(200);
            let end = Instant::now() + Duration::from_secs(70);
            while !bench.handles(&cloudtrail(BUCKET, &[&key])).await {
                assert!(Instant::now() < end, "it never tries again");
                tokio::time::sleep(Duration::from_millis(500)).await;
            }
            assert_eq!(bench.stored(&key), Some(sha256));
        }
    });
}

#[test]
fn an_upload_may_take_as_long_as_it_flows_and_one_that_stands_still_is_cut() {
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
        // It was S3 that stood still: nothing keeps the next file from Central.
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
        // Three attempts each would be sixty; those of the first second count.
        assert!(sent < 10, "{sent}");
        bench.central.away(false);
        let end = Instant::now() + Duration::from_secs(30);
        while !bench.handles(&cloudtrail(BUCKET, &[&key])).await {
            assert!(Instant::now() < end, "it never tries again");
        }
        assert_eq!(bench.stored(&key), Some(sha256));
    });
}

#[test]
fn an_invocation_ends_by_itself_before_its_deadline_and_a_deleted_connection_is_a_decision() {
    block_on(async {
        let mut bench = start("", Duration::from_secs(60)).await;
        let (key, _) = bench.put("x", 2000);
        let process = bench.lambda.processes();
        assert!(!bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(bench.lambda.processes(), process, "it was not killed");
        bench.central.delete();
        assert!(bench.handles(&cloudtrail(BUCKET, &[&key])).await);
    });
}
