//! `setup`: ask, preflight, plan, confirm, journal, apply, verify.

mod find;
mod prepare;
mod show;
mod verify;

use futures::future::LocalBoxFuture;
use serde_json::Value;

use super::{App, Report, session};
use crate::{
    aws::Aws,
    central::{
        Central, Versioned,
        model::{self, Connection, NewConnection, Status},
    },
    cli::SetupArgs,
    connection::{ConnectionId, Design, Resources},
    resources::{cx::Deployment, package::Package, role},
    run::{self, Manner},
    ui::{Code, Exit, Failure, Result, t},
    wizard::Wizard,
};
pub use prepare::{Prepared, prepare};
pub use show::described;
use show::{confirm, show};
use verify::healthy;

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
