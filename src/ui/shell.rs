//! Quoting of words for a shell.

use super::visible;

/// Quotes a word for a shell if it needs quotes.
#[must_use]
pub(crate) fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@,+".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if visible::inline(text) != text {
        // ANSI-C quoting (bash, zsh): characters that a terminal would act on are written as bytes.
        let bytes = text.bytes().map(|byte| match byte {
            b'\'' | b'\\' => format!("\\{}", char::from(byte)),
            b' '..=b'~' => char::from(byte).to_string(),
            _ => format!("\\x{byte:02x}"),
        });
        format!("$'{}'", bytes.collect::<String>())
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
