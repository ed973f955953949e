//! Each family in each state that can be seen of it, in an account that is whole otherwise.

use std::collections::BTreeSet;

use aws_sdk_s3::types::LifecycleExpiration;
use serde_json::json;

use super::world::{document, whole};
use crate::{
    connection::{Design, Feed},
    resources::{
        bucket::{self, state::Unusable},
        event_rule,
        families::Observed,
        function, log_group,
        notification::{self, state::Entry},
        role,
        seen::{Mark, Seen},
        subscription, topic, trail,
    },
};

/// A family in a state.
pub(super) struct Case {
    pub(super) family: &'static str,
    pub(super) state: &'static str,
    pub(super) seen: Observed,
}

/// A state of a family, and how it differs from a whole account.
type State = (&'static str, Box<dyn Fn(&mut Observed)>);

/// Each family that a design uses: absent, drifted, not ours and denied.
pub(super) fn cases(design: &Design) -> Vec<Case> {
    let used = used_families(design);
    [
        ("role", role()),
        ("log group", log_group()),
        ("topic", topic()),
        ("bucket", bucket()),
        ("function", function()),
        ("subscription", subscription()),
        ("trail", trail()),
        ("event rule", event_rule()),
        ("notification", notification()),
    ]
    .into_iter()
    .filter(|(family, _)| used.contains(family))
    .flat_map(|(family, states)| {
        states.into_iter().map(move |(state, change)| {
            let mut seen = whole(design);
            change(&mut seen);
            Case {
                family,
                state,
                seen,
            }
        })
    })
    .collect()
}

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

fn state(name: &'static str, change: impl Fn(&mut Observed) + 'static) -> State {
    (name, Box::new(change))
}

fn not_ours() -> Mark {
    Mark::Other("11111111-2222-4333-8444-555555555555".to_owned())
}

fn role() -> Vec<State> {
    let there = |name, change: fn(&mut role::state::State)| {
        state(name, move |seen| {
            if let Seen::There(role) = &mut seen.role {
                change(role);
            }
        })
    };
    vec![
        state("absent", |seen| seen.role = Seen::Absent),
        there("drifted", |role| role.trust = json!({ "Statement": [] })),
        there("policy drifted", |role| {
            role.policy = Seen::There(json!({ "Statement": [] }));
        }),
        there("policy absent", |role| role.policy = Seen::Absent),
        there("policy denied", |role| {
            role.policy = Seen::Denied("iam:GetRolePolicy");
        }),
        there("not ours", |role| role.owner.mark = not_ours()),
        there("unmarked", |role| role.owner.mark = Mark::None),
        state("denied", |seen| seen.role = Seen::Denied("iam:GetRole")),
    ]
}

fn log_group() -> Vec<State> {
    vec![
        state("absent", |seen| seen.log_group = Seen::Absent),
        state("drifted", |seen| {
            seen.log_group = Seen::There(log_group::State {
                retention_days: None,
            });
        }),
        state("denied", |seen| {
            seen.log_group = Seen::Denied("logs:DescribeLogGroups");
        }),
    ]
}

fn topic() -> Vec<State> {
    let there = |name, change: fn(&mut topic::state::State)| {
        state(name, move |seen| {
            if let Seen::There(topic) = &mut seen.topic {
                change(topic);
            }
        })
    };
    vec![
        state("absent", |seen| {
            seen.topic = Seen::Absent;
            seen.subscription = Seen::Absent;
        }),
        there("drifted", |topic| topic.policy = Some(document(&[]))),
        there("key of AWS", |topic| {
            topic.kms_key = Some("alias/aws/sns".to_owned());
        }),
        there("not ours", |topic| topic.owner.mark = not_ours()),
        state("denied", |seen| {
            seen.topic = Seen::Denied("sns:GetTopicAttributes");
        }),
    ]
}

fn bucket() -> Vec<State> {
    let there = |name, change: fn(&mut bucket::state::State)| {
        state(name, move |seen| {
            if let Seen::There(Ok(bucket)) = &mut seen.bucket {
                change(bucket);
            }
        })
    };
    vec![
        state("absent", |seen| seen.bucket = Seen::Absent),
        there("policy drifted", |bucket| {
            bucket.policy = Seen::There(document(&[]));
        }),
        there("policy absent", |bucket| bucket.policy = Seen::Absent),
        there("policy denied", |bucket| {
            bucket.policy = Seen::Denied("s3:GetBucketPolicy");
        }),
        there("expiry drifted", |bucket| {
            if let Seen::There(rules) = &mut bucket.rules {
                rules[0].expiration = Some(LifecycleExpiration::builder().days(7).build());
            }
        }),
        there("expiry absent", |bucket| {
            bucket.rules = Seen::Absent;
        }),
        there("never used", |bucket| {
            bucket.owner.mark = Mark::None;
            bucket.untouched = true;
        }),
        there("not ours", |bucket| bucket.owner.mark = not_ours()),
        there("mark denied", |bucket| {
            bucket.owner.mark = Mark::Denied("s3:GetBucketTagging");
        }),
        state("of another account", |seen| {
            seen.bucket = Seen::There(Err(Unusable::Forbidden));
        }),
        state("elsewhere", |seen| {
            seen.bucket = Seen::There(Err(Unusable::Elsewhere("us-east-1".to_owned())));
        }),
        state("denied", |seen| seen.bucket = Seen::Denied("s3:ListBucket")),
    ]
}

fn function() -> Vec<State> {
    let there = |name, change: fn(&mut function::State)| {
        state(name, move |seen| {
            if let Seen::There(function) = &mut seen.function {
                change(function);
            }
        })
    };
    vec![
        state("absent", |seen| seen.function = Seen::Absent),
        there("drifted", |function| {
            function.runtime = "provided.al2".to_owned();
        }),
        there("layer", |function| {
            function.layers = vec!["arn:layer".to_owned()];
        }),
        there("permission absent", |function| {
            function.policy = Seen::Absent;
        }),
        there("permission of others", |function| {
            function.policy = Seen::There(json!({ "Statement": [{ "Sid": "Theirs" }] }));
        }),
        there("permission denied", |function| {
            function.policy = Seen::Denied("lambda:GetPolicy");
        }),
        there("not ours", |function| function.owner.mark = not_ours()),
        state("denied", |seen| {
            seen.function = Seen::Denied("lambda:GetFunction");
        }),
    ]
}

fn subscription() -> Vec<State> {
    vec![
        state("absent", |seen| {
            seen.subscription = Seen::There(subscription::State::default());
        }),
        state("of others too", |seen| {
            if let Seen::There(subscription) = &mut seen.subscription {
                subscription.others = vec!["https://theirs.example.com".to_owned()];
            }
        }),
        state("denied", |seen| {
            seen.subscription = Seen::Denied("sns:ListSubscriptionsByTopic");
        }),
    ]
}

fn trail() -> Vec<State> {
    let there = |name, change: fn(&mut trail::state::Own)| {
        state(name, move |seen| {
            if let Seen::There(own) = &mut seen.trail.own {
                change(own);
            }
        })
    };
    vec![
        state("absent", |seen| seen.trail.own = Seen::Absent),
        there("drifted", |own| own.trail.validation = false),
        there("stopped", |own| {
            own.status = Seen::There(trail::Status::default());
        }),
        there("status denied", |own| {
            own.status = Seen::Denied("cloudtrail:GetTrailStatus");
        }),
        there("without a topic", |own| own.trail.topic_arn = None),
        there("with another topic", |own| {
            own.trail.topic_arn = Some("arn:other".to_owned());
        }),
        there("with another bucket", |own| {
            own.trail.bucket = "other".to_owned();
        }),
        there("not ours", |own| own.owner.mark = not_ours()),
        state("denied", |seen| {
            seen.trail.own = Seen::Denied("cloudtrail:DescribeTrails");
            seen.trail.all = Seen::Denied("cloudtrail:DescribeTrails");
        }),
    ]
}

fn event_rule() -> Vec<State> {
    let there = |name, change: fn(&mut event_rule::state::State)| {
        state(name, move |seen| {
            if let Seen::There(rule) = &mut seen.event_rule {
                change(rule);
            }
        })
    };
    vec![
        state("absent", |seen| seen.event_rule = Seen::Absent),
        there("drifted", |rule| rule.as_planned = false),
        there("events on before", |rule| rule.turned_on = false),
        there("not ours", |rule| rule.owner.mark = not_ours()),
        state("denied", |seen| {
            seen.event_rule = Seen::Denied("events:DescribeRule");
        }),
    ]
}

fn notification() -> Vec<State> {
    let there = |name, change: fn(&mut notification::state::State)| {
        state(name, move |seen| {
            if let Seen::There(notification) = &mut seen.notification {
                change(notification);
            }
        })
    };
    vec![
        there("absent", |notification| {
            notification.ours = None;
            notification.bridged = false;
        }),
        there("drifted", |notification| {
            notification.ours = notification.ours.map(|_| Entry::Different);
        }),
        there("overlapping", |notification| {
            notification.overlapping = Some("theirs".to_owned());
        }),
        state("denied", |seen| {
            seen.notification = Seen::Denied("s3:GetBucketNotification");
        }),
    ]
}
