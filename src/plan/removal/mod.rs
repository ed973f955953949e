//! Plans `remove`: what the manifest names, as far as AWS shows that it is ours.

mod claims;

use super::{Action, Step, existing, setup::owns_function_name};
use crate::{
    connection::{ConnectionName, Design, Kind, Resources},
    observe::Observed,
    policy,
    resources::{Mark, Seen, trail},
    ui::t,
};
pub use claims::{feed_answers, foreign_claims, invoker, marked, marks, seen_marked, source};

/// What is to be kept or deleted beyond the default.
#[derive(Clone, Debug, Default)]
pub struct Wishes {
    pub keep_trail: bool,
    pub force_shared: bool,
    pub delete_logs: bool,
    /// S3's events in EventBridge are listened to by others, as far as can be seen: they stay on.
    pub keep_events: bool,
    /// Other connections that collect from our bucket, by name: by a notification or a rule of theirs, of which the trail and its
    /// topic know nothing. Central tells; what it tells is only kept.
    pub collected_by: Vec<ConnectionName>,
}

/// What a run of `remove` is going to do.
#[derive(Clone, Debug, Default)]
pub struct Removal {
    pub steps: Vec<Step>,
    /// What Central calls ours and AWS does not show as ours. With any, nothing is done.
    pub conflicts: Vec<String>,
    /// Who else uses what we created, so that it is kept.
    pub shared_with: Vec<String>,
    /// Our trail is the last that logs management events.
    pub last_trail: bool,
}

/// Plans the removal.
#[must_use]
pub fn removal(
    design: &Design,
    observed: &Observed,
    manifest: &Resources,
    wishes: Wishes,
) -> Removal {
    let mut plan = Planning {
        design,
        observed,
        manifest,
        wishes,
        steps: Vec::new(),
        conflicts: foreign_claims(design, manifest),
    };
    plan.conflicts.extend(elsewhere(design, observed));
    // What is not ours is not deleted anyhow.
    let mut of_topic = Vec::new();
    if plan.claims(Kind::Topic, &design.topic_arn()) {
        of_topic = plan.topic_users();
    }
    let mut of_bucket = Vec::new();
    if plan.claims(Kind::Bucket, &design.bucket_arn()) {
        of_bucket = plan.bucket_users();
        of_bucket.retain(|user| !of_topic.contains(user));
    }
    // Our subscription goes first: from then on nothing flows.
    plan.subscription();
    let collected_by = plan.collected_by();
    let of_trail = [of_topic.clone(), collected_by.clone()].concat();
    let last_trail = plan.trail(&of_trail);
    let trail_stays = plan
        .steps
        .iter()
        .any(|step| step.kind == Kind::Trail && step.action == Action::Keep);
    plan.trail_topic();
    if design.has_topic() {
        plan.notification();
    } else {
        plan.event_rule();
    }
    plan.function();
    plan.log_group();
    plan.role();
    plan.topic(trail_stays, &of_topic);
    plan.topic_policy();
    plan.bucket_policy(trail_stays);
    plan.bucket(trail_stays);
    Removal {
        steps: plan.steps,
        conflicts: plan.conflicts,
        shared_with: [of_trail, of_bucket].concat(),
        last_trail,
    }
}

/// A removal that is being planned.
struct Planning<'a> {
    design: &'a Design,
    observed: &'a Observed,
    manifest: &'a Resources,
    wishes: Wishes,
    steps: Vec<Step>,
    conflicts: Vec<String>,
}

/// Why something is kept that others use.
fn shared(users: &[String]) -> Option<String> {
    (!users.is_empty()).then(|| t!("reason-shared", users = users.join(", ")))
}

impl<'a> Planning<'a> {
    fn claims(&self, kind: Kind, arn: &str) -> bool {
        self.manifest.says_ours(kind, arn)
    }

    fn unseen(&mut self, arn: &str, action: &str) {
        self.conflicts
            .push(t!("conflict-unseen", arn = arn, action = action));
    }

    fn unmarked(&mut self, arn: &str) {
        self.conflicts.push(t!("conflict-unmarked", arn = arn));
    }

    fn subscription(&mut self) {
        let (topic, function) = (self.design.topic_arn(), self.design.function_arn());
        if !self.claims(Kind::Subscription, &topic) || !subscribed(self.observed) {
            return;
        }
        if owns_function_name(self.design, self.observed) {
            let step = Step::new(Action::Delete, Kind::Subscription, &topic);
            self.steps.push(step.with_ids(vec![function]));
        } else {
            self.unmarked(&function);
        }
    }

