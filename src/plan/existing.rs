//! Steps beside resources that were there before us: what is only used, and our parts in what is somebody else's.

use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{Action, Journal, Plan, Step, removal};
use crate::{
    connection::{Design, Feed, Kind, Ownership},
    observe::Observed,
    policy,
    resources::{
        Mark, Seen,
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
            if design.organization.is_some() && !own.trail.organization {
                plan.conflicts.push(t!("trail-one-account", trail = arn));
            }
            let subscribed = matches!(design.feed, Feed::Subscribe { .. });
            if subscribed && own.trail.topic_arn.as_deref() != Some(&design.topic_arn()) {
                let topic = own.trail.topic_arn.as_deref().unwrap_or("-");
                let found = t!(
                    "finding-trail-topic",
                    arn = arn,
                    topic = topic,
                    planned = design.topic_arn()
                );
                plan.findings.push((Kind::Trail, found));
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
            // The rule's tag says that we turned the events on: it is set before they are.
            let to_turn_on = observed
                .notification
                .there()
                .is_some_and(|found| !found.bridged);
            if state.as_planned && (state.turned_on || !to_turn_on) {
                Action::Keep
            } else {
                Action::Modify
            }
        }
        Seen::Unseen(action) => plan.unseen(journal, Kind::EventRule, &arn, action),
    };
    let step = Step::new(action, Kind::EventRule, &arn).mending();
    plan.add(step, Ownership::Created, Some(design.region.as_str()));
}

