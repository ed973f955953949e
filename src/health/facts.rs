//! What is worth knowing of a connection and neither right nor wrong: how much arrived in the last day and how late, from which
//! accounts, and how long the licence lasts.

use serde_json::{Value, json};

use super::{about::About, check::Check, day::Day, screen::View};
use crate::{
    central::model::{Connection, LicenseState},
    ui::{bars::bars, human, page::Page, t, table::labelled},
};

/// Puts the facts on a page, a line for each. Without statistics there is no day.
pub(crate) fn show(
    page: &mut Page,
    connection: &Connection,
    day: Option<&Day>,
    license: &LicenseState,
    view: View,
) {
    let mut rows = Vec::new();
    if let Some(day) = day {
        rows.extend(of_day(connection, day, view.words));
    }
    rows.extend(accounts(connection, day));
    rows.push((t!("check-licence"), licence(license)));
    let widths = rows
        .iter()
        .map(|(label, _)| console::measure_text_width(label));
    let width = widths.max().unwrap_or_default();
    for (label, text) in &rows {
        let row = labelled(label, width, text, view.words);
        page.plain(format!("    {row}"));
    }
}

/// The check of a licence that has ended or is missing, with what helps. Nothing is wrong with one that cannot be told.
#[must_use]
pub(crate) fn licence_check(license: &LicenseState, fix: String) -> Option<Check> {
    let detail = match license {
        LicenseState::Valid(_) | LicenseState::CannotTell(_) => return None,
        LicenseState::Missing => t!("license-missing"),
        LicenseState::Ended(date) => t!("license-ended", date = date),
    };
    let check = Check::new(About::Licence, Some(false), detail);
    Some(check.fix(fix))
}

/// The licence as JSON.
#[must_use]
pub(crate) fn licence_json(license: &LicenseState) -> Value {
    let (state, end) = match license {
        LicenseState::Valid(end) => ("valid", end.as_ref()),
        LicenseState::Missing => ("missing", None),
        LicenseState::Ended(date) => ("ended", Some(date)),
        LicenseState::CannotTell(_) => ("unknown", None),
    };
    let mut value = json!({ "state": state });
    if let Some(date) = end {
        value["endDate"] = date.clone().into();
    }
    value
}

fn licence(license: &LicenseState) -> String {
    match license {
        LicenseState::Valid(Some(date)) => t!("licence-until", date = date),
        LicenseState::Valid(None) => t!("licence-lasting"),
        LicenseState::Missing => t!("license-missing"),
        LicenseState::Ended(date) => t!("license-ended", date = date),
        LicenseState::CannotTell(why) => why.clone(),
    }
}

/// How much arrived, hour by hour, and how late.
fn of_day(connection: &Connection, day: &Day, words: bool) -> Vec<(String, String)> {
    let size = human::size(day.bytes);
    let mut arrived = t!("fact-files", count = day.stored, size = size);
    // Where only some accounts are wanted, it is told with them.
    if day.skipped > 0 && !is_selective(connection) {
        let skipped = t!("fact-skipped", count = day.skipped);
        arrived = [arrived, skipped].join(&t!("counts-between"));
    }
    let mut rows = vec![(t!("fact-day"), arrived)];
    if day.stored > 0 {
        rows.push((t!("fact-hours"), hours(day, words)));
    }
    if let Some(delay) = day.delay {
        let (usual, most) = (human::span(delay.median), human::span(delay.p95));
        let text = t!("fact-delay-text", usual = usual, most = most);
        rows.push((t!("fact-delay"), text));
    }
    rows
}

/// The files of each hour, the present one last: bars, or numbers.
fn hours(day: &Day, words: bool) -> String {
    let files = day.hours.iter().map(|(_, files)| *files);
    if words {
        let numbers = files.map(|files| files.to_string());
        return numbers.collect::<Vec<_>>().join(&t!("counts-between"));
    }
    let most = files.clone().max().unwrap_or_default();
    t!("fact-hours-text", bars = bars(files, most), most = most)
}

