//! What ends `setup` before the first write.

use crate::{
    answers::Answers,
    central::{Central, Versioned, model::Endpoints},
    commands::{app::App, collecting},
    connection::{ConnectionName, Design, Named},
    plan::Plan,
    ui::{Code, Failure, Result, t},
};

/// Refuses a trail or bucket from which another live connection of the account collects, unless `--connect-again` is given: each
/// file would be sent twice.
pub(super) async fn must_not_be_connected(
    app: &App,
    central: &Central,
    given: &Answers,
    design: &Design,
) -> Result<()> {
    if given.connect_again.is(&true) || design.own_trail() {
        return Ok(());
    }
    let others = collecting::others(central, design).await?;
    let Some(other) = others.into_iter().next() else {
        return Ok(());
    };
    let complaint = t!("connected-already", bucket = design.bucket, name = other);
    Err(Failure::new(Code::Conflict, complaint)
        .hinted(t!("connected-already-hint", name = app.argument(&other))))
}

/// Returns where log files will go, as far as Central says already, and refuses hosts that are not to be trusted.
pub(super) async fn trusted_endpoints(
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

/// Refuses a plan with conflicts.
pub(super) fn must_be_possible(plan: &mut Plan) -> Result<()> {
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

/// Makes the user say again what only saved answers say: those alone do not allow changing what is not ours.
pub(super) async fn asked_again(app: &App, given: &Answers, name: &ConnectionName) -> Result<()> {
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
