//! What an invocation carries: the shapes of CloudTrail's, S3's and EventBridge's messages, and the keys of log files.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// The text that CloudTrail publishes when a trail with a topic is created or updated.
pub const VALIDATION: &str = "CloudTrail validation message.";

/// A log file's address. The key is decoded, as S3 stores it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    pub bucket: String,
    pub key: String,
    pub size: Option<u64>,
    pub etag: Option<String>,
    /// RFC 3339, if the message has it.
    pub last_modified: Option<String>,
}

impl Object {
    /// Returns an object with nothing but its address.
    #[must_use]
    pub fn new(bucket: String, key: String) -> Self {
        Self {
            bucket,
            key,
            size: None,
            etag: None,
            last_modified: None,
        }
    }
}

/// What an invocation asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Work {
    pub objects: Vec<Object>,
    /// A validation message or test event came: sign in and check whether the bucket can be read.
    pub probe: bool,
    /// How many items were ignored, by reason.
    pub ignored: BTreeMap<&'static str, u64>,
}

impl Work {
    fn ignore(&mut self, reason: &'static str) {
        *self.ignored.entry(reason).or_default() += 1;
    }

    fn object(&mut self, object: Object, bucket: &str, prefix: &str) {
        if object.bucket != bucket {
            return self.ignore("foreignBucket");
        }
        match LogKey::parse(&object.key) {
            // The same file twice in one invocation is moved once.
            Some(key) if key.prefix == prefix => {
                if !self.objects.contains(&object) {
                    self.objects.push(object);
                }
            }
            Some(_) => self.ignore("foreignPrefix"),
            None => self.ignore("notALogFile"),
        }
    }
}

/// How deep an event may be wrapped: for example a queue's record around Lambda's envelope around the event.
const WRAPPED: u32 = 3;

/// Reads an event. Anything that is not understood is counted, never an error.
#[must_use]
pub fn read(event: &Value, bucket: &str, prefix: &str) -> Work {
    let mut work = Work::default();
    unwrap(&mut work, event, bucket, prefix, WRAPPED);
    work
}

/// Reads an event as it was sent, or as it comes back from a dead-letter queue. The queue holds what SNS or EventBridge could
/// not deliver, or what Lambda gave up: the event itself, or the event in the envelope of a destination.
fn unwrap(work: &mut Work, event: &Value, bucket: &str, prefix: &str, wrapped: u32) {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(ToOwned::to_owned);
    if let Some(payload) = event.get("requestPayload").filter(|_| wrapped > 0) {
        return unwrap(work, payload, bucket, prefix, wrapped - 1);
    }
    if let (Some(_), Some(message)) = (text(event, "TopicArn"), text(event, "Message")) {
        return self::message(work, &message, bucket, prefix);
    }
    let Some(records) = event.get("Records").and_then(Value::as_array) else {
        return body(work, event, bucket, prefix);
    };
    for record in records {
        if let Some(message) = record.pointer("/Sns/Message").and_then(Value::as_str) {
            self::message(work, message, bucket, prefix);
        } else if record.get("eventSource").and_then(Value::as_str) == Some("aws:sqs") {
            let queued = text(record, "body").and_then(|text| serde_json::from_str(&text).ok());
            match queued.filter(|_| wrapped > 0) {
                Some(queued) => unwrap(work, &queued, bucket, prefix, wrapped - 1),
                None => work.ignore("unknownMessage"),
            }
        } else {
            s3_record(work, record, bucket, prefix);
        }
    }
}

/// Reads the text of an SNS message.
fn message(work: &mut Work, text: &str, bucket: &str, prefix: &str) {
    if text.trim() == VALIDATION {
        work.probe = true;
        return;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => body(work, &value, bucket, prefix),
        Err(_) => work.ignore("unknownMessage"),
    }
}

