//! The sandbox refuses in the recorded situations as AWS did.

use serde_json::Value;
use sophos_ct::testing::AwsError;

use super::{
    RECORDED,
    not_given::{NOT_GIVEN, OTHER_WORDS},
    prepared, situations,
};
use crate::support::{World, blocking};

#[test]
fn the_sandbox_answers_as_aws_was_recorded() {
    let world = World::new();
    blocking(async {
        let aws = world.aws().await;
        prepared::prepare(&aws, &world.account).await;
        let entries: Vec<Value> = serde_json::from_str(RECORDED).unwrap();
        let mut differ = Vec::new();
        let mut asked = 0;
        for entry in &entries {
            let name = name_of(entry);
            let listed = NOT_GIVEN
                .iter()
                .any(|(_, names)| names.contains(&name.as_str()));
            match situations::provoked(&aws, &world.account, &name).await {
                None if listed => {}
                None => differ.push(format!("{name}: neither asked for nor listed")),
                Some(_) if listed => differ.push(format!("{name}: asked for and listed")),
                Some(error) => {
                    asked += 1;
                    differ.extend(difference(entry, &error));
                }
            }
        }
        println!("{asked} situations asked");
        assert!(differ.is_empty(), "{}", differ.join("\n"));
    });
}

/// The name of a recorded situation in the tables.
fn name_of(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    format!(
        "{} {}: {}",
        text("service"),
        text("operation"),
        text("situation")
    )
}

/// How the sandbox's error differs from the recorded one, if it does.
fn difference(entry: &Value, error: &AwsError) -> Option<String> {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    let name = name_of(entry);
    let status = entry["status"].as_u64().unwrap() as u16;
    let same = error.is(text("code"))
        && error.status == Some(status)
        && (OTHER_WORDS.contains(&name.as_str()) || as_recorded(text("message"), &error.message));
    (!same).then(|| {
        format!(
            "{name}: {status} {} {}\n    {:?} {:?} {}",
            text("code"),
            text("message"),
            error.status,
            error.code,
            error.message
        )
    })
}

/// Whether a text matches the recorded one, in which `<…>` stands for anything.
fn as_recorded(recorded: &str, text: &str) -> bool {
    let mut rest = text;
    let mut parts = recorded.split('<').enumerate().map(|(number, part)| {
        if number == 0 {
            part
        } else {
            part.split_once('>').map_or(part, |(_, after)| after)
        }
    });
    parts.all(|part| match rest.find(part) {
        Some(at) => {
            rest = &rest[at + part.len()..];
            true
        }
        None => false,
    })
}
