//! Saved answers alone may not change or read what is not ours: an answer of this run or evidence in AWS must say the same.

use std::collections::BTreeSet;

use super::world::{document, journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{
        Arn, ConnectionId, Design, Feed, Kind, Named, Ownership, Resources, fixture, names::KeyArn,
    },
    plan::setup,
    resources::{
        families::Observed,
        planned::Journal,
        seen::{Mark, Seen},
    },
    ui::t,
};

use Verdict::{Agreed, Asked, Refused};

/// What a plan makes of answers that are only saved.
#[derive(Debug, PartialEq)]
enum Verdict {
    Agreed,
    /// The user has to be asked again.
    Asked,
    /// What AWS shows is something else.
    Refused,
}

fn judge(design: &Design, seen: &Observed, journal: Journal<'_>) -> Verdict {
    let plan = setup(design, seen, journal);
    let changed = t!("conflict-answers-changed", name = design.name);
    let refused = plan.conflicts.iter().filter(|one| **one == changed);
    match (refused.count(), plan.unanswered) {
        (0, false) => Agreed,
        (0, true) => Asked,
        (1, false) => Refused,
        other => panic!("{other:?}"),
    }
}

fn verdict(design: &Design, seen: &Observed) -> Verdict {
    judge(design, seen, journal(Some(&manifest(design))))
}

/// A design whose answers about other people's resources are all saved at Central.
fn saved(feed: Feed) -> Design {
    let mut design = fixture::design(feed);
    design.given.clear();
    design.saved = BTreeSet::from([
        Named::Resources,
        Named::Trail,
        Named::Notify,
        Named::Bucket,
        Named::Topic,
    ]);
    design
}

/// The ways to hear of log files that use a trail and a bucket of others.
fn existing() -> [Design; 4] {
    let trail = fixture::their_trail();
    let maybe = Some(trail.clone());
    [
        Feed::Subscribe {
            trail: trail.clone(),
        },
        Feed::Trail { trail },
        Feed::Bucket {
            trail: maybe.clone(),
        },
        Feed::EventBridge { trail: maybe },
    ]
    .map(saved)
}

/// A whole account in which there is something to write.
fn drifted(design: &Design) -> Observed {
    let mut seen = whole(design);
    seen.log_group = Seen::Absent;
    seen
}

/// The manifest of an earlier run that used this resource without creating it.
fn using(design: &Design, kind: Kind) -> Resources {
    let mut recorded = manifest(design);
    for item in &mut recorded.items {
        if item.kind == kind && item.id.is_none() {
            item.ownership = Ownership::Used;
        }
    }
    recorded
}

#[test]
fn saved_answers_that_our_own_parts_confirm_need_no_question() {
    for design in existing() {
        assert_eq!(
            verdict(&design, &drifted(&design)),
            Agreed,
            "{:?}",
            design.feed
        );
    }
}

#[test]
fn what_only_central_says_has_to_be_answered_again() {
    for mut design in existing() {
        let seen = theirs(&design);
        let feed = design.feed.clone();
        assert_eq!(verdict(&design, &seen), Asked, "{feed:?}");
        // Neither an answer about something else nor none at all is one.
        design.given = BTreeSet::from([Named::Role]);
        assert_eq!(verdict(&design, &seen), Asked, "{feed:?}");
        let all = std::mem::take(&mut design.saved);
        design.given.clear();
        assert_eq!(verdict(&design, &seen), Asked, "{feed:?}");
        // The trail names its bucket and its topic too.
        design.saved = all;
        design.given = BTreeSet::from([Named::Trail]);
        assert_eq!(verdict(&design, &seen), Agreed, "{feed:?}");
        // A run with answers fills in names that nobody has saved.
        design.saved.clear();
        design.given = BTreeSet::from([Named::Role]);
        assert_eq!(verdict(&design, &seen), Agreed, "{feed:?}");
    }
    assert_eq!(verdict(&saved(Feed::New), &nothing()), Agreed);
}

#[test]
fn a_plan_that_writes_nothing_asks_nothing() {
    for design in existing() {
        let mut seen = whole(&design);
        seen.role = Seen::Denied("iam:GetRole");
        seen.function = Seen::Denied("lambda:GetFunction");
        seen.log_group = Seen::Denied("logs:DescribeLogGroups");
        assert_eq!(verdict(&design, &seen), Agreed, "{:?}", design.feed);
    }
}

