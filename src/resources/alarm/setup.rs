//! What `setup` does with the alarms.

use super::{
    change::Change,
    state::{Observed, State, Topic, Which},
};
use crate::{
    connection::{Arn, Design, Kind, Named, Ownership},
    resources::{
        planned::{Across, Journal, Planned},
        seen::{Mark, Seen},
        step::{Does, IfDenied, Step},
    },
    ui::t,
};

/// Plans the steps on the alarms, if an answer names a topic for them.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let Some(topic) = &design.alarm else {
        return planned;
    };
    of_topic(&mut planned, design, topic, &seen.topic);
    for which in Which::BOTH {
        of_alarm(&mut planned, design, which, seen.of(which), journal);
    }
    let creates = |step: &Step<Change>| matches!(step.change(), Some(Change::Create(_)));
    if planned.steps.iter().any(creates) {
        planned.notes.push(t!("note-alarm-cost"));
    }
    planned
}

fn of_alarm(
    planned: &mut Planned<Change>,
    design: &Design,
    which: Which,
    seen: &Seen<State>,
    journal: Journal<'_>,
) {
    let arn = which.arn(design);
    let mut reason = None;
    let does = match seen {
        Seen::Absent => Change::Create(which).into(),
        Seen::Denied(action)
        | Seen::There(State {
            mark: Mark::Denied(action),
            ..
        }) => {
            if !journal.believed(Kind::Alarm, &arn) {
                // `PutMetricAlarm` would replace an alarm of somebody else.
                let unseen = t!("finding-alarm-denied", arn = arn, action = action);
                planned.findings.push((Kind::Alarm, unseen));
                return;
            }
            planned.denied(journal, Kind::Alarm, &arn, action)
        }
        Seen::There(state) => {
            planned.must_be_ours(&state.mark, &arn);
            if state.drift.is_empty() {
                Does::Keep(Kind::Alarm)
            } else {
                reason = Some(state.drift.join(", "));
                Change::Mend(which).into()
            }
        }
    };
    let step = Step::new(does, &arn).because(reason);
    let step = match step.writes() {
        true => step.if_denied(IfDenied::Name),
        false => step,
    };
    planned.add(step, Ownership::Created, Some(&design.region));
}

/// Looks whether CloudWatch can reach the topic. What cannot work is refused if this run names the topic; of a connection that is
/// there already, it is named.
fn of_topic(planned: &mut Planned<Change>, design: &Design, arn: &Arn, seen: &Seen<Topic>) {
    // No AWS service can publish with this key, whose policy nobody can change (SNS developer guide, "Configuring Amazon SNS
    // encryption").
    let aws_managed = |key: &&String| key.ends_with("alias/aws/sns");
    let wrong = match seen {
        Seen::Absent => Some(t!("alarm-topic-absent", arn = arn)),
        Seen::There(topic) => {
            let key = topic.key.as_ref().filter(aws_managed);
            if key.is_none() && !topic.lets_in {
                let note = t!(
                    "note-alarm-topic-policy",
                    arn = arn,
                    account = design.account
                );
                planned.notes.push(note);
            }
            key.map(|key| t!("alarm-topic-key", arn = arn, key = key))
        }
        Seen::Denied(action) => {
            let note = t!("note-alarm-topic-denied", arn = arn, action = action);
            planned.notes.push(note);
            None
        }
    };
    let Some(wrong) = wrong else { return };
    if design.given.contains(&Named::Alarm) {
        planned.conflicts.push(wrong);
    } else {
        planned.findings.push((Kind::Alarm, wrong));
    }
}
