//! Plans as lines of text, and the table of a design: what is planned in each case otherwise than in a whole account.

use super::{
    cases::{Case, cases},
    world::{journal, manifest, whole},
};
use crate::{
    connection::{Design, Resources},
    plan::{
        removal::{Others, User, removal},
        setup,
    },
    resources::{
        families::{Observed, Step},
        planned::Wishes,
        step::IfDenied,
    },
};

/// Plans of `setup` and `remove` for a whole account, and for each case the lines that differ from them.
pub(super) fn table(design: &Design) -> String {
    let recorded = manifest(design);
    let delete = Wishes {
        delete_logs: true,
        ..Wishes::default()
    };
    let seen = whole(design);
    let first = setup_lines(design, &seen, None);
    let again = setup_lines(design, &seen, Some(&recorded));
    let remove = removal_lines(design, &seen, &recorded, Wishes::default());
    let remove_logs = removal_lines(design, &seen, &recorded, delete);
    let mut table = format!(
        "whole\n  setup\n      {}\n  setup again\n      {}\n  remove\n      {}\n  remove with logs\n      {}\n",
        first.join("\n      "),
        difference(&again, &first),
        remove.join("\n      "),
        difference(&remove_logs, &remove),
    );
    for Case {
        family,
        state,
        seen,
    } in cases(design)
    {
        let setup = difference(&setup_lines(design, &seen, None), &first);
        let setup_again = difference(&setup_lines(design, &seen, Some(&recorded)), &again);
        let removed = |wishes| removal_lines(design, &seen, &recorded, wishes);
        let removal = difference(&removed(Wishes::default()), &remove);
        let removal_with_logs = difference(&removed(delete), &remove_logs);
        table.push_str(&format!("\n{family} {state}\n"));
        table.push_str(&both("setup", &setup, "again", &setup_again));
        table.push_str(&both("remove", &removal, "with logs", &removal_with_logs));
    }
    table
}

/// The plan of `remove`, where nobody else uses anything.
pub(super) fn removal_lines(
    design: &Design,
    seen: &Observed,
    manifest: &Resources,
    wishes: Wishes,
) -> Vec<String> {
    let plan = removal(design, seen, manifest, wishes, &Others::default());
    let users = plan.kept_for().iter().map(User::said).collect();
    let mut more = vec![("conflict", plan.conflicts), ("shared with", users)];
    if plan.last_trail {
        more.push(("note", vec!["the last trail".to_owned()]));
    }
    lines(design, &plan.steps, &more)
}

/// Steps, conflicts, notes and findings as lines, without the connection's own id.
pub(super) fn lines(design: &Design, steps: &[Step], more: &[(&str, Vec<String>)]) -> Vec<String> {
    let mut lines: Vec<String> = steps
        .iter()
        .map(|step| {
            let denied = match step.if_denied {
                IfDenied::Stop => String::new(),
                other => format!(" [{other:?} if denied]"),
            };
            let reason = step.reason.as_ref();
            let reason = reason
                .map(|reason| format!(" ({reason})"))
                .unwrap_or_default();
            let action = step.action().as_str();
            format!("{action} {}{reason}{denied}", step.kind().as_str())
        })
        .collect();
    for (what, texts) in more {
        lines.extend(texts.iter().map(|text| format!("{what}: {text}")));
    }
    for line in &mut lines {
        *line = line
            .replace(&design.id.to_string(), "ID")
            .replace(&design.id.part_prefix(), "Id-");
    }
    lines
}

fn setup_lines(design: &Design, seen: &Observed, manifest: Option<&Resources>) -> Vec<String> {
    let plan = setup(design, seen, journal(manifest));
    let findings = plan.findings.into_iter().map(|(_, text)| text);
    let more = [
        ("conflict", plan.conflicts),
        ("note", plan.notes),
        ("finding", findings.collect()),
    ];
    lines(design, &plan.steps, &more)
}

/// The lines that are not in the plan of a whole account, and `without` before those that are missing.
fn difference(found: &[String], whole: &[String]) -> String {
    let new = found.iter().filter(|line| !whole.contains(line));
    let gone = whole.iter().filter(|line| !found.contains(line));
    let all: Vec<String> = new
        .cloned()
        .chain(gone.map(|line| format!("without {line}")))
        .collect();
    if all.is_empty() {
        "as if whole".to_owned()
    } else {
        all.join("\n      ")
    }
}

/// Two plans, as one if they do not differ.
fn both(what: &str, plan: &str, otherwise: &str, other: &str) -> String {
    if plan == other {
        format!("  {what}, {otherwise} too\n      {plan}\n")
    } else {
        format!("  {what}\n      {plan}\n  {what} {otherwise}\n      {other}\n")
    }
}
