//! Tests of the command line: its help, its examples and manual pages, and that documents show only what it accepts.

use std::{fs, path::Path};

use clap::{Command, CommandFactory, error::ErrorKind};

use super::{
    examples::EXAMPLES,
    flags::{heading, is_of_setup},
    help::broken,
    *,
};
use crate::{
    answers::{CATALOGUE, Group, Shape},
    ui::t,
};

/// The rows of a terminal of 80x24 that are left when the next prompt stands below the help.
const ROWS: usize = 23;

/// Runs a check on each command that people see, with its path, such as `sandbox start`.
fn for_each(check: &mut dyn FnMut(&str, &Command)) {
    fn visit(command: &Command, path: &str, check: &mut dyn FnMut(&str, &Command)) {
        check(path, command);
        for one in command.get_subcommands().filter(|one| !one.is_hide_set()) {
            let path = format!("{path} {}", one.get_name());
            visit(one, path.trim_start(), check);
        }
    }
    let mut program = command().disable_colored_help(true);
    program.build();
    visit(&program, "", check);
}

fn parse(words: &[&str]) -> Result<Cli, clap::Error> {
    let matches = command().try_get_matches_from([&[PROGRAM], words].concat())?;
    Cli::from_arg_matches(&matches)
}

#[test]
fn the_command_line_is_consistent() {
    command().debug_assert();
}

#[test]
fn the_help_of_every_command_is_as_the_snapshots_show() {
    for_each(&mut |path, command| {
        let name = format!("help {path}").trim_end().replace([' ', '-'], "_");
        let long = command.clone().term_width(100).render_long_help();
        insta::assert_snapshot!(name.clone(), long.to_string());
        let short = command.clone().term_width(80).render_help();
        insta::assert_snapshot!(format!("{name}_short"), short.to_string());
    });
}

#[test]
fn short_help_fits_a_screen_and_says_where_the_rest_is() {
    for_each(&mut |path, command| {
        let help = command.clone().term_width(80).render_help().to_string();
        let lines: Vec<&str> = help.trim_end().lines().collect();
        assert!(lines.len() <= ROWS, "{path}: {}\n{help}", lines.len());
        assert!(
            lines.iter().all(|line| line.chars().count() <= 80),
            "{help}"
        );
        let last = lines.last().unwrap();
        assert!(last.starts_with("All flags"), "{help}");
        assert!(last.ends_with("--help"), "{help}");
    });
}

#[test]
fn the_headings_of_the_steps_are_those_of_the_wizard() {
    for (group, number, title) in [
        (Group::Organization, 1, t!("step-organization")),
        (Group::Resources, 2, t!("step-resources")),
        (Group::Details, 3, t!("step-details")),
    ] {
        let step = t!("step", number = number, title = title);
        assert_eq!(heading(group), step.replacen(": ", ", ", 1));
    }
}

#[test]
fn every_answer_is_a_flag_and_comes_as_it_was_given() {
    for entry in CATALOGUE {
        let flag = format!("--{}", entry.key);
        let (given, expected) = match entry.shape {
            Shape::Flag => (vec![flag.as_str()], "true"),
            Shape::Text | Shape::Number | Shape::List => (vec![flag.as_str(), "1"], "1"),
        };
        let mut answers = Vec::new();
        if is_of_setup(entry.key) {
            let words = [&["plan"], &given[..]].concat();
            let Verb::Plan(arguments) = parse(&words).unwrap().command else {
                panic!("plan is another command");
            };
            answers.push(arguments.setup.answers.0);
        }
        if OF_INVITE.contains(&entry.key) {
            let words = [&["invite"], &given[..]].concat();
            let Verb::Invite(arguments) = parse(&words).unwrap().command else {
                panic!("invite is another command");
            };
            answers.push(arguments.answers.0);
        }
        assert!(!answers.is_empty(), "{}", entry.key);
        for answers in answers {
            assert_eq!(answers[entry.key], [expected], "{}", entry.key);
        }
    }
}

#[test]
fn the_code_of_an_invitation_is_no_answer_and_is_not_shown() {
    let code = "0F8C0C1E-2F5E-4A57-9D3C-5B1A6F0E7D21";
    let Verb::Setup(arguments) = parse(&["setup", "--code", code]).unwrap().command else {
        panic!("setup is another command");
    };
    assert!(!format!("{arguments:?}").contains(code));
    assert!(arguments.setup.answers.0.is_empty());
    let refused = parse(&["setup", "--code", code, "--bogus"]).unwrap_err();
    assert!(!refused.to_string().contains(code), "{refused}");
    assert!(is_variable("SOPHOS_CT_CODE"));
}

