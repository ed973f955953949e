//! A screen as lines. A line says what it means (its tone); the printer decides how that looks.

/// What a line means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    /// Something that is there afterwards and was not before.
    Added,
    Changed,
    /// Something that was there before and is not afterwards.
    Removed,
    /// Worth less attention than the rest.
    Quiet,
    /// Laid out already. It is not wrapped, so that it can be pasted.
    Verbatim,
}

/// A line of a screen, before it is laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    pub tone: Tone,
    pub text: String,
}

/// The lines of a screen, from top to bottom.
#[derive(Clone, Debug, Default)]
pub(crate) struct Page {
    pub lines: Vec<Line>,
}

impl Page {
    pub(crate) fn line(&mut self, tone: Tone, text: impl Into<String>) {
        let text = text.into();
        self.lines.push(Line { tone, text });
    }

    pub(crate) fn plain(&mut self, text: impl Into<String>) {
        self.line(Tone::Plain, text);
    }

    pub(crate) fn heading(&mut self, text: impl Into<String>) {
        self.line(Tone::Heading, text);
    }

    /// Text whose lines stay as they are, such as those of [`command`](super::command::command).
    pub(crate) fn verbatim(&mut self, text: impl Into<String>) {
        self.line(Tone::Verbatim, text);
    }

    pub(crate) fn blank(&mut self) {
        self.plain("");
    }
}
