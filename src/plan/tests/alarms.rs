//! The alarms in each state that can be seen of them. They are there only if an answer names a topic.

use super::world::{journal, manifest, nothing, whole};
use crate::{
    connection::{Design, Feed, Kind, Named, Resources, fixture},
    plan::{
        claims,
        removal::{Others, removal},
        setup,
    },
    resources::{
        alarm::Which,
        families::Observed,
        planned::Wishes,
        seen::{Mark, Seen},
        step::IfDenied,
    },
    ui::t,
};

const PAGER: &str = "arn:aws:sns:eu-west-1:111122223333:pager";

fn with_alarms() -> Design {
    let mut design = fixture::design(Feed::New);
    design.alarm = Some(PAGER.parse().unwrap());
    design
}

/// What is planned for the alarms.
#[derive(Debug, Default, PartialEq)]
struct Planned {
    /// Actions, with reasons.
    steps: Vec<String>,
    conflicts: Vec<String>,
    findings: Vec<String>,
    notes: Vec<String>,
}

impl Planned {
    fn steps(steps: [&str; 2]) -> Self {
        Self {
            steps: steps.map(ToOwned::to_owned).to_vec(),
            ..Self::default()
        }
    }
}

fn planned(design: &Design, seen: &Observed, manifest: Option<&Resources>) -> Planned {
    let plan = setup(design, seen, journal(manifest));
    let steps = plan.steps.iter().filter(|step| step.kind() == Kind::Alarm);
    let steps = steps.map(|step| {
        let then = if step.writes() {
            IfDenied::Name
        } else {
            IfDenied::Stop
        };
        assert_eq!(step.if_denied, then, "{step:?}");
        match &step.reason {
            Some(reason) => format!("{} ({reason})", step.action().as_str()),
            None => step.action().as_str().to_owned(),
        }
    });
    Planned {
        steps: steps.collect(),
        conflicts: plan.conflicts,
        findings: plan.findings.into_iter().map(|(_, text)| text).collect(),
        notes: plan.notes,
    }
}

#[test]
fn alarms_that_are_absent_or_differ_are_set_up_and_others_stay() {
    let design = with_alarms();
    let mut seen = whole(&design);
    assert_eq!(planned(&design, &seen, None), Planned::steps(["keep"; 2]));
    if let Seen::There(alarm) = &mut seen.alarm.failures {
        alarm.drift = vec!["Period", "Threshold"];
    }
    let mended = Planned::steps(["modify (Period, Threshold)", "keep"]);
    assert_eq!(planned(&design, &seen, None), mended);
    seen.alarm.silence = Seen::Absent;
    let created = Planned {
        notes: vec![t!("note-alarm-cost")],
        ..Planned::steps(["modify (Period, Threshold)", "create"])
    };
    assert_eq!(planned(&design, &seen, None), created);
    // Without an answer there are none.
    let without = fixture::design(Feed::New);
    let found = planned(&without, &whole(&without), None);
    assert_eq!(found, Planned::default());
}

#[test]
fn an_alarm_of_somebody_else_is_a_conflict() {
    let design = with_alarms();
    let arn = Which::Silence.arn(&design);
    for mark in [Mark::None, Mark::Other("another".to_owned())] {
        let mut seen = whole(&design);
        if let Seen::There(alarm) = &mut seen.alarm.silence {
            alarm.owner.mark = mark.clone();
        }
        let refused = vec![mark.complaint(&arn).unwrap()];
        let found = planned(&design, &seen, None);
        assert_eq!(found.conflicts, refused);
        let recorded = manifest(&design);
        let (wishes, others) = (Wishes::default(), Others::default());
        let removed = removal(&design, &seen, &recorded, wishes, &others);
        assert_eq!(removed.conflicts, refused);
    }
}

#[test]
fn alarms_that_cannot_be_seen_are_named_and_cost_nothing_else() {
    let design = with_alarms();
    let action = "cloudwatch:DescribeAlarms";
    let mut hidden = whole(&design);
    hidden.alarm.failures = Seen::Denied(action);
    hidden.alarm.silence = Seen::Denied(action);
    let found = planned(&design, &hidden, None);
    let names = Which::BOTH.map(|which| which.name(&design));
    let unseen = |count: usize, names: &str, action: &str| {
        t!(
            "finding-alarm-denied",
            count = count,
            names = names,
            action = action
        )
    };
    // Both are named at once.
    let expected = Planned {
        findings: vec![unseen(2, &names.join(", "), action)],
        ..Planned::default()
    };
    assert_eq!(found, expected);
    // Of a connection that is set up, they are believed to be there.
    let recorded = manifest(&design);
    let arns = Which::BOTH.map(|which| which.arn(&design));
    let notes = arns
        .each_ref()
        .map(|arn| t!("note-denied", arn = arn, action = action));
    let believed = Planned {
        notes: notes.to_vec(),
        ..Planned::steps(["keep"; 2])
    };
    assert_eq!(planned(&design, &hidden, Some(&recorded)), believed);
    let mut unmarked = whole(&design);
    let tags = "cloudwatch:ListTagsForResource";
    if let Seen::There(alarm) = &mut unmarked.alarm.silence {
        alarm.owner.mark = Mark::Denied(tags);
    }
    unmarked.alarm.failures = Seen::Denied(action);
    let [failures, silence] = &names;
    assert_eq!(
        planned(&design, &unmarked, None).findings,
        [unseen(1, failures, action), unseen(1, silence, tags)]
    );
}

