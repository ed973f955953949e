//! What is shown and asked before a removal.

use crate::{
    aws::Aws,
    cli::RemoveArgs,
    commands::app::App,
    connection::Design,
    plan::{removal::Removal, render},
    ui::{Code, Failure, Result, t},
};

/// Refuses another account than the confirmed one. If nobody is asked, the flags must name the account, and the bucket whose log
/// files are to be deleted.
pub(super) fn unattended(app: &App, aws: &Aws, arguments: &RemoveArgs) -> Result<()> {
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

/// Shows the plan, the consequences, and who else uses what stays.
pub(super) fn show(app: &App, design: &Design, removal: &Removal) {
    let printer = app.printer;
    printer.heading(&t!(
        "removal-heading",
        name = design.name,
        account = design.account
    ));
    printer.show(&render::groups(
        &removal.steps,
        true,
        printer.width,
        printer.words,
    ));
    if removal.last_trail {
        printer.warn(&t!("last-trail"));
    }
    for user in &removal.shared_with {
        printer.warn(&t!("shared-with", user = user));
    }
}

pub(super) async fn confirm(app: &App, design: &Design, arguments: &RemoveArgs) -> Result<()> {
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
