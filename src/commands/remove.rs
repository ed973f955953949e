//! `remove`: plan of removal, confirm, take out what is ours, then delete the connection.

use std::time::{Duration, Instant};

use super::{App, Report, session};
use crate::{
    answers::{Answers, Origin, must_fit},
    aws::Aws,
    central::{Central, Versioned, model::Status},
    cli::RemoveArgs,
    connection::{ConnectionId, ConnectionName, Design, Kind, Resource, Resources},
    plan::{
        self, feed,
        removal::{self, Others, Removal},
        render,
    },
    resources::{
        bucket, event_rule,
        families::{self, Observed, Step},
        planned::Wishes,
        seen::Seen,
        step::Action,
        trail,
    },
    run::{self, Manner, Outcome},
    ui::{Code, Exit, Failure, Result, t},
};

/// What is to be removed: where, what it should consist of, and what is said to be ours.
struct Target {
    aws: Aws,
    design: Design,
    manifest: Resources,
    observed: Observed,
    /// What carries the mark under other names than Central's settings have.
    elsewhere: Vec<String>,
    /// Other live connections that collect from the same bucket.
    collected_by: Vec<ConnectionName>,
}

pub async fn run(app: &App, arguments: RemoveArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    if arguments.without_central {
        let target = by_marks(app, &arguments).await?;
        return match take_out(app, &target, &arguments, false).await? {
            Some(_) => {
                set(app, |report| report.result = "removed");
                app.printer
                    .say(&t!("removed-without-central", name = target.design.name));
                Ok(Exit::Done)
            }
            None => Ok(Exit::Done),
        };
    }
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
    let observed = look(&aws, &design).await?;
    let (typed, trails) = (&arguments.connection, &observed.trail.all);
    let elsewhere = under_default_names(&aws, &design, &found, typed, trails).await?;
    let collected_by = if design.own_trail() {
        session::collecting(&central, &design).await?
    } else {
        Vec::new()
    };
    let mut manifest = found.connection.manifest();
    // Central's word is one list, our marks in AWS are the other: what only the marks show is named.
    for item in plan::seen_marked(&design, &observed) {
        if !manifest.says_ours(item.kind, &item.arn) {
            app.printer.warn(&t!(
                "removed-by-mark",
                kind = render::kind(item.kind),
                arn = item.arn
            ));
            manifest.items.push(item);
        }
    }
    let target = Target {
        manifest,
        aws,
        design,
        observed,
        elsewhere,
        collected_by,
    };
    let live = found.connection.status != Status::Deleted;
    let Some(deleted) = take_out(app, &target, &arguments, live).await? else {
        return Ok(Exit::Done);
    };
    nothing_left(&target, &arguments).await?;
    if live {
        central
            .delete(&found.connection, &found.etag)
            .await
            .map_err(|failure| {
                if deleted {
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
    Ok(Exit::Done)
}

/// Plans, shows, confirms and carries out what AWS needs. Whether anything was deleted; `None` where there was nothing
/// to do at all, with a connection that is not `live` any more.
async fn take_out(
    app: &App,
    target: &Target,
    arguments: &RemoveArgs,
    live: bool,
) -> Result<Option<bool>> {
    let Target { aws, design, .. } = target;
    unattended(app, aws, arguments)?;
    let mut removal = plan(target, arguments).await?;
    removal.conflicts.extend(target.elsewhere.iter().cloned());
    plan::trace(&removal.steps);
    set(app, |report| report.steps.clone_from(&removal.steps));
    if !removal.conflicts.is_empty() {
        return Err(
            Failure::list(Code::Conflict, t!("conflicts"), removal.conflicts)
                .hinted(t!("conflicts-remove-hint")),
        );
    }
    let mut steps = removal.steps.clone();
    let deletes = steps.iter().any(Step::writes);
    if !deletes && !live && removal.shared_with.is_empty() {
        app.printer.say(&t!("already-removed", name = design.name));
        set(app, |report| report.result = "removed");
        return Ok(None);
    }
    show(app, design, &removal);
    confirm(app, design, arguments).await?;

    let outcome = run::run(
        aws,
        design,
        &mut steps,
        &app.progress(),
        Manner::Remove,
        |steps| set(app, |report| report.steps = steps.to_vec()),
    )
    .await;
    if !outcome.failures.is_empty() || !removal.shared_with.is_empty() {
        return Err(incomplete(&steps, outcome, &removal));
    }
    for step in steps.iter().filter(|step| step.action() == Action::Keep) {
        let reason = step.reason.clone().unwrap_or_default();
        app.printer.say(&t!(
            "removed-kept",
            kind = render::kind(step.kind),
            arn = step.arn,
            reason = reason
        ));
    }
    Ok(Some(deletes))
}

/// The names of our parts come from Central's settings. Where those name others than a connection of this name has by default,
/// nothing under the default names may carry the mark: it would be left behind.
async fn under_default_names(
    aws: &Aws,
    design: &Design,
    found: &Versioned,
    typed: &str,
    trails: &Seen<Vec<trail::State>>,
) -> Result<Vec<String>> {
    let name = typed
        .parse()
        .unwrap_or_else(|_| found.connection.name.clone());
    let mut default = Answers::default();
    default.name.set(name.clone(), Origin::Default);
    let default = default.design(
        design.id,
        &name,
        &aws.caller,
        &aws.region,
        design.plain_http,
    );
    let names = |design: &Design| {
        [
            design.trail_arn(),
            design.topic_arn(),
            design.function_arn(),
            design.role_arn(),
        ]
    };
    if names(&default) == names(design) {
        return Ok(Vec::new());
    }
    let observed = families::observe(aws, &default, trails.clone(), Vec::new()).await?;
    let marked = plan::seen_marked(&default, &observed);
    let elsewhere = marked
        .into_iter()
        .filter(|item| {
            let whole = [Kind::Trail, Kind::Topic, Kind::Function, Kind::Role];
            whole.contains(&item.kind) && !names(design).contains(&item.arn)
        })
        .map(|item| {
            let kind = render::kind(item.kind);
            t!("marked-elsewhere", kind = kind, arn = item.arn)
        });
    Ok(elsewhere.collect())
}

/// "Removed" is said only where nothing that carries our mark runs any more: a setup elsewhere may have gone on meanwhile.
async fn nothing_left(target: &Target, arguments: &RemoveArgs) -> Result<()> {
    let Target { aws, design, .. } = target;
    // What was deleted a moment ago may still be seen.
    let end = Instant::now() + Duration::from_secs(10);
    let runs = |item: &&Resource| match item.kind {
        // Kept with the trail, where that was asked for.
        Kind::Trail | Kind::Topic => !arguments.keep_trail,
        _ => true,
    };
    let left = loop {
        let trails = trail::list(aws).await?;
        // What other trails log does not matter here.
        let observed = families::observe(aws, design, trails, Vec::new()).await?;
        let left: Vec<String> = plan::seen_marked(design, &observed)
            .iter()
            .filter(runs)
            .map(|item| {
                let kind = render::kind(item.kind);
                t!("not-done", kind = kind, arn = item.arn)
            })
            .collect();
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            break left;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    Err(Failure::list(Code::Incomplete, t!("incomplete"), left).hinted(t!("hint-run-again")))
}

async fn look(aws: &Aws, design: &Design) -> Result<Observed> {
    let trails = trail::list(aws).await?;
    let management = trail::management_trails(aws, &trails).await?;
    Ok(families::observe(aws, design, trails, management).await?)
}

/// Without Central: what carries one connection's mark under the default or the given names.
async fn by_marks(app: &App, arguments: &RemoveArgs) -> Result<Target> {
    let name: ConnectionName = arguments.connection.parse().map_err(|complaint: String| {
        Failure::usage(format!("CONNECTION: {complaint}")).hinted(t!("without-central-hint"))
    })?;
    if arguments.connection.parse::<ConnectionId>().is_ok() {
        return Err(Failure::usage(t!("without-central-by-id")).hinted(t!("without-central-hint")));
    }
    let mut given = Answers::default();
    let complaints: Vec<String> = arguments
        .names
        .given()
        .filter_map(|(key, text)| {
            let complaint = given.answer(key, text, Origin::Flag).err()?;
            Some(format!("--{key}: {complaint}"))
        })
        .collect();
    must_fit(complaints)?;
    let aws = Aws::connect(&session::aws_options(app).await?).await?;
    let design_of = |given: &mut Answers, id| {
        given.design(id, &name, &aws.caller, &aws.region, aws.plain_http())
    };
    // Nobody's id: every mark that is found is another's.
    let mut nobodys = design_of(&mut given.clone(), ConnectionId::random());
    let mut observed = look(&aws, &nobodys).await?;
    let ids: Vec<&str> = plan::marks(&observed).into_iter().collect();
    let id = match ids[..] {
        [] => {
            return Err(Failure::new(
                Code::UnknownConnection,
                t!("without-central-nothing", name = name),
            )
            .hinted(t!("without-central-hint")));
        }
        [id] => id
            .parse()
            .map_err(|complaint: String| Failure::new(Code::Conflict, complaint))?,
        _ => {
            let ids = ids.into_iter().map(ToOwned::to_owned).collect();
            return Err(
                Failure::list(Code::Conflict, t!("without-central-several"), ids)
                    .hinted(t!("without-central-hint")),
            );
        }
    };
    // Whatever the topic is called, our function's policy names it.
    if let Some(topic) = feed::invoker(id, &observed).filter(|arn| arn.service == "sns")
        && topic.resource != nobodys.topic
    {
        let topic = topic.resource.parse();
        let topic = topic.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
        given.topic.set(topic, Origin::Default);
        nobodys = design_of(&mut given.clone(), ConnectionId::random());
        observed = look(&aws, &nobodys).await?;
    }
    for (key, value) in feed::feed_answers(&nobodys, id, &observed) {
        given
            .load(key, &value, Origin::Default)
            .map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
    }
    let design = design_of(&mut given, id);
    let observed = look(&aws, &design).await?;
    let manifest = plan::marked(&design, &observed);
    Ok(Target {
        aws,
        design,
        manifest,
        observed,
        elsewhere: Vec::new(),
        collected_by: Vec::new(),
    })
}

fn set(app: &App, change: impl FnOnce(&mut Report)) {
    if let Some(report) = app.report.borrow_mut().as_mut() {
        change(report);
    }
}

async fn plan(target: &Target, arguments: &RemoveArgs) -> Result<Removal> {
    let Target {
        aws,
        design,
        manifest,
        observed,
        ..
    } = target;
    // Without our rule nothing of EventBridge is touched: no need to ask.
    let listen = !observed.event_rule.is_absent()
        && event_rule::others_listen(aws, design).await? != Seen::There(false);
    let wishes = Wishes {
        keep_trail: arguments.keep_trail,
        force_shared: arguments.force_shared,
        delete_logs: arguments.delete_logs,
    };
    let others = Others {
        listen,
        collecting: target.collected_by.clone(),
    };
    let mut removal = removal::removal(design, observed, manifest, wishes, &others);
    let empties = removal.deletes_logs();
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
fn incomplete(steps: &[Step], outcome: Outcome, removal: &Removal) -> Failure {
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
        .filter(|step| step.writes() && !step.done && !failed.contains(&step.kind))
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
    central.delete(&found.connection, "*").await?;
    set(app, |report| report.result = "removed");
    app.printer
        .say(&t!("removed", name = found.connection.name));
    Ok(Exit::Done)
}
