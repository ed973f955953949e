//! The function signs in to Central and reports whether it can read the bucket.

use std::time::Duration;

use serde_json::Value;

use super::{ACCOUNT, VALIDATION, block_on, start};
use crate::rig::{BUCKET, REGION, message as cloudtrail, s3, sns};

#[test]
fn whether_the_bucket_can_be_read_is_judged_by_log_files_only() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        assert_eq!(
            bench.probed().await,
            Value::Null,
            "an empty bucket says nothing"
        );
        // CloudTrail's markers and digests sort before log files, and the role may read only one marker of them.
        let folder = format!("AWSLogs/o-0123456789/{ACCOUNT}/");
        bench.s3.leave_traces(&folder, REGION);
        assert_eq!(bench.probed().await, true, "a marker can be read");
        bench
            .s3
            .refuse(&format!("{folder}CloudTrail/"), Some(s3::DENIED));
        assert_eq!(
            bench.probed().await,
            Value::Null,
            "a denied marker says nothing"
        );
        let (key, sha256) = bench.put("x", 2000);
        assert_eq!(bench.probed().await, true);
        bench.s3.refuse(&key, Some(s3::ARCHIVED));
        assert_eq!(
            bench.probed().await,
            Value::Null,
            "an archived file says nothing"
        );
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
fn a_single_denied_file_says_nothing_about_the_bucket() {
    block_on(async {
        let mut bench = start("", Duration::ZERO).await;
        let (fine, _) = bench.put("a", 2000);
        let (denied, _) = bench.put("z", 2000);
        bench.s3.refuse(&denied, Some(s3::DENIED));
        // The check of the bucket would come to this file first, because it sorts last.
        assert!(!bench.handles(&cloudtrail(BUCKET, &[&denied])).await);
        bench.central.forget_tokens();
        assert!(bench.handles(&cloudtrail(BUCKET, &[&fine])).await);
        let checks = bench.central.connection()["forwarderChecks"].clone();
        assert_eq!(checks["read"], true, "{checks}");
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
        // Lambda tries three times, and files that are handled together ask to sign in before the first refusal has come.
        let sent = bench.central.requests();
        assert!(sent <= 10, "{sent}");
    });
}
