//! What `setup` does with the alarms.

use std::collections::BTreeMap;

use super::{
    change::Change,
    state::{Observed, State, Topic, Which},
};
use crate::{
    connection::{Arn, Design, Kind, Named, Ownership},
    resources::{
        planned::{Across, Journal, Planned},
        seen::{Mark, Owner, Seen},
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
    let mut unseen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for which in Which::BOTH {
        let denied = of_alarm(&mut planned, design, which, seen.of(which), journal);
        if let Some(action) = denied {
            unseen.entry(action).or_default().push(which.name(design));
        }
    }
    for (action, names) in unseen {
        let (count, names) = (names.len(), names.join(", "));
        let finding = t!(
            "finding-alarm-denied",
            count = count,
            names = names,
            action = action
        );
        planned.findings.push((Kind::Alarm, finding));
    }
    let creates = |step: &Step<Change>| matches!(step.change(), Some(Change::Create(_)));
    if planned.steps.iter().any(creates) {
        planned.notes.push(t!("note-alarm-cost"));
    }
    planned
}

/// Plans what is done with one of the alarms. Returns the action that the caller lacks if that leaves the alarm out.
fn of_alarm(
    planned: &mut Planned<Change>,
    design: &Design,
    which: Which,
    seen: &Seen<State>,
    journal: Journal<'_>,
) -> Option<&'static str> {
    let arn = which.arn(design);
    let mut reason = None;
    let does = match seen {
        Seen::Absent => Change::Create(which).into(),
        Seen::Denied(action)
        | Seen::There(State {
            owner:
                Owner {
                    mark: Mark::Denied(action),
                    ..
                },
            ..
        }) => {
            if !journal.believed(Kind::Alarm, &arn) {
                // `PutMetricAlarm` would replace an alarm of somebody else.
                return Some(*action);
            }
            planned.denied(journal, Kind::Alarm, &arn, action)
        }
        Seen::There(state) => {
            planned.must_be_ours(&state.owner.mark, &arn);
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
    None
}

/// Looks whether CloudWatch can reach the topic. What cannot work is refused if this run names the topic; of a connection that is
/// there already, it is named. What cannot be told is a remark.
fn of_topic(planned: &mut Planned<Change>, design: &Design, arn: &Arn, seen: &Seen<Topic>) {
    // An alarm cannot publish with the key of SNS itself, whose policy nobody can change (AWS re:Post Knowledge Center, "How can I
    // configure a CloudWatch alarm with an encrypted SNS topic?").
    let aws_managed = |key: &&String| key.ends_with("alias/aws/sns");
    let wrong = match seen {
        Seen::Absent => Some(t!("alarm-topic-absent", arn = arn)),
        Seen::There(topic) => {
            let key = topic.key.as_ref().filter(aws_managed);
            if key.is_none() {
                planned.notes.extend(doubts(design, arn, topic));
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

/// What may keep the alarms from reaching a topic. The policy of a customer's key must let CloudWatch use it (SNS developer guide,
/// "Managing Amazon SNS encryption keys and costs": event sources from AWS services); it is not among what `setup` reads.
fn doubts(design: &Design, arn: &Arn, topic: &Topic) -> Vec<String> {
    let mut doubts = Vec::new();
    if !topic.lets_in {
        doubts.push(t!(
            "note-alarm-topic-policy",
            arn = arn,
            account = design.account
        ));
    }
    if let Some(key) = &topic.key {
        doubts.push(t!("note-alarm-topic-key", arn = arn, key = key));
    }
    doubts
}
