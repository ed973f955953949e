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
        t,
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
        None => only_one(&central).await?,
    };
    let screen = (watch && app.printer.redraws()).then(Alternate::enter);
    let mut before: Option<Vec<Check>> = None;
    loop {
        let checks = look(app, &central, &found).await?;
        let healthy = Check::healthy(&checks);
        if app.printer.json() {
            let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
            app.printer.document(
                &json!({ "connection": found.connection, "healthy": healthy, "checks": checks }),
            );
        } else if let Some(before) = before.as_ref().filter(|_| screen.is_none()) {
            show_events(app, &found.connection, before, &checks, parts);
        } else {
            if let Some(screen) = &screen {
                screen.clear();
            }
            let page = page(app, &central, &found.connection, checks.clone(), parts);
            match &screen {
                Some(screen) => app.printer.show_data_within(&page, screen.rows()),
                None => app.printer.show_data(&page),
            }
        }
        before = Some(checks);
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

/// Finds the connection of a tenant that has just one.
async fn only_one(central: &Central) -> Result<Versioned> {
    let connections = central.list(&[]).await?;
    if let [only] = &connections[..]
        && let Some(found) = central.by_id(only.id).await?
    {
        return Ok(found);
    }
    if connections.is_empty() {
        return Err(Failure::new(Code::UnknownConnection, t!("status-none")));
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

    /// How many lines fit, without the one that the cursor stands in.
    fn rows(&self) -> usize {
        usize::from(self.0.size().0).saturating_sub(1)
    }

    fn clear(&self) {
        let _ = self.0.clear_screen();
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        let _ = self.0.write_str("\u{1b}[?1049l");
    }
}

/// Prints the checks that found something else than before, and the verdict if it is another one.
fn show_events(
    app: &App,
    connection: &Connection,
    before: &[Check],
    checks: &[Check],
    parts: bool,
) {
    let mut page = Page::default();
    let healthy = Check::healthy(checks);
    if healthy != Check::healthy(before) {
        page.heading(verdict(connection, healthy));
    }
    let is_known = |check: &&Check| before.iter().any(|other| check.is_like(other));
    let changed = checks.iter().filter(|check| !is_known(check));
    let mut changed: Vec<Check> = changed.cloned().collect();
    worst_first(&mut changed);
    let look = Look {
        parts,
        words: app.printer.words,
    };
    page.lines.extend(screen::page(&changed, look).lines);
    if !page.lines.is_empty() {
        app.printer.show_data(&page);
    }
}

fn verdict(connection: &Connection, healthy: bool) -> String {
    let name = &connection.name;
    if healthy {
        t!("status-healthy", name = name)
    } else {
        t!("status-not-healthy", name = name)
    }
}

/// The verdict, where the connection is, and the checks with what is wrong first.
fn page(
    app: &App,
    central: &Central,
    connection: &Connection,
    mut checks: Vec<Check>,
    parts: bool,
) -> Page {
    let printer = app.printer;
    let verdict = verdict(connection, Check::healthy(&checks));
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
    page.heading(sides(&verdict, &place, printer.data_width));
    if parts {
        page.line(Tone::Quiet, format!("  {}", connection.id));
    }
    worst_first(&mut checks);
    let look = Look {
        parts,
        words: printer.words,
    };
    page.lines.extend(screen::page(&checks, look).lines);
    page
}

async fn look(app: &App, central: &Central, found: &Versioned) -> Result<Vec<Check>> {
    let connection = &found.connection;
    let name = app.argument(&connection.name);
    if connection.status == Status::Deleted {
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
    Ok(health::judge(&evidence, &name))
}
