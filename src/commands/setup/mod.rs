//! `setup`: ask, preflight, plan, confirm, journal, apply, verify.

mod find;
mod show;
mod verify;

use std::path::PathBuf;

use futures::future::LocalBoxFuture;
use serde_json::Value;

use super::{
    App, Report, accounts,
    session::{self, Session},
};
use crate::{
    answers::{Answers, Any, Origin},
    aws::Aws,
    central::{
        Central, Versioned,
        model::{self, Connection, Endpoints, NewConnection, Status},
    },
    cli::SetupArgs,
    connection::{ConnectionId, ConnectionName, Design, Named, Resources},
    plan::{self, Plan},
    resources::{
        bucket, cx::Deployment, families, organization, package::Package, planned::Journal, role,
        seen::Seen, trail,
    },
    run::{self, Manner},
    ui::{Code, Exit, Failure, Result, t},
    wizard::{Known, Wizard},
};
use find::{belongs_here, connected_already, find_organization, find_prefix, kept_from, look_up};
pub use show::described;
use show::{Greeting, confirm, cost, equivalent, show};
use verify::healthy;

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

pub async fn run(app: &App, arguments: SetupArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    let mut prepared = prepare(app, arguments).await?;
    if nothing_to_do(&prepared) {
        report(app, |report| report.result = "unchanged");
        app.printer.say(&t!("nothing-to-do"));
        for note in &prepared.plan.notes {
            app.printer.warn(note);
        }
        let existing = prepared
            .existing
            .take()
            .expect("nothing to do on a connection that is there");
        return healthy(app, &prepared, existing, false).await;
    }
    show(app, &prepared);
    confirm(app, &mut prepared).await?;
    save_answers(&prepared)?;

    let recorded = journal(&prepared).await?;
    report(app, |report| {
        report.connection = Some(recorded.connection.clone())
    });
    // What Central says now is what the function is told: nothing of AWS has been written yet.
    let api = &prepared.session.central.tenant().api_host;
    let endpoints = recorded.connection.endpoints();
    endpoints.must_be_trusted(api, &prepared.given.trusted_hosts())?;
    match carry_out(app, &mut prepared, &recorded).await {
        Ok(exit) => Ok(exit),
        Err(failure) => Err(or_removed(&prepared, failure).await),
    }
}

/// Applies the plan, completes the manifest and verifies.
async fn carry_out(app: &App, prepared: &mut Prepared, recorded: &Versioned) -> Result<Exit> {
    let deployment = deployment(
        &prepared.session.aws,
        &prepared.design,
        &recorded.connection,
        prepared.package.clone(),
    );
    let mut steps = prepared.plan.steps.clone();
    let (central, id) = (&prepared.session.central, prepared.design.id);
    let last = || -> LocalBoxFuture<'_, Result<()>> { Box::pin(still_wanted(central, id)) };
    let outcome = run::run(
        &prepared.session.aws,
        &prepared.design,
        &mut steps,
        &app.progress(),
        Manner::Setup {
            deployment: &deployment,
            still_wanted: &last,
        },
        |steps| report(app, |report| report.steps = steps.to_vec()),
    )
    .await;
    let unmended = outcome.into_result()?;
    prepared.plan.steps = steps;
    prepared.plan.findings.extend(unmended);

    let mut plan = prepared.plan.clone();
    // Known once the role is there. Where it cannot be seen, Central goes by the role's name.
    let role = role::observe(&prepared.session.aws, &prepared.design);
    let role = role.await.map_err(Failure::from);
    plan.role_id = role
        .map_err(Failure::after_writing)?
        .there()
        .map(|role| role.id.clone());
    plan.record_environment(&prepared.design, &deployment);
    let manifest = plan.manifest(
        &prepared.design,
        Some(&recorded.connection.manifest()),
        true,
    );
    let central = &prepared.session.central;
    let complete = central.record(recorded, &manifest, None).await;
    let complete = complete.map_err(Failure::after_writing)?;
    report(app, |report| report.result = "applied");
    healthy(app, prepared, complete, true).await
}