#[test]
fn policy_refuses_answers_that_do_not_change_a_policy() {
    for flag in ["--tag", "--ingest-host", "--wait", "--save-answers"] {
        let error = parse(&["policy", "setup-new", flag, "x"]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownArgument, "{flag}");
    }
}

#[test]
fn every_command_has_examples_that_it_accepts() {
    let mut names = Vec::new();
    for_each(&mut |path, _| names.push(path.to_owned()));
    let mut named: Vec<&str> = EXAMPLES.iter().map(|(name, _)| *name).collect();
    named.sort_unstable();
    names.sort_unstable();
    assert_eq!(named, names);
    for (name, examples) in EXAMPLES {
        let few = if name.contains(' ') { 1..=2 } else { 2..=6 };
        assert!(few.contains(&examples.len()), "{name}");
        for example in *examples {
            let words: Vec<&str> = example.words.split(' ').collect();
            parse(&words).unwrap_or_else(|error| panic!("{}: {error}", example.words));
            let fits = |line: &str| line.chars().count() <= 80;
            assert!(
                broken(&example.line()).lines().all(fits),
                "{}",
                example.words
            );
            assert!(
                fits(&format!("  # {}", example.meaning)),
                "{}",
                example.words
            );
        }
    }
}

#[test]
fn a_long_example_breaks_before_a_flag() {
    let line = format!("sophos-ct setup --trail {} --yes", "x".repeat(50));
    assert_eq!(
        broken(&line),
        format!("  {} \\\n      --yes", &line[..line.len() - 6])
    );
    assert_eq!(broken("sophos-ct list"), "  sophos-ct list");
}

#[test]
fn every_command_has_a_manual_page_with_all_its_flags() {
    let pages = manual::pages().unwrap();
    let files: Vec<&str> = pages.iter().map(|(file, _)| file.as_str()).collect();
    let commands = manual::COMMANDS.map(|command| format!("{PROGRAM}-{command}.1"));
    assert_eq!(files[0], "sophos-ct.1");
    assert_eq!(files[1..], commands);
    for (file, page) in &pages {
        let page = String::from_utf8_lossy(page);
        for section in [
            "NAME",
            "SYNOPSIS",
            "ENVIRONMENT",
            "\"EXIT STATUS\"",
            "FILES",
            "EXAMPLES",
            "\"SEE ALSO\"",
        ] {
            assert!(
                page.contains(&format!(".SH {section}\n")),
                "{file} {section}"
            );
        }
        assert!(page.contains("sophos\\-ct"), "{file}");
    }
    let setup = manual::page(Some("setup")).unwrap();
    let setup = String::from_utf8_lossy(&setup);
    for entry in CATALOGUE.iter().filter(|entry| is_of_setup(entry.key)) {
        assert!(setup.contains(&entry.variable()), "{}", entry.key);
    }
    assert!(setup.contains("Key prefix of the log files"), "{setup}");
}

#[test]
fn every_command_in_the_documents_is_one_that_the_program_accepts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = vec![root.join("README.md"), root.join("README.ja.md")];
    let docs = fs::read_dir(root.join("docs"));
    let docs = docs
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path());
    files.extend(docs.filter(|path| path.extension().is_some_and(|end| end == "md")));
    let mut count = 0;
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        for words in commands_in(&text) {
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            count += 1;
            match parse(&words) {
                Err(error) if error.use_stderr() => {
                    panic!("{}: {words:?}: {error}", file.display())
                }
                Ok(_) | Err(_) => {}
            }
        }
    }
    assert!(count > 5, "{count}");
}

#[test]
fn the_exit_codes_of_the_manual_pages_are_those_of_the_documents() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/automation.md");
    let text = fs::read_to_string(file).unwrap();
    let (_, section) = text.split_once("\n## Exit codes\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let rows = section.lines().filter(|line| line.starts_with('|')).skip(2);
    let mut documented = Vec::new();
    for row in rows {
        let codes = row.split('|').nth(1).unwrap().split(',');
        documented.extend(codes.map(|code| code.trim().parse::<u8>().unwrap()));
    }
    assert_eq!(documented, manual::EXITS.map(|(exit, _)| exit as u8));
}

#[test]
fn a_manual_page_names_the_flags_of_its_command_before_those_that_every_command_takes() {
    let page = manual::page(Some("status")).unwrap();
    let page = String::from_utf8_lossy(&page).replace('\\', "");
    let (_, flags) = page.split_once(".SH OPTIONS\n").unwrap();
    let at = |flag: &str| flags.find(&format!("fB{flag}fR")).unwrap();
    assert!(at("--parts") < at("--no-input"), "{flags}");
    assert!(at("--no-input") < at("--accessible"), "{flags}");
}

