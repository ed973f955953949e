//! Where the wizard leads: what is seen is said, what leads nowhere is asked again, and going back leaves a tidy screen.

use crate::{
    existing::{self, with_trail},
    organization::organize,
    support::{World, blocking, terminal::Terminal},
};

fn run(world: &World, arguments: &[&str]) -> Terminal {
    Terminal::run(world, "exec \"$@\"", arguments)
}

/// Ends the program at its open question.
fn stop(terminal: &mut Terminal, question: &str) {
    terminal.answer_list(question, "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
}

#[test]
fn control_towers_trail_is_marked_and_leads_to_the_command_for_the_log_archive() {
    let (management, member) = (World::new(), World::wired());
    organize(&management, &[&member.account]);
    existing::control_tower(&management);
    let words = ["setup", "tower", "--no-organization"];
    let words = [&words[..], &["--resources", "existing"]].concat();
    let mut terminal = run(&member, &words);
    // The cursor is not on it.
    terminal.answer_list("❯ A bucket in this", "\x1b[A");
    terminal.answer_list("❯ aws-controltower-", "");
    let screen = terminal.screen();
    let row = screen.lines().find(|line| line.contains("❯ aws-control"));
    assert!(
        row.is_some_and(|row| row.contains("Control Tower")),
        "{screen}"
    );
    terminal.answer_list("❯ aws-controltower-", "\r");
    let bucket = format!("aws-controltower-logs-{}", management.account);
    let command = format!(
        "  sophos-ct setup tower --region eu-west-1 --organization --resources existing --bucket {bucket} --notify bucket"
    );
    terminal.answer_list(&command, "");
    stop(&mut terminal, "❯ A bucket in this");
    assert_eq!(member.wire().writes(), [""; 0]);
}

#[test]
fn without_a_trail_a_bucket_is_asked_for_until_there_is_one() {
    let world = World::new();
    let words = ["setup", "none", "--no-organization"];
    let words = [&words[..], &["--resources", "existing"]].concat();
    let mut terminal = run(&world, &words);
    let missing = format!("there-is-none-{}", world.account);
    terminal.answer_list("? Name of the bucket", &format!("{missing}\r"));
    terminal.answer_list("does not exist", "");
    stop(&mut terminal, "? Name of the bucket");
    let screen = terminal.screen();
    assert!(
        screen.contains("No trail can be seen in eu-west-1"),
        "{screen}"
    );
    assert!(!screen.contains("Which trail"), "{screen}");
}

#[test]
fn the_organization_is_named_before_it_is_asked_about() {
    let (management, member) = (World::new(), World::new());
    let id = organize(&management, &[&member.account]);
    for (world, part) in [
        (&management, "the management account"),
        (&member, "a member"),
    ] {
        let mut terminal = run(world, &["setup", "named"]);
        let seen = format!("The account is {part} of organization {id}");
        terminal.answer_list(&seen, "");
        stop(&mut terminal, "? Does this connection cover");
    }
}

#[test]
fn the_cost_is_said_with_the_choice_and_declining_it_goes_back() {
    let world = with_trail(false);
    let mut terminal = run(&world, &["setup", "costs", "--no-organization"]);
    terminal.answer_list("USD 2.00 per 100,000", "");
    terminal.answer_list("? Create new", "\r");
    terminal.answer_list("? Use these names?", "\r");
    terminal.answer_list("? Create the trail and accept", "n\r");
    // Existing resources avoid the cost.
    stop(&mut terminal, "? Create new");

    let unattended = ["setup", "costs", "--resources", "new"];
    let unattended = [&unattended[..], &["--yes", "--no-input"]].concat();
    let refused = world.run(&unattended).exits(2).stderr;
    assert_eq!(
        refused.matches("USD 2.00 per 100,000").count(),
        1,
        "{refused}"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn saved_answers_overwrite_nothing_unasked_and_a_file_that_cannot_be_written_is_asked_again() {
    let world = World::wired();
    let there = world.home().join("there.toml");
    std::fs::write(&there, "mine").unwrap();
    let there = there.display().to_string();
    let other = world.home().join("other file.toml").display().to_string();
    let words = ["setup", "saved", "--no-organization", "--resources", "new"];
    let mut terminal = run(&world, &words);
    terminal.answer_list("? Use these names?", "\r");
    terminal.answer_list("? Apply this plan?", "\x1b[A\r");
    // Esc goes back to the plan's question.
    terminal.answer_list("? File for the", "\x1b");
    terminal.answer_list("? Apply this plan?", "\x1b[A\r");
    terminal.answer_list("? File for the", "no/such/folder.toml\r");
    terminal.answer_list("cannot be written", "");
    terminal.answer_list("? File for the", &format!("{there}\r"));
    terminal.answer_list("Overwrite it?", "\r");
    terminal.answer_list("? File for the", &format!("{other}\r"));
    assert_eq!(terminal.end(), 9, "{}", terminal.screen());
    assert_eq!(std::fs::read_to_string(&there).unwrap(), "mine");
    let saved = std::fs::read_to_string(&other).unwrap();
    assert!(saved.contains("resources = \"new\""), "{saved}");
    let command = format!("  sophos-ct setup saved --region eu-west-1 --answers '{other}'");
    let screen = terminal.screen();
    assert!(screen.contains(&command), "{screen}");
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn an_answers_file_of_a_flag_that_cannot_be_written_is_said_before_anything_is_applied() {
    let world = World::wired();
    let words = ["setup", "unsaved", "--yes", "--save-answers"];
    let ran = world.run(&[&words[..], &["no/such/folder.toml"]].concat());
    let said = ran.exits(2).stderr;
    assert!(
        said.contains("--save-answers: no/such/folder.toml"),
        "{said}"
    );
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn going_back_takes_answered_lines_away_and_how_to_go_back_is_said_once() {
    let world = with_trail(true);
    let mut terminal = run(&world, &["setup", "--no-organization"]);
    for _ in 0..2 {
        terminal.answer_list("? Name of the", "\r");
        terminal.answer_list("? Create new", "\r");
        terminal.answer_list("? Which trail?", "\x1b");
        terminal.answer_list("? Create new", "\x1b");
    }
    terminal.answer_list("? Name of the", "\r");
    stop(&mut terminal, "? Create new");
    let screen = terminal.screen();
    let once = [
        "✔ Name of the",
        "Esc goes back",
        "Step 1 of 3",
        "Step 2 of 3",
        "already logs management events",
    ];
    for text in once {
        assert_eq!(screen.matches(text).count(), 1, "{text}: {screen}");
    }

    // The first question is asked again where it is, and what was said before it is not said again.
    let words = ["setup", "first", "--no-organization", "--accessible"];
    let mut terminal = run(&world, &words);
    terminal.answer_list("Number", "<\r2\r");
    terminal.answer_list("Which trail?", "");
    stop(&mut terminal, "2. A bucket in this");
    let screen = terminal.screen();
    let said = [
        ("Create new resources, or", 2),
        ("already logs management events", 1),
        ("Step 2 of 3", 1),
        ("Type < to go back", 1),
    ];
    for (text, count) in said {
        assert_eq!(screen.matches(text).count(), count, "{text}: {screen}");
    }
}

#[test]
fn several_trails_stand_below_one_sentence() {
    let world = with_trail(true);
    blocking(async {
        let cloudtrail = world.aws().await.cloudtrail;
        let make = cloudtrail.create_trail().name("second");
        let make = make.s3_bucket_name(format!("theirs-{}", world.account));
        let make = make.s3_key_prefix("audit").is_multi_region_trail(true);
        make.send().await.unwrap();
        let start = cloudtrail.start_logging().name("second");
        start.send().await.unwrap();
    });
    let mut terminal = run(&world, &["setup", "demo", "--no-organization"]);
    stop(&mut terminal, "? Create new");
    let screen = terminal.screen();
    for text in [
        "trails already log management events:",
        ":trail/second",
        ":trail/theirs",
    ] {
        assert_eq!(screen.matches(text).count(), 1, "{text}: {screen}");
    }
}

#[test]
fn a_setting_that_changes_is_shown_before_and_after() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let mut terminal = run(&world, &["setup", "demo", "--log-retention-days", "90"]);
    terminal.answer_list("Apply this plan?", "\x1b[B\x1b[B\x1b[B\r");
    stop(&mut terminal, "\"RetentionInDays\": 90");
    let screen = terminal.screen();
    assert!(screen.contains("\"RetentionInDays\": 30"), "{screen}");
}

#[test]
fn an_error_that_no_other_answer_mends_is_printed_once() {
    let world = World::new();
    world.setup("taken", &["--topic", "shared"]).exits(0);
    let words = ["setup", "second", "--no-organization", "--resources", "new"];
    let words = [&words[..], &["--topic", "shared", "--accept-cost"]].concat();
    let mut terminal = run(&world, &words);
    terminal.answer_list("? Use these names?", "\r");
    terminal.answer_list("? Which answer", "\x1b");
    assert_eq!(terminal.end(), 5, "{}", terminal.screen());
    let screen = terminal.screen();
    assert_eq!(screen.matches("error:").count(), 1, "{screen}");
    assert!(screen.contains("Choose other names"), "{screen}");
}
