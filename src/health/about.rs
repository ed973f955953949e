//! What checks are about: parts in AWS, and all else that `status` and `doctor` look at.

use crate::{connection::Kind, plan::render, ui::t};

/// What a check is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub(crate) enum About {
    /// A part of the connection in AWS, named as in the contract.
    Part(Kind),
    Connection,
    Version,
    SignIn,
    Read,
    Logs,
    Code,
    Environment,
    Logging,
    AlarmFailures,
    AlarmSilence,
    Conflict,
    /// Parts that are missing or unfinished, in one line.
    Missing,
    /// Which stack owns the parts.
    Stack,
    Licence,
    Caller,
    Account,
    Region,
    Organization,
    Trails,
    Cost,
    Permissions,
    SophosScript,
    SophosOptix,
    ControlTower,
    Aws,
    Central,
    CentralApi,
}

impl About {
    /// The name in JSON.
    #[must_use]
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Part(kind) => kind.as_str(),
            other => other.into(),
        }
    }

    /// What it is called on the screen. Names of AWS and Sophos are the same in every language.
    #[must_use]
    pub(crate) fn label(self) -> String {
        match self {
            Self::Part(kind) => render::kind(kind),
            Self::Connection => t!("check-connection"),
            Self::Version => t!("check-version"),
            Self::SignIn => t!("check-sign-in"),
            Self::Read => t!("check-read"),
            Self::Logs => t!("check-logs"),
            Self::Code => t!("check-code"),
            Self::Environment => t!("check-environment"),
            Self::Logging => t!("check-logging"),
            Self::AlarmFailures => t!("check-alarm-failures"),
            Self::AlarmSilence => t!("check-alarm-silence"),
            Self::Conflict => t!("check-conflict"),
            Self::Missing => t!("check-missing"),
            Self::Stack => t!("check-stack"),
            Self::Licence => t!("check-licence"),
            Self::Caller => t!("check-caller"),
            Self::Account => t!("check-account"),
            Self::Region => t!("check-region"),
            Self::Organization => t!("check-organization"),
            Self::Trails => t!("check-trails"),
            Self::Cost => t!("check-cost"),
            Self::Permissions => t!("check-permissions"),
            Self::SophosScript => t!("check-sophos-script"),
            Self::SophosOptix => "Cloud Optix".to_owned(),
            Self::ControlTower => "Control Tower".to_owned(),
            Self::Aws => "AWS".to_owned(),
            Self::Central => "Sophos Central".to_owned(),
            Self::CentralApi => "Central API".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_scripts_know() {
        for (about, name) in [
            (About::Part(Kind::RolePolicy), "rolePolicy"),
            (About::SignIn, "sign-in"),
            (About::Logs, "logs"),
            (About::AlarmFailures, "alarm-failures"),
            (About::SophosOptix, "sophos-optix"),
            (About::CentralApi, "central-api"),
            (About::Aws, "aws"),
        ] {
            assert_eq!(about.as_str(), name);
        }
    }
}
