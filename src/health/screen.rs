//! Checks as a screen: what each found, and how to mend it.

use super::{about::About, check::Check};
use crate::ui::{
    command::command,
    layout::Width,
    page::{Page, Tone},
    printer::attention,
    t,
    table::labelled,
};

/// How the checks are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    /// Each part in AWS with its ARN, instead of their number.
    pub parts: bool,
    /// Words instead of marks.
    pub words: bool,
    /// How wide commands may be.
    pub width: Width,
}

/// Puts what is wrong first, then what cannot be told, then what is right. What the same helps against stands together.
pub(crate) fn worst_first(checks: &mut [Check]) {
    let mut fixes: Vec<Option<String>> = Vec::new();
    for check in checks.iter() {
        if !fixes.contains(&check.fix) {
            fixes.push(check.fix.clone());
        }
    }
    checks.sort_by_key(|check| {
        let found = match check.ok {
            Some(false) => 0,
            None => 1,
            Some(true) => 2,
        };
        (found, fixes.iter().position(|fix| *fix == check.fix))
    });
}

/// Returns the checks as a screen, in their order.
#[must_use]
pub(crate) fn page(checks: &[Check], view: View) -> Page {
    let mut page = Page::default();
    let as_planned = |check: &Check| {
        !view.parts && check.ok == Some(true) && matches!(check.about, About::Part(_))
    };
    let mut shown = match view.parts {
        true => checks.to_vec(),
        false => gathered(checks),
    };
    let before = shown.len();
    shown.retain(|check| !as_planned(check));
    let planned = before - shown.len();
    let labels = shown.iter().map(|check| check.about.label());
    let width = labels
        .map(|label| console::measure_text_width(&label))
        .max();
    for (number, check) in shown.iter().enumerate() {
        line(&mut page, check, width.unwrap_or_default(), view);
        fixes(&mut page, check, shown.get(number + 1), view);
    }
    if planned > 0 {
        let text = t!("status-parts", count = planned);
        page.plain(format!("  {} {text}", mark(Some(true), view.words)));
    }
    page
}

/// The checks, with one in place of those that find a part missing or unfinished. It names the parts.
fn gathered(checks: &[Check]) -> Vec<Check> {
    let missing: Vec<&Check> = checks.iter().filter(|check| check.missing).collect();
    let [first, _, ..] = missing[..] else {
        return checks.to_vec();
    };
    let names: Vec<String> = missing.iter().map(|check| check.about.label()).collect();
    let mut one = Some(Check {
        about: About::Missing,
        detail: names.join(&t!("counts-between")),
        shown: None,
        in_full: None,
        ..first.clone()
    });
    let told = checks.iter().filter_map(|check| match check.missing {
        true => one.take(),
        false => Some(check.clone()),
    });
    told.collect()
}

fn line(page: &mut Page, check: &Check, width: usize, view: View) {
    let tone = match check.ok {
        Some(true) => Tone::Plain,
        Some(false) => Tone::Removed,
        None => Tone::Changed,
    };
    let text = match view.parts {
        true => &check.in_full,
        false => &check.shown,
    };
    let text = text.as_ref().unwrap_or(&check.detail);
    let found = labelled(&check.about.label(), width, text, view.words);
    let mark = match check.remark {
        true => attention(view.words),
        false => mark(check.ok, view.words),
    };
    page.line(tone, format!("  {mark} {found}"));
}

/// What helps, a line for each. What helps against the next one too stands below that one.
fn fixes(page: &mut Page, check: &Check, next: Option<&Check>, view: View) {
    let Some(fix) = &check.fix else {
        return;
    };
    let below = next
        .and_then(|next| next.fix.as_deref())
        .unwrap_or_default();
    let arrow = match view.words {
        true => t!("status-fix"),
        false => "→".to_owned(),
    };
    let start = format!("      {arrow} ");
    if let Some(words) = &check.command {
        if below != fix {
            let indent = console::measure_text_width(&start);
            let lines = command(words, view.width, indent);
            if let Some(sentence) = &check.sentence {
                page.plain(format!("{start}{sentence}"));
                page.verbatim(lines);
            } else {
                page.verbatim(format!("{start}{}", lines.trim_start()));
            }
        }
        return;
    }
    for line in fix.lines() {
        if !below.lines().any(|other| other == line) {
            page.plain(format!("{start}{line}"));
        }
    }
}

