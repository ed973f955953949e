//! Signs of life: what the program waits for, while it waits. People on a terminal see lines that are redrawn in place and go away
//! with the answer. Elsewhere a line is added for each attempt that takes long.

use std::{
    collections::BTreeSet,
    pin::pin,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use super::{
    Printer,
    calls::{self, Wait},
    layout::{Width, wrap},
    live::Line,
    t,
};

/// How long a wait is not worth a line that goes away again. With the time between two looks, a line is there within a second.
const SOON: Duration = Duration::from_millis(600);

/// How long a wait is not worth a line that stays.
const LATE: Duration = Duration::from_secs(5);

/// The time between two looks.
const TICK: Duration = Duration::from_millis(200);

/// How many hosts are shown at the same time.
const HOSTS: usize = 3;

/// How much further a line is indented where it goes on.
const HANG: usize = 2;

/// What stands on the terminal.
struct Signs {
    /// Questions that are open: nothing may be drawn beside them.
    questions: usize,
    /// How many rows there is room for.
    room: usize,
    line: Option<Line>,
}

static SIGNS: Mutex<Signs> = Mutex::new(Signs {
    questions: 0,
    room: usize::MAX,
    line: None,
});

fn signs() -> MutexGuard<'static, Signs> {
    SIGNS.lock().expect("nobody panics while holding it")
}

/// Does some work, and shows meanwhile what it waits for.
pub(crate) async fn during<T>(printer: Printer, work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    let mut said = BTreeSet::new();
    loop {
        tokio::select! {
            done = &mut work => return done,
            () = tokio::time::sleep(TICK) => look(printer, &mut said),
        }
    }
}

fn look(printer: Printer, said: &mut BTreeSet<(String, u32)>) {
    if printer.live {
        redraw(printer.width());
    } else if signs().questions == 0 {
        for line in unsaid(said, &calls::waits(LATE), printer.words) {
            printer.say(&line);
        }
    }
}

/// Keeps the lines to so many rows, where a screen takes up the others.
pub(crate) fn within(rows: usize) {
    signs().room = rows;
}

/// A question is open until this is dropped.
pub(crate) struct Question(());

impl Question {
    #[must_use]
    pub(crate) fn open() -> Self {
        let mut signs = signs();
        signs.questions += 1;
        signs.line = None;
        Self(())
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        signs().questions -= 1;
    }
}

/// Takes the lines away if nothing is waited for.
pub(super) fn refresh() {
    let mut signs = signs();
    if signs.line.is_some() && calls::waits(SOON).is_empty() {
        signs.line = None;
    }
}

/// Takes the lines away until the next look, so that other lines can come before them.
pub(super) fn make_room() {
    signs().line = None;
}

fn redraw(width: Width) {
    let waits = calls::waits(SOON);
    let mut signs = signs();
    if waits.is_empty() || signs.questions > 0 {
        signs.line = None;
        return;
    }
    let lines = waits.iter().take(HOSTS).map(|wait| line(wait, false));
    let text = wrap(&lines.collect::<Vec<_>>().join("\n"), width, HANG);
    let text: Vec<&str> = text.lines().take(signs.room).collect();
    let line = signs.line.get_or_insert_with(|| Line::add("{msg}"));
    line.bar.set_message(text.join("\n"));
}

/// The lines for waits that were not told before, each attempt once.
fn unsaid(said: &mut BTreeSet<(String, u32)>, waits: &[Wait], words: bool) -> Vec<String> {
    waits
        .iter()
        .filter(|wait| said.insert((wait.whom.clone(), wait.attempt)))
        .map(|wait| line(wait, words))
        .collect()
}

/// A wait in one line; with `words` without a mark.
fn line(wait: &Wait, words: bool) -> String {
    let mut parts = vec![t!("waiting-for", whom = wait.whom)];
    match wait.attempts {
        Some(most) if wait.attempt > 1 => {
            parts.push(t!("waiting-attempt-of", number = wait.attempt, most = most));
        }
        None if wait.attempt > 1 => parts.push(t!("waiting-attempt", number = wait.attempt)),
        _ => {}
    }
    if let Some(proxy) = &wait.proxy {
        parts.push(t!("waiting-proxy", proxy = proxy));
    }
    let seconds = (wait.time + Duration::from_millis(500)).as_secs();
    parts.push(match wait.longest {
        Some(longest) => t!(
            "waiting-seconds-most",
            number = seconds,
            most = longest.as_secs()
        ),
        None => t!("waiting-seconds", number = seconds),
    });
    let mark = if words { "" } else { "… " };
    format!("  {mark}{}", parts.join(" · "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(whom: &str, attempt: u32, millis: u64) -> Wait {
        Wait {
            whom: whom.to_owned(),
            proxy: None,
            attempt,
            attempts: None,
            time: Duration::from_millis(millis),
            longest: None,
        }
    }

    #[test]
    fn a_wait_names_host_attempt_proxy_and_seconds() {
        let mut one = wait("api.example.com", 1, 600);
        let text = "  … waiting for api.example.com · 1 s";
        assert_eq!(line(&one, false), text);
        one = wait("api.example.com", 3, 12_400);
        one.proxy = Some("proxy.example.com:3128".to_owned());
        assert_eq!(
            line(&one, true),
            "  waiting for api.example.com · attempt 3 · proxy proxy.example.com:3128 · 12 s"
        );
        one.proxy = None;
        one.attempts = Some(4);
        one.longest = Some(Duration::from_secs(120));
        assert_eq!(
            line(&one, true),
            "  waiting for api.example.com · attempt 3 of 4 · 12 s of 120 s at most"
        );
    }

    #[test]
    fn what_a_host_is_called_cannot_act_on_the_terminal() {
        let text = line(&wait("a\u{1b}[2J\nb", 1, 0), false);
        assert!(!text.contains(['\u{1b}', '\n']), "{text:?}");
    }

    #[test]
    fn where_lines_stay_each_attempt_is_told_once() {
        let mut said = BTreeSet::new();
        let mut told = |waits: &[Wait]| unsaid(&mut said, waits, true).len();
        assert_eq!(told(&[wait("one", 1, 5000), wait("two", 1, 5000)]), 2);
        assert_eq!(told(&[wait("one", 1, 9000), wait("two", 2, 9000)]), 1);
        assert_eq!(told(&[]), 0);
        assert_eq!(told(&[wait("one", 1, 6000)]), 0);
    }
}
