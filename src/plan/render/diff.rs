//! A JSON document before and after, line by line.

use std::ops::Range;

use serde_json::Value;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// How many unchanged lines stand before and after a change.
const CONTEXT: usize = 3;

/// A line of the comparison.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Same(String),
    Added(String),
    Removed(String),
    /// So many unchanged lines are left out.
    Folded(usize),
}

/// Compares two documents as they are printed: with their keys in their own order. `None` is a document that is not there.
#[must_use]
pub(super) fn compare(before: Option<&Value>, after: Option<&Value>) -> Vec<Line> {
    let (old, new) = (printed(before), printed(after));
    let mut lines = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &content(&old), &content(&new)) {
        let (tag, of_old, of_new) = op.as_tag_tuple();
        if tag == DiffTag::Equal {
            lines.extend(folded(&new, of_new));
        } else {
            lines.extend(old[of_old].iter().cloned().map(Line::Removed));
            lines.extend(new[of_new].iter().cloned().map(Line::Added));
        }
    }
    lines
}

fn printed(document: Option<&Value>) -> Vec<String> {
    let text = document.map(|document| {
        serde_json::to_string_pretty(document).expect("a JSON value is always printable")
    });
    let text = text.unwrap_or_default();
    text.lines().map(ToOwned::to_owned).collect()
}

/// What counts in each line: a comma behind it says nothing about the line itself, only that more follows.
fn content(lines: &[String]) -> Vec<&str> {
    lines
        .iter()
        .map(|line| line.strip_suffix(',').unwrap_or(line))
        .collect()
}

/// Unchanged lines, without those that are far from every change.
fn folded(lines: &[String], range: Range<usize>) -> Vec<Line> {
    let head = if range.start == 0 { 0 } else { CONTEXT };
    let tail = if range.end == lines.len() { 0 } else { CONTEXT };
    let same = |lines: &[String]| lines.iter().cloned().map(Line::Same).collect::<Vec<_>>();
    let all = &lines[range];
    // A single line takes no more room than the line that says that it is left out.
    if all.len() <= head + tail + 1 {
        return same(all);
    }
    let mut shown = same(&all[..head]);
    shown.push(Line::Folded(all.len() - head - tail));
    shown.extend(same(&all[all.len() - tail..]));
    shown
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(before: &Value, after: &Value) -> Vec<String> {
        let lines = compare(Some(before), Some(after)).into_iter();
        lines
            .map(|line| match line {
                Line::Same(text) => format!("  {text}"),
                Line::Added(text) => format!("+ {text}"),
                Line::Removed(text) => format!("- {text}"),
                Line::Folded(count) => format!("… {count}"),
            })
            .collect()
    }

    #[test]
    fn what_is_appended_to_a_list_does_not_change_what_stands_before_it() {
        let lines = shown(
            &json!({ "Statement": [{ "Sid": "Theirs" }] }),
            &json!({ "Statement": [{ "Sid": "Theirs" }, { "Sid": "Ours" }] }),
        );
        assert_eq!(
            lines,
            [
                "… 2",
                "      {",
                "        \"Sid\": \"Theirs\"",
                "      },",
                "+     {",
                "+       \"Sid\": \"Ours\"",
                "+     }",
                "    ]",
                "  }",
            ]
        );
    }

    #[test]
    fn lines_far_from_every_change_are_counted_and_a_single_one_is_shown() {
        let list = |last: &str| {
            let mut list: Vec<String> = (0..20).map(|n| n.to_string()).collect();
            list.push(last.to_owned());
            json!(list)
        };
        let lines = shown(&list("a"), &list("b"));
        assert_eq!(lines[0], "… 18");
        assert_eq!(lines[1..4], ["    \"17\",", "    \"18\",", "    \"19\","]);
        assert_eq!(lines[4..], ["-   \"a\"", "+   \"b\"", "  ]"]);
        let lines = shown(&json!(["0", "1", "2", "a"]), &json!(["0", "1", "2", "b"]));
        assert_eq!(lines[0], "  [");
    }

    #[test]
    fn a_document_that_was_not_there_is_added_line_by_line() {
        let document = json!({ "a": 1 });
        let added = compare(None, Some(&document));
        let expected = ["{", "  \"a\": 1", "}"].map(|text| Line::Added(text.to_owned()));
        assert_eq!(added, expected);
        let removed = compare(Some(&document), None);
        let expected = ["{", "  \"a\": 1", "}"].map(|text| Line::Removed(text.to_owned()));
        assert_eq!(removed, expected);
    }
}
