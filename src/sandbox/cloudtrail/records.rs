//! Log files, and made-up events for them that look like those that CloudTrail records.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    connection::{AccountId, Region},
    sandbox::cloud::LogFile,
};

/// Event source, event name, and whether the event only reads.
const EVENTS: &[(&str, &str, bool)] = &[
    ("sts.amazonaws.com", "AssumeRole", true),
    ("sts.amazonaws.com", "GetCallerIdentity", true),
    ("ec2.amazonaws.com", "DescribeInstances", true),
    ("ec2.amazonaws.com", "RunInstances", false),
    ("iam.amazonaws.com", "ListUsers", true),
    ("iam.amazonaws.com", "CreateAccessKey", false),
    ("s3.amazonaws.com", "GetBucketAcl", true),
    ("kms.amazonaws.com", "Decrypt", true),
    (
        "lambda.amazonaws.com",
        "UpdateFunctionCode20150331v2",
        false,
    ),
    ("cloudtrail.amazonaws.com", "DescribeTrails", true),
];

/// A log file as CloudTrail stores it.
pub(crate) struct Stored {
    pub(crate) key: String,
    /// Compressed.
    pub(crate) body: Vec<u8>,
    hash: String,
    oldest: String,
    newest: String,
}

impl Stored {
    /// What a digest says of the file in this bucket.
    #[must_use]
    pub(super) fn listed(&self, bucket: &str) -> LogFile {
        LogFile {
            bucket: bucket.to_owned(),
            key: self.key.clone(),
            hash: self.hash.clone(),
            oldest: self.oldest.clone(),
            newest: self.newest.clone(),
        }
    }
}

/// A log file with some made-up events, for a folder of log files.
pub(crate) fn stored(
    account: &AccountId,
    region: &Region,
    folder: &str,
    at: Timestamp,
) -> std::io::Result<Stored> {
    let events = made_up(account, region, at, some());
    file(account, region, folder, at, &events)
}

/// A log file with these events. Its key has the time of its delivery in minutes.
pub(super) fn file(
    account: &AccountId,
    region: &Region,
    folder: &str,
    at: Timestamp,
    events: &[Value],
) -> std::io::Result<Stored> {
    let unique = &uuid::Uuid::new_v4().simple().to_string()[..16];
    let key = format!(
        "{folder}{region}/{}/{account}_CloudTrail_{region}_{}_{unique}.json.gz",
        at.strftime("%Y/%m/%d"),
        at.strftime("%Y%m%dT%H%MZ"),
    );
    let times = || {
        events
            .iter()
            .filter_map(|event| event["eventTime"].as_str())
    };
    let content = json!({ "Records": events }).to_string();
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(content.as_bytes())?;
    Ok(Stored {
        key,
        body: encoder.finish()?,
        hash: hex::encode(Sha256::digest(&content)),
        oldest: times().min().unwrap_or_default().to_owned(),
        newest: times().max().unwrap_or_default().to_owned(),
    })
}

/// How many events a file has, a different number each time.
pub(super) fn some() -> usize {
    let seed = uuid::Uuid::new_v4().as_u128();
    3 + usize::try_from(seed % 18).unwrap_or_default()
}

/// Events of the minutes before.
pub(super) fn made_up(
    account: &AccountId,
    region: &Region,
    at: Timestamp,
    count: usize,
) -> Vec<Value> {
    let seed = uuid::Uuid::new_v4().as_u128();
    (0..count)
        .map(|number| record(account, region, number, seed, at))
        .collect()
}

/// An event of the five minutes before `until`.
fn record(
    account: &AccountId,
    region: &Region,
    number: usize,
    seed: u128,
    until: Timestamp,
) -> Value {
    let pick = (number as u128)
        .wrapping_mul(2_654_435_761)
        .wrapping_add(seed);
    let (source, name, read_only) =
        EVENTS[usize::try_from(pick % EVENTS.len() as u128).unwrap_or_default()];
    let ago = jiff::SignedDuration::from_secs(i64::try_from(pick % 300).unwrap_or_default());
    let at = until - ago;
    let user = ["alice", "bob", "ci-deploy"][usize::try_from(pick % 3).unwrap_or_default()];
    json!({
        "eventVersion": "1.10",
        "userIdentity": {
            "type": "IAMUser",
            "principalId": "AIDAEXAMPLEEXAMPLEEX",
            "arn": format!("arn:aws:iam::{account}:user/{user}"),
            "accountId": account,
            "accessKeyId": "AKIAEXAMPLEEXAMPLEEX",
            "userName": user,
        },
        "eventTime": at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        "eventSource": source,
        "eventName": name,
        "awsRegion": region,
        "sourceIPAddress": format!("198.51.100.{}", pick % 254 + 1),
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": null,
        "responseElements": null,
        "requestID": uuid::Uuid::new_v4(),
        "eventID": uuid::Uuid::new_v4(),
        "readOnly": read_only,
        "eventType": "AwsApiCall",
        "managementEvent": true,
        "recipientAccountId": account,
        "eventCategory": "Management",
    })
}

/// The answer to `LookupEvents`: fifty events, newest first, one every ten seconds.
#[must_use]
pub(super) fn recent(account: &AccountId, region: &Region) -> Value {
    let now = Timestamp::now();
    let events: Vec<Value> = (0..50)
        .map(|number| {
            let at = now - jiff::SignedDuration::from_secs(10 * number);
            let record = record(
                account,
                region,
                usize::try_from(number).unwrap_or_default(),
                7,
                now,
            );
            json!({
                "EventId": record["eventID"],
                "EventName": record["eventName"],
                "EventSource": record["eventSource"],
                "EventTime": at.as_second(),
                "CloudTrailEvent": record.to_string(),
            })
        })
        .collect();
    json!({ "Events": events })
}
