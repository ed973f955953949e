//! The manual pages, one for each command.

use std::io::Result;

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, italic, line_break, roman},
};

use super::{
    Cli, PROGRAM, examples,
    flags::{OF_INVITE, OF_POLICY, is_of_setup},
    help,
};
use crate::{
    answers::{CATALOGUE, Shape},
    ui::Exit,
};

/// The commands that have a page of their own, as its name ends.
pub(crate) const COMMANDS: [&str; 23] = [
    "setup",
    "plan",
    "remove",
    "list",
    "status",
    "accounts",
    "pause",
    "resume",
    "rename",
    "audit",
    "policy",
    "doctor",
    "invite",
    "sandbox",
    "sandbox-start",
    "sandbox-stop",
    "sandbox-reset",
    "sandbox-status",
    "sandbox-verify-central",
    "package",
    "schema",
    "completions",
    "man",
];

const VARIABLES: [(&str, &str); 12] = [
    (
        "SOPHOS_CENTRAL_CLIENT_ID, SOPHOS_CENTRAL_CLIENT_SECRET",
        "The credentials of Sophos Central. The secret can come from --client-secret-file instead.",
    ),
    (
        "SOPHOS_CENTRAL_ID_URL, SOPHOS_CENTRAL_API_URL",
        "Other hosts of Central: https, or loopback.",
    ),
    (
        "SOPHOS_CT_CODE",
        "The code of an invitation, for setup and plan. It stands in place of Central's credentials.",
    ),
    (
        "SOPHOS_CENTRAL_LICENSE_CODE",
        "The product code of the licence, which Sophos does not publish.",
    ),
    (
        "AWS_PROFILE, AWS_REGION, AWS_ACCESS_KEY_ID and others",
        "What the AWS SDK reads. --profile and --region come first.",
    ),
    (
        "AWS_ENDPOINT_URL",
        "Another endpoint of AWS; a warning names it.",
    ),
    (
        "HTTPS_PROXY, HTTP_PROXY, NO_PROXY",
        "The proxy for everything but loopback.",
    ),
    (
        "LC_ALL, LC_MESSAGES, LANG",
        "The language of messages, if --lang is not given: Japanese or English.",
    ),
    ("NO_COLOR", "No colour, if it is not empty."),
    (
        "ACCESSIBLE",
        "The same as --accessible, if it is not empty.",
    ),
    (
        "TERM",
        "With dumb, nothing is redrawn and nothing has colour.",
    ),
    (
        "SOPHOS_CT_SANDBOX_DIR",
        "The folder of the sandbox's state.",
    ),
];

pub(super) const EXITS: [(Exit, &str); 12] = [
    (Exit::Done, "Done, or nothing to do."),
    (Exit::Failed, "Failed."),
    (
        Exit::Usage,
        "Usage, missing answers, or an unknown connection.",
    ),
    (
        Exit::SignIn,
        "AWS or Central refused the credentials, or there are none.",
    ),
    (Exit::Permission, "A permission or the licence is missing."),
    (
        Exit::Conflict,
        "A conflict: something is there and not ours, or cannot be changed; another account or tenant than expected; or AWS's \
         limit of trails.",
    ),
    (
        Exit::Stopped,
        "Stopped after the first write to AWS, or not everything was removed: run the same command again.",
    ),
    (
        Exit::ChangesPending,
        "plan --detailed-exitcode: there is something to do.",
    ),
    (
        Exit::Unhealthy,
        "Set up, but not healthy, or not yet; or audit found missing files.",
    ),
    (
        Exit::Declined,
        "Declined at a question, or answers saved to go on later.",
    ),
    (Exit::Interrupted, "Stopped by Ctrl-C."),
    (Exit::Terminated, "Stopped by SIGTERM."),
];

const FILES: [(&str, &str); 2] = [
    (
        "FILE.toml",
        "An answers file: a line for each answer, whose key is the flag without dashes. --save-answers writes it, --answers reads \
         it.",
    ),
    (
        "$XDG_CACHE_HOME/sophos-ct, or ~/.cache/sophos-ct",
        "The sandbox and its emulator. Outside the sandbox nothing is kept on this machine: Central holds answers and progress.",
    ),
];

/// The order of the first flag that every command takes: after a command's own, and after `--help`.
const AFTER_OWN: usize = 1000;

/// Returns the page of a command of [`COMMANDS`], or of the program itself.
pub(crate) fn page(command: Option<&str>) -> Result<Vec<u8>> {
    let file = format!("{}.1", page_name(command));
    let mut pages = pages()?.into_iter();
    let found = pages.find(|(name, _)| *name == file);
    Ok(found.map(|(_, page)| page).unwrap_or_default())
}

