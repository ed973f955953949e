//! `remove`: plan of removal, confirm, take out what is ours, then delete the connection.

use super::{App, Report, session};
use crate::{
    aws::Aws,
    central::{Central, Versioned, model::Status},
    cli::RemoveArgs,
    connection::Design,
    observe,
    plan::{
        Action, Step, apply,
        removal::{self, Removal, Wishes},
        render,
    },
    resources::{bucket, trail},
    ui::{Code, Exit, Failure, Result, t},
};

pub async fn run(app: &App, arguments: RemoveArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    let central = session::central(app).await?;
    let found = session::find(&central, &arguments.connection, true).await?;
    set(app, |report| {
        report.connection = Some(found.connection.clone())
    });
    if arguments.central_only {
        return central_only(app, &central, &found).await;
    }
    let aws = session::aws_of(app, &found).await?;
    let design = session::design_of(&aws, &found)?;
    unattended(app, &aws, &arguments)?;

    let removal = plan(&aws, &design, &found, &arguments).await?;
    set(app, |report| report.steps.clone_from(&removal.steps));
    if !removal.conflicts.is_empty() {
        return Err(
            Failure::list(Code::Conflict, t!("conflicts"), removal.conflicts)
                .hinted(t!("conflicts-remove-hint")),
        );
    }
    let mut steps = removal.steps.clone();
    let deletes = steps.iter().any(|step| step.action.writes());
    let live = found.connection.status != Status::Deleted;
    if !deletes && !live {
        app.printer
            .say(&t!("already-removed", name = found.connection.name));
        set(app, |report| report.result = "removed");
        return Ok(Exit::Done);
    }
    show(app, &design, &removal);
    confirm(app, &design, &arguments).await?;

    let outcome = apply::run(
        &aws,
        &design,
        &mut steps,
        None,
        &app.progress(),
        apply::OnFailure::GoOn,
        |steps| set(app, |report| report.steps = steps.to_vec()),
    )
    .await;
    if !outcome.failures.is_empty() || !removal.shared_with.is_empty() {
        return Err(incomplete(&steps, outcome, &removal));
    }
    if live {
        central
            .delete(found.connection.id)
            .await
            .map_err(|failure| {
                if deletes {
                    failure.after_writing()
                } else {
                    failure
                }
            })?;
    }
    if let Ok(Some(gone)) = central.by_id(found.connection.id).await {
        set(app, |report| report.connection = Some(gone.connection));
    }
    set(app, |report| report.result = "removed");
    app.printer
        .say(&t!("removed", name = found.connection.name));
    for step in steps.iter().filter(|step| step.action == Action::Keep) {
        let reason = step.reason.clone().unwrap_or_default();
        app.printer.say(&t!(
            "removed-kept",
            kind = render::kind(step.kind),
            arn = step.arn,
            reason = reason
        ));
    }
    Ok(Exit::Done)
}

fn set(app: &App, change: impl FnOnce(&mut Report)) {
    if let Some(report) = app.report.borrow_mut().as_mut() {
        change(report);
    }
}

async fn plan(
    aws: &Aws,
    design: &Design,
    found: &Versioned,
    arguments: &RemoveArgs,
) -> Result<Removal> {
    let wishes = Wishes {
        keep_trail: arguments.keep_trail,
        force_shared: arguments.force_shared,
        delete_logs: arguments.delete_logs,
    };
    let manifest = found.connection.manifest();
    let trails = trail::list(aws).await?;
    let management = observe::management_trails(aws, &trails).await?;
    let observed = observe::observe(aws, design, trails, management).await?;
    let mut removal = removal::removal(design, &observed, &manifest, wishes);
    let empties = removal.steps.iter().any(|step| {
        step.kind == crate::connection::Kind::Bucket
            && step.action == Action::Delete
            && step.reason.is_none()
    });
    if empties && removal.conflicts.is_empty() {
        removal
            .conflicts
            .extend(bucket::not_deletable(aws, design).await?);
    }
    Ok(removal)
}

