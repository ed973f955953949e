//! The digests of trails that are there: when a chain begins, what its next digest lists, when that one is due, and the end.

use std::time::Duration;

use aws_sdk_s3::{primitives::ByteStream, types::ObjectCannedAcl};
use jiff::{SignedDuration, Timestamp};

use super::{
    document::{ALGORITHM, Period, Signed, sign},
    key::Signer,
    keyring,
};
use crate::{
    aws::Aws,
    connection::{AccountId, Region},
    sandbox::{
        cloud::{Chain, Cloud, LogFile, Trail},
        cloudtrail::{
            access::may_write,
            folders::{digest_folder, places},
            trails::{change, seconds},
        },
    },
};

/// Begins the trail's chains in its home region, where validation is on and they have not begun: one for each account.
pub(crate) fn begin(cloud: &Cloud, trail: &Trail) {
    for (account, _) in places(cloud, trail) {
        begin_one(cloud, trail, &account, &trail.home);
    }
}

fn begin_one(cloud: &Cloud, trail: &Trail, account: &AccountId, region: &Region) {
    let mut state = cloud.state();
    let is_there = state.chains.iter().any(is(trail, account, region));
    if !trail.validation || is_there {
        return;
    }
    state.chains.push(Chain {
        trail: trail.arn.clone(),
        account: account.clone(),
        region: region.clone(),
        since: now(),
        last: None,
        pending: Vec::new(),
    });
    state.changed = true;
}

/// Adds a log file that was delivered to what the next digest lists.
pub(crate) fn note(
    cloud: &Cloud,
    trail: &Trail,
    account: &AccountId,
    region: &Region,
    file: LogFile,
) {
    if !trail.validation {
        return;
    }
    begin_one(cloud, trail, account, region);
    let mut state = cloud.state();
    let mut chains = state.chains.iter_mut();
    if let Some(chain) = chains.find(|chain| is(trail, account, region)(chain)) {
        chain.pending.push(file);
        state.changed = true;
    }
}

/// Writes the trail's digests that are due, also for times without log files. Where validation has been switched off, the next
/// digest is the last one of its chain (the AWS CLI's help of `validate-logs`: the chain is broken after one hour).
pub(crate) async fn write(cloud: &Cloud, root: &Aws, trail: &Trail, interval: Duration) {
    let interval = SignedDuration::try_from(interval).unwrap_or(SignedDuration::MAX);
    let end = now();
    let mut chains = chains(cloud, trail);
    chains.retain(|chain| end > chain.since && end.duration_since(chain.since) >= interval);
    write_all(cloud, root, trail, &chains, end).await;
    if !trail.validation {
        forget(cloud, trail, &chains);
    }
}

/// Writes the last digests of a trail that logs no longer. When it logs again, new chains begin.
pub(crate) async fn close(cloud: &Cloud, root: &Aws, trail: &Trail) {
    let mut end = now();
    let chains = chains(cloud, trail);
    // A digest has a time of at least a second, since its name has whole seconds.
    if chains.iter().any(|chain| !chain.pending.is_empty()) {
        let after = chains.iter().map(|chain| chain.since).max();
        end = after.map_or(end, |after| end.max(after + SignedDuration::from_secs(1)));
    }
    let open: Vec<Chain> = chains
        .iter()
        .filter(|chain| end > chain.since)
        .cloned()
        .collect();
    write_all(cloud, root, trail, &open, end).await;
    forget(cloud, trail, &chains);
}

/// Writes a digest to where it belongs. Digests are not announced to anyone. `false` if S3 refuses it.
pub(crate) async fn put(root: &Aws, digest: Signed) -> bool {
    let put = root.s3.put_object();
    let put = put.bucket(digest.link.bucket).key(digest.link.key);
    let put = put
        .acl(ObjectCannedAcl::BucketOwnerFullControl)
        .content_type("application/json")
        .content_encoding("gzip")
        .metadata("signature", digest.link.signature)
        .metadata("signature-algorithm", ALGORITHM)
        .body(ByteStream::from(digest.body));
    put.send().await.is_ok()
}

/// Writes a digest for each of these chains. There is none if the bucket's policy allows log files only.
async fn write_all(cloud: &Cloud, root: &Aws, trail: &Trail, chains: &[Chain], end: Timestamp) {
    if chains.is_empty() || !may_write(root, trail, true).await {
        return;
    }
    let written = chains
        .iter()
        .map(|chain| write_one(cloud, root, trail, chain, end));
    futures::future::join_all(written).await;
}

async fn write_one(cloud: &Cloud, root: &Aws, trail: &Trail, chain: &Chain, end: Timestamp) {
    let places = places(cloud, trail);
    let place = places.iter().find(|(account, _)| *account == chain.account);
    // An account that has left the organization has no place any more.
    let Some((_, logs)) = place else { return };
    let Some(key) = keyring::current(cloud, &chain.region, end).await else {
        return;
    };
    let period = Period {
        account: &chain.account,
        region: &chain.region,
        trail: &trail.name,
        home: &trail.home,
        bucket: &trail.bucket,
        folder: &digest_folder(logs),
        start: chain.since,
        end,
    };
    let signer = Signer::read(&key);
    let signed =
        signer.and_then(|signer| sign(&period, chain.last.as_ref(), &chain.pending, &signer));
    let Some(signed) = signed else { return };
    let link = signed.link.clone();
    if !put(root, signed).await {
        return;
    }
    let mut state = cloud.state();
    let mut all = state.chains.iter_mut();
    let own = is(trail, &chain.account, &chain.region);
    if let Some(there) = all.find(|there| own(there)) {
        there.since = end;
        there.last = Some(link);
        // Whoever delivers for a trail is alone, so that nothing has been added meanwhile.
        there.pending.clear();
    }
    drop(state);
    change(cloud, &trail.arn, |trail| trail.digested = Some(seconds()));
}

fn forget(cloud: &Cloud, trail: &Trail, chains: &[Chain]) {
    let mut state = cloud.state();
    state.chains.retain(|there| {
        let ended = |chain: &Chain| is(trail, &chain.account, &chain.region)(there);
        !chains.iter().any(ended)
    });
    state.changed = true;
}

fn chains(cloud: &Cloud, trail: &Trail) -> Vec<Chain> {
    let state = cloud.state();
    let own = state.chains.iter().filter(|chain| chain.trail == trail.arn);
    own.cloned().collect()
}

/// Whether a chain is that of the trail in this account and region.
fn is<'a>(
    trail: &'a Trail,
    account: &'a AccountId,
    region: &'a Region,
) -> impl Fn(&Chain) -> bool + 'a {
    move |chain| chain.trail == trail.arn && chain.account == *account && chain.region == *region
}

/// The present time in whole seconds, as digests have it.
fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_second(now.as_second()).unwrap_or(now)
}
