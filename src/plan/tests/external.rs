//! Parts that a stack has made: `setup` leaves them as they are, and `remove` keeps them.

use std::collections::BTreeMap;

use super::world::{self, journal, nothing, whole};
use crate::{
    connection::{Design, Feed, Kind, Ownership, Resources, fixture},
    plan::{
        Adoption, Plan, give_to_stack, leave, marked, owner,
        removal::{Others, Removal, removal},
        seen_marked, setup, stack_stands, unread,
    },
    resources::{
        families::Observed,
        planned::{Advice, Wishes},
        seen::{Mark, Seen, Stack},
        step::Action,
    },
};

/// The digest of the code that the function of a whole account runs.
const CODE: &str = "";

/// The plan of a connection that a stack has made.
fn planned(design: &Design, seen: &Observed, recorded: Option<&Resources>) -> Plan {
    let mut plan = setup(design, seen, journal(recorded));
    let adoption = Adoption {
        complete: recorded.is_some(),
        environment: None,
        code: CODE,
    };
    leave(&mut plan, design, seen, adoption);
    plan
}

/// The manifest of a whole connection that a stack has made.
fn adopted(design: &Design) -> Resources {
    planned(design, &whole(design), None).manifest(design, None, true)
}

fn removed(design: &Design, seen: &Observed) -> Removal {
    let (manifest, wishes) = (adopted(design), Wishes::default());
    removal(design, seen, &manifest, wishes, &Others::default())
}

#[test]
fn what_a_stack_has_made_is_used_and_recorded_as_its_own() {
    // A template has nothing that changes the trail or the bucket of others.
    for (name, design) in fixture::every_feed().into_iter().take(2) {
        let plan = planned(&design, &whole(&design), None);
        assert_eq!(plan.conflicts, [""; 0], "{name}");
        assert!(
            plan.steps.iter().all(|step| step.action() == Action::Use),
            "{name}"
        );
        let manifest = adopted(&design);
        assert!(manifest.is_adopted(), "{name}");
        let mut items = manifest.items.iter();
        assert!(items.all(|item| !item.ownership.is_ours()), "{name}");
        let again = planned(&design, &whole(&design), Some(&manifest));
        assert!(!again.has_writes() && again.findings.is_empty(), "{name}");
        assert!(again.is_recorded(&manifest), "{name}");
        assert_eq!(again.manifest(&design, Some(&manifest), true), manifest);
    }
}

#[test]
fn what_is_used_anyway_is_not_the_stacks() {
    let trail = fixture::their_trail();
    let design = fixture::design(Feed::Subscribe { trail });
    let manifest = adopted(&design);
    let trail = manifest.find(Kind::Trail, &design.trail_arn(), None);
    assert_eq!(trail.unwrap().ownership, Ownership::Used);
    assert!(manifest.says_external(Kind::Function, &design.function_arn()));
}

#[test]
fn what_is_missing_or_differs_is_a_conflict_at_first_and_a_finding_later() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    seen.trail.own = Seen::Absent;
    if let Seen::There(state) = &mut seen.function {
        state.runtime = "provided.al2".to_owned();
    }
    let first = planned(&design, &seen, None);
    assert!(!first.has_writes());
    assert_eq!(first.advice, [Advice::Stack; 2]);
    let named = |texts: &[String], arn: &str| texts.iter().any(|text| text.contains(arn));
    assert!(named(&first.conflicts, &design.trail_arn()));
    assert!(named(&first.conflicts, &design.function_arn()));
    assert!(named(&first.conflicts, "provided.al2"));
    let manifest = adopted(&design);
    let later = planned(&design, &seen, Some(&manifest));
    assert!(!later.has_writes());
    assert_eq!(later.conflicts, [""; 0]);
    let kinds: Vec<Kind> = later.findings.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(kinds, [Kind::Function, Kind::Trail]);
}

#[test]
fn variables_that_differ_are_named() {
    let design = fixture::design(Feed::New);
    let seen = whole(&design);
    let there = seen.function.there().unwrap();
    let mut expected: BTreeMap<String, String> = there.environment.clone();
    expected.insert("ANOTHER".to_owned(), "1".to_owned());
    let mut plan = setup(&design, &seen, journal(None));
    let adoption = Adoption {
        complete: false,
        environment: Some(&expected),
        code: CODE,
    };
    leave(&mut plan, &design, &seen, adoption);
    assert_eq!(plan.conflicts.len(), 1);
    assert!(
        plan.conflicts[0].ends_with(": ANOTHER"),
        "{:?}",
        plan.conflicts
    );
}

