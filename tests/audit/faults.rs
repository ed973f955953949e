//! What somebody may do to log files and digests, and what must be found then. Each case is in a region of its own.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_s3::primitives::ByteStream;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::tampering::Span;
use crate::support::{
    World, blocking,
    past::{Past, delete, flip, flip_signature},
};

/// Something that is done to a past.
pub(super) struct Case {
    pub(super) fault: &'static str,
    pub(super) region: &'static str,
    /// Fields of the past (`Wanted` in `src/sandbox/cloudtrail/history/span.rs`).
    pub(super) past: fn(&Span) -> Value,
    /// Whether a second trail writes into the same folders.
    pub(super) second: bool,
    /// Does it, and returns what must be found.
    pub(super) act: fn(&Scene<'_>) -> Found,
    /// Whether the AWS CLI cannot see it.
    pub(super) unseen: bool,
}

/// What is found in a region.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Found {
    /// The files that are not proved, by what they are.
    pub(super) files: BTreeMap<String, BTreeSet<String>>,
    /// What is told of the digests of the connection's trail.
    pub(super) findings: Vec<Value>,
}

/// Where a case is acted out.
pub(super) struct Scene<'a> {
    pub(super) world: &'a World,
    pub(super) bucket: &'a str,
    pub(super) span: &'a Span,
    pub(super) past: &'a Past,
    /// That of the second trail.
    pub(super) second: Option<&'a Past>,
}

const NOTHING: Case = Case {
    fault: "nothing",
    region: "ap-northeast-1",
    past: |_| json!({}),
    second: false,
    act: |_| Found::default(),
    unseen: false,
};

