//! No secret appears in any output, log or file, at any verbosity (SPEC 2.5).

use std::{collections::BTreeSet, path::Path};

use crate::{
    invitation::{invitation, invited},
    support::{World, blocking},
};

const EVERYTHING: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

fn files_under(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files_under(&path, text);
        } else {
            text.push_str(&String::from_utf8_lossy(&std::fs::read(&path).unwrap()));
        }
    }
}

#[test]
fn nothing_secret_is_shown_logged_or_written_at_any_verbosity() {
    let world = World::wired();
    let role = world.role(EVERYTHING);
    let account = world.account.as_str();
    let remove = ["remove", "quiet", "--yes", "--confirm-account", account];
    let commands: [&[&str]; 8] = [
        &["doctor"],
        &[
            "plan",
            "quiet",
            "--save-answers",
            "answers.toml",
            "--out",
            "plan.json",
        ],
        &["setup", "quiet", "--yes", "--wait-for-logs"],
        &["setup", "quiet", "--yes"],
        &["status", "quiet"],
        &["list"],
        &["policy", "setup-new", "--name", "quiet"],
        &remove,
    ];
    let mut shown = String::new();
    for (number, command) in commands.iter().enumerate() {
        let log = format!("{number}.log");
        // `-vvv` and more print the same as `-vv`.
        for more in [
            &["--format", "json", "-v"][..],
            &["--format", "text", "-vv"],
            &["--format", "json", "-vvvv", "--log-file", &log],
        ] {
            let words = [command, more].concat();
            let ran = world.command(&words).envs(role.clone()).output().unwrap();
            shown.push_str(&String::from_utf8_lossy(&ran.stdout));
            shown.push_str(&String::from_utf8_lossy(&ran.stderr));
        }
    }
    // A failed run prints the most.
    let wrong = world
        .command(&["setup", "quiet", "--yes", "-vvvv"])
        .envs(role.clone())
        .env("SOPHOS_CENTRAL_CLIENT_SECRET", "a-wrong-secret")
        .env("AWS_SECRET_ACCESS_KEY", "another-wrong-secret")
        .output()
        .unwrap();
    shown.push_str(&String::from_utf8_lossy(&wrong.stderr));
    files_under(world.home(), &mut shown);
    assert!(shown.contains("sophos-ct-quiet"));

    let mut secrets: BTreeSet<String> = world.wire().secrets();
    secrets.extend(role.into_iter().skip(1).map(|(_, value)| value));
    secrets.extend(["a-wrong-secret", "another-wrong-secret"].map(ToOwned::to_owned));
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
    }
}

#[test]
fn the_code_of_an_invitation_is_shown_by_invite_alone() {
    let world = World::wired();
    let made = invitation(&world);
    let code = made["code"].as_str().unwrap();
    let tenant = world.tenant["id"].as_str().unwrap();
    let expect = ["--yes", "--expect-tenant", tenant];
    let mut shown = String::new();
    for (number, (words, by_flag)) in [
        (["plan", "--format", "json", "-v"], true),
        (["plan", "--format", "text", "-vv"], false),
        (["setup", "--format", "json", "-vvvv"], false),
        // The code is used up by then, so that this one is refused.
        (["setup", "--format", "text", "-vvvv"], true),
    ]
    .into_iter()
    .enumerate()
    {
        let log = format!("{number}.log");
        let mut command = invited(
            &world,
            &[&words[..], &expect, &["--log-file", &log]].concat(),
        );
        match by_flag {
            true => command.args(["--code", code]),
            false => command.env("SOPHOS_CT_CODE", code),
        };
        let ran = command.output().unwrap();
        shown.push_str(&String::from_utf8_lossy(&ran.stdout));
        shown.push_str(&String::from_utf8_lossy(&ran.stderr));
    }
    for words in [
        &["invite", "--list"][..],
        &["status", "demo"],
        &["list", "-vv"],
    ] {
        let ran = world.run(words);
        shown.push_str(&(ran.stdout + &ran.stderr));
    }
    let saved = ["plan", "demo", "--save-answers", "answers.toml"];
    shown.push_str(&world.run(&saved).stdout);
    files_under(world.home(), &mut shown);
    assert!(shown.contains("--code -"), "{shown}");
    let mut secrets = world.wire().secrets();
    secrets.insert(code.to_owned());
    for secret in secrets {
        assert!(!shown.contains(&secret), "{secret}");
    }
}

#[test]
fn the_function_logs_each_file_and_no_secret() {
    // The function stores no secrets, but it receives upload URLs and ingest tokens.
    let world = World::new();
    world.setup("loud", &["--wait-for-logs"]).exits(0);
    let events = blocking(async {
        let aws = world.aws().await;
        let events = aws
            .logs
            .filter_log_events()
            .log_group_name("/aws/lambda/sophos-ct-loud");
        events.send().await.unwrap()
    });
    let logged: String = events
        .events()
        .iter()
        .filter_map(|event| event.message())
        .collect();
    assert!(logged.contains("\"Stored\":"), "{logged}");
    for marked in [
        "/upload/",
        "Bearer",
        "Signature",
        "X-Amz-Security-Token",
        "token",
    ] {
        assert!(!logged.contains(marked), "{marked}: {logged}");
    }
}
