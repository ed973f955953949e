//! Made-up events that look like those that CloudTrail records, and the log files that contain them.

use std::io::Write;

use flate2::{Compression, write::GzEncoder};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::connection::{AccountId, Region};

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

/// A log file as CloudTrail stores it: its key, in a folder of log files, and its bytes.
pub(crate) fn stored(
    account: &AccountId,
    region: &Region,
    folder: &str,
    at: Timestamp,
) -> std::io::Result<(String, Vec<u8>)> {
    let unique = &uuid::Uuid::new_v4().simple().to_string()[..16];
    let key = format!(
        "{folder}{region}/{}/{account}_CloudTrail_{region}_{}_{unique}.json.gz",
        at.strftime("%Y/%m/%d"),
        at.strftime("%Y%m%dT%H%MZ"),
    );
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(file(account, region, at).to_string().as_bytes())?;
    Ok((key, encoder.finish()?))
}

/// The content of a log file: some events of the minutes before.
fn file(account: &AccountId, region: &Region, at: Timestamp) -> Value {
    let seed = uuid::Uuid::new_v4().as_u128();
    let count = 3 + usize::try_from(seed % 18).unwrap_or_default();
    let records: Vec<Value> = (0..count)
        .map(|number| record(account, region, number, seed, at))
        .collect();
    json!({ "Records": records })
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
