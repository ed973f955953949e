//! A command that people paste: its lines fit the terminal, and a shell reads them as one.

use super::layout::Width;

/// A command in lines that fit, each but the last ending in `\`, so that it can be pasted. `words` are quoted already. A flag and
/// its value stay together if they fit. A word that is longer than a line stays whole in a line of its own: the terminal breaks
/// it, and gives it back whole. [`Page::verbatim`](super::page::Page::verbatim) shows such lines.
#[must_use]
pub(crate) fn command(words: &[String], width: Width, indent: usize) -> String {
    const MORE: &str = " \\";
    let Some(columns) = width.columns() else {
        return format!("{}{}", " ".repeat(indent), words.join(" "));
    };
    let width = |text: &str| console::measure_text_width(text);
    let room = columns.saturating_sub(indent + 2 + MORE.len());
    let mut lines: Vec<String> = Vec::new();
    let mut line = " ".repeat(indent);
    for (number, piece) in pieces(words, room).into_iter().enumerate() {
        if number == 0 {
            line.push_str(&piece);
        } else if width(&line) + 1 + width(&piece) + MORE.len() > columns {
            lines.push(line + MORE);
            line = " ".repeat(indent + 2) + &piece;
        } else {
            line.push(' ');
            line.push_str(&piece);
        }
    }
    lines.push(line);
    lines.join("\n")
}

/// What stands in one line: a flag with its value if there is room for both, and otherwise each word.
fn pieces(words: &[String], room: usize) -> Vec<String> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut after_flag = false;
    for word in words {
        let flag = word.starts_with("--");
        match groups.last_mut() {
            Some(last) if after_flag && !flag => last.push(word.clone()),
            _ => groups.push(vec![word.clone()]),
        }
        after_flag = flag;
    }
    let pieces = groups.into_iter().flat_map(|group| {
        let together = group.join(" ");
        match console::measure_text_width(&together) <= room {
            true => vec![together],
            false => group,
        }
    });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_can_be_pasted_from_its_lines() {
        let words = "sophos-ct setup demo --region eu-west-1 --resources new --no-input --yes";
        let words: Vec<String> = words.split(' ').map(ToOwned::to_owned).collect();
        let shown = command(&words, Width::of_columns(40), 2);
        assert_eq!(
            shown,
            "  sophos-ct setup demo \\\n    --region eu-west-1 --resources new \\\n    --no-input --yes"
        );
        assert_eq!(pasted(&shown), words);
    }

    /// The words that a shell sees.
    fn pasted(shown: &str) -> Vec<String> {
        let line = shown.replace("\\\n", " ");
        line.split_whitespace().map(ToOwned::to_owned).collect()
    }

    #[test]
    fn a_word_that_is_longer_than_a_line_stays_whole_at_every_width() {
        let (trail, bucket) = (
            "arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs",
            "'監査ログのバケット'",
        );
        let words = [
            "sophos-ct",
            "setup",
            "demo",
            "--trail",
            trail,
            "--bucket",
            bucket,
            "--yes",
        ];
        let words = words.map(ToOwned::to_owned);
        assert_eq!(
            command(&words, Width::of_columns(24), 2),
            format!(
                "  sophos-ct setup demo \\\n    --trail \\\n    {trail} \\\n    --bucket \\\n    {bucket} \\\n    --yes"
            )
        );
        for columns in 1..=120 {
            let shown = command(&words, Width::of_columns(columns), 2);
            assert_eq!(pasted(&shown), words, "{columns}:\n{shown}");
            let lines: Vec<&str> = shown.lines().collect();
            let (last, others) = lines.split_last().unwrap();
            assert!(others.iter().all(|line| line.ends_with(" \\")), "{shown}");
            assert!(!last.ends_with('\\'), "{shown}");
            for line in lines {
                let words = line.trim_end_matches('\\').split_whitespace().count();
                let fits = console::measure_text_width(line) <= columns;
                assert!(fits || words == 1, "{columns}: {line}");
            }
        }
    }
}
