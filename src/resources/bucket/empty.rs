//! Empties the bucket: deletes all versions of our trail's log files.

use std::{pin::pin, time::Duration};

use aws_sdk_s3::{
    operation::list_object_versions::ListObjectVersionsOutput,
    types::{Delete, ObjectIdentifier},
};
use futures::{StreamExt, stream};
use tokio::time::Instant;

use super::{
    foreign::not_deletable,
    logs::{log_folders, versions},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::cx::Cx,
    ui::{Code, Failure, Result, t},
};

/// How many pages are deleted at the same time. A page has a thousand versions, as many as one call deletes (S3 API Reference,
/// `DeleteObjects`).
const AT_ONCE: usize = 8;
/// After this many pages it is looked again whether the bucket may still be emptied.
const LOOKED: usize = 8;
/// How often a run says how far it is: a page takes less than a second.
const OFTEN: Duration = Duration::from_secs(1);
/// Errors of single keys with which S3 asks to try again (S3 API Reference, "List of error codes").
const PASSING: &[&str] = &["InternalError", "ServiceUnavailable", "SlowDown"];

/// Deletes every version of everything in our folders. A run that was stopped is continued by the next one.
pub(super) async fn empty(cx: Cx<'_>, end: Instant) -> Result<()> {
    let mut deleted = Deleted::default();
    for folder in log_folders(cx.design) {
        // Once more after each pass: late log files may have come, and S3 may have refused some keys for a moment.
        loop {
            let pass = pass(cx, &folder, end, &mut deleted).await?;
            match pass {
                Pass { found: 0, .. } => break,
                Pass {
                    deleted: 0,
                    refused: Some(error),
                    ..
                } => return Err(error.into()),
                _ => {}
            }
        }
    }
    Ok(())
}

/// What a run has deleted.
#[derive(Default)]
struct Deleted {
    count: usize,
    /// When it was told last.
    told: Option<Instant>,
}

impl Deleted {
    /// Counts more, and tells it from time to time.
    fn add(&mut self, cx: Cx<'_>, end: Instant, more: usize) {
        self.count += more;
        let now = Instant::now();
        if self
            .told
            .is_none_or(|told| now.duration_since(told) >= OFTEN)
        {
            self.told = Some(now);
            let what = t!("wait-bucket-emptying", count = self.count);
            (cx.waiting)(&what, end.saturating_duration_since(now));
        }
    }
}

/// What one pass through a folder came to.
#[derive(Default)]
struct Pass {
    found: usize,
    deleted: usize,
    /// The last error of a key that may be deleted later.
    refused: Option<AwsError>,
}

/// Lists a folder from its beginning to its end and deletes what is listed, page by page.
async fn pass(cx: Cx<'_>, folder: &str, end: Instant, deleted: &mut Deleted) -> Result<Pass> {
    let (aws, design) = (cx.aws, cx.design);
    let mut pass = Pass::default();
    let pages = stream::try_unfold((0, None), |(number, before)| {
        next_page(cx, folder, end, number, before)
    });
    let batches = pages
        .map(|page| async move {
            let objects = identifiers(&page?);
            let count = objects.len();
            let refused = match objects.is_empty() {
                true => Vec::new(),
                false => delete_objects(aws, design, objects).await?,
            };
            Ok::<_, Failure>((count, refused))
        })
        .buffer_unordered(AT_ONCE);
    let mut batches = pin!(batches);
    while let Some(batch) = batches.next().await {
        let (count, mut refused) = batch?;
        pass.found += count;
        pass.deleted += count - refused.len();
        if count > 0 {
            deleted.add(cx, end, count - refused.len());
        }
        pass.refused = refused.pop().or(pass.refused);
    }
    Ok(pass)
}

/// Where a listing is: the number of the next page, and the page before it.
type At = (usize, Option<ListObjectVersionsOutput>);

