//! The log files and digests of a past, before they are written.

use jiff::Timestamp;

use super::span::Wanted;
use crate::{
    connection::{AccountId, Region},
    sandbox::{
        cloud::{LogFile, SigningKey},
        cloudtrail::{
            digests::{Period, Signed, Signer, generate, sign as signed},
            folders::{digest_folder, log_folder, logs_root},
            records::{self, Stored},
        },
    },
};

/// A past.
pub(super) struct Past {
    pub(super) keys: Vec<SigningKey>,
    pub(super) parts: Vec<Part>,
}

/// The past of an account in a region.
pub(super) struct Part {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) logs: Vec<Stored>,
    pub(super) digests: Vec<Signed>,
    /// The end of the last digest.
    pub(super) end: Timestamp,
}

/// Makes and signs everything. This takes a while. `None` if the library cannot sign.
pub(super) fn sign(wanted: &Wanted) -> Option<Past> {
    let or = |given: &[Region]| match given {
        [] => vec![wanted.home.clone()],
        given => given.to_vec(),
    };
    let accounts = match wanted.accounts.as_slice() {
        [] => std::slice::from_ref(&wanted.account),
        given => given,
    };
    let mut past = Past {
        keys: Vec::new(),
        parts: Vec::new(),
    };
    for region in or(&wanted.regions) {
        let made = wanted.validities();
        let made = made.into_iter().map(|span| generate(&region, false, span));
        let keys: Vec<SigningKey> = made.collect::<Option<_>>()?;
        for account in accounts {
            past.parts.push(part(wanted, account, &region, &keys)?);
        }
        past.keys.extend(keys);
    }
    Some(past)
}

fn part(
    wanted: &Wanted,
    account: &AccountId,
    region: &Region,
    keys: &[SigningKey],
) -> Option<Part> {
    let mut root = logs_root(&wanted.prefix);
    if let Some(id) = &wanted.organization {
        root = format!("{root}{id}/");
    }
    let folder = log_folder(&root, account);
    let digests = digest_folder(&folder);
    let file = |at| {
        let events = records::made_up(account, region, at, 1);
        records::file(account, region, &folder, at, &events).ok()
    };
    let landings: Vec<Timestamp> = wanted.landings().collect();
    let logs: Vec<Stored> = landings.iter().copied().map(file).collect::<Option<_>>()?;
    let mut part = Part {
        account: account.clone(),
        region: region.clone(),
        logs,
        digests: Vec::new(),
        end: wanted.since,
    };
    let signers: Vec<Signer> = keys.iter().map(Signer::read).collect::<Option<_>>()?;
    for interval in wanted.intervals() {
        let is_in = |(at, _): &(&Timestamp, &Stored)| interval.start < **at && **at <= interval.end;
        let files: Vec<LogFile> = landings
            .iter()
            .zip(&part.logs)
            .filter(is_in)
            .map(|(_, file)| file.listed(&wanted.bucket))
            .collect();
        let period = Period {
            account,
            region,
            trail: &wanted.trail,
            home: &wanted.home,
            bucket: &wanted.bucket,
            folder: &digests,
            start: interval.start,
            end: interval.end,
        };
        let valid = |key: &SigningKey| key.from <= interval.end && interval.end < key.until;
        let signer = &signers[keys.iter().position(valid)?];
        let before = part.digests.last().filter(|_| !interval.first);
        let before = before.map(|digest| &digest.link);
        let digest = signed(&period, before, &files, signer)?;
        part.digests.push(digest);
        part.end = interval.end;
    }
    Some(part)
}
