//! A bucket that others share: files of other trails and of before the connection are told apart, and nothing of others is sent.

use std::{collections::BTreeSet, fs};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{pasted, quiet};
use crate::{
    existing,
    support::{
        Ran, World, blocking,
        past::{Past, delete},
    },
};

/// A past that ended some hours ago, so that the live trail has nothing to do with it.
pub(super) struct Shared {
    pub(super) world: World,
    id: String,
    pub(super) bucket: String,
    since: String,
    until: String,
}

/// The files of each past.
pub(super) const FILES: usize = 6;

impl Shared {
    pub(super) fn new() -> Self {
        Self::ending(SignedDuration::from_hours(4), SignedDuration::from_hours(6))
    }

    /// A past of this length that ended so long ago.
    pub(super) fn ending(ago: SignedDuration, length: SignedDuration) -> Self {
        Self::of(World::new(), ago, length)
    }

    /// The same in this world.
    pub(super) fn of(world: World, ago: SignedDuration, length: SignedDuration) -> Self {
        let id = quiet(&world, &[]);
        let minute = Timestamp::now().as_second() / 60 * 60;
        let until = Timestamp::from_second(minute).unwrap() - ago;
        let since = until - length;
        Self {
            bucket: format!("sophos-ct-demo-{}-eu-west-1", world.account),
            world,
            id,
            since: since.to_string(),
            until: until.to_string(),
        }
    }

    /// Makes the connection older than all files.
    pub(super) fn made_long_ago(&self) {
        let created = Timestamp::now() - SignedDuration::from_hours(30 * 24);
        let created = json!({ "createdAt": created.to_string() });
        self.world.rewrite(&self.id, &created);
    }

    pub(super) fn past(&self, trail: &str, more: &Value) -> Past {
        let mut wanted = json!({ "since": self.since, "until": self.until, "files": FILES });
        for (name, value) in more.as_object().unwrap() {
            wanted[name] = value.clone();
        }
        Past::make(&self.world, &self.bucket, trail, &wanted)
    }

    /// A past of a trail that has left no digests, of a time of which digests of [`Shared::past`] tell.
    fn past_without_digests(&self, trail: &str) -> Past {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let since = at(&self.since) + SignedDuration::from_hours(1);
        let until = at(&self.until) - SignedDuration::from_hours(1);
        let past = self.past(trail, &json!({ "since": since, "until": until }));
        self.delete_all(&past.digests);
        past
    }

    pub(super) fn delete_all(&self, keys: &[String]) {
        blocking(async {
            let aws = self.world.aws().await;
            for key in keys {
                delete(&aws, &self.bucket, key).await;
            }
        });
    }

    /// The permissions that are printed for a replay, but for that to see trails.
    fn without_trails(&self) -> String {
        let policy = self.world.printed_policy("audit-replay", "demo", &[]);
        let mut policy: Value = serde_json::from_str(&policy).unwrap();
        let statements = policy["Statement"].as_array_mut().unwrap();
        statements.retain(|one| !one["Action"].to_string().contains("DescribeTrails"));
        policy.to_string()
    }

    pub(super) fn run(&self, more: &[&str]) -> Ran {
        let window = ["--since", &self.since, "--until", &self.until];
        let words = [&["audit", "demo"], &window[..], more].concat();
        self.world.run(&words)
    }

    /// The same as a role that has exactly this policy.
    pub(super) fn run_under(&self, policy: &str, more: &[&str]) -> Ran {
        let window = ["--since", &self.since, "--until", &self.until];
        let words = [&["audit", "demo"], &window[..], more].concat();
        self.world.run_under(policy, &words)
    }

    pub(super) fn audit(&self, more: &[&str], code: i32) -> Value {
        let json = ["--format", "json"];
        self.run(&[&json[..], more].concat()).exits(code).json()
    }

    /// The keys of which Central has a receipt, whatever became of them.
    pub(super) fn received(&self) -> BTreeSet<String> {
        let id = &self.id;
        let path =
            format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts?pageSize=500");
        let receipts = self.world.central(&path);
        let receipts = receipts["items"].as_array().unwrap().iter();
        let keys = receipts.map(|receipt| receipt["key"].as_str().unwrap().to_owned());
        keys.collect()
    }
}

