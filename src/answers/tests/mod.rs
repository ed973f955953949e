//! Tests every key of the catalogue with every way to give an answer. The other files test what answers mean, what they accept,
//! whether they fit together, and how they are written.

mod limits;
mod meaning;
mod together;
mod written;

use std::{collections::BTreeMap, io::Write};

use serde_json::{Map, json};
use strum::VariantArray;

use super::{
    catalogue::Entry,
    values::{Accounts, FilePath, Hosts, LogRetentionDays, RetentionDays, Tags, TenantName, Wait},
    *,
};
use crate::{
    aws::Caller,
    connection::{
        ConnectionId, ConnectionName, Partition,
        names::{
            BoundaryArn, BucketName, DeadLetterArn, FunctionName, KeyArn, KeyPrefix,
            OrganizationId, RoleArn, RoleName, RolePath, TopicArn, TopicName,
        },
    },
};

/// A text that fits a type, and one that does not, if there is one.
pub(crate) trait Example {
    const FITS: &str;
    const UNFIT: Option<&str>;
}

macro_rules! examples {
    ($($type:ty: $fits:literal, $unfit:expr;)*) => {$(
        impl Example for $type {
            const FITS: &str = $fits;
            const UNFIT: Option<&str> = $unfit;
        }
    )*};
}

examples! {
    AccountId: "123456789012", Some("12345");
    Accounts: "111122223333,123456789012", Some("12");
    BoundaryArn: "arn:aws:iam::123456789012:policy/bounds", Some("arn:aws:iam::123456789012:role/bounds");
    BucketName: "logs", Some("Logs");
    ConnectionName: "demo", Some("-");
    DeadLetterArn: "arn:aws:sqs:eu-west-1:123456789012:dead", Some("arn:aws:sqs:eu-west-1:123456789012:dead.fifo");
    FilePath: "/tmp/file", None;
    FunctionName: "forwarder", Some("a b");
    Hosts: "a.example.com,b.example.com:8443", Some("https://a.example.com");
    KeyArn: "arn:aws:kms:eu-west-1:123456789012:key/0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21", Some("arn:aws:kms:eu-west-1:123456789012:alias/a");
    KeyPrefix: "audit/logs", Some("/audit");
    LogRetentionDays: "7", Some("8");
    Notify: "eventbridge", Some("events");
    OrganizationId: "o-abcdefghij", Some("abc");
    RetentionDays: "365", Some("0");
    RoleArn: "arn:aws:iam::123456789012:role/path/name", Some("arn:aws:iam::123456789012:role/a b");
    RoleName: "name", Some("a b");
    RolePath: "/path/", Some("path");
    Source: "existing", Some("old");
    Tags: "team=security,cost=42", Some("team=a,team=b");
    TenantName: "a tenant", None;
    TopicArn: "arn:aws:sns:eu-west-1:123456789012:pager", Some("arn:aws:sns:eu-west-1:123456789012:pager.fifo");
    TopicName: "topic", Some("a.fifo");
    Trail: "arn:aws:cloudtrail:eu-west-1:123456789012:trail/theirs", Some("a");
    Wait: "90s", Some("soon");
    bool: "true", Some("maybe");
}

/// Returns each entry of the catalogue with its examples.
fn every() -> impl Iterator<Item = (&'static Entry, &'static str, Option<&'static str>)> {
    let examples = catalogue::examples().into_iter();
    CATALOGUE
        .iter()
        .zip(examples)
        .map(|(entry, (fits, unfit))| (entry, fits, unfit))
}

fn value(answers: &Answers, key: &str) -> Option<serde_json::Value> {
    let mut all = answers.each();
    all.find(|(entry, _)| entry.key == key)?.1.to_json()
}

/// Returns these answers, given by flags.
fn given(list: &[(&str, &str)]) -> Answers {
    let mut answers = Answers::default();
    for (key, text) in list {
        answers.answer(key, text, Origin::Flag).unwrap();
    }
    answers
}

