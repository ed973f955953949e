//! The terminal's echo, which is off while a question is open: else what is typed between two keys that are read would stand on
//! the screen, even of a secret.

use std::sync::{Mutex, MutexGuard};

use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

/// The terminal as it was before the open question.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// The echo is off as long as this lives.
pub(super) struct Quiet;

impl Quiet {
    pub(super) fn begin() -> Self {
        if let Ok(before) = tcgetattr(std::io::stdin()) {
            let mut quiet = before.clone();
            quiet.local_modes.remove(LocalModes::ECHO);
            let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &quiet);
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
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &before);
    }
}

fn held() -> MutexGuard<'static, Option<Termios>> {
    BEFORE.lock().expect("nobody panics while holding it")
}
