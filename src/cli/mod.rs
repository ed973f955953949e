//! The command line: clap types, their help, the manual pages and complaints; no logic. Help is always in English.

mod audit;
mod complaint;
mod examples;
mod flags;
mod fleet;
mod globals;
mod handover;
mod help;
mod invite;
pub(crate) mod manual;
mod package;
mod remove;
mod status;
mod steering;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{
    Args, FromArgMatches, Parser, Subcommand, ValueEnum, ValueHint, builder::PossibleValuesParser,
};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

pub(crate) use audit::AuditArgs;
pub(crate) use complaint::complaint;
pub use examples::examples_to_run;
pub(crate) use flags::{AnswerFlags, OF_INVITE, PolicyFlags};
pub(crate) use fleet::FleetArgs;
use globals::SIGN_IN;
pub(crate) use globals::{Global, Globals, is_variable};
pub(crate) use handover::{Form, PlanVerb, SetupVerb};
pub(crate) use help::command;
pub(crate) use invite::InviteArgs;
pub(crate) use package::PackageArgs;
pub(crate) use remove::RemoveArgs;
pub(crate) use status::StatusArgs;
pub(crate) use steering::{AccountsArgs, PauseArgs, RenameArgs};

use crate::central::model::Status;

/// The name of the program, as users type it.
pub(crate) const PROGRAM: &str = "sophos-ct";

/// The version and, in a release, its commit.
const VERSION: &str = env!("SOPHOS_CT_VERSION");

/// Connects an AWS account's CloudTrail logs to Sophos Central.
///
/// Not an official Sophos product. Try it without AWS or Sophos: `sophos-ct setup --sandbox`.
#[derive(Debug, Parser)]
#[command(
    name = PROGRAM,
    version = VERSION,
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
    Setup(SetupVerb),
    /// Show what setup would do; writes nothing anywhere
    Plan(PlanVerb),
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
    /// Let somebody else set up a connection, with a code
    ///
    /// For whoever has Central credentials, but none of the AWS account. It saves the connection as pending, with the answers of
    /// step 1, and prints a code, and the command line for whoever has the AWS account, which asks for it. The code is good for 24
    /// hours, for this connection and account alone, until the connection is active. Run it again for another code; the one before
    /// ends.
    Invite(InviteArgs),
    /// Start, stop or show the local rehearsal environment
    #[command(subcommand)]
    Sandbox(SandboxVerb),
    /// Write the function's zip, for a template of plan --as
    ///
    /// It is the zip that setup would upload, byte for byte. Its SHA-256 is printed. No credentials are needed.
    Package(PackageArgs),
    /// Print Central's contract, or the schema of JSON output
    Schema {
        /// Its name: central-api, plan-file, output, or that of a document in output
        #[arg(default_value = "central-api")]
        name: String,
        /// List what there is
        #[arg(long, conflicts_with = "name")]
        list: bool,
    },
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
    /// `setup --adopt`, which only reads and invokes the function
    SetupAdopt,
    /// `--fleet`: what the caller needs; the role in each account needs the policy of `setup-new`, `status` or `remove`
    Fleet,
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
    /// `invite`, which needs none
    Invite,
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
        matches!(
            self,
            Self::List | Self::Pause | Self::Resume | Self::Rename | Self::Invite
        )
    }
}

#[derive(Clone, Debug, Args)]
pub(crate) struct SetupArgs {
    /// Name of the connection, or its id
    pub connection: Option<String>,
    /// Code of an invitation, in place of Central credentials; - to type it, or for stdin
    ///
    /// Other programs can see what stands in a command line: the variable SOPHOS_CT_CODE, or -, keeps the code out of it.
    #[arg(
        long,
        value_name = "CODE",
        env = "SOPHOS_CT_CODE",
        hide_env = true,
        hide_short_help = true,
        allow_hyphen_values = true,
        value_parser = invite::secret,
        help_heading = SIGN_IN
    )]
    pub code: Option<SecretString>,
    /// Register what a stack has made from the template of plan --as; changes nothing in AWS
    ///
    /// For resources that CloudFormation or Terraform has made from the template that plan --as cloudformation or terraform prints.
    /// Pass the same name and answers as to plan, --forwarder too. It looks whether every part is there, as planned, and marked with
    /// one connection's id, and whether the function runs this program's own code; registers the connection with that id; and waits
    /// until the forwarder has signed in. The stack keeps what it owns: setup and remove name it and do not change it.
    #[arg(long, hide_short_help = true)]
    pub adopt: bool,
    #[command(flatten)]
    pub answers: AnswerFlags,
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
    /// Try an implementation of Central's contract
    ///
    /// For whoever builds Central's side: tries every operation of the contract (sophos-ct schema) and says what differs. It takes
    /// the credential of a test tenant, and deletes what it has made there. It asks before anything goes to a host: --yes agrees to
    /// that of URL and to the identity host, --allow-host to one that the implementation names. With AWS credentials of a role it
    /// tries the forwarder's sign-in and log ingest too: the role stands in for the forwarder, and nothing is made in AWS. Exits with
    /// code 1 if something differs or could not be tried to its end.
    VerifyCentral {
        /// The global API host: https, or loopback
        url: String,
        /// Agree to a host (or host:port) that the implementation names: data region, log ingest or upload
        #[arg(long, value_name = "HOST,…", value_delimiter = ',', value_hint = ValueHint::Hostname)]
        allow_host: Vec<String>,
        /// Also write a JUnit report to this file
        #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
        junit: Option<PathBuf>,
    },
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
