//! What the function says: one JSON line a file, and counts as CloudWatch embedded metrics, on stdout, which Lambda writes to
//! the function's log group. Addresses, counts and causes only: no secrets, no log content.

use std::{collections::BTreeMap, io::Write, time::Duration};

use serde_json::{Map, Value, json};

use super::{event::Object, transfer::Outcome};

/// Namespace of the metrics.
const NAMESPACE: &str = "SophosCt";
/// Central's reasons to skip a file; others share a metric, so that no answer of it can make more of them.
const REASONS: [&str; 5] = [
    "accountNotSelected",
    "deleted",
    "duplicate",
    "licenseEnded",
    "paused",
];

/// Writes one line.
pub fn line(value: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{value}");
}

/// What became of the files of an invocation.
#[derive(Default)]
pub struct Report {
    stored: u64,
    gone: u64,
    bytes: u64,
    skipped: BTreeMap<String, u64>,
    ignored: BTreeMap<&'static str, u64>,
    failures: Vec<String>,
}

impl Report {
    /// Notes what became of a file, and writes its line.
    pub fn file(&mut self, object: &Object, moved: &Result<Outcome, String>, time: Duration) {
        let mut line = json!({ "bucket": object.bucket, "key": object.key, "milliseconds": milliseconds(time) });
        match moved {
            Ok(Outcome::Stored(bytes)) => {
                self.stored += 1;
                self.bytes += bytes;
                line["outcome"] = "stored".into();
                line["bytes"] = (*bytes).into();
            }
            Ok(Outcome::Skipped(reason)) => {
                *self.skipped.entry(reason.clone()).or_default() += 1;
                line["outcome"] = "skipped".into();
                line["reason"] = reason.clone().into();
            }
            Ok(Outcome::Gone) => {
                self.gone += 1;
                line["outcome"] = "gone".into();
            }
            Err(error) => {
                self.failures.push(error.clone());
                line["level"] = "error".into();
                line["outcome"] = "failed".into();
                line["error"] = error.clone().into();
            }
        }
        self::line(&line);
    }

    /// Counts what was passed over.
    pub fn ignore(&mut self, reason: &'static str, count: u64) {
        *self.ignored.entry(reason).or_default() += count;
    }

    /// Something besides a file went wrong.
    pub fn trouble(&self, what: &str, error: &str) {
        line(&json!({ "level": "error", "what": what, "error": error }));
    }

    /// Files that failed so far, with the first cause.
    #[must_use]
    pub fn failed(&self) -> Option<(usize, &str)> {
        let first = self.failures.first()?;
        Some((self.failures.len(), first))
    }

    /// The counts as metrics (CloudWatch embedded metric format); nothing where there is nothing to count.
    pub fn metrics(&self, connection: &str, time: Duration) {
        if let Some(document) = self.document(connection, time, std::time::SystemTime::now()) {
            line(&document);
        }
    }

    fn document(
        &self,
        connection: &str,
        time: Duration,
        now: std::time::SystemTime,
    ) -> Option<Value> {
        let skipped: u64 = self.skipped.values().sum();
        let failed = self.failures.len() as u64;
        let mut counts: Vec<(String, u64, &str)> = vec![
            (
                "Offered".to_owned(),
                self.stored + self.gone + skipped + failed,
                "Count",
            ),
            ("Stored".to_owned(), self.stored, "Count"),
            ("Gone".to_owned(), self.gone, "Count"),
            ("Failed".to_owned(), failed, "Count"),
            ("Bytes".to_owned(), self.bytes, "Bytes"),
        ];
        let mut by_reason: BTreeMap<&str, u64> = BTreeMap::new();
        for (reason, count) in &self.skipped {
            let known = REASONS.iter().find(|known| *known == reason);
            *by_reason.entry(known.unwrap_or(&"other")).or_default() += count;
        }
        let named = |start: &str, reason: &str| {
            let (first, rest) = reason.split_at(1);
            format!("{start}{}{rest}", first.to_uppercase())
        };
        counts.extend(
            by_reason
                .iter()
                .map(|(reason, count)| (named("Skipped", reason), *count, "Count")),
        );
        counts.extend(
            self.ignored
                .iter()
                .map(|(reason, count)| (named("Ignored", reason), *count, "Count")),
        );
        counts.retain(|(_, count, _)| *count > 0);
        if counts.is_empty() {
            return None;
        }
        counts.push((
            "Milliseconds".to_owned(),
            milliseconds(time),
            "Milliseconds",
        ));
        let metrics: Vec<Value> = counts
            .iter()
            .map(|(name, _, unit)| json!({ "Name": name, "Unit": unit }))
            .collect();
        let at = now.duration_since(std::time::UNIX_EPOCH).ok()?;
        let mut document = Map::new();
        document.insert(
            "_aws".to_owned(),
            json!({
                "Timestamp": milliseconds(at),
                "CloudWatchMetrics": [{ "Namespace": NAMESPACE, "Dimensions": [["Connection"]], "Metrics": metrics }],
            }),
        );
        document.insert("Connection".to_owned(), connection.into());
        document.extend(
            counts
                .into_iter()
                .map(|(name, count, _)| (name, count.into())),
        );
        Some(Value::Object(document))
    }

    /// The invocation's answer.
    #[must_use]
    pub fn answer(&self, probed: bool) -> Value {
        json!({
            "stored": self.stored,
            "skipped": self.skipped.values().sum::<u64>(),
            "gone": self.gone,
            "ignored": self.ignored,
            "signedIn": probed,
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_are_those_that_were_counted_and_an_odd_reason_makes_no_new_one() {
        let mut report = Report::default();
        let time = Duration::from_millis(7);
        let now = std::time::UNIX_EPOCH + Duration::from_secs(1);
        assert_eq!(report.document("c", time, now), None);
        let object = Object::new("b".to_owned(), "k".to_owned());
        for moved in [
            Ok(Outcome::Stored(10)),
            Ok(Outcome::Stored(5)),
            Ok(Outcome::Skipped("paused".to_owned())),
            Ok(Outcome::Skipped("Something/else".to_owned())),
            Ok(Outcome::Skipped(String::new())),
            Err("broken".to_owned()),
        ] {
            report.file(&object, &moved, time);
        }
        report.ignore("notALogFile", 3);
        let document = report.document("c", time, now).unwrap();
        let metrics = &document["_aws"]["CloudWatchMetrics"][0]["Metrics"];
        let metrics = metrics.as_array().unwrap();
        let names: Vec<&str> = metrics
            .iter()
            .filter_map(|one| one["Name"].as_str())
            .collect();
        let expected = [
            ("Offered", 6),
            ("Stored", 2),
            ("Failed", 1),
            ("Bytes", 15),
            ("SkippedOther", 2),
            ("SkippedPaused", 1),
            ("IgnoredNotALogFile", 3),
            ("Milliseconds", 7),
        ];
        assert_eq!(names, expected.map(|(name, _)| name));
        for (name, count) in expected {
            assert_eq!(document[name], count, "{name}");
        }
        assert_eq!(document["_aws"]["Timestamp"], 1000);
        assert_eq!(report.failed(), Some((1, "broken")));
    }
}
