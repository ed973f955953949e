//! What is claimed to be ours: by Central's manifest, compared with what such a connection can have, or without Central by the
//! marks in AWS.

use std::collections::BTreeSet;

use super::{across, external, render::kind, statement};
use crate::{
    connection::{Arn, Design, Kind, Ownership, Resource, Resources},
    resources::{
        bucket,
        families::{Observed, claims},
        planned::{Claim, Shown},
        seen::Mark,
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
    let role = seen.role.there().filter(|role| role.mark == Mark::Ours)?;
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

/// Lists what carries the connection's own mark in AWS, whatever Central says.
#[must_use]
pub(crate) fn seen_marked(design: &Design, seen: &Observed) -> Vec<Resource> {
    let shown = seen.shown(design, &across::of_setup(design, seen));
    let surely = shown
        .into_iter()
        .filter(|(_, shown)| *shown == Shown::Surely);
    let items = surely.flat_map(|(claim, _)| resources(claim));
    // The entry of the function's environment is not another resource.
    items
        .filter(|item| item.kind != Kind::Function || item.id.is_none())
        .collect()
}

/// Returns a manifest built without Central: what carries the connection's own mark and, in shared documents, the parts with the
/// ids that we compute.
#[must_use]
pub(crate) fn marked(design: &Design, seen: &Observed) -> Resources {
    let shown = seen.shown(design, &across::of_setup(design, seen));
    let there = shown.into_iter().filter(|(_, shown)| *shown != Shown::No);
    let mut items: Vec<Resource> = there.flat_map(|(claim, _)| resources(claim)).collect();
    // What CloudFormation has made is its own.
    let function = seen.function.there();
    if function.is_some_and(|function| function.stack().is_some()) {
        external::give_to_stack(&mut items);
    }
    Resources {
        items,
        complete: true,
        ..Resources::default()
    }
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
