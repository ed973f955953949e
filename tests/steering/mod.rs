//! Steering connections from Central's side: `pause`, `resume`, `rename`, `accounts`, `list`. Here is how a command is run in both
//! languages without AWS; the tests are in the parts.

mod accounts;
mod bench;
mod list;
mod names;
mod pauses;

use serde_json::{Value, json};

use crate::support::{Ran, World};

/// Runs a command without credentials of AWS, in a language.
fn without_aws(world: &World, language: &str, words: &[&str]) -> Ran {
    let mut command = world.command(words);
    command.env("SOPHOS_CT_LANG", language);
    // Nowhere are there credentials, and nobody waits for those of a machine.
    command.env("AWS_EC2_METADATA_DISABLED", "true");
    for variable in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
    ] {
        command.env_remove(variable);
    }
    command.output().unwrap().into()
}

/// Runs a command in English and in Japanese. Each must exit with this code and say this.
#[track_caller]
fn says(world: &World, words: &[&str], code: i32, said: [&str; 2]) {
    for (language, said) in ["en", "ja"].into_iter().zip(said) {
        let ran = without_aws(world, language, words).exits(code);
        let text = ran.stdout + &ran.stderr;
        assert!(text.contains(said), "{words:?} {said}: {text}");
    }
}

/// The status of a connection, and why it is not another one, after a command that must succeed.
#[track_caller]
fn status_after(world: &World, words: &[&str]) -> (String, Value) {
    let words = [words, &["--format", "json"]].concat();
    let connection = without_aws(world, "en", &words).exits(0).json()["connection"].clone();
    let status = connection["status"].as_str().unwrap().to_owned();
    (status, connection["pausedBecause"].clone())
}

/// Saves a connection in Central that nobody has set up, and returns its id.
fn pending(world: &World, name: &str) -> String {
    let id = format!("00000000-0000-4000-8000-{}", world.account);
    let new = json!({
        "name": name, "awsAccountId": world.account, "partition": "aws", "homeRegion": "eu-west-1",
        "mode": "new", "settings": {}, "resources": { "complete": false, "items": [] },
    });
    world.put_connection(&id, &new);
    id
}
