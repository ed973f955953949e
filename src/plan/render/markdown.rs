//! A plan as GitHub's Markdown, for the comment of a pull request. Everything from outside is written so that it is only text:
//! nothing in a name can make a link, a mention, an element or a command of a log.

use serde_json::Value;

use super::{
    diff::{Line, compare},
    documents::what,
    kind, short, verb,
};
use crate::{
    plan::file,
    resources::{document::Written, families::Step, settings::Settings, step::Action},
    ui::{t, visible},
};

/// GitHub takes 65,536 characters in a comment; the last of them are for the note that something is left out.
const LIMIT: usize = 65_000;

/// What the text of a plan consists of. All of it may have text from outside.
#[derive(Clone, Debug, Default)]
pub(crate) struct Summary<'a> {
    pub heading: String,
    pub scope: String,
    /// Sentences that say what flows where.
    pub flow: Vec<String>,
    pub steps: &'a [Step],
    pub settings: &'a [Settings],
    pub documents: &'a [Written],
    pub cost: Option<&'a str>,
    pub warnings: &'a [String],
    /// What to know besides, and what to do next.
    pub advice: Vec<String>,
    /// The command line that gives the same plan.
    pub command: Option<String>,
}

/// Returns the plan as Markdown.
#[must_use]
pub(crate) fn markdown(summary: &Summary<'_>) -> String {
    let mut text = Text::default();
    text.put(format!("<h3>{}</h3>", plain(&summary.heading)));
    text.put(plain(&summary.scope));
    for sentence in &summary.flow {
        text.put(plain(sentence));
    }
    let steps: Vec<&Step> = summary.steps.iter().filter(|step| counts(step)).collect();
    if !steps.is_empty() {
        text.put(table(&steps));
    }
    if let Some(cost) = summary.cost {
        text.put(format!(
            "**{}** {}",
            plain(&t!("markdown-cost")),
            plain(cost)
        ));
    }
    text.list(&t!("markdown-warnings"), summary.warnings);
    text.list(&t!("markdown-advice"), &summary.advice);
    if let Some(command) = &summary.command {
        let block = fenced("sh", &visible::inline(command));
        text.put(folded(&plain(&t!("equivalent")), &block));
    }
    for step in steps.iter().filter(|step| step.writes()) {
        if let Some(block) = of_settings(step, summary.settings) {
            text.put(block);
        }
    }
    for document in summary.documents {
        text.put(of_document(document));
    }
    text.end()
}

/// Whether a step is listed: what stays as it is, without a reason, says nothing to whoever approves.
fn counts(step: &Step) -> bool {
    step.writes() || step.reason.is_some() || step.action() == Action::Use
}

/// The parts of the text as far as they fit.
#[derive(Default)]
struct Text {
    text: String,
    left_out: usize,
}

impl Text {
    fn put(&mut self, block: String) {
        if self.text.len() + block.len() + 2 > LIMIT {
            self.left_out += 1;
            return;
        }
        self.text.push_str(&block);
        self.text.push_str("\n\n");
    }

    fn list(&mut self, heading: &str, items: &[String]) {
        if items.is_empty() {
            return;
        }
        let items = items.iter().map(|item| format!("- {}", plain(item)));
        let items: Vec<String> = items.collect();
        self.put(format!("**{}**\n\n{}", plain(heading), items.join("\n")));
    }

    fn end(mut self) -> String {
        if self.left_out > 0 {
            let note = t!("markdown-left-out", count = self.left_out);
            self.text.push_str(&format!("_{}_\n", plain(&note)));
        }
        self.text.trim_end().to_owned()
    }
}

fn table(steps: &[&Step]) -> String {
    let headings = [
        t!("markdown-action"),
        t!("markdown-resource"),
        t!("markdown-name"),
        t!("markdown-reason"),
    ];
    let headings = headings.map(|heading| plain(&heading));
    let mut rows = vec![
        format!("| {} |", headings.join(" | ")),
        "|---|---|---|---|".to_owned(),
    ];
    rows.extend(steps.iter().map(|step| {
        let cells = [
            plain(&verb(step.action())),
            plain(&kind(step.kind())),
            code(short(&step.arn)),
            plain(step.reason.as_deref().unwrap_or_default()),
        ];
        format!("| {} |", cells.join(" | "))
    }));
    rows.join("\n")
}

