//! The way of log files as a picture: each hop with its state, and how long ago something passed it.

use jiff::Timestamp;

use super::{
    path::Hop,
    screen::{View, mark},
};
use crate::ui::{
    human::ago,
    layout::padded,
    page::{Page, Tone},
    t,
    table::labelled,
};

const INDENT: &str = "  ";
const ARROW: &str = " → ";
const GAP: &str = "   ";

/// The room for a time, so that hops stay where they are while it passes: `59 min ago`.
const TIME: usize = 10;

/// Draws the hops side by side or, where that does not fit, below each other. In words, a line for each.
pub(crate) fn draw(page: &mut Page, path: &[Hop], now: Timestamp, view: View) {
    if view.words {
        page.plain(t!("path-title"));
        for hop in path {
            let hop_says = labelled(hop.service, 0, &said(hop, now), true);
            page.line(tone(hop), format!("{INDENT}{hop_says}"));
        }
        return;
    }
    // The mark tells that a hop is right, where there is no room for the word.
    let lines = [true, false].into_iter();
    let mut lines = lines.filter_map(|all| beside(path, now, all, view.width.columns()));
    match lines.next() {
        Some([hops, times]) => {
            page.plain(hops);
            page.line(Tone::Quiet, times);
        }
        None => below(page, path, now),
    }
}

/// A hop in the picture: its name with its mark, and what stands below.
struct Cell {
    name: String,
    below: String,
    width: usize,
}

impl Cell {
    fn new(hop: &Hop, now: Timestamp, all_words: bool) -> Self {
        let name = format!("{} {}", mark(hop.ok, false), hop.service);
        let time = hop.at.map(|at| ago(at, now));
        let below = |time: Option<String>| match (all_words || hop.ok != Some(true), time) {
            (true, time) => together(hop.ok, time),
            (false, time) => time.unwrap_or_default(),
        };
        let wide = |text: &str| console::measure_text_width(text);
        let room = below(time.as_ref().map(|time| padded(time, TIME)));
        Self {
            width: wide(&name).max(wide(&room)),
            name,
            below: below(time),
        }
    }
}

/// Two lines: the hops, and below them their words and times. `None` if they do not fit.
fn beside(
    path: &[Hop],
    now: Timestamp,
    all_words: bool,
    columns: Option<usize>,
) -> Option<[String; 2]> {
    let cells = path.iter().map(|hop| Cell::new(hop, now, all_words));
    let cells: Vec<Cell> = cells.collect();
    let taken: usize = cells.iter().map(|cell| cell.width + GAP.len()).sum();
    if columns.is_some_and(|columns| INDENT.len() + taken > columns + GAP.len()) {
        return None;
    }
    let row = |texts: Vec<&str>, between: &str| {
        let texts = texts.iter().zip(&cells);
        let texts = texts.map(|(text, cell)| padded(text, cell.width));
        let row = texts.collect::<Vec<String>>().join(between);
        format!("{INDENT}{}", row.trim_end())
    };
    let names = cells.iter().map(|cell| cell.name.as_str()).collect();
    let times = cells.iter().map(|cell| cell.below.as_str()).collect();
    Some([row(names, ARROW), row(times, GAP)])
}

fn below(page: &mut Page, path: &[Hop], now: Timestamp) {
    let width = path.iter().map(|hop| hop.service.len()).max();
    for (number, hop) in path.iter().enumerate() {
        let arrow = if number == 0 { " " } else { "↓" };
        let mark = mark(hop.ok, false);
        let hop_says = labelled(
            hop.service,
            width.unwrap_or_default(),
            &said(hop, now),
            false,
        );
        page.line(tone(hop), format!("{INDENT}{arrow} {mark} {hop_says}"));
    }
}

/// The state of a hop in words, and how long ago something passed it.
fn said(hop: &Hop, now: Timestamp) -> String {
    together(hop.ok, hop.at.map(|at| ago(at, now)))
}

