//! Why the bucket may not be emptied: it is locked, or it holds or may get objects that are not our trail's.

use serde_json::Value;

use super::{
    logs::{log_folders, versions},
    look::object_lock,
    policy::read_policy,
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    policy,
    resources::seen::Seen,
    ui::{Result, t},
};

/// Why the bucket may not be emptied, if so: Object Lock, someone else who may write there, or objects that are not our trail's.
pub(crate) async fn not_deletable(aws: &Aws, design: &Design) -> Result<Option<String>> {
    let bucket = &design.bucket;
    let hidden = |action: &str| {
        let arn = design.bucket_arn();
        Ok(Some(t!("document-denied", arn = arn, action = action)))
    };
    match object_lock(aws, bucket).await? {
        Seen::There(()) => return Ok(Some(t!("bucket-locked", bucket = bucket))),
        Seen::Denied(action) => return hidden(action),
        Seen::Absent => {}
    }
    match read_policy(aws, bucket).await? {
        Seen::There(document) => {
            let ours = design.bucket_statement_ids();
            if let Some(statement) = foreign_writer(&document, &ours) {
                return Ok(Some(t!(
                    "bucket-foreign-writer",
                    bucket = bucket,
                    statement = statement
                )));
            }
        }
        Seen::Denied(action) => return hidden(action),
        Seen::Absent => {}
    }
    let foreign = foreign_key(aws, design).await?;
    Ok(foreign.map(|key| t!("bucket-foreign-objects", bucket = bucket, key = key)))
}

/// A statement that is not ours and allows writing into the bucket: its `Sid`, or the statement itself.
fn foreign_writer(document: &Value, ours: &[String]) -> Option<String> {
    let writes = |action: &Value| {
        let action = action.as_str().unwrap_or_default();
        ["s3:PutObject", "s3:PutObjectAcl", "s3:ReplicateObject"]
            .iter()
            .any(|write| policy::evaluate::like(action, write))
    };
    let found = policy::statements(document).into_iter().find(|statement| {
        let sid = statement["Sid"].as_str().unwrap_or_default();
        let actions = match &statement["Action"] {
            Value::Array(list) => list.iter().any(writes),
            one @ Value::String(_) => writes(one),
            // `NotAction` allows all actions but some.
            _ => true,
        };
        statement["Effect"] == "Allow" && actions && !ours.iter().any(|id| id == sid)
    })?;
    let sid = found["Sid"].as_str().map(ToOwned::to_owned);
    Some(sid.unwrap_or_else(|| found.to_string()))
}

