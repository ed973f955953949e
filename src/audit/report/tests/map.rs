//! The map: its columns, its cells and its rows.

use super::Case;
use crate::audit::{
    Counts, Tally,
    report::{
        columns::{COLUMNS, Columns, Parts},
        heat::{self, Cell, Row, few, rows, short},
    },
    tally::Slots,
    tests::{folder, window},
};

#[test]
fn times_are_joined_until_they_fit_and_nothing_is_lost() {
    const HOUR: i64 = 3600;
    for (until, length, count) in [
        ("2026-11-02T12:00:00Z", HOUR, 24),
        ("2026-11-04T12:00:00Z", HOUR, 72),
        ("2026-11-08T12:00:00Z", 6 * HOUR, 28),
        ("2026-12-01T12:00:00Z", 24 * HOUR, 31),
        ("2027-01-30T12:00:00Z", 24 * HOUR, 91),
        ("2028-11-01T12:00:00Z", 14 * 24 * HOUR, 53),
    ] {
        let slots = Slots::new(&window("2026-11-01T12:00:00Z", until), 3);
        let columns = Columns::new(slots);
        assert_eq!(columns.length, length, "{until}");
        assert_eq!(columns.count, count, "{until}");
        assert!(
            columns.count <= usize::try_from(COLUMNS).unwrap(),
            "{until}"
        );
        let one = Counts {
            objects: 1,
            missing: 1,
            ..Counts::default()
        };
        let cells = columns.join(&vec![one; slots.count]);
        assert_eq!(cells.len(), columns.count);
        let sum: u64 = cells.iter().map(|cell| cell.missing).sum();
        assert_eq!(sum, slots.count as u64, "{until}");
    }
}

#[test]
fn columns_that_the_window_cuts_are_marked_and_told() {
    let parts = |since, until| {
        let window = window(since, until);
        let columns = Columns::new(Slots::new(&window, 1));
        let parts = Parts::new(&columns, &window);
        (columns.count, parts.since.is_some(), parts.until.is_some())
    };
    let (whole, cut) = ("2026-11-27T08:00:00Z", "2026-11-28T08:33:00Z");
    assert_eq!(parts(whole, "2026-11-28T08:00:00Z"), (24, false, false));
    assert_eq!(parts(whole, cut), (25, false, true));
    assert_eq!(parts("2026-11-27T08:33:00Z", cut), (25, true, true));

    let mut case = Case::usual();
    let count = |page: &str| page.matches("class=\"part\"").count();
    assert_eq!(count(&case.page()), 0);
    case.window = window("2026-11-27T12:30:00Z", "2026-11-28T12:30:00Z");
    case.tally = Tally::new(&case.window, &[folder("111122223333", "eu-west-1")]);
    let page = case.page();
    assert_eq!(count(&page), 2, "{page}");
    for text in [
        "what landed from 2026-11-27 12:30 UTC on.",
        "what landed before 2026-11-28 12:30 UTC.",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn times_are_written_alike_and_a_short_group_keeps_its_whole_name() {
    let mut case = Case::usual();
    case.connection["lastReceivedAt"] = "2026-11-28T11:59:07.25Z".into();
    case.window = window("2026-11-27T02:00:00Z", "2026-11-28T02:00:00Z");
    case.tally = Tally::new(&case.window, &[folder("111122223333", "eu-west-1")]);
    let page = case.page();
    assert!(page.contains("<td>2026-11-28 11:59:07 UTC</td>"), "{page}");
    assert!(page.contains("<td>2026-11-24 00:00:00 UTC</td>"), "{page}");
    let short = "<b aria-hidden=\"true\">28</b><span class=\"sr\">2026-11-28</span>";
    assert!(page.contains(short), "{page}");
}

#[test]
fn a_short_time_has_whole_days_and_names_of_regions_stay_whole() {
    let mut case = Case::usual();
    assert!(case.page().contains("<td class=\"name\">eu-west-1</td>"));
    for (since, until, days) in [
        ("2026-11-28T02:10:00Z", "2026-11-28T02:40:00Z", &["28"][..]),
        (
            "2026-11-27T23:50:00Z",
            "2026-11-28T00:10:00Z",
            &["27", "28"][..],
        ),
    ] {
        case.window = window(since, until);
        case.tally = Tally::new(&case.window, &[folder("111122223333", "eu-west-1")]);
        let page = case.page();
        for day in days {
            let whole = format!("title=\"2026-11-{day}\"><span>2026-11-{day}</span>");
            assert!(page.contains(&whole), "{page}");
        }
    }
}

#[test]
fn the_worst_accounts_come_first_and_the_others_have_a_row_together() {
    let slots = Slots::new(&window("2026-11-01T00:00:00Z", "2026-11-01T01:00:00Z"), 70);
    let columns = Columns::new(slots);
    let counts: Vec<[Counts; 1]> = (0..65)
        .map(|missing| {
            [Counts {
                objects: 100,
                delivered: 100 - missing,
                missing,
                ..Counts::default()
            }]
        })
        .collect();
    let named = counts.iter().enumerate();
    let named = named.map(|(number, counts)| (format!("account {number}"), &counts[..]));
    let shown: Vec<Row> = few(&rows(&columns, named));
    assert_eq!(shown.len(), heat::ROWS + 1);
    assert_eq!(shown[0].0, "account 64");
    let (name, cells) = shown.last().unwrap();
    assert_eq!(name, "5 others");
    assert_eq!((cells[0].files, cells[0].missing), (500, 1 + 2 + 3 + 4));
}

#[test]
fn a_cell_has_a_colour_by_the_share_that_was_received_and_words() {
    let cell = |files, received, missing, reported| Cell {
        files,
        received,
        missing,
        reported,
    };
    for (cell, class, words) in [
        (cell(0, 0, 0, 0), "none", "no file"),
        (cell(4, 0, 0, 0), "none", "nothing due"),
        (cell(9, 1, 0, 0), "all", "1 received"),
        (cell(9, 7, 0, 0), "all", "all 7 received"),
        (cell(100, 99, 1, 0), "nearly", "99 of 100, 1 missing"),
        (cell(100, 98, 2, 0), "most", "98 of 100, 2 missing"),
        (
            cell(100, 90, 0, 10),
            "most",
            "90 of 100, 10 reported as unreadable",
        ),
        (
            cell(100, 89, 6, 5),
            "half",
            "89 of 100, 6 missing, 5 reported as unreadable",
        ),
        (cell(2, 1, 1, 0), "half", "1 of 2, 1 missing"),
        (cell(3, 1, 2, 0), "few", "1 of 3, 2 missing"),
    ] {
        assert_eq!((cell.class(), cell.words().as_str()), (class, words));
    }
    let numbers = [999, 1_000, 999_999, 7_000_000].map(short);
    assert_eq!(numbers, ["999", "1k", "999k", "7M"]);
}
