//! The licence while a connection is watched. It seldom changes, so that not each look asks for it.

use std::time::{Duration, Instant};

use super::look::license;
use crate::{
    central::{
        Central,
        model::{Connection, LicenseState},
    },
    commands::app::App,
};

/// How long an answer counts.
const COUNTS: Duration = Duration::from_secs(60);

/// What Central said of the licence.
pub(super) struct Licence {
    pub state: LicenseState,
    at: Instant,
    /// Whether the connection was paused because the licence had ended.
    lacking: bool,
}

impl Licence {
    pub(super) async fn ask(app: &App, central: &Central, connection: &Connection) -> Self {
        Self {
            state: license(app, central).await,
            at: Instant::now(),
            lacking: connection.lacks_license(),
        }
    }

    /// Whether to ask again: after a minute, and when Central has paused the connection, or resumed it, because of the licence.
    pub(super) fn is_old(&self, connection: &Connection, now: Instant) -> bool {
        self.lacking != connection.lacks_license() || now.duration_since(self.at) >= COUNTS
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn connection(because: &str) -> Connection {
        Connection::fixture(&json!({ "status": "paused", "pausedBecause": because }))
    }

    #[test]
    fn the_licence_is_asked_for_again_after_a_minute_or_when_it_pauses_the_connection() {
        let licence = Licence {
            state: LicenseState::Valid(None),
            at: Instant::now(),
            lacking: false,
        };
        let soon = licence.at + Duration::from_secs(59);
        assert!(!licence.is_old(&connection("user"), soon));
        assert!(licence.is_old(&connection("license"), soon));
        assert!(licence.is_old(&connection("user"), licence.at + COUNTS));
    }
}
