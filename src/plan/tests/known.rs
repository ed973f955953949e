//! What families get to know of each other.

use serde_json::json;

use super::world::{document, journal, manifest, nothing, whole};
use crate::{
    connection::{Design, Feed, Kind, fixture},
    plan::{across::of_setup, setup},
    resources::{
        families::Observed,
        planned::Across,
        seen::{Mark, Seen},
    },
};

#[test]
fn what_was_seen_of_one_family_is_told_to_the_others() {
    let design = fixture::design(Feed::New);
    let Across {
        owns_function_name,
        function_is_ours,
        topic_is_there,
        topic_is_ours,
        owns_topic,
        subscriptions,
        bucket_is_there,
        bridged,
        turned_on,
        ..
    } = of_setup(&design, &whole(&design));
    assert!(owns_function_name && function_is_ours && bucket_is_there);
    assert!(topic_is_there && topic_is_ours && owns_topic);
    assert_eq!((subscriptions, bridged, turned_on), (1, Seen::Absent, None));

    let across = of_setup(&design, &nothing());
    assert!(!across.function_is_ours && !across.bucket_is_there);
    assert!(!across.topic_is_there && !across.topic_is_ours);
    assert_eq!(across.subscriptions, 0);

    let design = fixture::design(Feed::EventBridge { trail: None });
    let across = of_setup(&design, &whole(&design));
    assert_eq!(across.bridged, Seen::There(true));
    assert_eq!(across.turned_on, Some(true));
    let mut seen = whole(&design);
    seen.notification = Seen::Denied("s3:GetBucketNotification");
    let across = of_setup(&design, &seen);
    assert_eq!(across.bridged, Seen::Denied("s3:GetBucketNotification"));
}

#[test]
fn something_of_another_owner_under_a_planned_name_is_there_but_not_ours() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(state) = &mut seen.function {
        state.owner.mark = Mark::None;
    }
    if let Seen::There(state) = &mut seen.topic {
        state.owner.mark = Mark::None;
    }
    let across = of_setup(&design, &seen);
    assert!(across.topic_is_there);
    assert!(!across.function_is_ours && !across.topic_is_ours && !across.owns_function_name);
}

/// Whether the function's name is ours: with a name of our own making or another one, whatever is seen of function and role.
fn owns_function_name(name: &str, see: impl Fn(&mut Observed, &Design)) -> bool {
    let mut design = fixture::design(Feed::New);
    design.function = name.parse().unwrap();
    let mut seen = nothing();
    see(&mut seen, &design);
    of_setup(&design, &seen).owns_function_name
}

#[test]
fn the_name_of_a_function_that_cannot_be_seen_is_ours_by_our_role_policy() {
    let denied = Seen::Denied("lambda:GetFunction");
    for (name, absent, hidden) in [
        // A name that only we give is enough where there is no function, and not where one may be.
        ("sophos-ct-demo", true, false),
        ("forwarder", false, false),
    ] {
        let without_role = |_: &mut Observed, _: &Design| {};
        assert_eq!(owns_function_name(name, without_role), absent, "{name}");
        let may_be_there = |seen: &mut Observed, _: &Design| seen.function = denied.clone();
        assert_eq!(owns_function_name(name, may_be_there), hidden, "{name}");
        // Our policy in the role names the log group.
        let with_role = |seen: &mut Observed, design: &Design| seen.role = whole(design).role;
        assert!(owns_function_name(name, with_role), "{name}");
        let with_role_alone = |seen: &mut Observed, design: &Design| {
            seen.role = whole(design).role;
            seen.function = denied.clone();
        };
        assert!(owns_function_name(name, with_role_alone), "{name}");
    }
    let with_other_policy = |seen: &mut Observed, design: &Design| {
        seen.role = whole(design).role;
        if let Seen::There(role) = &mut seen.role {
            role.policy = Seen::There(json!({ "Statement": [] }));
        }
    };
    assert!(!owns_function_name("forwarder", with_other_policy));
}

/// Whether the topic is ours: with this name and this view of it.
fn owns_topic(name: &str, see: impl Fn(&mut Observed, &Design)) -> bool {
    let mut design = fixture::design(Feed::New);
    design.topic = name.parse().unwrap();
    let mut seen = whole(&design);
    see(&mut seen, &design);
    of_setup(&design, &seen).owns_topic
}

#[test]
fn a_topic_is_ours_by_its_mark_by_our_statement_or_if_it_is_gone_by_its_name() {
    fn topic(seen: &mut Observed, mark: Mark, policy: Option<serde_json::Value>) {
        if let Seen::There(state) = &mut seen.topic {
            state.owner.mark = mark;
            state.policy = policy;
        }
    }
    let by_mark = |seen: &mut Observed, _: &Design| topic(seen, Mark::Ours, None);
    let by_statement = |seen: &mut Observed, design: &Design| {
        let ours = document(&design.topic_statements());
        topic(seen, Mark::None, Some(ours));
    };
    let by_nothing = |seen: &mut Observed, _: &Design| {
        topic(seen, Mark::None, Some(document(&[])));
    };
    for name in ["sophos-ct-demo", "alerts"] {
        assert!(owns_topic(name, by_mark), "{name}");
        assert!(owns_topic(name, by_statement), "{name}");
        assert!(!owns_topic(name, by_nothing), "{name}");
        let hidden = |seen: &mut Observed, _: &Design| {
            seen.topic = Seen::Denied("sns:GetTopicAttributes");
        };
        assert!(!owns_topic(name, hidden), "{name}");
        let gone = |seen: &mut Observed, _: &Design| seen.topic = Seen::Absent;
        assert_eq!(owns_topic(name, gone), name == "sophos-ct-demo");
    }
}

#[test]
fn a_topic_and_its_subscription_that_cannot_be_seen_are_believed_to_be_there() {
    let design = fixture::design(Feed::New);
    let recorded = manifest(&design);
    let action = "sns:GetTopicAttributes";
    let mut seen = whole(&design);
    seen.topic = Seen::Denied(action);
    seen.subscription = Seen::Denied(action);
    let plan = setup(&design, &seen, journal(Some(&recorded)));
    assert!(!plan.has_writes());
    let unseen = plan.unseen.iter();
    let unseen: Vec<_> = unseen.map(|one| (one.kind, one.action.as_str())).collect();
    let expected = [(Kind::Topic, action), (Kind::Subscription, action)];
    assert_eq!(unseen, expected);
    // Before there is a connection, nothing is believed.
    assert!(setup(&design, &seen, journal(None)).unseen.is_empty());
}
