//! What `setup` does with the trail.

use super::{
    change::Change,
    state::{Observed, Own, drift},
};
use crate::{
    connection::{Design, Feed, Kind, Ownership},
    resources::{
        planned::{Across, Journal, Planned},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// Plans the steps on the trail, which is ours or was there before us.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    match design.feed.existing_trail() {
        Some(arn) => used(design, seen, arn),
        // Only the bucket is known; the trail that writes into it may be out of sight.
        None if !design.own_trail() => Planned::default(),
        None => own(design, seen, journal),
    }
}

/// A trail of ours.
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
            planned.must_be_ours(&own.owner.mark, &arn);
            let drift = drift(&own.trail, design).into_iter();
            let mut drift: Vec<String> = drift.map(ToOwned::to_owned).collect();
            match &own.status {
                Seen::There(status) if !status.logging => drift.push(t!("reason-not-logging")),
                Seen::Denied(action) => planned.cannot_check(Kind::Trail, &arn, action),
                Seen::There(_) | Seen::Absent => {}
            }
            if drift.is_empty() {
                Does::Keep(Kind::Trail)
            } else {
                reason = Some(drift.join(", "));
                Change::Repair.into()
            }
        }
        Seen::Denied(action) => planned.denied(journal, Kind::Trail, &arn, action),
    };
    let step = Step::new(does, &arn).because(reason);
    planned.add(step, Ownership::Created, Some(&design.region));
    planned
}

/// A trail that was there before us. It is used, and gets our topic if that is how it is to notify us.
fn used(design: &Design, seen: &Observed, arn: &str) -> Planned<Change> {
    let mut planned = Planned::default();
    match &seen.own {
        Seen::There(own) => must_be_usable(&mut planned, design, own),
        Seen::Absent => {
            let gone = t!("conflict-trail-gone", trail = arn);
            planned.conflicts.push(gone);
        }
        Seen::Denied(_) => {}
    }
    planned.add(
        Step::new(Does::Use(Kind::Trail), arn),
        Ownership::Used,
        Some(&design.region),
    );
    if matches!(design.feed, Feed::Trail { .. }) {
        topic(&mut planned, design, seen, arn);
    }
    planned
}

/// Our topic on a trail that was there before us.
fn topic(planned: &mut Planned<Change>, design: &Design, seen: &Observed, arn: &str) {
    let ours = design.topic_arn();
    let found = seen.own.there();
    let does = match found.and_then(|own| own.trail.topic_arn.as_deref()) {
        Some(topic) if topic == ours => Does::Keep(Kind::TrailTopic),
        Some(topic) => {
            let taken = t!("trail-has-topic", trail = arn, topic = topic);
            planned.conflicts.push(taken);
            Does::Keep(Kind::TrailTopic)
        }
        None => Change::SetTopic.into(),
    };
    let step = Step::new(does, arn).with_ids(vec![ours]);
    planned.add_part(step, Ownership::Modified, Some(&design.region), Some(true));
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
    if design.organization.is_none() && own.trail.organization {
        let every = t!("note-organization-trail", arn = arn);
        planned.notes.push(every);
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
