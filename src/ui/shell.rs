//! Words as a shell takes them.

use super::visible;

/// A word as a shell takes it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |char: char| char.is_ascii_alphanumeric() || "-_./:=@,+".contains(char);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else if visible::inline(text) != text {
        // ANSI-C quoting (bash, zsh): what a terminal would act on is written as bytes.
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