pub(super) static CASES: [Case; 16] = [
    NOTHING,
    Case {
        fault: "one bit of a log file",
        region: "ap-south-1",
        act: |scene| {
            let key = scene.log();
            scene.flip(&key);
            Found::default().with("altered", [key])
        },
        ..NOTHING
    },
    Case {
        fault: "one bit of a digest",
        region: "ca-central-1",
        act: |scene| {
            scene.flip(scene.digest());
            scene.faulty("altered")
        },
        ..NOTHING
    },
    Case {
        fault: "one bit of a signature",
        region: "eu-central-1",
        act: |scene| {
            scene.flip_signature(scene.digest());
            scene.faulty("signatureAltered")
        },
        ..NOTHING
    },
    Case {
        fault: "a log file deleted",
        region: "eu-north-1",
        act: |scene| {
            let key = scene.log();
            scene.delete(&key);
            Found::default().with("deleted", [key])
        },
        ..NOTHING
    },
    Case {
        fault: "a digest deleted",
        region: "eu-west-2",
        act: |scene| scene.without_a_digest(),
        ..NOTHING
    },
    Case {
        fault: "a day without logging",
        region: "eu-west-3",
        past: |span| json!({ "silent": [silence(span)] }),
        act: |scene| {
            let (from, until) = silence(scene.span);
            Found::default().told(json!({ "gap": { "from": from, "until": until } }))
        },
        ..NOTHING
    },
    Case {
        fault: "a chain that begins late",
        region: "sa-east-1",
        past: |span| json!({ "digestsSince": span.at(span.hours / 4) }),
        act: |scene| {
            let begin = scene.span.hours / 4;
            Found::default()
                .with("unsigned", scene.logs(0, begin))
                .told(json!({ "begins": { "at": scene.span.at(begin) } }))
        },
        ..NOTHING
    },
    Case {
        fault: "keys rotated",
        region: "us-east-1",
        past: |_| json!({ "keys": 3 }),
        act: |scene| {
            assert_eq!(scene.past.fingerprints.len(), 3);
            Found::default()
        },
        ..NOTHING
    },
    Case {
        fault: "a second trail in the same bucket",
        region: "us-east-2",
        second: true,
        act: |scene| Found::default().with("otherTrail", scene.others()),
        ..NOTHING
    },
    Case {
        fault: "a digest deleted where there is a second trail",
        region: "us-west-1",
        second: true,
        act: |scene| {
            let found = scene.without_a_digest();
            found.with("otherTrail", scene.others())
        },
        ..NOTHING
    },
    Case {
        fault: "the last digests deleted",
        region: "us-west-2",
        act: |scene| {
            let (hours, digests) = (scene.span.hours, &scene.past.digests);
            for key in &digests[digests.len() - 2..] {
                scene.delete(key);
            }
            let (from, until) = (scene.span.at(hours - 2), scene.span.at(hours));
            Found::default()
                .with("unsigned", scene.logs(hours - 2, hours))
                .told(json!({ "gap": { "from": from, "until": until } }))
        },
        unseen: true,
        ..NOTHING
    },
    Case {
        fault: "everything deleted",
        region: "ap-southeast-1",
        act: |scene| {
            let Past { logs, digests, .. } = scene.past;
            scene.delete_all(logs.iter().chain(digests));
            Found::default()
                .with("vanished", logs.iter().cloned())
                .told(json!("noDigests"))
        },
        unseen: true,
        ..NOTHING
    },
    Case {
        fault: "everything deleted, and a junk digest put there",
        region: "ap-northeast-2",
        act: |scene| {
            let Past { logs, digests, .. } = scene.past;
            scene.delete_all(logs.iter().chain(digests));
            let digest = scene.junk();
            let until = scene.span.at(scene.span.hours + 2);
            let fault = "unreadable";
            Found::default()
                .with("vanished", logs.iter().cloned())
                .told(json!("noDigests"))
                .told(json!({ "faulty": { "digest": digest, "fault": fault, "until": until } }))
        },
        unseen: true,
        ..NOTHING
    },
    Case {
        fault: "all digests deleted, and a log file written again",
        region: "ap-northeast-3",
        act: |scene| {
            scene.delete_all(scene.past.digests.iter());
            let key = scene.log();
            scene.flip(&key);
            let others = scene.past.logs.iter().filter(|other| **other != key);
            Found::default()
                .with("unsigned", others.cloned())
                .with("receivedDifferently", [key.clone()])
                .told(json!("noDigests"))
        },
        unseen: true,
        ..NOTHING
    },
    Case {
        fault: "everything deleted, then a new chain begins",
        region: "ap-southeast-2",
        past: |span| json!({ "silent": [restart(span)] }),
        act: |scene| {
            let (end, begin) = restart(scene.span);
            let logs = scene.logs(0, scene.span.hours / 2);
            let digests = scene.past.digests.iter();
            let before = digests.filter(|key| landed(key) <= end);
            scene.delete_all(logs.iter().chain(before));
            Found::default()
                .with("vanished", logs)
                .told(json!({ "begins": { "at": begin } }))
        },
        unseen: true,
        ..NOTHING
    },
];

/// When nothing is logged: a day, or a quarter of a short past.
fn silence(span: &Span) -> (Timestamp, Timestamp) {
    let from = span.hours / 3;
    let length = 24.min(span.hours / 4);
    (span.at(from), span.at(from + length))
}

/// When the trail is made anew, in the middle of a past: nothing is logged in between.
fn restart(span: &Span) -> (Timestamp, Timestamp) {
    let end = span.hours / 2;
    (span.at(end), span.at(end + 1))
}

impl Found {
    /// With files that are not proved.
    fn with(mut self, what: &str, keys: impl IntoIterator<Item = String>) -> Self {
        self.files
            .insert(what.to_owned(), keys.into_iter().collect());
        self
    }

    /// With something that is told of the digests.
    fn told(mut self, what: Value) -> Self {
        self.findings.push(what);
        self
    }

    /// What is wrong with files and digests, in the words that the AWS CLI's verdicts have here too: a key or a time, and what it is.
    pub(super) fn wrong(&self) -> BTreeSet<(String, String)> {
        let mut wrong = BTreeSet::new();
        for (kind, what) in [("altered", "differs"), ("deleted", "gone")] {
            let keys = self.files.get(kind).into_iter().flatten();
            wrong.extend(keys.map(|key| (key.clone(), what.to_owned())));
        }
        for finding in &self.findings {
            let text =
                |kind: &str, field: &str| Some(finding.get(kind)?[field].as_str()?.to_owned());
            let faulty = text("faulty", "digest").map(|key| (key, "faulty".to_owned()));
            let missing = text("missing", "digest").map(|key| (key, "gone".to_owned()));
            let times = text("gap", "from").zip(text("gap", "until"));
            let gap = times.map(|(from, until)| (format!("{from} {until}"), "silence".to_owned()));
            wrong.extend([faulty, missing, gap].into_iter().flatten());
        }
        wrong
    }
}

