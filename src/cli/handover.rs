//! Flags of `setup` and `plan` besides the answers: plans that are handed over as files, and how a plan is printed.

use std::path::PathBuf;

use clap::{Args, ValueEnum, ValueHint};

use super::{FleetArgs, SetupArgs};

/// What `setup` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct SetupVerb {
    #[command(flatten)]
    pub setup: SetupArgs,
    /// Apply exactly the plan in this file, which plan --out wrote
    ///
    /// The plan is made anew from AWS and compared with the file. If anything has moved since, nothing is changed, and what has
    /// moved is shown (exit code 5). The file is not trusted: it has no say beyond what setup itself would plan.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        conflicts_with_all = ["connection", "code", "adopt"]
    )]
    pub plan: Option<PathBuf>,
    #[command(flatten)]
    pub fleet: FleetArgs,
}

/// What `plan` takes.
#[derive(Clone, Debug, Args)]
pub(crate) struct PlanVerb {
    #[command(flatten)]
    pub setup: SetupArgs,
    /// Exit with code 7 if there is something to do
    #[arg(long)]
    pub detailed_exitcode: bool,
    /// Also write the plan to this file, for setup --plan
    ///
    /// The file is JSON, with every document before and after. It has no secrets.
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        hide_short_help = true,
        conflicts_with = "adopt"
    )]
    pub out: Option<PathBuf>,
    /// Print the plan in this form
    ///
    /// A template is for those who may not let a program write to AWS. It has the names, marks and documents of the plan, and is
    /// refused where others have a part in a document or a resource. Pass the same name and answers to setup --adopt afterwards.
    #[arg(long = "as", value_enum, value_name = "FORM", hide_short_help = true)]
    pub form: Option<Form>,
}

/// A form in which a plan is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// For the comment of a pull request at GitHub
    Markdown,
    /// A template of CloudFormation that makes the same, as JSON
    Cloudformation,
    /// A configuration of Terraform or OpenTofu that makes the same, as JSON
    Terraform,
}
