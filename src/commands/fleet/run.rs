//! The run of one member: this very program, in that account. Credentials go into its environment, never into its command line.

use std::{
    process::{Output, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tokio::{io::AsyncReadExt, process::Command};

use super::{member::Member, whole::Fleet};
use crate::{
    answers::{CATALOGUE, Entry},
    aws::error::AwsError,
    commands::session,
    ui::{Code, Failure, Result, progress::Running, t},
};

/// Set for the run of a member.
pub(in crate::commands) const MEMBER: &str = "SOPHOS_CT_FLEET_MEMBER";

/// The name of the sessions in the members' accounts.
const SESSION: &str = "sophos-ct";

/// Flags of the fleet's own run that a member has in another form, or not at all.
const NOT_INHERITED: [&str; 12] = [
    "ACCESSIBLE",
    "CLIENT_SECRET_FILE",
    "CODE",
    "COLOR",
    "FORMAT",
    "LOG_FILE",
    "NO_INPUT",
    "PROFILE",
    "REGION",
    "SANDBOX",
    "TENANT",
    "YES",
];

/// How the run of a member has ended.
pub(super) struct Ended {
    pub(super) code: i32,
    /// What it has printed.
    pub(super) document: Value,
}

/// Waits until the fleet's run that has started this process is gone; for ever, if none has.
pub(in crate::commands) async fn orphaned() {
    if std::env::var_os(MEMBER).is_none() {
        return std::future::pending().await;
    }
    let mut stdin = tokio::io::stdin();
    let mut byte = [0];
    // Nothing is ever written to it: it ends with the process at its other end.
    while stdin.read(&mut byte).await.is_ok_and(|read| read > 0) {}
}

/// Runs the program in a member's account, and shows that with a line of its own. `judge` says what has become of it, and
/// `is_fine` how the line ends.
pub(super) async fn run<T>(
    fleet: &Fleet<'_>,
    member: &Member,
    label: &str,
    words: &[String],
    judge: impl FnOnce(Result<Ended>) -> T,
    is_fine: impl FnOnce(&T) -> bool,
) -> T {
    let line = fleet.app.progress().step(label);
    let found = judge(ended(fleet, member, words, &line).await);
    match is_fine(&found) {
        true => line.done(),
        false => line.failed(),
    }
    found
}

async fn ended(
    fleet: &Fleet<'_>,
    member: &Member,
    words: &[String],
    line: &Running,
) -> Result<Ended> {
    let mut command = command(fleet, member, words)?;
    command.envs(credentials(fleet, member).await?);
    let mut child = command.spawn()?;
    // As long as it is open, the member knows that this process is there.
    let alive = child.stdin.take();
    let output = match fleet.app.printer.live {
        // The line itself moves as long as it runs.
        true => child.wait_with_output().await?,
        false => watched(line, child.wait_with_output()).await?,
    };
    drop(alive);
    let code = output.status.code().unwrap_or(-1);
    match serde_json::from_slice(&output.stdout) {
        Ok(document) => Ok(Ended { code, document }),
        Err(_) => Err(unreadable(code, &output)),
    }
}

fn command(fleet: &Fleet<'_>, member: &Member, words: &[String]) -> Result<Command> {
    let app = fleet.app;
    let mut command = Command::new(std::env::current_exe()?);
    let region = member.region.as_ref().unwrap_or(&fleet.aws.region);
    command.args(words).arg(format!("--region={region}"));
    command.args(["--format=json", "--no-input", "--color=never"]);
    if let Some(language) = session::said("--lang", "SOPHOS_CT_LANG") {
        command.arg(format!("--lang={language}"));
    }
    let globals = app.settled();
    let as_caller = member.role.is_none() && !globals.sandbox;
    if let Some(profile) = globals.profile.filter(|_| as_caller) {
        command.arg(format!("--profile={profile}"));
    }
    // The sandbox ignores what the environment says of AWS and Central.
    for (name, _) in std::env::vars_os().filter(|_| globals.sandbox) {
        let of_both = ["AWS_", "SOPHOS_CENTRAL_"];
        let text = name.to_string_lossy();
        if of_both.iter().any(|start| text.starts_with(start)) {
            command.env_remove(&name);
        }
    }
    for name in NOT_INHERITED {
        command.env_remove(format!("SOPHOS_CT_{name}"));
    }
    // What the row says holds, whatever the environment says.
    let own = |entry: &&Entry| {
        let of_row = ["name", "account", "save-answers", "expect-account"];
        let of_tenant = entry.key == "expect-tenant" && member.tenant.is_some();
        of_row.contains(&entry.key) || of_tenant || member.answers.contains_key(entry.key)
    };
    for entry in CATALOGUE.iter().filter(own) {
        command.env_remove(entry.variable());
    }
    command
        .envs(fleet.variables.iter().map(|(name, value)| (name, value)))
        .env(MEMBER, "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // Ctrl-C on the terminal is for the fleet's own run.
        .process_group(0);
    if member.role.is_some() {
        command.env_remove("AWS_PROFILE");
    }
    Ok(command)
}

/// Assumes the member's role. Returns its credentials as variables; none for the caller's own account.
async fn credentials(fleet: &Fleet<'_>, member: &Member) -> Result<Vec<(&'static str, String)>> {
    let caller = &fleet.aws.caller;
    let Some(role) = member.role_arn(caller.partition) else {
        return Ok(Vec::new());
    };
    let mut call = fleet
        .aws
        .sts
        .assume_role()
        .role_arn(&role)
        .role_session_name(SESSION)
        .set_external_id(member.external_id.clone());
    for (key, value) in &member.session_tags {
        let tag = aws_sdk_sts::types::Tag::builder().key(key).value(value);
        call = call.tags(tag.build().expect("a tag with key and value"));
    }
    let assumed = call.send().await.map_err(AwsError::of("sts:AssumeRole"));
    let assumed = assumed.map_err(|error| {
        let refused = error.is_denied();
        // The policies of the verbs do not have this action.
        let of_verbs = t!("aws-denied-hint", action = error.action);
        let mut failure = Failure::from(error);
        if refused {
            failure.hints.retain(|hint| *hint != of_verbs);
            let hint = t!("fleet-role-hint", role = role, caller = caller.arn);
            failure = failure.hinted(hint);
        }
        failure
    })?;
    let found = assumed.credentials().ok_or_else(|| {
        let text = t!("fleet-no-credentials", role = role);
        Failure::new(Code::Aws, text)
    })?;
    Ok(vec![
        ("AWS_ACCESS_KEY_ID", found.access_key_id().to_owned()),
        (
            "AWS_SECRET_ACCESS_KEY",
            found.secret_access_key().to_owned(),
        ),
        ("AWS_SESSION_TOKEN", found.session_token().to_owned()),
    ])
}

/// Waits for a member, and says again and again that it is still running.
async fn watched(
    line: &Running,
    output: impl Future<Output = std::io::Result<Output>>,
) -> std::io::Result<Output> {
    const LOOK: Duration = Duration::from_secs(10);
    let begun = Instant::now();
    let mut output = std::pin::pin!(output);
    loop {
        tokio::select! {
            output = &mut output => return output,
            () = tokio::time::sleep(LOOK) => {}
        }
        let seconds = begun.elapsed().as_secs();
        line.tells(&t!("fleet-still", seconds = seconds));
    }
}

/// The failure of a run that has printed no result: its last words on stderr say why.
fn unreadable(code: i32, output: &Output) -> Failure {
    let said = String::from_utf8_lossy(&output.stderr);
    let last = said.trim().lines().last().unwrap_or_default();
    Failure::new(
        Code::Failed,
        t!("fleet-unreadable", code = code, said = last),
    )
}
