//! What `remove` keeps because of others, and what it refuses.

use std::collections::BTreeSet;

use super::{
    tables::lines,
    world::{manifest, trail_state, whole},
};
use crate::{
    connection::{Design, Feed, Kind, Ownership, fixture},
    plan::{
        marked,
        removal::{Others, Removal, User, keep_unread, removal},
        unread,
    },
    resources::{
        families::{Observed, Step},
        planned::Wishes,
        seen::{Mark, Seen},
        trail,
    },
    ui::t,
};

const DELETE_LOGS: Wishes = Wishes {
    keep_trail: false,
    force_shared: false,
    delete_logs: true,
};

fn remove(design: &Design, seen: &Observed, wishes: Wishes, others: &Others) -> Removal {
    removal(design, seen, &manifest(design), wishes, others)
}

fn alone(design: &Design, seen: &Observed, wishes: Wishes) -> Removal {
    remove(design, seen, wishes, &Others::default())
}

/// Whom something is kept for, in words.
fn kept_for(plan: &Removal) -> Vec<String> {
    plan.kept_for().iter().map(User::said).collect()
}

/// The steps as words, such as `delete topic`.
fn steps(design: &Design, plan: &Removal) -> Vec<String> {
    lines(design, &plan.steps, &[])
}

/// Another connection that collects from the bucket.
fn second() -> Others {
    Others {
        listen: false,
        collecting: vec!["second".parse().unwrap()],
    }
}

/// A trail that is not ours and writes into our bucket.
fn their_trail(design: &Design) -> trail::State {
    let mut theirs = trail_state(design, &fixture::their_trail());
    theirs.topic_arn = None;
    theirs
}

fn add_trail(seen: &mut Observed, trail: trail::State) {
    if let Seen::There(all) = &mut seen.trail.all {
        all.push(trail);
    }
}

#[test]
fn log_files_are_deleted_only_with_a_bucket_that_was_used() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    assert!(!alone(&design, &seen, Wishes::default()).deletes_logs());
    assert!(alone(&design, &seen, DELETE_LOGS).deletes_logs());
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.owner.mark = Mark::None;
        bucket.untouched = true;
    }
    let plan = alone(&design, &seen, DELETE_LOGS);
    assert!(
        steps(&design, &plan)
            .iter()
            .any(|line| line.starts_with("delete bucket"))
    );
    assert!(!plan.deletes_logs());
}

#[test]
fn only_a_trail_that_goes_and_leaves_no_other_is_the_last() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    assert!(alone(&design, &seen, Wishes::default()).last_trail);
    let keep = Wishes {
        keep_trail: true,
        ..Wishes::default()
    };
    assert!(!alone(&design, &seen, keep).last_trail);
    seen.trail.management = vec![their_trail(&design)];
    assert!(!alone(&design, &seen, Wishes::default()).last_trail);
}

#[test]
fn what_a_trail_needs_stays_only_if_the_trail_is_there_to_stay() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    let keep = Wishes {
        keep_trail: true,
        ..DELETE_LOGS
    };
    let stays = t!("reason-trail-stays");
    let kept = alone(&design, &seen, keep);
    let kept = steps(&design, &kept);
    for line in ["topic", "bucket", "bucketPolicyStatement"] {
        let line = format!("keep {line} ({stays})");
        assert!(kept.contains(&line), "{line}: {kept:?}");
    }
    seen.trail.own = Seen::Absent;
    let gone = alone(&design, &seen, keep);
    let gone = steps(&design, &gone);
    for line in [
        "delete topic",
        "delete bucket",
        "restore bucketPolicyStatement",
    ] {
        assert!(gone.contains(&line.to_owned()), "{line}: {gone:?}");
    }
}

#[test]
fn subscribers_that_cannot_be_listed_keep_the_topic_however_few_are_counted() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    seen.subscription = Seen::Denied("sns:ListSubscriptionsByTopic");
    for function in [seen.function.clone(), Seen::Absent] {
        seen.function = function;
        // The function shows that we subscribed it, and not that it still is subscribed.
        for subscriptions in [0, 1, 2, 4] {
            if let Seen::There(topic) = &mut seen.topic {
                topic.subscriptions = subscriptions;
            }
            let plan = alone(&design, &seen, Wishes::default());
            let named = t!("user-unlisted");
            assert_eq!(kept_for(&plan), [named], "{subscriptions}");
            assert!(plan.unread[0].contains("sns:ListSubscriptionsByTopic"));
            let steps = steps(&design, &plan);
            for kind in ["subscription", "topic", "trail"] {
                let delete = format!("delete {kind}");
                assert!(!steps.contains(&delete), "{subscriptions}: {steps:?}");
            }
        }
    }
    // Whoever forces it has been told.
    let forced = Wishes {
        force_shared: true,
        ..Wishes::default()
    };
    assert_eq!(alone(&design, &seen, forced).unread, [""; 0]);
    // The topic is gone, and so is whoever subscribed to it.
    seen.topic = Seen::Absent;
    let plan = alone(&design, &seen, Wishes::default());
    assert_eq!(kept_for(&plan), [""; 0]);
    assert_eq!(plan.unread, [""; 0]);
}

