//! Progress of steps: live lines on a terminal, otherwise one line per finished step.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Printer, layout::wrap, t, visible};

/// How much further the end of a step is indented where it needs a second line.
const HANG: usize = 2;

/// Shows steps as they run. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Progress {
    printer: Printer,
    bars: Option<MultiProgress>,
}

impl Progress {
    #[must_use]
    pub(crate) fn new(printer: Printer) -> Self {
        let bars = printer
            .live
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { printer, bars }
    }

    /// Shows a step that begins.
    #[must_use]
    pub(crate) fn step(&self, label: &str) -> Running {
        let label = &*visible::inline(label);
        let bar = self.bars.as_ref().map(|bars| {
            let style = ProgressStyle::with_template("  {spinner} {prefix}{wide_msg}")
                .expect("a valid template");
            let bar = bars.add(
                ProgressBar::new_spinner()
                    .with_style(style)
                    .with_prefix(label.to_owned()),
            );
            bar.enable_steady_tick(Duration::from_millis(120));
            Live {
                bars: bars.clone(),
                bar,
            }
        });
        Running {
            printer: self.printer,
            label: label.to_owned(),
            bar,
            said: std::cell::RefCell::default(),
        }
    }
}

/// A line on the terminal that is redrawn while its step runs.
struct Live {
    bars: MultiProgress,
    bar: ProgressBar,
}

/// Clears the line, so that no half-drawn line stays if a step is stopped in the middle.
impl Drop for Live {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// A step that is running.
pub(crate) struct Running {
    printer: Printer,
    label: String,
    bar: Option<Live>,
    said: std::cell::RefCell<Option<String>>,
}

impl Running {
    /// Shows what the step is waiting for and the seconds left. Without a live line, the same text is not printed twice in a
    /// row.
    pub(crate) fn waiting(&self, what: &str, left: Duration) {
        match &self.bar {
            Some(Live { bar, .. }) => {
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
        let line = format!("  {mark} {}", self.label);
        match self.bar {
            // The lines stay above those that are still redrawn. Printing them fails only if the terminal itself is gone.
            Some(live) => drop(live.bars.println(wrap(&line, self.printer.width, HANG))),
            None => self.printer.say(&line),
        }
    }
}