/// A key that our trail has not written, in any version. The search goes level by level, so the number of log files does not
/// matter.
async fn foreign_key(aws: &Aws, design: &Design) -> Result<Option<String>, AwsError> {
    let ours = log_folders(design);
    let mut open = vec![String::new()];
    while let Some(prefix) = open.pop() {
        let mut page = versions(aws, design, &prefix, true, None).await?;
        loop {
            let keys = page.versions().iter().filter_map(|one| one.key());
            let marked = page.delete_markers().iter().filter_map(|one| one.key());
            // Our folders are never opened, so no key at this level is in one.
            if let Some(key) = keys.chain(marked).next() {
                return Ok(Some(key.to_owned()));
            }
            for folder in page.common_prefixes().iter().filter_map(|one| one.prefix()) {
                if ours.iter().any(|ours| ours == folder) {
                    continue;
                }
                if !ours.iter().any(|ours| ours.starts_with(folder)) {
                    return Ok(Some(folder.to_owned()));
                }
                open.push(folder.to_owned());
            }
            if page.is_truncated() != Some(true) {
                break;
            }
            page = versions(aws, design, &prefix, true, Some(&page)).await?;
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;
    use crate::{
        aws::served,
        connection::{Feed, Organization, fixture},
    };

    /// The only bucket of an S3 that answers what is asked here.
    #[derive(Clone, Debug, Default)]
    struct Bucket {
        keys: Vec<String>,
        /// Keys whose latest version is a delete marker.
        deleted: Vec<String>,
        policy: Option<Value>,
        locked: bool,
    }

    impl Bucket {
        fn answer(&self, asked: &served::Asked) -> Option<(u16, String)> {
            let absent = |code: &str| (404, format!("<Error><Code>{code}</Code></Error>"));
            Some(if asked.contains_key("object-lock") {
                match self.locked {
                    true => (200, LOCK.to_owned()),
                    false => absent("ObjectLockConfigurationNotFoundError"),
                }
            } else if asked.contains_key("policy") {
                match &self.policy {
                    Some(policy) => (200, policy.to_string()),
                    None => absent("NoSuchBucketPolicy"),
                }
            } else if asked.contains_key("versions") {
                (
                    200,
                    self.level(asked.get("prefix").map_or("", String::as_str)),
                )
            } else {
                return None;
            })
        }

        /// What is right below a prefix: objects, and one entry for each folder.
        fn level(&self, prefix: &str) -> String {
            let mut entries = BTreeSet::new();
            for (keys, kind) in [(&self.keys, "Version"), (&self.deleted, "DeleteMarker")] {
                let below = keys.iter().filter_map(|key| key.strip_prefix(prefix));
                entries.extend(below.map(|rest| match rest.split_once('/') {
                    Some((folder, _)) => {
                        format!(
                            "<CommonPrefixes><Prefix>{prefix}{folder}/</Prefix></CommonPrefixes>"
                        )
                    }
                    None => format!("<{kind}><Key>{prefix}{rest}</Key></{kind}>"),
                }));
            }
            let entries = Vec::from_iter(entries).concat();
            format!(
                "<ListVersionsResult><IsTruncated>false</IsTruncated>{entries}</ListVersionsResult>"
            )
        }
    }

    const LOCK: &str = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

    /// Why this bucket of the design may not be emptied.
    async fn refusal(design: &Design, bucket: Bucket) -> Option<String> {
        let aws = served::aws(design, move |asked| bucket.answer(asked)).await;
        not_deletable(&aws, design).await.unwrap()
    }

    /// A bucket with the files that our trail writes, below a prefix.
    fn ours(prefix: &str) -> Bucket {
        let kinds = ["CloudTrail", "CloudTrail-Digest", "CloudTrail-Insight"];
        let key =
            |kind| format!("{prefix}AWSLogs/111122223333/{kind}/eu-west-1/2026/11/24/x.json.gz");
        Bucket {
            keys: kinds.map(key).to_vec(),
            ..Bucket::default()
        }
    }

    #[tokio::test]
    async fn a_bucket_with_our_files_alone_may_be_emptied() {
        let mut design = fixture::design(Feed::New);
        assert_eq!(refusal(&design, Bucket::default()).await, None);
        let mut bucket = ours("");
        bucket.deleted = std::mem::take(&mut bucket.keys);
        bucket.policy = Some(json!({ "Statement": design.bucket_statements() }));
        assert_eq!(refusal(&design, bucket).await, None);
        design.prefix = "audit/logs".parse().unwrap();
        assert_eq!(refusal(&design, ours("audit/logs/")).await, None);
        design.organization = Some(Organization {
            id: "o-abcdefghij".to_owned(),
            management: design.account.clone(),
        });
        let mut bucket = ours("audit/logs/");
        let member = "audit/logs/AWSLogs/o-abcdefghij/999999999999/CloudTrail/x";
        bucket.keys.push(member.to_owned());
        assert_eq!(refusal(&design, bucket).await, None);
    }

    #[tokio::test]
    async fn a_key_that_is_not_our_trails_is_found_wherever_it_is() {
        let design = fixture::design(Feed::New);
        let mut below = design.clone();
        below.prefix = "audit/logs".parse().unwrap();
        for (design, prefix, key, named) in [
            // Before and behind `AWSLogs/`, and on every level in it.
            (&design, "", "0.txt", "0.txt"),
            (&design, "", "z.txt", "z.txt"),
            (&design, "", "A/x", "A/"),
            (
                &design,
                "",
                "audit/AWSLogs/111122223333/CloudTrail/x",
                "audit/",
            ),
            (&design, "", "AWSLogs/x", "AWSLogs/x"),
            (
                &design,
                "",
                "AWSLogs/999999999999/CloudTrail/x",
                "AWSLogs/999999999999/",
            ),
            (
                &design,
                "",
                "AWSLogs/111122223333/Config/x",
                "AWSLogs/111122223333/Config/",
            ),
            (
                &below,
                "audit/logs/",
                "AWSLogs/111122223333/CloudTrail/x",
                "AWSLogs/",
            ),
            (&below, "audit/logs/", "audit/x", "audit/x"),
            (&below, "audit/logs/", "audit/logs/AWS/x", "audit/logs/AWS/"),
        ] {
            let complaint = t!(
                "bucket-foreign-objects",
                bucket = design.bucket,
                key = named
            );
            let mut bucket = ours(prefix);
            bucket.keys.push(key.to_owned());
            let found = refusal(design, bucket).await;
            assert_eq!(found.as_ref(), Some(&complaint), "{key}");
            let mut bucket = ours(prefix);
            bucket.deleted.push(key.to_owned());
            let found = refusal(design, bucket).await;
            assert_eq!(found, Some(complaint), "{key} under a delete marker");
        }
    }

    #[tokio::test]
    async fn a_locked_bucket_and_one_that_others_write_into_may_not_be_emptied() {
        let design = fixture::design(Feed::New);
        let mut bucket = ours("");
        bucket.locked = true;
        let locked = t!("bucket-locked", bucket = design.bucket);
        assert_eq!(refusal(&design, bucket).await, Some(locked));
        let mut bucket = ours("");
        bucket.policy = Some(json!({ "Statement": [{
            "Sid": "Config", "Effect": "Allow", "Principal": "*", "Action": "s3:PutObject", "Resource": "*",
        }] }));
        let writer = t!(
            "bucket-foreign-writer",
            bucket = design.bucket,
            statement = "Config"
        );
        assert_eq!(refusal(&design, bucket).await, Some(writer));
    }

    #[test]
    fn who_else_may_write_into_the_bucket_is_found_in_its_policy() {
        let ours = ["SophosCt-1-Write".to_owned()];
        let found = |sid: &str, effect: &str, action: Value| {
            let statement = json!({ "Sid": sid, "Effect": effect, "Principal": "*", "Action": action, "Resource": "*" });
            foreign_writer(&json!({ "Statement": statement }), &ours).is_some()
        };
        for action in [
            json!("s3:PutObject"),
            json!(["s3:GetObject", "s3:Put*"]),
            json!("s3:*"),
            json!("*"),
            json!("S3:putobjectacl"),
            json!("s3:*Object"),
            json!("s3:Put?bject"),
            json!("s3:ReplicateObject"),
        ] {
            assert!(found("Config", "Allow", action.clone()), "{action}");
        }
        assert!(!found("SophosCt-1-Write", "Allow", json!("s3:PutObject")));
        assert!(!found("Tls", "Deny", json!("s3:*")));
        assert!(!found(
            "Readers",
            "Allow",
            json!(["s3:GetObject", "s3:ListBucket"])
        ));
    }
}
