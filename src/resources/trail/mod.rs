//! The trail, and a look at the other trails of the region.

mod change;
mod look;

pub use change::{set_topic, update};
pub use look::{list, management_trails, monthly_events, observe};

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen},
    step::{self, Action, Does, Facts, Step},
};
use crate::{
    connection::{AccountId, Arn, Design, Feed, Kind, Ownership},
    policy::grant::{Grant, Purpose},
    ui::{Result, t},
};

/// Trails per region; fixed (CloudTrail quotas).
pub const LIMIT: usize = 5;

/// A trail as `DescribeTrails` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct State {
    pub name: String,
    pub arn: String,
    pub bucket: String,
    pub prefix: String,
    pub topic_arn: Option<String>,
    pub home_region: String,
    pub multi_region: bool,
    pub global_events: bool,
    pub validation: bool,
    pub organization: bool,
    pub kms_key: Option<String>,
}

impl State {
    /// Control Tower's own, whose bucket is in the log archive account.
    #[must_use]
    pub fn is_control_tower(&self) -> bool {
        self.name.starts_with("aws-controltower-")
    }

    /// Of the set that Sophos Cloud Optix makes.
    #[must_use]
    pub fn is_optix(&self) -> bool {
        self.name.starts_with("Sophos-Optix-")
    }
}

/// The trails that surely count towards [`LIMIT`]: the account's own. Whether those of an organization do, which its
/// members see too, is not documented: CloudTrail decides.
pub fn of_account<'a>(all: &'a [State], account: &AccountId) -> impl Iterator<Item = &'a State> {
    all.iter().filter(move |trail| {
        let arn: Option<Arn> = trail.arn.parse().ok();
        arn.is_some_and(|arn| arn.account == account.as_str())
    })
}

/// Our trail, and what else is known of it.
#[derive(Clone, Debug)]
pub struct Own {
    pub trail: State,
    pub mark: Mark,
    pub status: Seen<Status>,
}

/// What `GetTrailStatus` tells.
#[derive(Clone, Debug, Default)]
pub struct Status {
    pub logging: bool,
    /// When the last log file was put into the bucket.
    pub delivered: Option<jiff::Timestamp>,
    pub delivery_error: Option<String>,
    pub notification_error: Option<String>,
}

/// What was seen of the trails of a region.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// All that are visible in the region, shadows included.
    pub all: Seen<Vec<State>>,
    /// The one of the design's name.
    pub own: Seen<Own>,
    /// Others that log management events, or may: what makes a further one cost money.
    pub management: Vec<State>,
}

impl Observed {
    /// All but the design's own.
    pub fn others<'a>(&'a self, design: &Design) -> impl Iterator<Item = &'a State> + use<'a> {
        let own = design.trail_arn();
        let all = self.all.there().into_iter().flatten();
        all.filter(move |trail| trail.arn != own)
    }

    /// The names of the trails that fill the region, where it is full and a further one is planned.
    #[must_use]
    pub fn full(&self, design: &Design) -> Option<String> {
        if !design.own_trail() || !self.own.is_absent() {
            return None;
        }
        let all = self.all.there().map_or(&[][..], Vec::as_slice);
        let counted = of_account(all, design.trail_owner());
        let names: Vec<&str> = counted.map(|trail| trail.arn.as_str()).collect();
        (names.len() >= LIMIT).then(|| names.join(", "))
    }
}

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    Repair,
    /// Our topic on a trail that is not ours.
    SetTopic,
    UnsetTopic,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(
                Action::Create,
                Kind::Trail,
                &["CreateTrail", "StartLogging"],
            )
            .setting_going(),
            Self::Repair => Facts::new(
                Action::Modify,
                Kind::Trail,
                &["UpdateTrail", "StartLogging"],
            )
            .setting_going(),
            Self::SetTopic => {
                Facts::new(Action::Modify, Kind::TrailTopic, &["UpdateTrail"]).setting_going()
            }
            Self::UnsetTopic => Facts::new(Action::Restore, Kind::TrailTopic, &["UpdateTrail"]),
            Self::Delete => Facts::new(Action::Delete, Kind::Trail, &["DeleteTrail"]),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Repair | Self::SetTopic => step::BEFORE_THE_FLOW,
            Self::UnsetTopic | Self::Delete => &[],
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => change::create(cx).await,
        Change::Repair => change::repair(cx).await,
        Change::SetTopic => change::set_topic(cx).await,
        Change::UnsetTopic => change::unset_topic(cx).await,
        Change::Delete => change::delete(cx).await,
    }
}

