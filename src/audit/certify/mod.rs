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
mod files;
mod finding;
mod found;
mod proof;
mod reading;
pub(crate) mod screen;
mod section;
mod signature;
#[cfg(test)]
mod tests;
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
    ui::Result,
};
use certificate::{Header, Writer};
use chain::Scope;
pub(crate) use check::{Checked, check};
use digest::Trail;
pub(crate) use found::Certificate;
pub(crate) use reading::Reading;
use section::{Shared, section};
use signature::PublicKey;

/// What is to be proved.
pub(crate) struct Asked<'a> {
    pub source: Source<'a>,
    pub design: &'a Design,
    pub aws: &'a Aws,
    pub window: &'a Window,
    pub folders: &'a [Folder],
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
pub(crate) async fn certify(asked: &Asked<'_>) -> Result<Certificate> {
    let trail = trail(asked.design);
    let whole_bucket = asked.design.feed.is_of_bucket();
    let header = Header::new(asked, trail, whole_bucket);
    let writer = asked.out.map(|path| Writer::create(path, &header));
    let mut writer = writer.transpose()?;
    let keys = public_keys(asked).await?;
    let found = RefCell::new(Certificate::new(asked.window, asked.keep_objects));
    let shared = Shared {
        asked,
        scope: Scope {
            bucket: asked.source.place.bucket,
            window: asked.window,
            ours: header.trail.as_ref(),
            whole_bucket,
        },
        keys: &keys,
        found: &found,
    };
    let mut sections = stream::iter(asked.folders)
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
    Some(Trail {
        name: arn.resource.strip_prefix("trail/")?.to_owned(),
        home: arn.region.parse().ok()?,
    })
}

/// CloudTrail's keys of all regions.
async fn public_keys(asked: &Asked<'_>) -> Result<BTreeMap<Region, Vec<PublicKey>>> {
    let regions: BTreeSet<&Region> = asked.folders.iter().map(|folder| &folder.region).collect();
    let mut found = stream::iter(regions)
        .map(|region| async move {
            let keys = reading::public_keys(asked.aws, region, asked.window).await?;
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