#[test]
fn nothing_of_another_trail_or_organization_is_missing_or_sent() {
    let shared = Shared::new();
    shared.made_long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    let other = shared.past("other", &json!({}));
    let member = shared.world.member();
    let accounts = [&member, &shared.world.account];
    let theirs = json!({ "organization": "o-a1b2c3d4e5", "accounts": accounts });
    let theirs = shared.past("theirs", &theirs);
    let plain = shared.past("sophos-ct-demo", &json!({ "accounts": [member] }));

    let found = shared.audit(&["--keys"], 8);
    assert_eq!(found["objects"], 2 * FILES, "{found}");
    assert_eq!(found["missing"], FILES, "{found}");
    assert_eq!(found["otherTrail"], FILES, "{found}");
    assert_eq!(found["unassigned"], 0, "{found}");
    assert_eq!(found["otherTrails"], json!(["other"]));
    let missing: BTreeSet<&str> = found["keys"]
        .as_array()
        .unwrap()
        .iter()
        .map(|key| key.as_str().unwrap())
        .collect();
    let expected: BTreeSet<&str> = ours.logs.iter().map(String::as_str).collect();
    assert_eq!(missing, expected);
    // The printed command looks at the same time, whenever it is pasted.
    let shown = shared.run(&["--grace", "1h"]).exits(8).stdout;
    let (since, until) = (&shared.since, &shared.until);
    let command =
        format!("sophos-ct audit demo --since {since} --until {until} --grace 1h --replay\n");
    for text in [command.as_str(), "(other)"] {
        assert!(shown.contains(text), "{text}: {shown}");
    }

    let replayed = pasted(&shared.world, &shown, "--replay").exits(0).json();
    assert_eq!(replayed["replayed"], FILES, "{replayed}");
    assert_eq!(replayed["missing"], 0, "{replayed}");
    let received = shared.received();
    assert!(ours.logs.iter().all(|key| received.contains(key)));
    let of_others = [&other, &theirs, &plain].map(|past| &past.logs);
    let sent = of_others.into_iter().flatten();
    let sent: Vec<&String> = sent.filter(|key| received.contains(*key)).collect();
    assert!(sent.is_empty(), "{sent:?}");
}

#[test]
fn what_no_digest_assigns_to_a_trail_is_sent_only_if_that_is_asked_for() {
    let shared = Shared::new();
    shared.made_long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    let other = shared.past("other", &json!({}));
    shared.delete_all(&ours.digests);
    // They may be missing: nobody is told that all is well, with or without a replay.
    for flags in [&[][..], &["--replay"][..]] {
        let found = shared.audit(flags, 8);
        for (field, expected) in [
            ("missing", 0),
            ("replayed", 0),
            ("unassigned", FILES),
            ("otherTrail", FILES),
        ] {
            assert_eq!(found[field], expected, "{field}: {flags:?} {found}");
        }
    }
    let shown = shared.run(&[]).exits(8);
    let said = format!("{FILES} log files have not arrived");
    assert!(shown.stderr.contains(&said), "{}", shown.stderr);
    let shown = shown.stdout;
    let sent = pasted(&shared.world, &shown, "--replay --include-unassigned");
    let sent = sent.exits(0).json();
    assert_eq!(sent["replayed"], FILES, "{sent}");
    let received = shared.received();
    assert!(ours.logs.iter().all(|key| received.contains(key)));
    assert!(!other.logs.iter().any(|key| received.contains(key)));
}

#[test]
fn a_replay_that_cannot_see_other_trails_sends_nothing() {
    let shared = Shared::new();
    shared.made_long_ago();
    shared.past("sophos-ct-demo", &json!({}));
    shared.past_without_digests("other");
    let before = shared.received();
    let policy = shared.without_trails();
    let (since, until) = (&shared.since, &shared.until);
    let words = ["audit", "demo", "--since", since, "--until", until];
    let words = [&words[..], &["--format", "json"]].concat();
    let replay = [&words[..], &["--replay", "--include-unassigned"]].concat();
    let refused = shared.world.run_under(&policy, &replay).exits(4).stderr;
    for text in [
        "cloudtrail:DescribeTrails",
        "sophos-ct policy audit-replay --name demo",
    ] {
        assert!(refused.contains(text), "{text}: {refused}");
    }
    assert_eq!(shared.received(), before);
    // Without a replay it goes on, and takes nothing for the connection's that its digests do not list.
    let found = shared.world.run_under(&policy, &words).exits(8).json();
    assert_eq!(found["missing"], FILES, "{found}");
    assert_eq!(found["otherTrail"], FILES, "{found}");
}

