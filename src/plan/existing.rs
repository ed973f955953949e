//! Steps beside resources that were there before us: what is only used, and our parts in what is somebody else's.

use super::{Action, Journal, Plan, Step};
use crate::{
    connection::{Design, Kind, Ownership},
    forwarder::env,
    observe::Observed,
    policy,
    resources::{
        Seen,
        bucket::{
            Unusable,
            obstacles::{Obstacles, Who},
        },
        notification,
    },
    ui::t,
};

/// Part id of a bucket's events to EventBridge, which S3 gives none.
pub(super) const EVENTBRIDGE: &str = "EventBridge";

/// A bucket that was there before us. In another account it is hidden: HeadBucket names the owner that it expects.
pub(super) fn used_bucket(plan: &mut Plan, design: &Design, observed: &Observed) {
    let bucket = &design.bucket;
    match &observed.bucket {
        Seen::There(Ok(_)) | Seen::Unseen(_) => {}
        Seen::Absent => plan
            .conflicts
            .push(t!("conflict-bucket-gone", bucket = bucket)),
        Seen::There(Err(Unusable::Forbidden)) => plan
            .conflicts
            .push(t!("conflict-bucket-foreign", bucket = bucket)),
        Seen::There(Err(Unusable::Elsewhere(found))) => plan.conflicts.push(t!(
            "conflict-bucket-region",
            bucket = bucket,
            region = found
        )),
    }
    if let Some(key) = &design.kms_key {
        plan.notes
            .push(t!("note-key", key = key, role = design.role_arn()));
    }
    let step = Step::new(Action::Use, Kind::Bucket, design.bucket_arn());
    plan.add(step, Ownership::Used, Some(design.region.as_str()));
}

/// A role that somebody brought: its policy is its owner's to write, and printed.
pub(super) fn brought_role(plan: &mut Plan, design: &Design, observed: &Observed) {
    let arn = design.role_arn();
    match &observed.role {
        Seen::There(state) => super::setup::usable_role(plan, design, state),
        Seen::Absent => plan.conflicts.push(t!("conflict-role-gone", arn = arn)),
        Seen::Unseen(action) => {
            plan.notes
                .push(t!("note-role-unseen", arn = arn, action = action));
        }
    }
    plan.notes.push(t!(
        "note-own-role",
        arn = arn,
        policy = design.role_policy()
    ));
    plan.add(
        Step::new(Action::Use, Kind::Role, &arn),
        Ownership::Used,
        None,
    );
}

pub(super) fn used_trail(plan: &mut Plan, design: &Design, observed: &Observed) {
    let Some(arn) = design.feed.existing_trail() else {
        return;
    };
    match &observed.trails.own {
        Seen::There(own) => {
            if own.trail.bucket != design.bucket {
                plan.conflicts.push(t!(
                    "conflict-trail-bucket",
                    arn = arn,
                    bucket = own.trail.bucket,
                    planned = design.bucket
                ));
            }
            if own.status.there().is_some_and(|status| !status.logging) {
                plan.notes.push(t!("note-trail-stopped", arn = arn));
            }
        }
        Seen::Absent => plan.conflicts.push(t!("conflict-trail-gone", trail = arn)),
        Seen::Unseen(_) => {}
    }
    let step = Step::new(Action::Use, Kind::Trail, arn);
    plan.add(step, Ownership::Used, Some(design.region.as_str()));
}

/// Our topic on a trail of somebody else, where it has none.
pub(super) fn trail_topic(plan: &mut Plan, design: &Design, observed: &Observed) {
    let arn = design.trail_arn();
    let ours = design.topic_arn();
    let found = observed.trails.own.there();
    let action = match found.and_then(|own| own.trail.topic_arn.as_deref()) {
        Some(topic) if topic == ours => Action::Keep,
        Some(topic) => {
            plan.conflicts
                .push(t!("trail-has-topic", trail = arn, topic = topic));
            Action::Keep
        }
        None => Action::Modify,
    };
    let mut step = Step::new(action, Kind::TrailTopic, &arn).with_ids(vec![ours]);
    step.was_absent = true;
    plan.add(step, Ownership::Modified, Some(design.region.as_str()));
}

pub(super) fn event_rule(
    plan: &mut Plan,
    design: &Design,
    observed: &Observed,
    journal: Journal<'_>,
) {
    let arn = design.rule_arn();
    let action = match &observed.rule {
        Seen::Absent => Action::Create,
        Seen::There(state) => {
            plan.marked(&state.mark, &arn);
            if state.as_planned {
                Action::Keep
            } else {
                Action::Modify
            }
        }
        Seen::Unseen(action) => plan.unseen(journal, Kind::EventRule, &arn, action),
    };
    let step = Step::new(action, Kind::EventRule, &arn);
    plan.add(step, Ownership::Created, Some(design.region.as_str()));
}