/// Returns each page with the name of its file.
pub(crate) fn pages() -> Result<Vec<(String, Vec<u8>)>> {
    let mut program = shown(help::command());
    program.build();
    let mut pages = Vec::new();
    add(&program, "", &mut pages)?;
    Ok(pages)
}

/// `clap_mangen` leaves out the help of flags that short help does not show, and lists flags by their order alone: those that
/// every command takes come last.
fn shown(command: Command) -> Command {
    let command = command.mut_args(|arg| {
        let order = arg.get_display_order();
        let arg = arg.hide_short_help(false);
        if arg.is_global_set() {
            arg.display_order(AFTER_OWN + order)
        } else {
            arg
        }
    });
    command.mut_subcommands(shown)
}

fn add(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) -> Result<()> {
    // An empty date would be left out, and what follows would take its place.
    let man = Man::new(command.clone())
        .date(" ")
        .source(format!("{PROGRAM} {}", crate::VERSION))
        .manual(PROGRAM);
    pages.push((man.get_filename(), render(&man, command, name)?));
    for subcommand in command.get_subcommands().filter(|one| !one.is_hide_set()) {
        let path = format!("{name} {}", subcommand.get_name());
        add(subcommand, path.trim_start(), pages)?;
    }
    Ok(())
}

fn render(man: &Man, command: &Command, name: &str) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    synopsis(command).to_writer(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    ending(name).to_writer(&mut page)?;
    Ok(page)
}

/// How the command is called, as its usage says. The flags stand in sections of their own.
fn synopsis(command: &Command) -> Roff {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage:").trim();
    let rest = usage.strip_prefix(name).unwrap_or(usage);
    let mut page = Roff::new();
    page.control("SH", ["SYNOPSIS"]);
    page.text([bold(name), roman(rest)]);
    page
}

/// The sections that are not about flags.
fn ending(name: &str) -> Roff {
    let mut page = Roff::new();
    page.control("SH", ["ENVIRONMENT"]);
    page.text([roman(
        "A variable that is empty counts as not set. A flag comes before its variable.",
    )]);
    for (variable, meaning) in variables(name) {
        entry(&mut page, &variable, &meaning);
    }
    page.control("SH", ["EXIT STATUS"]);
    for (exit, meaning) in EXITS {
        entry(&mut page, &(exit as u8).to_string(), meaning);
    }
    page.control("SH", ["FILES"]);
    for (file, meaning) in FILES {
        page.control("TP", []);
        page.text([italic(file)]);
        page.text([roman(meaning)]);
    }
    page.control("SH", ["EXAMPLES"]);
    for example in examples::of(name) {
        page.control("PP", []);
        page.text([roman(example.meaning), line_break(), bold(example.line())]);
    }
    page.control("SH", ["SEE ALSO"]);
    page.text([roman(others(name))]);
    page
}

/// The variables of a command, each with its meaning: of answers, of the global flags, and others.
fn variables(name: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let used = |key: &str| match name {
        "setup" | "plan" => is_of_setup(key),
        "invite" => OF_INVITE.contains(&key),
        "policy" => OF_POLICY.contains(&key),
        _ => false,
    };
    for entry in CATALOGUE.iter().filter(|entry| used(entry.key)) {
        all.push((entry.variable(), same_as(entry.key, entry.shape)));
    }
    let command = Cli::command();
    for arg in command.get_arguments() {
        let variable = arg.get_env().map(|variable| variable.to_string_lossy());
        if let (Some(variable), Some(flag)) = (variable, arg.get_long()) {
            let shape = match arg.get_action().takes_values() {
                true => Shape::Text,
                false => Shape::Flag,
            };
            all.push((variable.into_owned(), same_as(flag, shape)));
        }
    }
    let others = VARIABLES.iter();
    all.extend(others.map(|(name, meaning)| ((*name).to_owned(), (*meaning).to_owned())));
    all
}

/// The meaning of a flag's variable.
fn same_as(flag: &str, shape: Shape) -> String {
    match shape {
        Shape::Flag => format!("The same as --{flag}, if it is true."),
        Shape::List => format!("The same as --{flag}; several are separated by commas."),
        Shape::Text | Shape::Number => format!("The same as --{flag}."),
    }
}

fn entry(page: &mut Roff, term: &str, meaning: &str) {
    page.control("TP", []);
    page.text([bold(term)]);
    page.text([roman(meaning)]);
}

fn others(name: &str) -> String {
    let own = name.replace(' ', "-");
    let commands = COMMANDS.into_iter().map(Some);
    let others = std::iter::once(None)
        .chain(commands)
        .filter(|other| other.unwrap_or_default() != own);
    let pages: Vec<String> = others
        .map(|other| format!("{}(1)", page_name(other)))
        .collect();
    pages.join(", ")
}

fn page_name(command: Option<&str>) -> String {
    match command {
        Some(command) => format!("{PROGRAM}-{command}"),
        None => PROGRAM.to_owned(),
    }
}
