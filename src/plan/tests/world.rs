//! Accounts: a whole one, where everything that a design wants exists, is ours or used, and is as planned; one that has only what
//! was there before us; and one that has nothing.

use std::{collections::BTreeMap, io::Write};

use aws_sdk_lambda::types::Architecture;
use aws_sdk_s3::types::NotificationConfiguration;
use serde_json::{Value, json};

use crate::{
    connection::{Design, Feed, Resources},
    plan::setup,
    policy,
    resources::{
        alarm::{self, Which},
        bucket,
        cx::Deployment,
        event_rule,
        families::Observed,
        function, log_group,
        notification::{self, state::Entry},
        organization,
        package::Package,
        planned::Journal,
        role,
        seen::{Owner, Seen},
        subscription, topic, trail,
    },
};

/// What is seen of a whole account.
pub(super) fn whole(design: &Design) -> Observed {
    let bridges = !design.has_topic();
    let notifies = matches!(design.feed, Feed::Bucket { .. } | Feed::EventBridge { .. });
    Observed {
        role: Seen::There(role_state(design)),
        log_group: Seen::There(log_group::State {
            retention_days: Some(30),
        }),
        topic: there_if(design.has_topic(), topic_state(design)),
        bucket: Seen::There(Ok(bucket_state(design))),
        function: Seen::There(function_state(design)),
        subscription: there_if(
            design.has_topic(),
            subscription::State {
                ours: Some(format!("{}:1", design.topic_arn())),
                others: Vec::new(),
            },
        ),
        organization: organization::State::default(),
        trail: trails(design),
        event_rule: there_if(
            bridges,
            event_rule::state::State {
                turned_on: true,
                ..event_rule::state::State::fixture(design)
            },
        ),
        notification: there_if(
            notifies,
            notification::state::State {
                ours: (!bridges).then_some(Entry::AsPlanned),
                overlapping: None,
                empty: true,
                bridged: bridges,
                document: NotificationConfiguration::builder().build(),
            },
        ),
        alarm: alarms(design),
    }
}

/// What is seen of an account that has nothing under the names of a design.
pub(super) fn nothing() -> Observed {
    Observed {
        role: Seen::Absent,
        log_group: Seen::Absent,
        topic: Seen::Absent,
        bucket: Seen::Absent,
        function: Seen::Absent,
        subscription: Seen::Absent,
        organization: organization::State::default(),
        trail: trail::Observed {
            all: Seen::There(Vec::new()),
            ..trail::Observed::default()
        },
        event_rule: Seen::Absent,
        notification: Seen::Absent,
        alarm: alarm::Observed::default(),
    }
}

/// What is seen before the first run: only what a design uses and does not create.
pub(super) fn theirs(design: &Design) -> Observed {
    if design.own_trail() {
        return nothing();
    }
    let mut seen = Observed {
        bucket: Seen::There(Ok(bucket_state(design))),
        trail: trails(design),
        ..nothing()
    };
    match design.feed {
        Feed::New => {}
        Feed::Subscribe { .. } => {
            seen.topic = Seen::There(topic_state(design));
            seen.subscription = Seen::There(subscription::State::default());
        }
        Feed::Trail { .. } => {
            if let Seen::There(own) = &mut seen.trail.own {
                own.trail.topic_arn = None;
            }
        }
        Feed::Bucket { .. } | Feed::EventBridge { .. } => {
            seen.notification = Seen::There(notification::state::State {
                ours: None,
                overlapping: None,
                empty: true,
                bridged: false,
                document: NotificationConfiguration::builder().build(),
            });
        }
    }
    seen
}

/// What the function is to run: a package of its own, with the environment of a whole account.
pub(super) fn deployment(design: &Design) -> Deployment {
    // The header of a program for x86_64: nothing else of it is checked.
    let mut program = vec![0; 64];
    program[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    program[16] = 2;
    program[18] = 62;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&program).unwrap();
    Deployment {
        package: Package::load(Some(file.path())).unwrap(),
        environment: environment(design),
    }
}

