//! What clap complains of, in the user's language. The frame is translated; values and what they are judged by stay as they are.

use std::error::Error;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::ui::t;

/// What stands before a line that belongs to the complaint.
const TAB: &str = "  ";

/// Returns a complaint as clap lays it out: what is wrong, tips, the usage, and where help is. `None` for kinds that hardly ever
/// occur, for which clap speaks English.
#[must_use]
pub(crate) fn complaint(error: &clap::Error) -> Option<String> {
    let mut text = format!("{} {}", t!("label-error"), wrong(error)?);
    let tips = tips(error);
    if !tips.is_empty() {
        text.push('\n');
    }
    for tip in tips {
        text.push_str(&format!("\n{TAB}{}", t!("usage-tip", tip = tip)));
    }
    if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
        let usage = usage.to_string();
        let rest = usage.trim_start_matches("Usage:");
        text.push_str(&format!("\n\n{}{rest}", t!("usage-label")));
    }
    text.push_str(&format!("\n\n{}\n", t!("usage-help", flag = "--help")));
    Some(text)
}

/// What is wrong.
fn wrong(error: &clap::Error) -> Option<String> {
    let text = |kind| text(error, kind);
    match error.kind() {
        ErrorKind::UnknownArgument => {
            let argument = text(ContextKind::InvalidArg)?;
            Some(t!("usage-unknown-argument", argument = argument))
        }
        ErrorKind::InvalidSubcommand => {
            let command = text(ContextKind::InvalidSubcommand)?;
            Some(t!("usage-unknown-command", command = command))
        }
        ErrorKind::InvalidValue => value(error),
        ErrorKind::TooManyValues => {
            let argument = text(ContextKind::InvalidArg)?;
            let value = text(ContextKind::InvalidValue)?;
            let said = t!("usage-no-value", value = value, argument = argument);
            Some(said)
        }
        ErrorKind::ValueValidation => {
            let said = value(error)?;
            let cause = error.source().map(|cause| format!(": {cause}"));
            Some(said + &cause.unwrap_or_default())
        }
        ErrorKind::MissingRequiredArgument => {
            let missing = listed(&texts(error, ContextKind::InvalidArg));
            Some(t!("usage-required") + &missing)
        }
        ErrorKind::ArgumentConflict => conflict(error),
        _ => None,
    }
}

/// A value that does not fit or is missing, and those that fit.
fn value(error: &clap::Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let said = match text(error, ContextKind::InvalidValue)? {
        "" => t!("usage-value-missing", argument = argument),
        value => t!("usage-invalid-value", value = value, argument = argument),
    };
    let possible = texts(error, ContextKind::ValidValue);
    if possible.is_empty() {
        return Some(said);
    }
    let possible = t!("usage-possible", values = possible.join(", "));
    Some(format!("{said}\n{TAB}{possible}"))
}

/// An argument that does not go together with others, or with itself.
fn conflict(error: &clap::Error) -> Option<String> {
    let argument = text(error, ContextKind::InvalidArg)?;
    let others = texts(error, ContextKind::PriorArg);
    match error.get(ContextKind::PriorArg)? {
        ContextValue::String(other) if other == argument => {
            Some(t!("usage-twice", argument = argument))
        }
        ContextValue::String(other) => {
            Some(t!("usage-conflict", argument = argument, other = other))
        }
        ContextValue::Strings(_) => {
            let said = t!("usage-conflict-several", argument = argument);
            Some(said + &listed(&others))
        }
        _ => None,
    }
}

/// What may have been meant.
fn tips(error: &clap::Error) -> Vec<String> {
    let similar = |kind| {
        let names = texts(error, kind);
        let quoted: Vec<String> = names.iter().map(|name| format!("'{name}'")).collect();
        (!names.is_empty()).then(|| (names.len(), quoted.join(", ")))
    };
    let mut tips = Vec::new();
    if let Some((count, names)) = similar(ContextKind::SuggestedSubcommand) {
        tips.push(t!("usage-similar-command", count = count, names = names));
    }
    if let Some((count, names)) = similar(ContextKind::SuggestedArg) {
        tips.push(t!("usage-similar-argument", count = count, names = names));
    }
    if let Some((count, names)) = similar(ContextKind::SuggestedValue) {
        tips.push(t!("usage-similar-value", count = count, names = names));
    }
    let argument = text(error, ContextKind::InvalidArg).unwrap_or_default();
    let others = texts(error, ContextKind::Suggested).into_iter();
    tips.extend(others.map(|tip| other(&tip, argument)));
    tips
}

/// A tip that clap gives as a sentence. Those on arguments that are not known are translated.
fn other(tip: &str, argument: &str) -> String {
    if tip == format!("to pass '{argument}' as a value, use '-- {argument}'") {
        return t!("usage-as-value", argument = argument);
    }
    match tip.strip_suffix(" exists") {
        Some(what) => t!("usage-exists", what = what),
        None => tip.to_owned(),
    }
}

fn listed(items: &[String]) -> String {
    let lines = items.iter().map(|item| format!("\n{TAB}{item}"));
    lines.collect()
}

fn text(error: &clap::Error, kind: ContextKind) -> Option<&str> {
    match error.get(kind)? {
        ContextValue::String(text) => Some(text),
        _ => None,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        Some(ContextValue::StyledStrs(texts)) => texts.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}