pub(super) fn mark(ok: Option<bool>, words: bool) -> String {
    match (ok, words) {
        (Some(true), true) => t!("mark-ok"),
        (Some(false), true) => t!("mark-wrong"),
        (None, true) => t!("mark-cannot-tell"),
        (Some(true), false) => "✓".to_owned(),
        (Some(false), false) => "✗".to_owned(),
        (None, false) => "?".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::Kind;

    const VIEW: View = View {
        parts: false,
        words: false,
        width: Width::UNLIMITED,
    };

    fn shown(checks: &[Check], view: View) -> Vec<String> {
        let page = page(checks, view);
        page.lines.into_iter().map(|line| line.text).collect()
    }

    /// A connection that was built in part.
    fn in_part(rerun: &[String]) -> Vec<Check> {
        let part = |kind: Kind| {
            let detail = format!("missing: {}", kind.as_str());
            let check = Check::new(About::Part(kind), Some(false), detail);
            check.shown("missing").run(rerun).missing()
        };
        vec![
            Check::new(About::Connection, Some(false), "pending").run(rerun),
            Check::new(About::Part(Kind::Role), Some(true), "arn"),
            part(Kind::RolePolicy),
            part(Kind::Bucket),
            Check::new(About::Read, Some(false), "denied").fix("Look for a Deny statement."),
            part(Kind::Trail),
        ]
    }

    #[test]
    fn missing_parts_are_named_together_with_one_command_that_makes_them() {
        let rerun = ["sophos-ct", "setup", "'my shop'"].map(ToOwned::to_owned);
        let mut checks = in_part(&rerun);
        worst_first(&mut checks);
        assert_eq!(
            shown(&checks, VIEW),
            [
                "  ✗ connection  pending",
                "  ✗ missing     role policy, bucket, trail",
                "      → sophos-ct setup 'my shop'",
                "  ✗ bucket      denied",
                "      → Look for a Deny statement.",
                "  ✓ 1 part in AWS is as planned (--parts shows it)",
            ]
        );
        let parts = View {
            parts: true,
            ..VIEW
        };
        let lines = shown(&checks, parts);
        assert!(lines.contains(&"  ✗ role policy  missing: rolePolicy".to_owned()));
        let commands = lines.iter().filter(|line| line.contains("→ sophos-ct"));
        assert_eq!(commands.count(), 1, "{lines:?}");
        let one = &checks[1..2];
        let lines = shown(one, VIEW);
        assert_eq!(lines[0], "  ✗ role policy  missing");
    }

    #[test]
    fn a_hint_that_two_failures_have_stands_once_below_both() {
        let aws = Check::new(About::Aws, Some(false), "no").fix("A profile.\nThe network.");
        let central =
            Check::new(About::Central, Some(false), "no").fix("The network.\nThe secret.");
        assert_eq!(
            shown(&[aws, central], VIEW),
            [
                "  ✗ AWS             no",
                "      → A profile.",
                "  ✗ Sophos Central  no",
                "      → The network.",
                "      → The secret.",
            ]
        );
    }

    #[test]
    fn a_long_command_is_broken_so_that_it_can_be_pasted() {
        let words = ["sophos-ct", "setup", "shop", "--profile", "log-archive"];
        let words = words.map(ToOwned::to_owned);
        let check = Check::new(About::Code, Some(false), "other").run(&words);
        let view = View {
            width: Width::of_columns(36),
            ..VIEW
        };
        let lines = shown(&[check], view);
        assert_eq!(
            lines[1],
            "      → sophos-ct setup shop \\\n          --profile log-archive"
        );
        let check = Check::new(About::Logging, Some(false), "stopped");
        let check = check.run_as("This helps:".to_owned(), &words);
        assert_eq!(
            shown(&[check], view)[1..],
            [
                "      → This helps:",
                "        sophos-ct setup shop \\\n          --profile log-archive",
            ]
        );
    }
}
