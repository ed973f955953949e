//! A line of text as it is edited, key by key. It knows no terminal.

use console::Key;

use crate::ui::layout::width_of;

#[derive(Debug, Default)]
pub(super) struct Edit {
    pub(super) chars: Vec<char>,
    /// The number of characters before the cursor.
    pub(super) cursor: usize,
}

impl Edit {
    /// Changes the text or moves the cursor. The keys are those of a shell's command line (readline).
    pub(super) fn press(&mut self, key: &Key) {
        match key {
            Key::Char('\u{15}') => self.delete(0, self.cursor), // Ctrl-U
            Key::Char('\u{17}') => self.delete(self.word(), self.cursor), // Ctrl-W
            Key::Char('\u{b}') => self.delete(self.cursor, self.chars.len()), // Ctrl-K
            Key::Char(char) if !char.is_control() => {
                self.chars.insert(self.cursor, *char);
                self.cursor += 1;
            }
            Key::Backspace => self.delete(self.before(), self.cursor),
            Key::Del => self.delete(self.cursor, self.after()),
            Key::ArrowLeft => self.cursor = self.before(),
            Key::ArrowRight => self.cursor = self.after(),
            // `console` reads Ctrl-A and Ctrl-E as these two.
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.chars.len(),
            _ => {}
        }
    }

    fn delete(&mut self, from: usize, to: usize) {
        self.chars.drain(from..to);
        self.cursor = from;
    }

    /// Where the character before the cursor begins. What takes no column, such as an accent, belongs to what stands before it.
    fn before(&self) -> usize {
        let chars = &self.chars[..self.cursor];
        let base = chars.iter().rposition(|char| width_of(*char) > 0);
        base.unwrap_or_default()
    }

    /// Where the character behind the cursor ends.
    fn after(&self) -> usize {
        let next = (self.cursor + 1).min(self.chars.len());
        let marks = self.chars[next..].iter();
        next + marks.take_while(|char| width_of(**char) == 0).count()
    }

    /// Where the word before the cursor begins. Words end at blanks.
    fn word(&self) -> usize {
        let chars = &self.chars[..self.cursor];
        let end = chars.iter().rposition(|char| !char.is_whitespace());
        let word = &chars[..end.map_or(0, |last| last + 1)];
        let blank = word.iter().rposition(|char| char.is_whitespace());
        blank.map_or(0, |blank| blank + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The text after these keys, with `|` where the cursor stands.
    fn edited(typed: &str, keys: &[Key]) -> String {
        let mut edit = Edit::default();
        for char in typed.chars() {
            edit.press(&Key::Char(char));
        }
        for key in keys {
            edit.press(key);
        }
        let (before, behind) = edit.chars.split_at(edit.cursor);
        let text = |chars: &[char]| chars.iter().collect::<String>();
        format!("{}|{}", text(before), text(behind))
    }

    #[test]
    fn keys_edit_as_on_a_command_line() {
        use Key::{ArrowLeft, ArrowRight, Backspace, Char, Del, End, Home};
        let (kill, word, rest) = (Char('\u{15}'), Char('\u{17}'), Char('\u{b}'));
        for (keys, expected) in [
            (vec![kill.clone()], "|"),
            (vec![ArrowLeft, kill], "|r"),
            (vec![word.clone()], "audit |"),
            (vec![word.clone(), word.clone()], "|"),
            (vec![ArrowLeft, word.clone()], "audit |r"),
            (vec![Home, word], "|audit bücher"),
            (vec![Home, ArrowRight, rest.clone()], "a|"),
            (vec![rest], "audit bücher|"),
            (vec![Home, Del, Del], "|dit bücher"),
            (vec![Del], "audit bücher|"),
            (vec![Home, Backspace, ArrowLeft], "|audit bücher"),
            (vec![Home, End, ArrowRight, Char('x')], "audit bücherx|"),
            (vec![Home, Char('監')], "監|audit bücher"),
            (vec![Char('\u{1}'), Char('\t')], "audit bücher|"),
        ] {
            assert_eq!(edited("audit bücher", &keys), expected, "{keys:?}");
        }
    }

    #[test]
    fn a_character_and_its_marks_are_one() {
        use Key::{ArrowLeft, ArrowRight, Backspace, Del, Home};
        let typed = "監か\u{3099}";
        for (keys, expected) in [
            (vec![ArrowLeft], "監|か\u{3099}"),
            (vec![ArrowLeft, ArrowRight], "監か\u{3099}|"),
            (vec![Backspace], "監|"),
            (vec![ArrowLeft, Del], "監|"),
            (vec![Home, Del], "|か\u{3099}"),
        ] {
            assert_eq!(edited(typed, &keys), expected, "{keys:?}");
        }
    }
}
