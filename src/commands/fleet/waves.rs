//! Waves: rows of one account are planned and carried out one after another, so that each plan sees what the rows before it have
//! left. Rows of different accounts run at the same time.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    looked::{self, Row},
    member::Member,
    outcome::{Outcome, Word},
    show,
    verb::Verb,
    whole::Fleet,
};
use crate::{
    connection::{AccountId, ConnectionName},
    plan::file::Purpose,
    ui::{Code, Exit, Failure, Result, t},
};

/// Looks at every row before anything is changed, and then goes from wave to wave: show, ask, carry out. `advice` is said once.
pub(super) async fn run<V: Verb>(
    fleet: &Fleet<'_>,
    verb: &V,
    advice: impl Future<Output = Option<String>>,
) -> Result<Exit> {
    let mut order: Vec<usize> = (0..fleet.members.len()).collect();
    if V::PURPOSE == Purpose::Remove {
        order.reverse();
    }
    let (rows, mut advice) = tokio::join!(looked::look(fleet, verb, order), advice);
    let (mut wave, waiting) = split(&fleet.members, rows);
    let mut waves = Waves {
        fleet,
        verb,
        waiting,
        outcomes: BTreeMap::new(),
        failed: BTreeMap::new(),
    };
    let mut later = false;
    loop {
        looked::show(fleet, V::PURPOSE, &wave, waves.waiting.len())?;
        if later && looked::is_any_open(&wave) {
            waves.tell_of_failures();
        }
        if let Some(advice) = advice.take() {
            fleet.app.printer.warn(&advice);
        }
        if looked::is_any_open(&wave) {
            if let Err(failure) = waves.agree(later).await {
                waves.settle(looked::left(fleet, wave));
                return waves.declined(failure, later);
            }
            waves.carry_out(wave).await;
            later = true;
        } else {
            waves.settle(looked::left(fleet, wave));
        }
        let next = waves.take_next();
        if next.is_empty() || fleet.app.gently.asked().is_some() {
            break;
        }
        wave = looked::look(fleet, verb, next).await;
        if fleet.app.gently.asked().is_some() {
            waves.settle(looked::left(fleet, wave));
            break;
        }
    }
    show::ended(fleet.app, &waves.outcomes())
}

/// Which rows come first, in the order of the file, and which wait for one of their account. A refusal that no other row can cure
/// does not wait. `rows` are in the order in which they run.
fn split(members: &[Member], rows: Vec<Row>) -> (Vec<Row>, Vec<usize>) {
    let mut open: BTreeSet<&AccountId> = BTreeSet::new();
    let (mut first, mut waiting) = (Vec::new(), Vec::new());
    for row in rows {
        let account = &members[row.number].account;
        if open.contains(account) && !row.looked.is_final() {
            waiting.push(row.number);
            continue;
        }
        if row.looked.is_open() {
            open.insert(account);
        }
        first.push(row);
    }
    first.sort_by_key(|row| row.number);
    (first, waiting)
}

/// How far a run has come.
struct Waves<'a, V> {
    fleet: &'a Fleet<'a>,
    verb: &'a V,
    /// Rows that were not planned yet, by their numbers, in the order in which they run.
    waiting: Vec<usize>,
    outcomes: BTreeMap<usize, Outcome>,
    /// Accounts in which a row has failed, with its connection: their next rows are not begun.
    failed: BTreeMap<AccountId, ConnectionName>,
}

