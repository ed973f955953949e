//! `audit`: compares every log file in the bucket with Central's receipts, sends what is missing, proves what is there. Exits with
//! 8 if something is missing, or may be.

mod advice;
mod asked;
mod certify;
mod pass;
mod replay;
mod report;

use jiff::Timestamp;
use serde_json::json;

use super::{
    app::App,
    session,
    states::{must_live, remark},
};
use crate::{
    audit::{
        Choice, Folder, Others, Place, Regions, Source, Spool, Trails,
        certify::Certificate,
        folders, heard, of_one_organization,
        report::Draft,
        screen::{self, Shown},
    },
    aws::Aws,
    central::{Central, model::Connection},
    cli::AuditArgs,
    connection::{Design, Region},
    resources::{seen::Seen, trail},
    ui::{Code, Exit, Failure, Result, page::Page, t},
};
use asked::Asked;
use pass::Pass;

/// What is compared, for whom, and how.
struct Audit<'a> {
    app: &'a App,
    arguments: &'a AuditArgs,
    asked: &'a Asked,
    aws: &'a Aws,
    design: &'a Design,
    source: Source<'a>,
    folders: &'a [Folder],
    /// The trails that CloudTrail shows, if they were asked for.
    shown: &'a [trail::State],
}

pub(super) async fn run(app: &App, arguments: &AuditArgs) -> Result<Exit> {
    if let Some(file) = &arguments.check {
        return certify::check(app, file);
    }
    let asked = Asked::read(arguments, Timestamp::now())?;
    // It is made at once, so that what is in its way is known before anything else is done.
    let draft = arguments.report.as_deref().map(Draft::create).transpose()?;
    let central = session::central(app).await?;
    let found = session::find(app, &central, name_of(arguments), true).await?;
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
    let run = Run {
        app,
        arguments,
        asked: &asked,
        central: &central,
        connection,
        aws: &aws,
        design: &design,
    };
    run.audit(draft)
        .await
        .map_err(|failure| match failure.code {
            Code::AwsPermission => {
                purposes(arguments)
                    .into_iter()
                    .fold(failure, |failure, purpose| {
                        let hint = t!("audit-denied-hint", purpose = purpose, name = argument);
                        failure.hinted(hint)
                    })
            }
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

/// A run of `audit`: what it is asked for, its connection, and how both sides are reached.
struct Run<'a> {
    app: &'a App,
    arguments: &'a AuditArgs,
    asked: &'a Asked,
    central: &'a Central,
    connection: &'a Connection,
    aws: &'a Aws,
    design: &'a Design,
}

impl Run<'_> {
    async fn audit(&self, draft: Option<Draft<'_>>) -> Result<Exit> {
        let Self {
            connection, design, ..
        } = *self;
        let bucket = session::log_bucket(connection, design).ok_or_else(|| {
            let name = &connection.name;
            Failure::new(Code::Failed, t!("audit-no-bucket", name = name))
        })?;
        let prefix = design.key_prefix();
        let place = Place {
            s3: &self.aws.s3,
            bucket: &bucket,
            owner: Some(&design.account),
            prefix: &prefix,
        };
        let (folders, shown) = tokio::join!(folders(&place), self.seen_trails());
        let folders = folders?;
        let (trails, shown) = self.trails(&place, shown)?;
        let days = self.asked.window.days();
        let folders = of_one_organization(folders, &place, design, trails.as_ref(), &days).await?;
        let folders = heard(folders, &place, design, trails.as_ref(), &days).await?;
        let regions = Regions::default();
        let audit = Audit {
            app: self.app,
            arguments: self.arguments,
            asked: self.asked,
            aws: self.aws,
            design,
            source: Source {
                place: &place,
                aws: self.aws,
                central: self.central,
                connection,
                trails: trails.as_ref(),
                regions: &regions,
                heard_since: self.heard_since(),
                choice: self.choice(),
            },
            folders: &folders,
            shown: &shown,
        };
        compare(&audit, draft).await
    }

    /// The trails that CloudTrail shows, or why it does not. They matter if a trail announces the files, and for a proof.
    async fn seen_trails(&self) -> Result<Vec<trail::State>> {
        if self.design.feed.is_of_bucket() && !self.arguments.certify {
            return Ok(Vec::new());
        }
        match trail::list(self.aws).await {
            Ok(Seen::There(shown)) => Ok(shown),
            Ok(Seen::Absent) => Ok(Vec::new()),
            Ok(Seen::Denied(action)) => Err(Failure::new(
                Code::AwsPermission,
                t!("audit-trails-denied", action = action),
            )),
            Err(error) => Err(error.into()),
        }
    }

    /// The connection's trail and those beside it, and all that CloudTrail shows. An audit works without that: then digests alone
    /// tell of others. But it must know in whose folder the log files are, and nothing is sent of which it cannot be told whose it is.
    fn trails(
        &self,
        place: &Place<'_>,
        shown: Result<Vec<trail::State>>,
    ) -> Result<(Option<Trails>, Vec<trail::State>)> {
        let failure = match shown {
            Ok(shown) => return Ok((Trails::new(self.design, place, Some(&shown)), shown)),
            Err(failure) => failure,
        };
        if self.design.feed.is_of_bucket() {
            let text = t!("certify-trails-unknown", cause = failure.message);
            self.app.printer.warn(&text);
            return Ok((None, Vec::new()));
        }
        let trails = Trails::new(self.design, place, None);
        let trail = self.design.trail_arn();
        let text = if self.arguments.replay {
            t!("audit-replay-trails", cause = failure.message)
        } else if trails.as_ref().is_some_and(Trails::may_be_of_organization) {
            t!(
                "audit-trail-unknown",
                trail = trail,
                cause = failure.message
            )
        } else {
            let text = t!("audit-trails-unknown", cause = failure.message);
            self.app.printer.warn(&text);
            return Ok((trails, Vec::new()));
        };
        Err(Failure::new(failure.code, text))
    }

    /// When the connection was made. S3 gives times in whole seconds.
    fn heard_since(&self) -> Timestamp {
        let created = self.connection.created_at.parse::<Timestamp>().ok();
        let created = created.and_then(|at| Timestamp::from_second(at.as_second()).ok());
        created.unwrap_or(Timestamp::MIN)
    }

    /// Which files count as missing. What landed before the connection was made counts if it is asked for: with `--replay`, and a
    /// time that says so.
    fn choice(&self) -> Choice {
        Choice {
            history: self.arguments.replay && self.arguments.since.is_some(),
            replay: self.arguments.replay,
            paused: self.arguments.include_skipped.is_some(),
            unassigned: self.arguments.include_unassigned,
        }
    }
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
    let failed = failed(audit, &found);
    show(audit, found, replayed, proved.as_ref(), draft)?;
    if let Some(failed) = failed {
        return Err(failed);
    }
    match proved {
        Some(proved) if !proved.is_clean() => Err(certify::failed()),
        _ => Ok(Exit::Done),
    }
}

/// Says what is missing, and what may be: that of which no digest tells whose it is.
fn failed(audit: &Audit<'_>, found: &Pass) -> Option<Failure> {
    let (missing, unassigned) = (found.tally.total.missing, found.tally.total.unassigned);
    let to_now = audit.arguments.until.is_none();
    let unsigned = audit.source.trails.and_then(Trails::sign) == Some(false);
    let texts = [
        (missing > 0).then(|| t!("audit-failed", count = missing)),
        (unassigned > 0).then(|| match audit.arguments.replay {
            true => t!("audit-held-back", count = unassigned),
            false => t!("audit-unassigned-failed", count = unassigned),
        }),
        (unassigned > 0 && unsigned)
            .then(|| t!("audit-unsigned-hint", trail = audit.design.trail_arn())),
        (unassigned > 0 && to_now && !unsigned).then(|| t!("audit-unassigned-hint")),
    ];
    let mut texts = texts.into_iter().flatten();
    let failure = Failure::new(Code::Unhealthy, texts.next()?);
    Some(texts.fold(failure, Failure::hinted))
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
    let commands = advice::commands(audit);
    warn_of_unseen(audit, &found.others);
    let shown = Shown {
        connection: audit.source.connection,
        bucket: audit.source.place.bucket,
        window: &audit.asked.window,
        tally: &found.tally,
        expired: found.gone,
        replayed,
        commands: &commands,
        others: &found.others,
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
        show_keys(app, &mut found.keys)?;
    }
    let advice = screen::advice(&shown);
    if !advice.lines.is_empty() {
        app.printer.show_data(&advice);
    }
    if let Some(proved) = proved {
        certify::show(audit, proved);
    }
    Ok(())
}

/// Says what would have told whose files are, and could not be seen.
fn warn_of_unseen(audit: &Audit<'_>, others: &Others) {
    let (app, connection) = (audit.app, audit.source.connection);
    if others.unread {
        let name = app.argument(&connection.name);
        app.printer.warn(&t!("audit-others-unread", name = name));
    }
    if others.archived {
        app.printer.warn(&t!("audit-others-archived"));
    }
    for (region, cause) in audit.source.regions.unseen() {
        let text = t!("audit-region-unseen", region = region, cause = cause);
        app.printer.warn(&text);
    }
}

/// Prints the keys of what is missing, each whole in a line of its own.
fn show_keys(app: &App, keys: &mut Spool) -> Result<()> {
    let mut page = Page::default();
    page.blank();
    page.plain(t!("audit-keys"));
    if keys.count() > 0 {
        app.printer.show_data(&page);
    }
    for key in keys.keys()? {
        let mut page = Page::default();
        page.verbatim(format!("  {}", key?));
        app.printer.show_data(&page);
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
    document["otherTrails"] = json!(found.others.names);
    document["digestsUnread"] = json!(found.others.unread || found.others.archived);
    let unseen = audit.source.regions.unseen();
    document["regionsUnseen"] = json!(unseen.into_keys().collect::<Vec<Region>>());
    if let Some(proved) = proved {
        document["certificate"] = proved.to_json();
    }
    if !audit.arguments.keys {
        printer.document(&document);
        return Ok(());
    }
    printer.document_with(&document, "keys", found.keys.keys()?)
}
