//! What the audit was about, and how the connection is set up. No secret is in it: Central's settings have none.

use super::{
    Facts,
    html::{self, Table, note},
};
use crate::{
    answers::{CATALOGUE, Kept, plain},
    central::model::Connection,
    ui::{human, t},
};

#[must_use]
pub(super) fn section(facts: &Facts<'_>) -> String {
    let headings = [t!("report-column-fact"), t!("report-column-value")];
    let mut body = table(&t!("report-audit"), &headings, audit(facts));
    let known = [connection(facts), state(facts.shown.connection)].concat();
    body.push_str(&table(&t!("report-connection"), &headings, known));
    let settings = settings(facts.shown.connection);
    if !settings.is_empty() {
        let headings = [t!("report-column-setting"), t!("report-column-value")];
        body.push_str(&table(&t!("report-settings"), &headings, settings));
    }
    body.push_str(&note(&t!("report-private")));
    html::section("about", &t!("report-about"), &body)
}

/// A fact: what it is about, and what is so.
type Fact = (String, String);

fn table(caption: &str, headings: &[String], facts: Vec<Fact>) -> String {
    let rows = facts.into_iter().filter(|(_, value)| !value.is_empty());
    let rows: Vec<Vec<String>> = rows.map(|(name, value)| vec![name, value]).collect();
    let table = Table {
        caption,
        headings,
        rows: &rows,
        numbers: 0,
    };
    table.html()
}

fn audit(facts: &Facts<'_>) -> Vec<Fact> {
    let (shown, window) = (facts.shown, facts.shown.window);
    vec![
        (t!("report-fact-bucket"), shown.bucket.to_owned()),
        (t!("report-fact-since"), human::minute(window.since)),
        (t!("report-fact-until"), human::minute(window.until)),
        (t!("report-fact-grace"), human::length(window.grace)),
        (t!("report-fact-made"), human::minute(window.now)),
        (
            t!("report-fact-tool"),
            format!("sophos-ct {}", crate::VERSION),
        ),
    ]
}

/// What the connection is.
fn connection(facts: &Facts<'_>) -> Vec<Fact> {
    let connection = facts.shown.connection;
    let region = connection.home_region.as_ref();
    let region = region.map(ToString::to_string);
    let organization = connection.organization.as_ref();
    let organization =
        organization.map(|found| format!("{} ({})", found.id, found.management_account_id));
    let account = connection.aws_account_id.to_string();
    vec![
        (t!("report-fact-name"), connection.name.to_string()),
        (t!("report-fact-id"), connection.id.to_string()),
        (t!("report-fact-tenant"), facts.tenant.to_string()),
        (t!("report-fact-account"), account),
        (t!("report-fact-region"), region.unwrap_or_default()),
        (t!("report-fact-accounts"), accounts(connection)),
        (
            t!("report-fact-organization"),
            organization.unwrap_or_default(),
        ),
    ]
}

/// How the connection is, as Central has it.
fn state(connection: &Connection) -> Vec<Fact> {
    let known = |text: &Option<String>| text.clone().unwrap_or_default();
    let version = known(&connection.forwarder_version);
    let time = |text: &Option<String>| text.as_deref().map(human::second_of).unwrap_or_default();
    let seen = time(&connection.forwarder_seen_at);
    let received = time(&connection.last_received_at);
    let created = human::second_of(&connection.created_at);
    vec![
        (t!("report-fact-status"), status(connection)),
        (t!("report-fact-created"), created),
        (t!("report-fact-function"), version),
        (t!("report-fact-seen"), seen),
        (t!("report-fact-received"), received),
    ]
}

/// Which accounts of an organization are collected; empty without one.
fn accounts(connection: &Connection) -> String {
    match (&connection.organization, &connection.accounts) {
        (None, _) => String::new(),
        (Some(_), None) => t!("accounts-all", name = connection.name),
        (Some(_), Some(accounts)) => t!("accounts-some", count = accounts.len()),
    }
}

fn status(connection: &Connection) -> String {
    let status = connection.status.shown();
    match connection.because() {
        Some(because) => t!("status-because", status = status, because = because),
        None => status,
    }
}

/// The answers that the connection was set up with, by their flags.
fn settings(connection: &Connection) -> Vec<Fact> {
    let saved = CATALOGUE.iter().filter(|entry| entry.kept == Kept::Saved);
    let found = saved.filter_map(|entry| {
        let value = connection.settings.get(entry.key)?;
        Some((format!("--{}", entry.key), plain(value)))
    });
    found.collect()
}
