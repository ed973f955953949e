//! The function's log: one JSON line a file on stdout, which Lambda writes to the function's log group.

use std::io::Write;

use serde_json::Value;

/// Writes one line. No secrets, no log content: callers pass addresses, counts and causes only.
pub fn line(value: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{value}");
}
