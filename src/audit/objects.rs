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
use crate::{aws::error::AwsError, ui::Result};

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
        let first = keys.after.clone();
        let pages = Pages::new(first, move |after| {
            page(place, keys.clone(), after).boxed_local()
        });
        Self { pages }
    }

    /// Returns the next object.
    pub(crate) async fn next(&mut self) -> Result<Option<Object>> {
        self.pages.next().await
    }
}

/// The page behind a key: at most a thousand objects (S3 API Reference, `ListObjectsV2`).
async fn page(place: &Place<'_>, keys: KeyRange, after: String) -> Result<Page<Object>> {
    let list = place.list(&keys.prefix).start_after(after).send().await;
    let list = list.map_err(AwsError::of("s3:ListBucket"))?;
    let more = list.is_truncated() == Some(true);
    let listed = list.contents.into_iter().flatten();
    let mut items: Vec<Object> = listed.filter_map(object).collect();
    let count = items.len();
    items.truncate(items.partition_point(|object| object.key < keys.end));
    let more = more && items.len() == count;
    let next = items.last().filter(|_| more);
    let next = next.map(|last| last.key.clone());
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
