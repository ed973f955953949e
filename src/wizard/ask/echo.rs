//! How the terminal reads while a question is open: each key at once, and nothing of it is echoed. Else what is typed between two
//! keys that are read would stand on the screen, even of a secret.

use std::{
    io::stdin,
    sync::{Mutex, MutexGuard},
};

use rustix::termios::{LocalModes, QueueSelector, Termios, tcflush};

use crate::ui::modes;

/// The terminal as it was before the open question.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The terminal reads so as long as this lives.
pub(super) struct Quiet;

impl Quiet {
    pub(super) fn begin() -> Self {
        let echo = LocalModes::ECHO | LocalModes::ECHONL;
        let lines = LocalModes::ICANON | LocalModes::IEXTEN;
        // Ctrl-C is read as a key, and `console` makes its signal of it.
        let off = echo | lines | LocalModes::ISIG;
        if let Some(before) = modes::without(stdin(), off) {
            *held() = Some(before);
        }
        Self
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        restore();
    }
}

/// Leaves the terminal as it was, if a question is open. A signal may end the program before the question's own thread can do
/// that.
pub(crate) fn restore() {
    if let Some(before) = held().take() {
        modes::set(stdin(), &before);
    }
}

/// Forgets what was typed and not read yet.
pub(super) fn forget() {
    let _ = tcflush(stdin(), QueueSelector::IFlush);
}

fn held() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().expect("nobody panics while holding it")
}