/// S3's events to EventBridge: for the whole bucket, and beside all notifications.
pub(super) fn bridge(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.bucket_arn();
    let recorded = journal
        .manifest
        .and_then(|manifest| manifest.find(Kind::BucketNotification, &arn, Some(EVENTBRIDGE)))
        .map(|item| item.ownership);
    let on = observed
        .notification
        .there()
        .is_some_and(|found| found.bridged);
    // Turned on before we came, it is not ours to turn off.
    let (action, ownership) = match (on, recorded) {
        (true, Some(Ownership::Modified)) => (Action::Keep, Ownership::Modified),
        (true, _) => (Action::Use, Ownership::Used),
        (false, _) => (Action::Create, Ownership::Modified),
    };
    let mut step =
        Step::new(action, Kind::BucketNotification, &arn).with_ids(vec![EVENTBRIDGE.to_owned()]);
    step.was_absent = observed
        .notification
        .there()
        .is_some_and(|found| found.empty);
    plan.add(step, ownership, Some(design.region.as_str()));
}

/// Our entry in the notifications of a bucket of somebody else.
pub(super) fn notification(
    plan: &mut Plan,
    design: &Design,
    observed: &Observed,
    journal: Journal<'_>,
) {
    let arn = design.bucket_arn();
    let mut was_absent = false;
    let action = match &observed.notification {
        Seen::There(found) => {
            was_absent = found.empty;
            if let Some(rule) = &found.overlapping {
                plan.conflicts
                    .push(t!("conflict-overlap", bucket = design.bucket, rule = rule));
            }
            match found.ours {
                Some(notification::State::AsPlanned) => Action::Keep,
                Some(notification::State::Different) => Action::Modify,
                None => Action::Create,
            }
        }
        Seen::Absent => Action::Create,
        Seen::Unseen(action) => plan.unseen(journal, Kind::BucketNotification, &arn, action),
    };
    let id = design.notification_id();
    let recorded = journal
        .manifest
        .and_then(|manifest| manifest.find(Kind::BucketNotification, &arn, Some(&id)))
        .and_then(|item| item.was_absent);
    let mut step = Step::new(action, Kind::BucketNotification, &arn).with_ids(vec![id]);
    step.was_absent = recorded.unwrap_or(was_absent);
    plan.add(step, Ownership::Modified, Some(design.region.as_str()));
}

/// Beside existing resources, Central's saved answers say what of somebody else's is changed. Once a connection is set up,
/// what we made then must agree with them: our role policy names the bucket, our topic statement the trail.
pub(super) fn answers_changed(
    design: &Design,
    observed: &Observed,
    journal: Journal<'_>,
) -> Option<String> {
    let complete = journal.manifest.is_some_and(|manifest| manifest.complete);
    if design.own_trail() || !complete {
        return None;
    }
    let role = observed.role.there().and_then(|role| role.policy.there());
    let reads = match observed.function.there() {
        // What it was told when it was made.
        Some(function) if !design.own_role => {
            let told = function.environment.get(env::BUCKET);
            told.is_none_or(|bucket| *bucket == design.bucket)
        }
        _ => role.is_none_or(|document| policy::equal(document, &design.role_policy())),
    };
    let topic = observed
        .topic
        .there()
        .and_then(|topic| topic.policy.as_ref());
    let present = topic
        .filter(|document| !policy::present(document, &design.topic_statement_ids()).is_empty());
    let hears =
        present.is_none_or(|document| policy::contains(document, &design.topic_statements()));
    (!reads || !hears).then(|| t!("conflict-answers-changed", name = design.name))
}

impl Plan {
    /// What stands in the way in a bucket that was there before us, or may.
    pub fn heed(&mut self, design: &Design, obstacles: &Obstacles) {
        let bucket = &design.bucket;
        for denial in obstacles.denials.there().into_iter().flatten() {
            let statement = &denial.statement;
            let who = match denial.who {
                Who::CloudTrail => t!("who-cloudtrail"),
                Who::Function => t!("who-function", role = design.role_arn()),
            };
            if denial.certain {
                self.conflicts.push(t!(
                    "conflict-denied",
                    bucket = bucket,
                    statement = statement,
                    who = who
                ));
            } else {
                self.notes.push(t!(
                    "note-denied",
                    bucket = bucket,
                    statement = statement,
                    who = who
                ));
            }
        }
        if obstacles.requester_pays.there().is_some() {
            self.conflicts
                .push(t!("conflict-requester-pays", bucket = bucket));
        }
        if obstacles.object_lock.there().is_some() {
            self.notes.push(t!("note-object-lock", bucket = bucket));
        }
        if obstacles.abac.there().is_some() {
            self.notes
                .push(t!("note-abac", bucket = bucket, role = design.role_arn()));
        }
        let hidden: Vec<&str> = [
            obstacles.denials.unseen(),
            obstacles.requester_pays.unseen(),
            obstacles.object_lock.unseen(),
            obstacles.abac.unseen(),
        ]
        .into_iter()
        .flatten()
        .collect();
        if !hidden.is_empty() {
            let actions = hidden.join(", ");
            self.notes
                .push(t!("note-bucket-unseen", bucket = bucket, actions = actions));
        }
    }
}
