//! Which live connections of an account collect from which bucket.

use futures::future::try_join_all;

use crate::{
    central::{Central, Versioned, model::Status},
    connection::{AccountId, ConnectionName, Design},
    ui::Result,
    wizard::Use,
};

/// Lists the other live connections that collect from the same bucket and prefix.
pub(super) async fn others(central: &Central, design: &Design) -> Result<Vec<ConnectionName>> {
    let live = live(central, &design.account).await?;
    let others = live.iter().filter(|found| found.connection.id != design.id);
    let same = others.filter(|found| {
        let (bucket, prefix) = source(found);
        bucket == Some(&design.bucket) && prefix == design.prefix.as_str()
    });
    Ok(same.map(|found| found.connection.name.clone()).collect())
}

/// Lists what the live connections of an account collect from.
pub(super) async fn uses(central: &Central, account: &AccountId) -> Result<Vec<Use>> {
    let live = live(central, account).await?;
    let uses = live.iter().filter_map(|found| {
        let (bucket, prefix) = source(found);
        Some(Use {
            connection: found.connection.name.clone(),
            bucket: bucket?.to_owned(),
            prefix: prefix.to_owned(),
        })
    });
    Ok(uses.collect())
}

/// The live connections with their settings, which a list of connections does not have.
async fn live(central: &Central, account: &AccountId) -> Result<Vec<Versioned>> {
    let all = central.of_account(account).await?;
    let live = all.iter().filter(|one| one.status != Status::Deleted);
    let found = try_join_all(live.map(|one| central.by_id(one.id))).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The bucket and the prefix in the settings of a connection.
fn source(found: &Versioned) -> (Option<&str>, &str) {
    let settings = &found.connection.settings;
    let saved = |key: &str| settings.get(key).and_then(|text| text.as_str());
    (saved("bucket"), saved("prefix").unwrap_or_default())
}