#[test]
fn a_subscription_to_a_topic_of_others_that_cannot_be_listed_is_shown_by_the_functions_policy() {
    let trail = fixture::their_trail();
    let design = fixture::design(Feed::Subscribe { trail });
    let mut seen = whole(&design);
    seen.subscription = Seen::Denied("sns:ListSubscriptionsByTopic");
    let plan = alone(&design, &seen, Wishes::default());
    assert!(steps(&design, &plan).contains(&"delete subscription".to_owned()));
    assert_eq!(plan.unread, [""; 0]);
    seen.function = Seen::Absent;
    let plan = alone(&design, &seen, Wishes::default());
    let lines = steps(&design, &plan);
    assert!(
        !lines.contains(&"delete subscription".to_owned()),
        "{lines:?}"
    );
    assert!(plan.unread[0].contains("sns:ListSubscriptionsByTopic"));
}

#[test]
fn another_trail_that_uses_topic_and_bucket_is_named_once() {
    let design = fixture::design(Feed::New);
    let theirs = fixture::their_trail().to_string();
    let mut announces = whole(&design);
    let mut trail = their_trail(&design);
    trail.topic_arn = Some(design.topic_arn());
    add_trail(&mut announces, trail.clone());
    let plan = alone(&design, &announces, Wishes::default());
    assert_eq!(kept_for(&plan), [theirs.as_str()]);
    let topic = format!("keep topic ({})", t!("reason-shared", users = theirs));
    assert!(steps(&design, &plan).contains(&topic), "{topic}");

    // One that only announces to our topic, and one that only writes into our bucket.
    let mut apart = whole(&design);
    trail.bucket = "elsewhere".to_owned();
    add_trail(&mut apart, trail);
    let mut writes = their_trail(&design);
    writes.arn = theirs.replace("theirs", "writes");
    add_trail(&mut apart, writes.clone());
    let plan = alone(&design, &apart, Wishes::default());
    assert_eq!(kept_for(&plan), [theirs, writes.arn]);

    // One that uses neither.
    let mut apart = whole(&design);
    let mut trail = their_trail(&design);
    trail.bucket = "elsewhere".to_owned();
    trail.topic_arn = Some("arn:aws:sns:eu-west-1:111122223333:elsewhere".to_owned());
    add_trail(&mut apart, trail);
    let plan = alone(&design, &apart, DELETE_LOGS);
    assert_eq!(kept_for(&plan), [""; 0]);
    assert!(plan.deletes_logs() && plan.conflicts.is_empty());
}

#[test]
fn force_shared_takes_the_trail_from_another_connection_but_never_its_log_files() {
    let design = fixture::design(Feed::New);
    let seen = whole(&design);
    let user = t!("user-connection", name = "second");
    let plan = remove(&design, &seen, DELETE_LOGS, &second());
    assert_eq!(kept_for(&plan), [user.as_str()]);
    assert!(plan.warnings().contains(&t!("shared-with", user = user)));
    let trail = format!("keep trail ({})", t!("reason-shared", users = user));
    assert!(steps(&design, &plan).contains(&trail));
    assert!(!plan.deletes_logs());

    let forced = Wishes {
        force_shared: true,
        ..DELETE_LOGS
    };
    let plan = remove(&design, &seen, forced, &second());
    assert_eq!(kept_for(&plan), [""; 0]);
    let lose = t!("shared-forced", user = user);
    assert!(plan.warnings().contains(&lose), "{lose}");
    assert!(steps(&design, &plan).contains(&"delete trail".to_owned()));
    assert!(!plan.deletes_logs());
    let used = t!(
        "bucket-used-by-connection",
        bucket = design.bucket,
        name = "second"
    );
    assert_eq!(plan.conflicts, [used]);
}

#[test]
fn what_stays_for_others_is_known_apart_from_what_stays_anyway() {
    let design = fixture::design(Feed::New);
    let seen = whole(&design);
    let shared = |wishes, others: &Others| -> BTreeSet<Kind> {
        let plan = remove(&design, &seen, wishes, others);
        plan.shared.iter().map(Step::kind).collect()
    };
    let needed = [Kind::Trail, Kind::Topic, Kind::BucketPolicyStatement];
    let kept = shared(Wishes::default(), &second());
    assert_eq!(kept, BTreeSet::from(needed));
    // Log files stay for others only if they were to go.
    let kept = shared(DELETE_LOGS, &second());
    let with_logs = needed.into_iter().chain([Kind::Bucket]);
    assert_eq!(kept, with_logs.collect::<BTreeSet<Kind>>());
    let forced = Wishes {
        force_shared: true,
        ..Wishes::default()
    };
    let keep = Wishes {
        keep_trail: true,
        ..Wishes::default()
    };
    assert!(shared(forced, &second()).is_empty());
    assert!(shared(keep, &Others::default()).is_empty());
}