    /// Whether it is the last that logs management events.
    fn trail(&mut self, users: &[String]) -> bool {
        let arn = self.design.trail_arn();
        if !self.claims(Kind::Trail, &arn) {
            return false;
        }
        match &self.observed.trails.own {
            Seen::Absent => false,
            Seen::There(own) => {
                self.conflicts.extend(own.mark.complaint(&arn));
                let kept = if self.wishes.keep_trail {
                    Some(t!("reason-keep-trail"))
                } else {
                    shared(users)
                };
                let action = if kept.is_some() {
                    Action::Keep
                } else {
                    Action::Delete
                };
                self.steps
                    .push(Step::new(action, Kind::Trail, &arn).because(kept));
                action == Action::Delete && self.observed.management.is_empty()
            }
            Seen::Unseen(action) => {
                self.unseen(&arn, action);
                false
            }
        }
    }

    /// Our topic on a trail of somebody else.
    fn trail_topic(&mut self) {
        let (arn, topic) = (self.design.trail_arn(), self.design.topic_arn());
        if !self.claims(Kind::TrailTopic, &arn) {
            return;
        }
        match &self.observed.trails.own {
            Seen::There(own) if own.trail.topic_arn.as_deref() == Some(&topic) => {
                if owns_topic(self.design, self.observed) {
                    let step = Step::new(Action::Restore, Kind::TrailTopic, &arn);
                    self.steps.push(step.with_ids(vec![topic]));
                } else {
                    self.unmarked(&topic);
                }
            }
            Seen::There(_) | Seen::Absent => {}
            Seen::Unseen(action) => self.unseen(&arn, action),
        }
    }

    /// Our entry in the notifications of a bucket of somebody else.
    fn notification(&mut self) {
        let arn = self.design.bucket_arn();
        if !self.claims(Kind::BucketNotification, &arn) {
            return;
        }
        match &self.observed.notification {
            Seen::There(found) if found.ours.is_some() => {
                let step = Step::new(Action::Restore, Kind::BucketNotification, &arn);
                let ids = vec![self.design.notification_id()];
                self.steps.push(step.with_ids(ids));
            }
            Seen::There(_) | Seen::Absent => {}
            Seen::Unseen(action) => {
                self.conflicts
                    .push(t!("document-unseen", arn = arn, action = action));
            }
        }
    }

    /// The rule is ours by its mark. S3's events to EventBridge have none: they are turned off where a tag of our rule says that
    /// we turned them on, and nobody else listens.
    fn event_rule(&mut self) {
        let (rule, bucket) = (self.design.rule_arn(), self.design.bucket_arn());
        if !self.claims(Kind::EventRule, &rule) {
            return;
        }
        let state = match &self.observed.rule {
            Seen::Absent => return,
            Seen::There(state) => state,
            Seen::Unseen(action) => return self.unseen(&rule, action),
        };
        self.conflicts.extend(state.mark.complaint(&rule));
        if let (Seen::Unseen(action), true) = (&self.observed.notification, state.turned_on) {
            self.unseen(&bucket, action);
        }
        let notification = self.observed.notification.there();
        let on = notification.is_some_and(|found| found.bridged);
        if on && state.turned_on {
            let kept = self.wishes.keep_events.then(|| t!("reason-others-listen"));
            let action = if kept.is_some() {
                Action::Keep
            } else {
                Action::Restore
            };
            let step = Step::new(action, Kind::BucketNotification, &bucket).because(kept);
            let ids = vec![existing::EVENTBRIDGE.to_owned()];
            self.steps.push(step.with_ids(ids));
        }
        self.steps
            .push(Step::new(Action::Delete, Kind::EventRule, &rule));
    }

    fn function(&mut self) {
        let arn = self.design.function_arn();
        if !self.claims(Kind::Function, &arn) {
            return;
        }
        match &self.observed.function {
            Seen::Absent => {}
            Seen::There(state) => {
                self.conflicts.extend(state.mark.complaint(&arn));
                let permission = Step::new(Action::Delete, Kind::FunctionPermission, &arn);
                let ids = vec![self.design.permission_id()];
                self.steps.push(permission.with_ids(ids));
                self.steps
                    .push(Step::new(Action::Delete, Kind::Function, &arn));
            }
            Seen::Unseen(action) => self.unseen(&arn, action),
        }
    }

