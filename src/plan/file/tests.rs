//! Plan files are read as long as their major version is known, and whatever has moved is found.

use serde_json::{Value, json};

use super::*;
use crate::ui::Code;

const FIRST: &str = include_str!("../../../tests/data/plan-1.0.json");
const SECOND: &str = include_str!("../../../tests/data/plan-1.1.json");
const LATER: &str = include_str!("../../../tests/data/plan-1.9.json");

fn first() -> PlanFile {
    read("plan.json", FIRST, Purpose::Setup).unwrap()
}

fn second() -> PlanFile {
    read("plan.json", SECOND, Purpose::Setup).unwrap()
}

fn refused(text: &str) -> String {
    let failure = read("plan.json", text, Purpose::Setup).unwrap_err();
    assert_eq!(failure.code, Code::Usage);
    assert!(failure.message.starts_with("--plan: "), "{failure:?}");
    failure.message
}

/// What has moved, in short, if this is done to the plan that is made anew.
fn found(begun: bool, change: impl FnOnce(&mut PlanFile)) -> Vec<Moved> {
    let planned = first();
    let mut found = planned.clone();
    change(&mut found);
    moved(&planned, &found, begun)
}

#[test]
fn a_file_of_each_minor_version_is_read_and_written_as_it_was() {
    for (text, steps) in [(FIRST, 3), (SECOND, 5)] {
        let plan = read("plan.json", text, Purpose::Setup).unwrap();
        assert_eq!(plan.connection.name.as_str(), "production");
        assert_eq!(plan.steps.len(), steps);
        let same: Value = serde_json::from_str(text).unwrap();
        let written: Value = serde_json::from_str(&plan.to_text()).unwrap();
        assert_eq!(written.to_string(), same.to_string());
    }
    assert_eq!(second().version, VERSION);
}

#[test]
fn fields_of_a_later_minor_version_are_ignored() {
    let mut later = read("plan.json", LATER, Purpose::Setup).unwrap();
    assert_eq!(later.version, "1.9");
    later.version = VERSION.to_owned();
    assert_eq!(later, second());
}

#[test]
fn another_major_version_is_refused_and_named() {
    for version in ["2.0", "0.9", "10.0", "1", "1.x", "one.0", ""] {
        let mut plan: Value = serde_json::from_str(FIRST).unwrap();
        plan["version"] = version.into();
        let message = refused(&plan.to_string());
        assert!(message.contains("version"), "{version}: {message}");
    }
    for text in ["", "[]", "{", "{}", "{\"version\": 1.0}"] {
        refused(text);
    }
}

#[test]
fn a_file_without_a_field_is_refused_and_the_field_is_named() {
    let whole: Value = serde_json::from_str(FIRST).unwrap();
    let optional = ["function", "cost"];
    for field in whole.as_object().unwrap().keys() {
        let mut plan = whole.clone();
        plan.as_object_mut().unwrap().shift_remove(field);
        match read("plan.json", &plan.to_string(), Purpose::Setup) {
            Ok(_) => assert!(optional.contains(&field.as_str()), "{field}"),
            Err(failure) => assert!(failure.message.contains(field.as_str()), "{failure:?}"),
        }
    }
}

#[test]
fn values_that_cannot_be_are_refused() {
    for (field, value) in [
        ("account", json!("1")),
        ("region", json!("$(id)")),
        ("purpose", json!("destroy")),
        ("partition", json!("elsewhere")),
        ("steps", json!([{ "action": "burn" }])),
    ] {
        let mut plan: Value = serde_json::from_str(FIRST).unwrap();
        plan[field] = value;
        refused(&plan.to_string());
    }
    let removal = read("plan.json", FIRST, Purpose::Remove).unwrap_err();
    assert!(removal.message.contains("sophos-ct setup"), "{removal:?}");
}

#[test]
fn nothing_in_a_file_acts_on_whoever_looks_at_it() {
    let mut plan = first();
    plan.notes = vec!["\u{1b}[2J\u{202e}".to_owned()];
    let text = plan.to_text();
    assert!(text.is_ascii(), "{text}");
    assert_eq!(read("plan.json", &text, Purpose::Setup).unwrap(), plan);
}

#[test]
fn the_same_plan_has_not_moved() {
    for begun in [false, true] {
        assert_eq!(found(begun, |_| {}), []);
        let reworded = |plan: &mut PlanFile| plan.steps[1].reason = Some("other words".to_owned());
        assert_eq!(found(begun, reworded), []);
    }
}