/// Unattended removal names the account, and the bucket where logs are to go.
fn unattended(app: &App, aws: &Aws, arguments: &RemoveArgs) -> Result<()> {
    let account = &aws.caller.account;
    if let Some(confirmed) = arguments
        .confirm_account
        .as_ref()
        .filter(|confirmed| *confirmed != account.as_str())
    {
        return Err(Failure::new(
            Code::WrongTarget,
            t!(
                "confirm-account-other",
                given = confirmed,
                account = account
            ),
        ));
    }
    if app.ask.possible() && !app.globals.yes {
        return Ok(());
    }
    let mut missing = Vec::new();
    if !app.globals.yes {
        missing.push("--yes".to_owned());
    }
    if arguments.confirm_account.is_none() {
        missing.push(format!("--confirm-account {account}"));
    }
    if arguments.delete_logs && arguments.confirm_bucket.is_none() {
        missing.push("--confirm-bucket BUCKET".to_owned());
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(
            Code::MissingAnswers,
            t!("remove-missing", flags = missing.join(", ")),
        ))
    }
}

fn show(app: &App, design: &Design, removal: &Removal) {
    let printer = app.printer;
    printer.heading(&t!(
        "removal-heading",
        name = design.name,
        account = design.account
    ));
    for line in render::lines(&removal.steps) {
        printer.say(&line);
    }
    if removal.last_trail {
        printer.warn(&t!("last-trail"));
    }
    for user in &removal.shared_with {
        printer.warn(&t!("shared-with", user = user));
    }
}

async fn confirm(app: &App, design: &Design, arguments: &RemoveArgs) -> Result<()> {
    if arguments.delete_logs {
        let typed = match &arguments.confirm_bucket {
            Some(bucket) => bucket.clone(),
            None => {
                app.ask
                    .text(&t!("ask-bucket", bucket = design.bucket), None, |_| Ok(()))
                    .await?
            }
        };
        if typed != design.bucket {
            return Err(Failure::new(
                Code::Declined,
                t!("bucket-not-confirmed", bucket = design.bucket),
            ));
        }
    }
    if app.globals.yes {
        return Ok(());
    }
    if app.ask.confirm(&t!("ask-remove"), false).await? {
        Ok(())
    } else {
        Err(Failure::new(Code::Declined, t!("declined")))
    }
}

/// What could not be done, named, with the permissions that are missing.
fn incomplete(steps: &[Step], outcome: apply::Outcome, removal: &Removal) -> Failure {
    let mut items: Vec<String> = outcome
        .failures
        .iter()
        .map(|(_, failure)| failure.message.clone())
        .collect();
    let denied = outcome
        .failures
        .iter()
        .any(|(_, failure)| failure.code == Code::AwsPermission);
    let failed: Vec<_> = outcome.failures.iter().map(|(kind, _)| *kind).collect();
    for step in steps
        .iter()
        .filter(|step| step.action.writes() && !step.done && !failed.contains(&step.kind))
    {
        items.push(t!(
            "not-done",
            kind = render::kind(step.kind),
            arn = step.arn
        ));
    }
    items.extend(
        removal
            .shared_with
            .iter()
            .map(|user| t!("shared-with", user = user)),
    );
    let failure = Failure::list(Code::Incomplete, t!("incomplete"), items);
    if denied {
        failure.hinted(t!("incomplete-hint"))
    } else {
        failure.hinted(t!("hint-run-again"))
    }
}

async fn central_only(app: &App, central: &Central, found: &Versioned) -> Result<Exit> {
    for item in found.connection.manifest().items {
        app.printer.say(&t!(
            "stays-in-aws",
            kind = render::kind(item.kind),
            arn = item.arn
        ));
    }
    if !app.globals.yes {
        if !app.ask.possible() {
            return Err(Failure::new(
                Code::MissingAnswers,
                t!("remove-missing", flags = "--yes"),
            ));
        }
        if !app.ask.confirm(&t!("ask-central-only"), false).await? {
            return Err(Failure::new(Code::Declined, t!("declined")));
        }
    }
    central.delete(found.connection.id).await?;
    set(app, |report| report.result = "removed");
    app.printer
        .say(&t!("removed", name = found.connection.name));
    Ok(Exit::Done)
}
