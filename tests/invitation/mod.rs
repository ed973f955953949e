//! Invitations: one side has credentials of Central alone, the other those of the AWS account and a code. Here is how both run the
//! program; the tests are in the parts.

mod answers;
mod consent;
mod killed;
mod limited;
mod refused;
mod round_trip;

use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::support::{Ran, World};

const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";

/// The program as whoever invites runs it: without anything of AWS, in a home of its own.
pub fn inviting(world: &World, home: &Path, words: &[&str]) -> Command {
    let mut command = world.elsewhere(words);
    for variable in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "AWS_ENDPOINT_URL",
        "SOPHOS_CT_FORWARDER",
    ] {
        command.env_remove(variable);
    }
    command
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("HOME", home)
        .current_dir(home);
    command
}

/// The program as whoever is invited runs it: without credentials of Central.
pub fn invited(world: &World, words: &[&str]) -> Command {
    let mut command = world.command(words);
    for variable in ["SOPHOS_CENTRAL_CLIENT_ID", "SOPHOS_CENTRAL_CLIENT_SECRET"] {
        command.env_remove(variable);
    }
    command
}

/// Runs a command as whoever invites.
fn ran_by_inviter(world: &World, words: &[&str]) -> Ran {
    let home = tempfile::tempdir().unwrap();
    inviting(world, home.path(), words).output().unwrap().into()
}

/// Prepares the connection `demo` for the world's account, and returns what `invite` prints.
pub fn invitation(world: &World) -> Value {
    let account = ["--account", &world.account];
    let words = [&["invite", "demo", "--format", "json"], &account[..]].concat();
    ran_by_inviter(world, &words).exits(0).json()
}

fn code(invitation: &Value) -> String {
    invitation["code"].as_str().unwrap().to_owned()
}

fn tenant(world: &World) -> &str {
    world.tenant["id"].as_str().unwrap()
}

/// Sets up with a code from stdin, unattended.
fn accept(world: &World, code: &str) -> Ran {
    let words = ["setup", "--code", "-", "--expect-tenant", tenant(world)];
    let words = [&words[..], &["--yes", "--format", "json"]].concat();
    piped(&mut invited(world, &words), code)
}

/// Runs a command that reads a code from stdin.
fn piped(command: &mut Command, code: &str) -> Ran {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{code}").unwrap();
    child.wait_with_output().unwrap().into()
}

/// The status of the connection `demo`, as Central has it.
fn status(world: &World) -> Value {
    let found = world.central(&format!("{CONNECTIONS}?name=demo"));
    found["items"][0]["status"].clone()
}
