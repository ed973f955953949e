//! The terminal's echo of what is typed. Where lines are redrawn it is off: an Enter that nobody waits for, or the `^C` of Ctrl-C,
//! would move the cursor away from these lines, and they would stay. Keys such as Ctrl-C keep their meaning.

use std::{io::stderr, os::fd::AsFd};

use rustix::{
    process::getpgrp,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};

use super::Printer;

/// The terminal as it was found. It is so again when this is dropped.
pub(crate) struct Modes(Option<Termios>);

impl Modes {
    /// Turns the echo off, if lines are redrawn.
    #[must_use]
    pub(crate) fn quiet(printer: Printer) -> Self {
        if !printer.live || !is_in_front() {
            return Self(None);
        }
        let echo = LocalModes::ECHO | LocalModes::ECHONL | LocalModes::ECHOCTL;
        Self(without(stderr(), echo))
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        if let Some(found) = self.0.as_ref().filter(|_| is_in_front()) {
            set(stderr(), found);
        }
    }
}

/// Whether the terminal belongs to this process. A process in the background is stopped if it sets modes (POSIX, `tcsetattr`).
fn is_in_front() -> bool {
    tcgetpgrp(stderr()).is_ok_and(|group| group == getpgrp())
}

/// Turns modes of a terminal off. Returns the terminal as it was, if it is one.
pub(crate) fn without(terminal: impl AsFd, modes: LocalModes) -> Option<Termios> {
    let found = tcgetattr(&terminal).ok()?;
    let mut changed = found.clone();
    changed.local_modes.remove(modes);
    set(terminal, &changed);
    Some(found)
}

/// Sets the modes of a terminal. Fails only if the terminal itself is gone.
pub(crate) fn set(terminal: impl AsFd, modes: &Termios) {
    let _ = tcsetattr(terminal, OptionalActions::Now, modes);
}
