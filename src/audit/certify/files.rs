//! The log files of a folder with Central's receipts for them, in the order of their keys.

use std::cmp::Ordering;

use crate::{
    audit::{Folder, Object, Objects, Receipts, Source, Window},
    central::model::Receipt,
    ui::Result,
};

/// Two lists that are in the order of their keys, as one.
pub(super) struct Files<'a> {
    objects: Objects<'a>,
    receipts: Receipts<'a>,
    object: Option<Object>,
    receipt: Option<Receipt>,
}

/// What either list has of a key.
pub(super) type Pair = (Option<Object>, Option<Receipt>);

impl<'a> Files<'a> {
    pub(super) fn new(source: Source<'a>, folder: &Folder, window: &Window) -> Self {
        let (place, id, days) = (source.place, source.connection.id, window.days());
        Self {
            objects: Objects::new(place, &folder.logs, days.clone()),
            receipts: Receipts::new(source.central, id, place.bucket, &folder.logs, days),
            object: None,
            receipt: None,
        }
    }

    /// Returns what there is of the next key.
    pub(super) async fn next(&mut self) -> Result<Option<Pair>> {
        if self.object.is_none() {
            self.object = self.objects.next().await?;
        }
        if self.receipt.is_none() {
            self.receipt = self.receipts.next().await?;
        }
        let order = match (&self.object, &self.receipt) {
            (None, None) => return Ok(None),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(object), Some(receipt)) => object.key.cmp(&receipt.key),
        };
        let object = self.object.take_if(|_| order.is_le());
        let receipt = self.receipt.take_if(|_| order.is_ge());
        Ok(Some((object, receipt)))
    }
}
