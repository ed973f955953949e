//! What resources are like besides their documents, before and after each step.

use super::world::{journal, theirs, whole};
use crate::{
    connection::{Kind, fixture},
    plan::{file, setup},
    resources::step::Action,
};

#[test]
fn what_is_as_planned_is_what_we_make() {
    let kinds = [
        Kind::Role,
        Kind::LogGroup,
        Kind::Topic,
        Kind::Trail,
        Kind::TrailTopic,
    ];
    for (name, design) in fixture::every_feed() {
        let plan = setup(&design, &whole(&design), journal(None));
        let of_kinds = plan.settings.iter().filter(|one| {
            let ours = one.kind != Kind::Trail || design.own_trail();
            kinds.contains(&one.kind) && ours
        });
        for setting in of_kinds.flat_map(|one| &one.all) {
            let (found, made) = (setting.found.there(), setting.made.as_ref());
            assert_eq!(found, made, "{name}: {}", setting.name);
        }
    }
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
                    Action::Modify | Action::Restore | Action::Delete => true,
                };
                assert!(fits, "{name}: {} {line:?}", setting.name);
            }
        }
        let created = |kind: Kind| {
            let lines = file::lines(&plan.steps, &plan.settings);
            lines.into_iter().find(|line| line.kind == kind).unwrap()
        };
        let function = created(Kind::Function);
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
