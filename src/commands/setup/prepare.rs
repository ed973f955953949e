//! Everything before the first write: answers, sign-in, questions, what AWS shows, and the plan.

use std::path::PathBuf;

use tokio::task::JoinHandle;

use super::{
    cost::cost,
    equivalent::equivalent,
    find::{find_organization, find_prefix, kept_from},
    meant::{Meant, collect, find_meant},
    prepared::Prepared,
    refuse::{asked_again, must_be_possible, must_not_be_connected, trusted_endpoints},
};
use crate::{
    answers::Answers,
    aws::Aws,
    central::Versioned,
    cli::SetupArgs,
    commands::{
        accounts,
        app::App,
        session::{self, Session},
    },
    connection::{ConnectionId, ConnectionName, Design},
    plan::{self, Plan},
    resources::{
        bucket::obstacles,
        families::{self, Observed},
        organization,
        package::Package,
        planned::Journal,
        seen::Seen,
        trail,
    },
    ui::{Code, Failure, Result},
    wizard::Known,
};

/// Collects answers, signs in, asks, observes and plans. Writes nothing.
pub(crate) async fn prepare(app: &App, arguments: SetupArgs) -> Result<Prepared> {
    let mut given = collect(&arguments)?;
    let package = pack(&given);
    let mut session = session::both(app, Some(&given)).await?;
    let Meant {
        name,
        existing,
        trails,
    } = find_meant(app, &mut session, &mut given, &arguments).await?;
    let management = trail::management_trails(&session.aws, &trails).await?;
    if existing.is_none() {
        ask(app, &session, &mut given, &name, &trails, &management).await?;
    }
    let aws = &session.aws;
    given.fit_together()?;
    given.fit_caller(&aws.caller, &aws.region)?;
    let id = existing
        .as_ref()
        .map_or_else(ConnectionId::random, |found| found.connection.id);
    let design = given.design(id, &name, &aws.caller, &aws.region, aws.plain_http());
    given.trace();
    let package = packed(package, aws).await?;
    let (observed, obstacles, non_members) = tokio::try_join!(
        families::observe(aws, &design, trails, management),
        obstacles::look(aws, &design),
        async { Ok(non_members(aws, &given, &design, existing.is_none()).await) },
    )?;
    if existing.is_none() {
        must_not_be_connected(app, &session.central, &given, &design).await?;
    }
    let endpoints = trusted_endpoints(&session.central, &given, existing.as_ref()).await?;
    let mut plan = plan(&session, &design, existing.as_ref(), &package, &observed).await?;
    plan.heed(&design, &obstacles);
    plan.notes.extend(non_members);
    plan::trace(&plan.steps);
    app.update_report(|report| {
        report.connection = existing.as_ref().map(|found| found.connection.clone());
        report.steps.clone_from(&plan.steps);
        let costs = !plan.billed_beside.is_empty();
        let sandbox = app.globals.sandbox;
        report.equivalent = Some(equivalent(&given, &name, &session, sandbox, costs));
    });
    must_be_possible(&mut plan)?;
    if plan.unanswered {
        asked_again(app, &given, &name).await?;
    }
    let cost = cost(aws, &plan).await;
    Ok(Prepared {
        session,
        given,
        design,
        existing,
        package,
        plan,
        cost,
        endpoints,
    })
}

/// Packs the function while other calls run: compressing the program takes as long as several of them.
fn pack(given: &Answers) -> JoinHandle<Result<Package>> {
    let forwarder = given.forwarder.get();
    let forwarder = forwarder.map(|file| PathBuf::from(file.as_str()));
    tokio::task::spawn_blocking(move || Package::load(forwarder.as_deref()))
}

async fn packed(package: JoinHandle<Result<Package>>, aws: &Aws) -> Result<Package> {
    let package = package
        .await
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))??;
    // In the sandbox the function runs on this machine, whose own glibc is good enough.
    if aws.loopback_endpoint().is_none() {
        package.must_start_on_lambda()?;
    }
    Ok(package)
}

/// Asks the three steps of the wizard, and finds what they leave open.
async fn ask(
    app: &App,
    session: &Session,
    given: &mut Answers,
    name: &ConnectionName,
    trails: &Seen<Vec<trail::State>>,
    management: &[trail::State],
) -> Result<()> {
    let aws = &session.aws;
    let known = Known {
        account: &aws.caller.account,
        region: &aws.region,
        trails,
        management,
    };
    let wizard = app.wizard();
    wizard.scope(given).await?;
    find_organization(app, aws, given).await?;
    wizard.accounts(given, aws).await?;
    wizard.steps(given, name, &known).await?;
    find_prefix(aws, given).await
}

/// Returns a remark on accounts that are not members of the organization. If AWS cannot be asked, only the remark is affected.
async fn non_members(aws: &Aws, given: &Answers, design: &Design, new: bool) -> Option<String> {
    let collected = given.account_list().filter(|_| new)?;
    let of = design.organization.as_ref()?;
    let seen = organization::non_members(aws, &of.id, &collected).await;
    let seen = seen.unwrap_or(Seen::Denied("organizations:ListAccounts"));
    accounts::said_of_non_members(&of.id, &seen)
}

/// Plans from the design, from what was seen, and from what Central holds.
async fn plan(
    session: &Session,
    design: &Design,
    existing: Option<&Versioned>,
    package: &Package,
    observed: &Observed,
) -> Result<Plan> {
    let Session { aws, central } = session;
    let current = existing.map(|found| found.connection.manifest());
    let deployed =
        existing.map(|found| session::deployment(aws, design, &found.connection, package.clone()));
    let digest = package.sha256_hex();
    let journal = Journal {
        manifest: current.as_ref(),
        kept_from: kept_from(central, design, observed).await?,
        deployment: deployed.as_ref(),
        package_digest: &digest,
    };
    Ok(plan::setup(design, observed, journal))
}
