//! Progress of steps: live lines on a terminal, otherwise one line per finished step.

use std::time::Duration;

use super::{Printer, live::Line, signs, t, visible};

/// Shows steps as they run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Progress {
    printer: Printer,
}

impl Progress {
    #[must_use]
    pub(crate) fn new(printer: Printer) -> Self {
        Self { printer }
    }

    /// Shows a step that begins.
    #[must_use]
    pub(crate) fn step(&self, label: &str) -> Running {
        let label = &*visible::inline(label);
        let line = self.printer.live.then(|| {
            signs::make_room();
            let line = Line::add("  {spinner} {prefix}{wide_msg}");
            line.bar.set_prefix(label.to_owned());
            line.bar.enable_steady_tick(Duration::from_millis(120));
            line
        });
        Running {
            printer: self.printer,
            label: label.to_owned(),
            line,
            said: std::cell::RefCell::default(),
        }
    }
}

/// A step that is running.
pub(crate) struct Running {
    printer: Printer,
    label: String,
    line: Option<Line>,
    said: std::cell::RefCell<Option<String>>,
}

impl Running {
    /// Shows what the step is waiting for and the seconds left. Without a live line, the same text is not printed twice in a
    /// row.
    pub(crate) fn waiting(&self, what: &str, left: Duration) {
        match &self.line {
            Some(Line { bar }) => {
                bar.set_message(t!(
                    "progress-waiting",
                    what = what,
                    seconds = left.as_secs()
                ));
            }
            None if self.said.borrow().as_deref() != Some(what) => {
                self.printer.say(&format!("  … {}: {what}", self.label));
                *self.said.borrow_mut() = Some(what.to_owned());
            }
            None => {}
        }
    }

    /// Marks the step as done.
    pub(crate) fn done(self) {
        let words = self.printer.words;
        self.end(&if words {
            t!("mark-done")
        } else {
            "✓".to_owned()
        });
    }

    /// Marks the step as failed; the error itself is printed at the end.
    pub(crate) fn failed(self) {
        let words = self.printer.words;
        self.end(&if words {
            t!("mark-failed")
        } else {
            "✗".to_owned()
        });
    }

    fn end(self, mark: &str) {
        drop(self.line);
        self.printer.say(&format!("  {mark} {}", self.label));
    }
}
