//! Hints for a failed sign-in or a call without an answer: the profile, the host, the proxy in between.

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use sophos_ct_forwarder::settings::dns_suffix;

use super::{options::Options, proxy::proxy};
use crate::{
    connection::{Partition, Region},
    ui::{Code, Failure, t},
};

/// Adds to a failed sign-in what concerns the profile, if one is named.
pub(super) async fn of_profile(failure: Failure, options: &Options) -> Failure {
    if let Some(unknown) = unknown_profile(options).await {
        return unknown;
    }
    match &options.profile {
        Some(profile) if options.sandbox.is_none() => {
            failure.hinted(t!("aws-profile-hint", profile = profile))
        }
        _ => failure,
    }
}

/// The failure that says that the profile that is named is not there, if that is so.
pub(super) async fn unknown_profile(options: &Options) -> Option<Failure> {
    let named = match &options.profile {
        Some(profile) => Some(("--profile", profile.clone())),
        None => std::env::var("AWS_PROFILE")
            .ok()
            .filter(|name| !name.is_empty())
            .map(|name| ("AWS_PROFILE", name)),
    };
    let (origin, profile) = named.filter(|_| options.sandbox.is_none())?;
    let files = EnvConfigFiles::default();
    let found = aws_config::profile::load(&Fs::real(), &Env::real(), &files, None).await;
    found
        .is_ok_and(|all| all.get_profile(&profile).is_none())
        .then(|| {
            let message = t!("aws-profile-unknown", origin = origin, profile = profile);
            Failure::new(Code::AwsSignIn, message).hinted(t!("aws-profile-unknown-hint"))
        })
}

/// Adds to a call without an answer the host that was called, the region in its name, and the proxy in between.
pub(super) fn of_host(
    failure: Failure,
    endpoints: &[(String, String)],
    region: &Region,
) -> Failure {
    let replaced = endpoints
        .iter()
        .find(|(service, _)| service == "*" || service == "STS");
    let (host, failure) = match replaced {
        Some((_, url)) => (url.clone(), failure),
        None => {
            let suffix = dns_suffix(Partition::of(region).as_str()).unwrap_or_default();
            let host = format!("https://sts.{region}.{suffix}");
            let hint = t!("aws-host-hint", host = host, region = region);
            (host, failure.hinted(hint))
        }
    };
    through_proxy(failure, &host)
}

/// Adds to a call without an answer from a URL the proxy in between, if the environment names one.
#[must_use]
pub(crate) fn through_proxy(failure: Failure, url: &str) -> Failure {
    match proxy(url) {
        Some((variable, proxy)) => {
            failure.hinted(t!("proxy-hint", variable = variable, proxy = proxy))
        }
        None => failure,
    }
}
