//! Every family, in each state that can be seen of it, planned by `setup` and `remove`: one table for each way to hear of log
//! files. A line tells what is planned otherwise than where everything is ours and as it should be.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_lambda::types::Architecture;
use serde_json::{Value, json};

use super::*;
use crate::{
    connection::{Feed, Ownership, fixture},
    plan::removal::{Others, removal},
    policy,
    resources::{
        bucket::{self, Unusable},
        event_rule,
        families::Observed,
        log_group,
        notification::{self, Entry},
        organization,
        planned::{Journal, Wishes},
        role,
        seen::{Mark, Seen},
        subscription, topic,
    },
};

const OTHER: &str = "11111111-2222-4333-8444-555555555555";
const DIGEST: &str = "00";

/// A policy with these statements and one that is not ours.
fn document(ours: &[Value]) -> Value {
    let theirs = json!({ "Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" });
    policy::merge(
        Some(&json!({ "Version": "2012-10-17", "Statement": [theirs] })),
        ours,
    )
}

fn trail_state(design: &Design, arn: &str) -> trail::State {
    trail::State {
        name: arn.rsplit('/').next().unwrap().to_owned(),
        arn: arn.to_owned(),
        bucket: design.bucket.to_string(),
        prefix: design.prefix.to_string(),
        topic_arn: matches!(
            design.feed,
            Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. }
        )
        .then(|| design.topic_arn()),
        home_region: design.region.to_string(),
        multi_region: true,
        global_events: true,
        validation: true,
        organization: false,
        kms_key: None,
    }
}

fn function_state(design: &Design) -> function::State {
    let (service, source) = design.invoker();
    let statement = json!({
        "Sid": design.permission_id(), "Effect": "Allow", "Principal": { "Service": service },
        "Action": "lambda:InvokeFunction", "Resource": design.function_arn(),
        "Condition": { "ArnLike": { "AWS:SourceArn": source } },
    });
    function::State {
        arn: design.function_arn(),
        mark: Mark::Ours,
        environment: function::environment(design, "https://ingest.example.com", &[], None),
        code_sha256: String::new(),
        role: design.role_arn(),
        runtime: "provided.al2023".to_owned(),
        handler: "bootstrap".to_owned(),
        architectures: vec![Architecture::X8664],
        layers: Vec::new(),
        active: true,
        dead_letter: None,
        policy: Seen::There(json!({ "Statement": [statement] })),
    }
}

/// All that a design wants is there, ours or used, and as it should be.
fn whole(design: &Design) -> Observed {
    let own = design.own_trail();
    let bridges = !design.has_topic();
    let arn = design.trail_arn();
    let trail = trail_state(design, &arn);
    let mark = if own { Mark::Ours } else { Mark::None };
    let status = Seen::There(trail::Status {
        logging: true,
        ..trail::Status::default()
    });
    let notifies = matches!(design.feed, Feed::Bucket { .. } | Feed::EventBridge { .. });
    Observed {
        role: Seen::There(role::State {
            arn: design.role_arn(),
            id: "AROAEXAMPLE".to_owned(),
            mark: Mark::Ours,
            trust: design.trust(),
            boundary: None,
            policy: Seen::There(design.role_policy()),
        }),
        log_group: Seen::There(log_group::State {
            retention_days: Some(30),
        }),
        topic: if bridges {
            Seen::Absent
        } else {
            Seen::There(topic::State {
                mark: if design.own_topic() {
                    Mark::Ours
                } else {
                    Mark::None
                },
                policy: Some(document(&design.topic_statements())),
                kms_key: None,
                subscriptions: 1,
            })
        },
        bucket: Seen::There(Ok(bucket::State {
            mark: mark.clone(),
            tags: BTreeMap::new(),
            policy: if own {
                Seen::There(document(&design.bucket_statements()))
            } else {
                Seen::Absent
            },
            untouched: false,
            retention_days: design.retention_days.map_or(Seen::Absent, Seen::There),
        })),
        function: Seen::There(function_state(design)),
        subscription: if bridges {
            Seen::Absent
        } else {
            Seen::There(subscription::State {
                ours: Some(format!("{}:1", design.topic_arn())),
                others: Vec::new(),
            })
        },
        organization: organization::State::default(),
        trail: trail::Observed {
            all: Seen::There(vec![trail.clone()]),
            own: Seen::There(trail::Own {
                trail,
                mark,
                status,
            }),
            management: Vec::new(),
        },
        event_rule: if bridges {
            Seen::There(event_rule::State {
                mark: Mark::Ours,
                as_planned: true,
                turned_on: true,
            })
        } else {
            Seen::Absent
        },
        notification: if notifies {
            Seen::There(notification::State {
                ours: (!bridges).then_some(Entry::AsPlanned),
                overlapping: None,
                empty: true,
                bridged: bridges,
            })
        } else {
            Seen::Absent
        },
    }
}

