//! The documents that a plan writes: what is not ours stays byte for byte, and `remove` leaves what was there before.

use aws_sdk_s3::types::{
    Event, ExpirationStatus, FilterRule, FilterRuleName, LifecycleExpiration, LifecycleRule,
    NotificationConfiguration, NotificationConfigurationFilter, QueueConfiguration, S3KeyFilter,
    TopicConfiguration,
};
use serde_json::json;

use super::world::{document, journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, Ownership, fixture},
    plan::{
        Plan,
        documents::documents,
        removal::{Others, removal},
        render, setup,
    },
    policy,
    resources::{
        bucket,
        document::Written,
        families::Observed,
        planned::Wishes,
        seen::{Mark, Owner, Seen},
    },
    ui::{
        layout::Width,
        page::{Page, Tone},
        t,
    },
};

fn first(design: &Design, seen: &Observed) -> Plan {
    setup(design, seen, journal(None))
}

fn of_kind(documents: &[Written], kind: Kind) -> &Written {
    let mut documents = documents.iter();
    documents.find(|document| document.kind == kind).unwrap()
}

/// The documents of a removal, where something may only be used and not ours.
fn removed(design: &Design, seen: &Observed, used: Option<Kind>) -> Vec<Written> {
    let mut recorded = manifest(design);
    for item in &mut recorded.items {
        if Some(item.kind) == used {
            item.ownership = Ownership::Used;
        }
    }
    let others = Others::default();
    let plan = removal(design, seen, &recorded, Wishes::default(), &others);
    documents(design, seen, &plan.steps)
}

fn page(plan: &Plan, columns: usize, words: bool) -> Page {
    let width = Width::of_columns(columns);
    render::documents(&plan.documents, &plan.steps, false, width, words)
}

