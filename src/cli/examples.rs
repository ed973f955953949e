//! The examples of each command: help, manual pages and tests take them from here.

use super::PROGRAM;

/// A command line, and what it is for.
#[derive(Debug)]
pub(super) struct Example {
    pub meaning: &'static str,
    /// What follows the name of the program.
    pub words: &'static str,
    /// Whether a test runs it: it writes nothing, and all that it names is there in the test.
    pub runs: bool,
}

impl Example {
    /// The command line as it is typed.
    pub(super) fn line(&self) -> String {
        format!("{PROGRAM} {}", self.words)
    }
}

macro_rules! examples {
    ($($name:literal: [$($kind:ident $words:literal $meaning:literal;)*])*) => {
        /// Each command with its examples. The name of the program itself is empty.
        pub(super) const EXAMPLES: &[(&str, &[Example])] = &[$(
            ($name, &[$(Example {
                meaning: $meaning,
                words: $words,
                runs: examples!(@ $kind),
            }),*])
        ),*];
    };
    (@ run) => { true };
    (@ parse) => { false };
}

examples! {
    "": [
        parse "setup --sandbox" "Try everything on this machine, without AWS or Sophos";
        run "doctor" "Look whether all is ready";
        parse "setup production" "Connect this account";
        run "status production" "See whether logs arrive";
    ]
    "setup": [
        parse "setup production" "Connect this account: questions, plan, confirmation";
        parse "setup production --trail company-trail --resources existing" "Use a trail that is there";
        parse "setup company --organization --save-answers company.toml" "Connect an organization, and keep the answers";
        parse "setup --fleet accounts.csv" "Connect every account of a file";
        parse "setup production --adopt" "Register what a stack has made from the template of plan --as";
        parse "setup production --yes --no-input --expect-account 111122223333" "In a job: no questions, and only in this account";
    ]
    "plan": [
        run "plan production" "What setup would do";
        run "plan production --detailed-exitcode --format json" "In a job: exit code 7 if something is to do";
        run "plan production --out production.json" "For somebody else to approve and apply";
        parse "setup --plan production.json" "Exactly what is in that file, or nothing";
        parse "plan production --as cloudformation" "A template, for those who may not let a program write";
    ]
    "remove": [
        parse "remove production" "Take out what is ours; the log files stay";
        parse "remove production --delete-logs" "Also delete the log files and their bucket";
        parse "remove production --yes --confirm-account 111122223333" "In a job: no questions";
        parse "remove production --without-central" "When access to Central is gone";
        parse "remove --fleet accounts.csv" "From every account of a file";
    ]
    "list": [
        run "list" "Every connection of the tenant";
        run "list --status disconnected" "Those whose forwarder is silent";
        parse "list --all --tenant Example" "For a partner: one customer, with what was deleted";
    ]
    "status": [
        run "status production" "Whether logs arrive, and what is wrong";
        run "status production --parts" "Every part in AWS with its ARN";
        parse "status production --watch" "On a terminal: again and again, until Ctrl-C";
        run "status --all --format json" "In a job, every connection: exit code 8 if something is wrong";
        parse "status --fleet accounts.csv" "Every account of a file";
    ]
    "accounts": [
        run "accounts company" "Which accounts are collected";
        parse "accounts company --add 111122223333,444455556666" "Collect two more";
        parse "accounts company --set @accounts.txt" "Exactly those that a file lists";
        parse "accounts company --all" "All of them, and those that join later";
    ]
    "pause": [
        parse "pause production" "Take no log files for a while";
        parse "pause production --format json" "In a job: the connection as it is then";
    ]
    "resume": [
        parse "resume production" "Take log files again, also those of the pause";
        parse "resume production --format json" "In a job: the connection as it is then";
    ]
    "rename": [
        parse "rename production shop" "Call it shop from here on";
        parse "rename 0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d21 shop" "The same, by its id";
    ]
    "audit": [
        parse "audit production" "Whether Central has every log file of the last 24 hours";
        parse "audit production --since 7d --replay" "Send what is missing again";
        parse "audit production --since 30d --certify --out november.json" "Prove that the logs are complete and unaltered";
        parse "audit --check november.json" "Verify the proof again, without AWS and Central";
    ]
    "policy": [
        run "policy setup-new" "What setup needs to create everything";
        run "policy setup-existing --trail company-trail --notify bucket" "For a trail that is there";
        run "policy fleet" "What --fleet needs to reach every account";
        run "policy audit-certify --name production" "What audit --certify needs";
        run "policy sophos" "The role that Sophos documents";
    ]
    "doctor": [
        run "doctor" "Credentials, permissions, licence and trails";
        parse "doctor --profile production --region eu-west-1" "For another profile and region";
    ]
    "invite": [
        parse "invite shop --account 111122223333" "Prepare a connection, and print the code for it";
        parse "setup --code -" "For whoever is invited: the code is typed";
        run "invite --list" "Invitations that are open";
        parse "invite shop --revoke" "Take the invitation back";
    ]
    "sandbox": [
        parse "sandbox start" "Start AWS and Central on this machine";
        parse "setup --sandbox" "Rehearse in it";
        parse "sandbox reset" "Stop it and forget everything";
    ]
    "sandbox start": [
        parse "sandbox start --with trail" "With a trail that is there already";
        parse "sandbox start --interval 2s --digest-interval 30s" "Log files and signed digests in quick succession";
    ]
    "sandbox stop": [
        parse "sandbox stop" "Stop it; the next command with --sandbox goes on";
    ]
    "sandbox reset": [
        parse "sandbox reset" "Begin with empty accounts";
    ]
    "sandbox status": [
        run "sandbox status" "Where it is";
        run "sandbox status --format json" "Its addresses, for a script";
    ]
    "sandbox verify-central": [
        parse "sandbox verify-central http://localhost:8080" "Try a Central on this machine";
        parse "sandbox verify-central https://api.example.com --yes --allow-host api-eu01.example.com --junit central.xml" "In a job, against a test tenant";
    ]
    "package": [
        parse "package --out forwarder.zip" "The function's code, for aws s3 cp or terraform apply";
        parse "package --out forwarder.zip --forwarder bootstrap" "The same of another build";
    ]
    "schema": [
        run "schema" "What Central's side has to do, as OpenAPI";
        run "schema setup" "The JSON that setup prints";
        run "schema --list" "What there is";
    ]
    "completions": [
        run "completions bash" "In ~/.bashrc: source <(sophos-ct completions bash)";
        run "completions zsh" "In ~/.zshrc: source <(sophos-ct completions zsh)";
        run "completions fish" "In ~/.config/fish/config.fish: sophos-ct completions fish | source";
    ]
    "man": [
        run "man setup" "The page of one command, for man -l -";
        parse "man --out ~/.local/share/man/man1" "All pages, for man sophos-ct-setup";
    ]
}

/// The examples of a command.
#[must_use]
pub(super) fn of(name: &str) -> &'static [Example] {
    let found = EXAMPLES.iter().find(|(command, _)| *command == name);
    found.map(|(_, examples)| *examples).unwrap_or_default()
}

/// What follows the name of the program in each example that a test runs.
#[must_use]
pub fn examples_to_run() -> Vec<&'static str> {
    let examples = EXAMPLES.iter().flat_map(|(_, examples)| *examples);
    let run = examples.filter(|example| example.runs);
    run.map(|example| example.words).collect()
}
