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
    /// The URLs of connections that could not be deleted.
    pub left: Vec<String>,
    /// Why something was not tried to its end.
    pub stopped: Option<String>,
}

impl Report {
    /// Whether nothing differs, nothing was cut short, and nothing was left behind.
    pub(crate) fn conforms(&self) -> bool {
        let mut of_the_run = self.of_the_run().into_iter();
        self.differing() == 0 && of_the_run.all(|(_, failed)| failed.is_none())
    }

    /// What must be true of the run itself, and how it is not: what was cut short or leaves something behind is no success.
    fn of_the_run(&self) -> [(&'static str, Option<String>); 2] {
        let left = (!self.left.is_empty()).then(|| self.left.join(", "));
        [
            ("comes to its end", self.stopped.clone()),
            ("leaves nothing", left),
        ]
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
    let of_the_run = report.of_the_run();
    let failed = of_the_run.iter().filter(|(_, failed)| failed.is_some());
    let tests = report.checks.len() + of_the_run.len();
    let failures = report.differing() + failed.count();
    let skipped = report.not_tried();
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" skipped=\"{skipped}\"");
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites {counts}>\n  <testsuite name=\"central-api\" {counts}>\n"
    );
    for (name, failed) in &of_the_run {
        let case = format!("    <testcase classname=\"verify-central\" name=\"{name}\"");
        let _ = match failed {
            None => writeln!(text, "{case}/>"),
            Some(how) => writeln!(
                text,
                "{case}>\n      <failure message=\"{}\"/>\n    </testcase>",
                escaped(how)
            ),
        };
    }
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