#[test]
fn a_document_that_was_changed_has_moved_even_if_it_means_the_same() {
    let changes: [fn(&mut Document); 4] = [
        |one| one.before.as_mut().unwrap()["Statement"][0]["Effect"] = "Deny".into(),
        |one| one.before = None,
        |one| {
            let before = one.before.as_mut().unwrap();
            before["Statement"] = before["Statement"][0].clone();
        },
        |one| one.after.as_mut().unwrap()["Statement"][1]["Action"] = "s3:*".into(),
    ];
    for change in changes {
        for begun in [false, true] {
            let moved = found(begun, |plan| change(&mut plan.documents[0]));
            let [moved] = &moved[..] else {
                panic!("{moved:?}");
            };
            assert_eq!(moved.kind, Kind::BucketPolicyStatement);
            assert_eq!(moved.arn, "arn:aws:s3:::example-logs");
        }
    }
    let readable = found(false, |plan| plan.documents[1].unread = None);
    assert_eq!(readable[0].how, How::Sight { found: true });
}

#[test]
fn a_document_that_was_to_stay_is_shown_with_what_is_to_become_of_it() {
    // Fewer use it than when the removal was planned.
    let mut planned = first();
    planned.documents[0].writes = false;
    planned.documents[0].after = None;
    let stays = planned.documents[0].before.clone();
    assert!(stays.is_some());
    let mut found = planned.clone();
    found.documents[0].writes = true;
    let moved = moved(&planned, &found, true);
    let [moved] = &moved[..] else {
        panic!("{moved:?}");
    };
    let goes = How::After {
        planned: stays,
        found: None,
    };
    assert_eq!(moved.how, goes);
}

#[test]
fn a_step_that_differs_has_moved() {
    let changes: [fn(&mut PlanFile); 6] = [
        |plan| plan.steps[0].action = Action::Delete,
        |plan| plan.steps[0].arn.push('x'),
        |plan| plan.steps[0].kind = Kind::Topic,
        |plan| plan.steps[0].ids.push("another".to_owned()),
        |plan| {
            plan.steps.remove(0);
        },
        |plan| {
            let mut further = plan.steps[0].clone();
            further.kind = Kind::Trail;
            plan.steps.push(further);
        },
    ];
    for change in changes {
        assert!(!found(false, change).is_empty());
    }
    let written = |plan: &mut PlanFile| plan.steps[1].action = Action::Modify;
    assert!(!found(true, written).is_empty());
}

/// What has moved if this is done to the steps of the plan that is made anew.
fn of_steps(begun: bool, change: impl FnOnce(&mut Vec<Line>)) -> Vec<How> {
    let planned = second();
    let mut found = planned.clone();
    change(&mut found.steps);
    let moved = moved(&planned, &found, begun);
    moved.into_iter().map(|one| one.how).collect()
}

#[test]
fn a_setting_that_was_changed_is_named_with_what_was_planned_and_what_is_found() {
    let changed = |name: &str, planned: Value, found: Value| How::Setting {
        name: name.to_owned(),
        planned: Some(planned),
        found: Some(found),
    };
    for begun in [false, true] {
        // The step would still be made, and would overwrite it.
        let retention = of_steps(begun, |steps| {
            steps[3].settings[0].before = Some(json!(7));
        });
        let expected = changed("RetentionInDays", json!(365), json!(7));
        assert_eq!(retention, [expected]);
        // Nothing would be done about it.
        let timeout = of_steps(begun, |steps| {
            steps[4].settings[0].before = Some(json!(900));
            steps[4].settings[0].after = Some(json!(900));
        });
        assert_eq!(timeout, [changed("Timeout", json!(120), json!(900))]);
        // It would be mended: the setting says more than the step.
        let mended = of_steps(begun, |steps| {
            steps[4].settings[0].before = Some(json!(900));
            steps[4].action = Action::Modify;
        });
        assert_eq!(mended, [changed("Timeout", json!(120), json!(900))]);
        let added = of_steps(begun, |steps| {
            let mut further = steps[4].settings[0].clone();
            further.name = "Environment.THEIRS".to_owned();
            steps[4].settings.push(further);
        });
        assert!(matches!(&added[..], [How::Setting { planned: None, .. }]));
    }
    let left = of_steps(false, |steps| {
        steps[3].settings[0].after = Some(json!(60));
    });
    assert!(matches!(&left[..], [How::Left { .. }]), "{left:?}");
    let gone = of_steps(false, |steps| steps[3].settings.clear());
    assert!(matches!(&gone[..], [How::Setting { found: None, .. }]));
}

