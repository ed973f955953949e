//! What the connection's alarms say, if it has any. Whether they are as planned is checked with the other parts.

use super::{about::About, check::Check, evidence::Evidence};
use crate::{
    resources::{
        alarm::{
            Which,
            state::{Says, State},
        },
        seen::Mark,
    },
    ui::t,
};

/// A check for each alarm that is ours.
pub(super) fn checks(evidence: &Evidence<'_>) -> Vec<Check> {
    let ours = |which: Which| {
        let state = evidence.observed.alarm.of(which).there()?;
        (state.owner.mark == Mark::Ours).then(|| check(which, state))
    };
    Which::BOTH.into_iter().filter_map(ours).collect()
}

fn check(which: Which, state: &State) -> Check {
    let (ok, says) = match state.says {
        Says::Ok => (Some(true), t!("status-alarm-ok")),
        Says::Alarm => (Some(false), t!("status-alarm-off")),
        Says::NothingYet => (None, t!("status-alarm-nothing-yet")),
    };
    let detail = match state.acts {
        true => says,
        false => t!("status-alarm-muted", says = says),
    };
    let (about, fix) = match which {
        Which::Failures => (About::AlarmFailures, t!("fix-alarm-failures")),
        Which::Silence => (About::AlarmSilence, t!("fix-alarm-silence")),
    };
    Check::new(about, ok, detail).fix(fix)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::resources::seen::{Owner, Seen};

    fn state(says: Says, acts: bool) -> State {
        State {
            owner: Owner {
                mark: Mark::Ours,
                stack: None,
                tags: Seen::Absent,
            },
            found: BTreeMap::new(),
            drift: Vec::new(),
            says,
            acts,
            tells: Vec::new(),
        }
    }

    #[test]
    fn an_alarm_that_has_gone_off_is_wrong_and_one_that_has_not_judged_tells_nothing() {
        for (says, ok) in [
            (Says::Ok, Some(true)),
            (Says::Alarm, Some(false)),
            (Says::NothingYet, None),
        ] {
            for which in Which::BOTH {
                let found = check(which, &state(says, true));
                assert_eq!((found.ok, found.fix.is_some()), (ok, ok == Some(false)));
                let muted = check(which, &state(says, false));
                assert_eq!(muted.ok, ok);
                assert!(muted.detail.contains(&found.detail), "{}", muted.detail);
            }
        }
    }
}
