//! Decides what goes to stdout (data) and what to stderr (talk).

use std::{
    io::{IsTerminal, Write},
    sync::Mutex,
};

use console::Style;

use super::{Code, Failure, visible};

/// What kept data from being written to stdout, first of all.
static BROKEN: Mutex<Option<std::io::Error>> = Mutex::new(None);

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// Exactly one JSON document on stdout.
    Json,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Writes to stdout and stderr; passed to whatever has something to say.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    pub format: Format,
    /// stderr is a terminal that can redraw lines, and nothing asked for plain output.
    pub live: bool,
    color: bool,
}

impl Printer {
    #[must_use]
    pub fn new(format: Format, color: Color, accessible: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !plain,
        };
        Self {
            format,
            live: terminal && !dumb && !accessible,
            color,
        }
    }

    #[must_use]
    pub fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// Data: lines on stdout.
    pub fn data(&self, text: &str) {
        Self::write(&visible::lines(text.trim_end_matches('\n'), false));
    }

    /// Data as one JSON document on stdout.
    pub fn document(&self, value: &serde_json::Value) {
        let text = serde_json::to_string_pretty(value).expect("a JSON value is always printable");
        Self::write(&visible::json(&text));
    }

    fn write(text: &str) {
        let mut out = std::io::stdout().lock();
        if let Err(error) = writeln!(out, "{text}").and_then(|()| out.flush()) {
            let mut broken = BROKEN.lock().expect("nobody panics while holding it");
            broken.get_or_insert(error);
        }
    }

    /// Whether nobody takes data any more: a pipe that was closed, a full disk.
    #[must_use]
    pub fn is_broken() -> bool {
        BROKEN
            .lock()
            .expect("nobody panics while holding it")
            .is_some()
    }

    /// Why data could not be written; a pipe that was closed (`| head`) is no reason.
    #[must_use]
    pub fn unwritten() -> Option<Failure> {
        let mut broken = BROKEN.lock().expect("nobody panics while holding it");
        let error = broken.take()?;
        let closed = error.kind() == std::io::ErrorKind::BrokenPipe;
        (!closed).then(|| Failure::new(Code::Failed, crate::t!("unwritten", cause = error)))
    }

    /// Talk: lines on stderr.
    pub fn say(&self, text: &str) {
        let _ = writeln!(
            std::io::stderr().lock(),
            "{}",
            visible::lines(text, self.color)
        );
    }

    /// Something the user should not overlook.
    pub fn warn(&self, text: &str) {
        self.say(&format!(
            "{} {text}",
            self.paint(Style::new().yellow().bold(), "!")
        ));
    }

    /// A heading.
    pub fn heading(&self, text: &str) {
        self.say(&self.paint(Style::new().bold(), text));
    }

    /// An error with its hints, on stderr.
    pub fn failure(&self, failure: &Failure, verbose: bool) {
        let label = self.paint(Style::new().red().bold(), &crate::t!("label-error"));
        self.say(&format!("{label} {}", failure.message));
        let hint = self.paint(Style::new().cyan(), &crate::t!("label-hint"));
        for text in &failure.hints {
            self.say(&format!("{hint} {text}"));
        }
        if let Some(id) = &failure.request_id {
            self.say(&crate::t!("label-request-id", id = id));
        }
        if verbose && let Some(source) = &failure.source {
            for cause in source.chain() {
                self.say(&format!("  caused by: {cause}"));
            }
        }
    }

    /// `text` in a style where colour is on for stderr.
    #[must_use]
    pub fn paint(&self, style: Style, text: &str) -> String {
        style
            .for_stderr()
            .force_styling(self.color)
            .apply_to(text)
            .to_string()
    }
}