#[test]
fn a_setting_that_the_plan_has_written_itself_has_not_moved() {
    let written = |steps: &mut Vec<Line>| {
        steps[3].settings[0].before = Some(json!(30));
        steps[3].action = Action::Keep;
        let role = &mut steps[0];
        role.action = Action::Keep;
        for setting in &mut role.settings {
            setting.before.clone_from(&setting.after);
        }
        // Who governs the account tags what is made in it.
        let mut further = role.settings[2].clone();
        further.name = "Tags.cost-centre".to_owned();
        role.settings.push(further);
    };
    assert_eq!(of_steps(true, written), []);
    assert!(!of_steps(false, written).is_empty());
    // Somebody has changed it since.
    let changed = of_steps(true, |steps| {
        written(steps);
        steps[0].settings[2].before = Some(json!("others"));
    });
    assert_eq!(changed.len(), 1, "{changed:?}");
}

#[test]
fn what_one_of_both_may_not_read_is_not_compared_and_a_file_of_version_1_0_has_no_settings() {
    let read = of_steps(false, |steps| {
        let tag = &mut steps[4].settings[1];
        tag.unread = None;
        tag.before = Some(json!("security"));
    });
    assert_eq!(read, []);
    // Names of tags that the plan does not know are not new.
    let listed = of_steps(false, |steps| {
        let mut further = steps[4].settings[1].clone();
        further.unread = None;
        further.before = Some(json!("1"));
        further.after = Some(json!("1"));
        further.name = "Tags.cost-centre".to_owned();
        steps[4].settings.push(further);
    });
    assert_eq!(listed, []);
    let planned = first();
    let found = PlanFile {
        steps: second().steps[..3].to_vec(),
        ..second()
    };
    assert_eq!(moved(&planned, &found, false), []);
}

#[test]
fn whoever_began_to_use_what_a_removal_deletes_is_named_and_fewer_are_no_obstacle() {
    let subscriber = |name: &str| User::Subscriber(name.to_owned());
    let trail = User::Trail("arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs".to_owned());
    let second = User::Connection("second".parse().unwrap());
    let planned = [subscriber("one"), trail.clone()];
    assert!(further(&planned, &planned).is_empty());
    assert!(further(&planned, &planned[1..]).is_empty());
    let found = [trail, second.clone(), subscriber("two")];
    assert_eq!(further(&planned, &found), [&second, &subscriber("two")]);
    // Whoever may not list subscribers counts them.
    let unlisted = |count| [User::Unlisted(count)];
    assert!(further(&planned[..1], &unlisted(1)).is_empty());
    assert!(further(&unlisted(1), &planned[..1]).is_empty());
    assert_eq!(further(&planned[..1], &unlisted(2)).len(), 1);
    let text = serde_json::to_value(&planned).unwrap();
    assert_eq!(text[0], json!({ "subscriber": "one" }));
    assert_eq!(
        serde_json::to_value(second).unwrap(),
        json!({ "connection": "second" })
    );
}

#[test]
fn what_the_plan_itself_has_done_has_not_moved() {
    let done = |plan: &mut PlanFile| {
        plan.steps[0].action = Action::Keep;
        plan.steps[2].action = Action::Keep;
        let document = &mut plan.documents[0];
        document.before = document.after.take();
        document.writes = false;
    };
    assert_eq!(found(true, done), []);
    assert!(!found(false, done).is_empty());
    // Somebody has added a statement since.
    let added = found(true, |plan| {
        done(plan);
        let before = plan.documents[0].before.as_mut().unwrap();
        let statements = before["Statement"].as_array_mut().unwrap();
        statements.push(json!({ "Sid": "Later", "Effect": "Allow" }));
    });
    assert_eq!(added.len(), 1);
    // What was only created is completed.
    let half = |plan: &mut PlanFile| plan.steps[0].action = Action::Modify;
    assert_eq!(found(true, half), []);
    assert!(!found(false, half).is_empty());
}

#[test]
fn what_a_removal_has_deleted_takes_its_documents_along() {
    let mut planned = first();
    planned.steps[1].action = Action::Delete;
    planned.steps.remove(2);
    planned.documents[0].writes = false;
    planned.documents[0].after = None;
    let mut found = planned.clone();
    found.steps.remove(1);
    found.documents.remove(0);
    assert_eq!(moved(&planned, &found, true), []);
}
