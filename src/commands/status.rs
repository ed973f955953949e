//! `status`: shows Central's view and AWS's side together. Exits with 8 if something is wrong.

use std::time::Duration;

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    central::{
        Central, Versioned,
        model::{Connection, Status},
    },
    cli::StatusArgs,
    health::{
        self, Check, Evidence,
        screen::{self, Look, worst_first},
    },
    resources::{families, trail},
    ui::{
        Code, Exit, Failure, Printer, Result,
        layout::sides,
        page::{Page, Tone},
        signs, t,
    },
};

pub(super) async fn run(app: &App, arguments: &StatusArgs) -> Result<Exit> {
    let StatusArgs {
        connection,
        watch,
        parts,
    } = arguments;
    let (watch, parts) = (*watch, *parts);
    if watch && app.printer.json() {
        return Err(Failure::usage(t!("watch-json")));
    }
    let central = session::central(app).await?;
    let mut found = match connection {
        Some(connection) => session::find(&central, connection, true).await?,
        None => only_one(app, &central).await?,
    };
    let screen = (watch && app.printer.redraws()).then(Alternate::enter);
    let mut before: Option<Judged> = None;
    loop {
        let checks = look(app, &central, &found).await?;
        let connection = &found.connection;
        let healthy = Check::healthy(&checks);
        let verdict = health::verdict(connection, &checks);
        let now = Judged { verdict, checks };
        if app.printer.json() {
            let checks: Vec<Value> = now.checks.iter().map(Check::to_json).collect();
            app.printer.document(
                &json!({ "connection": connection, "healthy": healthy, "checks": checks }),
            );
        } else {
            let whole = || page(app.printer, &central, connection, &now, parts);
            match (&screen, &before) {
                (Some(screen), _) => screen.draw(app.printer, &whole()),
                (None, Some(before)) => show_events(app, before, &now, parts),
                (None, None) => app.printer.show_data(&whole()),
            }
        }
        before = Some(now);
        if watch && Printer::is_broken() {
            return Ok(Exit::Done);
        }
        if !watch {
            return if healthy {
                Ok(Exit::Done)
            } else {
                Err(Failure::new(Code::Unhealthy, t!("not-healthy")))
            };
        }
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Some(newer) = central.by_id(found.connection.id).await? {
            found = newer;
        }
    }
}

/// What was found at one look.
struct Judged {
    verdict: String,
    checks: Vec<Check>,
}

/// Finds the connection of a tenant that has just one.
async fn only_one(app: &App, central: &Central) -> Result<Versioned> {
    let connections = central.list(&[]).await?;
    if let [only] = &connections[..]
        && let Some(found) = central.by_id(only.id).await?
    {
        return Ok(found);
    }
    if connections.is_empty() {
        return Err(Failure::new(
            Code::UnknownConnection,
            t!("status-none", flags = app.flags()),
        ));
    }
    let names = connections.iter().map(|one| one.name.to_string());
    Err(Failure::headed(
        Code::MissingAnswers,
        t!("status-several"),
        names.collect(),
    ))
}

/// The terminal's other screen, on which `--watch` redraws. What was on the terminal before comes back when it is left.
struct Alternate(console::Term);

impl Alternate {
    fn enter() -> Self {
        let term = console::Term::stdout();
        // Failures of the terminal itself show when data is printed.
        let _ = term.write_str("\u{1b}[?1049h");
        Self(term)
    }

    /// Draws a screen in place of the one before, as large as the terminal is at this moment. The verdict stays at its top.
    fn draw(&self, printer: Printer, page: &Page) {
        // A terminal that does not know its size says 0.
        let rows = self.0.size_checked().filter(|(rows, _)| *rows > 0);
        let rows = rows.map_or(usize::MAX, |(rows, _)| rows.into());
        // Signs of life and the cursor stand below it.
        let rows = rows.saturating_sub(signs::HOSTS + 1).max(2);
        let _ = self.0.clear_screen();
        printer.show_data_within(page, rows);
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        let _ = self.0.write_str("\u{1b}[?1049l");
    }
}

/// Prints the checks that found something else than before, and the verdict if it is another one.
fn show_events(app: &App, before: &Judged, now: &Judged, parts: bool) {
    let mut page = Page::default();
    if now.verdict != before.verdict {
        page.heading(&now.verdict);
    }
    let is_known = |check: &&Check| before.checks.iter().any(|other| check.is_like(other));
    let changed = now.checks.iter().filter(|check| !is_known(check));
    let mut changed: Vec<Check> = changed.cloned().collect();
    worst_first(&mut changed);
    let look = looks(app.printer, parts);
    page.lines.extend(screen::page(&changed, look).lines);
    if !page.lines.is_empty() {
        app.printer.show_data(&page);
    }
}

fn looks(printer: Printer, parts: bool) -> Look {
    Look {
        parts,
        words: printer.words,
        width: printer.data_width(),
    }
}

/// The verdict, where the connection is, and the checks with what is wrong first.
fn page(
    printer: Printer,
    central: &Central,
    connection: &Connection,
    judged: &Judged,
    parts: bool,
) -> Page {
    let place = t!(
        "status-place",
        account = connection.aws_account_id,
        region = connection
            .home_region
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        tenant = central.tenant().short()
    );
    let mut page = Page::default();
    page.heading(sides(&judged.verdict, &place, printer.data_width()));
    if parts {
        page.line(Tone::Quiet, format!("  {}", connection.id));
    }
    let mut checks = judged.checks.clone();
    worst_first(&mut checks);
    let look = looks(printer, parts);
    page.lines.extend(screen::page(&checks, look).lines);
    page
}

async fn look(app: &App, central: &Central, found: &Versioned) -> Result<Vec<Check>> {
    let connection = &found.connection;
    if connection.status == Status::Deleted {
        let name = app.argument(&connection.name);
        let id = app.argument(&connection.id);
        return Ok(vec![health::deleted(connection, &name, &id)]);
    }
    let aws = session::aws_of(app, found).await?;
    let design = session::design_of(&aws, found)?;
    let trails = trail::list(&aws).await?;
    let observed = families::observe(&aws, &design, trails, Vec::new()).await?;
    let day = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24);
    // Without statistics there is only the last receipt, which shows less.
    let statistics = central.statistics(connection.id, day).await;
    let statistics = statistics.map(Option::unwrap_or_default);
    let environment = session::environment(&aws, &design, connection);
    let evidence = Evidence {
        connection,
        statistics: statistics.map_err(|failure| failure.message),
        design: &design,
        observed: &observed,
        environment: &environment,
    };
    let rerun = app.command("setup", &connection.name);
    Ok(health::judge(&evidence, &rerun))
}
