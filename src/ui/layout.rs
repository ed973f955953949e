//! Lays text out for the width of the terminal: lines break between words.

use textwrap::{
    core::{Fragment, Word, break_words},
    wrap_algorithms::wrap_first_fit,
};

/// The width that nothing is laid out for: files and pipes get lines as they are.
const UNLIMITED: usize = usize::MAX;

/// How many columns there are to write in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Width(usize);

impl Width {
    /// The width of a terminal; a file or a pipe is as wide as any line.
    #[must_use]
    pub(crate) fn of(term: &console::Term) -> Self {
        match term.size_checked() {
            // A terminal that does not know its size says 0.
            Some((_, columns)) if term.is_term() && columns > 0 => Self(columns.into()),
            _ => Self(UNLIMITED),
        }
    }

    #[must_use]
    pub(crate) fn columns(self) -> Option<usize> {
        (self.0 != UNLIMITED).then_some(self.0)
    }
}

/// Breaks each line between words. What goes on in the next line is indented as far as the line itself, and `hang` further.
#[must_use]
pub(crate) fn wrap(text: &str, width: Width, hang: usize) -> String {
    let Some(columns) = width.columns() else {
        return text.to_owned();
    };
    wrap_to(text, columns, hang)
}

/// The same for a number of columns.
#[must_use]
pub(crate) fn wrap_to(text: &str, columns: usize, hang: usize) -> String {
    let lines = text
        .split('\n')
        .flat_map(|line| wrap_line(line, columns, hang));
    lines.collect::<Vec<_>>().join("\n")
}

fn wrap_line(line: &str, columns: usize, hang: usize) -> Vec<String> {
    if console::measure_text_width(line) <= columns {
        return vec![line.to_owned()];
    }
    let content = line.trim_start_matches(' ');
    let indent = line.len() - content.len();
    // On a narrow terminal, text is worth more than its indent.
    let hang = if indent + hang > columns / 2 { 0 } else { hang };
    let (first, next) = (" ".repeat(indent), " ".repeat(indent + hang));
    let room = columns.saturating_sub(indent + hang).max(1);
    let parts: Vec<Word<'_>> = words(content, room)
        .flat_map(|word| split(word, room, &[':', '/', ',', '=']))
        .flat_map(|word| split(word, room, &['-', '_', '.']))
        .collect();
    let parts = break_words(parts, room);
    let rooms = [columns.saturating_sub(indent).max(1) as f64, room as f64];
    let lines = wrap_first_fit(&parts, &rooms);
    let lines = lines.into_iter().enumerate().map(|(number, parts)| {
        let mut line = if number == 0 {
            first.clone()
        } else {
            next.clone()
        };
        for part in parts {
            line.push_str(part.word);
            line.push_str(part.whitespace);
        }
        line.truncate(line.trim_end().len());
        line
    });
    lines.collect()
}

/// Words end at blanks. Japanese has none: there a line may break after each character, but not before a mark that closes or
/// ends something, and not behind one that opens it (JIS X 4051, "kinsoku"). What is in backticks stays in one line if it fits
/// there, so that a command can be pasted.
fn words(line: &str, room: usize) -> impl Iterator<Item = Word<'_>> {
    // A mark may stand behind it, which does not begin a line.
    const MARK: usize = 2;
    let mut ends = Vec::new();
    // Where the last text in backticks ends, and whether it stays in one line.
    let (mut code, mut whole) = (0, false);
    let mut chars = line.char_indices().peekable();
    while let Some((at, char)) = chars.next() {
        let end = at + char.len_utf8();
        if char == '`'
            && at >= code
            && let Some(length) = line[end..].find('`')
        {
            code = end + length + 1;
            whole = console::measure_text_width(&line[at..code]) + MARK <= room;
        }
        let Some(&(_, next)) = chars.peek() else {
            break;
        };
        let breaks = if whole && end < code {
            false
        } else if char == ' ' {
            next != ' '
        } else {
            (is_wide(char) || is_wide(next))
                && next != ' '
                && !OPENING.contains(char)
                && !CLOSING.contains(next)
        };
        if breaks {
            ends.push(end);
        }
    }
    ends.push(line.len());
    let mut start = 0;
    ends.into_iter().map(move |end| {
        let word = &line[start..end];
        start = end;
        Word::from(word)
    })
}

const OPENING: &str = "「『（([{〈《【〔“‘";
const CLOSING: &str =
    "」』）)]}〉》】〕”’、。，．・：；！？!?,.:;ーゝ々ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮ…";

fn is_wide(char: char) -> bool {
    width_of(char) == 2
}

/// How many columns a character takes.
#[must_use]
pub(crate) fn width_of(char: char) -> usize {
    let mut buffer = [0; 4];
    console::measure_text_width(char.encode_utf8(&mut buffer))
}

/// Splits a word that is too long for a line of its own, such as an ARN, behind its punctuation.
fn split<'a>(word: Word<'a>, room: usize, marks: &[char]) -> Vec<Word<'a>> {
    if word.width() <= room as f64 {
        return vec![word];
    }
    let parts = word.word.split_inclusive(marks);
    let mut parts: Vec<Word<'a>> = parts.map(Word::from).collect();
    if let Some(last) = parts.last_mut() {
        last.whitespace = word.whitespace;
    }
    parts
}

/// Two texts at the two edges of a line, or one below the other if they do not fit.
#[must_use]
pub(crate) fn sides(left: &str, right: &str, width: Width) -> String {
    let taken = console::measure_text_width(left) + console::measure_text_width(right);
    match width.columns() {
        None => format!("{left}  {right}"),
        Some(columns) if taken + 2 <= columns => {
            format!("{left}{}{right}", " ".repeat(columns - taken))
        }
        Some(_) => format!("{left}\n  {right}"),
    }
}

