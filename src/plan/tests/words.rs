//! What a plan is called in words: the lines of its steps, their explanations, the events in CloudTrail, the log.

use super::world::{journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, Organization, fixture},
    plan::{
        removal::{Others, removal},
        render::{events, explanation, kind, title},
        setup, trace,
    },
    resources::{
        families::{Change, Step},
        planned::Wishes,
        role,
        seen::Seen,
        step::Does,
    },
    ui::t,
};

/// The steps of a first run.
fn first(design: &Design) -> Vec<Step> {
    setup(design, &theirs(design), journal(None)).steps
}

fn removed(design: &Design) -> Vec<Step> {
    let wishes = Wishes {
        delete_logs: true,
        ..Wishes::default()
    };
    let (seen, recorded) = (whole(design), manifest(design));
    removal(design, &seen, &recorded, wishes, &Others::default()).steps
}

#[test]
fn a_step_is_called_by_its_verb_its_kind_and_the_end_of_its_arn() {
    for (what, arn, name) in [
        (
            Kind::Role,
            "arn:aws:iam::111122223333:role/path/forwarder",
            "forwarder",
        ),
        (Kind::Bucket, "arn:aws:s3:::logs", "logs"),
        (
            Kind::Function,
            "arn:aws:lambda:eu-west-1:111122223333:function:forwarder",
            "forwarder",
        ),
        // Slashes belong to the name of a log group.
        (
            Kind::LogGroup,
            "arn:aws:logs:eu-west-1:111122223333:log-group:/aws/lambda/forwarder",
            "/aws/lambda/forwarder",
        ),
        (Kind::Topic, "topic", "topic"),
    ] {
        let step = Step::new(Does::Keep(what), arn);
        let expected = format!("{} {} {name}", t!("verb-keep"), kind(what));
        assert_eq!(title(&step), expected);
    }
    let arn = "arn:aws:iam::111122223333:role/forwarder";
    for (step, verb) in [
        (Step::new(Does::Use(Kind::Role), arn), t!("verb-use")),
        (
            Step::new(Change::Role(role::Change::Create), arn),
            t!("verb-create"),
        ),
        (
            Step::new(Change::Role(role::Change::Repair), arn),
            t!("verb-modify"),
        ),
        (
            Step::new(Change::Role(role::Change::Delete), arn),
            t!("verb-delete"),
        ),
    ] {
        let expected = format!("{verb} {} forwarder", t!("kind-role"));
        assert_eq!(title(&step), expected);
    }
}

#[test]
fn each_kind_that_is_written_is_explained_once_in_the_order_of_the_plan() {
    let design = fixture::design(Feed::New);
    let steps = [first(&design), first(&design)].concat();
    let explained = explanation(&design, &steps);
    let kinds: Vec<String> = [
        Kind::Role,
        Kind::RolePolicy,
        Kind::LogGroup,
        Kind::Topic,
        Kind::TopicPolicyStatement,
        Kind::Bucket,
        Kind::BucketPolicyStatement,
        Kind::Lifecycle,
        Kind::Function,
        Kind::FunctionPermission,
        Kind::Subscription,
        Kind::Trail,
    ]
    .map(kind)
    .to_vec();
    let named = explained.iter().filter_map(|line| line.split_once(": "));
    let named: Vec<&str> = named.map(|(kind, _)| kind.trim_start()).collect();
    assert_eq!(named, kinds);
    // What stays as it is needs no explanation.
    let kept = setup(&design, &whole(&design), journal(None)).steps;
    assert_eq!(explanation(&design, &kept), [""; 0]);
}

