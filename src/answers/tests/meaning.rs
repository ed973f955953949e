//! What answers mean once they are given, and what is meant without them.

use std::time::Duration;

use serde_json::json;

use super::{Any, given, given_by, value};
use crate::{
    answers::{Answers, Flags, Origin, Trail, is_variable},
    aws::Caller,
    connection::{AccountId, ConnectionId, Feed, Partition, fixture},
    ui::{Code, t},
};

#[test]
fn without_answers_something_new_is_set_up_for_one_account() {
    let answers = Answers::default();
    assert!(!answers.uses_existing() && !answers.covers_organization());
    assert_eq!(answers.account_list(), None);
    assert_eq!(answers.trusted_hosts(), [""; 0]);
    assert_eq!(answers.wait(false), Duration::from_secs(180));
    assert_eq!(answers.wait(true), Duration::from_secs(1200));
}

#[test]
fn an_answer_wins_over_what_is_meant_without_it() {
    let answers = given(&[
        ("resources", "existing"),
        ("organization", "true"),
        ("accounts", "222222222222,111111111111"),
        ("ingest-host", "a.example.com,b.example.com:8443"),
        ("wait", "90s"),
    ]);
    assert!(answers.uses_existing() && answers.covers_organization());
    let accounts = ["111111111111", "222222222222"];
    let accounts = accounts.map(|account| account.parse::<AccountId>().unwrap());
    assert_eq!(answers.account_list(), Some(accounts.to_vec()));
    let hosts = ["a.example.com", "b.example.com:8443"];
    assert_eq!(answers.trusted_hosts(), hosts);
    for only_a_file in [false, true] {
        assert_eq!(answers.wait(only_a_file), Duration::from_secs(90));
    }
    let answers = given(&[("resources", "new"), ("organization", "false")]);
    assert!(!answers.uses_existing() && !answers.covers_organization());
}

#[test]
fn the_answers_of_step_2_say_how_the_function_hears_of_log_files() {
    let caller = Caller {
        account: "111122223333".parse().unwrap(),
        arn: String::new(),
        partition: Partition::Aws,
    };
    let region = "eu-west-1".parse().unwrap();
    let trail = fixture::their_trail();
    let arn = trail.to_string();
    let feed = |list: &[(&str, &str)]| {
        let name = "demo".parse().unwrap();
        let id = ConnectionId::random();
        given(list).design(id, &name, &caller, &region, false).feed
    };
    let existing = ("resources", "existing");
    let their_trail = ("trail", arn.as_str());
    let some = Some(trail.clone());
    for (list, expected) in [
        (vec![], Feed::New),
        (vec![("resources", "new"), ("trail", "ours")], Feed::New),
        (
            vec![existing, their_trail],
            Feed::Subscribe {
                trail: trail.clone(),
            },
        ),
        (
            vec![existing, their_trail, ("notify", "trail")],
            Feed::Trail { trail },
        ),
        (
            vec![existing, their_trail, ("notify", "bucket")],
            Feed::Bucket {
                trail: some.clone(),
            },
        ),
        (
            vec![existing, ("notify", "bucket")],
            Feed::Bucket { trail: None },
        ),
        (
            vec![existing, their_trail, ("notify", "eventbridge")],
            Feed::EventBridge { trail: some },
        ),
    ] {
        assert_eq!(feed(&list), expected);
    }
}

