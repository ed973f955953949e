//! Hints for a failed sign-in or a call without an answer: the profile, the host, the proxy in between.

use aws_runtime::env_config::file::EnvConfigFiles;
use aws_types::os_shim_internal::{Env, Fs};
use sophos_ct_forwarder::settings::dns_suffix;

use super::{
    options::Options,
    profiles::{self, SignIn},
    proxy::proxy,
};
use crate::{
    connection::{Partition, Region},
    ui::{Code, Failure, shell::quoted, t},
};

/// Adds to a failed sign-in what concerns the profile: that it is not there, or how it signs in.
pub(super) async fn of_profile(failure: Failure, options: &Options) -> Failure {
    if let Some(unknown) = unknown_profile(options).await {
        return unknown;
    }
    if options.sandbox.is_some() {
        return failure;
    }
    let named = options.profile.as_deref();
    let failure = match profiles::signs_in(named).await {
        Some(profile) => of_sign_in(failure, &profile.name, profile.sign_in),
        None => failure,
    };
    match named {
        Some(profile) => failure.hinted(t!("aws-profile-hint", profile = profile)),
        None => failure,
    }
}

/// Says how a profile signs in, in place of hints for everybody. What the SDK says of a sign-in that it cannot do helps nobody.
fn of_sign_in(mut failure: Failure, profile: &str, sign_in: SignIn) -> Failure {
    let export = || t!("profile-export-hint", profile = quoted(profile));
    let hint = match sign_in {
        SignIn::Sso => t!("profile-sso-hint", profile = quoted(profile)),
        SignIn::Login => {
            failure.message = t!("aws-profile-login", profile = profile);
            export()
        }
        SignIn::RoleWithCode => {
            failure.message = t!("aws-profile-code", profile = profile);
            export()
        }
        SignIn::Process => t!("aws-profile-process", profile = profile),
        SignIn::Role | SignIn::Keys | SignIn::None => return failure,
    };
    failure.hints = vec![hint];
    failure
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
        Some((service, url)) => (url.clone(), of_endpoint(failure, service, url)),
        None => {
            let suffix = dns_suffix(Partition::of(region).as_str()).unwrap_or_default();
            let host = format!("https://sts.{region}.{suffix}");
            let hint = t!("aws-host-hint", host = host, region = region);
            (host, failure.hinted(hint))
        }
    };
    through_proxy(failure, &host)
}

/// Names the endpoint that was called in place of AWS's own, if the environment names it.
fn of_endpoint(failure: Failure, service: &str, url: &str) -> Failure {
    let variable = match service {
        "*" => "AWS_ENDPOINT_URL".to_owned(),
        service => format!("AWS_ENDPOINT_URL_{service}"),
    };
    match std::env::var(&variable).is_ok_and(|value| value == url) {
        true => failure.hinted(t!("aws-endpoint-hint", url = url, variable = variable)),
        false => failure,
    }
}

/// Returns what to do about a certificate that is refused, if that is the cause (rustls, `CertificateError`).
#[must_use]
pub(crate) fn of_certificate(cause: &str) -> Option<String> {
    let says = |texts: &[&str]| texts.iter().any(|text| cause.contains(text));
    if !says(&["invalid peer certificate"]) {
        None
    } else if says(&["not valid yet", "expired", "NotValidYet", "Expired"]) {
        Some(t!("certificate-time-hint"))
    } else if says(&["UnknownIssuer"]) {
        Some(t!("certificate-issuer-hint"))
    } else {
        None
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_certificate_has_a_hint_for_its_cause() {
        let time = Some(t!("certificate-time-hint"));
        for (cause, hint) in [
            (
                "invalid peer certificate: certificate not valid yet: verification time 1 (UNIX), but certificate is \
                 not valid before 2 (1 seconds in future)",
                time.clone(),
            ),
            ("invalid peer certificate: Expired", time),
            (
                "invalid peer certificate: UnknownIssuer",
                Some(t!("certificate-issuer-hint")),
            ),
            ("invalid peer certificate: BadEncoding", None),
            ("Connection refused (os error 111)", None),
        ] {
            assert_eq!(of_certificate(cause), hint, "{cause}");
        }
    }

    #[test]
    fn a_profile_is_told_by_how_it_signs_in() {
        let told = |sign_in| {
            let failure = Failure::new(Code::AwsSignIn, "none").hinted("set keys");
            let failure = of_sign_in(failure, "my profile", sign_in);
            (failure.message, failure.hints.join("\n"))
        };
        let (message, hint) = told(SignIn::RoleWithCode);
        assert!(message.contains("MFA"), "{message}");
        assert!(hint.contains("--profile 'my profile'"), "{hint}");
        assert!(told(SignIn::Login).0.contains("aws login"));
        let (message, hint) = told(SignIn::Sso);
        assert_eq!(message, "none");
        assert!(hint.contains("aws sso login"), "{hint}");
        assert_eq!(told(SignIn::Keys).1, "set keys");
    }
}
