//! What `setup` does with the topic and our statement in its policy.

use super::{
    change::Change,
    state::{Observed, State},
};
use crate::{
    connection::{Design, Kind, Named, Ownership},
    policy::{self, Standing},
    resources::{
        planned::{Across, Journal, Planned, whose},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// Plans the steps on the topic and on our statement in its policy, if messages come through a topic.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    if !design.has_topic() {
        Planned::default()
    } else if design.own_topic() {
        own(design, seen, journal)
    } else {
        used(design, seen)
    }
}

/// A topic that was there before us and is only subscribed to.
fn used(design: &Design, seen: &Observed) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.topic_arn();
    if seen.is_absent() {
        let gone = t!("conflict-topic-gone", arn = arn);
        planned.conflicts.push(gone);
    }
    // CloudTrail publishes to the topic already, so the topic's key allows it.
    let step = Step::new(Does::Use(Kind::Topic), arn);
    planned.add(step, Ownership::Used, Some(&design.region));
    planned
}

/// A topic that carries our statement: ours, or one that an answer names.
fn own(design: &Design, seen: &Observed, journal: Journal<'_>) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, region) = (design.topic_arn(), Some(&design.region));
    let mut used = false;
    let (topic, statement) = match seen {
        Seen::Absent => (Change::Create.into(), Change::AddStatement.into()),
        Seen::There(state) => {
            used = journal.is_used(design, Named::Topic, Kind::Topic, &arn, &state.owner.mark);
            if !used {
                planned.must_be_ours(&state.owner.mark, &arn);
            }
            let aws_managed = |key: &&String| key.ends_with("alias/aws/sns");
            if let Some(key) = state.kms_key.as_ref().filter(aws_managed) {
                let key = t!("conflict-topic-key", arn = arn, key = key);
                planned.conflicts.push(key);
            }
            let topic = if used {
                Does::Use(Kind::Topic)
            } else {
                Does::Keep(Kind::Topic)
            };
            (topic, need_of_statement(design, state))
        }
        Seen::Denied(action) => (
            planned.denied(journal, Kind::Topic, &arn, action),
            Does::Keep(Kind::TopicPolicyStatement),
        ),
    };
    planned.add(Step::new(topic, &arn), whose(used), region);
    let ids = design.topic_statement_ids();
    let step = Step::new(statement, &arn).with_ids(ids);
    if used {
        planned.add_part(step, Ownership::Modified, region, Some(false));
    } else {
        planned.add(step, Ownership::Created, region);
    }
    planned
}

/// What our statement in the topic's policy needs.
fn need_of_statement(design: &Design, state: &State) -> Does<Change> {
    let document = state.policy.as_ref();
    match document.map(|document| policy::standing(document, &design.topic_statements())) {
        Some(Standing::AsPlanned) => Does::Keep(Kind::TopicPolicyStatement),
        Some(Standing::Different) => Change::MendStatement.into(),
        Some(Standing::Missing) | None => Change::AddStatement.into(),
    }
}