#[test]
fn only_an_answer_that_fits_is_taken_and_one_from_aws_as_it_is() {
    let mut answers = Answers::default();
    answers.answer("prefix", " audit ", Origin::Prompt).unwrap();
    assert_eq!(value(&answers, "prefix"), Some(json!("audit")));
    answers.load("prefix", " audit ", Origin::Default).unwrap();
    assert_eq!(value(&answers, "prefix"), Some(json!(" audit ")));
    assert_eq!(answers.prefix.origin(), Some(Origin::Default));
    let complaint = t!("invalid-prefix", value = "/audit");
    let refused = answers.load("prefix", "/audit", Origin::Flag);
    assert_eq!(refused, Err(complaint.clone()));
    assert_eq!(
        answers.prefix.answer("/audit", Origin::Flag),
        Err(complaint)
    );
    assert_eq!(value(&answers, "prefix"), Some(json!(" audit ")));
    answers.prefix.answer("logs", Origin::Prompt).unwrap();
    assert_eq!(value(&answers, "prefix"), Some(json!("logs")));
    assert_eq!(answers.prefix.origin(), Some(Origin::Prompt));
}

#[test]
fn only_variables_of_the_catalogue_give_answers() {
    for name in ["SOPHOS_CT_TOPIC", "SOPHOS_CT_LOG_RETENTION_DAYS"] {
        assert!(is_variable(name), "{name}");
    }
    for name in ["SOPHOS_CT_TOPICS", "TOPIC", "sophos_ct_topic", ""] {
        assert!(!is_variable(name), "{name}");
    }
    // An empty variable is none.
    let answers = Answers::collect(&Flags::new(), |_| Some(String::new())).unwrap();
    assert_eq!(answers, Answers::default());
}

#[test]
fn an_existing_trail_that_is_saved_by_its_name_is_refused() {
    let saved = |resources: &str| {
        let settings = json!({ "resources": resources, "trail": "theirs" });
        let mut answers = Answers::default();
        let taken = answers.take_saved(settings.as_object().unwrap());
        taken.map(|()| answers)
    };
    let refused = saved("existing").unwrap_err();
    let complaint = t!("invalid-arn", value = "theirs");
    let unfit = t!("saved-unfit", flag = "trail", complaint = complaint);
    assert_eq!((refused.code, refused.message), (Code::Conflict, unfit));
    // The name of a trail of ours is saved as it is.
    let name = saved("new").unwrap().trail;
    assert!(matches!(name.get(), Some(Trail::Name(_))));
}

#[test]
fn of_a_prepared_connection_step_1_holds_and_everything_else_is_open() {
    let saved = json!({ "organization": false, "bucket": "theirs", "resources": "existing" });
    let saved = saved.as_object().unwrap();
    let mut answers = given(&[("topic", "ours"), ("resources", "new")]);
    answers.take_prepared(saved).unwrap();
    assert_eq!(answers.organization.origin(), Some(Origin::Saved));
    assert_eq!(value(&answers, "resources"), Some(json!("new")));
    assert_eq!(value(&answers, "bucket"), None);
    let mut other = given(&[("organization", "true"), ("org-id", "o-abcdefghij")]);
    let refused = other.take_prepared(saved).unwrap_err();
    assert_eq!(refused.code, Code::CannotChange);
    for flag in ["--organization", "--org-id"] {
        assert!(refused.message.contains(flag), "{refused}");
    }
}

#[test]
fn only_answers_of_the_wanted_keys_are_kept() {
    let answers = given(&[("topic", "ours"), ("account", "111122223333")]);
    let kept = answers.only(&["account"]);
    assert_eq!(value(&kept, "account"), Some(json!("111122223333")));
    assert_eq!(value(&kept, "topic"), None);
}

#[test]
fn the_log_has_each_answer_with_its_origin() {
    let mut answers = given_by("prompt");
    answers.topic.answer("alerts", Origin::Flag).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::DEBUG)
        .with_writer(file.reopen().unwrap())
        .finish();
    tracing::subscriber::with_default(subscriber, || answers.trace());
    let log = std::fs::read_to_string(file.path()).unwrap();
    let given = answers.each().filter(|(_, answer)| answer.is_given());
    assert_eq!(log.lines().count(), given.count(), "{log}");
    let mut lines = log.lines();
    let topic = lines.find(|line| line.contains("alerts")).unwrap();
    assert!(topic.contains("topic") && topic.contains("Flag"), "{topic}");
}