#[test]
fn a_topic_that_no_alarm_can_reach_is_refused_where_it_is_named_and_told_later() {
    let mut named = with_alarms();
    named.given.insert(Named::Alarm);
    let key = "alias/aws/sns";
    let encrypted = t!("alarm-topic-key", arn = PAGER, key = key);
    let absent = t!("alarm-topic-absent", arn = PAGER);
    for (wrong, gone) in [(absent, true), (encrypted, false)] {
        let mut seen = whole(&named);
        if gone {
            seen.alarm.topic = Seen::Absent;
        } else if let Seen::There(topic) = &mut seen.alarm.topic {
            topic.key = Some(key.to_owned());
        }
        let found = planned(&named, &seen, None);
        assert_eq!(
            (found.conflicts, found.findings),
            (vec![wrong.clone()], vec![])
        );
        let found = planned(&with_alarms(), &seen, None);
        assert_eq!((found.conflicts, found.findings), (vec![], vec![wrong]));
    }
    let mut seen = whole(&named);
    if let Seen::There(topic) = &mut seen.alarm.topic {
        topic.lets_in = false;
    }
    let note = t!(
        "note-alarm-topic-policy",
        arn = PAGER,
        account = named.account
    );
    assert_eq!(planned(&named, &seen, None).notes, [note]);
    // The policy of a customer's key is not read, whatever the key is called by.
    for key in [
        "alias/ours",
        "arn:aws:kms:eu-west-1:111122223333:key/1234",
        "alias/aws/sns-of-ours",
    ] {
        if let Seen::There(topic) = &mut seen.alarm.topic {
            topic.lets_in = true;
            topic.key = Some(key.to_owned());
        }
        let found = planned(&named, &seen, None);
        let note = t!("note-alarm-topic-key", arn = PAGER, key = key);
        assert_eq!((found.notes, found.conflicts), (vec![note], vec![]));
    }
    let action = "sns:GetTopicAttributes";
    seen.alarm.topic = Seen::Denied(action);
    let note = t!("note-alarm-topic-denied", arn = PAGER, action = action);
    assert_eq!(planned(&named, &seen, None).notes, [note]);
}

#[test]
fn remove_deletes_the_alarms_that_the_manifest_names_and_that_are_there() {
    let design = with_alarms();
    let recorded = manifest(&design);
    let removed = |design: &Design, seen: &Observed, manifest: &Resources| {
        let (wishes, others) = (Wishes::default(), Others::default());
        let plan = removal(design, seen, manifest, wishes, &others);
        let steps = plan.steps.iter().filter(|step| step.kind() == Kind::Alarm);
        let deleted: Vec<String> = steps.map(|step| step.arn.clone()).collect();
        (deleted, plan.conflicts)
    };
    let mut seen = whole(&design);
    // In the reverse order of `setup`, family by family.
    let both = Which::BOTH.map(|which| which.arn(&design)).to_vec();
    assert_eq!(removed(&design, &seen, &recorded), (both, vec![]));
    seen.alarm.failures = Seen::Absent;
    let one = vec![Which::Silence.arn(&design)];
    assert_eq!(removed(&design, &seen, &recorded), (one, vec![]));
    let unknown = Resources::default();
    let nobodys = (vec![], vec![]);
    assert_eq!(removed(&design, &seen, &unknown), nobodys);
    assert_eq!(removed(&design, &nothing(), &recorded), nobodys);
    let action = "cloudwatch:DescribeAlarms";
    seen.alarm.silence = Seen::Denied(action);
    let arn = Which::Silence.arn(&design);
    let hidden = t!("conflict-denied", arn = arn, action = action);
    assert_eq!(removed(&design, &seen, &recorded), (vec![], vec![hidden]));
}

#[test]
fn only_a_connection_with_alarms_can_claim_them() {
    let design = with_alarms();
    let recorded = manifest(&design);
    assert_eq!(claims::foreign(&design, &recorded), [""; 0]);
    let without = fixture::design(Feed::New);
    assert_eq!(claims::foreign(&without, &recorded).len(), 2);
}