/// S3's events to EventBridge: for the whole bucket, and beside all notifications.
pub(super) fn bridge(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.bucket_arn();
    let recorded = journal
        .manifest
        .and_then(|manifest| manifest.find(Kind::BucketNotification, &arn, Some(EVENTBRIDGE)))
        .map(|item| item.ownership);
    // Turned on before we came, it is not ours to turn off.
    let (action, ownership) = match (&observed.notification, recorded) {
        (Seen::Unseen(missing), _) => (
            plan.unseen(journal, Kind::BucketNotification, &arn, missing),
            recorded.unwrap_or(Ownership::Used),
        ),
        (Seen::There(found), Some(Ownership::Modified)) if found.bridged => {
            (Action::Keep, Ownership::Modified)
        }
        (Seen::There(found), _) if found.bridged => (Action::Use, Ownership::Used),
        _ => (Action::Create, Ownership::Modified),
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

/// What our own parts in AWS say of what they work with: evidence that Central cannot make up.
struct Evidence {
    /// The bucket that our function was told, or that our role policy names.
    bucket: Option<String>,
    /// Whose messages the function takes: the ARN of a topic or a rule.
    invoker: Option<String>,
    /// Whom our statement lets publish to our topic: the ARN of a trail or a bucket.
    publisher: Option<String>,
    /// The role that our function runs as.
    role: Option<String>,
    /// The key of the trail whose log files we read.
    trail_key: Option<String>,
    /// Our role policy: what the function may use.
    granted: Option<Value>,
    /// Where our function sends what it could not handle.
    dead_letter: Option<String>,
}

impl Evidence {
    fn of(design: &Design, observed: &Observed) -> Self {
        let function = observed
            .function
            .there()
            .filter(|function| function.mark == Mark::Ours);
        let told = function.and_then(|function| function.environment.get(env::BUCKET).cloned());
        let role = observed.role.there().and_then(|role| role.policy.there());
        let source = |document: Option<&Value>, id: &str| {
            let statements = document.map(policy::statements).unwrap_or_default();
            let ours = statements.iter().find(|one| one["Sid"] == id)?;
            removal::source(ours).map(ToOwned::to_owned)
        };
        let topic = observed.topic.there();
        Self {
            bucket: told.or_else(|| role.and_then(read_bucket)),
            invoker: source(
                function.and_then(|function| function.policy.there()),
                &design.permission_id(),
            ),
            publisher: source(
                topic.and_then(|topic| topic.policy.as_ref()),
                &design.topic_statement_ids()[0],
            ),
            role: function.map(|function| function.role.clone()),
            trail_key: observed
                .trails
                .own
                .there()
                .and_then(|own| own.trail.kms_key.clone()),
            granted: role.cloned(),
            dead_letter: function.and_then(|function| function.dead_letter.clone()),
        }
    }

    /// Whether a statement of our role policy has this resource; `None` where there is no such statement.
    fn grants(&self, sid: &str, resource: &str) -> Option<bool> {
        let statements = policy::statements(self.granted.as_ref()?);
        let ours = statements.iter().find(|one| one["Sid"] == sid)?;
        Some(ours["Resource"] == resource)
    }

    /// What is not ours and the plan works with: the answers that name it, and whether the evidence agrees with them; `None`
    /// where there is none.
    fn of_others(
        &self,
        plan: &Plan,
        design: &Design,
    ) -> Vec<(&'static [&'static str], Option<bool>)> {
        let is_used = |kind: Kind| {
            let mut items = plan.items.iter();
            let kept = || plan.steps.iter().any(|step| step.kind == kind && step.kept);
            items.any(|item| item.kind == kind && item.ownership == Ownership::Used) && !kept()
        };
        let says =
            |found: &Option<String>, planned: &str| found.as_deref().map(|one| one == planned);
        let bucket = says(&self.bucket, &design.bucket);
        let mut list: Vec<(&'static [&'static str], Option<bool>)> = Vec::new();
        match &design.feed {
            Feed::New => {}
            // Nothing of theirs changes: that what is there is meant is enough.
            Feed::Subscribe { .. } => {
                let keys = &["resources", "trail", "topic", "bucket"];
                list.push((keys, says(&self.invoker, &design.invoker().1)));
                list.push((keys, bucket));
            }
            Feed::Trail { trail } => {
                list.push((&["trail"], says(&self.publisher, trail)));
                list.push((&["bucket", "trail"], bucket));
            }
            Feed::Bucket { .. } => {
                let publisher = says(&self.publisher, &design.bucket_arn());
                let agree = [bucket, publisher]
                    .into_iter()
                    .flatten()
                    .reduce(|one, other| one && other);
                list.push((&["bucket", "trail"], agree));
            }
            Feed::EventBridge { .. } => list.push((&["bucket", "trail"], bucket)),
        }
        if design.own_trail() && is_used(Kind::Bucket) {
            list.push((&["bucket"], bucket));
        }
        if design.own_trail() && is_used(Kind::Topic) {
            list.push((&["topic"], says(&self.invoker, &design.invoker().1)));
        }
        if is_used(Kind::Role) {
            list.push((&["role", "role-arn"], says(&self.role, &design.role_arn())));
        }
        // A role that somebody brought has a policy of its owner's: nothing of ours lets it use the key.
        if let Some(key) = design.kms_key.as_ref().filter(|_| design.own_role) {
            // What the trail encrypts with is no word of Central's.
            let agree = match self.trail_key.as_ref() == Some(key) {
                true => Some(true),
                false => self.grants("DecryptLogFiles", key),
            };
            list.push((&["kms-key"], agree));
        }
        if let Some(target) = design.dead_letter.as_ref().map(ToString::to_string) {
            let allowed = self.grants("SendToDeadLetter", &target);
            let sends = says(&self.dead_letter, &target);
            // Either is ours, and may have been altered by somebody: that is mended.
            let agree = [allowed, sends].into_iter().flatten();
            let agree = agree.reduce(|one, other| one || other);
            list.push((&["dead-letter"], agree));
        }
        list
    }
}

/// The bucket that a role policy of ours lets the function read.
fn read_bucket(document: &Value) -> Option<String> {
    let statements = policy::statements(document);
    let reads = statements.iter().find(|one| one["Sid"] == "ReadLogFiles")?;
    let (_, path) = reads["Resource"].as_str()?.split_once(":s3:::")?;
    Some(path.split_once('/')?.0.to_owned())
}

/// What Central saved may fill in names; what is not ours is changed, and read, only where an answer of this run or evidence in
/// AWS says so too, of each thing for itself (SPEC 2.2). Evidence that names something else than answers that were only saved
/// is a conflict.
pub(super) fn authorise(plan: &mut Plan, design: &Design, observed: &Observed) {
    let mut unanswered = false;
    for (keys, agrees) in Evidence::of(design, observed).of_others(plan, design) {
        let given = keys.iter().any(|key| design.given.contains(key));
        let saved = keys.iter().any(|key| design.saved.contains(key));
        if given || (!saved && !design.given.is_empty()) {
            continue;
        }
        match agrees {
            Some(true) => {}
            Some(false) => {
                let conflict = t!("conflict-answers-changed", name = design.name);
                if !plan.conflicts.contains(&conflict) {
                    plan.conflicts.push(conflict);
                }
            }
            None => unanswered = true,
        }
    }
    plan.unanswered |= unanswered && plan.has_writes();
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