/// The manifest that a run over an empty account would leave.
fn manifest(design: &Design) -> Resources {
    let mut seen = whole(design);
    if !design.has_topic() {
        // Turned on by us.
        seen.notification = seen.notification.map(|found| notification::State {
            bridged: false,
            ..found
        });
    }
    setup(design, &seen, journal(None)).manifest(design, None, true)
}

fn journal(manifest: Option<&Resources>) -> Journal<'_> {
    Journal {
        manifest,
        package_digest: DIGEST,
        ..Journal::default()
    }
}

/// A family in a state.
struct Case {
    family: &'static str,
    state: &'static str,
    seen: Observed,
}

type Change<'a> = Box<dyn Fn(&mut Observed) + 'a>;

/// Each family absent, drifted, not ours and denied, in an account where all else is as it should be.
fn cases(design: &Design) -> Vec<Case> {
    let not_ours = || Mark::Other(OTHER.to_owned());
    let role = |change: fn(&mut role::State, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            seen.role = std::mem::take(&mut seen.role).map(|mut state| {
                change(&mut state, not_ours());
                state
            });
        })
    };
    let topic = |change: fn(&mut topic::State, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            seen.topic = std::mem::take(&mut seen.topic).map(|mut state| {
                change(&mut state, not_ours());
                state
            });
        })
    };
    let bucket = |change: fn(&mut bucket::State, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            if let Seen::There(Ok(state)) = &mut seen.bucket {
                change(state, not_ours());
            }
        })
    };
    let function = |change: fn(&mut function::State, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            if let Seen::There(state) = &mut seen.function {
                change(state, not_ours());
            }
        })
    };
    let own_trail = |change: fn(&mut trail::Own, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            if let Seen::There(own) = &mut seen.trail.own {
                change(own, not_ours());
            }
        })
    };
    let rule = |change: fn(&mut event_rule::State, Mark)| -> Change<'_> {
        Box::new(move |seen| {
            if let Seen::There(state) = &mut seen.event_rule {
                change(state, not_ours());
            }
        })
    };
    let notification = |change: fn(&mut notification::State)| -> Change<'_> {
        Box::new(move |seen| {
            if let Seen::There(state) = &mut seen.notification {
                change(state);
            }
        })
    };
    let set = |change: fn(&mut Observed)| -> Change<'_> { Box::new(change) };
    let table: Vec<(&str, &str, Change<'_>)> = vec![
        ("role", "absent", set(|seen| seen.role = Seen::Absent)),
        (
            "role",
            "drifted",
            role(|state, _| state.trust = json!({ "Statement": [] })),
        ),
        (
            "role",
            "policy drifted",
            role(|state, _| state.policy = Seen::There(json!({ "Statement": [] }))),
        ),
        (
            "role",
            "policy absent",
            role(|state, _| state.policy = Seen::Absent),
        ),
        (
            "role",
            "policy denied",
            role(|state, _| state.policy = Seen::Denied("iam:GetRolePolicy")),
        ),
        ("role", "not ours", role(|state, mark| state.mark = mark)),
        ("role", "unmarked", role(|state, _| state.mark = Mark::None)),
        (
            "role",
            "denied",
            set(|seen| seen.role = Seen::Denied("iam:GetRole")),
        ),
        (
            "log group",
            "absent",
            set(|seen| seen.log_group = Seen::Absent),
        ),
        (
            "log group",
            "drifted",
            set(|seen| {
                seen.log_group = Seen::There(log_group::State {
                    retention_days: None,
                })
            }),
        ),
        (
            "log group",
            "denied",
            set(|seen| seen.log_group = Seen::Denied("logs:DescribeLogGroups")),
        ),
        (
            "topic",
            "absent",
            set(|seen| {
                seen.topic = Seen::Absent;
                seen.subscription = Seen::Absent;
            }),
        ),
        (
            "topic",
            "drifted",
            topic(|state, _| state.policy = Some(document(&[]))),
        ),
        (
            "topic",
            "key of AWS",
            topic(|state, _| state.kms_key = Some("alias/aws/sns".to_owned())),
        ),
        ("topic", "not ours", topic(|state, mark| state.mark = mark)),
        (
            "topic",
            "denied",
            set(|seen| seen.topic = Seen::Denied("sns:GetTopicAttributes")),
        ),
        ("bucket", "absent", set(|seen| seen.bucket = Seen::Absent)),
        (
            "bucket",
            "policy drifted",
            bucket(|state, _| state.policy = Seen::There(document(&[]))),
        ),
        (
            "bucket",
            "policy absent",
            bucket(|state, _| state.policy = Seen::Absent),
        ),
        (
            "bucket",
            "policy denied",
            bucket(|state, _| state.policy = Seen::Denied("s3:GetBucketPolicy")),
        ),
        (
            "bucket",
            "expiry drifted",
            bucket(|state, _| state.retention_days = Seen::There(7)),
        ),
        (
            "bucket",
            "expiry absent",
            bucket(|state, _| state.retention_days = Seen::Absent),
        ),
        (
            "bucket",
            "never used",
            bucket(|state, _| {
                state.mark = Mark::None;
                state.untouched = true;
            }),
        ),
        (
            "bucket",
            "not ours",
            bucket(|state, mark| state.mark = mark),
        ),
        (
            "bucket",
            "mark denied",
            bucket(|state, _| state.mark = Mark::Denied("s3:GetBucketTagging")),
        ),
        (
            "bucket",
            "of another account",
            set(|seen| seen.bucket = Seen::There(Err(Unusable::Forbidden))),
        ),
        (
            "bucket",
            "elsewhere",
            set(|seen| {
                seen.bucket = Seen::There(Err(Unusable::Elsewhere("us-east-1".to_owned())));
            }),
        ),
        (
            "bucket",
            "denied",
            set(|seen| seen.bucket = Seen::Denied("s3:ListBucket")),
        ),
        (
            "function",
            "absent",
            set(|seen| seen.function = Seen::Absent),
        ),
        (
            "function",
            "drifted",
            function(|state, _| state.runtime = "provided.al2".to_owned()),
        ),
        (
            "function",
            "layer",
            function(|state, _| state.layers = vec!["arn:layer".to_owned()]),
        ),
        (
            "function",
            "permission absent",
            function(|state, _| state.policy = Seen::Absent),
        ),
        (
            "function",
            "permission of others",
            function(|state, _| {
                state.policy = Seen::There(json!({ "Statement": [{ "Sid": "Theirs" }] }));
            }),
        ),
        (
            "function",
            "permission denied",
            function(|state, _| state.policy = Seen::Denied("lambda:GetPolicy")),
        ),
        (
            "function",
            "not ours",
            function(|state, mark| state.mark = mark),
        ),
        (
            "function",
            "denied",
            set(|seen| seen.function = Seen::Denied("lambda:GetFunction")),
        ),
        (
            "subscription",
            "absent",
            set(|seen| {
                seen.subscription = Seen::There(subscription::State::default());
            }),
        ),
        (
            "subscription",
            "of others too",
            set(|seen| {
                seen.subscription =
                    std::mem::take(&mut seen.subscription).map(|state| subscription::State {
                        others: vec!["https://theirs.example.com".to_owned()],
                        ..state
                    });
            }),
        ),
        (
            "subscription",
            "denied",
            set(|seen| seen.subscription = Seen::Denied("sns:ListSubscriptionsByTopic")),
        ),
        ("trail", "absent", set(|seen| seen.trail.own = Seen::Absent)),
        (
            "trail",
            "drifted",
            own_trail(|own, _| own.trail.validation = false),
        ),
        (
            "trail",
            "stopped",
            own_trail(|own, _| own.status = Seen::There(trail::Status::default())),
        ),
        (
            "trail",
            "status denied",
            own_trail(|own, _| own.status = Seen::Denied("cloudtrail:GetTrailStatus")),
        ),
        (
            "trail",
            "without a topic",
            own_trail(|own, _| own.trail.topic_arn = None),
        ),
        (
            "trail",
            "with another topic",
            own_trail(|own, _| own.trail.topic_arn = Some("arn:other".to_owned())),
        ),
        (
            "trail",
            "with another bucket",
            own_trail(|own, _| own.trail.bucket = "other".to_owned()),
        ),
        ("trail", "not ours", own_trail(|own, mark| own.mark = mark)),
        (
            "trail",
            "denied",
            set(|seen| {
                seen.trail.own = Seen::Denied("cloudtrail:DescribeTrails");
                seen.trail.all = Seen::Denied("cloudtrail:DescribeTrails");
            }),
        ),
        (
            "event rule",
            "absent",
            set(|seen| seen.event_rule = Seen::Absent),
        ),
        (
            "event rule",
            "drifted",
            rule(|state, _| state.as_planned = false),
        ),
        (
            "event rule",
            "events on before",
            rule(|state, _| state.turned_on = false),
        ),
        (
            "event rule",
            "not ours",
            rule(|state, mark| state.mark = mark),
        ),
        (
            "event rule",
            "denied",
            set(|seen| seen.event_rule = Seen::Denied("events:DescribeRule")),
        ),
        (
            "notification",
            "absent",
            notification(|state| {
                state.ours = None;
                state.bridged = false;
            }),
        ),
        (
            "notification",
            "drifted",
            notification(|state| {
                state.ours = state.ours.map(|_| Entry::Different);
            }),
        ),
        (
            "notification",
            "overlapping",
            notification(|state| state.overlapping = Some("theirs".to_owned())),
        ),
        (
            "notification",
            "denied",
            set(|seen| seen.notification = Seen::Denied("s3:GetBucketNotification")),
        ),
    ];
    let used = used_families(design);
    table
        .into_iter()
        .filter(|(family, ..)| used.contains(family))
        .map(|(family, state, change)| {
            let mut seen = whole(design);
            change(&mut seen);
            Case {
                family,
                state,
                seen,
            }
        })
        .collect()
}