/// The lines of a page, each behind what it means.
fn text(page: &Page) -> String {
    let lines = page.lines.iter().map(|line| {
        let tone = format!("{:?}", line.tone);
        format!("{tone:<8}|{}", line.text)
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A bucket that was there before us, with a policy of its own.
fn their_bucket() -> Observed {
    Observed {
        bucket: Seen::There(Ok(bucket::state::State {
            owner: Owner {
                mark: Mark::None,
                stack: None,
                tags: Seen::Absent,
            },
            policy: Seen::There(document(&[])),
            untouched: false,
            rules: Seen::Absent,
        })),
        ..nothing()
    }
}

/// Notifications of others: a queue gets what is written below a folder.
fn their_notifications() -> NotificationConfiguration {
    let rule = FilterRule::builder()
        .name(FilterRuleName::Prefix)
        .value("reports/");
    let key = S3KeyFilter::builder().filter_rules(rule.build()).build();
    let queue = QueueConfiguration::builder()
        .id("theirs")
        .queue_arn("arn:aws:sqs:eu-west-1:111122223333:theirs")
        .events(Event::S3ObjectCreated)
        .filter(NotificationConfigurationFilter::builder().key(key).build())
        .build()
        .unwrap();
    NotificationConfiguration::builder()
        .queue_configurations(queue)
        .build()
}

/// What is seen of a bucket with these notifications.
fn notifying(design: &Design, seen: Observed, document: NotificationConfiguration) -> Observed {
    let notification = seen.notification.map(|mut found| {
        found.empty = false;
        found.document = document;
        found
    });
    assert!(!notification.is_absent(), "{:?}", design.feed);
    Observed {
        notification,
        ..seen
    }
}

#[test]
fn a_first_run_writes_our_documents_whole() {
    let design = fixture::design(Feed::New);
    let plan = first(&design, &nothing());
    let kinds: Vec<Kind> = plan.documents.iter().map(|one| one.kind).collect();
    let expected = [
        Kind::Role,
        Kind::RolePolicy,
        Kind::TopicPolicyStatement,
        Kind::BucketPolicyStatement,
        Kind::Lifecycle,
        Kind::FunctionPermission,
    ];
    assert_eq!(kinds, expected);
    assert!(plan.documents.iter().all(|one| one.before.is_absent()));
    let after = |kind| of_kind(&plan.documents, kind).after.clone().unwrap();
    assert_eq!(after(Kind::Role), design.trust());
    assert_eq!(after(Kind::RolePolicy), design.role_policy());
    let bucket = policy::statements(&after(Kind::BucketPolicyStatement));
    assert_eq!(bucket, design.bucket_statements());
    // SNS has given the topic a statement of its own by then.
    let topic = policy::statements(&after(Kind::TopicPolicyStatement));
    assert_eq!(topic[0]["Sid"], "__default_statement_ID");
    assert_eq!(topic[1..], design.topic_statements());
    insta::assert_snapshot!("first_new", text(&page(&plan, 80, false)));
    // Without a change there is nothing to show.
    assert_eq!(first(&design, &whole(&design)).documents, []);
}

#[test]
fn what_others_have_in_a_bucket_policy_stays_byte_for_byte() {
    let design = fixture::design(Feed::New);
    let plan = first(&design, &their_bucket());
    let written = of_kind(&plan.documents, Kind::BucketPolicyStatement);
    let (before, after) = (document(&[]), written.after.clone().unwrap());
    assert_eq!(written.before, Seen::There(before.clone()));
    let (before, after) = (policy::statements(&before), policy::statements(&after));
    assert_eq!(after[0].to_string(), before[0].to_string());
    assert_eq!(after[1..], design.bucket_statements());
    let page = page(&plan, 80, false);
    assert!(page.lines.iter().all(|line| line.tone != Tone::Removed));
    // What is yours comes before what is ours.
    let headings = page.lines.iter().filter(|line| line.tone == Tone::Heading);
    let headings: Vec<&str> = headings.map(|line| line.text.trim()).collect();
    assert_eq!(headings, [t!("group-yours-changed"), t!("group-new")]);
    insta::assert_snapshot!("their_bucket", text(&page));
}

#[test]
fn notifications_of_others_stay_byte_for_byte() {
    let design = fixture::design(Feed::Bucket { trail: None });
    let seen = notifying(&design, theirs(&design), their_notifications());
    let plan = first(&design, &seen);
    let written = of_kind(&plan.documents, Kind::BucketNotification);
    let queue = json!([{
        "Id": "theirs",
        "QueueArn": "arn:aws:sqs:eu-west-1:111122223333:theirs",
        "Events": ["s3:ObjectCreated:*"],
        "Filter": { "Key": { "FilterRules": [{ "Name": "prefix", "Value": "reports/" }] } },
    }]);
    let before = json!({ "QueueConfigurations": queue });
    assert_eq!(written.before, Seen::There(before));
    let after = written.after.as_ref().unwrap();
    let theirs = &after["QueueConfigurations"];
    assert_eq!(theirs.to_string(), queue.to_string());
    let ours = &after["TopicConfigurations"];
    assert_eq!(ours.as_array().unwrap().len(), 1);
    assert_eq!(ours[0]["Id"], design.notification_id());
    assert_eq!(ours[0]["TopicArn"], design.topic_arn());
    insta::assert_snapshot!("their_notifications", text(&page(&plan, 80, false)));
}

#[test]
fn events_to_eventbridge_are_the_only_change_of_the_notifications() {
    let design = fixture::design(Feed::EventBridge { trail: None });
    let seen = notifying(&design, theirs(&design), their_notifications());
    let plan = first(&design, &seen);
    let written = of_kind(&plan.documents, Kind::BucketNotification);
    let mut expected = written.before.there().unwrap().clone();
    expected["EventBridgeConfiguration"] = json!({});
    assert_eq!(written.after, Some(expected));
}

#[test]
fn a_removal_leaves_what_was_there_before() {
    let design = fixture::design(Feed::New);
    let documents = removed(&design, &whole(&design), None);
    let written = of_kind(&documents, Kind::BucketPolicyStatement);
    assert_eq!(written.after, Some(document(&[])));
    let written = of_kind(&documents, Kind::RolePolicy);
    assert_eq!(written.before, Seen::There(design.role_policy()));
    assert_eq!(written.after, None);
    // Our statement is taken out of a topic that is not ours.
    let documents = removed(&design, &whole(&design), Some(Kind::Topic));
    let written = of_kind(&documents, Kind::TopicPolicyStatement);
    assert_eq!(written.after, Some(document(&[])));
    // A bucket policy with nothing but our statements was not there before.
    let mut seen = whole(&design);
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.policy = Seen::There(policy::merge(None, &design.bucket_statements()));
    }
    let documents = removed(&design, &seen, None);
    let written = of_kind(&documents, Kind::BucketPolicyStatement);
    assert_eq!(written.after, None);
}

#[test]
fn a_removal_leaves_the_notifications_of_others() {
    let design = fixture::design(Feed::Bucket { trail: None });
    let ours = TopicConfiguration::builder()
        .id(design.notification_id())
        .topic_arn(design.topic_arn())
        .events(Event::S3ObjectCreated)
        .build()
        .unwrap();
    let mut both = their_notifications();
    both.topic_configurations = Some(vec![ours.clone()]);
    let seen = notifying(&design, whole(&design), both);
    let documents = removed(&design, &seen, None);
    let written = of_kind(&documents, Kind::BucketNotification);
    let before = notifying(&design, theirs(&design), their_notifications());
    let before = first(&design, &before).documents;
    let before = of_kind(&before, Kind::BucketNotification);
    assert_eq!(written.after.as_ref(), before.before.there());
    // With none but ours, the bucket has no notifications afterwards.
    let alone = NotificationConfiguration::builder().topic_configurations(ours);
    let seen = notifying(&design, whole(&design), alone.build());
    let documents = removed(&design, &seen, None);
    assert_eq!(of_kind(&documents, Kind::BucketNotification).after, None);
}

#[test]
fn a_document_that_cannot_be_read_is_named() {
    let design = fixture::design(Feed::New);
    let recorded = manifest(&design);
    let mut seen = whole(&design);
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.policy = Seen::Denied("s3:GetBucketPolicy");
    }
    let plan = setup(&design, &seen, journal(Some(&recorded)));
    let written = of_kind(&plan.documents, Kind::BucketPolicyStatement);
    assert_eq!(written.before, Seen::Denied("s3:GetBucketPolicy"));
    assert_eq!(written.after, None);
    let unread = t!("document-unread", action = "s3:GetBucketPolicy");
    assert!(text(&page(&plan, 80, false)).contains(&unread));
}

#[test]
fn lifecycle_rules_of_others_stay_beside_ours() {
    let design = fixture::design(Feed::New);
    let first = first(&design, &nothing());
    let written = of_kind(&first.documents, Kind::Lifecycle);
    let after = written.after.as_ref().unwrap();
    let ours = after["Rules"][0].clone();
    assert_eq!(ours["ID"], design.id.part("Expiry"));
    assert_eq!(ours["Filter"]["Prefix"], design.log_prefix());
    assert_eq!(ours["Expiration"]["Days"], 365);

    // A rule of ours with other days is replaced.
    let rule = |id: &str, days| {
        let expires = LifecycleExpiration::builder().days(days).build();
        let rule = LifecycleRule::builder().id(id).expiration(expires);
        rule.status(ExpirationStatus::Enabled).build().unwrap()
    };
    let mut seen = whole(&design);
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.rules = Seen::There(vec![rule("theirs", 1), rule(&design.id.part("Expiry"), 7)]);
    }
    let recorded = manifest(&design);
    let plan = setup(&design, &seen, journal(Some(&recorded)));
    let written = of_kind(&plan.documents, Kind::Lifecycle);
    let before = written.before.there().unwrap();
    let theirs = json!({ "ID": "theirs", "Status": "Enabled", "Expiration": { "Days": 1 } });
    assert_eq!(before["Rules"][0], theirs);
    let after = written.after.as_ref().unwrap();
    assert_eq!(after, &json!({ "Rules": [theirs, ours] }));
    let shown = text(&page(&plan, 80, false));
    assert!(shown.contains(&t!("document-lifecycle")), "{shown}");
}