/// A failure as it is, or that somebody removed the connection meanwhile: whatever failed is then no wonder, and another command
/// goes on from there.
async fn or_removed(prepared: &Prepared, failure: Failure) -> Failure {
    if matches!(failure.code, Code::Interrupted | Code::Terminated) {
        return failure;
    }
    let (central, id) = (&prepared.session.central, prepared.design.id);
    match central.by_id(id).await {
        Ok(found) if !is_there(found.as_ref()) => {
            let mut removed = removed_meanwhile(id);
            if failure.message != removed.message {
                removed = removed.hinted(t!("removed-meanwhile-cause", cause = failure.message));
            }
            removed.request_id = failure.request_id;
            removed.source = failure.source;
            // The function is there already where only its sign-in is missing.
            if failure.stopped || failure.code == Code::Unhealthy {
                removed.stopped()
            } else {
                removed
            }
        }
        _ => failure,
    }
}

fn report(app: &App, change: impl FnOnce(&mut Report)) {
    if let Some(report) = app.report.borrow_mut().as_mut() {
        change(report);
    }
}

/// Collects answers, signs in, asks, observes and plans. Writes nothing.
pub async fn prepare(app: &App, arguments: SetupArgs) -> Result<Prepared> {
    let mut given = Answers::collect(&arguments.answers.0, |name| std::env::var(name).ok())?;
    if let Some(text) = &arguments.connection
        && text.parse::<ConnectionId>().is_err()
    {
        given
            .name
            .answer(text, Origin::Flag)
            .map_err(|complaint| Failure::usage(format!("CONNECTION: {complaint}")))?;
    }
    let forwarder = given
        .forwarder
        .get()
        .map(|file| PathBuf::from(file.as_str()));
    // Packed beside the calls: compressing the program takes as long as several of them.
    let package = tokio::task::spawn_blocking(move || Package::load(forwarder.as_deref()));
    let mut session = session::both(app, Some(&given)).await?;

    let by_id = arguments
        .connection
        .as_deref()
        .and_then(|text| text.parse::<ConnectionId>().ok());
    let (greeting, found, trails) = tokio::join!(
        Greeting::look(app, &session),
        look_up(&session, &given, by_id),
        trail::list(&session.aws),
    );
    greeting.say(app, &session);
    let (mut name, mut existing) = found?;
    if by_id.is_none() && !given.name.is_given() {
        let wizard = wizard(app);
        let chosen = wizard.name(name.clone()).await?;
        if chosen != name {
            existing = session.central.by_name(&chosen).await?;
            name = chosen;
        }
    }
    let mut trails = trails?;
    if let Some(found) = &existing {
        if belongs_here(app, &mut session, found).await? {
            trails = trail::list(&session.aws).await?;
        }
        let collected = found.connection.accounts.clone().unwrap_or_default();
        if given.account_list().is_some_and(|list| list != collected) {
            let name = app.argument(&found.connection.name);
            return Err(Failure::usage(t!("accounts-elsewhere", name = name)));
        }
        given.take_saved(&found.connection.settings)?;
    }

    let management = trail::management_trails(&session.aws, &trails).await?;
    if existing.is_none() {
        let known = Known {
            account: &session.aws.caller.account,
            region: &session.aws.region,
            trails: &trails,
            management: &management,
        };
        let wizard = wizard(app);
        wizard.scope(&mut given).await?;
        find_organization(app, &session.aws, &mut given).await?;
        wizard.accounts(&mut given, &session.aws).await?;
        wizard.steps(&mut given, &name, &known).await?;
        find_prefix(&session.aws, &mut given).await?;
    }
    given.fit_together()?;
    given.fit_caller(&session.aws.caller, &session.aws.region)?;

    let id = existing
        .as_ref()
        .map_or_else(ConnectionId::random, |found| found.connection.id);
    let aws = &session.aws;
    let design = given.design(id, &name, &aws.caller, &aws.region, aws.plain_http());
    let package = package
        .await
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))??;
    // In the sandbox the function runs on this machine: its own glibc is good enough.
    if aws.loopback_endpoint().is_none() {
        package.must_start_on_lambda()?;
    }

    let non_members = async {
        let collected = given.account_list().filter(|_| existing.is_none())?;
        let of = design.organization.as_ref()?;
        let seen = organization::non_members(aws, &of.id, &collected).await;
        // Only a remark depends on it: no failure of the run.
        let seen = seen.unwrap_or(Seen::Denied("organizations:ListAccounts"));
        accounts::said_of_non_members(&of.id, &seen)
    };
    let non_members = async { Ok(non_members.await) };
    let (observed, obstacles, non_members) = tokio::try_join!(
        families::observe(aws, &design, trails, management),
        bucket::obstacles::look(aws, &design),
        non_members,
    )?;
    if existing.is_none()
        && !given.connect_again.is(&true)
        && let Some(other) = connected_already(&session.central, &design).await?
    {
        let complaint = t!("connected-already", bucket = design.bucket, name = other);
        return Err(Failure::new(Code::Conflict, complaint)
            .hinted(t!("connected-already-hint", name = app.argument(&other))));
    }
    let endpoints = match &existing {
        Some(found) => Some(found.connection.endpoints()),
        None => session.central.endpoints().await?,
    };
    if let Some(endpoints) = &endpoints {
        let api = &session.central.tenant().api_host;
        endpoints.must_be_trusted(api, &given.trusted_hosts())?;
    }
    let kept_from = kept_from(&session.central, &design, &observed).await?;
    let current = existing.as_ref().map(|found| found.connection.manifest());
    let deployed = existing
        .as_ref()
        .map(|found| deployment(aws, &design, &found.connection, package.clone()));
    let package_digest = package.sha256_hex();
    let journal = Journal {
        manifest: current.as_ref(),
        kept_from,
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
    if !plan.conflicts.is_empty() {
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
        return Err(
            Failure::list(code, t!("conflicts"), std::mem::take(&mut plan.conflicts)).hinted(hint),
        );
    }
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

/// Whether the connection is still there: one that was removed meanwhile gets no trail. What this run has made is taken back by
/// id.
async fn still_wanted(central: &Central, id: ConnectionId) -> Result<()> {
    if is_there(central.by_id(id).await?.as_ref()) {
        Ok(())
    } else {
        Err(removed_meanwhile(id))
    }
}

fn is_there(found: Option<&Versioned>) -> bool {
    found.is_some_and(|found| found.connection.status != Status::Deleted)
}

fn removed_meanwhile(id: ConnectionId) -> Failure {
    Failure::new(Code::Conflict, t!("removed-meanwhile", id = id))
        .hinted(t!("removed-meanwhile-hint", id = id))
}

/// What is not ours is not changed on the word of saved answers alone: whoever runs this says it too.
async fn asked_again(app: &App, given: &Answers, name: &ConnectionName) -> Result<()> {
    let named = |key: &str| Named::ALL.iter().any(|named| named.flag() == key);
    let asked = |key: &str| key == "prefix" || named(key);
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

fn wizard(app: &App) -> Wizard {
    Wizard {
        ask: app.ask,
        printer: app.printer,
        yes: app.globals.yes,
    }
}

fn deployment(aws: &Aws, design: &Design, connection: &Connection, package: Package) -> Deployment {
    Deployment {
        package,
        environment: session::environment(aws, design, connection),
    }
}

/// No write to AWS, and Central holds what we would record.
fn nothing_to_do(prepared: &Prepared) -> bool {
    let Some(existing) = &prepared.existing else {
        return false;
    };
    let recorded = existing.connection.manifest();
    !prepared.plan.has_writes()
        && recorded.complete
        && recorded.forwarder_role_id == prepared.plan.role_id
        && existing.connection.settings == prepared.given.to_settings()
}

/// Writes the answers to the file that was asked for.
pub fn save_answers(prepared: &Prepared) -> Result<()> {
    if let Some(file) = prepared.given.save_answers.get() {
        std::fs::write(file.as_str(), prepared.given.to_file(&prepared.design.name))
            .map_err(|error| Failure::usage(format!("--save-answers: {file}: {error}")))?;
    }
    Ok(())
}

/// Central knows everything before AWS is written to for the first time.
async fn journal(prepared: &Prepared) -> Result<Versioned> {
    let Prepared {
        session,
        given,
        design,
        existing,
        plan,
        ..
    } = prepared;
    let settings = given.to_settings();
    match existing {
        None => {
            let new = NewConnection {
                name: design.name.clone(),
                aws_account_id: design.account.clone(),
                partition: design.partition,
                home_region: design.region.clone(),
                mode: if design.own_trail() {
                    "new"
                } else {
                    "existing"
                },
                organization: design.organization.as_ref().map(|one| model::Organization {
                    id: one.id.clone(),
                    management_account_id: one.management.clone(),
                }),
                accounts: given.account_list(),
                settings,
                resources: plan.manifest(design, None, false),
            };
            session.central.create(design.id, &new).await
        }
        Some(found) => {
            let current: Resources = found.connection.manifest();
            let planned = plan.manifest(
                design,
                Some(&current),
                !plan.has_writes() && current.complete,
            );
            if planned == current && settings == found.connection.settings {
                return Ok(found.clone());
            }
            session
                .central
                .record(found, &planned, Some(&Value::Object(settings)))
                .await
        }
    }
}