/// What `setup` does with the trail: ours, or one that was there before us.
#[must_use]
pub fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    match design.feed.existing_trail() {
        Some(arn) => used(design, seen, arn),
        // Only the bucket is known: the trail that writes into it may be out of sight.
        None if !design.own_trail() => Planned::default(),
        None => own(design, seen, journal),
    }
}

fn own(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.trail_arn();
    let mut reason = None;
    let does = match &seen.own {
        Seen::Absent => {
            if let Some(trails) = seen.full(design) {
                let full = t!("trail-limit", region = design.region, trails = trails);
                planned.conflicts.push(full);
            }
            Change::Create.into()
        }
        Seen::There(own) => {
            planned.must_be_ours(&own.mark, &arn);
            let mut drift = drift(&own.trail, design);
            match &own.status {
                Seen::There(status) if !status.logging => drift.push("StartLogging"),
                Seen::Denied(action) => {
                    let note = t!("note-unseen", arn = arn, action = action);
                    planned.notes.push(note);
                }
                Seen::There(_) | Seen::Absent => {}
            }
            if drift.is_empty() {
                Does::Keep
            } else {
                reason = Some(drift.join(", "));
                Change::Repair.into()
            }
        }
        Seen::Denied(action) => planned.denied(journal, Kind::Trail, &arn, action),
    };
    let step = Step::new(does, Kind::Trail, &arn).because(reason);
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}

/// A trail that was there before us: used, and given our topic where that is how it notifies.
fn used(design: &Design, seen: &Observed, arn: &str) -> Planned<Change> {
    let mut planned = Planned::default();
    let region = Some(&design.region);
    match &seen.own {
        Seen::There(own) => must_be_usable(&mut planned, design, own),
        Seen::Absent => {
            let gone = t!("conflict-trail-gone", trail = arn);
            planned.conflicts.push(gone);
        }
        Seen::Denied(_) => {}
    }
    planned.add(
        Step::new(Does::Use, Kind::Trail, arn),
        Ownership::Used,
        region,
    );
    if !matches!(design.feed, Feed::Trail { .. }) {
        return planned;
    }
    let ours = design.topic_arn();
    let found = seen.own.there();
    let does = match found.and_then(|own| own.trail.topic_arn.as_deref()) {
        Some(topic) if topic == ours => Does::Keep,
        Some(topic) => {
            let taken = t!("trail-has-topic", trail = arn, topic = topic);
            planned.conflicts.push(taken);
            Does::Keep
        }
        None => Change::SetTopic.into(),
    };
    let step = Step::new(does, Kind::TrailTopic, arn).with_ids(vec![ours]);
    planned.add_part(step, Ownership::Modified, region, Some(true));
    planned
}

/// What a trail that was there before us must be like.
fn must_be_usable(planned: &mut Planned<Change>, design: &Design, own: &Own) {
    let arn = &own.trail.arn;
    if own.trail.bucket != design.bucket {
        planned.conflicts.push(t!(
            "conflict-trail-bucket",
            arn = arn,
            bucket = own.trail.bucket,
            planned = design.bucket
        ));
    }
    if design.organization.is_some() && !own.trail.organization {
        let one = t!("trail-one-account", trail = arn);
        planned.conflicts.push(one);
    }
    let subscribed = matches!(design.feed, Feed::Subscribe { .. });
    if subscribed && own.trail.topic_arn.as_deref() != Some(&design.topic_arn()) {
        let found = t!(
            "finding-trail-topic",
            arn = arn,
            topic = own.trail.topic_arn.as_deref().unwrap_or("-"),
            planned = design.topic_arn()
        );
        planned.findings.push((Kind::Trail, found));
    }
    if own.status.there().is_some_and(|status| !status.logging) {
        let stopped = t!("note-trail-stopped", arn = arn);
        planned.notes.push(stopped);
    }
}

