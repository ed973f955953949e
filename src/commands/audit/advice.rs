//! The commands that an audit recommends. They look at the same time and choose as the run did, whenever they are pasted.

use jiff::Timestamp;

use super::Audit;
use crate::{audit::screen::Commands, cli::AuditArgs, ui::shell::quoted};

/// Returns the commands.
pub(super) fn commands(audit: &Audit<'_>) -> Commands {
    let since = audit.asked.window.since;
    let paused: &[&str] = match audit.arguments.include_skipped {
        Some(_) => &[],
        None => &["--include-skipped", "paused"],
    };
    // A replay from before the connection was made brings history. Only the command for that may, unless the run did so itself.
    let from = match audit.source.choice.history {
        true => since,
        false => since.max(audit.source.heard_since),
    };
    Commands {
        replay: again(audit, from, &[]),
        history: again(audit, since, &[]),
        unassigned: again(audit, from, &["--include-unassigned"]),
        paused: again(audit, from, paused),
    }
}

/// The words of a replay from then to the end of the time that the run looks at, with the choices of the run and more.
fn again(audit: &Audit<'_>, since: Timestamp, more: &[&str]) -> Vec<String> {
    let arguments = audit.arguments;
    let mut words = audit.app.command("audit", &audit.source.connection.name);
    let (since, until) = (whole(since), whole(audit.asked.window.until));
    words.extend(["--since".to_owned(), since.to_string()]);
    words.extend(["--until".to_owned(), until.to_string()]);
    if arguments.grace != AuditArgs::GRACE {
        words.extend(["--grace".to_owned(), quoted(&arguments.grace)]);
    }
    words.push("--replay".to_owned());
    if arguments.include_skipped.is_some() {
        words.extend(["--include-skipped", "paused"].map(ToOwned::to_owned));
    }
    if arguments.include_unassigned {
        words.push("--include-unassigned".to_owned());
    }
    if arguments.wait != AuditArgs::WAIT {
        words.extend(["--wait".to_owned(), quoted(&arguments.wait)]);
    }
    words.extend(more.iter().map(|word| (*word).to_owned()));
    words
}

/// The first whole second from then on. S3 gives times in whole seconds, so that the same files are before and after it.
fn whole(at: Timestamp) -> Timestamp {
    let passed = i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(at.as_second() + passed).unwrap_or(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_rounded_so_that_no_file_changes_sides() {
        for (at, expected) in [
            ("2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z"),
            ("2026-11-28T12:00:00.000001Z", "2026-11-28T12:00:01Z"),
            ("2026-11-28T12:00:00.9Z", "2026-11-28T12:00:01Z"),
        ] {
            let at: Timestamp = at.parse().unwrap();
            assert_eq!(whole(at).to_string(), expected);
        }
    }
}
