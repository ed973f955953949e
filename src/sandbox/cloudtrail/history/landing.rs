//! When the objects of a made-up past landed. S3 gives an object the time at which it was written; that of a past is in its name.

use jiff::{SignedDuration, Timestamp};

/// How long after its end a digest lands.
const LATER: SignedDuration = SignedDuration::from_mins(2);

/// When an object landed in a past that was made at `made`. `None` if its name has no time, or a later one.
#[must_use]
pub(crate) fn landed(key: &str, made: Timestamp) -> Option<Timestamp> {
    let name = key.rsplit('/').next()?.strip_suffix(".json.gz")?;
    let mut parts = name.rsplit('_');
    let (last, before) = (parts.next()?, parts.next()?);
    let (named, later) = if name.contains("_CloudTrail-Digest_") {
        (time("%Y%m%dT%H%M%S%z", last)?, LATER)
    } else if name.contains("_CloudTrail_") {
        (time("%Y%m%dT%H%M%z", before)?, SignedDuration::ZERO)
    } else {
        return None;
    };
    (named < made).then(|| made.min(named + later))
}

/// A time in UTC without separators.
fn time(format: &str, text: &str) -> Option<Timestamp> {
    let text = text.strip_suffix('Z')?;
    Timestamp::strptime(format, format!("{text}+0000")).ok()
}
