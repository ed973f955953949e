//! Plans `setup`: what the design wants against what was observed, kind by kind.

use serde_json::Value;

use super::{Action, IfDenied, Journal, Plan, Step, existing, removal};
use crate::{
    connection::{Design, Feed, Kind, Ownership},
    observe::Observed,
    policy,
    resources::{Mark, Seen, bucket::Unusable, function, organization, role, trail},
    ui::t,
};

/// Plans `setup`.
#[must_use]
pub fn setup(
    design: &Design,
    observed: &Observed,
    journal: Journal<'_>,
    package_digest: &str,
) -> Plan {
    let mut plan = Plan {
        conflicts: journal
            .manifest
            .map(|manifest| removal::foreign_claims(design, manifest))
            .unwrap_or_default(),
        ..Plan::default()
    };
    plan.conflicts.extend(removal::elsewhere(design, observed));
    plan.role_id = observed.role.there().map(|role| role.id.clone());
    role(&mut plan, design, observed, journal);
    log_group(&mut plan, design, observed, journal);
    if design.has_topic() {
        topic(&mut plan, design, observed, journal);
    }
    if design.own_trail() {
        bucket(&mut plan, design, observed, journal);
    } else {
        existing::used_bucket(&mut plan, design, observed);
    }
    function(&mut plan, design, observed, journal, package_digest);
    if design.has_topic() {
        subscription(&mut plan, design, observed, journal);
    }
    organization(&mut plan, design, observed);
    match &design.feed {
        Feed::New => trail(&mut plan, design, observed, journal),
        Feed::Subscribe { .. } => existing::used_trail(&mut plan, design, observed),
        Feed::Trail { .. } => {
            existing::used_trail(&mut plan, design, observed);
            existing::trail_topic(&mut plan, design, observed);
        }
        Feed::Bucket { .. } => {
            existing::used_trail(&mut plan, design, observed);
            existing::notification(&mut plan, design, observed, journal);
        }
        Feed::EventBridge { .. } => {
            existing::used_trail(&mut plan, design, observed);
            existing::event_rule(&mut plan, design, observed, journal);
            existing::bridge(&mut plan, design, observed, journal);
        }
    }
    // A connection that does not exist yet has no saved answers.
    if journal.manifest.is_some() {
        existing::authorise(&mut plan, design, observed);
    }
    plan
}

fn role(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.role_arn();
    if !design.own_role {
        existing::brought_role(plan, design, observed);
        return;
    }
    let mut used = false;
    let mut reason = None;
    let (role, policy) = match &observed.role {
        Seen::Absent => (Action::Create, Action::Create),
        Seen::There(state) => {
            used = journal.is_used(design, "role", Kind::Role, &arn, &state.mark);
            if used {
                usable_role(plan, design, state);
            } else {
                plan.marked(&state.mark, &state.arn);
            }
            let policy = match &state.policy {
                Seen::There(document) if policy::equal(document, &design.role_policy()) => {
                    Action::Keep
                }
                Seen::There(_) => Action::Modify,
                Seen::Absent => Action::Create,
                Seen::Unseen(action) => plan.unseen(journal, Kind::RolePolicy, &arn, action),
            };
            let drift = role::drift(state, design);
            let action = match (used, drift.is_empty()) {
                (true, _) => Action::Use,
                (false, true) => Action::Keep,
                (false, false) => {
                    reason = Some(drift.join(", "));
                    Action::Modify
                }
            };
            if let (false, None, Some(boundary)) =
                (used, &design.permissions_boundary, &state.boundary)
            {
                let found = t!("finding-boundary", arn = arn, boundary = boundary);
                plan.findings.push((Kind::Role, found));
            }
            (action, policy)
        }
        Seen::Unseen(action) => (plan.unseen(journal, Kind::Role, &arn, action), Action::Keep),
    };
    let whole = whose(used);
    let step = Step::new(role, Kind::Role, &arn).because(reason);
    plan.add(step.mending(), whole, None);
    let step = Step::new(policy, Kind::RolePolicy, &arn).with_ids(vec![design.role_policy_name()]);
    plan.add(step, Ownership::Created, None);
}

