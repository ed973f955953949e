//! Small checks of texts and fields, from which the rules are made.

use std::ops::RangeInclusive;

use serde_json::Value;

/// Whether a text has this many bytes, all of which fit.
pub(super) fn consists(
    text: &str,
    length: RangeInclusive<usize>,
    fits: impl Fn(u8) -> bool,
) -> bool {
    length.contains(&text.len()) && text.bytes().all(fits)
}

/// Whether a byte is a decimal digit.
pub(super) fn is_digit(byte: u8) -> bool {
    byte.is_ascii_digit()
}

/// Whether a text begins with a letter or a digit.
pub(super) fn starts_alphanumeric(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphanumeric())
}

/// Whether a text ends with a letter or a digit.
pub(super) fn ends_alphanumeric(text: &str) -> bool {
    text.ends_with(|last: char| last.is_ascii_alphanumeric())
}

/// Whether a field is absent, or there with a value that fits.
pub(super) fn fits_if_there(object: &Value, name: &str, fits: impl Fn(&Value) -> bool) -> bool {
    object.get(name).is_none_or(fits)
}