#[test]
fn an_explanation_says_who_writes_and_publishes_in_this_design() {
    let [new, _, trail, bucket, events] = fixture::every_feed().map(|(_, design)| design);
    let mut plain = new.clone();
    plain.plain_http = true;
    let mut organization = new.clone();
    organization.organization = Some(Organization {
        id: "o-abcdefghij".to_owned(),
        management: organization.account.clone(),
    });
    for (design, what, why) in [
        (&new, Kind::Trail, t!("why-trail")),
        (&organization, Kind::Trail, t!("why-trail-organization")),
        (&organization, Kind::TrustedAccess, t!("why-trustedAccess")),
        (
            &organization,
            Kind::ServiceLinkedRole,
            t!("why-serviceLinkedRole"),
        ),
        (
            &new,
            Kind::BucketPolicyStatement,
            t!("why-bucketPolicyStatement"),
        ),
        (
            &plain,
            Kind::BucketPolicyStatement,
            t!("why-bucket-policy-plain"),
        ),
        (
            &new,
            Kind::TopicPolicyStatement,
            t!("why-topicPolicyStatement"),
        ),
        (
            &bucket,
            Kind::TopicPolicyStatement,
            t!("why-topic-policy-bucket"),
        ),
        (
            &bucket,
            Kind::BucketNotification,
            t!("why-bucketNotification"),
        ),
        (&events, Kind::BucketNotification, t!("why-events-on")),
        (&new, Kind::FunctionPermission, t!("why-functionPermission")),
        (&events, Kind::FunctionPermission, t!("why-permission-rule")),
        (&events, Kind::EventRule, t!("why-eventRule")),
        (&trail, Kind::TrailTopic, t!("why-trailTopic")),
    ] {
        let mut seen = theirs(design);
        seen.organization.may = Seen::There(());
        let steps = setup(design, &seen, journal(None)).steps;
        let line = format!("  {}: {why}", kind(what));
        let explained = explanation(design, &steps);
        assert!(explained.contains(&line), "{line}: {explained:?}");
    }
}

#[test]
fn the_events_of_a_first_run_are_those_that_cloudtrail_records() {
    let before = "CreateRole PutRolePolicy CreateLogGroup PutRetentionPolicy";
    let topic = "CreateTopic SetTopicAttributes";
    let function = "CreateFunction20150331 AddPermission20150331v2";
    let [new, subscribe, trail, bucket, bridge] =
        fixture::every_feed().map(|(_, design)| first(&design));
    for (steps, expected) in [
        (
            new,
            format!(
                "{before} {topic} CreateBucket PutBucketTagging PutBucketPolicy PutBucketLifecycle {function} Subscribe CreateTrail StartLogging"
            ),
        ),
        (subscribe, format!("{before} {function} Subscribe")),
        (
            trail,
            format!("{before} {topic} {function} Subscribe UpdateTrail"),
        ),
        (
            bucket,
            format!("{before} {topic} {function} Subscribe PutBucketNotification"),
        ),
        (
            bridge,
            format!("{before} {function} PutRule PutTargets TagResource PutBucketNotification"),
        ),
    ] {
        assert_eq!(events(&steps).join(" "), expected);
        // However many steps leave an event, it is named once.
        assert_eq!(events(&[steps.clone(), steps].concat()).join(" "), expected);
    }
}

#[test]
fn the_events_of_a_repair_and_of_a_removal_are_those_that_cloudtrail_records() {
    let design = fixture::design(Feed::New);
    let kept = setup(&design, &whole(&design), journal(None)).steps;
    assert_eq!(events(&kept), [""; 0]);
    let mut seen = whole(&design);
    if let Seen::There(own) = &mut seen.trail.own {
        own.trail.validation = false;
    }
    if let Seen::There(state) = &mut seen.function {
        state.runtime = "provided.al2".to_owned();
    }
    let repair = setup(&design, &seen, journal(None)).steps;
    assert_eq!(
        events(&repair).join(" "),
        "UpdateFunctionCode20150331v2 UpdateFunctionConfiguration20150331v2 UpdateTrail StartLogging"
    );
    assert_eq!(
        events(&removed(&design)).join(" "),
        "DeleteTrail Unsubscribe DeleteFunction20150331 PutBucketPolicy DeleteBucketPolicy DeleteBucket DeleteTopic DeleteLogGroup DeleteRolePolicy DeleteRole"
    );
    let bridge = fixture::design(Feed::EventBridge { trail: None });
    assert_eq!(
        events(&removed(&bridge)).join(" "),
        "PutBucketNotification RemoveTargets DeleteRule DeleteFunction20150331 DeleteLogGroup DeleteRolePolicy DeleteRole"
    );
}

#[test]
fn the_log_has_each_step_with_its_reason() {
    let mut seen = nothing();
    let design = fixture::design(Feed::New);
    seen.log_group = whole(&design).log_group;
    let steps = setup(&design, &seen, journal(None)).steps;
    let file = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(file.reopen().unwrap())
        .finish();
    tracing::subscriber::with_default(subscriber, || trace(&steps));
    let log = std::fs::read_to_string(file.path()).unwrap();
    assert_eq!(log.lines().count(), steps.len(), "{log}");
    for (line, step) in log.lines().zip(&steps) {
        let reason = step.reason.as_deref().unwrap_or_default();
        let kind = step.kind().as_str();
        for part in ["planned", step.action().as_str(), kind, &step.arn, reason] {
            assert!(line.contains(part), "{part}: {line}");
        }
    }
}
