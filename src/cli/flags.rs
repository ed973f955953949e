//! The answers as flags, made from the catalogue.

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};

use crate::answers::{CATALOGUE, Flags, Shape};

/// The answers as flags, made from the catalogue.
#[derive(Clone, Debug, Default)]
pub(crate) struct AnswerFlags(pub Flags);

impl Args for AnswerFlags {
    fn augment_args(command: Command) -> Command {
        let command = command.next_help_heading(
            "Answers (flag > environment SOPHOS_CT_* > answers file > saved > prompt)",
        );
        CATALOGUE.iter().fold(command, |command, entry| {
            let arg = Arg::new(entry.key).long(entry.key).help(entry.help);
            match entry.shape {
                Shape::Flag => {
                    let command = command.arg(arg.action(ArgAction::SetTrue));
                    if entry.key == "organization" {
                        let no = Arg::new("no-organization")
                            .long("no-organization")
                            .action(ArgAction::SetTrue);
                        command.arg(
                            no.help("Collect from this account only")
                                .conflicts_with("organization"),
                        )
                    } else {
                        command
                    }
                }
                Shape::List => command.arg(arg.value_name(entry.value).action(ArgAction::Append)),
                Shape::Text | Shape::Number => command.arg(
                    arg.value_name(entry.value)
                        .action(ArgAction::Set)
                        .allow_hyphen_values(true),
                ),
            }
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for AnswerFlags {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut flags = Flags::new();
        for entry in CATALOGUE {
            let texts = match entry.shape {
                Shape::Flag if matches.get_flag(entry.key) => vec!["true".to_owned()],
                Shape::Flag
                    if entry.key == "organization" && matches.get_flag("no-organization") =>
                {
                    vec!["false".to_owned()]
                }
                Shape::Flag => continue,
                _ => match matches.get_many::<String>(entry.key) {
                    Some(texts) => texts.cloned().collect(),
                    None => continue,
                },
            };
            flags.insert(entry.key, texts);
        }
        Ok(Self(flags))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
