//! What `status` shows of a look: the verdict, what is wrong, the way of log files, what is right, and what to keep.

use super::look::{Looked, More};
use crate::{
    central::{Central, model::LicenseState},
    commands::{app::App, leaving},
    connection::Feed,
    health::{
        Check, facts,
        path::Station,
        picture,
        screen::{self, View, worst_first},
    },
    ui::{
        Printer,
        layout::sides,
        page::{Page, Tone},
        t,
    },
};

/// The verdict and where the connection is, what is wrong, the way of log files and what arrived, and then what is right.
pub(super) fn page(
    app: &App,
    central: &Central,
    looked: &Looked,
    license: &LicenseState,
    parts: bool,
) -> Page {
    let connection = &looked.connection;
    let region = connection.home_region.as_ref().map(ToString::to_string);
    let place = t!(
        "status-place",
        account = connection.aws_account_id,
        region = region.unwrap_or_else(|| "-".to_owned()),
        tenant = central.tenant().short()
    );
    let mut page = Page::default();
    page.heading(sides(&looked.verdict, &place, app.printer.data_width()));
    if parts {
        page.line(Tone::Quiet, format!("  {}", connection.id));
    }
    let view = view(app.printer, parts);
    let (right, wrong) = split(&looked.checks);
    page.lines.extend(screen::page(&wrong, view).lines);
    let Some(More { path, day, design }) = &looked.more else {
        if looked.from_afar {
            page.lines.extend(screen::page(&right, view).lines);
            page.line(Tone::Quiet, t!("status-central-only"));
        }
        return page;
    };
    page.blank();
    picture::draw(&mut page, path, looked.at, view);
    page.blank();
    facts::show(&mut page, connection, day.as_ref(), license, view);
    page.blank();
    if parts {
        grouped(&mut page, &right, &design.feed, view);
    } else {
        page.lines.extend(screen::page(&right, view).lines);
    }
    if !right.is_empty() {
        page.blank();
    }
    // Before Central knows of parts, nothing is in AWS. What a stack owns, its owner takes away.
    let manifest = connection.manifest();
    if !manifest.items.is_empty() && !manifest.is_adopted() {
        leaving::show(&mut page, app, design, view);
    }
    page
}

/// Prints the checks that found something else than before, and the verdict if it is another one.
pub(super) fn events(app: &App, before: &Looked, now: &Looked, parts: bool) {
    let mut page = Page::default();
    if now.verdict != before.verdict {
        page.heading(&now.verdict);
    }
    let is_known = |check: &&Check| before.checks.iter().any(|other| check.is_like(other));
    let changed = now.checks.iter().filter(|check| !is_known(check));
    let mut changed: Vec<Check> = changed.cloned().collect();
    worst_first(&mut changed);
    let view = view(app.printer, parts);
    page.lines.extend(screen::page(&changed, view).lines);
    if !page.lines.is_empty() {
        app.printer.show_data(&page);
    }
}

fn view(printer: Printer, parts: bool) -> View {
    View {
        parts,
        words: printer.words,
        width: printer.data_width(),
    }
}

/// The checks that found something right, and the others, the worst first.
fn split(checks: &[Check]) -> (Vec<Check>, Vec<Check>) {
    let mut checks = checks.to_vec();
    worst_first(&mut checks);
    checks.into_iter().partition(|check| check.ok == Some(true))
}

/// The checks below the names of the services that they are about.
fn grouped(page: &mut Page, checks: &[Check], feed: &Feed, view: View) {
    for station in Station::all() {
        let here = checks
            .iter()
            .filter(|check| Station::of(check) == Some(station));
        let here: Vec<Check> = here.cloned().collect();
        if !here.is_empty() {
            page.heading(format!("  {}", station.service(feed)));
            page.lines.extend(screen::page(&here, view).lines);
        }
    }
    let elsewhere = checks.iter().filter(|check| Station::of(check).is_none());
    let elsewhere: Vec<Check> = elsewhere.cloned().collect();
    page.lines.extend(screen::page(&elsewhere, view).lines);
}
