//! The answers of step 1 mean the same by flag, environment, answers file and question.

use std::io::Write;

use serde_json::{Value, json};

use super::{CONNECTIONS, inviting};
use crate::support::{Ran, World, terminal::Terminal};

const ORGANIZATION: &str = "o-abcdefghij";
const SOME: &str = "111122223333,444455556666";

/// What Central has of a connection, without what differs between connections.
fn saved(world: &World, name: &str) -> Value {
    let summary = world.central(&format!("{CONNECTIONS}?name={name}"));
    let id = summary["items"][0]["id"].as_str().unwrap();
    let whole = world.central(&format!("{CONNECTIONS}/{id}"));
    let of = [
        "awsAccountId",
        "organization",
        "accounts",
        "settings",
        "status",
    ];
    of.iter().map(|field| whole[field].clone()).collect()
}

#[test]
fn flags_environment_file_and_questions_prepare_the_same_connection() {
    let world = World::new();
    let home = tempfile::tempdir().unwrap();
    let account = world.account.as_str();
    let run = |words: &[&str], variables: &[(&str, &str)]| {
        let mut command = inviting(&world, home.path(), words);
        let ran: Ran = command
            .envs(variables.iter().copied())
            .output()
            .unwrap()
            .into();
        ran.exits(0);
    };
    let flags = [
        "invite",
        "--name",
        "flags",
        "--account",
        account,
        "--organization",
    ];
    let more = [
        "--org-id",
        ORGANIZATION,
        "--management-account",
        account,
        "--accounts",
        SOME,
    ];
    run(&[&flags[..], &more].concat(), &[]);
    let variables = [
        ("SOPHOS_CT_NAME", "variables"),
        ("SOPHOS_CT_ACCOUNT", account),
        ("SOPHOS_CT_ORGANIZATION", "true"),
        ("SOPHOS_CT_ORG_ID", ORGANIZATION),
        ("SOPHOS_CT_MANAGEMENT_ACCOUNT", account),
        ("SOPHOS_CT_ACCOUNTS", SOME),
        // An answer of another step is left to whoever is invited.
        ("SOPHOS_CT_BUCKET", "theirs"),
    ];
    run(&["invite"], &variables);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(
        file,
        "name = \"file\"\naccount = \"{account}\"\norganization = true\norg-id = \"{ORGANIZATION}\"\n\
         management-account = \"{account}\"\naccounts = [\"111122223333\", \"444455556666\"]\nbucket = \"theirs\"\n"
    )
    .unwrap();
    run(&["invite", "--answers", file.path().to_str().unwrap()], &[]);

    let command = inviting(&world, home.path(), &["invite"]);
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    let typed = |text: &str| format!("{text}\r");
    for (question, keys) in [
        ("? AWS account that", typed(account)),
        ("? Name of the", typed("questions")),
        ("cover an AWS organization?", "y\r".to_owned()),
        ("? Id of the organization", typed(ORGANIZATION)),
        ("? Management account", typed(account)),
        ("Only those that I choose", "\x1b[B\r".to_owned()),
        ("? Account ids", typed(SOME)),
    ] {
        terminal.answer_list(question, &keys);
    }
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());

    let expected = saved(&world, "flags");
    let organization = json!({ "id": ORGANIZATION, "managementAccountId": account });
    assert_eq!(expected[1], organization);
    for name in ["variables", "file", "questions"] {
        assert_eq!(saved(&world, name), expected, "{name}");
    }
}

#[test]
fn the_default_name_is_that_of_the_account_and_no_organization_is_the_default() {
    let world = World::new();
    let home = tempfile::tempdir().unwrap();
    let words = ["invite", "--account", &world.account, "--format", "json"];
    let mut command = inviting(&world, home.path(), &words);
    let ran: Ran = command.output().unwrap().into();
    let connection = ran.exits(0).json()["connection"].clone();
    assert_eq!(connection["name"], format!("aws-{}", world.account));
    assert_eq!(connection["settings"], json!({ "organization": false }));
    assert!(connection.get("organization").is_none_or(Value::is_null));
}
