//! Everything before the first write: answers, sign-in, questions, what AWS shows, and the plan.

use std::path::PathBuf;

use secrecy::{ExposeSecret, SecretString};
use tokio::task::JoinHandle;

use super::{
    adopt,
    cost::{cost, of_stack},
    equivalent::{elsewhere, equivalent},
    find::{find_organization, find_prefix, kept_bucket, kept_from},
    meant::{Meant, collect, find_meant},
    prepared::Prepared,
    refuse::{asked_again, must_be_possible, must_not_be_connected, trusted_endpoints},
};
use crate::{
    answers::{Answers, Any},
    aws::Aws,
    central::{Versioned, model::Endpoints},
    cli::SetupArgs,
    commands::{
        accounts,
        app::App,
        collecting, invited,
        session::{self, Session},
    },
    connection::{ConnectionId, Design},
    plan::{self, Plan},
    resources::{
        bucket::obstacles,
        families::{self, Observed},
        organization,
        package::Package,
        planned::Journal,
        seen::Seen,
    },
    ui::{Code, Failure, Result, t},
    wizard::Known,
};

/// Collects answers, signs in, asks, observes and plans. Writes nothing.
pub(crate) async fn prepare(app: &App, arguments: &SetupArgs) -> Result<Prepared> {
    let given = collect(arguments)?;
    prepare_from(app, arguments, given).await
}

/// The same with answers that are collected already.
pub(super) async fn prepare_from(
    app: &App,
    arguments: &SetupArgs,
    mut given: Answers,
) -> Result<Prepared> {
    app.adopting.set(arguments.adopt);
    let package = pack(&given);
    let mut session = match arguments.code.as_ref().filter(|code| !is_empty(code)) {
        Some(code) => invited::both(app, &given, code).await?,
        None => session::both(app, &given).await?,
    };
    let meant = answered(app, &mut session, &mut given, arguments).await?;
    let package = packed(package, &session.aws, arguments.adopt).await?;
    planned(app, arguments, meant, session, given, package).await
}

/// A variable that is set but empty counts as unset.
fn is_empty(code: &SecretString) -> bool {
    code.expose_secret().is_empty()
}

/// Asks what is open and plans once more, after the user went back to an answer.
pub(super) async fn prepare_again(
    app: &App,
    arguments: &SetupArgs,
    prepared: Prepared,
) -> Result<Prepared> {
    let Prepared {
        mut session,
        mut given,
        package,
        ..
    } = prepared;
    let meant = answered(app, &mut session, &mut given, arguments).await?;
    planned(app, arguments, meant, session, given, package).await
}

/// Asks until every question is answered. Esc goes back to the question before, and an answer that cannot be used is asked for
/// again.
async fn answered(
    app: &App,
    session: &mut Session,
    given: &mut Answers,
    arguments: &SetupArgs,
) -> Result<Meant> {
    loop {
        let failure = match ask_open(app, session, given, arguments).await {
            Ok(meant) => return Ok(meant),
            Err(failure) => failure,
        };
        if failure.back {
            app.wizard().back(given);
        } else if is_correctable(&failure) && app.history.borrow_mut().again(given) {
            complain(app, failure);
        } else {
            return Err(failure);
        }
    }
}

/// Whether another answer can help.
fn is_correctable(failure: &Failure) -> bool {
    use Code::{CannotChange, Conflict, MissingAnswers, TrailLimit, Usage};
    [CannotChange, Conflict, MissingAnswers, TrailLimit, Usage].contains(&failure.code)
}

/// Shows a failure that does not end the run, unless the user leaves it at that.
fn complain(app: &App, failure: Failure) -> Failure {
    let mut failure = match app.settled().sandbox {
        true => failure.in_sandbox(),
        false => failure,
    };
    app.printer.failure(&failure, false);
    failure.shown = true;
    failure
}

async fn ask_open(
    app: &App,
    session: &mut Session,
    given: &mut Answers,
    arguments: &SetupArgs,
) -> Result<Meant> {
    let mut meant = find_meant(app, session, given, arguments).await?;
    if arguments.adopt {
        adopt::find(session, given, &mut meant).await?;
    }
    if meant.is_open() {
        ask(app, session, given, &meant).await?;
    }
    given.fit_together()?;
    given.fit_caller(&session.aws.caller, &session.aws.region)?;
    Ok(meant)
}

