//! The global flags: as every command takes them, and as the rest of the program needs them.

use std::path::PathBuf;

use clap::{ArgAction, Args, Command, CommandFactory, builder::BoolishValueParser};

use super::Cli;
use crate::{
    connection::Region,
    ui::{
        messages::Language,
        printer::{Color, Format},
        shell::quoted,
    },
};

/// The heading of the flags that say where AWS and Central are, and as whom to sign in.
pub(super) const SIGN_IN: &str = "AWS and Central";
const QUESTIONS: &str = "Questions";
const OUTPUT: &str = "Output";

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct Global {
    /// Never ask; list the missing answers instead
    #[arg(
        long,
        global = true,
        env = "SOPHOS_CT_NO_INPUT",
        value_parser = BoolishValueParser::new(),
        help_heading = QUESTIONS
    )]
    pub no_input: bool,
    /// Accept the defaults and apply the plan without asking
    #[arg(
        long,
        short,
        global = true,
        env = "SOPHOS_CT_YES",
        value_parser = BoolishValueParser::new(),
        help_heading = QUESTIONS
    )]
    pub yes: bool,
    /// Plain line-by-line prompts and no redrawn lines, for screen readers
    #[arg(
        long,
        global = true,
        env = "SOPHOS_CT_ACCESSIBLE",
        value_parser = BoolishValueParser::new(),
        help_heading = QUESTIONS
    )]
    pub accessible: bool,
    /// AWS profile
    #[arg(
        long,
        global = true,
        value_name = "PROFILE",
        env = "SOPHOS_CT_PROFILE",
        help_heading = SIGN_IN
    )]
    pub profile: Option<String>,
    /// AWS region
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        env = "SOPHOS_CT_REGION",
        help_heading = SIGN_IN
    )]
    pub region: Option<String>,
    /// Central tenant, if the credentials are those of a partner or an organization
    #[arg(
        long,
        global = true,
        value_name = "NAME|ID",
        env = "SOPHOS_CT_TENANT",
        help_heading = SIGN_IN
    )]
    pub tenant: Option<String>,
    /// File with the Central client secret; - for stdin
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SOPHOS_CT_CLIENT_SECRET_FILE",
        help_heading = SIGN_IN
    )]
    pub client_secret_file: Option<PathBuf>,
    /// Use the local sandbox instead of AWS and Central
    #[arg(
        long,
        global = true,
        env = "SOPHOS_CT_SANDBOX",
        value_parser = BoolishValueParser::new(),
        help_heading = SIGN_IN
    )]
    pub sandbox: bool,
    /// Output: text for people, or exactly one JSON document on stdout
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = Format::Text,
        value_name = "text|json",
        env = "SOPHOS_CT_FORMAT",
        hide_possible_values = true,
        help_heading = OUTPUT
    )]
    pub format: Format,
    /// Language of messages [default: that of LC_ALL, LC_MESSAGES or LANG, otherwise en]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "en|ja",
        env = "SOPHOS_CT_LANG",
        hide_possible_values = true,
        help_heading = OUTPUT
    )]
    pub lang: Option<Language>,
    /// When to use colour
    #[arg(
        long,
        global = true,
        value_enum,
        default_value_t = Color::Auto,
        value_name = "auto|always|never",
        env = "SOPHOS_CT_COLOR",
        hide_possible_values = true,
        help_heading = OUTPUT
    )]
    pub color: Color,
    /// Show more detail; repeat for even more
    #[arg(
        short,
        long,
        global = true,
        action = ArgAction::Count,
        help_heading = OUTPUT
    )]
    pub verbose: u8,
    /// Write the log to this file instead of stderr
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SOPHOS_CT_LOG_FILE",
        help_heading = OUTPUT
    )]
    pub log_file: Option<PathBuf>,
}

impl Global {
    /// Whether plain output is asked for, by the flag, its variable, or `ACCESSIBLE`, which other programs know too.
    #[must_use]
    pub(crate) fn is_accessible(&self) -> bool {
        let asked = std::env::var_os("ACCESSIBLE").is_some_and(|value| !value.is_empty());
        self.accessible || asked
    }
}

/// Whether a variable of the environment is a global flag, or a flag of a command that is not an answer.
#[must_use]
pub(crate) fn is_variable(name: &str) -> bool {
    let command = Cli::command();
    let of_verbs = command.get_subcommands().flat_map(Command::get_arguments);
    command
        .get_arguments()
        .chain(of_verbs)
        .any(|argument| argument.get_env().is_some_and(|variable| variable == name))
}

/// The global flags, as the rest of the program needs them.
#[derive(Clone, Debug, Default)]
pub(crate) struct Globals {
    pub no_input: bool,
    pub yes: bool,
    pub accessible: bool,
    pub profile: Option<String>,
    pub region: Option<Region>,
    pub tenant: Option<String>,
    pub sandbox: bool,
    pub verbose: u8,
    pub log_file: Option<PathBuf>,
    /// File with the Central client secret; `-` is stdin.
    pub client_secret_file: Option<PathBuf>,
}

impl Globals {
    /// Returns the flags that a printed command repeats, quoted: without them it would act on something else.
    #[must_use]
    pub(crate) fn repeated(&self) -> Vec<String> {
        let sandbox = self.sandbox.then(|| "--sandbox".to_owned());
        let mut words: Vec<String> = sandbox.into_iter().collect();
        if let Some(profile) = &self.profile {
            words.extend(["--profile".to_owned(), quoted(profile)]);
        }
        words
    }
}
