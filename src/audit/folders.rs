//! The folders in which CloudTrail puts log files and digests. They are found without listing the objects in them.

use std::collections::BTreeSet;

use futures::{StreamExt, stream};

use super::{AT_ONCE, place::Place};
use crate::{
    aws::error::AwsError,
    connection::{AccountId, Arn, Design, Region},
    ui::Result,
};

/// What CloudTrail delivers for one account and region (CloudTrail user guide, "Finding your CloudTrail log files":
/// `[prefix/]AWSLogs/[organization/]account/CloudTrail/region/`; digests are in `CloudTrail-Digest/`). Both names end with `/`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Folder {
    pub account: AccountId,
    pub region: Region,
    pub logs: String,
    pub digests: String,
}

/// Returns the folders of every account and region that has log files or digests, those of organizations included.
pub(crate) async fn folders(place: &Place<'_>) -> Result<Vec<Folder>> {
    let mut accounts = Vec::new();
    let root = place.root();
    for name in children(place, &root).await? {
        let folder = format!("{root}{name}/");
        if name.starts_with("o-") {
            for name in children(place, &folder).await? {
                accounts.push(format!("{folder}{name}/"));
            }
        } else {
            accounts.push(folder);
        }
    }
    let mut found = stream::iter(accounts)
        .map(|folder| of_account(place, folder))
        .buffer_unordered(AT_ONCE);
    let mut all = Vec::new();
    while let Some(folders) = found.next().await {
        all.extend(folders?);
    }
    all.sort();
    Ok(all)
}

/// Leaves out the folders whose files the connection's function does not hear of. A trail notifies of its own files, which lie in
/// the folder of its account or of its organization; a bucket notifies of every file.
#[must_use]
pub(crate) fn heard(mut folders: Vec<Folder>, design: &Design) -> Vec<Folder> {
    if design.feed.is_of_bucket() {
        return folders;
    }
    let root = design.log_prefix();
    let trail = design.trail_arn().parse::<Arn>();
    let owner = trail.map_or_else(|_| design.account.to_string(), |trail| trail.account);
    folders.retain(|folder| {
        let rest = folder.logs.strip_prefix(&root).unwrap_or_default();
        rest.starts_with("o-") || folder.account.as_str() == owner
    });
    folders
}

/// The folders of one account; none if the folder is not that of an account.
async fn of_account(place: &Place<'_>, folder: String) -> Result<Vec<Folder>> {
    let name = folder.trim_end_matches('/').rsplit('/').next();
    let Some(account) = name.and_then(|name| name.parse::<AccountId>().ok()) else {
        return Ok(Vec::new());
    };
    let logs = format!("{folder}CloudTrail/");
    let digests = format!("{folder}CloudTrail-Digest/");
    let (with_logs, with_digests) =
        tokio::try_join!(children(place, &logs), children(place, &digests))?;
    let names: BTreeSet<String> = with_logs.into_iter().chain(with_digests).collect();
    let regions = names.iter().filter_map(|name| name.parse::<Region>().ok());
    let folders = regions.map(|region| Folder {
        account: account.clone(),
        logs: format!("{logs}{region}/"),
        digests: format!("{digests}{region}/"),
        region,
    });
    Ok(folders.collect())
}

/// The names of the folders in a folder.
async fn children(place: &Place<'_>, folder: &str) -> Result<Vec<String>, AwsError> {
    let mut names = Vec::new();
    let mut pages = place.list(folder).delimiter("/").into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("s3:ListBucket"))?;
        let found = page.common_prefixes().iter().filter_map(|one| one.prefix());
        let found = found.filter_map(|one| one.strip_prefix(folder)?.strip_suffix('/'));
        names.extend(found.map(ToOwned::to_owned));
    }
    Ok(names)
}
