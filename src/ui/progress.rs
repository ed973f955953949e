//! Progress of steps: live lines on a terminal, otherwise one line per finished step.

use std::{
    cell::Cell,
    time::{Duration, Instant},
};

use super::{Printer, layout::cut, live::Line, signs, t, visible};

/// What stands before the text of a live line: an indent, the spinner and a blank.
const BEFORE: usize = 4;

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
            let line = Line::add("  {spinner} {wide_msg}");
            line.bar.set_message(fitting(label, room(self.printer)));
            line.bar.enable_steady_tick(Duration::from_millis(120));
            line
        });
        Running {
            printer: self.printer,
            label: label.to_owned(),
            line,
            said: std::cell::RefCell::default(),
            told: Cell::new(Instant::now()),
        }
    }
}

/// A step that is running.
pub(crate) struct Running {
    printer: Printer,
    label: String,
    line: Option<Line>,
    said: std::cell::RefCell<Option<String>>,
    /// When it was last said how far the step has come.
    told: Cell<Instant>,
}

impl Running {
    /// Shows what the step is waiting for and the seconds left. Without a live line, the same text is not printed twice in a
    /// row.
    pub(crate) fn waiting(&self, what: &str, left: Duration) {
        match &self.line {
            Some(Line { bar }) => {
                bar.set_message(countdown(&self.label, what, left, room(self.printer)));
            }
            None if self.said.borrow().as_deref() != Some(what) => {
                self.printer.say(&format!("  … {}: {what}", self.label));
                *self.said.borrow_mut() = Some(what.to_owned());
            }
            None => {}
        }
    }

    /// Shows how far the step has come. Without a live line, that is said every ten seconds.
    pub(crate) fn tells(&self, what: &str) {
        const OFTEN: Duration = Duration::from_secs(10);
        match &self.line {
            Some(Line { bar }) => {
                let told = t!("progress-tells", what = what);
                bar.set_message(fitting(&told, room(self.printer)));
            }
            None if self.told.get().elapsed() >= OFTEN => {
                self.printer.say(&format!("  … {}: {what}", self.label));
                self.told.set(Instant::now());
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

/// The columns that a live line has for its text; `None` if any text fits.
fn room(printer: Printer) -> Option<usize> {
    let columns = printer.width().columns();
    columns.map(|columns| columns.saturating_sub(BEFORE))
}

/// A text in one line. The bar would cut a wide character in two, and be drawn below itself.
fn fitting(text: &str, room: Option<usize>) -> String {
    match room {
        Some(room) => cut(text, room),
        None => text.to_owned(),
    }
}

/// A step that waits for something, in one line. If there is no room for all, the text is cut, never the seconds.
fn countdown(label: &str, what: &str, left: Duration, room: Option<usize>) -> String {
    // Less of the text would tell nothing.
    const LEAST: usize = 6;
    let text = t!("progress-waiting", label = label, what = what);
    let seconds = t!("progress-left", seconds = left.as_secs());
    let Some(room) = room else {
        return format!("{text}{seconds}");
    };
    let left = room.saturating_sub(console::measure_text_width(&seconds));
    match left {
        LEAST.. => format!("{}{seconds}", cut(&text, left)),
        _ => seconds.trim_start().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seconds_of_a_countdown_are_never_cut() {
        let countdown = |label, room| {
            let what = "the role is not known everywhere";
            countdown(label, what, Duration::from_secs(42), room)
        };
        let all = "create function: the role is not known everywhere (42 s at most)";
        assert_eq!(countdown("create function", None), all);
        assert_eq!(countdown("create function", Some(76)), all);
        assert_eq!(
            countdown("create function", Some(36)),
            "create function: the… (42 s at most)"
        );
        for label in ["create function", "作成 バケットポリシー"] {
            for room in 15..100 {
                let line = countdown(label, Some(room));
                assert!(line.ends_with("(42 s at most)"), "{room}: {line}");
                let width = console::measure_text_width(&line);
                assert!(width <= room, "{room}: {line}");
            }
        }
    }
}
