//! The log bucket, our statements of its policy, and the expiry of log files.
//!
//! [`obstacles`] is what may stand in the way in a bucket that was there before us. `logs`, `count`, `foreign` and `delete` deal
//! with the log files in it. `policy` and `lifecycle` are the two documents of the bucket that we share with others; `rules`
//! shows the second as JSON.

mod change;
mod count;
mod create;
mod delete;
mod empty;
mod foreign;
mod grants;
mod lifecycle;
mod logs;
mod look;
pub(crate) mod obstacles;
mod policy;
mod removal;
mod rules;
mod settings;
mod setup;
pub(crate) mod state;
mod template;
mod writes;

pub(crate) use change::{Change, run, written};
pub(crate) use count::{Held, count};
pub(crate) use foreign::not_deletable;
pub(crate) use grants::grants;
pub(crate) use lifecycle::expiry;
pub(crate) use logs::{log_prefixes, newest};
pub(crate) use look::{is_free, is_in_account, marked_by, observe, unusable};
pub(crate) use removal::remove;
pub(crate) use settings::settings;
pub(crate) use setup::setup;
pub(crate) use state::Observed;
pub(crate) use template::part;
pub(crate) use writes::once;

use super::{
    planned::{Across, Claim, Shown},
    seen::Mark,
};
use crate::connection::{Design, Kind};

/// What a manifest may claim.
#[must_use]
pub(crate) fn claims(design: &Design) -> Vec<Claim> {
    if !design.own_trail() {
        return Vec::new();
    }
    let (arn, ids) = (design.bucket_arn(), design.bucket_statement_ids());
    vec![
        Claim::whole(Kind::Bucket, arn.clone()),
        Claim::parts(Kind::BucketPolicyStatement, arn.clone(), ids),
        Claim::whole(Kind::Lifecycle, arn),
    ]
}

/// How surely a claim is seen to be true. The mark alone is not enough: the bucket may be kept from an earlier connection.
#[must_use]
pub(crate) fn shown(_: &Design, seen: &Observed, across: &Across, kind: Kind) -> Shown {
    let ours = own_mark(seen) == Some(&Mark::Ours);
    match kind {
        Kind::Bucket | Kind::Lifecycle if ours => Shown::Perhaps,
        Kind::BucketPolicyStatement if across.bucket_is_there => Shown::Perhaps,
        _ => Shown::No,
    }
}

/// Always `None`: a bucket may be kept from an earlier connection, so its mark does not show whose the other resources are.
#[must_use]
pub(crate) fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// The mark on the bucket.
#[must_use]
pub(crate) fn own_mark(seen: &Observed) -> Option<&Mark> {
    let state = seen.there()?.as_ref().ok()?;
    Some(&state.owner.mark)
}