#[test]
fn the_synopsis_of_a_manual_page_is_the_usage_of_the_command() {
    for (name, expected) in [
        (None, "fBsophos-ctfR [OPTIONS] <COMMAND>"),
        (Some("setup"), "fBsophos-ct setupfR [OPTIONS] [CONNECTION]"),
        (
            Some("remove"),
            "fBsophos-ct removefR [OPTIONS] [CONNECTION]",
        ),
        (
            Some("sandbox-start"),
            "fBsophos-ct sandbox startfR [OPTIONS]",
        ),
    ] {
        let page = manual::page(name).unwrap();
        let page = String::from_utf8_lossy(&page).replace('\\', "");
        let (_, synopsis) = page.split_once(".SH SYNOPSIS\n").unwrap();
        assert_eq!(synopsis.lines().next(), Some(expected), "{page}");
    }
}

/// The words of each call of the program in the code of a document. Calls with `…` are left out: they are not whole.
fn commands_in(text: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut fenced = false;
    let joined = text.replace("\\\n", " ");
    for line in joined.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            found.extend(calls(line));
        }
    }
    found
}

/// The words of each call of the program in a line of shell.
fn calls(line: &str) -> Vec<Vec<String>> {
    let called = simple_commands(line).into_iter().filter_map(|words| {
        let is_before = |word: &String| word == "$" || word.contains('=');
        let words: Vec<String> = words.into_iter().skip_while(is_before).collect();
        let texts: Vec<&str> = words.iter().map(String::as_str).collect();
        match texts[..] {
            [PROGRAM | "./sophos-ct", ..] => Some(words[1..].to_vec()),
            ["cargo", "run", "--", ..] => Some(words[3..].to_vec()),
            _ => None,
        }
    });
    let is_whole = |words: &Vec<String>| words.iter().all(|word| !word.contains('…'));
    called.filter(is_whole).collect()
}

/// The commands between the operators of a line of shell, each as its words.
fn simple_commands(line: &str) -> Vec<Vec<String>> {
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut quote = None;
    for char in line.chars() {
        let ends = quote.is_none() && " |&;()<>".contains(char);
        if ends && let Some(word) = word.take() {
            commands.last_mut().unwrap().push(word);
        }
        match char {
            _ if quote == Some(char) => quote = None,
            _ if quote.is_some() => word.get_or_insert_default().push(char),
            ' ' => {}
            '|' | '&' | ';' | '(' | ')' | '<' | '>' => commands.push(Vec::new()),
            '#' if word.is_none() => break,
            '\'' | '"' => {
                quote = Some(char);
                word.get_or_insert_default();
            }
            _ => word.get_or_insert_default().push(char),
        }
    }
    commands.last_mut().unwrap().extend(word);
    commands
}

#[test]
fn calls_are_found_among_other_words_of_a_shell() {
    let found = |line| calls(line).into_iter().map(|words| words.join("+"));
    for (line, expected) in [
        ("    sophos-ct plan   # what setup would do", vec!["plan"]),
        ("$ LANG=ja ./sophos-ct setup 'a b' | cat", vec!["setup+a b"]),
        (
            "source <(sophos-ct completions bash)",
            vec!["completions+bash"],
        ),
        (
            "cargo run -- --sandbox list && sophos-ct list",
            vec!["--sandbox+list", "list"],
        ),
        ("curl \"$URL/sophos-ct\"; sophos-ct setup …", vec![]),
    ] {
        assert_eq!(found(line).collect::<Vec<_>>(), expected, "{line}");
    }
}

#[test]
fn complaints_have_the_form_of_those_of_clap() {
    for words in [
        &["setup", "--bogus"][..],
        &["setup", "--trial", "x"],
        &["stauts"],
        &["list", "--format", "xml"],
        &["list", "--format"],
        &["list", "extra"],
        &["list", "--all", "--all"],
        &["remove"],
        &["remove", "x", "--bucket", "y"],
        &["accounts", "x", "--all", "--add", "1"],
        &["man", "nothing"],
        &["sandbox", "strat"],
        &["setup", "--yes=maybe"],
    ] {
        let error = parse(words).unwrap_err();
        let expected = error.render().to_string();
        assert_eq!(complaint(&error), Some(expected), "{words:?}");
    }
}

#[test]
fn the_program_is_called_as_its_package() {
    assert_eq!(PROGRAM, env!("CARGO_PKG_NAME"));
    assert_eq!(Cli::command().get_name(), PROGRAM);
}
