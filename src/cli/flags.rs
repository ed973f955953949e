//! The answers as flags, made from the catalogue, each under the heading of its group.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches, ValueHint};
use clap_complete::{ArgValueCandidates, CompletionCandidate};

use super::globals::SIGN_IN;
use crate::answers::{CATALOGUE, Entry, Flags, Group, Help, Shape};

/// The answers that change what `policy` prints, and the file that may hold them.
pub(crate) const OF_POLICY: [&str; 21] = [
    "name",
    "organization",
    "org-id",
    "management-account",
    "resources",
    "trail",
    "notify",
    "bucket",
    "prefix",
    "topic",
    "function",
    "role",
    "role-arn",
    "role-path",
    "permissions-boundary",
    "kms-key",
    "retention-days",
    "alarm",
    "expect-account",
    "wait-for-logs",
    "answers",
];

/// The answers of step 1 that `invite` takes, and the file that may hold them. `setup` has its account from its credentials.
pub(crate) const OF_INVITE: [&str; 7] = [
    "name",
    "account",
    "organization",
    "org-id",
    "management-account",
    "accounts",
    "answers",
];

/// Whether `setup` and `plan` take an answer.
#[must_use]
pub(crate) fn is_of_setup(key: &str) -> bool {
    key != "account"
}

/// The flags of the answers that `setup` and `plan` use.
#[derive(Clone, Debug, Default)]
pub(crate) struct AnswerFlags(pub Flags);

/// The flags of the answers that `policy` uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct PolicyFlags(pub Flags);

/// The flags of the answers that `invite` uses.
#[derive(Clone, Debug, Default)]
pub(crate) struct InviteFlags(pub Flags);

macro_rules! flags {
    ($($type:ident: $wanted:expr;)*) => {$(
        impl Args for $type {
            fn augment_args(command: Command) -> Command {
                let entries = CATALOGUE.iter().filter($wanted);
                entries.fold(command, with_flag)
            }

            fn augment_args_for_update(command: Command) -> Command {
                Self::augment_args(command)
            }
        }

        impl FromArgMatches for $type {
            fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
                let entries = CATALOGUE.iter().filter($wanted);
                let given = entries.filter_map(|entry| Some((entry.key, texts(entry, matches)?)));
                Ok(Self(given.collect()))
            }

            fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
                *self = Self::from_arg_matches(matches)?;
                Ok(())
            }
        }
    )*};
}

flags! {
    AnswerFlags: |entry: &&Entry| is_of_setup(entry.key);
    PolicyFlags: |entry: &&Entry| OF_POLICY.contains(&entry.key);
    InviteFlags: |entry: &&Entry| OF_INVITE.contains(&entry.key);
}

/// The heading in help of a group of answers. Those of the steps are the wizard's.
#[must_use]
pub(super) fn heading(group: Group) -> &'static str {
    match group {
        Group::Connection => "Connection",
        Group::Organization => "Step 1 of 3, AWS Organizations",
        Group::Resources => "Step 2 of 3, Resources",
        Group::Details => "Step 3 of 3, AWS details",
        Group::Access => "Roles, keys and tags",
        Group::Cost => "Cost and retention",
        Group::Function => "Function",
        Group::Waiting => "Waiting",
        Group::SignIn => SIGN_IN,
    }
}

fn with_flag(command: Command, entry: &'static Entry) -> Command {
    let arg = with_help(Arg::new(entry.key).long(entry.key), entry);
    let arg = match entry.shape {
        Shape::Flag => arg.action(ArgAction::SetTrue),
        Shape::List => arg.value_name(entry.value).action(ArgAction::Append),
        Shape::Text | Shape::Number => arg
            .value_name(entry.value)
            .action(ArgAction::Set)
            .allow_hyphen_values(true),
    };
    let command = command.arg(with_values(arg, entry.value));
    if entry.key != "organization" {
        return command;
    }
    command.arg(
        Arg::new("no-organization")
            .long("no-organization")
            .action(ArgAction::SetTrue)
            .help("Collect from this account only")
            .help_heading(heading(entry.group))
            .hide_short_help(true)
            .conflicts_with("organization"),
    )
}

fn with_help(arg: Arg, entry: &'static Entry) -> Arg {
    let arg = arg
        .help_heading(heading(entry.group))
        .hide_short_help(entry.shown == Help::Long);
    match entry.help.split_once(" [") {
        Some((short, _)) => arg.help(short).long_help(entry.help),
        None => arg.help(entry.help),
    }
}

/// Lets shells complete the values: files, and words that the placeholder lists.
fn with_values(arg: Arg, placeholder: &'static str) -> Arg {
    let is_word = |word: &str| word.chars().all(|char| char.is_ascii_lowercase());
    if placeholder == "FILE" {
        arg.value_hint(ValueHint::FilePath)
    } else if placeholder.contains('|') && placeholder.split('|').all(is_word) {
        let words = move || -> Vec<CompletionCandidate> {
            let words = placeholder.split('|');
            words.map(CompletionCandidate::new).collect()
        };
        arg.add(ArgValueCandidates::new(words))
    } else {
        arg
    }
}

/// The texts of a flag, if it was given.
fn texts(entry: &Entry, matches: &ArgMatches) -> Option<Vec<String>> {
    if entry.shape != Shape::Flag {
        let texts = matches.get_many::<String>(entry.key)?;
        return Some(texts.cloned().collect());
    }
    let refused = entry.key == "organization" && matches.get_flag("no-organization");
    let given = matches.get_flag(entry.key);
    (given || refused).then(|| vec![given.to_string()])
}