/// Observes and plans. If something stands in the way and another answer can help, the user may change one.
async fn planned(
    app: &App,
    arguments: &SetupArgs,
    mut meant: Meant,
    mut session: Session,
    mut given: Answers,
    package: Package,
) -> Result<Prepared> {
    loop {
        let failure = match plan_once(app, &meant, &session, &mut given, &package).await {
            Ok((design, plan, cost, endpoints)) => {
                return Ok(Prepared {
                    session,
                    given,
                    design,
                    existing: meant.existing,
                    package,
                    plan,
                    cost,
                    endpoints,
                });
            }
            Err(failure) => failure,
        };
        if failure.back {
            app.history.borrow_mut().reopen(&mut given);
        } else if is_correctable(&failure) && !app.history.borrow().questions().is_empty() {
            let failure = complain(app, failure);
            let Some(number) = which_answer(app).await? else {
                return Err(failure);
            };
            app.history.borrow_mut().back_to(number, &mut given);
        } else {
            return Err(failure);
        }
        meant = answered(app, &mut session, &mut given, arguments).await?;
    }
}

/// Lets the user pick a question to answer anew; `None` to keep all answers.
pub(super) async fn which_answer(app: &App) -> Result<Option<usize>> {
    let mut items = app.history.borrow().questions();
    let none = items.len();
    items.push(t!("change-none"));
    match app.ask.select(&t!("ask-change"), items, None).await {
        Ok(number) => Ok(Some(number).filter(|number| *number < none)),
        Err(failure) if failure.back => Ok(None),
        Err(failure) => Err(failure),
    }
}

type Planned = (Design, Plan, Option<String>, Option<Endpoints>);

async fn plan_once(
    app: &App,
    meant: &Meant,
    session: &Session,
    given: &mut Answers,
    package: &Package,
) -> Result<Planned> {
    let Meant {
        name,
        existing,
        trails,
        management,
        marked,
    } = meant;
    let aws = &session.aws;
    let id = existing.as_ref().map(|found| found.connection.id);
    let id = id
        .or(*marked)
        .or(app.planned.get())
        .unwrap_or_else(ConnectionId::random);
    let design = given.design(id, name, &aws.caller, &aws.region, aws.plain_http());
    given.trace();
    let (mut observed, obstacles, non_members) = tokio::try_join!(
        families::observe(aws, &design, trails.clone(), management.clone()),
        obstacles::look(aws, &design),
        async { Ok(non_members(aws, given, &design, existing.is_none()).await) },
    )?;
    // An invitation does not show which other connections there are.
    if meant.is_open() && session.central.invited.is_none() {
        must_not_be_connected(app, &session.central, given, &design).await?;
    }
    let endpoints = trusted_endpoints(&session.central, given, existing.as_ref()).await?;
    let adopted = adopt::recognise(app, existing.as_ref(), &design, &mut observed);
    let planning = plan(
        session,
        &design,
        existing.as_ref(),
        package,
        &observed,
        adopted,
    );
    let mut plan = planning.await?;
    plan.heed(&design, &obstacles);
    if adopted {
        let against = adopt::Against {
            aws,
            existing: existing.as_ref(),
            endpoints: endpoints.as_ref(),
            package,
        };
        adopt::leave(&mut plan, &design, &observed, &against);
        let cost = of_stack(aws, existing.as_ref(), &design, &observed).await;
        plan.notes.extend(cost);
    }
    plan.notes.extend(non_members);
    plan::trace(&plan.steps);
    app.update_report(|report| {
        report.connection = existing.as_ref().map(|found| found.connection.clone());
        let placeholder = plan.placeholder(id, existing.is_none());
        report.steps = placeholder.in_steps(&plan.steps);
        let costs = !plan.billed_beside.is_empty();
        let words = equivalent(app, given, name, session, costs);
        report.equivalent = Some(words.join(" "));
    });
    must_be_possible(&mut plan, &design, meant.is_open())?;
    // A plan file is named in this run, and says it.
    if plan.unanswered && app.planned.get().is_none() {
        asked_again(app, given, name).await?;
    }
    let cost = cost(aws, &plan.billed_beside).await;
    Ok((design, plan, cost, endpoints))
}

