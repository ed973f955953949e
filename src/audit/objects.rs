//! The objects of a folder, in the order of their keys.

use std::ops::RangeInclusive;

use aws_smithy_types::DateTime;
use futures::FutureExt;
use jiff::{Timestamp, civil::Date};

use super::{
    pages::{Page, Pages},
    place::Place,
    window::KeyRange,
};
use crate::{
    aws::error::AwsError,
    ui::{Code, Failure, Result, t},
};

/// An object in the bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Object {
    pub key: String,
    pub size: u64,
    /// When it landed.
    pub modified: Timestamp,
}

/// The objects of some days in a folder. S3 lists them by the UTF-8 bytes of their keys (S3 API Reference, `ListObjectsV2`).
pub(crate) struct Objects<'a> {
    pub(super) pages: Pages<'a, Object>,
}

impl<'a> Objects<'a> {
    /// Begins to list. The folder's name ends with `/`.
    #[must_use]
    pub(crate) fn new(place: &'a Place<'a>, folder: &str, days: RangeInclusive<Date>) -> Self {
        Self::of(place, KeyRange::new(folder, &days))
    }

    /// Begins to list the objects with these keys.
    #[must_use]
    pub(super) fn of(place: &'a Place<'a>, keys: KeyRange) -> Self {
        let pages = Pages::new(String::new(), move |from| {
            page(place, keys.clone(), from).boxed_local()
        });
        Self { pages }
    }

    /// Returns the next object.
    pub(crate) async fn next(&mut self) -> Result<Option<Object>> {
        self.pages.next().await
    }
}

/// The page that begins there; the first one if that is empty. A page has at most a thousand objects and may have none; only
/// `IsTruncated` says whether there are more, and `NextContinuationToken` where (S3 API Reference, `ListObjectsV2`).
async fn page(place: &Place<'_>, keys: KeyRange, from: String) -> Result<Page<Object>> {
    let list = place.list(&keys.prefix);
    let list = match from.is_empty() {
        true => list.start_after(&keys.after),
        false => list.continuation_token(&from),
    };
    let list = list.send().await;
    let list = list.map_err(AwsError::of("s3:ListBucket"))?;
    let more = list.is_truncated() == Some(true);
    let token = list.next_continuation_token;
    let listed = list.contents.into_iter().flatten();
    let mut items: Vec<Object> = listed.filter_map(object).collect();
    let count = items.len();
    items.truncate(items.partition_point(|object| object.key < keys.end));
    if !more || items.len() < count {
        return Ok(Page { items, next: None });
    }
    // A list that breaks off would hide files.
    let next = token.filter(|token| !token.is_empty() && *token != from);
    if next.is_none() {
        let text = t!("audit-listing-broken", bucket = place.bucket);
        return Err(Failure::new(Code::Failed, text));
    }
    Ok(Page { items, next })
}

fn object(listed: aws_sdk_s3::types::Object) -> Option<Object> {
    let size = listed.size.and_then(|size| u64::try_from(size).ok());
    Some(Object {
        key: listed.key?,
        size: size.unwrap_or_default(),
        modified: listed.last_modified.and_then(time).unwrap_or_default(),
    })
}

/// A time of the SDK.
pub(super) fn time(at: DateTime) -> Option<Timestamp> {
    let nanoseconds = i32::try_from(at.subsec_nanos()).ok()?;
    Timestamp::new(at.secs(), nanoseconds).ok()
}