#[test]
fn the_policy_of_the_function_gets_our_permission_and_goes_with_the_function() {
    let design = fixture::design(Feed::New);
    let first = first(&design, &nothing());
    let written = of_kind(&first.documents, Kind::FunctionPermission);
    assert_eq!(written.before, Seen::Absent);
    let after = written.after.clone().unwrap();
    let ours = &policy::statements(&after)[0];
    assert_eq!(ours["Sid"], design.permission_id());
    assert_eq!(ours["Principal"]["Service"], "sns.amazonaws.com");
    let shown = text(&page(&first, 80, false));
    assert!(shown.contains(&t!("document-function-policy")), "{shown}");

    let documents = removed(&design, &whole(&design), None);
    let written = of_kind(&documents, Kind::FunctionPermission);
    assert!(written.before.there().is_some());
    assert_eq!(written.after, None);
    // A function without a policy loses none.
    let mut seen = whole(&design);
    if let Seen::There(function) = &mut seen.function {
        function.policy = Seen::Absent;
    }
    let documents = removed(&design, &seen, None);
    let mut kinds = documents.iter().map(|one| one.kind);
    assert!(kinds.all(|kind| kind != Kind::FunctionPermission));
}

#[test]
fn a_policy_and_rules_that_cannot_be_read_are_named() {
    let design = fixture::design(Feed::New);
    let recorded = manifest(&design);
    let mut seen = whole(&design);
    if let Seen::There(function) = &mut seen.function {
        function.policy = Seen::Denied("lambda:GetPolicy");
    }
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.rules = Seen::Denied("s3:GetLifecycleConfiguration");
    }
    let plan = setup(&design, &seen, journal(Some(&recorded)));
    for (kind, action) in [
        (Kind::FunctionPermission, "lambda:GetPolicy"),
        (Kind::Lifecycle, "s3:GetLifecycleConfiguration"),
    ] {
        let written = of_kind(&plan.documents, kind);
        assert_eq!(written.before, Seen::Denied(action));
        assert_eq!(written.after, None);
    }
}

