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
    use serde_json::json;

    use super::*;

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
