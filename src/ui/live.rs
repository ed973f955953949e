//! The lines at the end of the terminal that are redrawn in place. They are kept together here, so that nothing is written across
//! them.

use std::{
    io::{self, Write},
    sync::OnceLock,
};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::rows;

/// All lines that are redrawn, once there was one.
static LINES: OnceLock<MultiProgress> = OnceLock::new();

/// A line, or several of one text, that is redrawn; it goes away when this is dropped, so that none stays if what it tells of is
/// stopped in the middle.
pub(super) struct Line {
    pub(super) bar: ProgressBar,
}

impl Line {
    /// Adds a line below the others. `template` is one of indicatif's.
    pub(super) fn add(template: &str) -> Self {
        let style = ProgressStyle::with_template(template).expect("a valid template");
        let lines =
            LINES.get_or_init(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self {
            bar: lines.add(ProgressBar::new_spinner().with_style(style)),
        }
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// Runs what writes to the terminal, above the lines that are redrawn.
pub(super) fn above<T>(write: impl FnOnce() -> T) -> T {
    match LINES.get() {
        Some(lines) => lines.suspend(write),
        None => write(),
    }
}

/// Standard error above the lines that are redrawn, for the log.
pub(crate) struct Above;

impl Write for Above {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        rows::lose_count();
        above(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