fn whose(used: bool) -> Ownership {
    if used {
        Ownership::Used
    } else {
        Ownership::Created
    }
}

/// What a role of somebody else must be like, so that the function can run with it.
pub(super) fn usable_role(plan: &mut Plan, design: &Design, state: &role::State) {
    let planned = design.role_arn();
    if state.arn != planned {
        plan.conflicts
            .push(t!("conflict-role-path", arn = state.arn, planned = planned));
    }
    if !role::trusts_lambda(&state.trust) {
        plan.conflicts
            .push(t!("conflict-role-trust", arn = state.arn));
    }
}

fn log_group(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.log_group_arn();
    let action = match &observed.log_group {
        Seen::Absent => Action::Create,
        Seen::There(_) if !owns_function_name(design, observed) => {
            plan.conflicts.push(t!("conflict-unmarked", arn = arn));
            Action::Keep
        }
        Seen::There(state) if state.retention_days == Some(design.log_retention_days) => {
            Action::Keep
        }
        Seen::There(_) => Action::Modify,
        Seen::Unseen(action) => plan.unseen(journal, Kind::LogGroup, &arn, action),
    };
    let reason = (action == Action::Modify)
        .then(|| t!("reason-retention", days = design.log_retention_days));
    plan.add(
        Step::new(action, Kind::LogGroup, &arn).because(reason),
        Ownership::Created,
        Some(design.region.as_str()),
    );
}

/// Whether the function's name is ours, and with it its log group and its subscription, which cannot be tagged: by our
/// function; by our role policy, which names the log group and is made before it; or by the name that only we give, while
/// no function of that name is there.
pub(super) fn owns_function_name(design: &Design, observed: &Observed) -> bool {
    match &observed.function {
        Seen::There(function) => function.mark == Mark::Ours,
        function => {
            // Under our computed name; the role itself may be somebody else's.
            let named_by_role = observed
                .role
                .there()
                .and_then(|role| role.policy.there())
                .is_some_and(|document| policy::equal(document, &design.role_policy()));
            named_by_role || function.is_absent() && design.function.starts_with("sophos-ct-")
        }
    }
}

fn topic(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.topic_arn();
    if !design.own_topic() {
        if observed.topic.is_absent() {
            plan.conflicts.push(t!("conflict-topic-gone", arn = arn));
        }
        // CloudTrail publishes to it already, so its key lets it.
        let step = Step::new(Action::Use, Kind::Topic, &arn);
        plan.add(step, Ownership::Used, Some(design.region.as_str()));
        return;
    }
    let mut used = false;
    let (topic, policy) = match &observed.topic {
        Seen::Absent => (Action::Create, Action::Create),
        Seen::There(state) => {
            used = journal.is_used(design, "topic", Kind::Topic, &arn, &state.mark);
            if !used {
                plan.marked(&state.mark, &arn);
            }
            if let Some(key) = state
                .kms_key
                .as_ref()
                .filter(|key| key.ends_with("alias/aws/sns"))
            {
                plan.conflicts
                    .push(t!("conflict-topic-key", arn = arn, key = key));
            }
            (
                if used { Action::Use } else { Action::Keep },
                statements(
                    state.policy.as_ref(),
                    &design.topic_statements(),
                    &design.topic_statement_ids(),
                ),
            )
        }
        Seen::Unseen(action) => (
            plan.unseen(journal, Kind::Topic, &arn, action),
            Action::Keep,
        ),
    };
    let region = Some(design.region.as_str());
    plan.add(Step::new(topic, Kind::Topic, &arn), whose(used), region);
    let step =
        Step::new(policy, Kind::TopicPolicyStatement, &arn).with_ids(design.topic_statement_ids());
    let part = if used {
        Ownership::Modified
    } else {
        Ownership::Created
    };
    plan.add(step, part, region);
}

/// What our statements of a document need.
fn statements(document: Option<&Value>, ours: &[Value], ids: &[String]) -> Action {
    match document {
        Some(document) if policy::contains(document, ours) => Action::Keep,
        Some(document) if !policy::present(document, ids).is_empty() => Action::Modify,
        _ => Action::Create,
    }
}

