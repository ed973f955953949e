//! What resources are like besides their documents, before and after each step.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::world::{deployment, journal, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, fixture},
    plan::{
        file::{self, Line},
        setup,
    },
    resources::{families::Observed, function, planned::Journal, seen::Seen, step::Action},
};

/// One design for each way to hear of log files, and one with alarms.
fn designs() -> Vec<(&'static str, Design)> {
    let mut designs = fixture::every_feed().to_vec();
    let mut alarms = fixture::design(Feed::New);
    alarms.alarm = Some("arn:aws:sns:eu-west-1:111122223333:pager".parse().unwrap());
    designs.push(("alarms", alarms));
    designs
}

/// The step of `setup` on a kind of resource, with its settings.
fn line(design: &Design, seen: &Observed, kind: Kind) -> Line {
    let plan = setup(design, seen, journal(None));
    let mut lines = file::lines(&plan.steps, &plan.settings).into_iter();
    lines.find(|line| line.kind == kind).unwrap()
}

fn setting<'a>(line: &'a Line, name: &str) -> &'a file::Setting {
    let mut settings = line.settings.iter();
    settings.find(|one| one.name == name).unwrap()
}

#[test]
fn what_is_as_planned_is_what_we_make() {
    for (name, design) in designs() {
        let deployment = deployment(&design);
        let digest = deployment.package.sha256_hex();
        let journal = Journal {
            deployment: Some(&deployment),
            package_digest: &digest,
            ..journal(None)
        };
        let mut seen = whole(&design);
        if let Seen::There(function) = &mut seen.function {
            function.code_sha256 = deployment.package.sha256_base64();
        }
        let plan = setup(&design, &seen, journal);
        let compared = plan.settings.iter().filter(|one| {
            let ours = one.kind != Kind::Trail || design.own_trail();
            // How a subscription is made cannot be read.
            one.kind != Kind::Subscription && ours
        });
        for setting in compared.flat_map(|one| &one.all) {
            let (found, made) = (setting.found.there(), setting.made.as_ref());
            assert_eq!(found, made, "{name}: {}", setting.name);
        }
    }
}

/// What only the creation of a resource writes, besides its tags.
const ONCE: [(Kind, &str); 8] = [
    (Kind::Alarm, "ActionsEnabled"),
    (Kind::EventRule, "Targets.theirs"),
    (Kind::Function, "Layers"),
    (Kind::Function, "MemorySize"),
    (Kind::Function, "Timeout"),
    (Kind::Role, "PermissionsBoundary"),
    (Kind::Topic, "KmsMasterKeyId"),
    (Kind::Trail, "KmsKeyId"),
];

#[test]
fn what_mends_a_resource_leaves_what_only_its_creation_writes() {
    let found = json!("as others made it");
    let mut once = BTreeSet::new();
    for (name, design) in designs() {
        let mut seen = whole(&design);
        if let Seen::There(rule) = &mut seen.event_rule
            && let Seen::There(targets) = &mut rule.targets
        {
            let called = ("arn:aws:sqs:eu-west-1:111122223333:theirs".to_owned(), None);
            targets.insert("theirs".to_owned(), called);
        }
        for one in setup(&design, &seen, journal(None)).settings {
            for mut setting in one.all {
                setting.found = Seen::There(found.clone());
                let after = setting.after(Action::Modify).cloned();
                let left = after.as_ref() == Some(&found);
                if setting.is_tag() {
                    assert!(left, "{name}: {}", setting.name);
                } else if left {
                    once.insert((one.kind.as_str(), setting.name));
                } else {
                    assert_eq!(after, setting.made, "{name}: {}", setting.name);
                }
            }
        }
    }
    let expected = ONCE.map(|(kind, name)| (kind.as_str(), name.to_owned()));
    assert_eq!(once, BTreeSet::from(expected));
}