/// Of which accounts of an organization files are wanted, and how many were not.
fn accounts(connection: &Connection, day: Option<&Day>) -> Option<(String, String)> {
    let id = &connection.organization.as_ref()?.id;
    let mut text = match connection.accounts.as_deref() {
        Some(accounts @ [_, ..]) => t!("fact-accounts-some", count = accounts.len(), id = id),
        _ => t!("fact-accounts-all", id = id),
    };
    let skipped = day.map_or(0, |day| day.skipped);
    if skipped > 0 && is_selective(connection) {
        let outside = t!("fact-outside", count = skipped);
        text = [text, outside].join(&t!("counts-between"));
    }
    Some((t!("fact-accounts"), text))
}

/// Whether only some accounts of the organization are wanted.
fn is_selective(connection: &Connection) -> bool {
    let accounts = connection.accounts.as_ref();
    connection.organization.is_some() && accounts.is_some_and(|accounts| !accounts.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{central::model::Statistics, ui::layout::Width};

    fn day() -> Day {
        let hours = json!({ "hours": [
            { "at": "2026-11-27T11:00:00Z", "stored": 1, "skipped": 2, "bytes": 1000 },
            { "at": "2026-11-27T12:00:00Z", "stored": 7, "skipped": 1, "bytes": 2000,
              "delayMedianSeconds": 252, "delayP95Seconds": 363 },
        ] });
        let statistics: Statistics = serde_json::from_value(hours).unwrap();
        Day::of(&statistics, "2026-11-27T12:30:00Z".parse().unwrap())
    }

    fn shown(connection: &Connection, words: bool) -> Vec<String> {
        let mut page = Page::default();
        let view = View {
            parts: false,
            words,
            width: Width::UNLIMITED,
        };
        let until = LicenseState::Valid(Some("2027-03-01".to_owned()));
        show(&mut page, connection, Some(&day()), &until, view);
        page.lines.into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn the_day_is_told_with_its_hours_and_its_delay() {
        let lines = shown(&Connection::fixture(&json!({})), false);
        assert_eq!(
            lines,
            [
                "    last day  8 files, 3.0 kB, 3 files not wanted",
                "    per hour  ······················▂█ (7 at most)",
                "    delay     4 min 12 s from the bucket to Central; 95% take 6 min 3 s at most",
                "    licence   valid until 2027-03-01",
            ]
        );
        let lines = shown(&Connection::fixture(&json!({})), true);
        assert!(lines[1].ends_with("0, 0, 1, 7"), "{}", lines[1]);
    }

    #[test]
    fn what_is_outside_the_list_is_told_with_the_accounts() {
        let organization = json!({ "id": "o-abcdefghij", "managementAccountId": "111122223333" });
        let all = Connection::fixture(&json!({ "organization": organization }));
        let lines = shown(&all, false);
        assert!(
            lines[3].ends_with("all of organization o-abcdefghij"),
            "{}",
            lines[3]
        );
        let some = json!({ "organization": organization, "accounts": ["111122223333"] });
        let lines = shown(&Connection::fixture(&some), false);
        assert!(lines[0].ends_with("8 files, 3.0 kB"), "{}", lines[0]);
        assert!(lines[3].contains("3 files"), "{}", lines[3]);
    }

    #[test]
    fn a_licence_is_wrong_only_if_it_is_known_to_be() {
        let ended = LicenseState::Ended("2026-01-01".to_owned());
        let until = LicenseState::Valid(Some("2999-01-01".to_owned()));
        for (license, wrong, expected) in [
            (
                until,
                false,
                json!({ "state": "valid", "endDate": "2999-01-01" }),
            ),
            (
                LicenseState::Valid(None),
                false,
                json!({ "state": "valid" }),
            ),
            (LicenseState::Missing, true, json!({ "state": "missing" })),
            (
                ended,
                true,
                json!({ "state": "ended", "endDate": "2026-01-01" }),
            ),
            (
                LicenseState::CannotTell("?".to_owned()),
                false,
                json!({ "state": "unknown" }),
            ),
        ] {
            assert_eq!(
                licence_check(&license, String::new()).is_some(),
                wrong,
                "{license:?}"
            );
            assert_eq!(licence_json(&license), expected);
        }
    }
}
