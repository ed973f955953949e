//! The screen of an audit.

use serde_json::json;

use super::*;
use crate::{
    audit::screen::{Shown, page},
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
fn lines(files: &[(&str, Found)], words: bool) -> Vec<String> {
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
    let page = page(&Shown {
        connection: &connection(),
        bucket: "logs",
        window: &window,
        tally: &tally,
        expired: 0,
        replayed: 0,
        replay: "sophos-ct audit demo --replay",
        words,
        width: Width::of_columns(80),
    });
    page.lines.into_iter().map(|line| line.text).collect()
}

#[test]
fn the_verdict_comes_first_and_what_is_missing_with_its_remedy_last() {
    let files = [
        ("2026-11-27T12:00:00Z", Found::Stored),
        ("2026-11-28T00:10:00Z", Found::Stored),
        ("2026-11-28T00:20:00Z", Found::Missing),
    ];
    let shown = lines(&files, false);
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
    let last = shown.last().unwrap();
    assert_eq!(last, "→ `sophos-ct audit demo --replay` sends them again.");
    let read_out = lines(&files, true).join("\n");
    assert!(!read_out.contains(['█', '✗', '→']), "{read_out}");
}

#[test]
fn nothing_missing_is_said_in_one_sentence() {
    let shown = lines(&[("2026-11-28T00:10:00Z", Found::Stored)], false);
    assert_eq!(
        shown[0],
        "Sophos Central has every log file of demo that it wants."
    );
    assert!(
        !shown.iter().any(|line| line.contains("--replay")),
        "{shown:#?}"
    );
    let shown = lines(&[], false);
    assert_eq!(shown.len(), 2, "{shown:#?}");
    assert!(shown[0].starts_with("No log file of demo"), "{shown:#?}");
}
