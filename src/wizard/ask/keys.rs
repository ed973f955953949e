//! What happens while a question is open: a key is pressed, or the terminal changes its size.

use std::io::{self, stdin};

use console::{Key, Term};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::Errno,
};

/// The time between two looks at the terminal's size.
const TICK: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 100_000_000,
};

const NO_TIME: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 0,
};

pub(super) enum Event {
    Key(Key),
    /// The terminal has another size, so that what is drawn may stand elsewhere.
    Resized,
}

/// The keys of a terminal that reads each key at once (`echo::Quiet`).
pub(super) struct Keys<'a> {
    term: &'a Term,
    /// Rows and columns.
    size: Option<(u16, u16)>,
}

impl<'a> Keys<'a> {
    pub(super) fn of(term: &'a Term) -> Self {
        let size = term.size_checked();
        Self { term, size }
    }

    /// Waits for what happens next.
    pub(super) fn wait(&mut self) -> io::Result<Event> {
        loop {
            if is_pressed(&TICK) {
                return self.read().map(Event::Key);
            }
            let size = self.term.size_checked();
            if size != self.size {
                self.size = size;
                return Ok(Event::Resized);
            }
        }
    }

    /// Reads a key. Of a sequence that `console` does not know, it leaves the end behind, which is not to be taken for typed text.
    fn read(&self) -> io::Result<Key> {
        let mut chars = match self.term.read_key()? {
            Key::UnknownEscSeq(chars) => chars,
            key => return Ok(key),
        };
        while is_open(&chars) && is_pressed(&NO_TIME) {
            match self.term.read_key()? {
                Key::Char(char) => chars.push(char),
                key => return Ok(key),
            }
        }
        Ok(named(chars))
    }
}

/// Whether a key is there within some time. If the terminal cannot be asked, the key is waited for, without a look at the size.
fn is_pressed(within: &Timespec) -> bool {
    let keyboard = stdin();
    let mut asked = [PollFd::new(&keyboard, PollFlags::IN)];
    !matches!(poll(&mut asked, Some(within)), Ok(0) | Err(Errno::INTR))
}

/// Whether a sequence behind Esc goes on: `O` and one character, or `[` and all up to a final one (ECMA-48, 5.4). With Alt, some
/// terminals send another Esc before it.
fn is_open(chars: &[char]) -> bool {
    match chars {
        ['O'] | ['['] | ['\u{1b}'] => true,
        ['\u{1b}', rest @ ..] => is_open(rest),
        ['[', .., last] => !('@'..='~').contains(last),
        _ => false,
    }
}

/// The key of a sequence that terminals send while their cursor keys are in application mode.
fn named(chars: Vec<char>) -> Key {
    match chars.as_slice() {
        ['O', 'A'] => Key::ArrowUp,
        ['O', 'B'] => Key::ArrowDown,
        ['O', 'C'] => Key::ArrowRight,
        ['O', 'D'] => Key::ArrowLeft,
        ['O', 'H'] => Key::Home,
        ['O', 'F'] => Key::End,
        _ => Key::UnknownEscSeq(chars),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_goes_on_up_to_its_final_character() {
        for (sequence, open) in [
            ("O", true),
            ("OH", false),
            ("[", true),
            ("[1;", true),
            ("[1;5", true),
            ("[1;5D", false),
            ("[20", true),
            ("[20~", false),
            ("b", false),
            ("\u{1b}", true),
            ("\u{1b}[", true),
            ("\u{1b}[D", false),
            ("\u{1b}OD", false),
        ] {
            let chars: Vec<char> = sequence.chars().collect();
            assert_eq!(is_open(&chars), open, "{sequence}");
        }
        assert_eq!(named(vec!['O', 'H']), Key::Home);
        let control_left = vec!['[', '1', ';', '5', 'D'];
        let unknown = Key::UnknownEscSeq(control_left.clone());
        assert_eq!(named(control_left), unknown);
    }
}
