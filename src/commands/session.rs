//! What most commands begin with: signing in to both sides, finding a connection, and what follows from it.

mod access;
mod tenant;

use std::collections::BTreeMap;

use super::{app::App, sign_in};
use crate::{
    answers::{Answers, Origin},
    aws::Aws,
    central::{Central, Versioned, model::Connection},
    connection::{AccountId, ConnectionId, ConnectionName, Design, Region},
    resources::{cx::Deployment, function, package::Package},
    ui::{Code, Failure, Result, t},
};
#[cfg(feature = "sandbox")]
pub(super) use access::sandbox_profile;
use access::warn_of_hosts;
pub(super) use access::{
    aws_options, central_hosts, central_options, license_code, said, text_of, variable,
    warn_of_aws, warn_of_central, with_credential,
};
pub(super) use tenant::{choose_tenant, expect};

/// Both sides, signed in.
pub(super) struct Session {
    pub aws: Aws,
    pub central: Central,
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

/// The id in the argument CONNECTION, if it is one.
pub(super) fn id_in(connection: Option<&str>) -> Option<ConnectionId> {
    connection?.parse().ok()
}

/// Takes the argument CONNECTION as the answer to the name, unless it is an id.
pub(super) fn take_name(given: &mut Answers, connection: Option<&str>) -> Result<()> {
    let Some(text) = connection.filter(|_| id_in(connection).is_none()) else {
        return Ok(());
    };
    let taken = given.name.answer(text, Origin::Flag);
    taken.map_err(|complaint| Failure::usage(format!("CONNECTION: {complaint}")))
}

/// Finds a connection by its name, or by its id if the text is one. With `deleted`, it also finds the last deleted one with the
/// name.
pub(super) async fn find(
    app: &App,
    central: &Central,
    text: &str,
    deleted: bool,
) -> Result<Versioned> {
    let unknown = || {
        Failure::new(
            Code::UnknownConnection,
            t!("connection-unknown", name = text),
        )
        .hinted(t!("connection-unknown-hint", flags = app.flags()))
    };
    if let Some(id) = id_in(Some(text)) {
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
