//! What the function logs: one JSON line per file on stdout, which Lambda writes to the function's log group. The line is also
//! the file's metric (CloudWatch embedded metric format), since the log is the largest item of the function's bill. It holds
//! only addresses, counts and causes: no secrets, no log content.

use std::{
    collections::BTreeMap,
    io::Write,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use serde_json::{Value, json};

use crate::event::Object;

/// Namespace of the metrics.
const NAMESPACE: &str = "SophosCt";

/// Writes one line.
pub(crate) fn line(value: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{value}");
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Stored durably at Central; its bytes.
    Stored(u64),
    /// Central did not want it; the reason.
    Skipped(&'static str),
    /// Deleted from the bucket before it could be read. Not an error, since a retry could never succeed.
    Gone,
    /// It must be restored before it can be read.
    Archived(String),
    /// The role, the bucket's policy or the key refuses it.
    Denied(String),
}

/// A file that was not delivered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Trouble {
    pub text: String,
    /// Central has decided on the file, so it knows that the file is missing.
    pub offered: bool,
}

/// What became of the files of an invocation.
pub(crate) struct Report<'a> {
    /// The function's name, the only dimension of the metrics.
    function: &'a str,
    stored: u64,
    gone: u64,
    archived: u64,
    skipped: u64,
    ignored: BTreeMap<&'static str, u64>,
    failures: Vec<String>,
}

impl<'a> Report<'a> {
    #[must_use]
    pub(crate) fn new(function: &'a str) -> Self {
        Self {
            function,
            stored: 0,
            gone: 0,
            archived: 0,
            skipped: 0,
            ignored: BTreeMap::new(),
            failures: Vec::new(),
        }
    }

    /// Notes what became of a file, and writes its line.
    pub(crate) fn file(
        &mut self,
        object: &Object,
        moved: &Result<Outcome, Trouble>,
        time: Duration,
    ) {
        line(&self.line_of(object, moved, time, SystemTime::now()));
    }

    fn line_of(
        &mut self,
        object: &Object,
        moved: &Result<Outcome, Trouble>,
        time: Duration,
        now: SystemTime,
    ) -> Value {
        let (metric, value, error) = match moved {
            Ok(Outcome::Stored(bytes)) => {
                self.stored += 1;
                // The metric's sum is the number of bytes, its sample count the number of files.
                ("Stored".to_owned(), *bytes, None)
            }
            Ok(Outcome::Skipped(reason)) => {
                self.skipped += 1;
                (named("Skipped", reason), 1, None)
            }
            Ok(Outcome::Gone) => {
                self.gone += 1;
                ("Gone".to_owned(), 1, None)
            }
            Ok(Outcome::Archived(detail)) => {
                self.archived += 1;
                ("Archived".to_owned(), 1, Some(detail))
            }
            Ok(Outcome::Denied(detail)) => {
                self.failures.push(detail.clone());
                ("Denied".to_owned(), 1, Some(detail))
            }
            Err(trouble) => {
                self.failures.push(trouble.text.clone());
                ("Failed".to_owned(), 1, Some(&trouble.text))
            }
        };
        let mut line = self.metric(&metric, value, now);
        match error {
            // If all went well, the line needs only what finds the file.
            None => line["file"] = short(&object.key).into(),
            Some(error) => {
                line["level"] = "error".into();
                line["key"] = object.key.clone().into();
                line["error"] = error.clone().into();
            }
        }
        line["ms"] = milliseconds(time).into();
        line
    }

    /// Returns one metric in CloudWatch's embedded format.
    fn metric(&self, name: &str, value: u64, now: SystemTime) -> Value {
        let at = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        json!({
            "_aws": {
                "Timestamp": milliseconds(at),
                "CloudWatchMetrics": [{
                    "Namespace": NAMESPACE, "Dimensions": [["Function"]], "Metrics": [{ "Name": name }],
                }],
            },
            "Function": self.function,
            name: value,
        })
    }

    /// Counts items that were ignored.
    pub(crate) fn ignore(&mut self, reason: &'static str, count: u64) {
        *self.ignored.entry(reason).or_default() += count;
    }

    /// Writes one line for each reason why items were ignored.
    pub(crate) fn ignored(&self) {
        for (reason, count) in &self.ignored {
            line(&self.metric(&named("Ignored", reason), *count, SystemTime::now()));
        }
    }

    /// Writes that something other than a file went wrong.
    pub(crate) fn trouble(&self, what: &str, error: &str) {
        line(&json!({ "level": "error", "what": what, "error": error }));
    }

    /// Returns how many files failed so far, and the first cause.
    #[must_use]
    pub(crate) fn failed(&self) -> Option<(usize, &str)> {
        let first = self.failures.first()?;
        Some((self.failures.len(), first))
    }

    /// Returns the invocation's answer.
    #[must_use]
    pub(crate) fn answer(&self, probed: bool) -> Value {
        json!({
            "stored": self.stored,
            "skipped": self.skipped,
            "gone": self.gone,
            "archived": self.archived,
            "ignored": self.ignored,
            "signedIn": probed,
        })
    }
}

/// Returns a metric's name: what happened, and why.
fn named(start: &str, reason: &str) -> String {
    let mut letters = reason.chars();
    match letters.next() {
        Some(first) => format!("{start}{}{}", first.to_ascii_uppercase(), letters.as_str()),
        None => start.to_owned(),
    }
}

/// Returns region, time and unique part of a log file's name: enough to find it in the bucket.
fn short(key: &str) -> &str {
    let name = key.rsplit('/').next().unwrap_or(key);
    let name = name.strip_suffix(".json.gz").unwrap_or(name);
    name.split_once("_CloudTrail_")
        .map_or(name, |(_, rest)| rest)
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "AWSLogs/o-abcdefghij/123456789012/CloudTrail/eu-west-1/2026/11/24/123456789012_CloudTrail_eu-west-1_20261124T0900Z_0123456789abcdef.json.gz";

    #[test]
    fn a_line_is_its_files_metric_and_short_where_all_went_well() {
        let mut report = Report::new("sophos-ct-demo");
        let now = UNIX_EPOCH + Duration::from_millis(1_790_000_000_123);
        let object = Object::new("b".to_owned(), KEY.to_owned());
        let mut line = |moved| report.line_of(&object, &moved, Duration::from_millis(7), now);
        let stored = line(Ok(Outcome::Stored(2345)));
        assert_eq!(stored["Stored"], 2345);
        assert_eq!(stored["_aws"]["Timestamp"], 1_790_000_000_123_u64);
        let metrics = &stored["_aws"]["CloudWatchMetrics"][0];
        assert_eq!(metrics["Metrics"], json!([{ "Name": "Stored" }]));
        assert_eq!(stored["Function"], "sophos-ct-demo");
        assert_eq!(stored["file"], "eu-west-1_20261124T0900Z_0123456789abcdef");
        // Including the line's end.
        let bytes = stored.to_string().len() + 1;
        assert!(bytes <= 250, "{bytes}: {stored}");
        assert_eq!(line(Ok(Outcome::Skipped("paused")))["SkippedPaused"], 1);
        let denied = line(Ok(Outcome::Denied("403".to_owned())));
        assert_eq!(
            (&denied["key"], &denied["level"]),
            (&KEY.into(), &"error".into())
        );
        let trouble = Trouble {
            text: "broken".to_owned(),
            offered: true,
        };
        assert_eq!(line(Err(trouble))["error"], "broken");
        assert_eq!(report.failed(), Some((2, "403")));
    }
}