#[test]
fn a_removal_keeps_what_stands_until_it_is_gone() {
    let design = fixture::design(Feed::New);
    let whole_removal = removed(&design, &whole(&design));
    assert_eq!(whole_removal.conflicts, [""; 0]);
    let mut steps = whole_removal.steps.iter();
    assert!(steps.all(|step| step.action() == Action::Keep));
    for arn in [
        design.trail_arn(),
        design.function_arn(),
        design.topic_arn(),
        design.role_arn(),
    ] {
        let mut stays = whole_removal.of_stack.iter();
        assert!(stays.any(|text| text.contains(&arn)), "{arn}");
    }
    let gone = removed(&design, &nothing());
    assert!(gone.steps.is_empty() && gone.of_stack.is_empty());
    // The log files and the function's own log may outlive the stack.
    let mut outlived = nothing();
    outlived.bucket = whole(&design).bucket;
    outlived.log_group = whole(&design).log_group;
    let kept = removed(&design, &outlived);
    let kinds: Vec<Kind> = kept.steps.iter().map(|step| step.kind()).collect();
    assert_eq!(kinds, [Kind::Bucket, Kind::LogGroup]);
    assert_eq!((kept.unread.len(), kept.of_stack.len()), (0, 0));
}

#[test]
fn a_part_counts_as_gone_only_if_that_is_seen() {
    let design = fixture::design(Feed::New);
    let with = |mark: Mark| {
        let mut seen = nothing();
        seen.function = whole(&design).function;
        if let Seen::There(state) = &mut seen.function {
            state.owner.mark = mark;
        }
        removed(&design, &seen).of_stack.len()
    };
    assert_eq!(with(Mark::Ours), 1);
    assert_eq!(with(Mark::None), 1);
    assert_eq!(with(Mark::Denied("lambda:GetFunction")), 1);
    // Somebody else has the name.
    assert_eq!(with(Mark::Other("another".to_owned())), 0);
    let mut hidden = nothing();
    hidden.function = Seen::Denied("lambda:GetFunction");
    let removal = removed(&design, &hidden);
    assert_eq!(removal.conflicts.len(), 1);
    assert!(removal.conflicts[0].contains("lambda:GetFunction"));
}

#[test]
fn the_stack_is_named_where_aws_shows_it() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    let nameless = removed(&design, &seen).stack_hint.unwrap();
    assert!(!nameless.contains("delete-stack"), "{nameless}");
    // The bucket may be of another stack than the parts that stand.
    let mut of_two = whole(&design);
    if let Seen::There(state) = &mut of_two.topic {
        state.owner.stack = stack();
    }
    if let Seen::There(Ok(state)) = &mut of_two.bucket {
        let name = Some("company-logging".to_owned());
        state.owner.stack = Some(Stack { name });
    }
    assert!(!owner(&of_two).contains("company-logging"));
    if let Seen::There(state) = &mut seen.function {
        let version = ("sophos-ct:version".to_owned(), "0.0.9".to_owned());
        state.owner.tags = Seen::There(BTreeMap::from([version]));
        let name = Some("logs".to_owned());
        state.owner.stack = Some(Stack { name });
    }
    assert!(owner(&seen).contains("logs"));
    let hint = removed(&design, &seen).stack_hint.unwrap();
    let command = "aws cloudformation delete-stack --stack-name logs --region eu-west-1";
    assert!(hint.contains(command), "{hint}");
    let manifest = planned(&design, &seen, None).manifest(&design, None, true);
    assert_eq!(manifest.forwarder_version.as_deref(), Some("0.0.9"));
    // Also without Central.
    assert!(marked(&design, &seen).is_adopted());
}

/// Marks a part as made by a stack.
type Marking = fn(&mut Observed);

fn stack() -> Option<Stack> {
    Some(Stack::default())
}

/// A connection with a topic and alarms, and one that EventBridge notifies.
fn with_every_part() -> [Design; 2] {
    let mut new = fixture::design(Feed::New);
    new.alarm = Some("arn:aws:sns:eu-west-1:111122223333:pager".parse().unwrap());
    [
        new,
        fixture::design(Feed::EventBridge {
            trail: Some(fixture::their_trail()),
        }),
    ]
}

/// Parts that can show by themselves that their stack is there, each with a connection that has it.
fn marked_parts() -> [(Kind, Design, Marking); 7] {
    let [new, bridged] = with_every_part();
    [
        (Kind::Role, new.clone(), |seen| {
            if let Seen::There(state) = &mut seen.role {
                state.owner.stack = stack();
            }
        }),
        (Kind::Topic, new.clone(), |seen| {
            if let Seen::There(state) = &mut seen.topic {
                state.owner.stack = stack();
            }
        }),
        (Kind::Trail, new.clone(), |seen| {
            if let Seen::There(state) = &mut seen.trail.own {
                state.owner.stack = stack();
            }
        }),
        (Kind::Function, new.clone(), |seen| {
            if let Seen::There(state) = &mut seen.function {
                state.owner.stack = stack();
            }
        }),
        (Kind::EventRule, bridged, |seen| {
            if let Seen::There(state) = &mut seen.event_rule {
                state.owner.stack = stack();
            }
        }),
        (Kind::Alarm, new.clone(), |seen| {
            if let Seen::There(state) = &mut seen.alarm.failures {
                state.owner.stack = stack();
            }
        }),
        (Kind::Alarm, new, |seen| {
            if let Seen::There(state) = &mut seen.alarm.silence {
                state.owner.stack = stack();
            }
        }),
    ]
}

