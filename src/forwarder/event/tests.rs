//! Which messages and keys are understood.

use serde_json::json;

use super::*;

const KEY: &str = "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/24/123456789012_CloudTrail_eu-west-1_20261124T0000Z_x.json.gz";

fn sns(message: &str) -> Value {
    json!({ "Records": [{ "EventSource": "aws:sns", "Sns": { "Message": message } }] })
}

#[test]
fn every_shape_that_names_a_log_file_gives_its_address() {
    let cloudtrail = sns(&json!({ "s3Bucket": "b", "s3ObjectKey": [KEY, KEY] }).to_string());
    assert_eq!(read(&cloudtrail, "b", "").objects.len(), 1);
    let record =
        json!({ "s3": { "bucket": { "name": "b" }, "object": { "key": KEY, "size": 7 } } });
    let s3 = json!({ "Records": [record] });
    assert_eq!(read(&s3, "b", "").objects[0].size, Some(7));
    assert_eq!(read(&sns(&s3.to_string()), "b", "").objects.len(), 1);
    let bridge = json!({ "source": "aws.s3", "detail": { "bucket": { "name": "b" }, "object": { "key": KEY } } });
    assert_eq!(read(&bridge, "b", "").objects[0].key, KEY);
    assert!(read(&sns(VALIDATION), "b", "").probe);
    assert!(
        read(
            &sns(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#),
            "b",
            ""
        )
        .probe
    );
}

#[test]
fn everything_else_is_counted_and_never_offered() {
    let of = |bucket: &str, key: &str| {
        sns(&json!({ "s3Bucket": bucket, "s3ObjectKey": [key] }).to_string())
    };
    assert_eq!(read(&of("other", KEY), "b", "").ignored["foreignBucket"], 1);
    assert_eq!(
        read(&of("b", &format!("p/{KEY}")), "b", "").ignored["foreignPrefix"],
        1
    );
    let keys = [
        "AWSLogs/123456789012/CloudTrail/",
        "AWSLogs/123456789012/CloudTrail-Digest/eu-west-1/2026/11/24/x.json.gz",
        "AWSLogs/123456789012/CloudTrail-Insight/eu-west-1/2026/11/24/x.json.gz",
        "AWSLogs/123456789012/Config/eu-west-1/2026/11/24/x.json.gz",
        "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/24/../x.json.gz",
        "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/24/.json.gz",
        "AWSLogs/123456789012/CloudTrail/eu-west-1/year/11/24/x.json.gz",
        "AWSLogs/123456789012/CloudTrail/eu-west-1/2026/11/240/x.json.gz",
        "AWSLogs/12345678901/CloudTrail/eu-west-1/2026/11/24/x.json.gz",
        "AWSLogs/x-abcdefghij/123456789012/CloudTrail/eu-west-1/2026/11/24/x.json.gz",
        "",
    ];
    for key in keys {
        let work = read(&of("b", key), "b", "");
        assert!(
            work.objects.is_empty() && work.ignored["notALogFile"] == 1,
            "{key}"
        );
    }
    for event in [
        json!(null),
        json!([]),
        json!({ "Records": [{}] }),
        sns("hello"),
        sns("{}"),
        json!({}),
    ] {
        assert!(read(&event, "b", "").objects.is_empty(), "{event}");
    }
}

#[test]
fn what_comes_back_from_a_dead_letter_queue_is_what_was_sent() {
    let message = json!({ "s3Bucket": "b", "s3ObjectKey": [KEY] }).to_string();
    let notification =
        json!({ "Type": "Notification", "TopicArn": "arn:aws:sns:r:1:t", "Message": message });
    let given_up = sns(&message);
    let destination = json!({ "version": "1.0", "requestContext": {}, "requestPayload": given_up });
    let bridge = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": { "bucket": { "name": "b" }, "object": { "key": KEY } } });
    for body in [&notification, &given_up, &destination, &bridge] {
        let queued = json!({ "Records": [{ "eventSource": "aws:sqs", "body": body.to_string() }] });
        assert_eq!(read(&queued, "b", "").objects.len(), 1, "{queued}");
    }
    for body in ["", "{}", "[]", "not JSON"] {
        let queued = json!({ "Records": [{ "eventSource": "aws:sqs", "body": body }] });
        let work = read(&queued, "b", "");
        assert_eq!(work.ignored["unknownMessage"], 1, "{body}");
    }
}

#[test]
fn an_event_is_unwrapped_three_times_at_most() {
    let event = sns(&json!({ "s3Bucket": "b", "s3ObjectKey": [KEY] }).to_string());
    let queued = |event: &Value| json!({ "Records": [{ "eventSource": "aws:sqs", "body": event.to_string() }] });
    let given_up = |event: &Value| json!({ "requestPayload": event });
    let wraps: [&dyn Fn(&Value) -> Value; 2] = [&queued, &given_up];
    for wrap in wraps {
        let thrice = wrap(&wrap(&wrap(&event)));
        assert_eq!(read(&thrice, "b", "").objects.len(), 1, "{thrice}");
        let work = read(&wrap(&thrice), "b", "");
        assert_eq!((work.objects.len(), work.ignored["unknownMessage"]), (0, 1));
    }
}

#[test]
fn only_objects_that_were_created_count() {
    let record = |name: &str| json!({ "Records": [{ "eventName": name, "s3": { "bucket": { "name": "b" }, "object": { "key": KEY } } }] });
    assert_eq!(read(&record("ObjectCreated:Put"), "b", "").objects.len(), 1);
    for other in [
        "ObjectRemoved:Delete",
        "ObjectRestore:Completed",
        "LifecycleTransition",
    ] {
        assert_eq!(
            read(&record(other), "b", "").ignored["otherEvent"],
            1,
            "{other}"
        );
    }
    let bridge = |kind: &str| json!({ "source": "aws.s3", "detail-type": kind, "detail": { "bucket": { "name": "b" }, "object": { "key": KEY } } });
    assert_eq!(read(&bridge("Object Created"), "b", "").objects.len(), 1);
    assert_eq!(
        read(&bridge("Object Deleted"), "b", "").ignored["otherEvent"],
        1
    );
}

#[test]
fn a_key_tells_account_and_region_also_under_an_organization_and_a_prefix() {
    let key = LogKey::parse(&format!("a/b/{KEY}")).unwrap();
    assert_eq!(
        (
            key.prefix.as_str(),
            key.account.as_str(),
            key.region.as_str()
        ),
        ("a/b", "123456789012", "eu-west-1")
    );
    let organization = KEY.replace("AWSLogs/", "AWSLogs/o-abcdefghij/");
    assert_eq!(LogKey::parse(&organization).unwrap().prefix, "");
    assert_eq!(
        LogKey::parse(&format!("o-abcdefghij/{organization}"))
            .unwrap()
            .prefix,
        "o-abcdefghij"
    );
}

#[test]
fn what_tells_of_a_file_tells_when_it_landed() {
    const TIME: &str = "2026-11-24T00:05:00.000Z";
    let landed = |event: &Value| {
        let work = read(event, "b", "");
        assert_eq!(work.objects.len(), 1, "{event}");
        work.objects[0].last_modified.clone()
    };
    let files = json!({ "s3Bucket": "b", "s3ObjectKey": [KEY] }).to_string();
    let published = json!({ "TopicArn": "arn:aws:sns:r:1:t", "Message": files, "Timestamp": TIME });
    let by_sns = json!({ "Records": [{ "EventSource": "aws:sns", "Sns": published }] });
    let object = json!({ "bucket": { "name": "b" }, "object": { "key": KEY } });
    let by_s3 = json!({ "Records": [{ "eventTime": TIME, "s3": object }] });
    let bridge = json!({ "source": "aws.s3", "time": TIME, "detail": object });
    for event in [&published, &by_sns, &by_s3, &bridge] {
        assert_eq!(landed(event).as_deref(), Some(TIME), "{event}");
    }
    // S3's own time counts also where SNS has passed the event on.
    let passed_on =
        json!({ "Message": by_s3.to_string(), "Timestamp": "2026-11-24T00:06:00.000Z" });
    let passed_on = json!({ "Records": [{ "Sns": passed_on }] });
    assert_eq!(landed(&passed_on).as_deref(), Some(TIME));
    assert_eq!(landed(&sns(&files)), None);
    // A file that is told of twice is one file.
    let twice = json!({ "Records": [{ "Sns": { "Message": files } }, { "Sns": published }] });
    assert_eq!(landed(&twice), None);
}
