//! The catalogue: one line for each answer. Flags, help, variables, the answers file, saved settings and the parity test all
//! come from it.

use super::{
    answer::{Answer, Any, Shape, Value},
    values::{
        Accounts, FilePath, Hosts, LogRetentionDays, Notify, RetentionDays, Source, Tags,
        TenantName, Trail, Wait,
    },
};
use crate::connection::{
    AccountId, ConnectionName,
    names::{
        BoundaryArn, BucketName, DeadLetterArn, FunctionName, KeyArn, KeyPrefix, OrganizationId,
        RoleArn, RoleName, RolePath, TopicArn, TopicName,
    },
};

/// Where an answer is kept after the run in which it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kept {
    /// In the connection's settings at Central, and in the answers file.
    Saved,
    /// In the command that does the same without questions; the answers file may have it too.
    Told,
    /// Nowhere, but it may be in the answers file.
    Once,
    /// Nowhere, because it is about the answers file itself.
    Never,
}

/// What an answer is about: help shows the flags of a group under one heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Group {
    /// The connection itself, and the file with its answers.
    Connection,
    /// Step 1 of the wizard.
    Organization,
    /// Step 2 of the wizard.
    Resources,
    /// Step 3 of the wizard: the names of what is created.
    Details,
    /// What the function's role may be, how log files are encrypted, and tags.
    Access,
    Cost,
    Function,
    Waiting,
    /// Which account and tenant may be touched.
    SignIn,
}

/// Where help shows a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Help {
    /// In `-h`, which fits a screen, and in `--help`.
    Short,
    /// Only in `--help`.
    Long,
}

/// One question of the catalogue.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The flag without dashes, and the key in the answers file and in the saved settings.
    pub key: &'static str,
    pub shape: Shape,
    /// The placeholder in help.
    pub value: &'static str,
    pub group: Group,
    pub shown: Help,
    /// The help of the flag, in English like all of clap's. `-h` leaves out what is in brackets at its end.
    pub help: &'static str,
    pub kept: Kept,
    /// Whether a later run may change the saved value.
    pub changeable: bool,
}

impl Entry {
    /// Returns the environment variable, `SOPHOS_CT_<FLAG>`.
    #[must_use]
    pub(crate) fn variable(&self) -> String {
        format!("SOPHOS_CT_{}", self.key.to_uppercase().replace('-', "_"))
    }
}

macro_rules! catalogue {
    ($($field:ident: $type:ty, $key:literal $value:literal $kept:ident $changes:ident $group:ident $shown:ident $help:literal;)*) => {
        /// Every answer of `setup`, `plan` and `invite`, each with its origin.
        #[derive(Clone, Debug, Default, PartialEq)]
        pub(crate) struct Answers {
            $(pub $field: Answer<$type>),*
        }

        /// Every question, in the order in which the questions are asked and shown.
        pub(crate) const CATALOGUE: &[Entry] = &[$(Entry {
            key: $key,
            shape: <$type as Value>::SHAPE,
            value: $value,
            group: Group::$group,
            shown: Help::$shown,
            help: $help,
            kept: Kept::$kept,
            changeable: catalogue!(@ $changes),
        }),*];

        /// Returns, for each question, a text that fits and one that does not.
        #[cfg(test)]
        pub(crate) fn examples() -> Vec<(&'static str, Option<&'static str>)> {
            use super::tests::Example;
            vec![$((<$type as Example>::FITS, <$type as Example>::UNFIT)),*]
        }

        impl Answers {
            /// Returns all answers with their questions, in the catalogue's order.
            pub(crate) fn each(&self) -> impl Iterator<Item = (&'static Entry, &dyn Any)> {
                let answers: Vec<&dyn Any> = vec![$(&self.$field),*];
                CATALOGUE.iter().zip(answers)
            }

            /// Returns the same answers, to be changed.
            pub(crate) fn each_mut(&mut self) -> impl Iterator<Item = (&'static Entry, &mut dyn Any)> {
                let answers: Vec<&mut dyn Any> = vec![$(&mut self.$field),*];
                CATALOGUE.iter().zip(answers)
            }
        }
    };
    (@ fixed) => { false };
    (@ changes) => { true };
}

