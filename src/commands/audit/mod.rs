//! `audit`: compares every log file in the bucket with Central's receipts, sends what is missing, proves what is there. Exits with
//! 8 if something is missing.

mod asked;
mod certify;
mod pass;
mod replay;
mod report;

use jiff::Timestamp;

use super::{
    app::App,
    session,
    states::{must_live, remark},
};
use crate::{
    audit::{
        Folder, Place, Source,
        certify::Certificate,
        folders, heard,
        report::Draft,
        screen::{self, Shown},
    },
    aws::Aws,
    central::{Central, model::Connection},
    cli::AuditArgs,
    connection::Design,
    ui::{Code, Exit, Failure, Result, shell::quoted, t},
};
use asked::Asked;
use pass::Pass;

/// A run of `audit`.
struct Audit<'a> {
    app: &'a App,
    arguments: &'a AuditArgs,
    asked: &'a Asked,
    aws: &'a Aws,
    design: &'a Design,
    source: Source<'a>,
    folders: &'a [Folder],
}

pub(super) async fn run(app: &App, arguments: &AuditArgs) -> Result<Exit> {
    if let Some(file) = &arguments.check {
        return certify::check(app, file);
    }
    let asked = Asked::read(arguments, Timestamp::now())?;
    let central = session::central(app).await?;
    let found = session::find(&central, name_of(arguments), false).await?;
    let connection = &found.connection;
    let argument = app.argument(&connection.name);
    must_live(app, connection)?;
    if arguments.replay {
        replay::must_be_possible(connection, &argument)?;
    }
    let aws = session::aws_of(app, &found).await?;
    session::warn_of_aws(app, &aws);
    let design = session::design_of(&aws, &found)?;
    if let Some(text) = remark(app, connection) {
        app.printer.warn(&text);
    }
    let run = audit(app, arguments, &asked, &central, connection, &aws, &design);
    run.await.map_err(|failure| match failure.code {
        Code::AwsPermission => purposes(arguments)
            .into_iter()
            .fold(failure, |failure, purpose| {
                let hint = t!("audit-denied-hint", purpose = purpose, name = argument);
                failure.hinted(hint)
            }),
        _ => failure,
    })
}

/// The purposes of `policy` that together have the permissions for this run.
fn purposes(arguments: &AuditArgs) -> Vec<&'static str> {
    match (arguments.replay, arguments.certify) {
        (false, false) => vec!["audit"],
        (true, false) => vec!["audit-replay"],
        (false, true) => vec!["audit-certify"],
        (true, true) => vec!["audit-replay", "audit-certify"],
    }
}

/// The connection as it was given. clap insists on it, except with `--check`.
fn name_of(arguments: &AuditArgs) -> &str {
    arguments.connection.as_deref().unwrap_or_default()
}

async fn audit(
    app: &App,
    arguments: &AuditArgs,
    asked: &Asked,
    central: &Central,
    connection: &Connection,
    aws: &Aws,
    design: &Design,
) -> Result<Exit> {
    let draft = report::draft(arguments)?;
    let bucket = session::log_bucket(connection, design).ok_or_else(|| {
        let name = &connection.name;
        Failure::new(Code::Failed, t!("audit-no-bucket", name = name))
    })?;
    let prefix = design.key_prefix();
    let place = Place {
        s3: &aws.s3,
        bucket: &bucket,
        owner: Some(&design.account),
        prefix: &prefix,
    };
    let folders = heard(folders(&place).await?, design);
    let audit = Audit {
        app,
        arguments,
        asked,
        aws,
        design,
        source: Source {
            place: &place,
            central,
            connection,
            paused_too: arguments.include_skipped.is_some(),
        },
        folders: &folders,
    };
    compare(&audit, draft).await
}

/// Compares, sends what is missing, proves, as far as that is asked for, and shows what was found.
async fn compare(audit: &Audit<'_>, draft: Option<Draft<'_>>) -> Result<Exit> {
    let arguments = audit.arguments;
    let keep_keys = arguments.keys || arguments.report.is_some();
    let mut found = pass::pass(audit, keep_keys || arguments.replay).await?;
    let mut replayed = 0;
    if arguments.replay && found.tally.total.missing > 0 {
        replayed = replay::replay(audit, &mut found).await?;
        found = pass::pass(audit, keep_keys).await?;
    }
    let proved = match arguments.certify {
        true => Some(certify::prove(audit).await?),
        false => None,
    };
    let missing = found.tally.total.missing;
    show(audit, found, replayed, proved.as_ref(), draft)?;
    if missing > 0 {
        let text = t!("audit-failed", count = missing);
        return Err(Failure::new(Code::Unhealthy, text));
    }
    match proved {
        Some(proved) if !proved.is_clean() => Err(certify::failed()),
        _ => Ok(Exit::Done),
    }
}

/// Writes the report, if one is wanted, and prints what was found.
fn show(
    audit: &Audit<'_>,
    mut found: Pass,
    replayed: u64,
    proved: Option<&Certificate>,
    draft: Option<Draft<'_>>,
) -> Result<()> {
    let (app, arguments) = (audit.app, audit.arguments);
    let shown = Shown {
        connection: audit.source.connection,
        bucket: audit.source.place.bucket,
        window: &audit.asked.window,
        tally: &found.tally,
        expired: found.expired,
        replayed,
        replay: &replay_command(audit),
        words: app.printer.words,
        width: app.printer.data_width(),
    };
    if let Some(draft) = draft {
        report::write(audit, &shown, &mut found.keys, proved, draft)?;
    }
    if app.printer.json() {
        return show_json(audit, found, replayed, proved);
    }
    app.printer.show_data(&screen::page(&shown));
    if arguments.keys {
        for key in found.keys.keys()? {
            app.printer.data(&key?);
        }
    }
    if let Some(proved) = proved {
        certify::show(audit, proved);
    }
    Ok(())
}

fn show_json(
    audit: &Audit<'_>,
    mut found: Pass,
    replayed: u64,
    proved: Option<&Certificate>,
) -> Result<()> {
    let printer = audit.app.printer;
    let mut document = found.tally.total.to_json(replayed);
    if let Some(proved) = proved {
        document["certificate"] = proved.to_json();
    }
    if !audit.arguments.keys {
        printer.document(&document);
        return Ok(());
    }
    printer.document_with(&document, "keys", found.keys.keys()?)
}

/// The command that sends what is missing.
fn replay_command(audit: &Audit<'_>) -> String {
    let arguments = audit.arguments;
    let mut words = audit.app.command("audit", &audit.source.connection.name);
    words.push(format!("--since {}", quoted(&arguments.since)));
    if let Some(until) = &arguments.until {
        words.push(format!("--until {}", quoted(until)));
    }
    words.push("--replay".to_owned());
    words.join(" ")
}
