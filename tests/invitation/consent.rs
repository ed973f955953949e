//! Whoever is invited says whether the logs may go to this tenant: on a terminal, or by a flag.

use std::{io::Write, process::Command};

use super::{code, invitation, invited, piped, status, tenant};
use crate::support::{Ran, World, snapshot, terminal::Terminal};

#[test]
fn without_a_terminal_the_tenant_must_be_named() {
    let world = World::new();
    let code = code(&invitation(&world));
    let before = snapshot::aws(&world);
    let ran = |more: &[&str]| -> Ran {
        let words = [&["setup", "--code", &code, "--yes"], more].concat();
        invited(&world, &words).output().unwrap().into()
    };
    let open = ran(&[]).exits(2);
    assert!(open.stderr.contains("--expect-tenant"), "{}", open.stderr);
    assert!(open.stderr.contains(tenant(&world)), "{}", open.stderr);
    let another = ran(&["--expect-tenant", "another"]).exits(5).stderr;
    assert!(another.contains("invitation from tenant"), "{another}");
    assert!(another.contains("whoever has invited you"), "{another}");
    ran(&["--tenant", "another", "--expect-tenant", tenant(&world)]).exits(5);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"account = \"999999999999\"\n").unwrap();
    let file = file.path().to_str().unwrap();
    ran(&["--expect-tenant", tenant(&world), "--answers", file]).exits(5);
    assert_eq!(snapshot::aws(&world), before);
    assert_eq!(status(&world), "pending");
}

#[test]
fn the_line_that_was_sent_is_pasted_into_a_shell_and_reads_the_code_from_a_pipe() {
    let world = World::new();
    let made = invitation(&world);
    let line = made["command"].as_str().unwrap();
    assert!(!made["command"].to_string().contains(&code(&made)));
    let program = invited(&world, &[]);
    let bin = world.home().join("bin");
    std::fs::create_dir(&bin).unwrap();
    std::os::unix::fs::symlink(program.get_program(), bin.join("sophos-ct")).unwrap();
    let path = std::env::var("PATH").unwrap();
    let variables = program.get_envs();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg(format!("{line} --yes --expect-tenant {}", tenant(&world)))
        .env_clear()
        .envs(variables.filter_map(|(name, value)| Some((name, value?))))
        .env("PATH", format!("{}:{path}", bin.display()))
        .current_dir(world.home());
    piped(&mut shell, &code(&made)).exits(0);
    assert_eq!(status(&world), "active");
}

#[test]
fn on_a_terminal_the_code_is_typed_unseen_and_a_no_changes_nothing() {
    let world = World::new();
    let code = code(&invitation(&world));
    let before = snapshot::aws(&world);
    let typed = format!("{code}\r");
    let command = invited(&world, &["setup", "--code", "-"]);
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer_list("? Code of the invitation", &typed);
    terminal.answer_list("? Send this account's logs", "\r");
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    let screen = terminal.screen();
    for shown in [tenant(&world), "127.0.0.1", "demo", &world.account] {
        assert!(screen.contains(shown), "{shown}: {screen}");
    }
    assert!(!screen.contains(&code), "{screen}");
    assert_eq!(snapshot::aws(&world), before);

    let command = invited(&world, &["setup", "--code", "-"]);
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer_list("? Code of the invitation", &typed);
    terminal.answer_list("? Send this account's logs", "y\r");
    // Step 1 is answered.
    terminal.answer_list("or use existing", "\r");
    terminal.answer_list("these names?", "\r");
    terminal.answer_list("Apply this plan?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    assert_eq!(status(&world), "active");
}

#[test]
fn without_questions_the_code_is_one_line_of_a_terminal_or_what_a_pipe_has() {
    let world = World::new();
    let code = code(&invitation(&world));
    let words = ["setup", "--code", "-", "--no-input"];
    let mut terminal = Terminal::of(&invited(&world, &words), "exec \"$@\"");
    terminal.answer("Code of the invitation:", &format!("{code}\r"));
    assert_eq!(terminal.end(), 2, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("--expect-tenant"), "{screen}");
    assert!(!screen.contains(&code), "{screen}");
    let nothing = piped(&mut invited(&world, &words), "").exits(2);
    let said = "nothing came from stdin";
    assert!(nothing.stderr.contains(said), "{}", nothing.stderr);
    assert_eq!(status(&world), "pending");
}
