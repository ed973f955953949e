//! The function by itself: what it understands, what it does when something fails, and what it never does.

use std::{
    path::Path,
    time::{Duration, Instant},
};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use crate::rig::{
    BUCKET,
    calm::{Calm, Conditions},
    message as cloudtrail, sns,
};

const ACCOUNT: &str = "100000000001";

async fn start(prefix: &str, s3_delay: Duration) -> Calm {
    let conditions = Conditions {
        program: Path::new(env!("CARGO_BIN_EXE_bootstrap")),
        prefix,
        s3_delay,
        central_delay: Duration::ZERO,
        timeout: Duration::from_secs(4),
    };
    Calm::start(&conditions).await
}

impl Calm {
    /// Runs an event until it is done or given up: whether it was done.
    async fn handles(&self, event: &Value) -> bool {
        let before = self.lambda.counts();
        self.lambda.invoke(event);
        let end = Instant::now() + Duration::from_secs(30);
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
        bench.s3.deny(Some(&bad));
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
        assert!(bench.handles(&cloudtrail(BUCKET, &[&good, &good])).await);
        assert_eq!(bench.lambda.answers().last().unwrap()["skipped"], 1);
        assert_eq!(bench.s3.reads(&good), 1);
    });
}

#[test]
fn that_the_bucket_cannot_be_read_is_told_at_the_next_sign_in_and_so_is_its_end() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let read = |bench: &Calm| bench.central.connection()["forwarderChecks"]["read"].clone();
        let validation = sns("CloudTrail validation message.");
        assert!(bench.handles(&validation).await);
        assert_eq!(read(&bench), Value::Null, "there was nothing to try on");
        let (key, sha256) = bench.put("x", 2000);
        assert!(bench.handles(&validation).await);
        assert_eq!(read(&bench), true);
        bench.s3.deny(Some(""));
        assert!(!bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(read(&bench), false);
        let detail = bench.central.connection()["forwarderChecks"]["detail"].to_string();
        assert!(detail.contains("AccessDenied"), "{detail}");
        bench.s3.deny(None);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&key])).await);
        assert_eq!(bench.stored(&key), Some(sha256));
        let (next, _) = bench.put("y", 2000);
        assert!(bench.handles(&cloudtrail(BUCKET, &[&next])).await);
        assert_eq!(read(&bench), true);
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
