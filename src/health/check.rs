//! One check of a connection, as JSON and as a line.

use serde_json::{Value, json};

/// A check: what was found and, if it is wrong, what helps.
#[derive(Clone, Debug)]
pub(crate) struct Check {
    pub name: &'static str,
    /// Whether it is right; `None` if that cannot be said.
    pub ok: Option<bool>,
    pub detail: String,
    pub fix: Option<String>,
}

impl Check {
    #[must_use]
    pub(crate) fn new(name: &'static str, ok: Option<bool>, detail: impl Into<String>) -> Self {
        Self {
            name,
            ok,
            detail: detail.into(),
            fix: None,
        }
    }

    /// Adds what helps, if the check found something wrong.
    #[must_use]
    pub(crate) fn fix(mut self, fix: impl Into<String>) -> Self {
        if self.ok == Some(false) {
            self.fix = Some(fix.into());
        }
        self
    }

    /// Whether no check found something wrong.
    #[must_use]
    pub(crate) fn healthy(checks: &[Self]) -> bool {
        checks.iter().all(|check| check.ok != Some(false))
    }

    #[must_use]
    pub(crate) fn to_json(&self) -> Value {
        let mut value = json!({ "name": self.name, "ok": self.ok, "detail": self.detail });
        if let Some(fix) = &self.fix {
            value["fix"] = fix.clone().into();
        }
        value
    }

    /// Returns the checks as lines below each other.
    #[must_use]
    pub(crate) fn lines(checks: &[Self]) -> String {
        let width = checks.iter().map(|check| check.name.len()).max();
        let lines: Vec<String> = checks
            .iter()
            .map(|check| check.line(width.unwrap_or_default()))
            .collect();
        lines.join("\n")
    }

    fn line(&self, width: usize) -> String {
        let mark = match self.ok {
            Some(true) => '✓',
            Some(false) => '✗',
            None => '?',
        };
        let fix = self
            .fix
            .as_ref()
            .map(|fix| format!("\n      → {fix}"))
            .unwrap_or_default();
        format!("  {mark} {:<width$}  {}{fix}", self.name, self.detail)
    }
}