/// The families that a design has to do with.
fn used_families(design: &Design) -> BTreeSet<&'static str> {
    let mut used = BTreeSet::from(["role", "log group", "bucket", "function", "trail"]);
    if design.has_topic() {
        used.extend(["topic", "subscription"]);
    } else {
        used.insert("event rule");
    }
    if matches!(design.feed, Feed::Bucket { .. } | Feed::EventBridge { .. }) {
        used.insert("notification");
    }
    used
}

/// Steps, conflicts, notes and findings as lines without the connection's own id.
fn lines(design: &Design, steps: &[Step], more: &[(&str, Vec<String>)]) -> Vec<String> {
    let mut lines: Vec<String> = steps
        .iter()
        .map(|step| {
            let denied = match step.if_denied {
                crate::resources::step::IfDenied::Stop => String::new(),
                other => format!(" [{other:?} if denied]"),
            };
            let reason = step.reason.as_ref();
            let reason = reason
                .map(|reason| format!(" ({reason})"))
                .unwrap_or_default();
            let action = step.action().as_str();
            format!("{action} {}{reason}{denied}", step.kind.as_str())
        })
        .collect();
    for (what, texts) in more {
        lines.extend(texts.iter().map(|text| format!("{what}: {text}")));
    }
    for line in &mut lines {
        *line = line
            .replace(&design.id.to_string(), "ID")
            .replace(&design.id.part_prefix(), "Id-");
    }
    lines
}