/// Returns all answers, given in one way.
fn given_by(source: &str) -> Answers {
    let mut answers = Answers::default();
    let none = |_: &str| None;
    match source {
        "flags" => {
            let flags = every().map(|(entry, fits, _)| (entry.key, vec![fits.to_owned()]));
            let flags = flags.filter(|(key, _)| *key != "answers");
            answers = Answers::collect(&flags.collect(), none).unwrap();
        }
        "environment" => {
            let variables: BTreeMap<String, &str> = every()
                .filter(|(entry, ..)| entry.key != "answers")
                .map(|(entry, fits, _)| (entry.variable(), fits))
                .collect();
            let variable = |name: &str| variables.get(name).map(ToString::to_string);
            answers = Answers::collect(&Flags::new(), variable).unwrap();
        }
        "prompt" => {
            for (entry, fits, _) in every().filter(|(entry, ..)| entry.key != "answers") {
                answers.answer(entry.key, fits, Origin::Prompt).unwrap();
            }
        }
        "file" => {
            let prompted = given_by("prompt");
            let all = prompted
                .each()
                .filter(|(entry, _)| entry.kept != Kept::Never);
            let all = all.filter_map(|(entry, answer)| Some((entry.key, answer.to_json()?)));
            let table: BTreeMap<&str, serde_json::Value> = all.collect();
            let mut file = tempfile::NamedTempFile::new().unwrap();
            let text = toml::to_string(&table).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let path = file.path().to_str().unwrap().to_owned();
            let flags = Flags::from([("answers", vec![path])]);
            answers = Answers::collect(&flags, none).unwrap();
        }
        "settings" => {
            let settings = given_by("prompt").to_settings();
            answers.take_saved(&settings).unwrap();
        }
        other => panic!("{other}"),
    }
    answers
}

#[test]
fn every_key_means_the_same_by_flag_environment_file_prompt_and_settings() {
    let prompted = given_by("prompt");
    for source in ["flags", "environment", "file", "settings"] {
        let answers = given_by(source);
        for entry in CATALOGUE {
            let comes = match (source, entry.kept) {
                ("settings", kept) => kept == Kept::Saved,
                ("file", kept) => kept != Kept::Never,
                _ => entry.key != "answers",
            };
            if comes {
                let (found, expected) = (value(&answers, entry.key), value(&prompted, entry.key));
                assert_eq!(found, expected, "{source} {}", entry.key);
                assert!(expected.is_some(), "{}", entry.key);
            }
        }
    }
}

#[test]
fn what_does_not_fit_is_refused_by_every_way_and_named() {
    for (entry, _, unfit) in every() {
        let Some(unfit) = unfit else { continue };
        let flags = Flags::from([(entry.key, vec![unfit.to_owned()])]);
        let refused = |refused: Result<Answers>| refused.err().map(|one| one.to_string());
        let by_flag = refused(Answers::collect(&flags, |_| None));
        let flag = format!("--{}: ", entry.key);
        assert!(by_flag.is_some_and(|text| text.contains(&flag)), "{flag}");
        let variable = |name: &str| (name == entry.variable()).then(|| unfit.to_owned());
        let by_variable = refused(Answers::collect(&Flags::new(), variable));
        assert!(by_variable.is_some_and(|text| text.contains(&entry.variable())));
        assert!(
            Answers::default()
                .answer(entry.key, unfit, Origin::Prompt)
                .is_err()
        );
        if entry.kept == Kept::Saved && entry.shape == Shape::Text {
            let settings = Map::from_iter([(entry.key.to_owned(), unfit.into())]);
            let saved = Answers::default().take_saved(&settings).unwrap_err();
            assert_eq!(saved.code, Code::Conflict, "{}", entry.key);
        }
    }
}

#[test]
fn the_earlier_way_wins() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"topic = \"of-file\"\nrole = \"of-file\"\nfunction = \"of-file\"\n")
        .unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    let flags = Flags::from([
        ("answers", vec![path]),
        ("topic", vec!["of-flag".to_owned()]),
    ]);
    let variable = |name: &str| {
        ["SOPHOS_CT_TOPIC", "SOPHOS_CT_ROLE"]
            .contains(&name)
            .then(|| "of-variable".to_owned())
    };
    let mut answers = Answers::collect(&flags, variable).unwrap();
    let settings = json!({ "prefix": "of-settings", "topic": "of-flag", "role": "of-variable", "function": "of-file" });
    answers.take_saved(settings.as_object().unwrap()).unwrap();
    let found = ["topic", "role", "function", "prefix"].map(|key| value(&answers, key).unwrap());
    assert_eq!(found, ["of-flag", "of-variable", "of-file", "of-settings"]);
    assert_eq!(answers.topic.origin(), Some(Origin::Flag));
    assert_eq!(answers.prefix.origin(), Some(Origin::Saved));
}