#[test]
fn a_function_that_reads_another_bucket_is_evidence_against_saved_answers() {
    for design in existing() {
        let mut other = design.clone();
        other.bucket = "other".parse().unwrap();
        let mut seen = drifted(&design);
        seen.function = whole(&other).function;
        assert_eq!(verdict(&design, &seen), Refused, "{:?}", design.feed);
        // Somebody else's function is no evidence at all.
        let mut seen = theirs(&design);
        seen.function = whole(&design).function;
        if let Seen::There(state) = &mut seen.function {
            state.owner.mark = Mark::None;
        }
        assert_eq!(verdict(&design, &seen), Asked, "{:?}", design.feed);
    }
}

#[test]
fn another_publisher_or_invoker_is_evidence_against_saved_answers() {
    let [subscribe, trail, bucket, _] = existing();
    let mut other = subscribe.clone();
    other.topic = "other".parse().unwrap();
    let mut seen = drifted(&subscribe);
    seen.function = whole(&other).function;
    assert_eq!(verdict(&subscribe, &seen), Refused);
    // It is named once, though the bucket is another one too.
    other.bucket = "other".parse().unwrap();
    seen.function = whole(&other).function;
    assert_eq!(verdict(&subscribe, &seen), Refused);

    let mut other = trail.clone();
    other.feed = Feed::Trail {
        trail: fixture::their_trail()
            .replace("theirs", "other")
            .parse()
            .unwrap(),
    };
    let mut other_bucket = bucket.clone();
    other_bucket.bucket = "other".parse().unwrap();
    for (design, other) in [(trail, other), (bucket, other_bucket)] {
        let mut seen = drifted(&design);
        if let Seen::There(topic) = &mut seen.topic {
            topic.policy = Some(document(&other.topic_statements()));
        }
        assert_eq!(verdict(&design, &seen), Refused, "{:?}", design.feed);
    }
}

#[test]
fn our_role_policy_shows_the_bucket_if_the_function_is_gone() {
    let [.., design] = existing();
    let mut seen = theirs(&design);
    seen.role = whole(&design).role;
    assert_eq!(verdict(&design, &seen), Agreed);
    let mut other = design.clone();
    other.bucket = "other".parse().unwrap();
    seen.role = whole(&other).role;
    assert_eq!(verdict(&design, &seen), Refused);
}

#[test]
fn a_bucket_that_is_only_used_needs_evidence_unless_it_is_kept_from_a_connection() {
    let design = saved(Feed::New);
    let recorded = using(&design, Kind::Bucket);
    let kept = ConnectionId::random();
    let with_bucket = |mark: Mark| {
        let mut seen = nothing();
        seen.bucket = whole(&design).bucket;
        if let Seen::There(Ok(bucket)) = &mut seen.bucket {
            bucket.owner.mark = mark;
        }
        seen
    };
    let of = |seen: &Observed, kept_from: Option<ConnectionId>| {
        let journal = Journal {
            kept_from,
            ..journal(Some(&recorded))
        };
        judge(&design, seen, journal)
    };
    let mut unmarked = with_bucket(Mark::None);
    assert_eq!(of(&unmarked, None), Asked);
    assert_eq!(of(&unmarked, Some(kept)), Asked);
    let marked = with_bucket(Mark::Other(kept.to_string()));
    assert_eq!(of(&marked, Some(kept)), Agreed);
    unmarked.role = whole(&design).role;
    assert_eq!(of(&unmarked, None), Agreed);
}

#[test]
fn a_topic_or_a_role_that_is_only_used_needs_our_function_as_evidence() {
    let mut design = saved(Feed::New);
    design.saved.extend([Named::Role, Named::RoleArn]);
    let mut of_topic = nothing();
    of_topic.topic = whole(&design).topic;
    if let Seen::There(topic) = &mut of_topic.topic {
        topic.owner.mark = Mark::None;
    }
    let mut of_role = nothing();
    of_role.role = whole(&design).role;
    if let Seen::There(role) = &mut of_role.role {
        role.owner.mark = Mark::None;
    }
    for (kind, mut seen) in [(Kind::Topic, of_topic), (Kind::Role, of_role)] {
        let recorded = using(&design, kind);
        let of = |seen: &Observed| judge(&design, seen, journal(Some(&recorded)));
        assert_eq!(of(&seen), Asked, "{kind:?}");
        seen.function = whole(&design).function;
        assert_eq!(of(&seen), Agreed, "{kind:?}");
        let mut other = design.clone();
        other.topic = "other".parse().unwrap();
        other.role = "other".parse().unwrap();
        seen.function = whole(&other).function;
        assert_eq!(of(&seen), Refused, "{kind:?}");
    }
    // A role that the user brought is used from the start.
    design.own_role = false;
    let mut seen = nothing();
    seen.role = whole(&design).role;
    assert_eq!(verdict(&design, &seen), Asked);
    seen.function = whole(&design).function;
    assert_eq!(verdict(&design, &seen), Agreed);
}

