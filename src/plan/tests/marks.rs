//! What Central claims to be ours, and what the marks in AWS show of it.

use super::world::{journal, manifest, nothing, whole};
use crate::{
    connection::{Feed, Kind, Organization, Ownership, Resource, Resources, fixture},
    plan::{
        claims, marked, marks,
        removal::{Others, removal},
        render, seen_marked, setup,
    },
    resources::{
        families::Observed,
        planned::Wishes,
        seen::{Mark, Seen},
    },
    ui::t,
};

/// A manifest that claims one thing.
fn claiming(kind: Kind, arn: &str, id: Option<&str>) -> Resources {
    let item = Resource {
        kind,
        arn: arn.to_owned(),
        id: id.map(ToOwned::to_owned),
        region: None,
        ownership: Ownership::Created,
        was_absent: None,
        digest: None,
    };
    Resources {
        items: vec![item],
        complete: true,
        ..Resources::default()
    }
}

#[test]
fn a_claim_of_another_account_region_or_partition_is_refused() {
    let design = fixture::design(Feed::New);
    for (kind, arn) in [
        (Kind::Role, "arn:aws:iam::999999999999:role/sophos-ct-demo"),
        (
            Kind::Role,
            "arn:aws-cn:iam::111122223333:role/sophos-ct-demo",
        ),
        (
            Kind::Topic,
            "arn:aws:sns:us-east-1:111122223333:sophos-ct-demo",
        ),
        (
            Kind::Trail,
            "arn:aws:cloudtrail:us-east-1:111122223333:trail/sophos-ct-demo",
        ),
    ] {
        let found = claims::foreign(&design, &claiming(kind, arn, None));
        let elsewhere = t!("claim-elsewhere", kind = render::kind(kind), arn = arn);
        assert_eq!(found, [elsewhere]);
    }
}

#[test]
fn a_claim_that_no_connection_of_this_design_can_have_is_refused() {
    let design = fixture::design(Feed::New);
    let names = [
        design.role_arn(),
        design.role_policy_name(),
        design.rule_arn(),
    ];
    let [role, policy, rule] = names.each_ref().map(String::as_str);
    for (kind, arn, id) in [
        // Neither kind nor ARN nor id alone makes it ours.
        (Kind::Role, "arn:aws:iam::111122223333:role/admin", None),
        (Kind::Function, role, None),
        (Kind::RolePolicy, role, Some("SophosCt-other-Forwarder")),
        (
            Kind::RolePolicy,
            "arn:aws:iam::111122223333:role/admin",
            Some(policy),
        ),
        // A part without an id, and a whole resource with one.
        (Kind::RolePolicy, role, None),
        (Kind::Role, role, Some(policy)),
        // A part that only another way to hear of log files has.
        (Kind::EventRule, rule, None),
        (Kind::Bucket, "sophos-ct-demo", None),
    ] {
        let found = claims::foreign(&design, &claiming(kind, arn, id));
        let shown = id.map_or_else(|| arn.to_owned(), |id| format!("{arn} ({id})"));
        let foreign = t!("claim-foreign", kind = render::kind(kind), arn = shown);
        assert_eq!(found, [foreign]);
    }
    let mut used = claiming(Kind::Role, "arn:aws:iam::111122223333:role/admin", None);
    used.items[0].ownership = Ownership::Used;
    assert_eq!(claims::foreign(&design, &used), [""; 0]);
}

#[test]
fn the_trail_of_an_organization_may_be_of_its_management_account() {
    let mut design = fixture::design(Feed::New);
    design.organization = Some(Organization {
        id: "o-abcdefghij".to_owned(),
        management: "999999999999".parse().unwrap(),
    });
    let trail = design.trail_arn();
    assert!(trail.contains(":999999999999:"), "{trail}");
    let found = claims::foreign(&design, &claiming(Kind::Trail, &trail, None));
    assert_eq!(found, [""; 0]);
    let another = trail.replace("trail/sophos-ct-demo", "trail/another");
    let found = claims::foreign(&design, &claiming(Kind::Trail, &another, None));
    let elsewhere = t!(
        "claim-elsewhere",
        kind = render::kind(Kind::Trail),
        arn = another
    );
    assert_eq!(found, [elsewhere]);
}

#[test]
fn a_foreign_claim_stops_setup_and_removal() {
    let design = fixture::design(Feed::New);
    let claimed = claiming(Kind::Role, "arn:aws:iam::111122223333:role/admin", None);
    let refused = claims::foreign(&design, &claimed);
    assert_eq!(refused.len(), 1);
    let seen = whole(&design);
    let plan = setup(&design, &seen, journal(Some(&claimed)));
    assert_eq!(plan.conflicts, refused);
    let (wishes, others) = (Wishes::default(), Others::default());
    let plan = removal(&design, &seen, &claimed, wishes, &others);
    assert_eq!(plan.conflicts, refused);
}