#[test]
fn only_what_may_change_may_differ_from_what_is_saved() {
    let settings = given_by("prompt").to_settings();
    for (entry, ..) in every().filter(|(entry, ..)| entry.kept == Kept::Saved) {
        let mut answers = Answers::default();
        let other = match entry.shape {
            Shape::Flag => "false",
            Shape::Number => "30",
            Shape::List => "other=1",
            Shape::Text => match entry.key {
                "org-id" => "o-0123456789",
                "management-account" => "999999999999",
                "resources" => "new",
                "notify" => "bucket",
                "role-path" => "/other/",
                "role-arn" => "arn:aws:iam::123456789012:role/other",
                "permissions-boundary" => "arn:aws:iam::123456789012:policy/other",
                "kms-key" => "arn:aws:kms:eu-west-1:123456789012:key/other",
                "dead-letter" => "arn:aws:sqs:eu-west-1:123456789012:other",
                "alarm" => "arn:aws:sns:eu-west-1:123456789012:other",
                _ => "other",
            },
        };
        answers.answer(entry.key, other, Origin::Flag).unwrap();
        let refused = answers.take_saved(&settings).err().map(|one| one.code);
        let expected = (!entry.changeable).then_some(Code::CannotChange);
        assert_eq!(refused, expected, "{}", entry.key);
        // Giving the saved value again is not a change.
        let (_, fits, _) = every().find(|(one, ..)| one.key == entry.key).unwrap();
        let mut answers = Answers::default();
        answers.answer(entry.key, fits, Origin::Flag).unwrap();
        answers.take_saved(&settings).unwrap();
    }
}

#[test]
fn the_name_of_a_saved_trail_is_taken_for_its_arn() {
    let settings = given_by("prompt").to_settings();
    let mut answers = Answers::default();
    answers.answer("trail", "theirs", Origin::Flag).unwrap();
    answers.take_saved(&settings).unwrap();
    assert_eq!(value(&answers, "trail").unwrap(), settings["trail"]);
    assert_eq!(answers.trail.origin(), Some(Origin::Flag));
}

#[test]
fn a_design_is_made_from_answers_and_defaults() {
    let caller = Caller {
        account: "111122223333".parse().unwrap(),
        arn: String::new(),
        partition: Partition::Aws,
    };
    let region = "eu-west-1".parse().unwrap();
    let design = |mut answers: Answers| {
        let name = "demo".parse().unwrap();
        answers.design(ConnectionId::random(), &name, &caller, &region, false)
    };
    let default = design(Answers::default());
    assert_eq!(
        default.bucket.as_str(),
        "sophos-ct-demo-111122223333-eu-west-1"
    );
    assert_eq!(
        (default.trail.as_str(), default.role.as_str()),
        ("sophos-ct-demo", "sophos-ct-demo")
    );
    assert!(default.own_role && default.given.is_empty() && default.saved.is_empty());
    assert_eq!(default.log_retention_days, 30);

    let all = design(given_by("prompt"));
    assert_eq!(
        (all.role_path.as_str(), all.role.as_str()),
        ("/path/", "name")
    );
    assert!(!all.own_role);
    assert_eq!(all.given.len(), crate::connection::Named::VARIANTS.len());
    assert_eq!(
        all.organization.map(|one| one.id).as_deref(),
        Some("o-abcdefghij")
    );
    assert_eq!(all.tags.len(), 2);
    assert_eq!(all.retention_days, Some(365));
}

#[test]
fn arguments_tell_all_but_defaults_and_what_concerned_one_run_alone() {
    let told = given_by("prompt").to_arguments().join(" ");
    for entry in CATALOGUE {
        let flag = format!("--{}", entry.key);
        let there = told.split(' ').any(|word| word == flag);
        let expected = matches!(entry.kept, Kept::Saved | Kept::Told);
        assert_eq!(there, expected, "{flag}");
    }
    let mut answers = Answers::default();
    answers.topic.set("topic".parse().unwrap(), Origin::Default);
    assert_eq!(answers.to_arguments(), [""; 0]);
}
