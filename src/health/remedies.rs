//! The commands that mend a connection.

use super::Check;
use crate::ui::t;

/// The commands that mend a connection, in words that are quoted.
#[derive(Debug)]
pub(crate) struct Remedies {
    /// Sets it up again.
    pub setup: Vec<String>,
    /// Ends a user's pause.
    pub resume: Vec<String>,
    /// Invites again whoever is to set it up; `None` of a connection that is set up here.
    pub invite: Option<Vec<String>>,
}

impl Remedies {
    /// Adds to a check what makes the function sign in.
    #[must_use]
    pub(super) fn sign_in(&self, check: Check) -> Check {
        match &self.invite {
            // A code that was sent may be about to be used: another one ends it.
            Some(invite) => check.run_as(t!("fix-prepared"), invite),
            None => check.run(&self.setup),
        }
    }
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
            invite: None,
        }
    }
}