/// What `remove` does: our trail is deleted, or our topic taken off a trail that is not ours.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    across: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, topic) = (design.trail_arn(), design.topic_arn());
    if removing.claims(Kind::Trail, &arn) {
        match &seen.own {
            Seen::Absent => {}
            Seen::There(own) => {
                planned.must_be_ours(&own.mark, &arn);
                planned.step(match &across.trail_stays {
                    None => Step::new(Change::Delete, Kind::Trail, &arn),
                    kept => Step::new(Does::Keep, Kind::Trail, &arn).because(kept.clone()),
                });
            }
            Seen::Denied(action) => planned.cannot_look(&arn, action),
        }
    }
    if removing.claims(Kind::TrailTopic, &arn) {
        match &seen.own {
            Seen::There(own) if own.trail.topic_arn.as_deref() == Some(&topic) => {
                if across.owns_topic {
                    let step = Step::new(Change::UnsetTopic, Kind::TrailTopic, &arn);
                    planned.step(step.with_ids(vec![topic]));
                } else {
                    planned.unmarked(&topic);
                }
            }
            Seen::There(_) | Seen::Absent => {}
            Seen::Denied(action) => planned.cannot_look(&arn, action),
        }
    }
    planned
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    let arn = design.trail_arn();
    match design.feed {
        Feed::New => vec![Claim::whole(Kind::Trail, arn)],
        Feed::Trail { .. } => {
            vec![Claim::parts(
                Kind::TrailTopic,
                arn,
                vec![design.topic_arn()],
            )]
        }
        Feed::Subscribe { .. } | Feed::Bucket { .. } | Feed::EventBridge { .. } => Vec::new(),
    }
}

/// How surely a claim is seen to be true.
#[must_use]
pub fn shown(design: &Design, seen: &Observed, across: &Across, kind: Kind) -> Shown {
    if kind == Kind::Trail {
        return Shown::by_mark(mark(seen));
    }
    let own = seen.own.there();
    let announced = own.and_then(|own| own.trail.topic_arn.as_deref());
    let ours = across.topic_is_ours && announced == Some(&design.topic_arn());
    match (across.bucket_is_there, ours) {
        (false, _) => Shown::No,
        (true, false) => Shown::Perhaps,
        (true, true) => Shown::Surely,
    }
}

/// The mark on what was found.
#[must_use]
pub fn mark(seen: &Observed) -> Option<&Mark> {
    seen.own.there().map(|own| &own.mark)
}

/// How a trail differs from the design.
fn drift(trail: &State, design: &Design) -> Vec<&'static str> {
    let mut drift = Vec::new();
    let mut differs = |differs: bool, what| {
        if differs {
            drift.push(what);
        }
    };
    differs(trail.bucket != design.bucket, "S3BucketName");
    differs(trail.prefix != design.prefix, "S3KeyPrefix");
    differs(
        trail.topic_arn.as_deref() != Some(&design.topic_arn()),
        "SnsTopicName",
    );
    differs(!trail.multi_region, "IsMultiRegionTrail");
    differs(!trail.global_events, "IncludeGlobalServiceEvents");
    differs(!trail.validation, "EnableLogFileValidation");
    let organization = design.organization.is_some();
    differs(trail.organization != organization, "IsOrganizationTrail");
    drift
}

/// The account that a trail belongs to: another one where the trail is an organization's or shared.
#[must_use]
pub fn owner(trail: &State) -> Option<String> {
    trail.arn.parse::<Arn>().ok().map(|arn| arn.account)
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.trail_arn();
    let mut grants = vec![Grant::new(&["cloudtrail:DescribeTrails"], "*")];
    if matches!(purpose, Purpose::Setup | Purpose::Remove) {
        // Of the trails that are there: whether they log management events, and so what another one costs.
        let reads = ["cloudtrail:GetEventSelectors", "cloudtrail:GetTrailStatus"];
        grants.push(Grant::new(&reads, "*"));
    } else {
        grants.push(Grant::new(&["cloudtrail:GetTrailStatus"], &arn));
    }
    let writes: &[&'static str] = match (&design.feed, purpose) {
        (Feed::New, Purpose::Setup) => &[
            "cloudtrail:CreateTrail",
            "cloudtrail:AddTags",
            "cloudtrail:StartLogging",
            "cloudtrail:UpdateTrail",
        ],
        (Feed::New, Purpose::Remove) => &["cloudtrail:DeleteTrail"],
        (Feed::Trail { .. }, Purpose::Setup | Purpose::Remove) => &["cloudtrail:UpdateTrail"],
        _ => &[],
    };
    // A delegated administrator's call is held against its own account's ARN or the management account's, and no source
    // says which of the two for each of the calls: both (CloudTrail User Guide, "Organization delegated administrator").
    let on_trail = |actions: &[&'static str]| {
        let grant = Grant::new(actions, &arn);
        match arn.parse::<Arn>() {
            Ok(parsed)
                if design.organization.is_some() && parsed.account != design.account.as_str() =>
            {
                grant.and_on(arn.replacen(&parsed.account, design.account.as_str(), 1))
            }
            _ => grant,
        }
    };
    if design.own_trail() {
        grants.push(on_trail(&["cloudtrail:ListTags"]));
    }
    if !writes.is_empty() {
        grants.push(on_trail(writes));
    }
    grants
}
