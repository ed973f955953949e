//! The screen of an audit.

use serde_json::json;

use super::*;
use crate::{
    audit::{
        Others,
        screen::{Commands, Shown, advice, page},
    },
    central::model::Connection,
    ui::layout::Width,
};

fn connection() -> Connection {
    let document = json!({
        "id": "0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21",
        "name": "demo",
        "awsAccountId": "111122223333",
        "status": "active",
        "createdAt": "2026-11-24T00:00:00Z",
        "updatedAt": "2026-11-24T00:00:00Z",
    });
    serde_json::from_value(document).unwrap()
}

/// The lines of the screen for files that landed at these times.
fn lines(files: &[(&str, Found)], as_words: bool, others: &[&str]) -> Vec<String> {
    let window = a_day();
    let folders = [folder("111122223333", "eu-west-1")];
    let mut tally = Tally::new(&window, &folders);
    for (landed, found) in files {
        tally.add(&Verdict {
            folder: &folders[0],
            object: &object("k", landed),
            found: *found,
        });
    }
    let words = |more: &str| -> Vec<String> {
        let line = format!("sophos-ct audit demo --since T --replay{more}");
        line.split(' ').map(ToOwned::to_owned).collect()
    };
    let commands = Commands {
        replay: words(""),
        history: words(" --history"),
        unassigned: words(" --include-unassigned"),
        paused: words(" --include-skipped paused"),
    };
    let others = Others {
        names: others.iter().map(|name| (*name).to_owned()).collect(),
        ..Others::default()
    };
    let shown = Shown {
        connection: &connection(),
        bucket: "logs",
        window: &window,
        tally: &tally,
        expired: 0,
        replayed: 0,
        commands: &commands,
        others: &others,
        words: as_words,
        width: Width::of_columns(80),
    };
    let lines = page(&shown).lines.into_iter().chain(advice(&shown).lines);
    lines.map(|line| line.text).collect()
}

#[test]
fn the_verdict_comes_first_and_what_is_missing_with_its_remedy_last() {
    let files = [
        ("2026-11-27T12:00:00Z", Found::Stored),
        ("2026-11-28T00:10:00Z", Found::Stored),
        ("2026-11-28T00:20:00Z", Found::Missing),
    ];
    let shown = lines(&files, false, &[]);
    assert_eq!(
        shown[0],
        "1 of 3 log files of demo is missing at Sophos Central."
    );
    let has = |text: &str| shown.iter().any(|line| line.contains(text));
    for text in [
        "landed in logs from 2026-11-27 12:00 UTC to 2026-11-28 12:00 UTC",
        "  3  log files, 30 B",
        "  1  missing",
        "Files per hour (2 at most)",
        "▄···········█",
        "            ✗",
        "2026-11-28 00:00 UTC",
        "111122223333",
    ] {
        assert!(has(text), "{text}: {shown:#?}");
    }
    let last = shown[shown.len() - 2..].join("\n");
    let expected = "→ Send what is missing again:\n  sophos-ct audit demo --since T --replay";
    assert_eq!(last, expected);
    let read_out = lines(&files, true, &[]).join("\n");
    assert!(!read_out.contains(['█', '✗', '→']), "{read_out}");
}

#[test]
fn nothing_missing_is_said_in_one_sentence() {
    let shown = lines(&[("2026-11-28T00:10:00Z", Found::Stored)], false, &[]);
    assert_eq!(
        shown[0],
        "Sophos Central has every log file of demo that it wants."
    );
    assert!(
        !shown.iter().any(|line| line.contains("--replay")),
        "{shown:#?}"
    );
    let shown = lines(&[], false, &[]);
    assert_eq!(shown.len(), 2, "{shown:#?}");
    assert!(shown[0].starts_with("No log file of demo"), "{shown:#?}");
}

#[test]
fn what_could_not_be_delivered_is_not_said_to_be_there() {
    let at = "2026-11-28T00:10:00Z";
    for outcome in [Outcome::Denied, Outcome::Archived, Outcome::Gone] {
        let files = [(at, Found::Stored), (at, Found::Reported(outcome))];
        let shown = lines(&files, false, &[]);
        let said = "1 log file of demo could not be delivered to Sophos Central";
        assert!(shown[0].starts_with(said), "{shown:#?}");
    }
}

#[test]
fn what_is_on_its_way_is_not_said_to_have_arrived() {
    let at = "2026-11-28T00:10:00Z";
    let mut files = vec![(at, Found::Stored), (at, Found::InFlight)];
    let shown = lines(&files, false, &[]);
    assert!(
        shown[0].ends_with("time to arrive; 1 is still on its way."),
        "{shown:#?}"
    );
    let has = |shown: &[String], text: &str| shown.iter().any(|line| line.contains(text));
    assert!(
        has(&shown, "in the bucket for less than 15 min"),
        "{shown:#?}"
    );
    files.push((at, Found::Earlier));
    let shown = lines(&files, false, &[]);
    assert!(
        shown[0].ends_with("Still on their way: 1. Landed before: 1."),
        "{shown:#?}"
    );
    let shown = lines(&[(at, Found::Stored)], false, &[]);
    assert!(has(&shown, "  1  log file, 10 B"), "{shown:#?}");
}

#[test]
fn what_does_not_count_as_missing_is_said_with_how_to_bring_it() {
    let at = "2026-11-28T00:10:00Z";
    let skipped = Found::Skipped(Some(SkipReason::Paused));
    for (found, verdict, flag) in [
        (Found::Earlier, "1 landed before.", "--history"),
        (Found::Unassigned, "cannot be told", "--include-unassigned"),
        (skipped, "that it wants.", "--include-skipped paused"),
    ] {
        let shown = lines(&[(at, found)], false, &[]);
        assert!(shown[0].contains(verdict), "{shown:#?}");
        assert!(shown.last().unwrap().ends_with(flag), "{shown:#?}");
    }
    let shown = lines(&[(at, Found::OtherTrail)], false, &["theirs"]).join("\n");
    assert!(
        shown.contains("(theirs)") && !shown.contains("--replay"),
        "{shown}"
    );
}
