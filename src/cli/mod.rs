//! The command line: clap types, their help, the manual pages and complaints; no logic. Help is always in English.

mod audit;
mod complaint;
mod examples;
mod flags;
mod globals;
mod help;
pub(crate) mod manual;
mod status;
mod steering;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{
    Args, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint, builder::PossibleValuesParser,
};
use serde::{Deserialize, Serialize};

pub(crate) use audit::AuditArgs;
pub(crate) use complaint::complaint;
pub use examples::examples_to_run;
pub(crate) use flags::{AnswerFlags, PolicyFlags};
pub(crate) use globals::{Global, Globals, is_variable};
pub(crate) use help::command;
pub(crate) use status::StatusArgs;
pub(crate) use steering::{AccountsArgs, PauseArgs, RenameArgs};

use crate::central::model::Status;

/// The name of the program, as users type it.
pub(crate) const PROGRAM: &str = "sophos-ct";

/// Connects an AWS account's CloudTrail logs to Sophos Central.
///
/// Not an official Sophos product. Try it without AWS or Sophos: `sophos-ct setup --sandbox`.
#[derive(Debug, Parser)]
#[command(
    name = PROGRAM,
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

impl Cli {
    /// Reads the command line of this process.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let matches = command().try_get_matches()?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command()))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Verb {
    /// Connect: ask, plan, apply, verify; rerun to continue or repair
    ///
    /// Asks for what flags, variables and an answers file leave open, shows the plan, and changes nothing before it is accepted.
    /// Then it registers the connection with Central, makes what the plan shows in AWS, and waits until the forwarder has signed
    /// in. Run it again to continue a run that was stopped, or to bring back what was changed.
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
    /// Show a connection as Central and AWS see it
    ///
    /// Exits with code 8 if something is wrong, so that a job can tell. Each finding comes with its remedy.
    Status(StatusArgs),
    /// Show or change which accounts of an organization are collected
    ///
    /// A change counts from the next log file on. It is made in Central; AWS credentials are not needed.
    Accounts(AccountsArgs),
    /// Take no log files for a while; nothing changes in AWS
    ///
    /// Counts from the next log file on, until the connection is resumed. Then Central takes the log files of the time between too,
    /// as long as they are in the bucket. It is made in Central; AWS credentials are not needed.
    Pause(PauseArgs),
    /// End a pause, and take what it has left out
    ///
    /// A pause of Central's own, because the licence has ended, cannot be ended here: Central does so once the licence is renewed.
    Resume(PauseArgs),
    /// Give a connection another name
    ///
    /// Only its name in Central changes. What it consists of in AWS keeps its names.
    Rename(RenameArgs),
    /// Compare every log file in the bucket with what Central has
    ///
    /// Says which files are missing at Central, by account, region and time, and sends them again if asked to. No log file passes
    /// through this machine. With --certify it proves what is there by what CloudTrail has signed. Exits with code 8 if something
    /// is missing, or not as it was signed.
    Audit(AuditArgs),
    /// Print the least-privilege policy for a purpose
    ///
    /// The flags are those answers of setup that change a policy: pass the same as to setup. What is not given stands as * in
    /// the ARNs; the region comes from --region.
    Policy {
        /// What the policy is for
        #[arg(value_enum)]
        policy: PolicyName,
        #[command(flatten)]
        answers: PolicyFlags,
    },
    /// Check credentials, permissions and trails; changes nothing
    Doctor,
    /// Start, stop or show the local rehearsal environment
    #[command(subcommand)]
    Sandbox(SandboxVerb),
    /// Print a shell's completion script
    ///
    /// The script asks this program for what fits: commands, flags, values and, where credentials are in the environment, names
    /// of connections and trails. Load it in each shell that starts, so that it is always that of the installed version.
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print a manual page, or write them all to a folder
    Man {
        /// The command; the program itself if none is named
        #[arg(value_parser = PossibleValuesParser::new(manual::COMMANDS), conflicts_with = "out")]
        command: Option<String>,
        /// Write the page of each command to this folder
        #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
        out: Option<PathBuf>,
    },
}

