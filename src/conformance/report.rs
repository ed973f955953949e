//! What was found: as data, and as JUnit for a job.

use std::fmt::Write;

use super::checks::Check;

/// What a check has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Fits,
    /// How the answer differs.
    Differs(String),
    /// Why it was not tried.
    NotTried(String),
}

/// A check with what it has found.
pub(crate) struct Done {
    pub check: &'static Check,
    pub outcome: Outcome,
}

/// All checks, in the order of the contract.
pub(crate) struct Report {
    pub checks: Vec<Done>,
    /// The ids of connections that could not be deleted.
    pub left: Vec<String>,
    /// Why something was not tried to its end.
    pub stopped: Option<String>,
}

impl Report {
    /// Whether nothing differs, nothing was cut short, and nothing was left behind.
    pub(crate) fn conforms(&self) -> bool {
        self.differing() == 0 && self.stopped.is_none() && self.left.is_empty()
    }

    /// How many differ.
    pub(crate) fn differing(&self) -> usize {
        let differs = |done: &&Done| matches!(done.outcome, Outcome::Differs(_));
        self.checks.iter().filter(differs).count()
    }

    /// How many were not tried.
    pub(crate) fn not_tried(&self) -> usize {
        let not = |done: &&Done| matches!(done.outcome, Outcome::NotTried(_));
        self.checks.iter().filter(not).count()
    }
}

/// The report in the form that CI systems read (the JUnit schema of Jenkins: testsuites, testsuite, testcase).
pub(crate) fn junit(report: &Report) -> String {
    // Whether the run came to its end is a case of its own.
    let tests = report.checks.len() + 1;
    let failures = report.differing() + usize::from(report.stopped.is_some());
    let skipped = report.not_tried();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\"");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"central-api\" {counts}>\n"
    );
    text.push_str(&to_its_end(report));
    for Done { check, outcome } in &report.checks {
        let (class, name) = (escaped(check.operation), escaped(check.name));
        let case = format!("    <testcase classname=\"{class}\" name=\"{name}\"");
        let contract = escaped(check.contract);
        let _ = match outcome {
            Outcome::Fits => writeln!(text, "{case}/>"),
            Outcome::Differs(how) => writeln!(
                text,
                "{case}>\n      <failure message=\"{}\">{contract}</failure>\n    </testcase>",
                escaped(how)
            ),
            Outcome::NotTried(why) => writeln!(
                text,
                "{case}>\n      <skipped message=\"{}\"/>\n    </testcase>",
                escaped(why)
            ),
        };
    }
    text.push_str("  </testsuite>\n</testsuites>\n");
    text
}

/// Whether all checks came to their end: what was cut short is no success.
fn to_its_end(report: &Report) -> String {
    let case = "    <testcase classname=\"verify-central\" name=\"comes to its end\"";
    match &report.stopped {
        None => format!("{case}/>\n"),
        Some(why) => format!(
            "{case}>\n      <failure message=\"{}\"/>\n    </testcase>\n",
            escaped(why)
        ),
    }
}

/// Text for XML 1.0, without the characters that it does not have.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            char if char.is_control() => escaped.push('\u{fffd}'),
            char => escaped.push(char),
        }
    }
    escaped
}
