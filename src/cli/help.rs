//! The command line as it is read: with examples in its help, and without variables that are empty.

use std::fmt::Write;

use clap::{Arg, ArgAction, Command, CommandFactory};

use super::{Cli, PROGRAM, examples};

/// How long a line of an example may be, with its indent.
const WIDTH: usize = 80;

/// The indent of the lines in which an example goes on.
const INDENT: &str = "      ";

/// Where answers come from.
const ANSWERS: &str = "\
Each answer comes from its flag, else from the variable SOPHOS_CT_<FLAG>, else from the answers file, else from what Central has \
saved, else from a question, else it is the default.";

const GLOBALS: &str = "\
Flags that every command takes can be given as variables too, such as SOPHOS_CT_REGION for --region.";

/// Returns the whole command line.
#[must_use]
pub(crate) fn command() -> Command {
    let globals = Cli::command().mut_args(|arg| {
        // Only long help has them, and only the manual has their variables.
        unless_empty(arg).hide_short_help(true).hide_env(true)
    });
    // The list of commands fills a screen: the two flags that every program has are left out of it.
    let version = Arg::new("version")
        .short('V')
        .long("version")
        .help("Print version")
        .action(ArgAction::Version)
        .hide_short_help(true);
    let globals = globals.disable_help_flag(true).disable_version_flag(true);
    let globals = globals.help_template("{about}\n{usage-heading} {usage}\n{all-args}{after-help}");
    told(globals.arg(version), "")
}

/// A variable that is set but empty counts as unset, as it does for answers.
fn unless_empty(arg: Arg) -> Arg {
    let value = arg.get_env().and_then(std::env::var_os);
    match value {
        Some(value) if value.is_empty() => arg.env(None::<&'static str>),
        _ => arg,
    }
}

/// Adds the ends of short and long help, to the subcommands too.
fn told(command: Command, name: &str) -> Command {
    let command = command.mut_subcommands(|subcommand| {
        let path = format!("{name} {}", subcommand.get_name());
        told(subcommand, path.trim_start())
    });
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .help("Print help (see more with '--help')")
        .long_help("Print help (see a summary with '-h')")
        .action(ArgAction::Help)
        .help_heading(None)
        .hide_short_help(name.is_empty());
    let long = end_of_long(name);
    command
        .arg(help)
        .after_help(end_of_short(name))
        .after_long_help(long)
}

fn end_of_short(name: &str) -> String {
    if name.is_empty() {
        return format!("All flags, those of every command, and examples: {PROGRAM} --help");
    }
    let words = format!("{PROGRAM} {name}");
    format!(
        "Every command also takes --yes, --sandbox, --profile, --region and --format.\n\
         All flags and examples: {words} --help"
    )
}

fn end_of_long(name: &str) -> String {
    let mut text = String::new();
    let examples = examples::of(name);
    if !examples.is_empty() {
        text.push_str("Examples:\n");
    }
    for example in examples {
        let (meaning, line) = (example.meaning, broken(&example.line()));
        let _ = writeln!(text, "  # {meaning}\n{line}");
    }
    text.push('\n');
    if ["setup", "plan", "policy", "invite"].contains(&name) {
        text.push_str(ANSWERS);
    } else {
        text.push_str(GLOBALS);
    }
    let page = format!("{PROGRAM} man {}", name.replace(' ', "-"));
    let _ = write!(
        text,
        "\nVariables, exit codes and files: {} | man -l -",
        page.trim_end()
    );
    text
}

/// A command line, broken before a flag where it is too long for a line, so that it can still be pasted.
pub(super) fn broken(line: &str) -> String {
    let mut lines = vec![format!("  {line}")];
    while let Some(last) = lines.pop_if(|last| last.len() > WIDTH) {
        // The flag begins where there is still room for the backslash.
        let room = WIDTH - " \\".len() + " --".len();
        let at = last[..room].rfind(" --");
        let Some(at) = at.filter(|at| *at > INDENT.len()) else {
            lines.push(last);
            break;
        };
        lines.push(format!("{} \\", &last[..at]));
        lines.push(format!("{INDENT}{}", &last[at + 1..]));
    }
    lines.join("\n")
}
