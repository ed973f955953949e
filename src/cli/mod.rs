//! The command line: clap types and their help, no logic. Help is always in English.

mod flags;
mod globals;

use std::path::PathBuf;

use clap::{ArgAction, Args, CommandFactory, Parser, Subcommand, ValueEnum};

pub(crate) use flags::AnswerFlags;
pub(crate) use globals::Globals;

use crate::{
    central::model::Status,
    ui::{
        messages::Language,
        printer::{Color, Format},
    },
};

/// Connects an AWS account's CloudTrail logs to Sophos Central.
///
/// Not an official Sophos product. Try it without AWS or Sophos: `sophos-ct setup --sandbox`.
#[derive(Debug, Parser)]
#[command(
    name = "sophos-ct",
    version,
    disable_help_subcommand = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Verb,
}

/// Flags that every command takes.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Global {
    /// Output: text for people, or exactly one JSON document on stdout
    #[arg(long, global = true, value_enum, default_value_t = Format::Text, value_name = "FORMAT", env = "SOPHOS_CT_FORMAT", hide_env = true)]
    pub format: Format,
    /// Never ask; list the missing answers instead
    #[arg(long, global = true, env = "SOPHOS_CT_NO_INPUT", hide_env = true)]
    pub no_input: bool,
    /// Accept the defaults and apply the plan without asking
    #[arg(long, short, global = true, env = "SOPHOS_CT_YES", hide_env = true)]
    pub yes: bool,
    /// Language of messages [default: that of LC_ALL, LC_MESSAGES or LANG, otherwise en]
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "LANG",
        env = "SOPHOS_CT_LANG",
        hide_env = true
    )]
    pub lang: Option<Language>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto, value_name = "WHEN", env = "SOPHOS_CT_COLOR", hide_env = true)]
    pub color: Color,
    /// Plain line-by-line prompts and no redrawn lines, for screen readers
    #[arg(long, global = true, env = "SOPHOS_CT_ACCESSIBLE", hide_env = true)]
    pub accessible: bool,
    /// AWS profile
    #[arg(
        long,
        global = true,
        value_name = "PROFILE",
        env = "SOPHOS_CT_PROFILE",
        hide_env = true
    )]
    pub profile: Option<String>,
    /// AWS region
    #[arg(
        long,
        global = true,
        value_name = "REGION",
        env = "SOPHOS_CT_REGION",
        hide_env = true
    )]
    pub region: Option<String>,
    /// Central tenant, if the credentials are those of a partner or an organization
    #[arg(
        long,
        global = true,
        value_name = "NAME|ID",
        env = "SOPHOS_CT_TENANT",
        hide_env = true
    )]
    pub tenant: Option<String>,
    /// Use the local sandbox instead of AWS and Central
    #[arg(long, global = true, env = "SOPHOS_CT_SANDBOX", hide_env = true)]
    pub sandbox: bool,
    /// File with the Central client secret; - for stdin
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SOPHOS_CT_CLIENT_SECRET_FILE",
        hide_env = true
    )]
    pub client_secret_file: Option<PathBuf>,
    /// Show more detail; repeat for even more
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub verbose: u8,
    /// Write the log to this file instead of stderr
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        env = "SOPHOS_CT_LOG_FILE",
        hide_env = true
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

/// Whether a variable of the environment is a global flag.
#[must_use]
pub(crate) fn is_variable(name: &str) -> bool {
    let command = Cli::command();
    command
        .get_arguments()
        .any(|argument| argument.get_env().is_some_and(|variable| variable == name))
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Connect: ask, show the plan, provision, register, verify. Run again to continue or repair
    Setup(SetupArgs),
    /// Show what setup would do; writes nothing anywhere
    Plan {
        #[command(flatten)]
        setup: SetupArgs,
        /// Exit with code 7 if there is something to do
        #[arg(long)]
        detailed_exitcode: bool,
    },
    /// Remove what is ours from AWS, then delete the connection
    Remove(RemoveArgs),
    /// List the connections of the tenant
    List {
        /// Only connections that cover an AWS organization
        #[arg(long)]
        organization: bool,
        /// Only connections with this status
        #[arg(long, value_enum, value_name = "STATUS")]
        status: Option<Status>,
        /// Include deleted connections
        #[arg(long)]
        all: bool,
    },
    /// Show a connection as Central and AWS see it; exit with code 8 if it is unhealthy
    Status(StatusArgs),
    /// Show or change which accounts of the organization are collected, from the next file on
    Accounts(AccountsArgs),
    /// Print the least-privilege policy for a purpose
    Policy {
        /// What the policy is for
        #[arg(value_enum)]
        policy: PolicyName,
        #[command(flatten)]
        answers: AnswerFlags,
    },
    /// Check credentials, account, region, licence and trails before anything is set up
    Doctor,
    /// Start, stop or show the local rehearsal environment
    #[command(subcommand)]
    Sandbox(SandboxVerb),
    /// Print a shell's completion script
    Completions { shell: clap_complete::Shell },
    /// Print the manual page
    Man,
}

