//! The profiles of the AWS config and credentials files, to choose from. Only how each signs in is read, no key.

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};

/// A profile of the files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Profile {
    pub name: String,
    pub region: Option<String>,
    pub sign_in: SignIn,
}

/// How a profile signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SignIn {
    /// IAM Identity Center: `aws sso login` first.
    Sso,
    /// A session of `aws login`. The SDK reads it only with a feature that is not built in (aws-config, `credentials-login`).
    Login,
    Role,
    /// A role that needs a code, which the SDK cannot ask for (github.com/awslabs/aws-sdk-rust/issues/527).
    RoleWithCode,
    Process,
    Keys,
    /// Nothing that signs in.
    None,
}

/// Returns the profiles in the order of their names; none if the files cannot be read.
pub(crate) async fn profiles() -> Vec<Profile> {
    let files = EnvConfigFiles::default();
    let Ok(all) = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await else {
        return Vec::new();
    };
    let mut found: Vec<Profile> = all
        .profiles()
        .filter_map(|name| {
            let profile = all.get_profile(name)?;
            Some(Profile {
                name: name.to_owned(),
                region: profile.get("region").map(ToOwned::to_owned),
                sign_in: SignIn::of(|key| profile.get(key).is_some()),
            })
        })
        .collect();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

impl SignIn {
    /// The way in which the SDK signs in with these settings: a role goes before all others (SDKs and Tools Reference Guide,
    /// "Standardized credential providers").
    fn of(has: impl Fn(&str) -> bool) -> Self {
        if has("role_arn") && has("mfa_serial") {
            Self::RoleWithCode
        } else if has("role_arn") {
            Self::Role
        } else if has("sso_session") || has("sso_start_url") {
            Self::Sso
        } else if has("login_session") {
            Self::Login
        } else if has("credential_process") {
            Self::Process
        } else if has("aws_access_key_id") {
            Self::Keys
        } else {
            Self::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_is_known_by_its_settings() {
        for (keys, expected) in [
            (&["sso_session", "region"][..], SignIn::Sso),
            (&["sso_start_url"], SignIn::Sso),
            (&["login_session"], SignIn::Login),
            (&["role_arn", "source_profile"], SignIn::Role),
            (&["role_arn", "mfa_serial"], SignIn::RoleWithCode),
            (&["credential_process"], SignIn::Process),
            (&["aws_access_key_id"], SignIn::Keys),
            (&["region"], SignIn::None),
        ] {
            assert_eq!(SignIn::of(|key| keys.contains(&key)), expected, "{keys:?}");
        }
    }
}
