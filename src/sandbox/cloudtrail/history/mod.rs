//! A made-up past: log files and signed digests of days gone by, in a bucket, for tests and demonstrations.

mod landing;
mod past;
mod span;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use futures::{StreamExt, stream};
use jiff::Timestamp;

use super::{
    deliver,
    digests::{self, Signed},
    records::Stored,
};
use crate::{
    aws::Aws,
    sandbox::cloud::{Cloud, Error, History, SigningKey},
};
pub(crate) use landing::landed;
pub(super) use span::Wanted;

/// How many objects are written at the same time.
const AT_ONCE: usize = 32;

/// What was made.
pub(super) struct Made {
    pub(super) logs: Vec<String>,
    pub(super) digests: Vec<String>,
    pub(super) fingerprints: Vec<String>,
}

/// Makes a past, and shows the keys that sign it among the others of their regions. If the trail is there and has no digests yet,
/// its chains go on from those of the past.
pub(super) async fn make(cloud: &Cloud, wanted: Wanted) -> Result<Made, Error> {
    wanted.check()?;
    let unable = || Error::new("InternalFailure", "the past cannot be made");
    let root = cloud.root(&wanted.account, &wanted.home).await;
    let root = root.ok_or_else(unable)?;
    let arn = format!(
        "arn:{}:cloudtrail:{}:{}:trail/{}",
        root.caller.partition, wanted.home, wanted.account, wanted.trail
    );
    let bucket = wanted.bucket.clone();
    let _alone = cloud.alone(&arn).await;
    let signed = tokio::task::spawn_blocking(move || past::sign(&wanted)).await;
    let past = signed.ok().flatten().ok_or_else(unable)?;
    register(cloud, &bucket, &past.keys);
    let fingerprints = past.keys.into_iter().map(|key| key.fingerprint).collect();
    let (mut logs, mut digests) = (Vec::new(), Vec::new());
    for part in past.parts {
        logs.extend(part.logs.iter().map(|file| file.key.clone()));
        digests.extend(part.digests.iter().map(|digest| digest.link.key.clone()));
        join(cloud, &arn, &part);
        let missing = store(&root, &bucket, part.logs, part.digests).await;
        if missing > 0 {
            let message = format!("{missing} objects cannot be written to {bucket}");
            return Err(Error::new("S3BucketDoesNotExistException", message));
        }
    }
    Ok(Made {
        logs,
        digests,
        fingerprints,
    })
}

fn register(cloud: &Cloud, bucket: &str, keys: &[SigningKey]) {
    let mut state = cloud.state();
    state.keys.extend(keys.iter().cloned());
    state.histories.retain(|there| there.bucket != bucket);
    state.histories.push(History {
        bucket: bucket.to_owned(),
        made: Timestamp::now(),
        rewritten: BTreeSet::new(),
    });
    state.changed = true;
}

/// Makes the trail's chain go on from the last digest of the past.
fn join(cloud: &Cloud, arn: &str, part: &past::Part) {
    let Some(last) = part.digests.last() else {
        return;
    };
    let mut state = cloud.state();
    let own = state.chains.iter_mut().find(|chain| {
        chain.trail == arn && chain.account == part.account && chain.region == part.region
    });
    if let Some(chain) = own
        && chain.last.is_none()
    {
        chain.since = part.end;
        chain.last = Some(last.link.clone());
        state.changed = true;
    }
}

/// Writes log files and digests, and returns how many of them S3 refused.
async fn store(root: &Aws, bucket: &str, logs: Vec<Stored>, digests: Vec<Signed>) -> usize {
    let logs = logs
        .into_iter()
        .map(|file| async move { deliver::put(root, bucket, file).await.is_some() });
    let digests = digests.into_iter().map(|digest| digests::put(root, digest));
    let logs = stream::iter(logs).buffer_unordered(AT_ONCE);
    let digests = stream::iter(digests).buffer_unordered(AT_ONCE);
    let written: Vec<bool> = logs.chain(digests).collect().await;
    written.into_iter().filter(|written| !written).count()
}