impl<V: Verb> Waves<'_, V> {
    async fn agree(&self, later: bool) -> Result<()> {
        let app = self.fleet.app;
        if app.globals.yes {
            return Ok(());
        }
        // While nothing runs, a signal ends the run at once.
        app.gently.end();
        self.verb.agree(later).await
    }

    async fn carry_out(&mut self, wave: Vec<Row>) {
        let begun = wave.iter().filter(|row| row.looked.is_open());
        let begun: Vec<usize> = begun.map(|row| row.number).collect();
        let outcomes = looked::carry_out(self.fleet, self.verb, wave).await;
        if V::PURPOSE == Purpose::Setup {
            let failed = outcomes.iter();
            let failed = failed.filter(|(number, one)| begun.contains(number) && one.is_failed());
            let failed = failed.map(|(_, one)| (one.account.clone(), one.name.clone()));
            self.failed.extend(failed);
        }
        self.settle(outcomes);
    }

    /// Says which rows have failed so far, and why: whoever is asked about the next ones should know.
    fn tell_of_failures(&self) {
        let app = self.fleet.app;
        for outcome in self.outcomes.values().filter(|one| one.is_failed()) {
            app.printer.failure(&show::told(outcome), false);
        }
    }

    fn settle(&mut self, outcomes: Vec<(usize, Outcome)>) {
        self.outcomes.extend(outcomes);
    }

    /// Takes the next row of each account out of those that wait, in the order of the file. Those of an account in which one has
    /// failed are not begun.
    fn take_next(&mut self) -> Vec<usize> {
        let members = &self.fleet.members;
        let mut accounts: BTreeSet<&AccountId> = BTreeSet::new();
        let mut next = Vec::new();
        for number in std::mem::take(&mut self.waiting) {
            let member = &members[number];
            if let Some(failed) = self.failed.get(&member.account) {
                self.outcomes
                    .insert(number, Outcome::behind(member, failed));
            } else if accounts.insert(&member.account) {
                next.push(number);
            } else {
                self.waiting.push(number);
            }
        }
        next.sort_unstable();
        next
    }

    /// Ends a run whose plans nobody has agreed to. What was planned, and what was done before, is shown all the same.
    fn declined(self, failure: Failure, later: bool) -> Result<Exit> {
        if !later && (failure.code != Code::Declined || failure.back) {
            return Err(failure);
        }
        let failure = match failure.back {
            true => Failure::new(Code::Declined, t!("fleet-declined")),
            false => failure,
        };
        let failure = match later {
            true => failure.hinted(t!("fleet-go-on")),
            false => failure,
        };
        let app = self.fleet.app;
        app.printer.failure(&failure, false);
        show::ended(app, &self.outcomes())?;
        Ok(failure.exit())
    }

    /// What has become of every row, in the order of the file.
    fn outcomes(mut self) -> Vec<Outcome> {
        let members = self.fleet.members.iter().enumerate();
        let outcomes = members.map(|(number, member)| {
            let outcome = self.outcomes.remove(&number);
            outcome.unwrap_or_else(|| Outcome::new(member, Word::Planned))
        });
        outcomes.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::fleet::looked::Looked;

    fn member(account: &str, name: &str) -> Member {
        Member {
            line: 2,
            account: account.parse().unwrap(),
            role: None,
            external_id: None,
            session_tags: Vec::new(),
            region: None,
            tenant: None,
            name: name.parse().unwrap(),
            answers: crate::answers::Flags::new(),
        }
    }

    /// Three rows, of which two are of one account.
    fn members() -> [Member; 3] {
        let (one, other) = ("111122223333", "444455556666");
        [member(one, "a"), member(other, "b"), member(one, "c")]
    }

    fn open() -> Looked {
        let plan = std::path::PathBuf::new();
        Looked::Unproved { plan }
    }

    fn refused(code: Code) -> Looked {
        let failure = Failure::new(code, "why");
        Looked::Refused(Outcome::failed(&members()[0], &failure))
    }

    /// The numbers of the rows that come first and of those that wait. `order`: the order in which they run.
    fn order_of(looked: [Looked; 3], order: [usize; 3]) -> (Vec<usize>, Vec<usize>) {
        let rows = looked.into_iter().enumerate();
        let rows = rows.map(|(number, looked)| Row { number, looked });
        let mut rows: Vec<Row> = rows.collect();
        rows.sort_by_key(|row| order.iter().position(|number| *number == row.number));
        let (first, waiting) = split(&members(), rows);
        (first.iter().map(|row| row.number).collect(), waiting)
    }

    #[test]
    fn a_row_waits_for_one_of_its_account_that_is_to_be_run() {
        let all = || [open(), open(), open()];
        assert_eq!(order_of(all(), [0, 1, 2]), (vec![0, 1], vec![2]));
        assert_eq!(order_of(all(), [2, 1, 0]), (vec![1, 2], vec![0]));
    }

    #[test]
    fn a_row_behind_one_that_is_not_run_does_not_wait() {
        let done = Looked::Done(Outcome::new(&members()[0], Word::Unchanged));
        let rows = [done, open(), open()];
        assert_eq!(order_of(rows, [0, 1, 2]), (vec![0, 1, 2], vec![]));
        let rows = [refused(Code::Conflict), open(), open()];
        assert_eq!(order_of(rows, [0, 1, 2]), (vec![0, 1, 2], vec![]));
    }

    #[test]
    fn a_refusal_waits_only_if_the_row_before_it_can_cure_it() {
        for (code, expected) in [
            (Code::Conflict, (vec![0, 1], vec![2])),
            (Code::MissingAnswers, (vec![0, 1], vec![2])),
            (Code::WrongTarget, (vec![0, 1, 2], vec![])),
            (Code::AwsPermission, (vec![0, 1, 2], vec![])),
        ] {
            let rows = [open(), open(), refused(code)];
            assert_eq!(order_of(rows, [0, 1, 2]), expected, "{code:?}");
        }
    }
}
