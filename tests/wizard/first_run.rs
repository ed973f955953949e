//! A first run: nothing is set, and what is needed to sign in is asked for.

use crate::support::{
    World, secret,
    terminal::{Size, Terminal},
};

/// A program without a region and credentials. The world's AWS credentials are in the profile `ours`.
fn bare(world: &World, arguments: &[&str]) -> std::process::Command {
    let folder = world.home().join(".aws");
    std::fs::create_dir_all(&folder).unwrap();
    let account = &world.account;
    let profile = format!(
        "[profile ours]\naws_access_key_id = {account}\naws_secret_access_key = root\naws_session_token = {}\n",
        secret()
    );
    std::fs::write(folder.join("config"), profile).unwrap();
    without_profiles(world, arguments)
}

/// The same without the profile.
fn without_profiles(world: &World, arguments: &[&str]) -> std::process::Command {
    let mut command = world.command(arguments);
    for variable in [
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_SESSION_TOKEN",
        "AWS_REGION",
        "SOPHOS_CENTRAL_CLIENT_ID",
        "SOPHOS_CENTRAL_CLIENT_SECRET",
    ] {
        command.env_remove(variable);
    }
    command
}

#[test]
fn what_is_missing_is_asked_and_a_wrong_secret_is_asked_again_and_never_shown() {
    let world = World::new();
    let right = world.tenant["clientSecret"].as_str().unwrap();
    let id = format!("{}\r", world.tenant["clientId"].as_str().unwrap());
    for columns in [80, 40] {
        let command = bare(&world, &["plan", "--no-organization"]);
        let size = Size { rows: 24, columns };
        let mut terminal = Terminal::sized(&command, "exec \"$@\"", size);
        let wrong = "a-wrong-secret";
        let (typed, typed_again) = (format!("{wrong}\r"), format!("{right}\r"));
        let mut shown = String::new();
        for (question, keys) in [
            ("? AWS region", "moon\r"),
            ("✘ ", "\x7f\x7f\x7f\x7feu-west-1\r"),
            ("❯ ours", "\r"),
            ("? How do you sign in to Sophos", "\r"),
            ("? Sophos Central client id", id.as_str()),
            ("? Sophos Central client secret", typed.as_str()),
            ("refused the", ""),
            ("? How do you sign in to Sophos", "\r"),
            ("? Sophos Central client id", "\r"),
            ("? Sophos Central client secret", typed_again.as_str()),
        ] {
            terminal.answer_list(question, keys);
            shown += &terminal.screen();
        }
        terminal.answer_list("? Name of the", "");
        shown += &terminal.screen();
        terminal.answer_list("? Name of the", "\x03");
        assert_eq!(terminal.end(), 130, "{}", terminal.screen());
        let shown: String = shown.split_whitespace().collect();
        assert!(shown.contains("APICredentialsManagement"), "{shown}");
        assert!(shown.contains("SOPHOS_CENTRAL_CLIENT_SECRET"), "{shown}");
        for secret in [wrong, right] {
            assert!(!shown.contains(secret), "{secret}");
        }
    }
    let left = std::fs::read_dir(world.home()).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, [".aws"]);
}

#[test]
fn without_a_profile_it_is_said_how_to_get_credentials() {
    let world = World::new();
    let command = without_profiles(&world, &["plan", "--region", "eu-west-1"]);
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer_list("? How do you sign in to AWS", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    let screen: String = terminal.screen().split_whitespace().collect();
    assert!(screen.contains("`awsconfiguresso`"), "{screen}");
    assert!(!screen.contains("chooseaprofile"), "{screen}");
}

#[test]
fn the_sandbox_is_offered_in_place_of_credentials() {
    let world = World::new();
    let mut command = world.command(&["plan"]);
    command.env_remove("SOPHOS_CENTRAL_CLIENT_ID");
    let mut terminal = Terminal::of(&command, "exec \"$@\"");
    terminal.answer_list("? How do you sign in to Sophos", "\x1b[B\r");
    terminal.answer_list("? Name of the", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("AWS account 111122223333"), "{screen}");
}

#[test]
fn without_a_terminal_nothing_is_asked() {
    let world = World::new();
    let mut command = bare(&world, &["plan", "--region", "eu-west-1"]);
    let ran = command.output().unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(said.contains("AWS credentials"), "{said}");
    assert!(said.contains("Central credentials"), "{said}");
}
