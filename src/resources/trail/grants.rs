//! The permissions that the calls of this family need.

use crate::{
    connection::{Arn, Design, Feed},
    policy::grant::{Grant, Purpose},
};

/// The permissions on trails that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let mut grants = vec![Grant::new(&["cloudtrail:DescribeTrails"], "*")];
    if matches!(purpose, Purpose::Setup | Purpose::Remove) {
        // On all trails: whether they log management events decides what a further trail costs.
        let reads = ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"];
        grants.push(Grant::new(&reads, "*"));
    } else {
        grants.push(Grant::new(
            &["cloudtrail:GetTrailStatus"],
            design.trail_arn(),
        ));
    }
    if design.own_trail() {
        grants.push(on_trail(design, &["cloudtrail:ListTags"]));
    }
    let writes = writes(&design.feed, purpose);
    if !writes.is_empty() {
        grants.push(on_trail(design, writes));
    }
    grants
}

fn writes(feed: &Feed, purpose: Purpose) -> &'static [&'static str] {
    match (feed, purpose) {
        (Feed::New, Purpose::Setup) => &[
            "cloudtrail:CreateTrail",
            "cloudtrail:AddTags",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ],
        (Feed::New, Purpose::Remove) => &["cloudtrail:DeleteTrail"],
        (Feed::Trail { .. }, Purpose::Setup | Purpose::Remove) => &["cloudtrail:UpdateTrail"],
        _ => &[],
    }
}

/// Permission for actions on the trail that the design names. A delegated administrator's call is checked against the ARN in its
/// own account or in the management account, and no source says which of the two for each call, so both are granted (CloudTrail
/// User Guide, "Organization delegated administrator").
fn on_trail(design: &Design, actions: &[&'static str]) -> Grant {
    let arn = design.trail_arn();
    let grant = Grant::new(actions, &arn);
    match arn.parse::<Arn>() {
        Ok(parsed)
            if design.organization.is_some() && parsed.account != design.account.as_str() =>
        {
            grant.and_on(arn.replacen(&parsed.account, design.account.as_str(), 1))
        }
        _ => grant,
    }
}
