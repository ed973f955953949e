//! Everything before the first write: answers, sign-in, questions, a look at AWS, and the plan.

use std::path::PathBuf;

use super::{
    deployment,
    find::{belongs_here, connected_already, find_organization, find_prefix, kept_from, look_up},
    report,
    show::{Greeting, cost, equivalent},
    wizard,
};
use crate::{
    answers::{Answers, Any, Origin},
    aws::Aws,
    central::{Central, Versioned, model::Endpoints},
    cli::SetupArgs,
    commands::{
        App, accounts,
        session::{self, Session},
    },
    connection::{ConnectionId, ConnectionName, Design, Named},
    plan::{self, Plan},
    resources::{
        bucket, families, organization, package::Package, planned::Journal, seen::Seen, trail,
    },
    ui::{Code, Failure, Result, t},
    wizard::Known,
};

/// Everything that was found out and decided before anything is written.
pub struct Prepared {
    pub session: Session,
    pub given: Answers,
    pub design: Design,
    /// The connection as Central has it; `None` where it is new.
    pub existing: Option<Versioned>,
    pub package: Package,
    pub plan: Plan,
    /// Where the plan creates a further, billed copy of management events: what that costs.
    pub cost: Option<String>,
    /// Where log files will go, as far as Central tells before there is a connection.
    pub endpoints: Option<Endpoints>,
}