/// The manifest that a run over an empty account would leave.
pub(super) fn manifest(design: &Design) -> Resources {
    let mut seen = whole(design);
    if !design.has_topic() {
        // Setup turns the bucket's events on.
        seen.notification = seen.notification.map(|found| notification::state::State {
            bridged: false,
            ..found
        });
    }
    setup(design, &seen, journal(None)).manifest(design, None, true)
}

pub(super) fn journal(manifest: Option<&Resources>) -> Journal<'_> {
    const DIGEST: &str = "00";
    Journal {
        manifest,
        package_digest: DIGEST,
        ..Journal::default()
    }
}

/// A policy with these statements and one that is not ours.
pub(super) fn document(ours: &[Value]) -> Value {
    let theirs = json!({ "Sid": "Theirs", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "*" });
    policy::merge(
        Some(&json!({ "Version": "2012-10-17", "Statement": [theirs] })),
        ours,
    )
}

/// A trail with this ARN that writes into the bucket of a design.
pub(super) fn trail_state(design: &Design, arn: &str) -> trail::State {
    let notifies = matches!(
        design.feed,
        Feed::New | Feed::Subscribe { .. } | Feed::Trail { .. }
    );
    trail::State {
        prefix: design.prefix.to_string(),
        topic_arn: notifies.then(|| design.topic_arn()),
        home_region: design.region.to_string(),
        ..trail::State::fixture(arn, design.bucket.as_ref())
    }
}

/// The design's trail, the only one of the region.
fn trails(design: &Design) -> trail::Observed {
    let trail = trail_state(design, &design.trail_arn());
    trail::Observed {
        all: Seen::There(vec![trail.clone()]),
        own: Seen::There(trail::state::Own {
            trail,
            owner: owner(design, design.own_trail()),
            status: Seen::There(trail::Status {
                logging: true,
                ..trail::Status::default()
            }),
        }),
        management: Vec::new(),
    }
}

/// Both alarms as planned and quiet, and the topic that they tell.
fn alarms(design: &Design) -> alarm::Observed {
    let Some(topic) = &design.alarm else {
        return alarm::Observed::default();
    };
    let quiet = |which: Which| {
        Seen::There(alarm::state::State {
            tells: vec![topic.to_string()],
            ..alarm::state::State::fixture(design, which)
        })
    };
    alarm::Observed {
        failures: quiet(Which::Failures),
        silence: quiet(Which::Silence),
        topic: Seen::There(alarm::state::Topic {
            lets_in: true,
            key: None,
        }),
    }
}

fn role_state(design: &Design) -> role::state::State {
    role::state::State {
        arn: design.role_arn(),
        id: "AROAEXAMPLE".to_owned(),
        owner: owner(design, true),
        trust: design.trust(),
        boundary: None,
        policy: Seen::There(design.role_policy()),
    }
}

fn topic_state(design: &Design) -> topic::state::State {
    topic::state::State {
        owner: owner(design, design.own_topic()),
        policy: Some(document(&design.topic_statements())),
        kms_key: None,
        subscriptions: 1,
    }
}

fn bucket_state(design: &Design) -> bucket::state::State {
    let policy = document(&design.bucket_statements());
    let mut state = bucket::state::State {
        owner: owner(design, design.own_trail()),
        policy: there_if(design.own_trail(), policy),
        untouched: false,
        rules: Seen::Absent,
    };
    if let Some(days) = design.retention_days {
        state.expires(design, days);
    }
    state
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
        owner: owner(design, true),
        environment: environment(design),
        code_sha256: String::new(),
        role: design.role_arn(),
        runtime: "provided.al2023".to_owned(),
        handler: "bootstrap".to_owned(),
        memory: Some(128),
        timeout: Some(120),
        architectures: vec![Architecture::X8664],
        layers: Vec::new(),
        dead_letter: None,
        policy: Seen::There(json!({ "Statement": [statement] })),
    }
}

fn environment(design: &Design) -> BTreeMap<String, String> {
    function::environment(design, "https://ingest.example.com", &[], None)
}

fn owner(design: &Design, ours: bool) -> Owner {
    Owner::of_tags(design.id, there_if(ours, design.all_tags()))
}

fn there_if<T>(there: bool, state: T) -> Seen<T> {
    if there {
        Seen::There(state)
    } else {
        Seen::Absent
    }
}
