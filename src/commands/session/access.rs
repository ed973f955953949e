//! How AWS and Central are reached: flags, variables, files and the sandbox; and what is said of hosts that are not their own.

use std::path::Path;

use secrecy::SecretString;

use crate::{
    aws::{self, Aws},
    central::{self, Credential},
    commands::app::App,
    ui::{Code, Failure, Result, t},
};

/// Returns how AWS is reached.
pub(in crate::commands) async fn aws_options(app: &App) -> Result<aws::Options> {
    let globals = app.settled();
    #[cfg(feature = "sandbox")]
    if globals.sandbox {
        let running = crate::sandbox::ensure(app.printer, crate::sandbox::Pace::default()).await?;
        return Ok(aws::Options {
            profile: None,
            sandbox: Some(running.aws_as(globals.profile.as_deref())?),
            region: globals.region,
        });
    }
    Ok(aws::Options {
        profile: globals.profile,
        region: globals.region,
        sandbox: None,
    })
}

/// Returns the profile that counts in the sandbox. One that only the environment names may be meant for AWS: it counts if the
/// sandbox has an account for it.
#[cfg(feature = "sandbox")]
pub(in crate::commands) fn sandbox_profile(profile: Option<String>) -> Option<String> {
    let typed = std::env::args_os().any(|word| {
        let word = word.as_encoded_bytes();
        word == b"--profile" || word.starts_with(b"--profile=")
    });
    profile.filter(|profile| typed || crate::sandbox::has_profile(profile))
}

/// Returns how Central is reached.
pub(in crate::commands) async fn central_options(app: &App) -> Result<central::Options> {
    #[cfg(feature = "sandbox")]
    if app.settled().sandbox {
        let running = crate::sandbox::ensure(app.printer, crate::sandbox::Pace::default()).await?;
        return Ok(running.central());
    }
    if let Some(typed) = app.chosen.borrow().central.clone() {
        return Ok(typed);
    }
    let file = app.globals.client_secret_file.as_deref();
    let client_id = variable("SOPHOS_CENTRAL_CLIENT_ID");
    let secret = match (file, variable("SOPHOS_CENTRAL_CLIENT_SECRET")) {
        (Some(file), _) => Some(read_secret(file).await?),
        (None, Some(secret)) => Some(SecretString::from(secret)),
        (None, None) if client_id.is_some() && app.ask.possible() => {
            warn_of_central(app);
            Some(app.ask.secret(&t!("ask-secret")).await?)
        }
        (None, None) => None,
    };
    let (Some(client_id), Some(client_secret)) = (client_id, secret) else {
        return Err(
            Failure::new(Code::CentralSignIn, t!("central-no-credentials"))
                .hinted(t!("central-no-credentials-hint")),
        );
    };
    Ok(with_credential(client_id, client_secret))
}

/// Returns a variable of the environment; one that is empty counts as unset.
pub(in crate::commands) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The value of a global flag on a command line that is not read by clap: it is being typed, or cannot be read. Otherwise that of
/// its variable.
pub(in crate::commands) fn said(flag: &str, name: &str) -> Option<String> {
    let words: Vec<std::ffi::OsString> = std::env::args_os().collect();
    // bash hands `--flag=value` over for completion as three words.
    let words = words.iter().map(|word| word.to_string_lossy());
    let words: Vec<_> = words.filter(|word| word != "=").collect();
    let apart = words.windows(2).find(|pair| pair[0] == flag);
    let apart = apart.map(|pair| pair[1].to_string());
    let joined = || {
        let values = words.iter().filter_map(|word| word.strip_prefix(flag));
        let mut values = values.filter_map(|value| value.strip_prefix('='));
        values.next().map(ToOwned::to_owned)
    };
    apart.or_else(joined).or_else(|| variable(name))
}

/// Returns how Central is reached with a credential: at Sophos's own hosts, unless the environment names others.
pub(in crate::commands) fn with_credential(
    client_id: String,
    client_secret: SecretString,
) -> central::Options {
    let (id_url, api_url) = central_hosts();
    central::Options {
        id_url,
        api_url,
        credential: Credential::Client {
            id: client_id,
            secret: client_secret,
        },
    }
}

/// The identity host and the API host of Central.
pub(in crate::commands) fn central_hosts() -> (String, String) {
    (
        variable("SOPHOS_CENTRAL_ID_URL").unwrap_or_else(|| central::ID_URL.to_owned()),
        variable("SOPHOS_CENTRAL_API_URL").unwrap_or_else(|| central::API_URL.to_owned()),
    )
}

/// Returns the product code of the licence. Sophos does not publish it, so the user must set it.
pub(in crate::commands) fn license_code(app: &App) -> Option<String> {
    #[cfg(feature = "sandbox")]
    if app.settled().sandbox {
        return Some(crate::sandbox::LICENSE_CODE.to_owned());
    }
    #[cfg(not(feature = "sandbox"))]
    let _ = app;
    variable("SOPHOS_CENTRAL_LICENSE_CODE")
}

async fn read_secret(file: &Path) -> Result<SecretString> {
    let text = text_of(file).await.map_err(|error| {
        let file = file.display();
        Failure::usage(t!("secret-unreadable", file = file, cause = error))
    })?;
    Ok(SecretString::from(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

/// Reads a file, or stdin for `-`, on a thread of its own: stdin or a pipe may stay silent, and Ctrl-C must work meanwhile.
pub(in crate::commands) async fn text_of(file: &Path) -> std::io::Result<String> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if path == Path::new("-") {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(path)
        }
    });
    read.await.expect("reading a file does not panic")
}

/// Warns of endpoints that are not AWS's or Sophos's own.
pub(super) fn warn_of_hosts(app: &App, aws: &Aws) {
    warn_of_aws(app, aws);
    warn_of_central(app);
}

/// Warns of endpoints that are not AWS's own.
pub(in crate::commands) fn warn_of_aws(app: &App, aws: &Aws) {
    if app.settled().sandbox {
        return;
    }
    for (service, url) in &aws.endpoints {
        app.printer
            .warn(&t!("aws-endpoint", service = service, url = url));
    }
}

/// Warns, once in a run, of hosts of Central that are not Sophos's own.
pub(in crate::commands) fn warn_of_central(app: &App) {
    let (id, api) = central_hosts();
    let own = id == central::ID_URL && api == central::API_URL;
    if own || app.settled().sandbox || app.chosen.borrow().hosts_named {
        return;
    }
    app.chosen.borrow_mut().hosts_named = true;
    let hosts = if id == api {
        id
    } else {
        format!("{id}, {api}")
    };
    app.printer.warn(&t!("central-hosts", hosts = hosts));
}
