//! How questions look: the marks and colours of dialoguer's theme. Its prompts themselves neither go back with Esc nor show what
//! belongs to the row in focus, and they take bytes for columns, so questions are drawn here.

use std::sync::LazyLock;

use dialoguer::theme::{ColorfulTheme, Theme};

use crate::ui::layout::wrap_to;

static THEME: LazyLock<ColorfulTheme> = LazyLock::new(ColorfulTheme::default);

/// A text that begins with the mark of a question, `?`, in colours. What stands behind `›` is the answer so far.
pub(super) fn question(text: &str) -> String {
    let text = text.replacen('?', &THEME.prompt_prefix.to_string(), 1);
    match text.rsplit_once('›') {
        Some((question, answer)) => {
            format!("{question}›{}", THEME.values_style.apply_to(answer))
        }
        None => text,
    }
}

/// A text that begins with the mark of an answer, `✔`, in colours.
pub(super) fn answered(text: &str) -> String {
    text.replacen('✔', &THEME.success_prefix.to_string(), 1)
}

/// A row of a list.
pub(super) fn row(text: &str, focused: bool) -> String {
    let mut row = String::new();
    THEME
        .format_select_prompt_item(&mut row, text, focused)
        .expect("a string takes any text");
    row
}

/// The headings of a list.
pub(super) fn heading(text: &str) -> String {
    THEME.prompt_style.apply_to(text).to_string()
}

/// A remark that does not ask anything.
pub(super) fn quiet(text: &str) -> String {
    THEME.hint_style.apply_to(text).to_string()
}

/// What is wrong with an answer, in lines that fit.
pub(super) fn complaint(text: &str, width: usize) -> Vec<String> {
    let text = wrap_to(&format!("✘ {text}"), width, 2);
    let colored = |line| THEME.error_style.apply_to(line).to_string();
    text.lines().map(colored).collect()
}