#[test]
fn the_key_of_log_files_is_shown_by_their_trail_or_by_our_role_policy() {
    let key = |id: &str| -> KeyArn {
        let arn = format!("arn:aws:kms:eu-west-1:111122223333:key/{id}");
        arn.parse().unwrap()
    };
    let [_, _, mut design, _] = existing();
    design.saved.insert(Named::KmsKey);
    design.kms_key = Some(key("ours"));
    let mut other = design.clone();
    other.kms_key = Some(key("other"));
    // Bucket and publisher are confirmed, and only the role is gone.
    let mut seen = whole(&design);
    seen.role = Seen::Absent;
    assert_eq!(verdict(&design, &seen), Asked);
    if let Seen::There(own) = &mut seen.trail.own {
        own.trail.kms_key = design.kms_key.as_ref().map(ToString::to_string);
    }
    assert_eq!(verdict(&design, &seen), Agreed);

    let mut seen = drifted(&design);
    assert_eq!(verdict(&design, &seen), Agreed);
    seen.role = whole(&other).role;
    assert_eq!(verdict(&design, &seen), Refused);
    // Nothing of ours lets a role use the key whose policy is its owner's.
    design.own_role = false;
    design.saved.insert(Named::RoleArn);
    if let Seen::There(role) = &mut seen.role {
        role.policy = Seen::Absent;
    }
    assert_eq!(verdict(&design, &seen), Agreed);
}

#[test]
fn the_dead_letter_target_is_shown_by_our_function_or_by_our_role_policy() {
    let queue = |name: &str| -> Arn {
        let arn = format!("arn:aws:sqs:eu-west-1:111122223333:{name}");
        arn.parse().unwrap()
    };
    let mut design = saved(Feed::New);
    design.saved.insert(Named::DeadLetter);
    design.dead_letter = Some(queue("ours"));
    let mut other = design.clone();
    other.dead_letter = Some(queue("other"));
    assert_eq!(verdict(&design, &nothing()), Asked);
    // The role policy allows it.
    assert_eq!(verdict(&design, &drifted(&design)), Agreed);

    let sending = |role: &Design, to: &Design| {
        let mut seen = drifted(&design);
        seen.role = whole(role).role;
        if let Seen::There(function) = &mut seen.function {
            function.dead_letter = to.dead_letter.as_ref().map(ToString::to_string);
        }
        verdict(&design, &seen)
    };
    // Each of the two is enough: setup mends the other one.
    assert_eq!(sending(&other, &design), Agreed);
    assert_eq!(sending(&design, &other), Agreed);
    assert_eq!(sending(&other, &other), Refused);
}

#[test]
fn the_topic_of_the_alarms_is_shown_by_one_of_our_alarms() {
    let topic = |name: &str| -> Arn {
        let arn = format!("arn:aws:sns:eu-west-1:111122223333:{name}");
        arn.parse().unwrap()
    };
    let mut design = saved(Feed::New);
    design.saved.insert(Named::Alarm);
    design.alarm = Some(topic("pager"));
    assert_eq!(verdict(&design, &nothing()), Asked);

    let telling = |failures: &str, silence: &str, mark: &Mark| {
        let mut seen = drifted(&design);
        let alarms = [
            (&mut seen.alarm.failures, failures),
            (&mut seen.alarm.silence, silence),
        ];
        for (alarm, name) in alarms {
            if let Seen::There(alarm) = alarm {
                alarm.tells = vec![topic(name).to_string()];
                alarm.owner.mark = mark.clone();
            }
        }
        let plan = setup(&design, &seen, journal(Some(&manifest(&design))));
        let changed = t!("conflict-answers-changed", name = design.name);
        (plan.conflicts.contains(&changed), plan.unanswered)
    };
    assert_eq!(telling("pager", "pager", &Mark::Ours), (false, false));
    assert_eq!(telling("pager", "other", &Mark::Ours), (false, false));
    assert_eq!(telling("other", "other", &Mark::Ours), (true, false));
    // What somebody else's alarm tells shows nothing.
    assert_eq!(telling("pager", "pager", &Mark::None), (false, true));
}