#[test]
fn a_connection_that_its_role_shows_in_another_region_is_a_conflict() {
    let design = fixture::design(Feed::New);
    let mut elsewhere = design.clone();
    elsewhere.region = "us-east-1".parse().unwrap();
    let conflict = t!(
        "conflict-region",
        name = design.name,
        region = "us-east-1",
        planned = design.region
    );
    let recorded = manifest(&design);
    let mut seen = whole(&design);
    let conflicts = |seen: &Observed| {
        let plan = setup(&design, seen, journal(Some(&recorded)));
        let (wishes, others) = (Wishes::default(), Others::default());
        let removal = removal(&design, seen, &recorded, wishes, &others);
        assert_eq!(
            plan.conflicts.contains(&conflict),
            removal.conflicts.contains(&conflict)
        );
        plan.conflicts
    };
    assert_eq!(conflicts(&seen), [""; 0]);
    if let Seen::There(role) = &mut seen.role {
        role.policy = Seen::There(elsewhere.role_policy());
    }
    assert_eq!(conflicts(&seen), std::slice::from_ref(&conflict));
    // The policy of a role that is not ours shows nothing.
    if let Seen::There(role) = &mut seen.role {
        role.owner.mark = Mark::None;
    }
    assert!(!conflicts(&seen).contains(&conflict));
}

/// A whole account with these marks on role, topic, function and bucket.
fn carrying(role: Mark, topic: Mark, function: Mark, bucket: Mark) -> Observed {
    let mut seen = whole(&fixture::design(Feed::New));
    if let Seen::There(state) = &mut seen.role {
        state.owner.mark = role;
    }
    if let Seen::There(state) = &mut seen.topic {
        state.owner.mark = topic;
    }
    if let Seen::There(state) = &mut seen.function {
        state.owner.mark = function;
    }
    if let Seen::There(Ok(state)) = &mut seen.bucket {
        state.owner.mark = bucket;
    }
    seen
}

#[test]
fn the_mark_of_the_bucket_counts_only_if_nothing_else_carries_one() {
    let of = |id: &str| Mark::Other(id.to_owned());
    let hidden = || Mark::Denied("iam:ListRoleTags");
    for (seen, expected) in [
        (carrying(Mark::Ours, Mark::Ours, Mark::Ours, Mark::Ours), ""),
        (
            carrying(hidden(), Mark::None, Mark::Ours, of("kept")),
            "kept",
        ),
        (
            carrying(of("one"), Mark::None, of("one"), of("kept")),
            "one",
        ),
        (
            carrying(of("one"), of("two"), Mark::None, Mark::None),
            "one, two",
        ),
        (nothing(), ""),
    ] {
        assert_eq!(Vec::from_iter(marks(&seen)).join(", "), expected);
    }
}

/// Kinds and part ids of entries.
fn parts(items: &[Resource]) -> Vec<(Kind, Option<&str>)> {
    let items = items.iter();
    items.map(|item| (item.kind, item.id.as_deref())).collect()
}

#[test]
fn only_what_carries_our_mark_is_listed_whatever_central_says() {
    let design = fixture::design(Feed::New);
    let found = seen_marked(&design, &whole(&design));
    let (policy, permission) = (design.role_policy_name(), design.permission_id());
    let function = design.function_arn();
    assert_eq!(
        parts(&found),
        [
            (Kind::Role, None),
            (Kind::RolePolicy, Some(policy.as_str())),
            (Kind::LogGroup, None),
            (Kind::Topic, None),
            (Kind::Function, None),
            (Kind::FunctionPermission, Some(permission.as_str())),
            (Kind::Subscription, Some(function.as_str())),
            (Kind::Trail, None),
        ]
    );
    let unmarked = carrying(Mark::None, Mark::None, Mark::None, Mark::None);
    assert_eq!(
        parts(&seen_marked(&design, &unmarked)),
        [(Kind::Trail, None)]
    );
    assert_eq!(parts(&seen_marked(&design, &nothing())), []);
}

#[test]
fn a_manifest_of_marks_is_complete_and_takes_all_of_it_for_created() {
    let design = fixture::design(Feed::New);
    let found = marked(&design, &whole(&design));
    assert!(found.complete);
    let statements: Vec<Option<&str>> = parts(&found.items)
        .into_iter()
        .filter(|(kind, _)| *kind == Kind::BucketPolicyStatement)
        .map(|(_, id)| id)
        .collect();
    let ids = design.bucket_statement_ids();
    let ids: Vec<Option<&str>> = ids.iter().map(|id| Some(id.as_str())).collect();
    assert_eq!(statements, ids);
    let created =
        |item: &Resource| item.ownership == Ownership::Created && item.was_absent == Some(true);
    assert!(found.items.iter().all(created), "{found:?}");
    // In an empty account, the name of the log group is the only mark that may be there.
    let found = marked(&design, &nothing());
    assert_eq!(parts(&found.items), [(Kind::LogGroup, None)]);
}
