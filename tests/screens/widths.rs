//! Every screen fits its terminal, and lines break between words.

use std::{collections::BTreeSet, sync::LazyLock};

use regex::Regex;

use super::shots::{Shot, shots};
use crate::support::terminal::TOO_LONG;

/// The widest terminal that screens are taken on: a word that is whole there must be whole everywhere.
const WIDEST: usize = 120;

#[test]
fn no_line_is_longer_than_its_terminal() {
    let mut wrong = Vec::new();
    for shot in shots() {
        let (mut pasted, mut goes_on) = (false, false);
        for (number, row) in shot.rows.iter().enumerate() {
            let width = console::measure_text_width(row.trim_end_matches(TOO_LONG));
            let too_long = row.ends_with(TOO_LONG);
            pasted = too_long && (pasted || goes_on || is_pasted(row));
            // A word that is too long has a line of the command to itself.
            goes_on = row.ends_with(" \\");
            if width > shot.columns || (too_long && !pasted) {
                wrong.push(format!("{}:{}: {row}", shot.name, shot.line + number));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whether a row is of a command or of a JSON document. Their words stay whole, however long they are, so that they can be
/// pasted.
fn is_pasted(row: &str) -> bool {
    let row = row.trim_start();
    ["--", "sophos-ct ", "SOPHOS_CENTRAL_API_URL=", "\""]
        .iter()
        .any(|start| row.starts_with(start))
}

#[test]
fn no_line_breaks_inside_a_word_unless_the_word_alone_is_too_long() {
    let shots = shots();
    let (widest, narrower): (Vec<&Shot>, Vec<&Shot>) =
        shots.iter().partition(|shot| shot.columns == WIDEST);
    let mut wrong = Vec::new();
    for shot in narrower {
        let same = |other: &&&Shot| other.screen == shot.screen && other.language == shot.language;
        let Some(wide) = widest.iter().find(same) else {
            continue;
        };
        let whole = words(wide);
        // An indent and the first column of a table take up to half of a line. Japanese breaks between its own characters.
        let long = |word: &&&str| word.len() > shot.columns / 2;
        let is_part = |part: &str| whole.iter().filter(long).any(|word| word.contains(part));
        for word in words(shot) {
            // The key of a digest is longer than the widest screen.
            if word.contains("CloudTrail-Digest_") {
                continue;
            }
            if !whole.contains(word) && !is_part(word) {
                wrong.push(format!("{}: {word}", shot.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The words of a screen that are written in Latin letters and digits, with the marks that belong to them.
fn words(shot: &Shot) -> BTreeSet<&str> {
    static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new("[!-~]+").expect("a pattern"));
    let rows = shot.rows.iter();
    let words = rows.flat_map(|row| WORD.find_iter(row).map(|found| found.as_str()));
    words
        .filter(|word| word.contains(|char: char| char.is_ascii_alphanumeric()))
        .collect()
}