    fn log_group(&mut self) {
        let arn = self.design.log_group_arn();
        if !self.claims(Kind::LogGroup, &arn) || self.observed.log_group.is_absent() {
            return;
        }
        if owns_function_name(self.design, self.observed) {
            self.steps
                .push(Step::new(Action::Delete, Kind::LogGroup, &arn));
        } else {
            self.unmarked(&arn);
        }
    }

    /// The role with our policy, or our policy alone in a role of somebody else.
    fn role(&mut self) {
        let arn = self.design.role_arn();
        let created = self.claims(Kind::Role, &arn);
        if !created && !self.claims(Kind::RolePolicy, &arn) {
            return;
        }
        match &self.observed.role {
            Seen::Absent => {}
            Seen::There(state) => {
                if created {
                    self.conflicts.extend(state.mark.complaint(&arn));
                }
                if !state.policy.is_absent() {
                    let step = Step::new(Action::Delete, Kind::RolePolicy, &arn);
                    let ids = vec![self.design.role_policy_name()];
                    self.steps.push(step.with_ids(ids));
                }
                if created {
                    self.steps.push(Step::new(Action::Delete, Kind::Role, &arn));
                }
            }
            Seen::Unseen(action) => self.unseen(&arn, action),
        }
    }

    fn topic(&mut self, trail_stays: bool, of_topic: &[String]) {
        let arn = self.design.topic_arn();
        if !self.claims(Kind::Topic, &arn) {
            return;
        }
        match &self.observed.topic {
            Seen::Absent => {}
            Seen::There(state) => {
                self.conflicts.extend(state.mark.complaint(&arn));
                let stays = || trail_stays.then(|| t!("reason-trail-stays"));
                let kept = shared(of_topic).or_else(stays);
                let action = if kept.is_some() {
                    Action::Keep
                } else {
                    Action::Delete
                };
                self.steps
                    .push(Step::new(action, Kind::Topic, &arn).because(kept));
            }
            Seen::Unseen(action) => self.unseen(&arn, action),
        }
    }

    /// Our statement in the topic of somebody else.
    fn topic_policy(&mut self) {
        let arn = self.design.topic_arn();
        if self.claims(Kind::Topic, &arn) || !self.claims(Kind::TopicPolicyStatement, &arn) {
            return;
        }
        let topic = self.observed.topic.there();
        let ids = self.design.topic_statement_ids();
        let present: Vec<String> = topic
            .and_then(|topic| topic.policy.as_ref())
            .map(|document| policy::present(document, &ids))
            .into_iter()
            .flatten()
            .cloned()
            .collect();
        if !present.is_empty() {
            let step = Step::new(Action::Restore, Kind::TopicPolicyStatement, &arn);
            self.steps.push(step.with_ids(present));
        }
    }

    fn bucket_policy(&mut self, trail_stays: bool) {
        let arn = self.design.bucket_arn();
        if !self.claims(Kind::BucketPolicyStatement, &arn) {
            return;
        }
        let state = match &self.observed.bucket {
            Seen::There(Ok(state)) => state,
            Seen::There(Err(_)) | Seen::Absent => return,
            Seen::Unseen(action) => return self.unseen(&arn, action),
        };
        let document = match &state.policy {
            Seen::Absent => return,
            Seen::There(document) => document,
            Seen::Unseen(action) => {
                let unseen = t!("document-unseen", arn = arn, action = action);
                return self.conflicts.push(unseen);
            }
        };
        let ids = self.design.bucket_statement_ids();
        let present: Vec<String> = policy::present(document, &ids)
            .into_iter()
            .cloned()
            .collect();
        if present.is_empty() {
            return;
        }
        // In a bucket of somebody else, other trails have statements of their own.
        let users = if self.claims(Kind::Bucket, &arn) {
            self.bucket_users()
        } else {
            Vec::new()
        };
        let kept = shared(&users).or_else(|| trail_stays.then(|| t!("reason-trail-stays")));
        let action = if kept.is_some() {
            Action::Keep
        } else {
            Action::Restore
        };
        let mut step = Step::new(action, Kind::BucketPolicyStatement, &arn)
            .with_ids(present)
            .because(kept);
        step.was_absent =
            self.manifest.items.iter().any(|item| {
                item.kind == Kind::BucketPolicyStatement && item.was_absent == Some(true)
            });
        self.steps.push(step);
    }

