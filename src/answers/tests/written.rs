//! How answers are read from a file and written out: as a file, as arguments, and in refusals.

use std::io::Write;

use serde_json::json;
use tempfile::NamedTempFile;

use super::{Any, given, given_by, value};
use crate::{
    answers::{Answers, CATALOGUE, Flags, Kept, Origin},
    ui::{Code, Failure, Result, t},
};

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn read(path: &str) -> Result<Answers> {
    let flags = Flags::from([("answers", vec![path.to_owned()])]);
    Answers::collect(&flags, |_| None)
}

/// What is wrong with an answers file of this text, and the file's path.
fn refused(text: &str) -> (String, String) {
    let file = file(text);
    let path = file.path().to_str().unwrap();
    let failure = read(path).unwrap_err();
    assert_eq!(failure.code, Code::Usage);
    (failure.message, path.to_owned())
}

#[test]
fn a_file_of_answers_gives_the_same_answers_again() {
    let answers = given_by("prompt");
    let text = answers.to_file(&"another".parse().unwrap());
    let table: toml::Table = text.parse().unwrap();
    let mut expected: Vec<&str> = CATALOGUE
        .iter()
        .filter(|entry| entry.kept == Kept::Saved)
        .map(|entry| entry.key)
        .chain(["accounts", "name"])
        .collect();
    expected.sort_unstable();
    let mut found: Vec<&str> = table.keys().map(String::as_str).collect();
    found.sort_unstable();
    assert_eq!(found, expected);
    let file = file(&text);
    let again = read(file.path().to_str().unwrap()).unwrap();
    assert_eq!(again.to_settings(), answers.to_settings());
    assert_eq!(again.account_list(), answers.account_list());
    assert_eq!(value(&again, "name"), Some(json!("another")));
    assert_eq!(again.topic.origin(), Some(Origin::File));
}

#[test]
fn what_is_wrong_in_a_file_is_named_with_the_file_and_its_line() {
    for unknown in ["topics", "answers", "save-answers"] {
        let (message, path) = refused(&format!("{unknown} = \"a\"\n"));
        let place = format!("{path}, line 1");
        let complaint = t!("answers-unknown-key", file = place, key = unknown);
        assert_eq!(message, complaint);
    }
    let (message, path) = refused("topic = 7\n");
    let shape = t!("invalid-shape", value = 7);
    assert_eq!(message, format!("{path}, line 1, topic: {shape}"));
    let (message, path) = refused("role = \"ok\"\n\ntopic = \n");
    let start = format!("{path}, line 3: ");
    assert!(message.starts_with(&start), "{message}");
    let (message, path) = refused("days = 99999999999999999999\n");
    let start = format!("{path}, line 1: ");
    assert!(message.starts_with(&start), "{message}");
    // All of it at once.
    let (message, path) = refused("topic = \nrole = \"ok\"\nname \"shop\"\n");
    for line in [1, 3] {
        let line = format!("{path}, line {line}: ");
        assert_eq!(message.matches(&line).count(), 1, "{message}");
    }
    let (message, path) = refused("# mine\ntopic = 7\ntopics = \"a\"\nrole = \"ok\"\n");
    assert!(message.starts_with(&t!("answers-do-not-fit")), "{message}");
    for complaint in [
        format!("{path}, line 2, topic: {shape}"),
        t!(
            "answers-unknown-key",
            file = format!("{path}, line 3"),
            key = "topics"
        ),
    ] {
        assert!(message.contains(&complaint), "{complaint}: {message}");
    }
    assert!(!message.contains(", role"), "{message}");
    let missing = read("/nowhere/answers.toml").unwrap_err();
    assert!(missing.message.starts_with("/nowhere/answers.toml: "));
}

#[test]
fn an_answer_in_a_file_has_to_fit_even_if_a_flag_wins_over_it() {
    let file = file("topic = \"a.fifo\"\n");
    let path = file.path().to_str().unwrap().to_owned();
    let complaint = t!("invalid-topic", value = "a.fifo");
    let expected = format!("{path}, line 1, topic: {complaint}");
    let flags = Flags::from([
        ("answers", vec![path]),
        ("topic", vec!["of-flag".to_owned()]),
    ]);
    let refused = Answers::collect(&flags, |_| None).unwrap_err();
    assert_eq!(refused.message, expected);
}

#[test]
fn arguments_are_words_for_a_shell() {
    let answers = given(&[
        ("organization", "true"),
        ("resources", "new"),
        ("prefix", "audit logs"),
        ("retention-days", "30"),
        ("tag", "team=security,cost=4 2"),
        ("connect-again", "false"),
        ("accept-cost", "true"),
        ("ingest-host", "a.example.com,b.example.com"),
        ("wait", "90s"),
        ("wait-for-logs", "true"),
        ("expect-account", "111122223333"),
    ]);
    let tags = ["--tag", "team=security", "--tag", "'cost=4 2'"];
    let hosts = ["--ingest-host", "a.example.com"];
    let more = ["--ingest-host", "b.example.com"];
    let first = ["--organization", "--resources", "new", "--prefix"];
    let second = ["'audit logs'", "--retention-days", "30"];
    let waits = ["--wait", "90s", "--wait-for-logs"];
    let expected: [&[&str]; 7] = [
        &first,
        &second,
        &tags,
        &["--accept-cost"],
        &hosts,
        &more,
        &waits,
    ];
    assert_eq!(answers.to_arguments(), expected.concat());
    assert_eq!(answers.to_arguments_of(|key| key == "tag"), tags);
}

/// The refusal of a flag that differs from what is saved.
fn changed(flag: &str, text: &str, settings: serde_json::Value) -> Failure {
    let mut answers = given(&[(flag, text)]);
    let refused = answers.take_saved(settings.as_object().unwrap());
    refused.unwrap_err()
}

#[test]
fn a_refusal_shows_what_is_saved_and_what_was_given_as_they_would_be_typed() {
    let role = "arn:aws:iam::111122223333:role/role";
    for (flag, given, settings, saved) in [
        ("topic", "new", json!({ "topic": "old" }), "old".to_owned()),
        (
            "tag",
            "team=c",
            json!({ "tag": ["team=a", "cost=1"] }),
            "team=a,cost=1".to_owned(),
        ),
        (
            "organization",
            "false",
            json!({ "organization": true }),
            "true".to_owned(),
        ),
        ("role-arn", role, json!({}), t!("answer-none")),
    ] {
        let refused = changed(flag, given, settings);
        let fixed = t!("answer-fixed", flag = flag, saved = saved, given = given);
        assert_eq!((refused.code, refused.message), (Code::CannotChange, fixed));
        assert_eq!(refused.hints, [t!("answers-fixed-hint")]);
    }
}

#[test]
fn all_answers_that_cannot_be_changed_are_refused_together() {
    let mut answers = given(&[("topic", "new"), ("role", "same"), ("function", "new")]);
    let settings = json!({ "topic": "old", "role": "same", "function": "old" });
    let refused = answers.take_saved(settings.as_object().unwrap());
    let refused = refused.unwrap_err().message;
    assert!(refused.starts_with(&t!("answers-fixed")), "{refused}");
    for (flag, named) in [
        ("--topic:", true),
        ("--function:", true),
        ("--role:", false),
    ] {
        assert_eq!(refused.contains(flag), named, "{flag}: {refused}");
    }
}
