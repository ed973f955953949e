//! What is claimed to be ours: by Central's manifest, compared with what such a connection can have, or without Central by the
//! marks in AWS.

use std::collections::BTreeSet;

use super::{across, external, render::kind, statement};
use crate::{
    connection::{Arn, Design, Kind, Ownership, Resource, Resources},
    resources::{
        bucket::{self, state::Unusable},
        families::{Observed, claims},
        planned::{Claim, Shown, Unseen},
        seen::{Mark, Seen},
    },
    ui::t,
};

/// Lists the entries of the manifest that claim what no connection of this design can have: foreign ARNs, accounts, regions or
/// part ids.
#[must_use]
pub(super) fn foreign(design: &Design, manifest: &Resources) -> Vec<String> {
    let claims = claims(design);
    manifest
        .items
        .iter()
        .filter(|item| item.ownership.is_ours())
        .filter_map(|item| {
            let shown = match &item.id {
                Some(id) => format!("{} ({id})", item.arn),
                None => item.arn.clone(),
            };
            let arn: Arn = match item.arn.parse() {
                Ok(arn) => arn,
                Err(_) => return Some(t!("claim-foreign", kind = kind(item.kind), arn = shown)),
            };
            // An organization's trail belongs to the management account.
            let own = arn.to_string() == design.trail_arn();
            let elsewhere = !own && arn.partition != design.partition.as_str()
                || !(own || arn.account.is_empty() || arn.account == design.account.as_str())
                || !(arn.region.is_empty() || arn.region == design.region.as_str());
            if elsewhere {
                return Some(t!("claim-elsewhere", kind = kind(item.kind), arn = shown));
            }
            let fits = claims.iter().any(|claim| {
                claim.kind == item.kind
                    && claim.arn == item.arn
                    && match (&claim.ids, &item.id) {
                        (None, None) => true,
                        (Some(ids), Some(id)) => ids.contains(id),
                        _ => false,
                    }
            });
            (!fits).then(|| t!("claim-foreign", kind = kind(item.kind), arn = shown))
        })
        .collect()
}

/// Compares the home region that Central names with the one in our role's policy, which names the function's log group. In
/// another region nothing of the connection would be found.
#[must_use]
pub(super) fn in_another_region(design: &Design, seen: &Observed) -> Option<String> {
    let role = seen
        .role
        .there()
        .filter(|role| role.owner.mark == Mark::Ours)?;
    let own = statement::of_id(role.policy.there()?, "WriteOwnLogs")?;
    let (_, rest) = own["Resource"].as_str()?.split_once(":logs:")?;
    let region = rest.split(':').next()?;
    (region != design.region.as_str()).then(|| {
        t!(
            "conflict-region",
            name = design.name,
            region = region,
            planned = design.region
        )
    })
}

/// Returns whose marks were found under the names of a design. The bucket's mark counts only if there is no other: the bucket may
/// be kept from an earlier connection.
#[must_use]
pub(crate) fn marks(seen: &Observed) -> BTreeSet<&str> {
    fn other(mark: &Mark) -> Option<&str> {
        match mark {
            Mark::Other(id) => Some(id),
            Mark::Ours | Mark::None | Mark::Denied(_) => None,
        }
    }
    let marks: BTreeSet<&str> = seen.marks().filter_map(other).collect();
    if marks.is_empty() {
        let bucket = bucket::own_mark(&seen.bucket).and_then(other);
        bucket.into_iter().collect()
    } else {
        marks
    }
}

/// Lists what carries the connection's own mark in AWS, whatever Central says. What a stack has made is its own.
#[must_use]
pub(crate) fn seen_marked(design: &Design, seen: &Observed) -> Vec<Resource> {
    let shown = seen.shown(design, &across::of_setup(design, seen));
    let surely = shown
        .into_iter()
        .filter(|(_, shown)| *shown == Shown::Surely);
    let items = surely.flat_map(|(claim, _)| resources(claim));
    // The entry of the function's environment is not another resource.
    let items = items.filter(|item| item.kind != Kind::Function || item.id.is_none());
    let mut items: Vec<Resource> = items.collect();
    external::give_to_stack(&mut items, seen);
    items
}

/// Returns a manifest built without Central: what carries the connection's own mark and, in shared documents, the parts with the
/// ids that we compute. As long as a stack stands, all of it is the stack's, with whatever is there under an unread mark.
#[must_use]
pub(crate) fn marked(design: &Design, seen: &Observed) -> Resources {
    let shown = seen.shown(design, &across::of_setup(design, seen));
    let there = shown.into_iter().filter(|(_, shown)| *shown != Shown::No);
    let mut items: Vec<Resource> = there.flat_map(|(claim, _)| resources(claim)).collect();
    if external::stack_stands(seen) {
        let unread = wholes(design, seen).into_iter();
        let unread = unread.filter(|(_, found)| matches!(found, Seen::There(Mark::Denied(_))));
        items.extend(unread.flat_map(|(claim, _)| resources(claim)));
    }
    external::give_to_stack(&mut items, seen);
    Resources {
        items,
        complete: true,
        ..Resources::default()
    }
}

/// Lists what may be the connection's, but cannot be read: it itself, or the mark on it. What the manifest gives to a stack stays
/// anyway. Who may not see alarms is warned of it, since hardly anybody has any.
#[must_use]
pub(crate) fn unread(design: &Design, seen: &Observed, manifest: &Resources) -> Vec<Unseen> {
    let wholes = wholes(design, seen).into_iter();
    let unread = wholes.filter_map(|(claim, found)| {
        let action = match found {
            Seen::There(Mark::Denied(action)) => *action,
            Seen::Denied(action) if claim.kind != Kind::Alarm => action,
            _ => return None,
        };
        (!manifest.says_external(claim.kind, &claim.arn)).then(|| Unseen {
            kind: claim.kind,
            arn: claim.arn,
            action: action.to_owned(),
        })
    });
    unread.collect()
}

/// What a connection of this design can have as a whole, each with the mark on what was found.
fn wholes<'a>(design: &Design, seen: &'a Observed) -> Vec<(Claim, Seen<&'a Mark>)> {
    let bucket = seen.bucket.as_ref().map(|found| match found {
        Ok(state) => Seen::There(&state.owner.mark),
        // It may be ours all the same.
        Err(Unusable::Forbidden) => Seen::Denied("s3:ListBucket"),
        Err(Unusable::Elsewhere(_)) => Seen::Absent,
    });
    let mut wholes = external::wholes(design, seen);
    wholes.push((Kind::Bucket, design.bucket_arn(), bucket.flatten()));
    let claims = claims(design);
    let wholes = wholes.into_iter();
    let wholes = wholes.map(|(kind, arn, found)| (Claim::whole(kind, arn), found));
    wholes.filter(|(claim, _)| claims.contains(claim)).collect()
}

/// Returns a claim as entries of a manifest.
fn resources(claim: Claim) -> Vec<Resource> {
    let ids = claim
        .ids
        .map_or_else(|| vec![None], |ids| ids.into_iter().map(Some).collect());
    ids.into_iter()
        .map(|id| Resource {
            kind: claim.kind,
            arn: claim.arn.clone(),
            id,
            region: None,
            ownership: Ownership::Created,
            // If a policy is empty without our statements, it was absent before.
            was_absent: Some(true),
            digest: None,
        })
        .collect()
}
