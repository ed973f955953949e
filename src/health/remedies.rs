//! The commands that mend a connection.

/// The commands that mend a connection, in words that are quoted.
#[derive(Debug)]
pub(crate) struct Remedies {
    /// Sets it up again.
    pub setup: Vec<String>,
    /// Ends a user's pause.
    pub resume: Vec<String>,
}

#[cfg(test)]
impl Remedies {
    /// The commands of a connection `demo`.
    pub(super) fn fixture() -> Self {
        let command = |verb: &str| -> Vec<String> {
            ["sophos-ct", verb, "demo"].map(ToOwned::to_owned).into()
        };
        Self {
            setup: command("setup"),
            resume: command("resume"),
        }
    }
}
