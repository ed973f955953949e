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

/// Returns the profile that signs in: the one that is named, else the selected one; `None` if it is not there, or if keys in the
/// environment go before it.
pub(crate) async fn signs_in(named: Option<&str>) -> Option<Profile> {
    if named.is_none() && keys_are_set() {
        return None;
    }
    let files = EnvConfigFiles::default();
    let all = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await;
    let all = all.ok()?;
    let name = named.unwrap_or_else(|| all.selected_profile()).to_owned();
    profiles().await.into_iter().find(|one| one.name == name)
}

/// Whether a key is in the environment, which then goes before all profiles.
fn keys_are_set() -> bool {
    let is_set = |name: &str| std::env::var(name).is_ok_and(|value| !value.is_empty());
    is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY")
}

/// Whether a process of the user's signs in: that of this profile, of the selected one if none is named, or of one whose role it
/// takes.
pub(crate) async fn signs_in_by_process(profile: Option<&str>) -> bool {
    if profile.is_none() && keys_are_set() {
        return false;
    }
    let files = EnvConfigFiles::default();
    let Ok(all) = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await else {
        return false;
    };
    let first = profile.unwrap_or_else(|| all.selected_profile());
    leads_to_process(first, |name, key| {
        all.get_profile(name)?.get(key).map(ToOwned::to_owned)
    })
}

fn leads_to_process(first: &str, setting: impl Fn(&str, &str) -> Option<String>) -> bool {
    let mut passed: Vec<String> = Vec::new();
    let mut next = Some(first.to_owned());
    while let Some(name) = next.filter(|name| !passed.contains(name)) {
        if setting(&name, "credential_process").is_some() {
            return true;
        }
        next = setting(&name, "source_profile");
        passed.push(name);
    }
    false
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

    #[test]
    fn a_process_is_found_behind_roles() {
        let setting = |name: &str, key: &str| {
            let value = match (name, key) {
                ("process", "credential_process") => "sign-in",
                ("role", "source_profile") => "process",
                ("second", "source_profile") => "role",
                ("own", "source_profile") => "own",
                _ => return None,
            };
            Some(value.to_owned())
        };
        for (profile, expected) in [
            ("process", true),
            ("role", true),
            ("second", true),
            ("own", false),
            ("keys", false),
        ] {
            assert_eq!(leads_to_process(profile, setting), expected, "{profile}");
        }
    }
}