fn setup_lines(design: &Design, seen: &Observed, manifest: Option<&Resources>) -> Vec<String> {
    let plan = setup(design, seen, journal(manifest));
    let findings = plan.findings.into_iter().map(|(_, text)| text);
    let more = [
        ("conflict", plan.conflicts),
        ("note", plan.notes),
        ("finding", findings.collect()),
    ];
    lines(design, &plan.steps, &more)
}

fn removal_lines(
    design: &Design,
    seen: &Observed,
    manifest: &Resources,
    wishes: Wishes,
) -> Vec<String> {
    let plan = removal(design, seen, manifest, wishes, &Others::default());
    let mut more = vec![
        ("conflict", plan.conflicts),
        ("shared with", plan.shared_with),
    ];
    if plan.last_trail {
        more.push(("note", vec!["the last trail".to_owned()]));
    }
    lines(design, &plan.steps, &more)
}

/// Lines that are not in the plan of a whole connection; `as planned` where there are none, `without` where some are missing.
fn difference(found: &[String], whole: &[String]) -> String {
    let new = found.iter().filter(|line| !whole.contains(line));
    let gone = whole.iter().filter(|line| !found.contains(line));
    let all: Vec<String> = new
        .cloned()
        .chain(gone.map(|line| format!("without {line}")))
        .collect();
    if all.is_empty() {
        "as if whole".to_owned()
    } else {
        all.join("\n      ")
    }
}

