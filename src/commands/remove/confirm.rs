//! What is shown and asked before a removal.

use jiff::Timestamp;

use super::target::Target;
use crate::{
    cli::RemoveArgs,
    commands::app::App,
    plan::{self, removal::Removal, render},
    resources::{
        bucket::{self, Held},
        seen::Seen,
    },
    ui::{
        Code, Failure, Result,
        human::{ago, size},
        layout::sides,
        page::{Page, Tone},
        shell::quoted,
        t,
    },
};

/// Refuses another account than the confirmed one. If nobody is asked, the flags must name the account, and the bucket whose log
/// files are to be deleted.
pub(super) fn unattended(app: &App, target: &Target, arguments: &RemoveArgs) -> Result<()> {
    let account = &target.aws.caller.account;
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
        let bucket = quoted(&target.design.bucket.to_string());
        missing.push(format!("--confirm-bucket {bucket}"));
    }
    if missing.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(
            Code::MissingAnswers,
            match app.globals.yes {
                true => t!("remove-missing-yes", flags = missing.join(", ")),
                false => t!("remove-missing", flags = missing.join(", ")),
            },
        ))
    }
}

/// Shows the plan, the log files that are deleted, the consequences, and who else uses what stays.
pub(super) async fn show(app: &App, target: &Target, removal: &Removal) -> Result<()> {
    let (printer, design) = (app.printer, &target.design);
    let (width, words) = (printer.width(), printer.words);
    let heading = t!("removal-heading", name = design.name);
    let scope = t!(
        "removal-scope",
        account = design.account,
        region = design.region
    );
    let mut page = Page::default();
    page.heading(sides(&heading, &scope, width));
    page.blank();
    page.lines
        .extend(render::groups(&removal.steps, true, width, words).lines);
    if removal.deletes_logs() {
        let held = counted(app, target).await?;
        page.line(Tone::Removed, deleted_logs(&held, Timestamp::now()));
    }
    printer.show(&page);
    for warning in removal.warnings() {
        printer.warn(&warning);
    }
    Ok(())
}

/// Counts the log files that are going to be deleted.
async fn counted(app: &App, target: &Target) -> Result<Seen<Held>> {
    let counting = app.progress().step(&t!("progress-counting"));
    let held = bucket::count(&target.aws, &target.design).await?;
    drop(counting);
    app.update_report(|report| report.logs = held.there().cloned());
    Ok(held)
}

/// How many log files are deleted, how large they are, and how old.
fn deleted_logs(held: &Seen<Held>, now: Timestamp) -> String {
    let held = match held {
        Seen::There(held) => held,
        Seen::Absent => return t!("logs-deleted-none"),
        Seen::Denied(action) => return t!("logs-deleted-uncounted", action = action),
    };
    let (Some(oldest), Some(newest)) = (held.oldest, held.newest) else {
        return if held.complete {
            t!("logs-deleted-none")
        } else {
            t!("logs-deleted-unfinished")
        };
    };
    let mut files = t!("logs-files", count = held.objects);
    if held.versions > held.objects {
        files = t!("logs-versions", files = files, number = held.versions);
    }
    let (size, oldest, newest) = (size(held.bytes), ago(oldest, now), ago(newest, now));
    let (number, age) = if held.complete {
        (
            t!("logs-deleted", files = files, size = size),
            t!("logs-age", oldest = oldest, newest = newest),
        )
    } else {
        (
            t!("logs-deleted-more", files = files, size = size),
            t!("logs-age-counted", oldest = oldest, newest = newest),
        )
    };
    format!("{number}\n{age}")
}

/// Asks for the bucket's name if its log files are to be deleted, and whether to go on.
pub(super) async fn confirm(
    app: &App,
    target: &Target,
    removal: &Removal,
    arguments: &RemoveArgs,
) -> Result<()> {
    let design = &target.design;
    if arguments.delete_logs {
        let typed = match &arguments.confirm_bucket {
            Some(bucket) => bucket.clone(),
            None if removal.deletes_logs() => {
                app.ask
                    .text(&t!("ask-bucket", bucket = design.bucket), None, |_| Ok(()))
                    .await?
            }
            // Nobody is asked to confirm what does not happen.
            None => design.bucket.to_string(),
        };
        if !removal.deletes_logs() && !target.observed.bucket.is_absent() {
            app.printer.say(&t!("logs-stay", bucket = design.bucket));
        }
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
    decide(app, target, removal).await
}

/// Asks until the removal is confirmed or declined. Enter alone declines.
async fn decide(app: &App, target: &Target, removal: &Removal) -> Result<()> {
    let documents = plan::documents(&target.design, &target.observed, &removal.steps);
    let mut choices = vec![t!("confirm-no"), t!("confirm-remove-yes")];
    if !documents.is_empty() {
        choices.push(t!("confirm-documents"));
    }
    loop {
        let question = t!("ask-remove");
        match app
            .ask
            .afresh()
            .select(&question, choices.clone(), Some(0))
            .await?
        {
            0 => return Err(Failure::new(Code::Declined, t!("declined"))),
            1 => return Ok(()),
            _ => {
                let (width, words) = (app.printer.width(), app.printer.words);
                let page = render::documents(&documents, &removal.steps, true, width, words);
                app.printer.show(&page);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn held(objects: usize, versions: usize, complete: bool) -> Seen<Held> {
        let now: Timestamp = NOW.parse().unwrap();
        Seen::There(Held {
            objects,
            versions,
            bytes: 3_210_000_000,
            oldest: Some(now - SignedDuration::from_hours(90 * 24)),
            newest: Some(now - SignedDuration::from_mins(5)),
            complete,
        })
    }

    fn said(held: &Seen<Held>) -> String {
        deleted_logs(held, NOW.parse().unwrap())
    }

    const NOW: &str = "2026-11-27T12:00:00Z";

    #[test]
    fn how_many_log_files_are_deleted_is_said_with_their_size_and_age() {
        assert_eq!(
            said(&held(1, 1, true)),
            "Deleted with the bucket: 1 file, 3.2 GB.\n  The oldest was written 90 days ago, the newest 5 min ago."
        );
        let versions = said(&held(12, 15, true));
        assert!(versions.contains("12 files in 15 versions, "), "{versions}");
    }

    #[test]
    fn what_was_not_counted_is_never_said_to_be_all_or_nothing() {
        let more = said(&held(100_000, 100_000, false));
        assert!(more.contains("at least 100000 files, at least 3.2 GB."));
        assert!(more.contains("Of those that were counted"), "{more}");
        let denied = said(&Seen::Denied("s3:ListBucketVersions"));
        assert!(denied.contains("all its log files"), "{denied}");
        assert!(denied.contains("s3:ListBucketVersions"), "{denied}");
        let empty = Held {
            complete: true,
            ..Held::default()
        };
        assert_eq!(said(&Seen::There(empty)), t!("logs-deleted-none"));
        let unfinished = said(&Seen::There(Held::default()));
        assert_eq!(unfinished, t!("logs-deleted-unfinished"));
    }
}
