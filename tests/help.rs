//! Help: its examples, run; manual pages; completion in a shell; variables that are empty.

use std::{fmt::Debug, process::Command};

use sophos_ct::testing::examples_to_run;

use crate::{
    organization::organize,
    support::{Ran, World},
};

#[test]
fn every_example_to_be_run_works_as_it_stands() {
    let production = World::new();
    production.setup("production", &[]).exits(0);
    let company = World::new();
    organize(&company, &[]);
    company.setup("company", &["--organization"]).exits(0);
    for example in examples_to_run() {
        let words: Vec<&str> = example.split(' ').collect();
        let world = if words.contains(&"company") {
            &company
        } else {
            &production
        };
        let ran = world.run(&words);
        assert_eq!(ran.code, 0, "{example}: {}\n{}", ran.stdout, ran.stderr);
    }
}

#[test]
fn global_variables_that_are_empty_count_as_unset() {
    let world = World::new();
    let mut command = world.command(&["list"]);
    for name in [
        "ACCESSIBLE",
        "CLIENT_SECRET_FILE",
        "COLOR",
        "FORMAT",
        "LANG",
        "LOG_FILE",
        "NO_INPUT",
        "PROFILE",
        "REGION",
        "SANDBOX",
        "TENANT",
        "YES",
    ] {
        command.env(format!("SOPHOS_CT_{name}"), "");
    }
    Ran::from(command.output().unwrap()).exits(0);
    let mut command = world.command(&["list"]);
    let ran = Ran::from(command.env("SOPHOS_CT_FORMAT", "xml").output().unwrap());
    assert!(ran.exits(2).stderr.contains("xml"));
}

#[test]
fn a_command_line_that_cannot_be_read_is_answered_in_japanese() {
    let world = World::new();
    for (words, said) in [
        (
            &["setup", "--bogus", "--lang", "ja"][..],
            "'--bogus' という引数はありません",
        ),
        (
            &["list", "--lang=ja", "--format", "xml"],
            "[指定できる値: text, json]",
        ),
        (&["stauts", "--lang", "ja"], "似たコマンドがあります: "),
        (&["remove", "--lang", "ja"], "次の引数が必要です"),
    ] {
        let stderr = world.run(words).exits(2).stderr;
        assert!(stderr.starts_with("エラー: "), "{stderr}");
        assert!(stderr.contains("--help"), "{stderr}");
        assert!(stderr.contains(said), "{said}: {stderr}");
    }
    let mut command = world.command(&["list", "--bogus", "--format", "json"]);
    command.env("LANG", "ja_JP.UTF-8");
    let error = Ran::from(command.output().unwrap()).exits(2).json();
    let error = &error["error"];
    assert_eq!(error["code"], "usage");
    assert_eq!(error["message"], "'--bogus' という引数はありません");
}

#[test]
fn variables_of_flags_without_a_value_take_the_words_of_answers() {
    let world = World::new();
    let ran = |arguments: &[&str], variable: &str, word: &str| {
        let mut command = world.command(arguments);
        Ran::from(command.env(variable, word).output().unwrap())
    };
    let remove = ["remove", "demo", "--confirm-account", &world.account];
    for word in ["0", "no", "false"] {
        let refused = ran(&["setup", "demo"], "SOPHOS_CT_YES", word).exits(2);
        let stderr = refused.stderr;
        assert!(!stderr.contains("invalid value"), "{word}: {stderr}");
    }
    ran(&["setup", "demo"], "SOPHOS_CT_YES", "1").exits(0);
    ran(&remove, "SOPHOS_CT_YES", "yes").exits(0);
    for variable in ["NO_INPUT", "YES", "ACCESSIBLE", "SANDBOX"] {
        let variable = format!("SOPHOS_CT_{variable}");
        let refused = ran(&["list"], &variable, "maybe").exits(2);
        assert!(refused.stderr.contains("maybe"), "{}", refused.stderr);
    }
}