/// Two plans, as one where they do not differ.
fn both(what: &str, plan: &str, otherwise: &str, other: &str) -> String {
    if plan == other {
        format!("  {what}, {otherwise} too\n      {plan}\n")
    } else {
        format!("  {what}\n      {plan}\n  {what} {otherwise}\n      {other}\n")
    }
}

fn table(design: &Design) -> String {
    let recorded = manifest(design);
    let delete = Wishes {
        delete_logs: true,
        ..Wishes::default()
    };
    let seen = whole(design);
    let first = setup_lines(design, &seen, None);
    let again = setup_lines(design, &seen, Some(&recorded));
    let remove = removal_lines(design, &seen, &recorded, Wishes::default());
    let remove_logs = removal_lines(design, &seen, &recorded, delete);
    let mut table = format!(
        "whole\n  setup\n      {}\n  setup again\n      {}\n  remove\n      {}\n  remove with logs\n      {}\n",
        first.join("\n      "),
        difference(&again, &first),
        remove.join("\n      "),
        difference(&remove_logs, &remove),
    );
    for Case {
        family,
        state,
        seen,
    } in cases(design)
    {
        let setup = difference(&setup_lines(design, &seen, None), &first);
        let setup_again = difference(&setup_lines(design, &seen, Some(&recorded)), &again);
        let removed = |wishes| removal_lines(design, &seen, &recorded, wishes);
        let removal = difference(&removed(Wishes::default()), &remove);
        let removal_with_logs = difference(&removed(delete), &remove_logs);
        table.push_str(&format!("\n{family} {state}\n"));
        table.push_str(&both("setup", &setup, "again", &setup_again));
        table.push_str(&both("remove", &removal, "with logs", &removal_with_logs));
    }
    table
}

