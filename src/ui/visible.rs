//! The only gate for text that comes from outside: AWS, Central, files. It makes control characters, bidirectional marks and
//! line ends visible, wherever the text is shown or written (SPEC 2.5).

use std::borrow::Cow;

/// Whether a terminal, an editor or a log viewer acts on a character: C0 and C1 controls, and marks that change the direction
/// of text or break lines (Unicode Standard, "Bidirectional Formatting Characters").
fn acts(char: char) -> bool {
    char.is_control()
        || matches!(
            char,
            '\u{61c}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
        )
}

/// Makes text safe to show on one line: each character that something acts on is written as its number, a line end as `\n`.
#[must_use]
pub(crate) fn inline(text: &str) -> Cow<'_, str> {
    if !text.chars().any(acts) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::new();
    for char in text.chars() {
        if acts(char) {
            shown.extend(char.escape_default());
        } else {
            shown.push(char);
        }
    }
    Cow::Owned(shown)
}

/// Makes text of several lines safe to print to the terminal. Our own colours pass if colours are on. No line can act as a
/// command in the log of GitHub Actions (`::`) or Azure Pipelines (`##`).
#[must_use]
pub(crate) fn lines(text: &str, colors: bool) -> String {
    let line = |line: &str| {
        let mut shown = String::new();
        let mut rest = line;
        while let Some(char) = rest.chars().next() {
            match style(rest).filter(|_| colors) {
                Some(style) => {
                    shown.push_str(style);
                    rest = &rest[style.len()..];
                }
                None => {
                    let (one, behind) = rest.split_at(char.len_utf8());
                    shown.push_str(&inline(one));
                    rest = behind;
                }
            }
        }
        let start = shown.trim_start();
        if start.starts_with("::") || start.starts_with("##") {
            let indent = shown.len() - start.len();
            shown.insert(indent, '\\');
        }
        // Azure's agent and GitHub's runner also accept an older form of their commands anywhere in a line.
        shown.replace("##[", "#\\#[").replace("##vso", "#\\#vso")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// Returns the change of colour (`ESC [ numbers m`) at the start of a text, if there is one.
fn style(text: &str) -> Option<&str> {
    let numbers = text.strip_prefix("\u{1b}[")?;
    let end = numbers.find(|char: char| !char.is_ascii_digit() && char != ';')?;
    numbers[end..].starts_with('m').then(|| &text[..end + 3])
}

/// Makes a JSON document safe to print: characters that something acts on become `\u` escapes. They can occur only inside
/// strings.
#[must_use]
pub(crate) fn json(document: &str) -> String {
    let mut shown = String::with_capacity(document.len());
    for char in document.chars() {
        if char != '\n' && acts(char) {
            let mut units = [0; 2];
            for unit in char.encode_utf16(&mut units) {
                shown.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            shown.push(char);
        }
    }
    shown
        .replace("##[", "#\\u0023[")
        .replace("##vso", "#\\u0023vso")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_acts_gets_through() {
        let hostile = "a\u{1b}]0;title\u{7}\r\n\u{9b}31m\u{202e}b\u{feff}\u{2028}";
        for shown in [
            inline(hostile).into_owned(),
            lines(hostile, true),
            json(hostile),
        ] {
            assert!(
                !shown.chars().any(|char| char != '\n' && acts(char)),
                "{shown:?}"
            );
        }
        assert!(!inline(hostile).contains('\n'));
        assert_eq!(inline("größe – 大きさ"), "größe – 大きさ");
    }

    #[test]
    fn our_colours_pass_where_they_are_on_and_nothing_else_of_an_escape() {
        let colored = "\u{1b}[1;31mred\u{1b}[0m \u{1b}[2J";
        assert_eq!(lines(colored, true), "\u{1b}[1;31mred\u{1b}[0m \\u{1b}[2J");
        assert!(!lines(colored, false).contains('\u{1b}'));
    }

    #[test]
    fn no_line_is_a_command_to_a_ci_log() {
        for hidden in ["found ##[add-mask]x", "\"found ##vso[task.x]y\""] {
            assert!(!lines(hidden, false).contains("##"), "{hidden}");
            assert!(!json(hidden).contains("##"), "{hidden}");
        }
        let shown = lines(
            "fine\n::set-output name=x::y\n  ##vso[task]\n##[error]",
            false,
        );
        for line in shown.lines() {
            let start = line.trim_start();
            assert!(
                !start.starts_with("::") && !start.starts_with("##"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_document_stays_the_same_document() {
        let value = serde_json::json!({ "a": "x\u{202e}\u{85}\u{7f}\ny", "b": ["\u{feff}"] });
        let shown = json(&serde_json::to_string_pretty(&value).unwrap());
        assert_eq!(
            serde_json::from_str::<serde_json::Value>(&shown).unwrap(),
            value
        );
    }
}