    fn bucket(&mut self, trail_stays: bool) {
        let (design, arn) = (self.design, self.design.bucket_arn());
        if !self.claims(Kind::Bucket, &arn) {
            return;
        }
        let state = match &self.observed.bucket {
            Seen::Absent => return,
            Seen::There(Ok(state)) => state,
            Seen::There(Err(_)) => {
                let taken = t!("conflict-bucket-taken", bucket = design.bucket);
                return self.conflicts.push(taken);
            }
            Seen::Unseen(action) => return self.unseen(&arn, action),
        };
        let untouched = state.mark == Mark::None && state.untouched && design.has_default_bucket();
        if !untouched {
            self.conflicts.extend(state.mark.complaint(&arn));
        }
        let (action, reason) = if untouched {
            (Action::Delete, Some(t!("reason-never-used")))
        } else if !self.wishes.delete_logs {
            (Action::Keep, Some(t!("reason-logs-kept")))
        } else if trail_stays {
            (Action::Keep, Some(t!("reason-trail-stays")))
        } else if let Some(trail) = self
            .other_trails()
            .find(|trail| trail.bucket == design.bucket)
        {
            // Not even --force-shared deletes the logs of others.
            let used = t!(
                "bucket-used-by-trail",
                bucket = design.bucket,
                trail = trail.arn
            );
            return self.conflicts.push(used);
        } else if let Some(name) = self.wishes.collected_by.first() {
            let used = t!(
                "bucket-used-by-connection",
                bucket = design.bucket,
                name = name
            );
            return self.conflicts.push(used);
        } else {
            (Action::Delete, None)
        };
        self.steps
            .push(Step::new(action, Kind::Bucket, &arn).because(reason));
    }

    fn collected_by(&self) -> Vec<String> {
        if self.wishes.force_shared {
            return Vec::new();
        }
        let names = self.wishes.collected_by.iter();
        names
            .map(|name| t!("user-connection", name = name))
            .collect()
    }

    /// Other trails that write into the bucket.
    fn bucket_users(&self) -> Vec<String> {
        let counts = self.design.own_trail() && !self.wishes.force_shared;
        self.other_trails()
            .filter(|trail| counts && trail.bucket == self.design.bucket)
            .map(|trail| trail.arn.clone())
            .collect()
    }

    fn other_trails(&self) -> impl Iterator<Item = &'a trail::State> + use<'a> {
        let trails = self.observed.trails.all.there().into_iter().flatten();
        let own = self.design.trail_arn();
        trails.filter(move |trail| trail.arn != own)
    }

    /// Who else uses our topic: other subscribers, other trails.
    fn topic_users(&self) -> Vec<String> {
        if self.wishes.force_shared || !self.design.own_topic() {
            return Vec::new();
        }
        let topic = self.design.topic_arn();
        let mut users: Vec<String> = match &self.observed.subscription {
            Seen::There(state) => state.others.clone(),
            Seen::Unseen(_) => {
                let counted = self.observed.topic.there();
                let beyond_ours = counted.map_or(0, |topic| topic.subscriptions.saturating_sub(1));
                (beyond_ours > 0)
                    .then(|| t!("user-subscribers", count = beyond_ours))
                    .into_iter()
                    .collect()
            }
            Seen::Absent => Vec::new(),
        };
        users.extend(
            self.other_trails()
                .filter(|trail| trail.topic_arn.as_deref() == Some(&topic))
                .map(|trail| trail.arn.clone()),
        );
        users
    }
}

/// Central names the home region; our role's policy names it too, in the function's log group. Looked for in another one, nothing
/// would be found.
#[must_use]
pub fn elsewhere(design: &Design, observed: &Observed) -> Option<String> {
    let role = observed
        .role
        .there()
        .filter(|role| role.mark == Mark::Ours)?;
    let statements = policy::statements(role.policy.there()?);
    let own = statements.iter().find(|one| one["Sid"] == "WriteOwnLogs")?;
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

/// Whether the topic on the trail is ours: by its mark, by our statement in its policy, or, where it is gone, by the name
/// that only we give.
fn owns_topic(design: &Design, observed: &Observed) -> bool {
    match &observed.topic {
        Seen::There(state) => {
            let ids = design.topic_statement_ids();
            let document = state.policy.as_ref();
            state.mark == Mark::Ours
                || document.is_some_and(|document| !policy::present(document, &ids).is_empty())
        }
        Seen::Absent => design.topic.starts_with("sophos-ct-"),
        Seen::Unseen(_) => false,
    }
}

/// Whether our subscription may be there.
fn subscribed(observed: &Observed) -> bool {
    match &observed.subscription {
        Seen::There(state) => state.ours.is_some(),
        Seen::Unseen(_) => observed
            .topic
            .there()
            .is_some_and(|topic| topic.mark == Mark::Ours && topic.subscriptions > 0),
        Seen::Absent => false,
    }
}