#[test]
fn what_a_deleted_trail_has_left_is_not_sent() {
    let shared = Shared::new();
    shared.made_long_ago();
    let ours = shared.past("sophos-ct-demo", &json!({}));
    let deleted = shared.past_without_digests("was-deleted");
    for (flags, sent) in [
        (&["--replay"][..], FILES),
        (&["--replay", "--include-unassigned"][..], 0),
    ] {
        let found = shared.audit(flags, 0);
        for (field, expected) in [
            ("replayed", sent),
            ("missing", 0),
            ("otherTrail", FILES),
            ("unassigned", 0),
        ] {
            assert_eq!(found[field], expected, "{field}: {found}");
        }
    }
    let received = shared.received();
    assert!(ours.logs.iter().all(|key| received.contains(key)));
    assert!(!deleted.logs.iter().any(|key| received.contains(key)));
}

#[test]
fn what_is_of_a_time_without_digests_is_sent_only_if_that_is_asked_for() {
    let shared = Shared::new();
    shared.made_long_ago();
    let unknown = shared.past_without_digests("was-deleted");
    assert_eq!(shared.audit(&[], 8)["missing"], FILES);
    // Nothing is sent, so it is missing as before.
    let replay = shared.run(&["--format", "json", "--replay"]).exits(8);
    let (found, said) = (replay.json(), replay.stderr);
    assert!(said.contains("--include-unassigned"), "{said}");
    assert_eq!(found["replayed"], 0, "{found}");
    assert_eq!(found["unassigned"], FILES, "{found}");
    let received = shared.received();
    assert!(!unknown.logs.iter().any(|key| received.contains(key)));
    let sent = shared.audit(&["--replay", "--include-unassigned"], 0);
    assert_eq!(sent["replayed"], FILES, "{sent}");
}

#[test]
fn a_replay_that_may_not_read_its_digests_sends_nothing_of_their_time() {
    let shared = Shared::new();
    shared.made_long_ago();
    shared.past("sophos-ct-demo", &json!({}));
    let before = shared.received();
    let policy = shared.world.printed_policy("audit-replay", "demo", &[]);
    let policy = policy.replace("s3:GetObject", "s3:GetObjectAcl");
    let (since, until) = (&shared.since, &shared.until);
    let words = ["audit", "demo", "--since", since, "--until", until];
    let replay = [&words[..], &["--replay"]].concat();
    let refused = shared.world.run_under(&policy, &replay).exits(4).stderr;
    assert!(refused.contains("s3:GetObject"), "{refused}");
    assert_eq!(shared.received(), before);
}

#[test]
fn an_audit_does_not_guess_whether_a_trail_is_that_of_an_organization() {
    let world = existing::with_trail(true);
    world.setup("demo", &[]).exits(0);
    let policy = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "cloudtrail:DescribeTrails", "Resource": "*" },
    ]});
    let refused = world.run_under(&policy.to_string(), &["audit", "demo"]);
    let refused = refused.exits(4).stderr;
    for text in ["cloudtrail:DescribeTrails", "trail/theirs", "organization"] {
        assert!(refused.contains(text), "{text}: {refused}");
    }
}

#[test]
fn what_landed_before_the_connection_is_history_and_brought_as_such() {
    let shared = Shared::new();
    let past = shared.past("sophos-ct-demo", &json!({}));
    let found = shared.audit(&[], 0);
    assert_eq!(found["missing"], 0, "{found}");
    assert_eq!(found["beforeConnection"], FILES, "{found}");
    let shown = shared.run(&[]).exits(0).stdout;
    let said = "before the connection was made";
    assert!(shown.contains(said), "{shown}");
    // The usual time reaches back before the connection too, but nobody has asked for history.
    let usual = shared
        .world
        .run(&["audit", "demo", "--replay", "--format", "json"]);
    let usual = usual.exits(0).json();
    assert_eq!(usual["replayed"], 0, "{usual}");
    assert_eq!(usual["beforeConnection"], FILES, "{usual}");
    let brought = pasted(&shared.world, &shown, "--replay").exits(0).json();
    assert_eq!(brought["replayed"], FILES, "{brought}");
    assert_eq!(brought["beforeConnection"], 0, "{brought}");
    let received = shared.received();
    assert!(past.logs.iter().all(|key| received.contains(key)));
    // A certificate states since when the connection heard of files, whatever this run counts as missing.
    let file = shared.world.home().join("certificate.json");
    shared.run(&["--replay", "--certify", "--out", file.to_str().unwrap()]);
    let certificate: Value = serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap();
    let path = format!(
        "/cloud-integrations/v1/aws-cloudtrail/connections/{}",
        shared.id
    );
    let connection = shared.world.central(&path);
    let at = |time: &Value| time.as_str().unwrap().parse::<Timestamp>().unwrap();
    let created = at(&connection["createdAt"]).as_second();
    assert_eq!(at(&certificate["heardSince"]).as_second(), created);
}
