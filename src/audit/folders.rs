//! The folders in which CloudTrail puts log files and digests. They are found without listing the objects in them.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use futures::{StreamExt, stream};
use jiff::civil::Date;
use sophos_ct_forwarder::event::LogKey;

use super::{AT_ONCE, Trails, place::Place};
use crate::{
    aws::error::AwsError,
    connection::{AccountId, Arn, Design, Region},
    ui::{Code, Failure, Result, t},
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

impl Folder {
    /// The folder of an account and region, in that of the organization if there is one. The root ends with `/`.
    #[must_use]
    pub(super) fn new(
        root: &str,
        organization: Option<&str>,
        account: AccountId,
        region: Region,
    ) -> Self {
        let [logs, digests] = of_all_regions(root, organization, &account);
        Self {
            logs: format!("{logs}{region}/"),
            digests: format!("{digests}{region}/"),
            account,
            region,
        }
    }

    /// The folder of a log file.
    #[must_use]
    pub(super) fn of_key(root: &str, key: &str) -> Option<Self> {
        let LogKey {
            account, region, ..
        } = LogKey::parse(key)?;
        let organization = organization_in(key, root);
        let (account, region) = (account.parse().ok()?, region.parse().ok()?);
        let folder = Self::new(root, organization, account, region);
        key.starts_with(&folder.logs).then_some(folder)
    }

    /// The folder of the same account in another region.
    #[must_use]
    pub(super) fn in_region(&self, region: &Region) -> Self {
        let own = format!("{}/", self.region);
        let moved = |name: &str| {
            let of_all = name.strip_suffix(&own).unwrap_or(name);
            format!("{of_all}{region}/")
        };
        Self {
            account: self.account.clone(),
            region: region.clone(),
            logs: moved(&self.logs),
            digests: moved(&self.digests),
        }
    }

    /// Whether it is in the folder of an organization.
    #[must_use]
    pub(super) fn is_of_organization(&self) -> bool {
        is_of_organization(&self.logs)
    }
}

/// Whether a folder of log files is in that of an organization.
#[must_use]
pub(super) fn is_of_organization(logs: &str) -> bool {
    // `…[o-…/]account/CloudTrail/region/`
    let above = logs.trim_end_matches('/').rsplit('/').nth(3);
    above.is_some_and(|name| name.starts_with("o-"))
}

/// The folders in which an account has one for each region: of log files, and of digests.
fn of_all_regions(root: &str, organization: Option<&str>, account: &AccountId) -> [String; 2] {
    let organization = organization.map(|id| format!("{id}/")).unwrap_or_default();
    let base = format!("{root}{organization}{account}");
    ["CloudTrail", "CloudTrail-Digest"].map(|name| format!("{base}/{name}/"))
}

/// Returns the folders of every account and region that has log files or digests, those of organizations included.
pub(crate) async fn folders(place: &Place<'_>) -> Result<Vec<Folder>> {
    let mut accounts = Vec::new();
    let root = place.root();
    for name in children(place, &root).await? {
        if name.starts_with("o-") {
            for account in children(place, &format!("{root}{name}/")).await? {
                accounts.push((Some(name.clone()), account));
            }
        } else {
            accounts.push((None, name));
        }
    }
    let mut found = stream::iter(accounts)
        .map(|(organization, name)| of_account(place, organization, name))
        .buffer_unordered(AT_ONCE);
    let mut all = Vec::new();
    while let Some(folders) = found.next().await {
        all.extend(folders?);
    }
    all.sort();
    Ok(all)
}

/// If the owner of an organization's trail has folders in several organizations, leaves out those of organizations in which the trail
/// has no digests of these days. Fails if they do not tell which one is the trail's.
pub(crate) async fn of_one_organization(
    mut folders: Vec<Folder>,
    place: &Place<'_>,
    design: &Design,
    trails: Option<&Trails>,
    days: &RangeInclusive<Date>,
) -> Result<Vec<Folder>> {
    let is_to_be_found =
        |trails: &&Trails| design.organization.is_none() && trails.of_organization() == Some(true);
    let (Some(trails), Ok(trail)) = (
        trails.filter(is_to_be_found),
        design.trail_arn().parse::<Arn>(),
    ) else {
        return Ok(folders);
    };
    let root = place.root();
    let is_of_owner = |folder: &&Folder| folder.account.as_str() == trail.account;
    let of_owner = || folders.iter().filter(is_of_owner);
    let ids = of_owner().filter_map(|folder| organization_in(&folder.logs, &root));
    let mut ids: BTreeMap<String, bool> = ids.map(|id| (id.to_owned(), false)).collect();
    if ids.len() < 2 {
        return Ok(folders);
    }
    for folder in of_owner() {
        let id = organization_in(&folder.logs, &root);
        if let Some(writes) = id.and_then(|id| ids.get_mut(id)) {
            *writes = *writes || trails.have_digests(place, folder, days).await?;
        }
    }
    let writing = ids.values().filter(|writes| **writes).count();
    if writing != 1 {
        let ids: Vec<&str> = ids.keys().map(String::as_str).collect();
        let text = t!(
            "audit-organizations",
            account = trail.account,
            bucket = place.bucket,
            organizations = ids.join(", "),
            trail = design.trail_arn()
        );
        let failure = Failure::new(Code::Conflict, text);
        return Err(failure.hinted(t!("audit-organizations-hint")));
    }
    folders.retain(|folder| {
        let id = organization_in(&folder.logs, &root);
        id.is_none_or(|id| ids.get(id) == Some(&true))
    });
    Ok(folders)
}

/// Leaves out the folders whose files the connection's function does not hear of. A trail notifies of its own files, a bucket of
/// every file. If the trail was that of the account before it became that of an organization, the function has heard of both. Whether
/// it was that of an organization before it became that of the account, nothing proves: digests in the folders of an organization may
/// be those of another account's trail of the same name, or of the time in another organization.
pub(crate) async fn heard(
    mut folders: Vec<Folder>,
    place: &Place<'_>,
    design: &Design,
    trails: Option<&Trails>,
    days: &RangeInclusive<Date>,
) -> Result<Vec<Folder>> {
    if design.feed.is_of_bucket() {
        return Ok(folders);
    }
    let root = design.log_prefix();
    let trail = design.trail_arn().parse::<Arn>();
    let account = trail.map_or_else(|_| design.account.to_string(), |trail| trail.account);
    let of_organization = trails.and_then(Trails::of_organization);
    let owner = Owner::of(design, of_organization, &account, &[folders.as_slice()]);
    let id = |folder: &Folder| organization_in(&folder.logs, &root).map(str::to_owned);
    let of_owner = folders.iter().filter(|one| one.account.as_str() == account);
    let (own, others): (Vec<&Folder>, Vec<&Folder>) =
        of_owner.partition(|one| owner.has(id(one).as_deref()));
    let of_account = others.into_iter().filter(|folder| id(folder).is_none());
    let of_account: Vec<&Folder> = of_account.collect();
    let with_account = match trails {
        Some(trails) => {
            may_be_of_account(place, design, trails, &own, days).await?
                || have_digests(place, trails, &of_account, days).await?
        }
        None => false,
    };
    folders.retain(|folder| {
        let id = id(folder);
        let is_heard = owner.has(id.as_deref()) || with_account && id.is_none();
        is_heard && (id.is_some() || folder.account.as_str() == account)
    });
    Ok(folders)
}

/// Whether the connection's trail is that of the account, or may have been on these days: CloudTrail shows it as such, or nobody has
/// said that it always was that of an organization, and it has no digests from before these days in the folders of that.
async fn may_be_of_account(
    place: &Place<'_>,
    design: &Design,
    trails: &Trails,
    own: &[&Folder],
    days: &RangeInclusive<Date>,
) -> Result<bool> {
    if trails.of_organization() != Some(true) || design.organization.is_some() {
        return Ok(trails.of_organization() == Some(false));
    }
    let before = days.start().yesterday().unwrap_or(*days.start());
    Ok(!have_digests(place, trails, own, &(before..=before)).await?)
}

/// Whether the connection's trail has digests of these days in one of these folders.
async fn have_digests(
    place: &Place<'_>,
    trails: &Trails,
    folders: &[&Folder],
    days: &RangeInclusive<Date>,
) -> Result<bool> {
    for folder in folders {
        if trails.have_digests(place, folder, days).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whose the folders are into which the connection's trail writes: an organization's trail writes into the folder of its
/// organization, for every account of it; any other trail into that of its account (CloudTrail user guide, "Finding your CloudTrail
/// log files").
#[derive(Debug)]
pub(super) enum Owner {
    Account,
    /// The id of the organization, as far as it is known.
    Organization(Option<String>),
    /// Nobody has said whether a trail that was there before is that of an organization.
    Unknown,
}

impl Owner {
    /// What the connection says comes first, then what CloudTrail says of its trail, which is that of `account`. CloudTrail does not
    /// say which organization it is: of these lists of folders, the first one that tells it counts.
    #[must_use]
    pub(super) fn of(
        design: &Design,
        of_organization: Option<bool>,
        account: &str,
        lists: &[&[Folder]],
    ) -> Self {
        match (&design.organization, of_organization) {
            (Some(organization), _) => Self::Organization(Some(organization.id.clone())),
            (None, Some(true)) => {
                let root = design.log_prefix();
                let mut lists = lists.iter();
                let id = lists.find_map(|folders| organization_among(folders, account, &root));
                Self::Organization(id.map(str::to_owned))
            }
            (None, None) if !design.own_trail() => Self::Unknown,
            (None, _) => Self::Account,
        }
    }

    /// Whether the folders of this organization are among them, or those of the account if that is none.
    fn has(&self, organization: Option<&str>) -> bool {
        match (self, organization) {
            (Self::Organization(known), Some(id)) => known.as_deref() == Some(id),
            (Self::Account | Self::Unknown, None) => true,
            (Self::Organization(_), None) | (Self::Account | Self::Unknown, Some(_)) => false,
        }
    }
}

/// The id of the organization of a trail of this account, as far as folders tell: that of the account. In several, the account can
/// only have been before, so that it is not known.
fn organization_among<'f>(folders: &'f [Folder], account: &str, root: &str) -> Option<&'f str> {
    let its = folders
        .iter()
        .filter(|folder| folder.account.as_str() == account);
    let its: BTreeSet<&str> = its
        .filter_map(|folder| organization_in(&folder.logs, root))
        .collect();
    its.first().copied().filter(|_| its.len() == 1)
}

/// The id of the organization in whose folder this key is.
fn organization_in<'k>(key: &'k str, root: &str) -> Option<&'k str> {
    let name = key.strip_prefix(root)?.split('/').next()?;
    name.starts_with("o-").then_some(name)
}

/// The folders of one account; none if the name is not that of an account.
async fn of_account(
    place: &Place<'_>,
    organization: Option<String>,
    name: String,
) -> Result<Vec<Folder>> {
    let Ok(account) = name.parse::<AccountId>() else {
        return Ok(Vec::new());
    };
    let (root, organization) = (place.root(), organization.as_deref());
    let [logs, digests] = of_all_regions(&root, organization, &account);
    let (with_logs, with_digests) =
        tokio::try_join!(children(place, &logs), children(place, &digests))?;
    let names: BTreeSet<String> = with_logs.into_iter().chain(with_digests).collect();
    let regions = names.iter().filter_map(|name| name.parse::<Region>().ok());
    let folders = regions.map(|region| Folder::new(&root, organization, account.clone(), region));
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