/// Packs the function while other calls run: compressing the program takes as long as several of them.
fn pack(given: &Answers) -> JoinHandle<Result<Package>> {
    let forwarder = given.forwarder.get();
    let forwarder = forwarder.map(|file| PathBuf::from(file.as_str()));
    tokio::task::spawn_blocking(move || Package::load(forwarder.as_deref()))
}

/// `adopt`: a stack has deployed the function already.
async fn packed(package: JoinHandle<Result<Package>>, aws: &Aws, adopt: bool) -> Result<Package> {
    let package = package
        .await
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))??;
    // In the sandbox the function runs on this machine, whose own glibc is good enough.
    if aws.loopback_endpoint().is_none() && !adopt {
        package.must_start_on_lambda()?;
    }
    Ok(package)
}

/// Asks the three steps of the wizard, and finds what they leave open.
async fn ask(app: &App, session: &Session, given: &mut Answers, meant: &Meant) -> Result<()> {
    let aws = &session.aws;
    let wizard = app.wizard();
    let kept = kept_bucket(session, given, &meant.name).await?;
    // Only people who pick a trail want to know who uses it.
    let told = session.central.invited.is_none();
    let uses = match told && wizard.asks() && !given.trail.is_given() {
        true => collecting::uses(&session.central, &aws.caller.account).await,
        false => Ok(Vec::new()),
    };
    let uses = uses.unwrap_or_default();
    let elsewhere = elsewhere(app, &meant.name);
    let known = Known {
        account: &aws.caller.account,
        region: &aws.region,
        trails: &meant.trails,
        management: &meant.management,
        kept: kept.as_ref(),
        uses: &uses,
        elsewhere: &elsewhere,
    };
    wizard.scope(given, aws).await?;
    find_organization(app, aws, given).await?;
    // Whoever has prepared a connection has said which accounts.
    if meant.existing.is_none() {
        wizard.accounts(given, aws).await?;
    }
    wizard.steps(given, &meant.name, &known, aws).await?;
    if let Some(bucket) = kept.filter(|_| !given.uses_existing()) {
        given.bucket.default_to(bucket);
    }
    find_prefix(aws, given).await
}

/// Returns a remark on accounts that are not members of the organization. If AWS cannot be asked, only the remark is affected.
async fn non_members(aws: &Aws, given: &Answers, design: &Design, new: bool) -> Option<String> {
    let collected = given.account_list().filter(|_| new)?;
    let of = design.organization.as_ref()?;
    let members = organization::members_of(aws, &of.id).await;
    let members = members.unwrap_or(Seen::Denied("organizations:ListAccounts"));
    let seen = members.map(|members| organization::strangers(&members, &collected));
    accounts::said_of_non_members(&of.id, &seen)
}

/// Plans from the design, from what was seen, and from what Central holds. `adopted`: a stack decides what the function runs.
async fn plan(
    session: &Session,
    design: &Design,
    existing: Option<&Versioned>,
    package: &Package,
    observed: &Observed,
    adopted: bool,
) -> Result<Plan> {
    let Session { aws, central } = session;
    let begun = existing.filter(|found| !found.connection.is_prepared());
    let current = begun.map(|found| found.connection.manifest());
    let deploys = begun.filter(|_| !adopted);
    let deployed =
        deploys.map(|found| session::deployment(aws, design, &found.connection, package.clone()));
    let digest = match adopted {
        true => adopt::digest(design, observed, current.as_ref()),
        false => package.sha256_hex(),
    };
    let journal = Journal {
        manifest: current.as_ref(),
        kept_from: kept_from(central, design, observed).await?,
        deployment: deployed.as_ref(),
        package_digest: &digest,
    };
    Ok(plan::setup(design, observed, journal))
}
