//! The receipts of a connection.

use reqwest::Method;
use serde::Deserialize;

use super::{Central, connections::CONNECTIONS, model::Receipt, request::With};
use crate::{connection::ConnectionId, ui::Result};

/// A page of receipts, in the order of bucket and key.
pub(crate) struct Page {
    pub items: Vec<Receipt>,
    /// What asks for the next page.
    pub next: Option<String>,
}

impl Central {
    /// The most receipts that a page can have (contract, `listReceipts`: `pageSize`).
    pub(crate) const MOST_RECEIPTS: u16 = 1000;

    /// Returns a page of at most `size` receipts for objects whose keys begin with `prefix` and come after `after`. `from` is what
    /// the page before named as the next one.
    pub(crate) async fn receipts(
        &self,
        id: ConnectionId,
        prefix: &str,
        after: &str,
        from: Option<&str>,
        size: u16,
    ) -> Result<Page> {
        #[derive(Deserialize)]
        struct Listed {
            items: Vec<Receipt>,
            pages: Pages,
        }
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Pages {
            next_key: Option<String>,
        }
        let path = format!("{CONNECTIONS}/{id}/receipts");
        let mut query = vec![
            ("keyPrefix", prefix.to_owned()),
            ("startAfter", after.to_owned()),
            ("pageSize", size.to_string()),
        ];
        query.extend(from.map(|key| ("pageFromKey", key.to_owned())));
        let with = With {
            query: &query,
            ..With::default()
        };
        let listed: Listed = self.regional(Method::GET, &path, with).await?.json()?;
        Ok(Page {
            items: listed.items,
            next: listed.pages.next_key,
        })
    }
}