/// A policy that can be printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PolicyName {
    /// `setup` of new resources in one account
    #[value(alias = "setup")]
    SetupNew,
    /// `setup` with an existing trail or bucket
    SetupExisting,
    /// `setup` for an organization
    SetupOrganization,
    /// `plan`: what of `setup` only reads
    Plan,
    /// `status`
    Status,
    /// `accounts`: names of accounts, which it can do without
    Accounts,
    /// `audit`
    Audit,
    /// `audit --replay`
    AuditReplay,
    /// `audit --certify`
    AuditCertify,
    /// `remove`
    Remove,
    /// `remove --delete-logs`
    RemoveLogs,
    /// `doctor`
    Doctor,
    /// `list`, which needs none
    List,
    /// `pause`, which needs none
    Pause,
    /// `resume`, which needs none
    Resume,
    /// `rename`, which needs none
    Rename,
    /// The role that Sophos documents, as it is published
    Sophos,
}

impl PolicyName {
    /// Whether it is for `setup`.
    #[must_use]
    pub(crate) fn is_setup(self) -> bool {
        matches!(
            self,
            Self::SetupNew | Self::SetupExisting | Self::SetupOrganization
        )
    }

    /// Whether it is for a verb that talks to Central alone.
    #[must_use]
    pub(crate) fn is_without_aws(self) -> bool {
        matches!(self, Self::List | Self::Pause | Self::Resume | Self::Rename)
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SetupArgs {
    /// Name of the connection, or its id
    pub connection: Option<String>,
    #[command(flatten)]
    pub answers: AnswerFlags,
}

#[derive(Clone, Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name or id
    pub connection: String,
    /// The AWS account; needed without a terminal
    ///
    /// The account to remove the connection from. It must be that of the credentials.
    #[arg(long, value_name = "ACCOUNT")]
    pub confirm_account: Option<String>,
    /// Also delete the log bucket, if it is ours
    ///
    /// The bucket is emptied first. It must be one that setup created.
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
    /// Without AWS: end it in Central only
    ///
    /// For when access to AWS is gone. What stays in AWS is listed.
    #[arg(long, conflicts_with_all = ["without_central", "delete_logs", "keep_trail", "force_shared"])]
    pub central_only: bool,
    /// Without Central: go by names and marks
    ///
    /// For when access to Central is gone: what is ours in AWS is found by its names and marks.
    #[arg(long)]
    pub without_central: bool,
    #[command(flatten)]
    pub names: OtherNames,
}

const NAMES: &str = "Names that differ from the defaults, with --without-central";

/// Names of resources that differ from the defaults; for `--without-central`.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = NAMES)]
pub(crate) struct OtherNames {
    /// Name of the trail
    #[arg(
        long,
        value_name = "NAME",
        requires = "without_central",
        hide_short_help = true
    )]
    pub trail: Option<String>,
    /// Name of the log bucket
    #[arg(
        long,
        value_name = "NAME",
        requires = "without_central",
        hide_short_help = true
    )]
    pub bucket: Option<String>,
    /// Name of the SNS topic
    #[arg(
        long,
        value_name = "NAME",
        requires = "without_central",
        hide_short_help = true
    )]
    pub topic: Option<String>,
    /// Name of the Lambda function
    #[arg(
        long,
        value_name = "NAME",
        requires = "without_central",
        hide_short_help = true
    )]
    pub function: Option<String>,
    /// Name of the function's role
    #[arg(
        long,
        value_name = "NAME",
        requires = "without_central",
        hide_short_help = true
    )]
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

/// What is there already when a rehearsal in the sandbox begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum World {
    /// A trail that logs into a bucket which others use too
    Trail,
    /// The same, and the trail notifies a topic that others subscribe to
    Topic,
    /// An organization with this account as its management account
    Organization,
    /// An organization under Control Tower, with its logs in another account
    ControlTower,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SandboxVerb {
    /// Start the sandbox
    Start {
        /// Time between log files of a trail
        #[arg(long, value_name = "DURATION")]
        interval: Option<String>,
        /// Time between digests of a trail, which prove its log files
        #[arg(long, value_name = "DURATION")]
        digest_interval: Option<String>,
        /// Put into the sandbox what others have already; several worlds separated by commas
        #[arg(long, value_enum, value_name = "WORLD", value_delimiter = ',')]
        with: Vec<World>,
    },
    /// Stop it and keep its state
    Stop,
    /// Stop the sandbox and forget its state
    Reset,
    /// Show whether it is running, where, and what it began with
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
        #[arg(long, default_value = "1m")]
        digest_interval: String,
    },
}
