//! Central's receipts for a folder, in the order of their keys.

use std::{cell::RefCell, ops::RangeInclusive, rc::Rc};

use futures::FutureExt;
use jiff::civil::Date;

use super::{
    pages::{Page, Pages},
    window::KeyRange,
};
use crate::{
    central::{Central, model::Receipt},
    connection::ConnectionId,
    ui::{Code, Failure, Result, t},
};

/// The receipts for some days in a folder. Central lists them by bucket, then by the UTF-8 bytes of their keys (contract,
/// `listReceipts`).
pub(crate) struct Receipts<'a> {
    pub(super) pages: Pages<'a, Receipt>,
}

impl<'a> Receipts<'a> {
    /// Begins to list the receipts for one bucket. The folder's name ends with `/`.
    #[must_use]
    pub(crate) fn new(
        central: &'a Central,
        id: ConnectionId,
        bucket: &'a str,
        folder: &str,
        days: RangeInclusive<Date>,
    ) -> Self {
        let keys = KeyRange::new(folder, &days);
        let last = Rc::new(RefCell::new(String::new()));
        let pages = Pages::new(String::new(), move |from| {
            let (keys, last) = (keys.clone(), Rc::clone(&last));
            async move {
                let page = page(central, id, bucket, &keys, from, Central::MOST_RECEIPTS).await?;
                let mut last = last.borrow_mut();
                in_order(&page.items, &mut last)?;
                Ok::<_, Failure>(page)
            }
            .boxed_local()
        });
        Self { pages }
    }

    /// Returns the next receipt.
    pub(crate) async fn next(&mut self) -> Result<Option<Receipt>> {
        self.pages.next().await
    }
}

/// Returns the first receipt for one bucket with one of these keys.
pub(super) async fn first(
    central: &Central,
    id: ConnectionId,
    bucket: &str,
    keys: &KeyRange,
) -> Result<Option<Receipt>> {
    let (mut from, mut size) = (String::new(), 1);
    loop {
        let page = page(central, id, bucket, keys, from, size).await?;
        match (page.items.into_iter().next(), page.next) {
            (Some(receipt), _) if receipt.key <= keys.after => {
                return Err(disordered(&receipt.key));
            }
            (Some(receipt), _) => return Ok(Some(receipt)),
            // Those of another bucket come first, and there may be many.
            (None, Some(next)) => (from, size) = (next, Central::MOST_RECEIPTS),
            (None, None) => return Ok(None),
        }
    }
}

/// The page of this size that begins there; the first one if that is empty.
async fn page(
    central: &Central,
    id: ConnectionId,
    bucket: &str,
    keys: &KeyRange,
    from: String,
    size: u16,
) -> Result<Page<Receipt>> {
    let start = Some(from.as_str()).filter(|from| !from.is_empty());
    let found = central
        .receipts(id, &keys.prefix, &keys.after, start, size)
        .await?;
    let (mut items, mut next) = (found.items, found.next);
    let is_behind = |receipt: &Receipt| match receipt.bucket.as_str() {
        one if one == bucket => receipt.key >= keys.end,
        other => other > bucket,
    };
    if items.last().is_some_and(is_behind) {
        next = None;
    }
    if next.is_some() && (items.is_empty() || next.as_ref() == Some(&from)) {
        return Err(disordered(&from));
    }
    items.retain(|receipt| receipt.bucket == bucket && receipt.key < keys.end);
    Ok(Page { items, next })
}

/// A list out of order would make files look missing that are not. `last` is the last key of the pages before.
pub(super) fn in_order(items: &[Receipt], last: &mut String) -> Result<()> {
    for receipt in items {
        if receipt.key <= *last {
            return Err(disordered(&receipt.key));
        }
        last.clone_from(&receipt.key);
    }
    Ok(())
}

fn disordered(key: &str) -> Failure {
    Failure::new(Code::Central, t!("audit-receipts-disordered", key = key))
}