/// The next page of a listing; `None` after the last one.
async fn next_page(
    cx: Cx<'_>,
    folder: &str,
    end: Instant,
    number: usize,
    before: Option<ListObjectVersionsOutput>,
) -> Result<Option<(ListObjectVersionsOutput, At)>> {
    let (aws, design) = (cx.aws, cx.design);
    if before
        .as_ref()
        .is_some_and(|page| page.is_truncated() != Some(true))
    {
        return Ok(None);
    }
    if number.is_multiple_of(LOOKED)
        && let Some(complaint) = not_deletable(aws, design).await?
    {
        return Err(Failure::new(Code::Conflict, complaint));
    }
    if Instant::now() >= end {
        let not_empty = t!("bucket-not-emptied", bucket = design.bucket);
        return Err(Failure::new(Code::Failed, not_empty));
    }
    let page = versions(aws, design, folder, false, before.as_ref()).await?;
    // The next page is asked for by this one's markers alone.
    let markers = ListObjectVersionsOutput::builder()
        .set_is_truncated(page.is_truncated())
        .set_next_key_marker(page.next_key_marker().map(ToOwned::to_owned))
        .set_next_version_id_marker(page.next_version_id_marker().map(ToOwned::to_owned))
        .build();
    Ok(Some((page, (number + 1, Some(markers)))))
}

/// Every version and delete marker of a page, each by its id. The id `null` is sent too: in a bucket whose versioning was turned
/// on later, a deletion without it would only put a marker on top (recorded).
fn identifiers(page: &ListObjectVersionsOutput) -> Vec<ObjectIdentifier> {
    let there = page
        .versions()
        .iter()
        .map(|object| (object.key(), object.version_id()));
    let marked = page
        .delete_markers()
        .iter()
        .map(|marker| (marker.key(), marker.version_id()));
    there
        .chain(marked)
        .filter_map(|(key, version)| {
            ObjectIdentifier::builder()
                .key(key?)
                .version_id(version.unwrap_or("null"))
                .build()
                .ok()
        })
        .collect()
}

