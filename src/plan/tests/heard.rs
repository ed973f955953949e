//! How a connection hears of log files, as AWS alone shows it.

use super::world::{document, whole};
use crate::{
    connection::{ConnectionId, Design, Feed, Kind, fixture},
    plan::feed::{feed_answers, hidden, invoker, leads_by_name},
    resources::{
        families::Observed,
        planned::Unseen,
        seen::{Mark, Seen},
    },
};

/// A connection that was set up with this design, and the names under which it is looked for without its id and its answers.
struct Found {
    id: ConnectionId,
    names: Design,
    seen: Observed,
}

impl Found {
    fn of(design: &Design) -> Self {
        let mut names = fixture::design(Feed::New);
        names.id = ConnectionId::random();
        // The topic's name is known from the function's policy.
        names.topic = design.topic.clone();
        let mut seen = whole(design);
        if let Seen::There(topic) = &mut seen.topic
            && topic.owner.mark == Mark::Ours
        {
            topic.owner.mark = Mark::Other(design.id.to_string());
        }
        Self {
            id: design.id,
            names,
            seen,
        }
    }

    /// The answers as words, such as `bucket=theirs`.
    fn answers(&self) -> Vec<String> {
        let answers = feed_answers(&self.names, self.id, &self.seen).into_iter();
        answers
            .map(|(key, value)| format!("{key}={value}"))
            .collect()
    }
}

fn trail() -> String {
    format!("trail={}", fixture::their_trail())
}

#[test]
fn a_connection_with_a_trail_of_its_own_needs_no_answers() {
    let mut found = Found::of(&fixture::design(Feed::New));
    assert_eq!(found.answers(), [""; 0]);
    if let Seen::There(topic) = &mut found.seen.topic {
        topic.policy = Some(document(&[]));
    }
    assert_eq!(found.answers(), [""; 0]);
    found.seen.topic = Seen::Absent;
    found.seen.function = Seen::Absent;
    assert_eq!(found.answers(), [""; 0]);
}

#[test]
fn a_topic_that_is_not_ours_is_subscribed_to() {
    let feed = Feed::Subscribe {
        trail: fixture::their_trail(),
    };
    let mut found = Found::of(&fixture::design(feed));
    let trail = trail();
    let expected = ["resources=existing", "bucket=theirs", trail.as_str()];
    assert_eq!(found.answers(), expected);
    // Without the trail that announces to it, the bucket is known from the function.
    found.seen.trail.all = Seen::There(Vec::new());
    assert_eq!(found.answers(), expected[..2]);
    // Who invokes the function decides: a topic that was not looked at says nothing.
    found.names.topic = "another".parse().unwrap();
    assert_eq!(found.answers(), [""; 0]);
}

#[test]
fn our_statement_in_the_topic_names_the_trail_that_notifies_it() {
    let feed = Feed::Trail {
        trail: fixture::their_trail(),
    };
    let mut found = Found::of(&fixture::design(feed));
    let trail = trail();
    let expected = ["resources=existing", "notify=trail", trail.as_str()];
    assert_eq!(
        found.answers(),
        [&expected[..], &["bucket=theirs"]].concat()
    );
    // The bucket of a trail that is gone is not known.
    found.seen.trail.all = Seen::There(Vec::new());
    let planned = format!("bucket={}", found.names.bucket);
    assert_eq!(
        found.answers(),
        [&expected[..], &[planned.as_str()]].concat()
    );
}

#[test]
fn our_statement_in_the_topic_names_the_bucket_that_notifies_it() {
    let found = Found::of(&fixture::design(Feed::Bucket { trail: None }));
    let expected = ["resources=existing", "notify=bucket", "bucket=theirs"];
    assert_eq!(found.answers(), expected);
}

#[test]
fn a_rule_that_invokes_the_function_means_eventbridge() {
    let mut design = fixture::design(Feed::EventBridge { trail: None });
    let expected = ["resources=existing", "bucket=theirs", "notify=eventbridge"];
    assert_eq!(Found::of(&design).answers(), expected);
    design.prefix = "audit/logs".parse().unwrap();
    let mut found = Found::of(&design);
    let with_prefix = [expected[0], expected[1], "prefix=audit/logs", expected[2]];
    assert_eq!(found.answers(), with_prefix);
    // A function without its settings: the planned names are all that is left.
    if let Seen::There(function) = &mut found.seen.function {
        function.environment.clear();
    }
    let planned = format!("bucket={}", found.names.bucket);
    let left = [expected[0], planned.as_str(), expected[2]];
    assert_eq!(found.answers(), left);
}

#[test]
fn the_permission_with_our_id_names_who_invokes_the_function() {
    for (name, design) in fixture::every_feed() {
        let found = Found::of(&design);
        let source = invoker(found.id, &found.seen).map(|arn| arn.to_string());
        assert_eq!(source, Some(design.invoker().1), "{name}");
        assert_eq!(invoker(ConnectionId::random(), &found.seen), None, "{name}");
    }
}

#[test]
fn a_function_leads_to_a_topic_by_its_name_if_nothing_else_shows_one() {
    let feed = Feed::Subscribe {
        trail: fixture::their_trail(),
    };
    let mut found = Found::of(&fixture::design(feed));
    let ours = Mark::Other(found.id.to_string());
    let names_topic = found.seen.function.there().unwrap().policy.clone();
    let denied = Seen::Denied("lambda:GetPolicy");
    for (mark, policy, leads) in [
        (&ours, names_topic, false),
        (&ours, Seen::Absent, true),
        (&ours, denied, false),
        // What is subscribed under another one's name is not ours.
        (&Mark::None, Seen::Absent, false),
    ] {
        if let Seen::There(function) = &mut found.seen.function {
            function.owner.mark = mark.clone();
            function.policy = policy;
        }
        assert_eq!(leads_by_name(found.id, &found.seen), leads);
    }
    let is_hidden = |found: &Found| hidden(&found.names, found.id, &found.seen, None).unseen;
    found.seen.function = Seen::Absent;
    assert!(leads_by_name(found.id, &found.seen));
    assert_eq!(is_hidden(&found), []);
    // It may be gone.
    let action = "lambda:GetFunction";
    found.seen.function = Seen::Denied(action);
    assert!(!leads_by_name(found.id, &found.seen));
    let unseen = Unseen {
        kind: Kind::Function,
        arn: found.names.function_arn(),
        action: action.to_owned(),
    };
    assert_eq!(is_hidden(&found), [unseen]);
}
