//! Flags of `remove`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::FleetArgs;

#[derive(Clone, Debug, Args)]
pub(crate) struct RemoveArgs {
    /// Name or id
    #[arg(required_unless_present_any = ["plan", "fleet"])]
    pub connection: Option<String>,
    /// Write the plan to this file, for remove --plan, and change nothing
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        conflicts_with_all = ["plan", "central_only", "without_central"]
    )]
    pub out: Option<PathBuf>,
    /// Carry out exactly the plan in this file, which remove --out wrote
    ///
    /// The plan is made anew and compared with the file. If anything has moved since, nothing is changed, and what has moved is
    /// shown (exit code 5).
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        conflicts_with_all = [
            "connection", "central_only", "without_central", "delete_logs", "keep_trail", "force_shared"
        ]
    )]
    pub plan: Option<PathBuf>,
    /// The AWS account; needed without a terminal
    ///
    /// The account to remove the connection from. It must be that of the credentials.
    #[arg(long, value_name = "ACCOUNT")]
    pub confirm_account: Option<String>,
    /// How many accounts the file of --fleet has; needed without a terminal
    ///
    /// It must be the number of accounts in the file.
    #[arg(long, value_name = "N", requires = "fleet", hide_short_help = true)]
    pub confirm_accounts: Option<usize>,
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
    /// For when access to AWS is gone. What stays there is listed, by Central's record.
    #[arg(long, conflicts_with_all = ["without_central", "delete_logs", "keep_trail", "force_shared"])]
    pub central_only: bool,
    /// Without Central: go by names and marks
    ///
    /// For when access to Central is gone: what is ours in AWS is found by its names and marks.
    #[arg(long)]
    pub without_central: bool,
    #[command(flatten)]
    pub fleet: FleetArgs,
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