#[test]
fn a_boundary_that_the_design_has_is_mended() {
    let mut design = fixture::design(Feed::New);
    let boundary = "arn:aws:iam::111122223333:policy/boundary";
    design.permissions_boundary = Some(boundary.parse().unwrap());
    let role = line(&design, &whole(&design), Kind::Role);
    assert_eq!(role.action, Action::Modify);
    let after = setting(&role, "PermissionsBoundary").after.as_ref();
    assert_eq!(after, Some(&Value::from(boundary)));
}

#[test]
fn a_step_that_mends_says_what_it_leaves() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    if let Seen::There(function) = &mut seen.function {
        function.runtime = "provided.al2".to_owned();
        function.timeout = Some(900);
        function.owner.tags = Seen::Absent;
    }
    let function = line(&design, &seen, Kind::Function);
    assert_eq!(function.action, Action::Modify);
    for (name, before, after) in [
        ("Runtime", json!("provided.al2"), json!("provided.al2023")),
        ("Timeout", json!(900), json!(900)),
        ("MemorySize", json!(128), json!(128)),
    ] {
        let setting = setting(&function, name);
        assert_eq!(setting.before, Some(before), "{name}");
        assert_eq!(setting.after, Some(after), "{name}");
    }
    let mut settings = function.settings.iter();
    assert!(settings.all(|one| !one.name.starts_with("Tags.")));
}

#[test]
fn only_variables_that_we_make_are_told_in_clear() {
    let design = fixture::design(Feed::New);
    let ours = || function::environment(&design, "https://ingest", &[], Some("http://localhost"));
    let with = |theirs: &str| {
        let mut seen = whole(&design);
        if let Seen::There(function) = &mut seen.function {
            function.environment = ours();
            let (name, value) = ("DATABASE_PASSWORD".to_owned(), theirs.to_owned());
            function.environment.insert(name, value);
        }
        line(&design, &seen, Kind::Function)
    };
    let told = |line: &Line, name: &str| {
        let setting = setting(line, &format!("Environment.{name}"));
        setting.before.clone().unwrap()
    };
    let (one, other) = (with("hunter2"), with("hunter3"));
    for (name, value) in ours() {
        assert_eq!(told(&one, &name), Value::from(value), "{name}");
    }
    let theirs = told(&one, "DATABASE_PASSWORD");
    assert!(!theirs.to_string().contains("hunter2"), "{theirs}");
    assert_ne!(theirs, told(&other, "DATABASE_PASSWORD"));
}

#[test]
fn targets_that_cannot_be_listed_are_unread_and_not_missing() {
    let (_, design) = fixture::every_feed().into_iter().next_back().unwrap();
    let mut seen = whole(&design);
    if let Seen::There(rule) = &mut seen.event_rule {
        rule.targets = Seen::Denied("events:ListTargetsByRule");
    }
    let rule = line(&design, &seen, Kind::EventRule);
    let mut settings = rule.settings.iter();
    let target = settings.find(|one| one.name.starts_with("Targets."));
    let target = target.unwrap();
    assert_eq!(target.before, None);
    assert_eq!(target.unread.as_deref(), Some("events:ListTargetsByRule"));
}

#[test]
fn what_is_created_was_not_there_and_what_is_not_touched_stays() {
    for (name, design) in fixture::every_feed() {
        let plan = setup(&design, &theirs(&design), journal(None));
        for line in file::lines(&plan.steps, &plan.settings) {
            for setting in &line.settings {
                let fits = match line.action {
                    Action::Create => setting.before.is_none(),
                    Action::Use | Action::Keep => setting.before == setting.after,
                    // Nothing else is there yet that could be mended.
                    Action::Modify => line.kind == Kind::TrailTopic && setting.after.is_some(),
                    Action::Restore | Action::Delete => false,
                };
                assert!(fits, "{name}: {} {line:?}", setting.name);
            }
        }
        let function = line(&design, &theirs(&design), Kind::Function);
        let names = function.settings.iter().map(|one| one.name.as_str());
        let names: Vec<&str> = names.collect();
        for part in [
            "Role",
            "Timeout",
            "MemorySize",
            "Environment.SOPHOS_CT_BUCKET",
        ] {
            assert!(names.contains(&part), "{name}: {names:?}");
        }
    }
}