/// The settings that a step changes; `None` if it changes none.
fn of_settings(step: &Step, settings: &[Settings]) -> Option<String> {
    let told = file::of_step(step, settings).into_iter();
    let changed = told.filter(|one| one.unread.is_none() && one.before != one.after);
    let mut lines = Vec::new();
    for one in changed {
        let line = |mark: char, value: &Value| {
            let setting = format!("{}: {value}", one.name);
            format!("{mark} {}", visible::inline(&setting))
        };
        lines.extend(one.before.as_ref().map(|value| line('-', value)));
        lines.extend(one.after.as_ref().map(|value| line('+', value)));
    }
    let (kind, settings) = (plain(&kind(step.kind())), plain(&t!("markdown-settings")));
    let title = format!("{kind} {} {settings}", code(&step.arn));
    (!lines.is_empty()).then(|| folded(&title, &fenced("diff", &lines.join("\n"))))
}

fn of_document(document: &Written) -> String {
    let title = format!("{} {}", plain(&what(document.kind)), code(&document.arn));
    if let Some(action) = document.before.denied() {
        let unread = plain(&t!("document-unread", action = action));
        return folded(&title, &unread);
    }
    let lines = differing(document.before.there(), document.after.as_ref());
    folded(&title, &fenced("diff", &lines.join("\n")))
}

fn differing(before: Option<&Value>, after: Option<&Value>) -> Vec<String> {
    let lines = compare(before, after).into_iter().map(|line| match line {
        Line::Same(text) => format!("  {}", visible::inline(&text)),
        Line::Added(text) => format!("+ {}", visible::inline(&text)),
        Line::Removed(text) => format!("- {}", visible::inline(&text)),
        Line::Folded(count) => format!("  {}", t!("document-folded", count = count)),
    });
    lines.collect()
}

/// A part that is shown once it is opened.
fn folded(title: &str, content: &str) -> String {
    format!("<details><summary>{title}</summary>\n\n{content}\n\n</details>")
}

/// A block that nothing in its content can end.
fn fenced(language: &str, content: &str) -> String {
    let mut longest = 2;
    let mut run = 0;
    for char in content.chars() {
        run = if char == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence}{language}\n{content}\n{fence}")
}

/// A name as code, in which GitHub makes no mentions and no links.
fn code(name: &str) -> String {
    format!("<code>{}</code>", plain(name))
}

/// Text without any meaning for Markdown, HTML or GitHub: signs are written by their number. A comment after `@` and `#` keeps
/// GitHub from making mentions and references of what follows.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    for char in visible::inline(text).chars() {
        match char {
            '@' | '#' => shown.push_str(&format!("&#{};<!-- -->", u32::from(char))),
            ',' | '(' | ')' | '/' | ' ' => shown.push(char),
            // Inside a word it means nothing.
            '-' if !shown.is_empty() && !shown.ends_with(' ') => shown.push('-'),
            sign if sign.is_ascii_punctuation() => {
                shown.push_str(&format!("&#{};", u32::from(sign)));
            }
            other => shown.push(other),
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{connection::Kind, resources::seen::Seen};

    fn document(after: Value) -> Written {
        Written {
            kind: Kind::BucketPolicyStatement,
            arn: "arn:aws:s3:::theirs".to_owned(),
            before: Seen::Absent,
            after: Some(after),
        }
    }

    #[test]
    fn nothing_in_a_name_means_anything_to_github() {
        let hostile = "@team #1 <img src=x> [a](http://b) `c` |d| **e** www.f ::g \u{202e}h";
        let shown = plain(hostile);
        let unescaped = shown.replace("<!-- -->", "").replace("&#", "");
        for sign in [
            '@', '#', '<', '>', '[', ']', '`', '|', '*', '.', ':', '!', '\u{202e}',
        ] {
            assert!(!unescaped.contains(sign), "{sign}: {shown}");
        }
        assert_eq!(plain("a-b, (c) / d"), "a-b, (c) / d");
    }

    #[test]
    fn a_fence_is_longer_than_any_in_the_document() {
        let summary = Summary {
            documents: &[document(json!({ "Sid": "````" }))],
            ..Summary::default()
        };
        let text = markdown(&summary);
        assert!(text.contains("\n`````diff\n"), "{text}");
        assert!(text.ends_with("\n`````\n\n</details>"), "{text}");
    }

    #[test]
    fn what_does_not_fit_into_a_comment_is_left_out_and_counted() {
        let large = document(json!({ "Sid": "x".repeat(30_000) }));
        let documents = [large.clone(), large.clone(), large.clone(), large];
        let summary = Summary {
            documents: &documents,
            ..Summary::default()
        };
        let text = markdown(&summary);
        assert!(text.len() < 65_536, "{}", text.len());
        assert!(text.ends_with(&format!("_{}_", plain(&t!("markdown-left-out", count = 2)))));
    }
}
