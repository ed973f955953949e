//! Checks as a screen: what each found, and how to mend it.

use super::check::Check;
use crate::{
    connection::Kind,
    plan::render,
    ui::{
        page::{Page, Tone},
        t,
        table::labelled,
    },
};

/// How the checks are shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Each part in AWS with its ARN, instead of their number.
    pub parts: bool,
    /// Words instead of marks.
    pub words: bool,
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
pub(crate) fn page(checks: &[Check], look: Look) -> Page {
    let mut page = Page::default();
    let shown: Vec<&Check> = checks
        .iter()
        .filter(|check| look.parts || check.ok != Some(true) || kind(check.name).is_none())
        .collect();
    let labels = shown.iter().map(|check| label(check.name));
    let width = labels
        .map(|label| console::measure_text_width(&label))
        .max();
    for (number, check) in shown.iter().enumerate() {
        line(&mut page, check, width.unwrap_or_default(), look);
        // What helps against several in a row is said once, below them.
        let next = shown.get(number + 1);
        if let Some(fix) = check.fix.as_deref()
            && next.is_none_or(|next| next.fix.as_deref() != Some(fix))
        {
            fixes(&mut page, fix, look.words);
        }
    }
    let as_planned = checks.len() - shown.len();
    if as_planned > 0 {
        let text = t!("status-parts", count = as_planned);
        page.plain(format!("  {} {text}", mark(Some(true), look.words)));
    }
    page
}

fn line(page: &mut Page, check: &Check, width: usize, look: Look) {
    let tone = match check.ok {
        Some(true) => Tone::Plain,
        Some(false) => Tone::Removed,
        None => Tone::Changed,
    };
    let text = check.shown.as_ref().filter(|_| !look.parts);
    let text = text.unwrap_or(&check.detail);
    let found = labelled(&label(check.name), width, text, look.words);
    let mark = match check.remark {
        true => attention(look.words),
        false => mark(check.ok, look.words),
    };
    page.line(tone, format!("  {mark} {found}"));
}

/// What helps, a line for each.
fn fixes(page: &mut Page, fix: &str, words: bool) {
    let arrow = if words {
        t!("status-fix")
    } else {
        "→".to_owned()
    };
    for line in fix.lines() {
        page.plain(format!("      {arrow} {line}"));
    }
}

fn mark(ok: Option<bool>, words: bool) -> String {
    match (ok, words) {
        (Some(true), true) => t!("mark-ok"),
        (Some(false), true) => t!("mark-wrong"),
        (None, true) => t!("mark-cannot-tell"),
        (Some(true), false) => "✓".to_owned(),
        (Some(false), false) => "✗".to_owned(),
        (None, false) => "?".to_owned(),
    }
}

fn attention(words: bool) -> String {
    if words {
        t!("mark-note")
    } else {
        "!".to_owned()
    }
}

fn kind(name: &str) -> Option<Kind> {
    name.parse().ok()
}

/// What a check is called on the screen. Names of AWS and Sophos are the same in every language.
fn label(name: &str) -> String {
    if let Some(kind) = kind(name) {
        return render::kind(kind);
    }
    match name {
        "connection" => t!("check-connection"),
        "version" => t!("check-version"),
        "sign-in" => t!("check-sign-in"),
        "read" => t!("check-read"),
        "logs" => t!("check-logs"),
        "code" => t!("check-code"),
        "environment" => t!("check-environment"),
        "logging" => t!("check-logging"),
        "conflict" => t!("check-conflict"),
        "caller" => t!("check-caller"),
        "account" => t!("check-account"),
        "region" => t!("check-region"),
        "organization" => t!("check-organization"),
        "trails" => t!("check-trails"),
        "cost" => t!("check-cost"),
        "licence" => t!("check-licence"),
        "aws" => "AWS".to_owned(),
        "central" => "Sophos Central".to_owned(),
        "central-api" => "Central API".to_owned(),
        "control-tower" => "Control Tower".to_owned(),
        "sophos-optix" => "Cloud Optix".to_owned(),
        other => other.to_owned(),
    }
}