#[test]
fn a_repair_of_the_boundary_alone_leaves_the_trust() {
    let mut design = fixture::design(Feed::New);
    let seen = whole(&design);
    let boundary = "arn:aws:iam::111122223333:policy/limit";
    design.permissions_boundary = Some(boundary.parse().unwrap());
    let plan = first(&design, &seen);
    assert!(plan.has_writes());
    assert_eq!(plan.documents, []);
}

#[test]
fn screen_readers_hear_words_and_no_line_is_longer_than_the_terminal() {
    let design = fixture::design(Feed::New);
    let plan = first(&design, &their_bucket());
    let heard = page(&plan, 80, true);
    let added = heard.lines.iter().filter(|line| line.tone == Tone::Added);
    let added: Vec<&str> = added.map(|line| line.text.trim_start()).collect();
    let words = [t!("document-added"), t!("verb-create")];
    let by_word = |line: &&str| words.iter().any(|word| line.starts_with(word.as_str()));
    assert!(!added.is_empty());
    // What goes on in the next line has no word of its own.
    assert!(added.iter().filter(|line| by_word(line)).count() > 20);
    assert!(added.iter().all(|line| !line.starts_with('+')), "{added:?}");
    for columns in [60, 80, 120] {
        for line in &page(&plan, columns, false).lines {
            let taken = console::measure_text_width(&line.text);
            assert!(taken <= columns, "{columns}: {}", line.text);
        }
    }
}
