//! Takes what is ours out of AWS: plans, shows, confirms, carries out.

use super::{
    confirm::{confirm, show, unattended},
    handed,
    target::Target,
};
use crate::{
    central::Central,
    cli::RemoveArgs,
    commands::{app::App, handover},
    connection::{Design, Kind},
    plan::{
        self,
        file::PlanFile,
        removal::{self, Others, Removal, User},
        render,
    },
    resources::{bucket, event_rule, families::Step, planned::Wishes, seen::Seen, step::Action},
    run::{self, Manner, Outcome},
    ui::{Code, Failure, Result, command::command, page::Page, t},
};

/// What a removal goes by, besides its target.
#[derive(Clone, Copy)]
pub(super) struct How<'a> {
    /// Central has the connection, and it is not deleted.
    pub(super) live: bool,
    /// `None` without Central.
    pub(super) central: Option<&'a Central>,
    /// The plan file that is carried out.
    pub(super) plan: Option<&'a PlanFile>,
}

/// Carries out what AWS needs, once it is confirmed. Returns whether anything was deleted; `None` if there was nothing to do and
/// Central has removed the connection too, or if the plan is only written to a file.
pub(super) async fn take_out(
    app: &App,
    target: &Target,
    arguments: &RemoveArgs,
    how: How<'_>,
) -> Result<Option<bool>> {
    let Target { aws, design, .. } = target;
    if arguments.out.is_none() {
        unattended(app, target, arguments)?;
    }
    let removal = plan(target, arguments).await?;
    plan::trace(&removal.steps);
    app.update_report(|report| report.steps.clone_from(&removal.steps));
    if !removal.conflicts.is_empty() {
        return Err(
            Failure::list(Code::Conflict, t!("conflicts"), removal.conflicts)
                .hinted(t!("conflicts-remove-hint")),
        );
    }
    let mut steps = removal.steps.clone();
    let deletes = steps.iter().any(Step::writes);
    let left = !removal.of_stack.is_empty() || !removal.unread.is_empty();
    let stays = !removal.kept_for().is_empty() || left;
    if !deletes && !how.live && !stays {
        nothing_to_do(app, target, arguments, &steps)?;
        // Without Central, it is not known whether the connection is removed there too.
        if how.central.is_none() {
            return Ok(Some(false));
        }
        app.printer.say(&t!("already-removed", name = design.name));
        app.update_report(|report| report.result = "removed");
        return Ok(None);
    }
    if let (Some(plan), Some(central)) = (how.plan, how.central) {
        handed::must_be_as_planned(app, plan, target, &removal, arguments, central)?;
    }
    show(app, target, &removal).await?;
    if let (Some(path), Some(central)) = (&arguments.out, how.central) {
        let file = handed::plan_file(target, &removal, arguments, central);
        handover::write(app, path, &file)?;
        app.update_report(|report| report.result = "planned");
        return Ok(None);
    }
    // There is nothing to decide as long as a stack has all of it, or none of it can be read.
    if !deletes && left {
        return Err(incomplete(&steps, Outcome::default(), &removal));
    }
    confirm(app, target, &removal, arguments).await?;
    app.if_stopped.replace(Some(t!("interrupted-removal")));

    let changed = |steps: &[Step]| app.update_report(|report| report.steps = steps.to_vec());
    let outcome = run::run(
        aws,
        design,
        &mut steps,
        &app.progress(),
        Manner::Remove,
        changed,
    )
    .await;
    if !outcome.failures.is_empty() || stays {
        return Err(incomplete(&steps, outcome, &removal));
    }
    say_kept(app, target, arguments, &steps);
    Ok(Some(deletes))
}

/// Says what stays where there is nothing to do. It is not done if log files stay that were to be deleted: a stack's bucket may have
/// outlived the stack.
fn nothing_to_do(app: &App, target: &Target, arguments: &RemoveArgs, steps: &[Step]) -> Result<()> {
    say_kept(app, target, arguments, steps);
    if arguments.delete_logs && steps.iter().any(|step| step.kind() == Kind::Bucket) {
        let stay = t!("logs-stay", bucket = target.design.bucket);
        return Err(Failure::new(Code::Incomplete, stay));
    }
    Ok(())
}

async fn plan(target: &Target, arguments: &RemoveArgs) -> Result<Removal> {
    let Target {
        aws,
        design,
        manifest,
        observed,
        ..
    } = target;
    // Without our rule nothing in EventBridge changes: it does not matter who else listens.
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
    removal::keep_unread(&mut removal, &target.unread, wishes);
    if let Some(action) = target.unlisted {
        removal::name_unlisted(&mut removal, &design.function_arn(), action);
    }
    removal::keep_traces(&mut removal, &target.traces);
    let empties = removal.deletes_logs();
    if empties && removal.conflicts.is_empty() {
        removal
            .conflicts
            .extend(bucket::not_deletable(aws, design).await?);
    }
    removal.conflicts.extend(target.elsewhere.iter().cloned());
    Ok(removal)
}