/// Collects answers, signs in, asks, observes and plans. Writes nothing.
pub async fn prepare(app: &App, arguments: SetupArgs) -> Result<Prepared> {
    let mut given = collect(&arguments)?;
    let forwarder = given.forwarder.get();
    let forwarder = forwarder.map(|file| PathBuf::from(file.as_str()));
    // Packed beside the calls: compressing the program takes as long as several of them.
    let package = tokio::task::spawn_blocking(move || Package::load(forwarder.as_deref()));
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
    let package = package
        .await
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))??;
    // In the sandbox the function runs on this machine: its own glibc is good enough.
    if aws.loopback_endpoint().is_none() {
        package.must_start_on_lambda()?;
    }
    let (observed, obstacles, non_members) = tokio::try_join!(
        families::observe(aws, &design, trails, management),
        bucket::obstacles::look(aws, &design),
        async { Ok(non_members(aws, &given, &design, existing.is_none()).await) },
    )?;
    if existing.is_none() {
        must_not_be_connected(app, &session.central, &given, &design).await?;
    }
    let endpoints = trusted_endpoints(&session.central, &given, existing.as_ref()).await?;
    let current = existing.as_ref().map(|found| found.connection.manifest());
    let deployed = existing
        .as_ref()
        .map(|found| deployment(aws, &design, &found.connection, package.clone()));
    let package_digest = package.sha256_hex();
    let journal = Journal {
        manifest: current.as_ref(),
        kept_from: kept_from(&session.central, &design, &observed).await?,
        deployment: deployed.as_ref(),
        package_digest: &package_digest,
    };
    let mut plan = plan::setup(&design, &observed, journal);
    plan.heed(&design, &obstacles);
    plan.notes.extend(non_members);
    plan::trace(&plan.steps);
    report(app, |report| {
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
    let cost = if plan.billed_beside.is_empty() {
        None
    } else {
        let monthly = trail::monthly_events(aws).await;
        Some(cost(&plan, monthly, &aws.region))
    };
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

/// The answers of the command line, the environment and the answers file.
fn collect(arguments: &SetupArgs) -> Result<Answers> {
    let mut given = Answers::collect(&arguments.answers.0, |name| std::env::var(name).ok())?;
    if let Some(text) = &arguments.connection
        && by_id(arguments).is_none()
    {
        given
            .name
            .answer(text, Origin::Flag)
            .map_err(|complaint| Failure::usage(format!("CONNECTION: {complaint}")))?;
    }
    Ok(given)
}

/// The id that stands for the connection on the command line.
fn by_id(arguments: &SetupArgs) -> Option<ConnectionId> {
    arguments.connection.as_deref()?.parse().ok()
}

/// The connection that is meant, and the trails of its region.
struct Meant {
    name: ConnectionName,
    existing: Option<Versioned>,
    trails: Seen<Vec<trail::State>>,
}

/// Finds the connection, or asks for the name of a new one; saved answers are taken up.
async fn find_meant(
    app: &App,
    session: &mut Session,
    given: &mut Answers,
    arguments: &SetupArgs,
) -> Result<Meant> {
    let by_id = by_id(arguments);
    let (greeting, found, trails) = tokio::join!(
        Greeting::look(app, session),
        look_up(session, given, by_id),
        trail::list(&session.aws),
    );
    greeting.say(app, session);
    let (mut name, mut existing) = found?;
    if by_id.is_none() && !given.name.is_given() {
        let chosen = wizard(app).name(name.clone()).await?;
        if chosen != name {
            existing = session.central.by_name(&chosen).await?;
            name = chosen;
        }
    }
    let mut trails = trails?;
    if let Some(found) = &existing {
        if belongs_here(app, session, found).await? {
            trails = trail::list(&session.aws).await?;
        }
        let collected = found.connection.accounts.clone().unwrap_or_default();
        if given.account_list().is_some_and(|list| list != collected) {
            let name = app.argument(&found.connection.name);
            return Err(Failure::usage(t!("accounts-elsewhere", name = name)));
        }
        given.take_saved(&found.connection.settings)?;
    }
    Ok(Meant {
        name,
        existing,
        trails,
    })
}

/// The three steps.
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
    let wizard = wizard(app);
    wizard.scope(given).await?;
    find_organization(app, aws, given).await?;
    wizard.accounts(given, aws).await?;
    wizard.steps(given, name, &known).await?;
    find_prefix(aws, given).await
}

/// A remark on accounts that are no members of the organization. Only that depends on it: no failure of the run.
async fn non_members(aws: &Aws, given: &Answers, design: &Design, new: bool) -> Option<String> {
    let collected = given.account_list().filter(|_| new)?;
    let of = design.organization.as_ref()?;
    let seen = organization::non_members(aws, &of.id, &collected).await;
    let seen = seen.unwrap_or(Seen::Denied("organizations:ListAccounts"));
    accounts::said_of_non_members(&of.id, &seen)
}

/// Refuses a trail or bucket that another connection collects from, unless that is wanted: each file would be sent twice.
async fn must_not_be_connected(
    app: &App,
    central: &Central,
    given: &Answers,
    design: &Design,
) -> Result<()> {
    if given.connect_again.is(&true) {
        return Ok(());
    }
    let Some(other) = connected_already(central, design).await? else {
        return Ok(());
    };
    let complaint = t!("connected-already", bucket = design.bucket, name = other);
    Err(Failure::new(Code::Conflict, complaint)
        .hinted(t!("connected-already-hint", name = app.argument(&other))))
}

/// Where log files will go, as far as Central tells already; refused where that is not to be trusted.
async fn trusted_endpoints(
    central: &Central,
    given: &Answers,
    existing: Option<&Versioned>,
) -> Result<Option<Endpoints>> {
    let endpoints = match existing {
        Some(found) => Some(found.connection.endpoints()),
        None => central.endpoints().await?,
    };
    if let Some(endpoints) = &endpoints {
        endpoints.must_be_trusted(&central.tenant().api_host, &given.trusted_hosts())?;
    }
    Ok(endpoints)
}

/// Refuses a plan that something stands in the way of.
fn must_be_possible(plan: &mut Plan) -> Result<()> {
    if plan.conflicts.is_empty() {
        return Ok(());
    }
    let code = if plan.trail_limit && plan.conflicts.len() == 1 {
        Code::TrailLimit
    } else {
        Code::Conflict
    };
    let hint = if plan.trail_limit {
        t!("trail-limit-hint")
    } else {
        t!("conflicts-hint")
    };
    let conflicts = std::mem::take(&mut plan.conflicts);
    Err(Failure::list(code, t!("conflicts"), conflicts).hinted(hint))
}

/// What is not ours is not changed on the word of saved answers alone: whoever runs this says it too.
async fn asked_again(app: &App, given: &Answers, name: &ConnectionName) -> Result<()> {
    let asked = |key: &str| key == "prefix" || Named::of_flag(key).is_some();
    let flags = given.to_arguments_of(asked).join(" ");
    if app.ask.possible() && !app.globals.yes {
        let question = t!("ask-saved", name = name, flags = flags);
        return match app.ask.confirm(&question, false).await? {
            true => Ok(()),
            false => Err(Failure::new(Code::Declined, t!("declined"))),
        };
    }
    let missing = t!("missing-saved", name = name, flags = flags);
    Err(Failure::new(Code::MissingAnswers, missing).hinted(t!("missing-saved-hint")))
}
