//! How much a bucket holds, for whoever is asked whether it may be deleted.

use aws_sdk_s3::types::ObjectVersion;
use jiff::Timestamp;
use serde::Serialize;

use super::logs::versions;
use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::seen::{Seen, seen},
};

/// Counting stops here: a call lists a thousand (S3 API Reference, `ListObjectVersions`), so this is a hundred calls.
const ENOUGH: usize = 100_000;

/// What a bucket holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Held {
    /// Objects, those too that a delete marker hides.
    pub objects: usize,
    /// All versions of them.
    pub versions: usize,
    /// The size of all versions.
    pub bytes: u64,
    /// When the oldest version was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oldest: Option<Timestamp>,
    /// When the newest version was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newest: Option<Timestamp>,
    /// Whether everything was counted; otherwise there may be more.
    pub complete: bool,
}

/// Counts what the bucket holds, up to a bound.
pub(crate) async fn count(aws: &Aws, design: &Design) -> Result<Seen<Held>, AwsError> {
    count_to(ENOUGH, aws, design).await
}

async fn count_to(enough: usize, aws: &Aws, design: &Design) -> Result<Seen<Held>, AwsError> {
    let mut held = Held::default();
    let mut entries = 0;
    let mut key: Option<String> = None;
    let mut before = None;
    loop {
        let page = versions(aws, design, "", false, before.as_ref()).await;
        let page = match seen(page, &["NoSuchBucket"])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        for version in page.versions() {
            // Versions of an object follow each other.
            if version.key() != key.as_deref() {
                key = version.key().map(ToOwned::to_owned);
                held.objects += 1;
            }
            held.add(version);
        }
        entries += page.versions().len() + page.delete_markers().len();
        held.complete = page.is_truncated() != Some(true);
        if held.complete || entries >= enough {
            return Ok(Seen::There(held));
        }
        before = Some(page);
    }
}

impl Held {
    fn add(&mut self, version: &ObjectVersion) {
        self.versions += 1;
        let size = version.size().and_then(|size| u64::try_from(size).ok());
        self.bytes = self.bytes.saturating_add(size.unwrap_or_default());
        let modified = version.last_modified();
        let Some(at) = modified.and_then(|at| Timestamp::from_second(at.secs()).ok()) else {
            return;
        };
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
        self.newest = Some(self.newest.map_or(at, |newest| newest.max(at)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::served,
        connection::{Feed, fixture},
    };

    /// What an S3 answers whose listing of versions has these pages, and no more; a page that is not there is denied.
    fn answer(pages: &[String], asked: &served::Asked) -> Option<(u16, String)> {
        asked.get("versions")?;
        let number: usize = asked
            .get("key-marker")
            .map_or(0, |marker| marker.parse().unwrap());
        Some(match pages.get(number) {
            None => (403, "<Error><Code>AccessDenied</Code></Error>".to_owned()),
            Some(entries) => {
                let (next, more) = (number + 1, number + 1 < pages.len());
                let page = format!(
                    "<ListVersionsResult><IsTruncated>{more}</IsTruncated><NextKeyMarker>{next}</NextKeyMarker>{entries}</ListVersionsResult>"
                );
                (200, page)
            }
        })
    }

    fn version(key: &str, size: u64, at: &str) -> String {
        format!(
            "<Version><Key>{key}</Key><Size>{size}</Size><LastModified>{at}</LastModified></Version>"
        )
    }

    async fn counted(enough: usize, pages: &[String]) -> Seen<Held> {
        let design = fixture::design(Feed::New);
        let pages = pages.to_vec();
        let aws = served::aws(&design, move |asked| answer(&pages, asked)).await;
        count_to(enough, &aws, &design).await.unwrap()
    }

    fn two_pages() -> [String; 2] {
        let marker = "<DeleteMarker><Key>b</Key></DeleteMarker>";
        [
            version("a", 5, "2026-11-03T10:00:00.000Z") + &version("b", 7, "2026-11-02T10:00:00Z"),
            version("b", 11, "2026-11-01T10:00:00.000Z") + marker,
        ]
    }

    #[tokio::test]
    async fn objects_versions_bytes_and_times_of_all_pages_are_counted() {
        let expected = Held {
            objects: 2,
            versions: 3,
            bytes: 23,
            oldest: Some("2026-11-01T10:00:00Z".parse().unwrap()),
            newest: Some("2026-11-03T10:00:00Z".parse().unwrap()),
            complete: true,
        };
        assert_eq!(counted(100, &two_pages()).await, Seen::There(expected));
        let empty = Held {
            complete: true,
            ..Held::default()
        };
        assert_eq!(counted(100, &[String::new()]).await, Seen::There(empty));
    }

    #[tokio::test]
    async fn counting_stops_at_the_bound_and_says_so() {
        let Seen::There(held) = counted(2, &two_pages()).await else {
            panic!("the listing is denied");
        };
        assert!(!held.complete);
        assert_eq!((held.objects, held.versions, held.bytes), (2, 2, 12));
    }

    #[tokio::test]
    async fn delete_markers_count_towards_the_bound() {
        let at = "2026-11-03T10:00:00.000Z";
        let marker = "<DeleteMarker><Key>b</Key></DeleteMarker>";
        let pages = [version("a", 5, at) + marker, version("c", 7, at)];
        let Seen::There(held) = counted(2, &pages).await else {
            panic!("the listing is denied");
        };
        assert!(!held.complete);
        assert_eq!(held.versions, 1);
    }

    #[tokio::test]
    async fn a_listing_that_is_denied_is_not_an_empty_bucket() {
        let denied = Seen::Denied("s3:ListBucketVersions");
        assert_eq!(counted(100, &[]).await, denied);
    }
}