/// The failure that names what could not be done.
fn incomplete(steps: &[Step], outcome: Outcome, removal: &Removal) -> Failure {
    let failures = &outcome.failures;
    let denied = !removal.unread.is_empty()
        || failures
            .iter()
            .any(|(_, failure)| failure.code == Code::AwsPermission);
    let failed: Vec<_> = failures.iter().map(|(kind, _)| *kind).collect();
    let mut items: Vec<String> = failures
        .iter()
        .map(|(_, failure)| failure.message.clone())
        .collect();
    let not_done = steps
        .iter()
        .filter(|step| step.writes() && !step.done && !failed.contains(&step.kind()));
    items.extend(not_done.map(|step| {
        let kind = render::kind(step.kind());
        t!("not-done", kind = kind, arn = step.arn)
    }));
    items.extend(removal.unread.iter().chain(&removal.traces).cloned());
    let others = !items.is_empty();
    items.extend(left_for_users(removal));
    items.extend(removal.of_stack.iter().cloned());
    let failure = Failure::list(Code::Incomplete, t!("incomplete"), items);
    let failure = match (others, denied) {
        (true, true) => {
            let policy = if removal.deletes_logs() {
                "remove-logs"
            } else {
                "remove"
            };
            failure.hinted(t!("incomplete-hint", policy = policy))
        }
        (true, false) => failure.hinted(t!("incomplete-again-hint")),
        (false, _) => failure,
    };
    let mut failure = match removal.kept_for() {
        [] => failure,
        _ => failure.hinted(t!("incomplete-shared-hint")),
    };
    failure.hints.extend(removal.stack_hint.clone());
    failure
}

/// Names what is left because others use it, and those for whom nothing of it is left.
fn left_for_users(removal: &Removal) -> Vec<String> {
    let reason = |step: &Step| step.reason.clone().unwrap_or_default();
    let mut left: Vec<String> = Vec::new();
    for step in &removal.shared {
        left.push(t!(
            "left-shared",
            kind = render::kind(step.kind()),
            arn = step.arn,
            reason = reason(step)
        ));
    }
    let users = removal.kept_for().iter().map(User::said);
    let unnamed = users.filter(|user| {
        let mut shared = removal.shared.iter();
        !shared.any(|step| reason(step).contains(user))
    });
    let unnamed: Vec<String> = unnamed.collect();
    left.extend(unnamed.iter().map(|user| t!("shared-with", user = user)));
    left
}

/// Says what stays, and how its log files are deleted later.
fn say_kept(app: &App, target: &Target, arguments: &RemoveArgs, steps: &[Step]) {
    let Target {
        design, manifest, ..
    } = target;
    for step in steps.iter().filter(|step| step.action() == Action::Keep) {
        let reason = step.reason.clone().unwrap_or_default();
        app.printer.say(&t!(
            "removed-kept",
            kind = render::kind(step.kind()),
            arn = step.arn,
            reason = reason
        ));
    }
    let of_stack = manifest.says_external(Kind::Bucket, &design.bucket_arn());
    if keeps_logs(steps, arguments) && !of_stack {
        app.printer.show(&later(app, design, arguments));
    }
}

/// Whether our bucket stays only because nobody asked to delete its log files.
fn keeps_logs(steps: &[Step], arguments: &RemoveArgs) -> bool {
    let kept = |step: &Step| step.kind() == Kind::Bucket && step.action() == Action::Keep;
    !arguments.delete_logs && !arguments.keep_trail && steps.iter().any(kept)
}

/// The command that deletes the log files once the rest is gone. In Central only the connection's id is sure to be found then;
/// without Central, the names of the connection and of its bucket lead to the mark.
fn later(app: &App, design: &Design, arguments: &RemoveArgs) -> Page {
    let mut words = match arguments.without_central {
        true => app.command("remove", &design.name),
        false => app.command("remove", &design.id),
    };
    if arguments.without_central {
        words.extend(["--region".to_owned(), design.region.to_string()]);
        words.push("--without-central".to_owned());
        words.extend(["--bucket".to_owned(), design.bucket.to_string()]);
    }
    words.push("--delete-logs".to_owned());
    let mut page = Page::default();
    page.plain(t!("logs-later"));
    page.verbatim(command(&words, app.printer.width(), 2));
    page
}
