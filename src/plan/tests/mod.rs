//! Plans of `setup` and `remove` for every family, in each state that can be seen of it. There is one table for each way to hear
//! of log files, and a line shows what is planned otherwise than in a whole account. The other files prove what the tables do not
//! show, each about one part of `plan`.

mod alarms;
mod cases;
mod documents;
mod drift;
mod evidence;
mod external;
mod heard;
mod known;
mod manifest;
mod marks;
mod obstacles;
mod placeholder;
mod removal;
mod screen;
mod settings;
mod tables;
mod template_marks;
mod templates;
mod words;
mod world;

use std::collections::BTreeSet;

use super::{
    claims, marked,
    removal::{Others, User, removal},
    setup,
};
use crate::{
    connection::{ConnectionId, Feed, Kind, Ownership, Resource, fixture},
    resources::{
        planned::{Journal, Wishes},
        seen::{Mark, Seen},
        trail,
    },
    ui::t,
};
use tables::{lines, removal_lines, table};
use world::{journal, manifest, trail_state, whole};

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
    let users = plan.kept_for().iter().map(User::said).collect();
    let more = [("conflict", plan.conflicts), ("shared with", users)];
    let text = lines(&design, &plan.steps, &more).join("\n");
    insta::assert_snapshot!("bucket_of_another_connection", text);
}

#[test]
fn a_region_full_of_trails_is_reported() {
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
    // A trail of another account, from an organization, may not count.
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
fn a_trail_of_an_organization_is_said_to_bring_the_logs_of_all_its_accounts() {
    let trail = fixture::their_trail();
    let design = fixture::design(Feed::Trail { trail });
    let notes = |organization: bool| {
        let mut seen = whole(&design);
        if let Seen::There(own) = &mut seen.trail.own {
            own.trail.organization = organization;
        }
        setup(&design, &seen, journal(None)).notes
    };
    let note = t!("note-organization-trail", arn = design.trail_arn());
    assert!(notes(true).contains(&note));
    assert!(!notes(false).contains(&note));
}

#[test]
fn the_manifest_combines_recorded_and_planned_ownership() {
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
    // The events were on before us, so they are not ours to turn off.
    let before = setup(&design, &whole(&design), journal(None)).manifest(&design, None, true);
    let item = before.find(
        Kind::BucketNotification,
        &design.bucket_arn(),
        Some("EventBridge"),
    );
    assert_eq!(item.unwrap().ownership, Ownership::Used);
}

#[test]
fn a_bucket_is_used_again_only_if_it_carries_the_mark_of_the_connection_that_kept_it() {
    let design = fixture::design(Feed::New);
    let kept = ConnectionId::random();
    let mark = Mark::Other(kept.to_string());
    let mut seen = whole(&design);
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.owner.mark = mark.clone();
    }
    let planned = |kept_from: ConnectionId| {
        let journal = Journal {
            kept_from: Some(kept_from),
            ..journal(None)
        };
        let plan = setup(&design, &seen, journal);
        let step = plan.steps.iter().find(|step| step.kind() == Kind::Bucket);
        let reason = step.and_then(|step| step.reason.clone());
        let items = plan.manifest(&design, None, true);
        let item = items.find(Kind::Bucket, &design.bucket_arn(), None);
        let ownership = item.map(|item| item.ownership);
        (reason, ownership, plan.conflicts)
    };
    let reason = t!("reason-kept", id = kept);
    assert_eq!(
        planned(kept),
        (Some(reason), Some(Ownership::Used), Vec::new())
    );
    let foreign = mark.complaint(&design.bucket_arn()).unwrap();
    assert_eq!(
        planned(ConnectionId::random()),
        (None, Some(Ownership::Created), vec![foreign])
    );
}