catalogue! {
    name: ConnectionName, "name" "NAME" Once fixed Connection Long "Name of the connection [default: aws-<account>]";
    account: AccountId, "account" "ACCOUNT" Once fixed Connection Short "AWS account that the connection is for";
    organization: bool, "organization" "" Saved fixed Organization Short "Collect from an AWS organization";
    org_id: OrganizationId, "org-id" "ID" Saved fixed Organization Long "Id of the organization (o-…)";
    management_account: AccountId, "management-account" "ACCOUNT" Saved fixed Organization Long "Management account of the organization";
    accounts: Accounts, "accounts" "ACCOUNT,…" Told fixed Organization Long "Accounts of the organization to collect from";
    resources: Source, "resources" "new|existing" Saved fixed Resources Short "Create new resources or use existing ones";
    trail: Trail, "trail" "NAME|ARN" Saved fixed Resources Short "Trail to create, or the existing one to use [default of a new one: sophos-ct-<name>]";
    notify: Notify, "notify" "trail|bucket|eventbridge" Saved fixed Resources Long "How an existing trail notifies";
    bucket: BucketName, "bucket" "NAME" Saved fixed Details Long "Name of the log bucket [default: sophos-ct-<name>-<account>-<region>, without <name> if it is aws-<account>, or the existing trail's]";
    prefix: KeyPrefix, "prefix" "PREFIX" Saved fixed Details Long "Key prefix of the log files [default: none]";
    topic: TopicName, "topic" "NAME" Saved fixed Details Long "Name of the SNS topic [default: sophos-ct-<name>]";
    function: FunctionName, "function" "NAME" Saved fixed Details Long "Name of the Lambda function [default: sophos-ct-<name>]";
    role: RoleName, "role" "NAME" Saved fixed Details Long "Name of the function's role [default: sophos-ct-<name>]";
    role_arn: RoleArn, "role-arn" "ARN" Saved fixed Access Long "Use this role instead of creating one";
    role_path: RolePath, "role-path" "PATH" Saved fixed Access Long "IAM path of the role [default: /]";
    permissions_boundary: BoundaryArn, "permissions-boundary" "ARN" Saved fixed Access Long "Permissions boundary of the role";
    kms_key: KeyArn, "kms-key" "ARN" Saved fixed Access Long "KMS key of the log files";
    retention_days: RetentionDays, "retention-days" "DAYS" Saved changes Cost Long "Expire log files of a new bucket after this many days [default: keep]";
    log_retention_days: LogRetentionDays, "log-retention-days" "DAYS" Saved changes Cost Long "Keep the function's own log this many days [default: 30]";
    dead_letter: DeadLetterArn, "dead-letter" "ARN" Saved fixed Function Long "SQS queue or SNS topic for events that the function could not handle";
    alarm: TopicArn, "alarm" "ARN" Saved changes Function Long "SNS topic that two CloudWatch alarms tell: log files fail, and nothing is heard of log files";
    tags: Tags, "tag" "KEY=VALUE" Saved fixed Access Long "Tag for everything that is created; may be repeated";
    connect_again: bool, "connect-again" "" Told fixed Resources Long "Connect a trail or bucket that another connection already collects from";
    accept_cost: bool, "accept-cost" "" Told fixed Cost Short "Accept that a further copy of management events is billed";
    expect_account: AccountId, "expect-account" "ACCOUNT" Once fixed SignIn Long "Continue only in this AWS account";
    expect_tenant: TenantName, "expect-tenant" "NAME|ID" Once fixed SignIn Long "Continue only with this Central tenant";
    ingest_hosts: Hosts, "ingest-host" "HOST,…" Told fixed Function Long "Also send log files to this Central host, which is outside the API host's domain";
    forwarder: FilePath, "forwarder" "FILE" Told fixed Function Long "Bootstrap (ELF) or zip to run in the function [default: built in, or this program]";
    wait: Wait, "wait" "DURATION" Told fixed Waiting Long "How long to wait for the forwarder's sign-in [default: 3m; 20m if only the next log file can show it]";
    wait_for_logs: bool, "wait-for-logs" "" Told fixed Waiting Long "Also wait until the first log file has arrived, and look for an event of this run in it";
    answers: FilePath, "answers" "FILE" Never fixed Connection Long "Read answers from this TOML file";
    save_answers: FilePath, "save-answers" "FILE" Never fixed Connection Long "Write the answers to this TOML file";
}

/// Whether an environment variable gives an answer.
#[must_use]
pub(crate) fn is_variable(name: &str) -> bool {
    CATALOGUE.iter().any(|entry| entry.variable() == name)
}