impl Scene<'_> {
    /// The hour at whose end something happens.
    fn hour(&self) -> i64 {
        self.span.hours / 2
    }

    /// The digest of that hour.
    fn digest(&self) -> &str {
        let number = usize::try_from(self.hour() - 1).unwrap();
        &self.past.digests[number]
    }

    /// The log files of the trail that landed between these hours.
    fn logs(&self, from: i64, until: i64) -> Vec<String> {
        let (from, until) = (self.span.at(from), self.span.at(until));
        let is_in = |key: &&String| {
            let landed = landed(key);
            from < landed && landed <= until
        };
        self.past.logs.iter().filter(is_in).cloned().collect()
    }

    /// A log file of that hour.
    fn log(&self) -> String {
        self.logs(self.hour() - 1, self.hour()).swap_remove(0)
    }

    /// The log files of the second trail.
    fn others(&self) -> Vec<String> {
        self.second.expect("a second trail").logs.clone()
    }

    /// The digest of that hour proves nothing.
    fn faulty(&self, fault: &str) -> Found {
        let until = self.span.at(self.hour());
        let digest = self.digest();
        Found::default()
            .with("unsigned", self.logs(self.hour() - 1, self.hour()))
            .told(json!({ "faulty": { "digest": digest, "fault": fault, "until": until } }))
    }

    /// Deletes the digest of that hour.
    fn without_a_digest(&self) -> Found {
        let digest = self.digest();
        self.delete(digest);
        let hour = self.hour();
        let (from, until) = (self.span.at(hour - 1), self.span.at(hour));
        Found::default()
            .with("unsigned", self.logs(hour - 1, hour))
            .told(json!({ "missing": { "digest": digest, "from": from, "until": until } }))
    }

    /// Puts an object without a meaning there, with the name of a backfill digest of the hours after the past. Returns its key.
    fn junk(&self) -> String {
        let last = self.past.digests.last().expect("a digest");
        let (stem, _) = last.rsplit_once('_').expect("a time");
        let (folder, name) = stem.rsplit_once('/').expect("a folder");
        let root = &folder[..folder.len() - "2026/11/27".len()];
        let end = self.span.at(self.span.hours + 2);
        let (day, time) = (end.strftime("%Y/%m/%d"), end.strftime("%Y%m%dT%H%M%SZ"));
        let key = format!("{root}{day}/{name}_{time}_backfill.json.gz");
        blocking(async {
            let put = self.world.aws().await.s3.put_object();
            let put = put.bucket(self.bucket).key(&key);
            let body = ByteStream::from_static(b"junk");
            put.body(body).send().await.expect("the object is written");
        });
        key
    }

    fn flip(&self, key: &str) {
        blocking(async { flip(&self.world.aws().await, self.bucket, key).await });
    }

    fn flip_signature(&self, key: &str) {
        blocking(async { flip_signature(&self.world.aws().await, self.bucket, key).await });
    }

    fn delete(&self, key: &str) {
        blocking(async { delete(&self.world.aws().await, self.bucket, key).await });
    }

    fn delete_all<'a>(&self, keys: impl Iterator<Item = &'a String>) {
        blocking(async {
            let aws = self.world.aws().await;
            for key in keys {
                delete(&aws, self.bucket, key).await;
            }
        });
    }
}

/// When a log file landed, or when the time of a digest ends, as its name says.
fn landed(key: &str) -> Timestamp {
    let mut parts = key.rsplit('_');
    let last = parts.next().expect("a name");
    let (time, format) = match last.strip_suffix(".json.gz") {
        Some(end) if key.contains("_CloudTrail-Digest_") => (end, "%Y%m%dT%H%M%S%z"),
        _ => (parts.next().expect("a time"), "%Y%m%dT%H%M%z"),
    };
    let time = time.replace('Z', "+0000");
    Timestamp::strptime(format, time).expect("a time")
}
