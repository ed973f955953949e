//! Applies the plan: Central first, then AWS, then the complete manifest; and verifies.

use futures::future::LocalBoxFuture;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{prepared::Prepared, verify::healthy};
use crate::{
    central::{
        Central, Versioned,
        model::{NewConnection, Organization, Status},
    },
    commands::{app::App, session},
    connection::ConnectionId,
    resources::{cx::Deployment, planned::Journal, role},
    run::{self, Manner},
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn apply(app: &App, prepared: &mut Prepared) -> Result<Exit> {
    let go_on = go_on(app, prepared);
    app.if_stopped.replace(Some(go_on));
    let recorded = journal(prepared).await?;
    app.update_report(|report| {
        report.connection = Some(recorded.connection.clone());
        report.steps.clone_from(&prepared.plan.steps);
    });
    // The function will use what Central says at this point, so this is checked before the first write to AWS.
    let api = &prepared.session.central.tenant().api_host;
    let endpoints = recorded.connection.endpoints();
    endpoints.must_be_trusted(api, &prepared.given.trusted_hosts())?;
    match carry_out(app, prepared, &recorded).await {
        Ok(exit) => Ok(exit),
        Err(failure) => Err(or_removed(prepared, failure).await),
    }
}

/// What is said if the program is stopped from here on.
fn go_on(app: &App, prepared: &Prepared) -> String {
    // This answer is not saved, because spending money must be agreed to in each run.
    let report = app.report.borrow();
    let equivalent = report
        .as_ref()
        .and_then(|report| report.equivalent.as_ref());
    let costs = equivalent.is_some_and(|command| command.contains(" --accept-cost "));
    let costs = if costs { " --accept-cost" } else { "" };
    let name = app.argument(&prepared.design.name);
    // Whoever is invited cannot remove it.
    if prepared.session.central.invited.is_some() {
        return t!("interrupted-invited", name = name, flags = costs);
    }
    t!("interrupted-hint", name = name, flags = costs)
}

/// Records everything at Central before the first write to AWS.
async fn journal(prepared: &Prepared) -> Result<Versioned> {
    let Prepared {
        session,
        given,
        design,
        existing,
        plan,
        ..
    } = prepared;
    let Some(found) = existing else {
        let new = new_connection(prepared);
        return session.central.create(design.id, &new).await;
    };
    if found.connection.is_prepared() {
        let complete = begin(prepared);
        return session.central.update(found, &complete).await;
    }
    let settings = given.to_settings();
    let current = found.connection.manifest();
    let complete = !plan.has_writes() && current.complete;
    let planned = plan.manifest(design, Some(&current), complete);
    if planned == current && settings == found.connection.settings {
        return Ok(found.clone());
    }
    let settings = Value::Object(settings);
    let recorded = session.central.record(found, &planned, Some(&settings));
    recorded.await
}

/// What a connection lacks that somebody has only prepared.
fn begin(prepared: &Prepared) -> Value {
    let NewConnection {
        partition,
        home_region,
        mode,
        settings,
        resources,
        ..
    } = new_connection(prepared);
    json!({
        "partition": partition,
        "homeRegion": home_region,
        "mode": mode,
        "settings": settings,
        "resources": resources,
    })
}

fn new_connection(prepared: &Prepared) -> NewConnection {
    let Prepared {
        given,
        design,
        plan,
        ..
    } = prepared;
    NewConnection {
        name: design.name.clone(),
        aws_account_id: design.account.clone(),
        partition: Some(design.partition),
        home_region: Some(design.region.clone()),
        mode: Some(match design.own_trail() {
            true => "new",
            false => "existing",
        }),
        organization: design.organization.as_ref().map(|one| Organization {
            id: one.id.clone(),
            management_account_id: one.management.clone(),
        }),
        accounts: given.account_list(),
        settings: given.to_settings(),
        resources: Some(plan.manifest(design, None, false)),
    }
}

/// Carries out the steps, completes the manifest and verifies.
async fn carry_out(app: &App, prepared: &mut Prepared, recorded: &Versioned) -> Result<Exit> {
    let deployment = session::deployment(
        &prepared.session.aws,
        &prepared.design,
        &recorded.connection,
        prepared.package.clone(),
    );
    let mut steps = prepared.plan.steps.clone();
    let (central, id) = (&prepared.session.central, prepared.design.id);
    let last = || -> LocalBoxFuture<'_, Result<()>> { Box::pin(still_wanted(central, id)) };
    let since = Timestamp::now();
    let outcome = run::run(
        &prepared.session.aws,
        &prepared.design,
        &mut steps,
        &app.progress(),
        Manner::Setup {
            deployment: &deployment,
            still_wanted: &last,
        },
        |steps| app.update_report(|report| report.steps = steps.to_vec()),
    )
    .await;
    let unmended = outcome.into_result()?;
    prepared.plan.steps = steps;
    prepared.plan.findings.extend(unmended);
    let complete = complete(prepared, recorded, &deployment).await;
    let complete = complete.map_err(Failure::after_writing)?;
    app.update_report(|report| report.result = "applied");
    // What a stack owns was not changed.
    let since = (!prepared.plan.external).then_some(since);
    healthy(app, prepared, complete, since).await
}

/// Records the complete manifest at Central.
async fn complete(
    prepared: &Prepared,
    recorded: &Versioned,
    deployment: &Deployment,
) -> Result<Versioned> {
    let Prepared {
        session, design, ..
    } = prepared;
    let mut plan = prepared.plan.clone();
    // The role's id is known once the role exists. If the role cannot be seen, Central knows it by its name.
    let role = role::observe(&session.aws, design).await?;
    plan.role_id = role.there().map(|role| role.id.clone());
    let manifest = recorded.connection.manifest();
    let journal = Journal {
        manifest: Some(&manifest),
        ..Journal::default()
    };
    // Of newer code, the plan has recorded the environment already, with the variables that the code brings.
    if journal.newer_forwarder().is_none() {
        plan.record_environment(design, deployment);
    }
    let manifest = plan.manifest(design, Some(&manifest), true);
    session.central.record(recorded, &manifest, None).await
}

/// Returns the failure as it is or, if someone removed the connection meanwhile, a failure that says so: that explains whatever
/// failed, and another command goes on from there.
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
            // If only the function's sign-in is missing, the function is there already.
            if failure.stopped || failure.code == Code::Unhealthy {
                removed.stopped()
            } else {
                removed
            }
        }
        _ => failure,
    }
}

/// Fails if the connection was removed meanwhile: then it gets no trail, and what this run has made is removed by the
/// connection's id.
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