#[test]
fn every_family_in_every_state_is_planned_as_the_tables_say() {
    for (name, design) in fixture::every_feed() {
        insta::assert_snapshot!(name, table(&design));
    }
}

#[test]
fn a_manifest_of_an_empty_account_claims_what_the_marks_show() {
    for (name, design) in fixture::every_feed() {
        let recorded = manifest(&design);
        let ours = |items: &[Resource]| -> BTreeSet<(Kind, String, Option<String>)> {
            let items = items.iter().filter(|item| item.ownership.is_ours());
            let items = items.map(|item| (item.kind, item.arn.clone(), item.id.clone()));
            items.collect()
        };
        let marked = marked(&design, &whole(&design));
        let missing: Vec<_> = ours(&recorded.items)
            .difference(&ours(&marked.items))
            .cloned()
            .collect();
        assert_eq!(missing, [], "{name}");
        assert_eq!(claims::foreign(&design, &recorded), [""; 0], "{name}");
    }
}

#[test]
fn what_others_use_is_kept_and_named() {
    let (_, design) = fixture::every_feed().into_iter().next().unwrap();
    let recorded = manifest(&design);
    let mut seen = whole(&design);
    let mut theirs = trail_state(&design, &fixture::their_trail());
    theirs.topic_arn = None;
    if let Seen::There(all) = &mut seen.trail.all {
        all.push(theirs);
    }
    let wishes = |force_shared| Wishes {
        delete_logs: true,
        force_shared,
        ..Wishes::default()
    };
    let text = |wishes| removal_lines(&design, &seen, &recorded, wishes).join("\n");
    insta::assert_snapshot!("bucket_of_another_trail", text(wishes(false)));
    insta::assert_snapshot!("bucket_of_another_trail_forced", text(wishes(true)));
    let others = Others {
        listen: false,
        collecting: vec!["second".parse().unwrap()],
    };
    let plan = removal(&design, &whole(&design), &recorded, wishes(false), &others);
    let more = [
        ("conflict", plan.conflicts),
        ("shared with", plan.shared_with),
    ];
    let text = lines(&design, &plan.steps, &more).join("\n");
    insta::assert_snapshot!("bucket_of_another_connection", text);
}

#[test]
fn a_region_full_of_trails_is_told() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    seen.trail.own = Seen::Absent;
    let trails = |count: usize| -> Vec<trail::State> {
        let arn = |n| format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{n}");
        (0..count).map(|n| trail_state(&design, &arn(n))).collect()
    };
    for (count, full) in [(4, false), (5, true)] {
        seen.trail.all = Seen::There(trails(count));
        let plan = setup(&design, &seen, journal(None));
        assert_eq!((plan.trail_limit, !plan.conflicts.is_empty()), (full, full));
    }
    // Those of another account, of an organization, do not surely count.
    let mut all = trails(4);
    all.push(trail_state(
        &design,
        "arn:aws:cloudtrail:eu-west-1:999999999999:trail/org",
    ));
    seen.trail.all = Seen::There(all);
    seen.trail.management = trails(1);
    let plan = setup(&design, &seen, journal(None));
    assert!(!plan.trail_limit);
    assert_eq!(plan.billed_beside, trails(1));
}

#[test]
fn of_recorded_and_planned_ownership_the_manifest_is_made() {
    let design = fixture::design(Feed::EventBridge { trail: None });
    let recorded = manifest(&design);
    let bridged = recorded.find(
        Kind::BucketNotification,
        &design.bucket_arn(),
        Some("EventBridge"),
    );
    let bridged = bridged.unwrap();
    assert_eq!(
        (bridged.ownership, bridged.was_absent),
        (Ownership::Modified, Some(true))
    );
    // On before we came: not ours to turn off.
    let before = setup(&design, &whole(&design), journal(None)).manifest(&design, None, true);
    let item = before.find(
        Kind::BucketNotification,
        &design.bucket_arn(),
        Some("EventBridge"),
    );
    assert_eq!(item.unwrap().ownership, Ownership::Used);
}
