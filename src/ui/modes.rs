//! The terminal's mode that writes `^C` for Ctrl-C. Where lines are redrawn it is off: `^C` would move the cursor to the line below
//! them, and the first of them would stay.

use std::io::stderr;

use rustix::{
    process::getpgrp,
    termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr},
};

use super::Printer;

/// The terminal as it was found. It is so again when this is dropped.
pub(crate) struct Modes(Option<Termios>);

impl Modes {
    /// Turns the mode off, if lines are redrawn.
    #[must_use]
    pub(crate) fn quiet(printer: Printer) -> Self {
        if !printer.live || !is_in_front() {
            return Self(None);
        }
        let found = tcgetattr(stderr()).ok();
        if let Some(mut quiet) = found.clone() {
            quiet.local_modes.remove(LocalModes::ECHOCTL);
            set(&quiet);
        }
        Self(found)
    }
}

impl Drop for Modes {
    fn drop(&mut self) {
        if let Some(found) = self.0.as_ref().filter(|_| is_in_front()) {
            set(found);
        }
    }
}

/// Whether the terminal belongs to this process. A process in the background is stopped if it sets modes (POSIX, `tcsetattr`).
fn is_in_front() -> bool {
    tcgetpgrp(stderr()).is_ok_and(|group| group == getpgrp())
}

/// Fails only if the terminal itself is gone.
fn set(modes: &Termios) {
    let _ = tcsetattr(stderr(), OptionalActions::Now, modes);
}