fn bucket(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.bucket_arn();
    let region = Some(design.region.as_str());
    let ids: Vec<String> = design
        .bucket_statements()
        .iter()
        .filter_map(|s| s["Sid"].as_str().map(ToOwned::to_owned))
        .collect();
    let mut absent = true;
    let mut reason = None;
    let mut ownership = Ownership::Created;
    let mut kept = false;
    let mut policy = Action::Create;
    let action = match &observed.bucket {
        Seen::Absent => Action::Create,
        Seen::There(Err(Unusable::Forbidden)) => {
            plan.conflicts
                .push(t!("conflict-bucket-taken", bucket = design.bucket));
            Action::Keep
        }
        Seen::There(Err(Unusable::Elsewhere(found))) => {
            plan.conflicts.push(t!(
                "conflict-bucket-region",
                bucket = design.bucket,
                region = found
            ));
            Action::Keep
        }
        Seen::There(Ok(state)) => {
            absent = state.policy.is_absent();
            policy = match &state.policy {
                Seen::Unseen(action) => {
                    plan.unseen(journal, Kind::BucketPolicyStatement, &arn, action)
                }
                seen => statements(seen.there(), &design.bucket_statements(), &ids),
            };
            match &state.mark {
                Mark::None
                    if state.untouched
                        && design.has_default_bucket()
                        && journal.says_ours(Kind::Bucket, &arn) =>
                {
                    reason = Some(t!("reason-untouched"));
                    Action::Create
                }
                Mark::Other(id)
                    if journal
                        .kept_from
                        .is_some_and(|kept| kept.to_string() == *id) =>
                {
                    reason = Some(t!("reason-kept", id = id));
                    kept = true;
                    ownership = Ownership::Used;
                    Action::Use
                }
                mark if journal.is_used(design, "bucket", Kind::Bucket, &arn, mark) => {
                    ownership = Ownership::Used;
                    Action::Use
                }
                mark => {
                    plan.marked(mark, &arn);
                    Action::Keep
                }
            }
        }
        Seen::Unseen(action) => {
            policy = Action::Keep;
            plan.unseen(journal, Kind::Bucket, &arn, action)
        }
    };
    let mut step = Step::new(action, Kind::Bucket, &arn).because(reason);
    step.kept = kept;
    plan.add(step, ownership, region);

    // Where a run was stopped after writing, the policy that is there may be our own: the manifest knows better.
    let recorded = ids.iter().find_map(|id| {
        journal
            .manifest?
            .find(Kind::BucketPolicyStatement, &arn, Some(id))
            .and_then(|item| item.was_absent)
    });
    let mut step = Step::new(policy, Kind::BucketPolicyStatement, &arn).with_ids(ids);
    step.was_absent = recorded.unwrap_or(absent);
    if design.plain_http && policy.writes() {
        step.reason = Some(t!("reason-plain-http"));
    }
    plan.add(step, Ownership::Modified, region);

    if let Some(days) = design.retention_days {
        if ownership == Ownership::Used {
            plan.notes
                .push(t!("note-kept-bucket-expiry", bucket = design.bucket));
            return;
        }
        let seen = match &observed.bucket {
            Seen::There(Ok(state)) => state.retention_days.clone(),
            _ => Seen::Absent,
        };
        let action = match seen {
            Seen::There(found) if found == days => Action::Keep,
            Seen::There(_) => Action::Modify,
            // The published policy does not let us read it.
            Seen::Unseen(action) => plan.unseen(journal, Kind::Lifecycle, &arn, action),
            Seen::Absent => Action::Create,
        };
        let mut step = Step::new(action, Kind::Lifecycle, &arn)
            .because(Some(t!("reason-expiry", days = days)));
        // In a bucket that is made in this run, nobody else has rules.
        step.was_absent = observed.bucket.is_absent();
        plan.add(step, Ownership::Created, region);
    }
}

