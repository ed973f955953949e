//! What a plan is called in words: the lines of its steps, their explanations, the events in CloudTrail, the log.

use std::collections::BTreeSet;

use super::world::{journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, Organization, fixture},
    plan::{
        removal::{Others, removal},
        render::{events, explanation, kind, title},
        setup, trace,
    },
    policy::grant::Purpose,
    resources::{
        families::{Change, Step, grants},
        planned::Wishes,
        role,
        seen::Seen,
        step::{Change as _, Does},
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

/// The lines of an explanation.
fn explained(design: &Design, steps: &[Step]) -> Vec<String> {
    let page = explanation(design, steps, false);
    page.lines.into_iter().map(|line| line.text).collect()
}

/// The actions that the policy for a purpose allows.
fn allowed(design: &Design, purposes: &[Purpose]) -> BTreeSet<&'static str> {
    let all = purposes.iter().flat_map(|purpose| grants(design, *purpose));
    all.flat_map(|grant| grant.actions).collect()
}

#[test]
fn each_step_that_writes_is_explained_with_what_it_leaves_and_needs() {
    for (name, design) in fixture::every_feed() {
        let steps = first(&design);
        let lines = explained(&design, &steps);
        let text = lines.join("\n");
        insta::assert_snapshot!(format!("explained_{name}"), text);
        for step in steps.iter().filter(|step| step.writes()) {
            let facts = step.change().unwrap().facts();
            let traces = t!(
                "explain-traces",
                events = facts.events.join(", "),
                permissions = facts.permissions.join(", ")
            );
            assert!(text.contains(&traces), "{name}: {traces}\n{text}");
        }
    }
    // What stays as it is needs no explanation.
    let design = fixture::design(Feed::New);
    let kept = setup(&design, &whole(&design), journal(None)).steps;
    assert_eq!(explained(&design, &kept), [""; 0]);
}

#[test]
fn what_is_mended_says_so_and_what_is_only_used_stays() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(role) = &mut seen.role {
        role.trust = serde_json::json!({ "Statement": [] });
    }
    let steps = setup(&design, &seen, journal(None)).steps;
    let lines = explained(&design, &steps);
    let step = t!(
        "explain-step",
        why = t!("why-role"),
        back = t!("back-mended")
    );
    assert!(lines.contains(&format!("      {step}")), "{lines:?}");
    let bucket = fixture::design(Feed::Bucket { trail: None });
    let lines = explained(&bucket, &first(&bucket));
    assert!(lines.iter().any(|line| line.contains(&t!("back-part"))));
    let trail = fixture::design(Feed::Trail {
        trail: fixture::their_trail(),
    });
    let lines = explained(&trail, &first(&trail));
    let used = format!("      {}", t!("explain-used"));
    assert!(lines.contains(&used), "{lines:?}");
}

#[test]
fn no_step_of_a_first_setup_or_a_removal_names_a_permission_that_its_policy_lacks() {
    let removes = [Purpose::Remove, Purpose::RemoveLogs];
    for (name, design) in fixture::every_feed() {
        for (steps, allowed) in [
            (first(&design), allowed(&design, &[Purpose::Setup])),
            (removed(&design), allowed(&design, &removes)),
        ] {
            for change in steps.iter().filter_map(Step::change) {
                for permission in change.facts().permissions {
                    assert!(allowed.contains(permission), "{name}: {permission}");
                }
            }
        }
    }
}

#[test]
fn a_trail_of_an_organization_needs_more_permissions_which_its_policy_has() {
    for mut design in [
        fixture::design(Feed::New),
        fixture::design(Feed::Trail {
            trail: fixture::their_trail(),
        }),
    ] {
        let more = "organizations:ListAWSServiceAccessForOrganization, iam:GetRole, iam:CreateServiceLinkedRole.";
        let alone = explained(&design, &first(&design)).join("\n");
        assert!(!alone.contains(more), "{alone}");
        design.organization = Some(Organization {
            id: "o-abcdefghij".to_owned(),
            management: design.account.clone(),
        });
        let mut seen = theirs(&design);
        seen.organization.may = Seen::There(());
        let steps = setup(&design, &seen, journal(None)).steps;
        let lines = explained(&design, &steps);
        assert!(lines.iter().any(|line| line.contains(more)), "{lines:?}");
        let allowed = allowed(&design, &[Purpose::Setup]);
        for permission in more.trim_end_matches('.').split(", ") {
            assert!(allowed.contains(permission), "{permission}");
        }
    }
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
        let lines = explained(design, &steps);
        assert!(lines.iter().any(|line| line.contains(&why)), "{lines:?}");
        let named = lines.iter().any(|line| line.contains(&kind(what)));
        assert!(named, "{what:?}: {lines:?}");
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