/// A state and a time. What is not right did not begin when something last passed.
fn together(ok: Option<bool>, time: Option<String>) -> String {
    match (ok, time) {
        (_, None) => word(ok),
        (Some(true), Some(time)) => format!("{} {time}", word(ok)),
        (_, Some(time)) => t!("path-last", word = word(ok), time = time),
    }
}

fn word(ok: Option<bool>) -> String {
    match ok {
        Some(true) => t!("mark-ok"),
        Some(false) => t!("mark-wrong"),
        None => t!("path-unknown"),
    }
}

fn tone(hop: &Hop) -> Tone {
    match hop.ok {
        Some(true) => Tone::Plain,
        Some(false) => Tone::Removed,
        None => Tone::Changed,
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;
    use crate::{connection::Feed, health::path::Station, ui::layout::Width};

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// The hops, a minute ago and right, but for these stations.
    fn hops(wrong: &[Station]) -> Vec<Hop> {
        let hops = Station::all().map(|station| Hop {
            station,
            service: station.service(&Feed::New),
            ok: Some(!wrong.contains(&station)),
            at: Some(NOW - SignedDuration::from_mins(1)),
        });
        hops.collect()
    }

    fn drawn(path: &[Hop], columns: usize, words: bool) -> Vec<String> {
        let mut page = Page::default();
        let view = View {
            parts: false,
            words,
            width: Width::of_columns(columns),
        };
        draw(&mut page, path, NOW, view);
        page.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_hops_stand_side_by_side_where_they_fit() {
        assert_eq!(
            drawn(&hops(&[]), 80, false),
            [
                "  ✓ CloudTrail  → ✓ S3          → ✓ SNS         → ✓ Lambda      → ✓ Central",
                "  ok 1 min ago    ok 1 min ago    ok 1 min ago    ok 1 min ago    ok 1 min ago",
            ]
        );
        // Words make room for what is wrong.
        assert_eq!(
            drawn(&hops(&[Station::Topic]), 80, false),
            [
                "  ✓ CloudTrail → ✓ S3       → ✗ SNS                  → ✓ Lambda   → ✓ Central",
                "  1 min ago      1 min ago    wrong, last 1 min ago    1 min ago    1 min ago",
            ]
        );
    }

    #[test]
    fn the_hops_stay_where_they_are_while_time_passes() {
        for columns in 1..=120 {
            let lines = |minutes: i64| {
                let at = Some(NOW - SignedDuration::from_mins(minutes));
                let path = hops(&[Station::Bucket])
                    .into_iter()
                    .map(|hop| Hop { at, ..hop });
                drawn(&path.collect::<Vec<_>>(), columns, false)
            };
            let (one, later) = (lines(1), lines(59));
            assert_eq!(one.len(), later.len(), "{columns}");
            if one.len() == 2 {
                assert_eq!(one[0], later[0], "{columns}");
            }
            for line in later.iter().filter(|_| columns >= 40) {
                assert!(console::measure_text_width(line) <= columns, "{line}");
            }
        }
    }

    #[test]
    fn on_a_narrow_terminal_and_in_words_each_hop_has_a_line() {
        let mut path = hops(&[Station::Trail]);
        path[1].ok = None;
        path[1].at = None;
        assert_eq!(
            drawn(&path, 40, false),
            [
                "    ✗ CloudTrail  wrong, last 1 min ago",
                "  ↓ ? S3          unknown",
                "  ↓ ✓ SNS         ok 1 min ago",
                "  ↓ ✓ Lambda      ok 1 min ago",
                "  ↓ ✓ Central     ok 1 min ago",
            ]
        );
        let told = drawn(&path, 40, true);
        assert_eq!(told.len(), 6);
        assert_eq!(told[1], "  CloudTrail: wrong, last 1 min ago");
        assert_eq!(told[2], "  S3: unknown");
    }
}