fn body(work: &mut Work, value: &Value, bucket: &str, prefix: &str) {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    if let (Some(of), Some(keys)) = (
        text("/s3Bucket"),
        value.get("s3ObjectKey").and_then(Value::as_array),
    ) {
        // CloudTrail's own message: several keys, not encoded.
        for key in keys {
            match key.as_str() {
                Some(key) => {
                    let object = Object::new(of.to_owned(), key.to_owned());
                    work.object(object, bucket, prefix);
                }
                None => work.ignore("unknownMessage"),
            }
        }
    } else if text("/Event") == Some("s3:TestEvent") {
        work.probe = true;
    } else if let Some(records) = value.get("Records").and_then(Value::as_array) {
        for record in records {
            s3_record(work, record, bucket, prefix);
        }
    } else if text("/source") == Some("aws.s3")
        && let (Some(of), Some(key)) = (text("/detail/bucket/name"), text("/detail/object/key"))
    {
        if text("/detail-type").is_some_and(|kind| kind != "Object Created") {
            return work.ignore("otherEvent");
        }
        // EventBridge: keys are not encoded.
        let object = Object {
            bucket: of.to_owned(),
            key: key.to_owned(),
            size: value.pointer("/detail/object/size").and_then(Value::as_u64),
            etag: text("/detail/object/etag").map(ToOwned::to_owned),
            last_modified: text("/time").map(ToOwned::to_owned),
        };
        work.object(object, bucket, prefix);
    } else {
        work.ignore("unknownMessage");
    }
}

/// Reads a record of an S3 event. Its key is URL-encoded, with `+` for a space.
fn s3_record(work: &mut Work, record: &Value, bucket: &str, prefix: &str) {
    let text = |pointer: &str| record.pointer(pointer).and_then(Value::as_str);
    if text("/eventName").is_some_and(|name| !name.starts_with("ObjectCreated:")) {
        return work.ignore("otherEvent");
    }
    let (Some(of), Some(key)) = (text("/s3/bucket/name"), text("/s3/object/key")) else {
        return work.ignore("unknownMessage");
    };
    let plain = key.replace('+', " ");
    let Ok(key) = percent_decode_str(&plain).decode_utf8() else {
        return work.ignore("notALogFile");
    };
    let object = Object {
        bucket: of.to_owned(),
        key: key.into_owned(),
        size: record.pointer("/s3/object/size").and_then(Value::as_u64),
        etag: text("/s3/object/eTag").map(ToOwned::to_owned),
        last_modified: text("/eventTime").map(ToOwned::to_owned),
    };
    work.object(object, bucket, prefix);
}

/// The parts of a CloudTrail log file's key, `[prefix/]AWSLogs/[o-id/]account/CloudTrail/region/yyyy/mm/dd/file.json.gz`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogKey {
    /// Without slashes at its edges; may be empty.
    pub prefix: String,
    /// Twelve digits.
    pub account: String,
    pub region: String,
}

impl LogKey {
    /// Parses a log file's key. `None` for everything else: digests, insights, markers, Config files.
    #[must_use]
    pub fn parse(key: &str) -> Option<Self> {
        let segments: Vec<&str> = key.split('/').collect();
        // Read from the end, because a prefix may itself contain `AWSLogs`.
        let [.., account, kind, region, year, month, day, file] = segments[..] else {
            return None;
        };
        let digits = |text: &str, length: usize| {
            text.len() == length && text.bytes().all(|b| b.is_ascii_digit())
        };
        let fits = kind == "CloudTrail"
            && digits(year, 4)
            && digits(month, 2)
            && digits(day, 2)
            && !region.is_empty()
            && region
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && file.len() > ".json.gz".len()
            && file.ends_with(".json.gz");
        if !fits || !digits(account, 12) {
            return None;
        }
        let head = &segments[..segments.len() - 7];
        let head = match head {
            // In an organization's trail, the organization's id comes before the account. Control Tower uses the id as prefix
            // as well.
            [head @ .., "AWSLogs", organization] if organization.starts_with("o-") => head,
            [head @ .., "AWSLogs"] => head,
            _ => return None,
        };
        Some(Self {
            prefix: head.join("/"),
            account: account.to_owned(),
            region: region.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
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
        let destination =
            json!({ "version": "1.0", "requestContext": {}, "requestPayload": given_up });
        let bridge = json!({ "source": "aws.s3", "detail-type": "Object Created", "detail": { "bucket": { "name": "b" }, "object": { "key": KEY } } });
        for body in [&notification, &given_up, &destination, &bridge] {
            let queued =
                json!({ "Records": [{ "eventSource": "aws:sqs", "body": body.to_string() }] });
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
}