/// Deletes some versions. Returns the errors of those that may be deleted later; any other error fails.
async fn delete_objects(
    aws: &Aws,
    design: &Design,
    objects: Vec<ObjectIdentifier>,
) -> Result<Vec<AwsError>, AwsError> {
    let delete = Delete::builder()
        .set_objects(Some(objects))
        .quiet(true)
        .build()
        .expect("objects are set");
    let answer = aws
        .s3
        .delete_objects()
        .bucket(&design.bucket)
        .expected_bucket_owner(design.account.as_str())
        .delete(delete)
        .send()
        .await
        .map_err(AwsError::of("s3:DeleteObject"))?;
    let errors = answer.errors().iter();
    let mut refused = Vec::new();
    for error in errors {
        let found = AwsError::in_answer("s3:DeleteObject", error.code(), error.message());
        if !PASSING.iter().any(|code| found.is(code)) {
            return Err(found);
        }
        refused.push(found);
    }
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use std::{
        collections::BTreeSet,
        sync::{Arc, Mutex},
    };

    use super::*;
    use crate::{
        aws::served::{self, Asked},
        aws::wait::quietly,
        connection::{Feed, fixture},
    };

    const PAGE: usize = 1000;

    /// A bucket of log files, as S3 lists and empties it.
    #[derive(Clone)]
    struct Bucket {
        keys: Arc<Mutex<BTreeSet<String>>>,
        /// How many keys S3 refuses to delete for a moment.
        refused: Arc<Mutex<usize>>,
        calls: Arc<Mutex<usize>>,
        /// After this many calls nothing more may be deleted.
        most: Arc<Mutex<usize>>,
    }

    impl Bucket {
        fn of(design: &Design, files: usize) -> Self {
            let folder = &log_folders(design)[0];
            let keys = (0..files).map(|number| format!("{folder}{number:08}.json.gz"));
            Self {
                keys: Arc::new(Mutex::new(keys.collect())),
                refused: Arc::default(),
                calls: Arc::default(),
                most: Arc::new(Mutex::new(usize::MAX)),
            }
        }

        fn answer(&self, asked: &Asked) -> Option<(u16, String)> {
            let get = |name: &str| asked.get(name).map(String::as_str).unwrap_or_default();
            if asked.contains_key("delete") {
                let mut calls = self.calls.lock().unwrap();
                *calls += 1;
                if *calls > *self.most.lock().unwrap() {
                    return Some((403, "<Error><Code>AccessDenied</Code></Error>".to_owned()));
                }
                return Some((200, self.delete(get("body"))));
            }
            if asked.contains_key("versions") {
                // Our folders are all there is on the levels above.
                if asked.contains_key("delimiter") {
                    return Some((200, "<ListVersionsResult/>".to_owned()));
                }
                return Some((200, self.list(get("prefix"), get("key-marker"))));
            }
            let code = match (
                asked.contains_key("policy"),
                asked.contains_key("object-lock"),
            ) {
                (true, _) => "NoSuchBucketPolicy",
                (_, true) => "ObjectLockConfigurationNotFoundError",
                _ => return None,
            };
            Some((404, format!("<Error><Code>{code}</Code></Error>")))
        }

        fn list(&self, prefix: &str, after: &str) -> String {
            let keys = self.keys.lock().unwrap();
            let fitting = keys
                .iter()
                .filter(|key| key.starts_with(prefix) && key.as_str() > after);
            let page: Vec<&String> = fitting.clone().take(PAGE).collect();
            let more = fitting.count() > PAGE;
            let next = page.last().map(|key| key.as_str()).unwrap_or_default();
            let entries: String = page
                .iter()
                .map(|key| {
                    format!("<Version><Key>{key}</Key><VersionId>null</VersionId></Version>")
                })
                .collect();
            format!(
                "<ListVersionsResult><IsTruncated>{more}</IsTruncated><NextKeyMarker>{next}</NextKeyMarker>{entries}</ListVersionsResult>"
            )
        }

        fn delete(&self, body: &str) -> String {
            let mut keys = self.keys.lock().unwrap();
            let mut refused = self.refused.lock().unwrap();
            let mut errors = String::new();
            for key in body.split("<Key>").skip(1) {
                let key = key.split("</Key>").next().unwrap_or_default();
                if *refused > 0 {
                    *refused -= 1;
                    errors += &format!("<Error><Key>{key}</Key><Code>SlowDown</Code></Error>");
                } else {
                    keys.remove(key);
                }
            }
            format!("<DeleteResult>{errors}</DeleteResult>")
        }

        async fn empty(&self, design: &Design) -> Result<()> {
            let bucket = self.clone();
            let aws = served::aws(design, move |asked| bucket.answer(asked)).await;
            let cx = Cx {
                aws: &aws,
                design,
                deployment: None,
                waiting: &quietly,
            };
            empty(cx, Instant::now() + Duration::from_secs(60)).await
        }
    }

    #[tokio::test]
    async fn each_page_is_deleted_once_and_another_run_continues() {
        let design = fixture::design(Feed::New);
        let bucket = Bucket::of(&design, 20 * PAGE + 7);
        *bucket.most.lock().unwrap() = 5;
        bucket.empty(&design).await.unwrap_err();
        assert_eq!(bucket.keys.lock().unwrap().len(), 15 * PAGE + 7);
        *bucket.most.lock().unwrap() = usize::MAX;
        bucket.empty(&design).await.unwrap();
        assert!(bucket.keys.lock().unwrap().is_empty());
        let calls = *bucket.calls.lock().unwrap();
        assert!((21..=21 + AT_ONCE).contains(&calls), "{calls}");
    }

    #[tokio::test]
    async fn keys_that_s3_refuses_for_a_moment_are_deleted_later_and_a_lasting_refusal_fails() {
        let design = fixture::design(Feed::New);
        let bucket = Bucket::of(&design, 2 * PAGE);
        *bucket.refused.lock().unwrap() = 10;
        bucket.empty(&design).await.unwrap();
        assert!(bucket.keys.lock().unwrap().is_empty());
        let full = Bucket::of(&design, 3);
        *full.refused.lock().unwrap() = usize::MAX;
        let failure = full.empty(&design).await.unwrap_err();
        assert!(failure.to_string().contains("SlowDown"), "{failure}");
    }
}
