//! `status`: shows Central's view and AWS's side together. Exits with 8 if something is wrong.

mod all;
mod common;
mod licence;
mod look;
mod show;

use std::time::{Duration, Instant};

use super::{app::App, fleet, session};
use crate::{
    central::{Central, Versioned},
    cli::StatusArgs,
    health::Check,
    ui::{Code, Exit, Failure, Printer, Result, page::Page, signs, t},
};
use common::Common;
use licence::Licence;
use look::{Looked, look};

pub(super) async fn run(app: &App, arguments: &StatusArgs) -> Result<Exit> {
    if arguments.fleet.fleet.is_some() {
        return fleet::status(app, arguments).await;
    }
    if arguments.all {
        return all::run(app).await;
    }
    let (watch, parts) = (arguments.watch, arguments.parts);
    if watch && app.printer.json() {
        return Err(Failure::usage(t!("watch-json")));
    }
    let central = session::central(app).await?;
    let mut found = match &arguments.connection {
        Some(connection) => session::find(app, &central, connection, true).await?,
        None => only_one(app, &central).await?,
    };
    let screen = (watch && app.printer.redraws()).then(Alternate::enter);
    let mut before: Option<Looked> = None;
    let mut licence = Licence::ask(app, &central, &found.connection).await;
    let mut common = Common::default();
    loop {
        let license = &licence.state;
        let from_afar = before.as_ref().is_some_and(|before| before.from_afar);
        let now = look(app, &central, &found, license, &common, from_afar).await?;
        let healthy = Check::healthy(&now.checks);
        if app.printer.json() {
            app.printer.document(&now.to_json(app, license));
        } else {
            let whole = || show::page(app, &central, &now, license, parts);
            match (&screen, &before) {
                (Some(screen), _) => screen.draw(app.printer, &whole()),
                (None, Some(before)) => show::events(app, before, &now, parts),
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
        common.forget_trails();
        if licence.is_old(&found.connection, Instant::now()) {
            licence = Licence::ask(app, &central, &found.connection).await;
        }
    }
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
    let several = Failure::headed(Code::MissingAnswers, t!("status-several"), names.collect());
    Err(several.hinted(t!("status-several-hint", flags = app.flags())))
}

/// The terminal's other screen, on which `--watch` redraws. What was on the terminal before comes back when it is left.
struct Alternate(console::Term);

impl Alternate {
    fn enter() -> Self {
        let term = console::Term::stdout();
        // Failures of the terminal itself show when data is printed.
        let _ = term.write_str("\u{1b}[?1049h");
        signs::within(1);
        Self(term)
    }

    /// Draws a screen in place of the one before, as large as the terminal is at this moment. The verdict stays at its top.
    fn draw(&self, printer: Printer, page: &Page) {
        // A terminal that does not know its size says 0.
        let rows = self.0.size_checked().filter(|(rows, _)| *rows > 0);
        let rows = rows.map_or(usize::MAX, |(rows, _)| rows.into());
        // The cursor stands below it, and a sign of life.
        let rows = rows.saturating_sub(1).max(2);
        let _ = self.0.clear_screen();
        printer.show_data_within(page, rows);
    }
}

impl Drop for Alternate {
    fn drop(&mut self) {
        signs::within(usize::MAX);
        let _ = self.0.write_str("\u{1b}[?1049l");
    }
}
