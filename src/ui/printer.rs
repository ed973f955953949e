//! Decides what goes to stdout (data) and what to stderr (talk).

use std::{
    io::{IsTerminal, Write},
    sync::Mutex,
};

use console::Style;

use super::{
    Code, Failure, Result,
    layout::{Width, wrap},
    live::above,
    page::{Line, Page, Tone},
    rows, t, visible,
};

/// The first error that kept data from being written to stdout.
static BROKEN: Mutex<Option<std::io::Error>> = Mutex::new(None);

/// How much further a line is indented where it goes on.
const HANG: usize = 2;

/// How results are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// Exactly one JSON document on stdout.
    Json,
}

/// When colour is used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// Writes to stdout and stderr; passed to all code that prints.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Printer {
    pub format: Format,
    /// Whether stderr is a terminal that can redraw lines and plain output was not asked for.
    pub live: bool,
    /// Words instead of marks and lines drawn with characters, for screen readers.
    pub words: bool,
    color: bool,
    data_color: bool,
}

impl Printer {
    #[must_use]
    pub(crate) fn new(format: Format, color: Color, accessible: bool) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let dumb = std::env::var("TERM").is_ok_and(|term| term == "dumb");
        let plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let colored = |terminal: bool| match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !dumb && !plain,
        };
        Self {
            format,
            live: terminal && !dumb && !accessible,
            words: accessible,
            color: colored(terminal),
            data_color: colored(std::io::stdout().is_terminal()),
        }
    }

    #[must_use]
    pub(crate) fn json(&self) -> bool {
        self.format == Format::Json
    }

    /// How wide talk may be: the terminal may have changed its size.
    #[must_use]
    pub(crate) fn width(&self) -> Width {
        Width::of(&console::Term::stderr())
    }

    /// How wide data may be.
    #[must_use]
    pub(crate) fn data_width(&self) -> Width {
        Width::of(&console::Term::stdout())
    }

    /// Whether data may be redrawn in place: stdout is a terminal, and plain output was not asked for.
    #[must_use]
    pub(crate) fn redraws(&self) -> bool {
        !self.words && std::io::stdout().is_terminal()
    }

    /// Prints data: lines on stdout.
    pub(crate) fn data(&self, text: &str) {
        let text = visible::lines(text.trim_end_matches('\n'), false);
        Self::write(&wrap(&text, self.data_width(), HANG));
    }

    /// Prints data as one JSON document on stdout.
    pub(crate) fn document(&self, value: &serde_json::Value) {
        let text = serde_json::to_string_pretty(value).expect("a JSON value is always printable");
        Self::write(&visible::json(&text));
    }

    /// Prints data as one JSON document whose last field is a list of texts. The list may be longer than what fits into memory.
    pub(crate) fn document_with(
        &self,
        value: &serde_json::Value,
        field: &str,
        items: impl Iterator<Item = Result<String>>,
    ) -> Result<()> {
        /// So many bytes are written at once.
        const PART: usize = 64 * 1024;
        let text = serde_json::to_string_pretty(value).expect("a JSON value is always printable");
        let text = text.strip_suffix("\n}").expect("an object with fields");
        let mut part = format!("{text},\n  {}: [", serde_json::Value::from(field));
        let mut end = "]\n}";
        for (number, item) in items.enumerate() {
            let comma = if number == 0 { "" } else { "," };
            part.push_str(&format!("{comma}\n    {}", serde_json::Value::from(item?)));
            end = "\n  ]\n}";
            if part.len() >= PART {
                Self::write_part(&visible::json(&part));
                part.clear();
            }
        }
        Self::write(&visible::json(&format!("{part}{end}")));
        Ok(())
    }

    fn write(text: &str) {
        Self::write_part(&format!("{text}\n"));
    }

    fn write_part(text: &str) {
        let written = above(|| {
            let mut out = std::io::stdout().lock();
            out.write_all(text.as_bytes()).and_then(|()| out.flush())
        });
        if let Err(error) = written {
            let mut broken = BROKEN.lock().expect("nobody panics while holding it");
            broken.get_or_insert(error);
        }
    }

    /// Whether data can no longer be written: a pipe was closed, or a disk is full.
    #[must_use]
    pub(crate) fn is_broken() -> bool {
        BROKEN
            .lock()
            .expect("nobody panics while holding it")
            .is_some()
    }

    /// Returns why data could not be written. A closed pipe (`| head`) does not count.
    #[must_use]
    pub(crate) fn unwritten() -> Option<Failure> {
        let mut broken = BROKEN.lock().expect("nobody panics while holding it");
        let error = broken.take()?;
        let closed = error.kind() == std::io::ErrorKind::BrokenPipe;
        (!closed).then(|| Self::not_written(&error))
    }

    /// The failure of data that could not be written.
    #[must_use]
    pub(crate) fn not_written(error: &std::io::Error) -> Failure {
        let unwritten = t!("unwritten", cause = error);
        Failure::new(Code::Failed, unwritten).hinted(t!("unwritten-hint"))
    }

    /// Prints talk: lines on stderr.
    pub(crate) fn say(&self, text: &str) {
        let text = visible::lines(text, self.color);
        Self::talk(&wrap(&text, self.width(), HANG));
    }

    fn talk(text: &str) {
        rows::count(text);
        let _ = above(|| writeln!(std::io::stderr().lock(), "{text}"));
    }

    /// Goes to an empty line if the user stopped the program in the middle of one: behind a question, or behind the `^C` that the
    /// terminal writes.
    pub(crate) fn break_off(&self) {
        let term = console::Term::stderr();
        if self.live {
            let _ = term.clear_line();
        } else if term.is_term() {
            let _ = term.write_line("");
        }
    }

    /// Prints a screen as talk.
    pub(crate) fn show(&self, page: &Page) {
        Self::talk(&laid_out(page, self.width(), self.color));
    }

    /// Prints a screen as data.
    pub(crate) fn show_data(&self, page: &Page) {
        Self::write(&laid_out(page, self.data_width(), self.data_color));
    }

    /// Prints the beginning of a screen as data, in at most this many rows. The last one tells how many lines are left out.
    pub(crate) fn show_data_within(&self, page: &Page, rows: usize) {
        let text = laid_out(page, self.data_width(), self.data_color);
        Self::write(&rows::first(&text, rows, self.data_width().columns()));
    }

    /// Prints something that the user should not overlook.
    pub(crate) fn warn(&self, text: &str) {
        let mark = self.paint(Style::new().yellow().bold(), &self.attention());
        self.say(&format!("{mark} {text}"));
    }

    /// What stands before something that the user should not overlook.
    #[must_use]
    pub(crate) fn attention(&self) -> String {
        let mark = attention(self.words);
        match self.words {
            true => format!("{mark}:"),
            false => mark,
        }
    }

    /// Prints a heading.
    pub(crate) fn heading(&self, text: &str) {
        self.say(&self.paint(Style::new().bold(), text));
    }

    /// Prints an error with its hints to stderr.
    pub(crate) fn failure(&self, failure: &Failure, verbose: bool) {
        // What the user wanted is not an error.
        if matches!(
            failure.code,
            Code::Declined | Code::Interrupted | Code::Terminated
        ) {
            self.say(&failure.message);
            self.hints(failure.hints.iter().map(String::as_str));
        } else {
            for (one, hints) in failure.told() {
                self.one_failure(one, hints, verbose);
            }
        }
    }

    /// Prints one of some failures with these hints.
    fn one_failure(&self, one: &Failure, hints: Vec<&str>, verbose: bool) {
        let label = self.paint(Style::new().red().bold(), &t!("label-error"));
        self.say(&format!("{label} {}", one.message));
        self.hints(hints.into_iter());
        if let Some(id) = &one.request_id {
            self.say(&t!("label-request-id", id = id));
        }
        if verbose && let Some(source) = &one.source {
            for cause in source.chain() {
                self.say(&t!("label-cause", cause = cause));
            }
        }
    }

    fn hints<'a>(&self, hints: impl Iterator<Item = &'a str>) {
        let label = self.paint(Style::new().cyan(), &t!("label-hint"));
        for text in hints {
            // A command below a hint is laid out already, so that it can be pasted.
            let (said, command) = text.split_at(text.find("\n  ").unwrap_or(text.len()));
            self.say(&format!("{label} {said}"));
            if let Some(command) = command.strip_prefix('\n') {
                Self::talk(&visible::lines(command, false));
            }
        }
    }

    /// Returns `text` in a style if colour is on for stderr.
    #[must_use]
    pub(crate) fn paint(&self, style: Style, text: &str) -> String {
        style
            .for_stderr()
            .force_styling(self.color)
            .apply_to(text)
            .to_string()
    }
}

/// The mark of something that the user should not overlook, or a word in its place.
#[must_use]
pub(crate) fn attention(words: bool) -> String {
    match words {
        true => t!("mark-note"),
        false => "!".to_owned(),
    }
}

/// Lays a screen out for a width, in colours or without.
fn laid_out(page: &Page, width: Width, color: bool) -> String {
    let lines = page.lines.iter().flat_map(|Line { tone, text }| {
        let text = visible::lines(text, false);
        let text = match tone {
            Tone::Verbatim => text,
            _ => wrap(&text, width, HANG),
        };
        let lines: Vec<String> = text.lines().map(|line| toned(*tone, line, color)).collect();
        if lines.is_empty() {
            vec![String::new()]
        } else {
            lines
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// A line in the colours of its tone: those that terraform has made familiar.
fn toned(tone: Tone, line: &str, color: bool) -> String {
    let style = Style::new().force_styling(color);
    let style = match tone {
        Tone::Plain | Tone::Verbatim => return line.to_owned(),
        Tone::Heading => style.bold(),
        Tone::Added => style.green(),
        Tone::Changed => style.yellow(),
        Tone::Removed => style.red(),
        Tone::Quiet => style.dim(),
    };
    style.apply_to(line).to_string()
}