/// Text filled up with blanks to a width of its own, which counts a Japanese character as two.
#[must_use]
pub(crate) fn padded(text: &str, columns: usize) -> String {
    console::pad_str(text, columns, console::Alignment::Left, None).into_owned()
}

/// A name that fits: `…` takes the place of the middle of a longer one, since names differ at their ends.
#[must_use]
pub(crate) fn shortened(name: &str, columns: usize) -> String {
    if console::measure_text_width(name) <= columns {
        return name.to_owned();
    }
    let room = columns.saturating_sub(1);
    let start = fitting(name.chars(), room.div_ceil(2));
    let end = fitting(name.chars().rev(), room / 2);
    let end: String = end.chars().rev().collect();
    format!("{start}…{end}")
}

/// The first characters, as many as fit.
fn fitting(chars: impl Iterator<Item = char>, columns: usize) -> String {
    let mut taken = 0;
    chars
        .take_while(|char| {
            taken += width_of(*char);
            taken <= columns
        })
        .collect()
}

/// A sentence that fits in one line: of a longer one, the first words and `…`.
#[must_use]
pub(crate) fn cut(sentence: &str, columns: usize) -> String {
    if console::measure_text_width(sentence) <= columns {
        return sentence.to_owned();
    }
    let lines = wrap_to(sentence, columns.saturating_sub(1), 0);
    let first = lines.lines().next().unwrap_or_default();
    format!("{}…", first.trim_end_matches([',', ':', ' ']))
}

#[cfg(test)]
impl Width {
    /// The width of a file.
    pub(crate) const UNLIMITED: Self = Self(UNLIMITED);

    /// The width of a terminal with this many columns.
    pub(crate) fn of_columns(columns: usize) -> Self {
        Self(columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(columns: usize) -> Width {
        Width(columns)
    }

    #[test]
    fn lines_break_between_words_and_keep_their_indent() {
        let text = "  The function is called at once, signs in and reports.\nshort";
        assert_eq!(
            wrap(text, wide(24), 2),
            "  The function is called\n    at once, signs in\n    and reports.\nshort"
        );
        assert_eq!(wrap(text, wide(UNLIMITED), 2), text);
    }

    #[test]
    fn only_words_that_are_longer_than_a_line_break_behind_their_punctuation() {
        let wrapped = wrap("pass --no-input and sophos-ct-demo", wide(12), 0);
        assert_eq!(wrapped, "pass\n--no-input\nand sophos-\nct-demo");
        let wrapped = wrap(
            "arn:aws:s3:::a-long-bucket/AWSLogs/111122223333",
            wide(28),
            0,
        );
        assert_eq!(wrapped, "arn:aws:s3:::a-long-bucket/\nAWSLogs/111122223333");
    }

    #[test]
    fn a_command_in_backticks_stays_in_one_line_if_it_fits() {
        let text = "Nothing is lost: run `sophos-ct setup demo` to continue.";
        let wrapped = wrap(text, wide(32), 2);
        assert_eq!(
            wrapped,
            "Nothing is lost: run\n  `sophos-ct setup demo` to\n  continue."
        );
        let wrapped = wrap(text, wide(20), 0);
        assert_eq!(
            wrapped,
            "Nothing is lost: run\n`sophos-ct setup\ndemo` to continue."
        );
        let wrapped = wrap("次は `sophos-ct setup demo`、または", wide(28), 0);
        assert_eq!(wrapped, "次は\n`sophos-ct setup demo`、また\nは");
    }

    #[test]
    fn japanese_breaks_between_characters_but_not_before_a_full_stop() {
        assert_eq!(
            wrap("証跡を作成します。", wide(10), 0),
            "証跡を作成\nします。"
        );
        assert_eq!(wrap("証跡を作成しま。", wide(14), 0), "証跡を作成し\nま。");
        assert_eq!(
            wrap("証跡を作成しま。す", wide(14), 0),
            "証跡を作成し\nま。す"
        );
    }

    #[test]
    fn names_lose_their_middle_and_sentences_their_end() {
        let name = "aws-controltower-logs-111122223333";
        assert_eq!(shortened(name, 34), name);
        assert_eq!(shortened(name, 16), "aws-cont…2223333");
        assert_eq!(shortened("監査ログのバケット", 9), "監査…ット");
        let sentence = "New resources: a trail, a bucket";
        assert_eq!(cut(sentence, 32), sentence);
        assert_eq!(cut(sentence, 24), "New resources: a trail…");
        assert_eq!(cut(sentence, 16), "New resources…");
        for columns in 2..40 {
            for text in [shortened(name, columns), cut(sentence, columns)] {
                assert!(console::measure_text_width(&text) <= columns, "{text}");
            }
        }
    }

    #[test]
    fn at_every_width_lines_fit_and_nothing_but_too_long_words_is_broken() {
        let text = "  This trail already logs management events: \
                    arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs (ログファイルを関数に通知します。)";
        let joined = |text: &str| text.split_whitespace().collect::<String>();
        for columns in 20..=120 {
            let wrapped = wrap(text, wide(columns), 2);
            let widths = wrapped.lines().map(console::measure_text_width);
            assert!(widths.max() <= Some(columns), "{columns}:\n{wrapped}");
            assert_eq!(joined(&wrapped), joined(text));
            let whole: Vec<&str> = wrapped.split_whitespace().collect();
            let short = |word: &&str| word.is_ascii() && word.len() <= columns / 2;
            for word in text.split_whitespace().filter(short) {
                assert!(whole.contains(&word), "{columns}: {word}\n{wrapped}");
            }
        }
    }
}