/// A policy that can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyName {
    /// `setup` of new resources in one account
    SetupNew,
    /// `setup` with an existing trail or bucket
    SetupExisting,
    /// `setup` for an organization
    SetupOrganization,
    /// `status`
    Status,
    /// `remove`
    Remove,
    /// `remove --delete-logs`
    RemoveLogs,
    /// The role that Sophos documents, as it is published
    Sophos,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SetupArgs {
    /// Name of the connection, or its id
    pub connection: Option<String>,
    #[command(flatten)]
    pub answers: AnswerFlags,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct StatusArgs {
    /// Name or id; not needed if the tenant has one connection
    pub connection: Option<String>,
    /// Show again every few seconds until Ctrl-C
    #[arg(long)]
    pub watch: bool,
    /// Show each part in AWS with its ARN
    #[arg(long)]
    pub parts: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct AccountsArgs {
    /// Name or id
    pub connection: String,
    /// Collect exactly these accounts: ids separated by commas, or @FILE
    #[arg(long, value_name = "LIST", conflicts_with_all = ["add", "remove", "all"])]
    pub set: Option<String>,
    /// Collect these accounts too
    #[arg(long, value_name = "LIST", conflicts_with = "all")]
    pub add: Option<String>,
    /// Stop collecting these accounts
    #[arg(long, value_name = "LIST", conflicts_with = "all")]
    pub remove: Option<String>,
    /// Collect all accounts, including those that join later
    #[arg(long)]
    pub all: bool,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name or id
    pub connection: String,
    /// The AWS account to remove the connection from; required without a terminal
    #[arg(long, value_name = "ACCOUNT")]
    pub confirm_account: Option<String>,
    /// Also empty and delete the log bucket, if we created it
    #[arg(long)]
    pub delete_logs: bool,
    /// The bucket's name, to confirm --delete-logs
    #[arg(long, value_name = "BUCKET")]
    pub confirm_bucket: Option<String>,
    /// Keep the trail and what it needs
    #[arg(long)]
    pub keep_trail: bool,
    /// Also delete our resources that others use
    #[arg(long)]
    pub force_shared: bool,
    /// AWS access is gone: end the connection in Central only
    #[arg(long, conflicts_with_all = ["without_central", "delete_logs", "keep_trail", "force_shared"])]
    pub central_only: bool,
    /// Central access is gone: find what is ours in AWS by names and marks
    #[arg(long)]
    pub without_central: bool,
    #[command(flatten)]
    pub names: OtherNames,
}

/// Names of resources that differ from the defaults; for `--without-central`.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct OtherNames {
    /// With --without-central: name of the trail, if it is not the default one
    #[arg(long, value_name = "NAME", requires = "without_central")]
    pub trail: Option<String>,
    /// With --without-central: name of the log bucket, if it is not the default one
    #[arg(long, value_name = "NAME", requires = "without_central")]
    pub bucket: Option<String>,
    /// With --without-central: name of the SNS topic, if it is not the default one
    #[arg(long, value_name = "NAME", requires = "without_central")]
    pub topic: Option<String>,
    /// With --without-central: name of the Lambda function, if it is not the default one
    #[arg(long, value_name = "NAME", requires = "without_central")]
    pub function: Option<String>,
    /// With --without-central: name of the function's role, if it is not the default one
    #[arg(long, value_name = "NAME", requires = "without_central")]
    pub role: Option<String>,
}

impl OtherNames {
    /// Each name that was given, with the key of its answer in the catalogue.
    pub(crate) fn given(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("trail", &self.trail),
            ("bucket", &self.bucket),
            ("topic", &self.topic),
            ("function", &self.function),
            ("role", &self.role),
        ]
        .into_iter()
        .filter_map(|(key, name)| Some((key, name.as_deref()?)))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxVerb {
    /// Start the sandbox
    Start {
        /// Time between log files of a trail
        #[arg(long, value_name = "DURATION")]
        interval: Option<String>,
    },
    /// Stop it and keep its state
    Stop,
    /// Stop the sandbox and forget its state
    Reset,
    /// Show whether it is running, and where
    Status,
    /// The background process itself
    #[command(hide = true)]
    Serve {
        #[arg(long)]
        dir: PathBuf,
        #[arg(long)]
        environment: PathBuf,
        #[arg(long, default_value = "5s")]
        interval: String,
    },
}

#[cfg(test)]
mod tests {
    use crate::answers::{CATALOGUE, Shape};

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_is_as_the_snapshots_show() {
        let mut program = Cli::command().term_width(100).disable_colored_help(true);
        program.build();
        let long = program.render_long_help().to_string();
        insta::assert_snapshot!("help", long);
        for command in program.get_subcommands_mut() {
            let name = command.get_name().to_owned();
            let hidden = command.is_hide_set();
            let long = command
                .clone()
                .term_width(100)
                .render_long_help()
                .to_string();
            if !hidden {
                insta::assert_snapshot!(format!("help_{name}"), long);
            }
        }
    }

    #[test]
    fn every_answer_is_a_flag_and_comes_as_it_was_given() {
        for entry in CATALOGUE {
            let flag = format!("--{}", entry.key);
            let words = match entry.shape {
                Shape::Flag => vec![flag],
                Shape::Text | Shape::Number | Shape::List => vec![flag, "1".to_owned()],
            };
            let start = ["sophos-ct", "plan"].map(ToOwned::to_owned);
            let parsed = Cli::try_parse_from(start.into_iter().chain(words)).unwrap();
            let Verb::Plan { setup, .. } = parsed.command else {
                panic!("plan is another command");
            };
            let expected = if entry.shape == Shape::Flag {
                "true"
            } else {
                "1"
            };
            assert_eq!(setup.answers.0[entry.key], [expected], "{}", entry.key);
        }
    }
}