#[test]
fn all_manual_pages_are_written_to_a_folder() {
    let world = World::new();
    world.run(&["man", "--out", "pages/man1"]).exits(0);
    let folder = world.home().join("pages/man1");
    let page = std::fs::read_to_string(folder.join("sophos-ct-setup.1")).unwrap();
    assert_eq!(page, world.run(&["man", "setup"]).exits(0).stdout);
    assert!(folder.join("sophos-ct-sandbox-start.1").exists());
    let program = std::fs::read_to_string(folder.join("sophos-ct.1")).unwrap();
    assert_eq!(program, world.run(&["man"]).exits(0).stdout);
    std::fs::write(world.home().join("file"), "").unwrap();
    let ran = world.run(&["man", "--out", "file"]).exits(2);
    assert!(ran.stderr.contains("--out: file"), "{}", ran.stderr);
    world.run(&["man", "nothing"]).exits(2);
}

/// What the program offers for the last of these words, as bash would ask.
fn offered(world: &World, words: &[&str], variables: &[(&str, &str)]) -> Vec<String> {
    let mut command = world.command(&["--", "sophos-ct"]);
    command
        .args(words)
        .env("SOPHOS_CT_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", words.len().to_string())
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_IFS", "\n")
        .envs(variables.iter().copied());
    let ran = Ran::from(command.output().unwrap()).exits(0);
    assert_eq!(ran.stderr, "");
    ran.stdout.lines().map(ToOwned::to_owned).collect()
}

/// Looks again where this machine was too busy to look names up in time.
pub fn until_found<T: Debug>(look: impl FnMut() -> T, is_found: impl Fn(&T) -> bool) -> T {
    let mut last = None;
    for seen in std::iter::repeat_with(look).take(30) {
        if is_found(&seen) {
            return seen;
        }
        last = Some(seen);
    }
    panic!("{last:?}")
}

#[test]
fn commands_values_connections_and_trails_are_completed() {
    let world = World::new();
    world.setup("my logs", &[]).exits(0);
    let offered = |words: &[&str]| offered(&world, words, &[]);
    assert_eq!(offered(&["acc"]), ["accounts"]);
    assert_eq!(offered(&["plan", "--resources", ""]), ["new", "existing"]);
    assert_eq!(offered(&["setup", "--notify", "ev"]), ["eventbridge"]);
    assert_eq!(offered(&["list", "--format", ""]), ["text", "json"]);
    assert_eq!(offered(&["completions", "z"]), ["zsh"]);
    // bash takes a name as it would be typed.
    let some = |names: &Vec<String>| !names.is_empty();
    for typed in ["my", "my lo", "my\\ lo"] {
        let names = until_found(|| offered(&["remove", typed]), some);
        assert_eq!(names, ["my\\ logs"], "{typed}");
    }
    let words = ["plan", "--resources", "existing", "--trail", ""];
    let trails = until_found(|| offered(&words), some);
    assert_eq!(trails.len(), 1, "{trails:?}");
    assert!(trails[0].starts_with("sophos-ct-my-logs"), "{trails:?}");
}

#[test]
fn what_cannot_be_looked_up_is_not_offered_and_nothing_is_said() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let names = |variables: &[_]| offered(&world, &["status", "d"], variables);
    let trails = |variables: &[_]| offered(&world, &["plan", "--trail", ""], variables);
    let some = |found: &Vec<String>| !found.is_empty();
    until_found(|| names(&[]), some);
    until_found(|| trails(&[]), some);
    for variable in [
        ("SOPHOS_CENTRAL_CLIENT_SECRET", "wrong"),
        ("SOPHOS_CENTRAL_CLIENT_SECRET", ""),
        ("SOPHOS_CENTRAL_API_URL", "http://127.0.0.1:9"),
    ] {
        assert_eq!(names(&[variable]), [""; 0], "{variable:?}");
    }
    assert_eq!(trails(&[("AWS_SESSION_TOKEN", "wrong")]), [""; 0]);
}

#[test]
fn the_script_for_bash_completes_in_bash() {
    let world = World::new();
    world.setup("my logs", &[]).exits(0);
    let program = world.command(&[]);
    let script = "source <(\"$0\" completions bash)\n\
                  COMP_WORDS=(sophos-ct status my) COMP_CWORD=2\n\
                  _clap_complete_sophos_ct sophos-ct my status\n\
                  printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["-c", script])
        .arg(program.get_program())
        .env_clear();
    for (name, value) in program.get_envs() {
        bash.env(name, value.unwrap_or_default());
    }
    let complete = || Ran::from(bash.output().unwrap()).exits(0).stdout;
    let offered = until_found(complete, |offered| offered != "\n");
    assert_eq!(offered, "my\\ logs\n");
}
