//! Progress of steps: live lines on a terminal, one line a finished step elsewhere.

use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::{Printer, visible};

/// Shows steps as they run. Cheap to clone.
#[derive(Clone)]
pub struct Progress {
    printer: Printer,
    bars: Option<MultiProgress>,
}

impl Progress {
    #[must_use]
    pub fn new(printer: Printer) -> Self {
        let bars = printer
            .live
            .then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stderr()));
        Self { printer, bars }
    }

    /// A step that begins.
    #[must_use]
    pub fn step(&self, label: &str) -> Running {
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

/// A line that is redrawn, among others.
struct Live {
    bars: MultiProgress,
    bar: ProgressBar,
}

/// Also where a step is stopped in the middle: no half-drawn line stays.
impl Drop for Live {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

/// One step that is under way.
pub struct Running {
    printer: Printer,
    label: String,
    bar: Option<Live>,
    said: std::cell::RefCell<Option<String>>,
}

impl Running {
    /// What the step is waiting for, with the seconds left; elsewhere than on a terminal it is said once.
    pub fn waiting(&self, what: &str, left: Duration) {
        match &self.bar {
            Some(Live { bar, .. }) => {
                bar.set_message(crate::t!(
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

    /// The step is done.
    pub fn done(self) {
        self.end("✓");
    }

    /// The step failed; the error itself is printed at the end.
    pub fn failed(self) {
        self.end("✗");
    }

    fn end(self, mark: &str) {
        let line = format!("  {mark} {}", self.label);
        match self.bar {
            // The line stays above those that are still redrawn; it is lost only with the terminal itself.
            Some(live) => drop(live.bars.println(line)),
            None => self.printer.say(&line),
        }
    }
}
