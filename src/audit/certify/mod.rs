//! CloudTrail's own proof, end to end: what CloudTrail has signed lies in the bucket, and Central has received it.
//!
//! CloudTrail signs each hour a digest of the log files that it has delivered, and each digest names the one before it. [`certify`]
//! walks these chains, hashes every log file of the window and compares it with the digests and with Central's receipts. What it
//! finds can be written to a certificate, which [`check`] verifies again without AWS and without Central.
//!
//! The rules are those of the CloudTrail user guide, "Custom implementations of CloudTrail log file integrity validation".

mod certificate;
mod chain;
mod check;
mod digest;
mod expected;
mod files;
mod finding;
mod found;
mod home;
mod proof;
mod reading;
mod scope;
pub(crate) mod screen;
mod section;
mod signature;
mod silent;
#[cfg(test)]
mod tests;
mod told;
mod words;

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use futures::{StreamExt, stream};

use super::{Folder, Source, Window};
use crate::{
    aws::Aws,
    connection::{Arn, Design, Feed, Region},
    resources::trail,
    ui::Result,
};
use certificate::{Header, Writer};
pub(super) use chain::PERIOD;
pub(crate) use check::{Checked, check};
pub(super) use digest::{Digest, DigestKey, Trail, named_time};
pub(crate) use found::Certificate;
pub(crate) use reading::Reading;
pub(super) use reading::{Opened, opened};
use section::{Shared, section};
use signature::PublicKey;
pub(super) use told::around;

/// What is to be proved.
pub(crate) struct Subject<'a> {
    pub source: Source<'a>,
    pub design: &'a Design,
    pub aws: &'a Aws,
    pub window: &'a Window,
    /// The folders of the bucket.
    pub folders: &'a [Folder],
    /// The trails that CloudTrail shows.
    pub shown: &'a [trail::State],
    /// The days after which the bucket lets log files expire, as far as S3 shows that.
    pub expire_after_days: Option<i32>,
    /// Whether the keys of the files that are not proved are wanted.
    pub keep_objects: bool,
    /// Where the certificate is to be written.
    pub out: Option<&'a Path>,
    /// Tells how far it has come.
    pub reading: &'a Reading,
}

/// How many accounts and regions are proved at the same time.
const AT_ONCE: usize = 4;

/// Proves the log files that landed in the window, and writes the certificate if one is wanted. Of each account and region, only
/// what its digests say is held in memory.
pub(crate) async fn certify(subject: &Subject<'_>) -> Result<Certificate> {
    let trail = trail(subject.design);
    let mut folders = expected::with_receipts(subject).await?;
    let home = home::home(subject, trail.as_ref(), &folders).await?;
    if let Some(home) = home.as_ref().filter(|home| !folders.contains(home)) {
        folders.push(home.clone());
    }
    let header = Header::new(subject, trail, home);
    let writer = subject.out.map(|path| Writer::create(path, &header));
    let mut writer = writer.transpose()?;
    let keys = public_keys(subject, &folders).await?;
    let found = RefCell::new(Certificate::new(subject.window, subject.keep_objects));
    let shared = Shared {
        subject,
        scope: header.scope(subject.window),
        keys: &keys,
        found: &found,
    };
    let mut sections = stream::iter(&folders)
        .map(|folder| section(&shared, folder))
        .buffered(AT_ONCE);
    while let Some(records) = sections.next().await {
        let records = records?;
        if let Some(writer) = &mut writer {
            writer.append(records)?;
        }
    }
    drop(sections);
    let mut found = found.into_inner();
    found.findings.sort_by_key(|finding| {
        let place = (finding.account.clone(), finding.region.clone());
        (place, finding.what.time())
    });
    if let Some(writer) = writer {
        writer.finish(&found.counts())?;
    }
    Ok(found)
}

/// The connection's trail, if it is known.
fn trail(design: &Design) -> Option<Trail> {
    if design.feed != Feed::New && design.feed.existing_trail().is_none() {
        return None;
    }
    let arn: Arn = design.trail_arn().parse().ok()?;
    Trail::of(&arn)
}

/// CloudTrail's keys of all regions.
async fn public_keys(
    subject: &Subject<'_>,
    folders: &[Folder],
) -> Result<BTreeMap<Region, Vec<PublicKey>>> {
    let regions: BTreeSet<&Region> = folders.iter().map(|folder| &folder.region).collect();
    let mut found = stream::iter(regions)
        .map(|region| async move {
            let keys = reading::public_keys(subject.aws, region, subject.window).await?;
            Ok::<_, crate::ui::Failure>((region.clone(), keys))
        })
        .buffer_unordered(super::AT_ONCE);
    let mut all = BTreeMap::new();
    while let Some(keys) = found.next().await {
        let (region, keys) = keys?;
        all.insert(region, keys);
    }
    Ok(all)
}