fn function(
    plan: &mut Plan,
    design: &Design,
    observed: &Observed,
    journal: Journal<'_>,
    package_digest: &str,
) {
    let arn = design.function_arn();
    let region = Some(design.region.as_str());
    let id = design.permission_id();
    let mut reasons = Vec::new();
    let mut newer = false;
    let (function, permission) = match &observed.function {
        Seen::Absent => (Action::Create, Action::Create),
        Seen::There(state) => {
            plan.marked(&state.mark, &arn);
            if let Some(deployment) = journal.deployment {
                let deployed = journal
                    .manifest
                    .and_then(|manifest| manifest.forwarder_version.as_deref());
                let older =
                    deployed.is_some_and(|deployed| version(crate::VERSION) < version(deployed));
                if older {
                    plan.notes.push(t!(
                        "note-newer-forwarder",
                        version = deployed.unwrap_or_default()
                    ));
                } else if state.code_sha256 != deployment.package.sha256_base64() {
                    newer = true;
                    reasons.push(t!("reason-code", version = crate::VERSION));
                }
                if !older && state.architectures != [deployment.package.architecture.clone()] {
                    reasons.push(t!("reason-architecture"));
                }
                if state.environment != deployment.environment {
                    reasons.push(t!("reason-environment"));
                }
            }
            reasons.extend(function::drift(state, design).into_iter().map(
                |setting| match setting {
                    function::Setting::Role => t!("reason-role", role = state.role),
                    function::Setting::Runtime => t!("reason-runtime", runtime = state.runtime),
                    function::Setting::DeadLetter => t!("reason-dead-letter"),
                },
            ));
            for layer in &state.layers {
                let found = t!("finding-layer", arn = arn, layer = layer);
                plan.findings.push((Kind::Function, found));
            }
            let others = state
                .policy
                .there()
                .map(|document| function::foreign_statements(document, &id));
            for statement in others.into_iter().flatten() {
                let found = t!("finding-statement", arn = arn, statement = statement);
                plan.findings.push((Kind::FunctionPermission, found));
            }
            let action = if reasons.is_empty() {
                Action::Keep
            } else {
                Action::Modify
            };
            let permission = match &state.policy {
                Seen::Absent => Action::Create,
                Seen::There(document) => {
                    match function::permits(document, &id, &design.invoker().1) {
                        Some(true) => Action::Keep,
                        None => Action::Create,
                        Some(false) => {
                            plan.conflicts
                                .push(t!("conflict-permission", arn = arn, id = id));
                            Action::Keep
                        }
                    }
                }
                Seen::Unseen(action) => {
                    plan.unseen(journal, Kind::FunctionPermission, &arn, action)
                }
            };
            (action, permission)
        }
        Seen::Unseen(action) => (
            plan.unseen(journal, Kind::Function, &arn, action),
            Action::Keep,
        ),
    };
    let then = match (function, newer && reasons.len() == 1) {
        (Action::Modify, true) => IfDenied::Lose,
        (Action::Modify, false) => IfDenied::Name,
        _ => IfDenied::Stop,
    };
    let reason = (!reasons.is_empty()).then(|| reasons.join(", "));
    plan.add(
        Step::new(function, Kind::Function, &arn)
            .because(reason)
            .if_denied(then),
        Ownership::Created,
        region,
    );
    plan.set_digest(package_digest.to_owned());
    if let Some(target) = &design.dead_letter {
        // The function sends with its role; a queue is also sent to by who could not deliver.
        let by = match design.redrive() {
            Some(_) => format!("{}, {}", design.role_arn(), design.invoker().0),
            None => design.role_arn(),
        };
        plan.notes
            .push(t!("note-dead-letter", arn = target, services = by));
    }
    if let Some(deployment) = journal.deployment {
        plan.record_environment(design, deployment);
    }
    let step = Step::new(permission, Kind::FunctionPermission, &arn).with_ids(vec![id]);
    plan.add(step, Ownership::Created, region);
}

/// A version as numbers, so that 0.10.0 is newer than 0.9.0.
fn version(text: &str) -> Vec<u64> {
    text.split(['.', '-', '+'])
        .map_while(|part| part.parse().ok())
        .collect()
}

