//! What the types of answers accept, and where they end.

use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::{
    answers::{
        Notify, Source, Trail, Value, fits,
        values::{Accounts, Hosts, LogRetentionDays, RetentionDays, Tags, Wait, parse_duration},
    },
    connection::{
        AccountId, MOST_TAGS,
        names::{BucketName, TopicName},
    },
    ui::t,
};

fn texts(list: &[&str]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn parse<T: Value>(list: &[&str]) -> Result<T, String> {
    T::parse(&texts(list))
}

#[test]
fn a_duration_is_a_whole_number_with_one_unit() {
    for (text, milliseconds) in [
        ("0s", 0),
        ("500ms", 500),
        ("90s", 90_000),
        ("15m", 900_000),
        ("24h", 86_400_000),
        ("2d", 172_800_000),
    ] {
        let expected = Duration::from_millis(milliseconds);
        assert_eq!(parse_duration(text), Some(expected), "{text}");
        let wait = parse::<Wait>(&[text]).unwrap();
        assert_eq!((wait.time, wait.to_string()), (expected, text.to_owned()));
    }
    for text in [
        "",
        "15",
        "m",
        "1.5h",
        "-1s",
        "15 m",
        "15M",
        "1w",
        "1h30m",
        "18446744073709551615s",
        "99999999999999999999ms",
    ] {
        assert_eq!(parse_duration(text), None, "{text}");
        let complaint = t!("invalid-duration", value = text);
        assert_eq!(parse::<Wait>(&[text]), Err(complaint));
    }
}

#[test]
fn log_files_expire_after_one_day_or_more() {
    for days in [1, 365, i32::MAX] {
        let read = RetentionDays::from_json(&days.into()).unwrap();
        assert_eq!(read.days(), days);
        assert_eq!(parse(&[&days.to_string()]), Ok(read));
        assert_eq!(read.to_json(), json!(days));
    }
    for days in [0, -1] {
        let complaint = t!("invalid-days", value = days);
        assert_eq!(
            RetentionDays::from_json(&days.into()),
            Err(complaint.clone())
        );
        assert_eq!(parse::<RetentionDays>(&[&days.to_string()]), Err(complaint));
    }
    let too_many = i64::from(i32::MAX) + 1;
    let complaint = t!("invalid-number", value = too_many);
    assert_eq!(
        RetentionDays::from_json(&too_many.into()),
        Err(complaint.clone())
    );
    assert_eq!(
        parse::<RetentionDays>(&[&too_many.to_string()]),
        Err(complaint)
    );
    let complaint = t!("invalid-number", value = "1.5");
    assert_eq!(parse::<RetentionDays>(&["1.5"]), Err(complaint));
}

#[test]
fn a_log_is_kept_as_many_days_as_cloudwatch_accepts() {
    for days in ["1", "30", "3653"] {
        assert!(parse::<LogRetentionDays>(&[days]).is_ok(), "{days}");
    }
    for days in ["0", "2", "31", "3654"] {
        let complaint = parse::<LogRetentionDays>(&[days]).unwrap_err();
        assert!(complaint.contains(days), "{complaint}");
        assert!(complaint.contains(" 14, 30, 60, "), "{complaint}");
    }
}

#[test]
fn yes_and_no_have_three_words_each() {
    for (words, expected) in [(["true", "1", "yes"], true), (["false", "0", "no"], false)] {
        for word in words {
            assert_eq!(parse(&[word]), Ok(expected), "{word}");
        }
        assert_eq!(bool::from_json(&json!(expected)), Ok(expected));
        assert_eq!(expected.to_json(), json!(expected));
    }
    let complaint = t!("invalid-flag", value = "on");
    assert_eq!(parse::<bool>(&["on"]), Err(complaint));
}

#[test]
fn of_a_single_value_the_last_one_counts_and_blanks_around_it_do_not() {
    let read: TopicName = parse(&["one", " two "]).unwrap();
    assert_eq!(read.as_str(), "two");
    assert_eq!(parse(&["true", "false"]), Ok(false));
    let none = t!("invalid-topic", value = "");
    assert_eq!(parse::<TopicName>(&[]), Err(none));
}

#[test]
fn a_list_may_be_repeated_and_have_commas_lines_and_gaps() {
    let given = ["a.example.com, b.example.com:8443\n", ",", "c.example.com"];
    let read: Hosts = parse(&given).unwrap();
    assert_eq!(
        read.0,
        ["a.example.com", "b.example.com:8443", "c.example.com"]
    );
    let tags: Tags = parse(&["team=security,cost=42", "owner="]).unwrap();
    let pairs = [("team", "security"), ("cost", "42"), ("owner", "")];
    let pairs = pairs.map(|(key, value)| (key.to_owned(), value.to_owned()));
    assert_eq!(Vec::from_iter(tags.pairs()), pairs);
    let saved = json!(["team=security", "cost=42", "owner="]);
    assert_eq!((tags.to_json(), Tags::from_json(&saved)), (saved, Ok(tags)));
    let accounts = ["222222222222 111111111111", "222222222222"];
    let accounts: Accounts = parse(&accounts).unwrap();
    assert_eq!(accounts.to_json(), json!(["111111111111", "222222222222"]));
    let unsorted = json!(["222222222222", "111111111111"]);
    assert_eq!(Accounts::from_json(&unsorted), Ok(accounts));
}

#[test]
fn hosts_have_neither_scheme_nor_path() {
    for host in ["https://a.example.com", "a.example.com/path", "a b"] {
        let complaint = t!("invalid-host", value = host);
        let given = ["ok.example.com", host];
        assert_eq!(parse::<Hosts>(&given), Err(complaint.clone()));
        assert_eq!(Hosts::from_json(&json!(given)), Err(complaint));
    }
}

#[test]
fn there_are_only_so_many_tags_and_each_key_once() {
    let tags = |count: usize| -> Vec<String> { (0..count).map(|n| format!("key{n}=x")).collect() };
    for (given, fits) in [
        (tags(0), true),
        (tags(MOST_TAGS), true),
        (tags(MOST_TAGS + 1), false),
        (texts(&["team=a", "cost=1", "team=b"]), false),
    ] {
        let complaint = (!fits).then(|| t!("invalid-tags", most = MOST_TAGS));
        assert_eq!(Tags::parse(&given).err(), complaint, "{given:?}");
        assert_eq!(Tags::from_json(&json!(given)).err(), complaint, "{given:?}");
    }
    // One complaint names the tag that does not fit.
    let complaint = t!("invalid-tag", value = "aws:team=a");
    assert_eq!(parse::<Tags>(&["team=a", "aws:team=a"]), Err(complaint));
}

#[test]
fn a_value_of_another_shape_is_shown_as_it_was_given() {
    fn refused<T: Value>(value: &Json) {
        let complaint = t!("invalid-shape", value = value);
        assert_eq!(T::from_json(value).err(), Some(complaint));
    }
    for value in [json!(7), json!(true), json!(["topic"]), json!(null)] {
        refused::<TopicName>(&value);
        refused::<AccountId>(&value);
        refused::<Wait>(&value);
    }
    for value in [json!("7"), json!(1.5), json!([7])] {
        refused::<RetentionDays>(&value);
        refused::<LogRetentionDays>(&value);
        refused::<bool>(&value);
    }
    for value in [json!("a=b"), json!(["a=b", 7]), json!({ "a": "b" })] {
        refused::<Tags>(&value);
        refused::<Hosts>(&value);
        refused::<Accounts>(&value);
    }
}

#[test]
fn a_word_that_is_none_of_the_choices_is_answered_with_all_of_them() {
    let source = t!("invalid-choice", value = "old", allowed = "new, existing");
    assert_eq!(parse::<Source>(&["old"]), Err(source));
    let allowed = "trail, bucket, eventbridge";
    let notify = t!("invalid-choice", value = "Bucket", allowed = allowed);
    assert_eq!(parse::<Notify>(&["Bucket"]), Err(notify));
}

#[test]
fn a_prompt_is_told_what_does_not_fit() {
    assert_eq!(fits::<BucketName>("logs"), Ok(()));
    let complaint = t!("invalid-bucket", value = "Logs");
    assert_eq!(fits::<BucketName>("Logs"), Err(complaint));
}

#[test]
fn the_arn_of_a_trail_is_that_of_its_name_alone() {
    let trail = |text: &str| text.parse::<Trail>().unwrap();
    let arn = trail("arn:aws:cloudtrail:eu-west-1:111122223333:trail/theirs");
    let other = trail("arn:aws:cloudtrail:eu-west-1:111122223333:trail/other");
    let name = trail("theirs");
    for (one, of, expected) in [
        (&arn, &name, true),
        (&arn, &arn, true),
        (&name, &name, true),
        (&arn, &trail("other"), false),
        (&arn, &other, false),
        (&name, &trail("other"), false),
        // A name does not say whose trail it is.
        (&name, &arn, false),
    ] {
        assert_eq!(one.is_of(of), expected, "{one} {of}");
    }
    assert_eq!(Trail::any().to_string(), "*");
}
