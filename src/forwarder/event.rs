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
    /// When it landed, in RFC 3339, as far as is known: as a listing has it, or else the time of the message that tells of it.
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
                if self.objects.iter().all(|known| known.key != object.key) {
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
    if let (Some(_), Some(_)) = (text(event, "TopicArn"), text(event, "Message")) {
        return notification(work, event, bucket, prefix);
    }
    let Some(records) = event.get("Records").and_then(Value::as_array) else {
        return body(work, event, None, bucket, prefix);
    };
    for record in records {
        if let Some(told) = record.get("Sns").filter(|told| told["Message"].is_string()) {
            notification(work, told, bucket, prefix);
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

/// Reads a message of SNS, and the time at which it was published (`Timestamp`, SNS developer guide, "HTTP/HTTPS notification
/// JSON format").
fn notification(work: &mut Work, told: &Value, bucket: &str, prefix: &str) {
    let text = told["Message"].as_str().unwrap_or_default();
    if text.trim() == VALIDATION {
        work.probe = true;
        return;
    }
    match serde_json::from_str::<Value>(text) {
        Ok(value) => body(work, &value, told["Timestamp"].as_str(), bucket, prefix),
        Err(_) => work.ignore("unknownMessage"),
    }
}

/// Reads what tells of files. `published` is when SNS was told, if that is known.
fn body(work: &mut Work, value: &Value, published: Option<&str>, bucket: &str, prefix: &str) {
    let text = |pointer: &str| value.pointer(pointer).and_then(Value::as_str);
    if let (Some(of), Some(keys)) = (
        text("/s3Bucket"),
        value.get("s3ObjectKey").and_then(Value::as_array),
    ) {
        // CloudTrail's own message: several keys, not encoded, and no times. CloudTrail publishes it when it has delivered the
        // files (CloudTrail user guide, "Configuring Amazon SNS notifications for CloudTrail"), so the time of that stands for the
        // time at which they landed: without one, nobody could tell how long files take to Central. What S3 lists (a catch-up)
        // comes with its own time.
        for key in keys {
            match key.as_str() {
                Some(key) => {
                    let object = Object {
                        last_modified: published.map(ToOwned::to_owned),
                        ..Object::new(of.to_owned(), key.to_owned())
                    };
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
mod tests;