#[test]
fn events_that_others_listen_to_stay_on() {
    let design = fixture::design(Feed::EventBridge { trail: None });
    let seen = whole(&design);
    let off = "restore bucketNotification".to_owned();
    let plan = alone(&design, &seen, Wishes::default());
    assert!(steps(&design, &plan).contains(&off));
    let listening = Others {
        listen: true,
        ..Others::default()
    };
    let plan = remove(&design, &seen, Wishes::default(), &listening);
    let on = format!("keep bucketNotification ({})", t!("reason-others-listen"));
    let steps = steps(&design, &plan);
    assert!(steps.contains(&on) && !steps.contains(&off), "{steps:?}");
}

#[test]
fn a_role_that_is_only_used_loses_our_policy_and_stays() {
    let design = fixture::design(Feed::New);
    let mut recorded = manifest(&design);
    for item in &mut recorded.items {
        if item.kind == Kind::Role {
            item.ownership = Ownership::Used;
        }
    }
    let mut seen = whole(&design);
    if let Seen::There(role) = &mut seen.role {
        role.owner.mark = Mark::None;
    }
    let (wishes, others) = (Wishes::default(), Others::default());
    let plan = removal(&design, &seen, &recorded, wishes, &others);
    assert_eq!(plan.conflicts, [""; 0]);
    let steps = steps(&design, &plan);
    assert!(steps.contains(&"delete rolePolicy".to_owned()));
    assert!(!steps.contains(&"delete role".to_owned()), "{steps:?}");
}

#[test]
fn what_cannot_be_read_is_kept_and_named_with_the_permission() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    seen.function = Seen::Denied("lambda:GetFunction");
    if let Seen::There(state) = &mut seen.topic {
        state.owner.mark = Mark::Denied("sns:ListTagsForResource");
    }
    if let Seen::There(Ok(state)) = &mut seen.bucket {
        state.owner.mark = Mark::Denied("s3:GetBucketTagging");
    }
    let manifest = marked(&design, &seen);
    let hidden = unread(&design, &seen, &manifest);
    let kinds: Vec<Kind> = hidden.iter().map(|one| one.kind).collect();
    assert_eq!(kinds, [Kind::Function, Kind::Topic, Kind::Bucket]);
    for (wishes, left) in [(Wishes::default(), 2), (DELETE_LOGS, 3)] {
        let mut plan = removal(&design, &seen, &manifest, wishes, &Others::default());
        keep_unread(&mut plan, &hidden, wishes);
        assert_eq!(plan.conflicts, [""; 0]);
        assert_eq!(plan.unread.len(), left, "{:?}", plan.unread);
        assert!(plan.unread[0].contains("lambda:GetFunction"));
        let lines = steps(&design, &plan);
        for kind in ["function", "topic", "bucket"] {
            let keep = format!("keep {kind} (");
            assert!(
                lines.iter().any(|line| line.starts_with(&keep)),
                "{lines:?}"
            );
            assert!(!lines.contains(&format!("delete {kind}")), "{lines:?}");
        }
        assert!(lines.contains(&"delete trail".to_owned()), "{lines:?}");
    }
    assert_eq!(unread(&design, &whole(&design), &manifest), []);
}

#[test]
fn a_trail_that_cannot_be_read_keeps_what_it_needs() {
    let design = fixture::design(Feed::New);
    let mut mark = whole(&design);
    if let Seen::There(own) = &mut mark.trail.own {
        own.owner.mark = Mark::Denied("cloudtrail:ListTags");
    }
    let mut trail = whole(&design);
    trail.trail.own = Seen::Denied("cloudtrail:DescribeTrails");
    for seen in [mark, trail] {
        let manifest = marked(&design, &seen);
        let hidden = unread(&design, &seen, &manifest);
        let kinds: Vec<Kind> = hidden.iter().map(|one| one.kind).collect();
        assert_eq!(kinds, [Kind::Trail]);
        let (wishes, others) = (DELETE_LOGS, Others::default());
        let plan = removal(&design, &seen, &manifest, wishes, &others);
        let lines = steps(&design, &plan);
        let stays = t!("reason-trail-stays");
        for kind in ["topic", "bucket", "bucketPolicyStatement"] {
            let keep = format!("keep {kind} ({stays})");
            assert!(lines.contains(&keep), "{kind}: {lines:?}");
        }
        assert!(!plan.deletes_logs() && lines.contains(&"delete role".to_owned()));
    }
}