fn subscription(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.topic_arn();
    let counted = observed
        .topic
        .there()
        .is_some_and(|topic| topic.subscriptions > 0);
    let action = match &observed.subscription {
        Seen::There(state) if state.ours.is_some() => Action::Keep,
        Seen::Unseen(_) if counted && journal.believed(Kind::Subscription, &arn) => Action::Keep,
        _ => Action::Create,
    };
    let step = Step::new(action, Kind::Subscription, &arn).with_ids(vec![design.function_arn()]);
    plan.add(step, Ownership::Created, Some(design.region.as_str()));
}

/// What an organization's trail needs of the organization. It is shared by all that is in it: never taken back.
fn organization(plan: &mut Plan, design: &Design, observed: &Observed) {
    let Some(organization) = design.organization.as_ref().filter(|_| design.own_trail()) else {
        return;
    };
    let management = organization.management == design.account;
    if !matches!(observed.organization.may, Seen::There(())) {
        plan.conflicts.push(t!(
            "conflict-not-management",
            account = design.account,
            management = organization.management
        ));
    } else if !management && observed.organization.trusted.is_absent() {
        // Only the management account can turn it on.
        plan.conflicts.push(t!(
            "conflict-not-trusted",
            management = organization.management
        ));
    }
    let parts = [
        (
            Kind::TrustedAccess,
            organization::arn(design, organization),
            &observed.organization.trusted,
        ),
        (
            Kind::ServiceLinkedRole,
            organization::role_arn(design),
            &observed.organization.role,
        ),
    ];
    for (kind, arn, seen) in parts {
        let action = match seen {
            Seen::There(()) => Action::Use,
            Seen::Absent if !management => Action::Use,
            Seen::Absent => Action::Create,
            Seen::Unseen(action) => {
                plan.notes
                    .push(t!("note-organization-unseen", arn = arn, action = action));
                Action::Use
            }
        };
        let mut step = Step::new(action, kind, arn);
        if action == Action::Create {
            step.reason = Some(t!("reason-never-undone"));
        }
        plan.add(step, Ownership::Used, None);
    }
}

fn trail(plan: &mut Plan, design: &Design, observed: &Observed, journal: Journal<'_>) {
    let arn = design.trail_arn();
    let mut reason = None;
    let action = match &observed.trails.own {
        Seen::Absent => {
            let all = observed.trails.all.there().map_or(&[][..], Vec::as_slice);
            let own = trail::of_account(all, design.trail_owner());
            let names: Vec<&str> = own.map(|trail| trail.arn.as_str()).collect();
            if names.len() >= trail::LIMIT {
                plan.trail_limit = true;
                plan.conflicts.push(t!(
                    "trail-limit",
                    region = design.region,
                    trails = names.join(", ")
                ));
            }
            plan.billed_beside.clone_from(&observed.management);
            Action::Create
        }
        Seen::There(own) => {
            plan.marked(&own.mark, &arn);
            let mut drift: Vec<String> = trail::drift(&own.trail, design)
                .into_iter()
                .map(ToOwned::to_owned)
                .collect();
            match &own.status {
                Seen::There(status) if !status.logging => drift.push("StartLogging".to_owned()),
                Seen::Unseen(action) => {
                    plan.notes
                        .push(t!("note-unseen", arn = arn, action = action))
                }
                Seen::There(_) | Seen::Absent => {}
            }
            if drift.is_empty() {
                Action::Keep
            } else {
                reason = Some(drift.join(", "));
                Action::Modify
            }
        }
        Seen::Unseen(action) => plan.unseen(journal, Kind::Trail, &arn, action),
    };
    plan.add(
        Step::new(action, Kind::Trail, &arn).because(reason),
        Ownership::Created,
        Some(design.region.as_str()),
    );
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_compared_as_numbers() {
        let version = super::version;
        assert!(version("0.10.0") > version("0.9.0"));
        assert!(version("1.0.0") > version("0.99.99"));
        assert!(version("0.1.0") == version("0.1.0"));
    }
}