/// Makes the mark on the role unreadable, or that on the topic if the role shows the stack. Returns its ARN.
fn hide_another(part: Kind, design: &Design, seen: &mut Observed) -> String {
    if part == Kind::Role {
        if let Seen::There(state) = &mut seen.topic {
            state.owner.mark = Mark::Denied("sns:ListTagsForResource");
        }
        return design.topic_arn();
    }
    if let Seen::There(state) = &mut seen.role {
        state.owner.mark = Mark::Denied("iam:GetRole");
    }
    design.role_arn()
}

#[test]
fn one_part_that_shows_a_stack_gives_it_everything() {
    let (wishes, others) = (Wishes::default(), Others::default());
    for (part, design, marking) in marked_parts() {
        let mut seen = whole(&design);
        marking(&mut seen);
        if part != Kind::Function {
            seen.function = Seen::Absent;
        }
        let hidden = hide_another(part, &design, &mut seen);
        assert!(stack_stands(&seen), "{part:?}");
        let manifest = marked(&design, &seen);
        let mut items = manifest.items.iter();
        assert!(items.all(|item| !item.ownership.is_ours()), "{part:?}");
        assert_eq!(unread(&design, &seen, &manifest), [], "{part:?}");
        let plan = removal(&design, &seen, &manifest, wishes, &others);
        assert_eq!(plan.conflicts, [""; 0], "{part:?}");
        let mut steps = plan.steps.iter();
        assert!(steps.all(|step| step.action() == Action::Keep), "{part:?}");
        let mut stays = plan.of_stack.iter();
        assert!(stays.any(|text| text.contains(&hidden)), "{part:?}");
        assert!(
            seen_marked(&design, &seen)
                .iter()
                .all(|item| item.ownership == Ownership::External)
        );
    }
}

#[test]
fn a_bucket_that_has_outlived_its_stack_is_kept_alone() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(Ok(state)) = &mut seen.bucket {
        state.owner.stack = stack();
    }
    assert!(!stack_stands(&seen));
    let mut recorded = world::manifest(&design);
    give_to_stack(&mut recorded.items, &seen);
    let wishes = Wishes {
        delete_logs: true,
        ..Wishes::default()
    };
    for manifest in [marked(&design, &seen), recorded] {
        for item in &manifest.items {
            let of_stack = matches!(item.kind, Kind::Bucket | Kind::Lifecycle);
            assert_eq!(item.ownership == Ownership::External, of_stack, "{item:?}");
        }
        let plan = removal(&design, &seen, &manifest, wishes, &Others::default());
        assert_eq!(plan.conflicts, [""; 0]);
        assert_eq!(plan.of_stack, [""; 0]);
        let kept = plan.steps.iter().filter(|step| !step.writes());
        let kept: Vec<Kind> = kept.map(|step| step.kind()).collect();
        assert_eq!(kept, [Kind::Bucket]);
    }
    // What cannot be read may be setup's as well.
    hide_another(Kind::Role, &design, &mut seen);
    let manifest = marked(&design, &seen);
    let unread = unread(&design, &seen, &manifest);
    let arns: Vec<&str> = unread.iter().map(|one| one.arn.as_str()).collect();
    assert_eq!(arns, [design.topic_arn()]);
}

#[test]
fn the_stack_of_what_is_not_marked_owns_nothing_of_ours() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(Ok(state)) = &mut seen.bucket {
        state.owner.mark = Mark::None;
        state.owner.stack = Some(Stack::default());
    }
    assert!(!marked(&design, &seen).is_adopted());
}

#[test]
fn other_code_is_a_conflict_at_first_and_a_note_later() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(state) = &mut seen.function {
        state.code_sha256 = "found".to_owned();
    }
    for (code, complete, conflicts, notes) in [
        ("found", false, 0, 0),
        ("right", false, 1, 0),
        ("right", true, 0, 1),
    ] {
        let mut plan = setup(&design, &seen, journal(None));
        let before = plan.notes.len();
        let adoption = Adoption {
            complete,
            environment: None,
            code,
        };
        leave(&mut plan, &design, &seen, adoption);
        let counted = (plan.conflicts.len(), plan.notes.len() - before);
        assert_eq!(counted, (conflicts, notes), "{code} {complete}");
        let mut said = plan.conflicts.iter().chain(&plan.notes[before..]);
        assert!(said.all(|text| text.contains("found") && text.contains("right")));
    }
}
