//! What most commands begin with: signing in to both sides, picking the tenant, finding a connection.

use std::{collections::BTreeMap, path::Path};

use secrecy::SecretString;

use super::{app::App, sign_in};
use crate::{
    answers::{Answers, Any},
    aws::{self, Aws},
    central::{
        self, Central, Versioned,
        model::{Connection, IdType, Tenant},
    },
    connection::{AccountId, ConnectionId, ConnectionName, Design, Region},
    resources::{cx::Deployment, function, package::Package},
    ui::{Code, Failure, Result, t},
    wizard::ask::{Row, Rows},
};

/// Both sides, signed in.
pub(super) struct Session {
    pub aws: Aws,
    pub central: Central,
}

/// Returns how AWS is reached.
pub(super) async fn aws_options(app: &App) -> Result<aws::Options> {
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
pub(super) fn sandbox_profile(profile: Option<String>) -> Option<String> {
    let typed = std::env::args_os().any(|word| {
        let word = word.as_encoded_bytes();
        word == b"--profile" || word.starts_with(b"--profile=")
    });
    profile.filter(|profile| typed || crate::sandbox::has_profile(profile))
}

/// Returns how Central is reached.
pub(super) async fn central_options(app: &App) -> Result<central::Options> {
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
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// The value of a global flag on a command line that is not read by clap: it is being typed, or cannot be read. Otherwise that of
/// its variable.
pub(super) fn said(flag: &str, name: &str) -> Option<String> {
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
pub(super) fn with_credential(client_id: String, client_secret: SecretString) -> central::Options {
    let (id_url, api_url) = central_hosts();
    central::Options {
        id_url,
        api_url,
        client_id,
        client_secret,
    }
}

/// The identity host and the API host of Central.
fn central_hosts() -> (String, String) {
    (
        variable("SOPHOS_CENTRAL_ID_URL").unwrap_or_else(|| central::ID_URL.to_owned()),
        variable("SOPHOS_CENTRAL_API_URL").unwrap_or_else(|| central::API_URL.to_owned()),
    )
}

/// Returns the product code of the licence. Sophos does not publish it, so the user must set it.
pub(super) fn license_code(app: &App) -> Option<String> {
    #[cfg(feature = "sandbox")]
    if app.settled().sandbox {
        return Some(crate::sandbox::LICENSE_CODE.to_owned());
    }
    #[cfg(not(feature = "sandbox"))]
    let _ = app;
    variable("SOPHOS_CENTRAL_LICENSE_CODE")
}

/// Reads the secret on a thread of its own: stdin or a pipe may stay silent, and Ctrl-C must work meanwhile.
async fn read_secret(file: &Path) -> Result<SecretString> {
    let path = file.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if path == Path::new("-") {
            std::io::read_to_string(std::io::stdin())
        } else {
            std::fs::read_to_string(path)
        }
    });
    let text = read.await.expect("reading a file does not panic");
    let text = text.map_err(|error| {
        let file = file.display();
        Failure::usage(t!("secret-unreadable", file = file, cause = error))
    })?;
    Ok(SecretString::from(
        text.trim_end_matches(['\r', '\n']).to_owned(),
    ))
}

/// Signs in to Central alone and chooses the tenant.
pub(super) async fn central(app: &App) -> Result<Central> {
    let mut central = Central::connect(central_options(app).await?).await?;
    choose_tenant(app, &mut central, None).await?;
    warn_of_central(app);
    Ok(central)
}

/// Signs in to AWS and Central, and asks for what is needed for that.
pub(super) async fn both(app: &App, given: &Answers) -> Result<Session> {
    let (aws, mut central) = sign_in::both(app).await?;
    choose_tenant(app, &mut central, Some(given)).await?;
    expect(app, &aws.caller.account, &central, given)?;
    warn_of_hosts(app, &aws);
    Ok(Session { aws, central })
}

/// Chooses the tenant that a partner's or an organization's credential acts for.
async fn choose_tenant(app: &App, central: &mut Central, given: Option<&Answers>) -> Result<()> {
    let wanted = app.globals.tenant.clone();
    if let Some(own) = &central.tenant {
        return match wanted {
            Some(wanted) if !own.id.eq_ignore_ascii_case(&wanted) => Err(Failure::new(
                Code::WrongTarget,
                t!("tenant-not-own", wanted = wanted, tenant = own.id),
            )),
            _ => Ok(()),
        };
    }
    let mut tenants = central.tenants().await?;
    tenants.sort_by(|one, other| one.name.cmp(&other.name));
    let wanted =
        wanted.or_else(|| given.and_then(|given| Some(given.expect_tenant.get()?.to_string())));
    let chosen = match wanted {
        Some(wanted) => {
            let fitting: Vec<usize> = (0..tenants.len())
                .filter(|&index| tenants[index].is_called(&wanted))
                .collect();
            match fitting[..] {
                [one] => one,
                [] => return Err(Failure::usage(t!("tenant-unknown", wanted = wanted))),
                _ => return Err(Failure::usage(t!("tenant-ambiguous", wanted = wanted))),
            }
        }
        None if app.ask.possible() && !tenants.is_empty() => pick(app, &tenants).await?,
        None => {
            return Err(Failure::new(Code::MissingAnswers, t!("tenant-missing"))
                .hinted(t!("tenant-missing-hint")));
        }
    };
    central.choose(tenants.swap_remove(chosen))
}

/// Asks which of the tenants. It is the first question, so Esc asks it again.
async fn pick(app: &App, tenants: &[Tenant]) -> Result<usize> {
    let rows = tenants.iter().map(|tenant| Row {
        cells: vec![tenant.name.clone(), tenant.data_region.clone()],
        detail: tenant.id.clone(),
    });
    let rows = Rows {
        headings: vec![t!("column-name"), t!("column-region")],
        rows: rows.collect(),
    };
    loop {
        match app.ask.pick(&t!("ask-tenant"), rows.clone(), None).await {
            Err(failure) if failure.back => {}
            picked => return picked,
        }
    }
}

/// Checks `--expect-account` and `--expect-tenant`. If nobody can be asked and the credential has several tenants, the latter is
/// required.
fn expect(app: &App, account: &AccountId, central: &Central, given: &Answers) -> Result<()> {
    let unattended = app.globals.yes || !app.ask.possible();
    if unattended && central.who.id_type != IdType::Tenant && !given.expect_tenant.is_given() {
        return Err(Failure::new(
            Code::MissingAnswers,
            t!("expect-tenant-missing", tenant = central.tenant()),
        )
        .hinted(t!("expect-tenant-missing-hint")));
    }
    let mut complaints = Vec::new();
    if let Some(expected) = given.expect_account.get().filter(|one| *one != account) {
        complaints.push(t!("wrong-account", expected = expected, account = account));
    }
    let tenant = central.tenant();
    let expected = given.expect_tenant.get();
    if let Some(expected) = expected.filter(|one| !tenant.is_called(one.as_str())) {
        complaints.push(t!("wrong-tenant", expected = expected, tenant = tenant));
    }
    if complaints.is_empty() {
        Ok(())
    } else {
        Err(Failure::list(
            Code::WrongTarget,
            t!("wrong-target"),
            complaints,
        ))
    }
}

/// Warns of endpoints that are not AWS's or Sophos's own.
fn warn_of_hosts(app: &App, aws: &Aws) {
    if app.settled().sandbox {
        return;
    }
    warn_of_aws(app, aws);
    warn_of_central(app);
}

/// Warns of endpoints that are not AWS's own.
pub(super) fn warn_of_aws(app: &App, aws: &Aws) {
    for (service, url) in &aws.endpoints {
        if !app.settled().sandbox {
            app.printer
                .warn(&t!("aws-endpoint", service = service, url = url));
        }
    }
}

/// Warns, once in a run, of hosts of Central that are not Sophos's own.
pub(super) fn warn_of_central(app: &App) {
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

/// Finds a connection by its name, or by its id if the text is one. With `deleted`, it also finds the last deleted one with the
/// name.
pub(super) async fn find(central: &Central, text: &str, deleted: bool) -> Result<Versioned> {
    let unknown = || {
        Failure::new(
            Code::UnknownConnection,
            t!("connection-unknown", name = text),
        )
        .hinted(t!("connection-unknown-hint"))
    };
    if let Ok(id) = text.parse::<ConnectionId>() {
        return central.by_id(id).await?.ok_or_else(unknown);
    }
    let name: ConnectionName = text.parse().map_err(Failure::usage)?;
    if let Some(found) = central.by_name(&name).await? {
        return Ok(found);
    }
    if deleted {
        let all = central
            .list(&[
                ("name", name.to_string()),
                ("includeDeleted", "true".to_owned()),
            ])
            .await?;
        let mut latest_first = all.iter().rev();
        if let Some(last) = latest_first.find(|connection| connection.name == name) {
            return central.by_id(last.id).await?.ok_or_else(unknown);
        }
    }
    Err(unknown())
}

/// Signs in to AWS in the connection's home region. The account must be the caller's.
pub(super) async fn aws_of(app: &App, found: &Versioned) -> Result<Aws> {
    let connection = &found.connection;
    let mut options = aws_options(app).await?;
    if let Some(home) = &connection.home_region {
        options.region = Some(home.clone());
    }
    let aws = Aws::connect(&options).await?;
    same_account(&aws, found)?;
    Ok(aws)
}

/// Fails if the caller's account is not the connection's.
pub(super) fn same_account(aws: &Aws, found: &Versioned) -> Result<()> {
    let connection = &found.connection;
    if aws.caller.account != connection.aws_account_id {
        return Err(Failure::new(
            Code::WrongTarget,
            t!(
                "connection-other-account",
                name = connection.name,
                account = connection.aws_account_id,
                caller = aws.caller.account
            ),
        )
        .hinted(t!(
            "connection-other-account-hint",
            account = connection.aws_account_id
        )));
    }
    Ok(())
}

/// Returns the design of a connection from its saved settings.
pub(super) fn design_of(aws: &Aws, found: &Versioned) -> Result<Design> {
    let mut given = Answers::default();
    given.take_saved(&found.connection.settings)?;
    Ok(given.design(
        found.connection.id,
        &found.connection.name,
        &aws.caller,
        &aws.region,
        aws.plain_http(),
    ))
}

/// Returns the bucket of a connection's log files: that of the answers, else that of the manifest.
#[must_use]
pub(super) fn log_bucket(connection: &Connection, design: &Design) -> Option<String> {
    let known = Some(design.bucket.to_string()).filter(|name| !name.is_empty());
    known.or_else(|| connection.manifest().buckets.first().cloned())
}

/// Returns the environment that the connection's function should have.
#[must_use]
pub(super) fn environment(
    aws: &Aws,
    design: &Design,
    connection: &Connection,
) -> BTreeMap<String, String> {
    let endpoints = connection.endpoints();
    function::environment(
        design,
        &endpoints.ingest_url,
        &endpoints.upload_hosts,
        aws.loopback_endpoint(),
    )
}

/// Returns what the connection's function should run, and with which environment.
#[must_use]
pub(super) fn deployment(
    aws: &Aws,
    design: &Design,
    connection: &Connection,
    package: Package,
) -> Deployment {
    Deployment {
        package,
        environment: environment(aws, design, connection),
    }
}

/// Returns the default name of a connection: of the account or, with a region, of account and region. The latter is for an
/// account whose name is taken elsewhere.
#[must_use]
pub(super) fn default_name(account: &AccountId, region: Option<&Region>) -> ConnectionName {
    let text = match region {
        Some(region) => format!("aws-{account}-{region}"),
        None => format!("aws-{account}"),
    };
    text.parse().expect("account and region make a valid name")
}
