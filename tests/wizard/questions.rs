//! Every question: Esc goes back from it and Ctrl-C ends there. The questions are in tables, each with the keys that answer it. An
//! open question begins with `?`; once it is answered or left, nothing of it stays.

use crate::{
    existing::with_trail,
    support::{
        World,
        terminal::{Size, TOO_LONG, Terminal},
    },
};

type Question = (&'static str, &'static str);

const NEW: [Question; 10] = [
    ("? Name of the", "\r"),
    ("? Create new", "\r"),
    ("? Use these names?", "n\r"),
    ("? Bucket", "\r"),
    ("? Prefix", "\r"),
    ("? Trail", "\r"),
    ("? Topic", "\r"),
    ("? Function", "\r"),
    ("? Role", "\r"),
    ("? Apply this plan?", "\x1b[B\r"),
];

const EXISTING: [Question; 6] = [
    ("? Name of the", "\r"),
    ("? Create new", "\x1b[B\r"),
    ("? Which trail?", "\r"),
    ("? The trail does", "\r"),
    ("? Use these names?", "\r"),
    ("? Apply this plan?", "\x1b[B\r"),
];

/// The widths of the terminals; all have 24 rows.
const COLUMNS: [u16; 2] = [80, 40];

fn setup(world: &World, columns: u16) -> Terminal {
    let size = Size { rows: 24, columns };
    Terminal::sized(&world.command(&["setup"]), "exec \"$@\"", size)
}

/// Runs a test for both tables at the same time.
fn for_each_table(test: impl Fn(&World, &[Question]) + Sync) {
    let (new, existing) = (World::new(), with_trail(false));
    std::thread::scope(|scope| {
        scope.spawn(|| test(&new, &NEW));
        scope.spawn(|| test(&existing, &EXISTING));
    });
}

#[test]
fn esc_goes_back_from_every_question_and_leaves_no_line_behind() {
    for_each_table(|world, questions| {
        for columns in COLUMNS {
            let mut terminal = setup(world, columns);
            terminal.answer_list(questions[0].0, questions[0].1);
            for pair in questions.windows(2) {
                let [(before, again), (question, keys)] = [pair[0], pair[1]];
                terminal.answer_list(question, "\x1b");
                terminal.answer_list(before, again);
                terminal.answer_list(question, keys);
            }
            assert_eq!(terminal.end(), 9, "{}", terminal.screen());
            let screen = terminal.screen();
            assert!(!screen.lines().any(|row| row.starts_with("? ")), "{screen}");
        }
    });
}

#[test]
fn ctrl_c_ends_with_130_at_every_question_and_shows_the_cursor() {
    for_each_table(|world, questions| {
        for last in 0..questions.len() {
            let mut terminal = setup(world, COLUMNS[last % COLUMNS.len()]);
            for (question, keys) in &questions[..last] {
                terminal.answer_list(question, keys);
            }
            let (question, _) = questions[last];
            terminal.answer_list(question, "\x03");
            assert_eq!(terminal.end(), 130, "{question}: {}", terminal.screen());
            assert!(terminal.cursor_is_shown(), "{question}");
        }
    });
}

#[test]
fn an_answer_changed_at_the_plan_is_saved_and_goes_on_from_the_file() {
    let world = World::wired();
    for columns in COLUMNS {
        let file = format!("{columns}.toml");
        let mut terminal = setup(&world, columns);
        let unchanged = ("? Use these names?", "\r");
        for (question, keys) in [NEW[0], NEW[1], unchanged] {
            terminal.answer_list(question, keys);
        }
        // The last choices are to change an answer, and to save the answers.
        terminal.answer_list("? Apply this plan?", "\x1b[A\x1b[A\r");
        terminal.answer_list("? Which answer", "\r");
        for (question, keys) in [("? Name of the", "other\r"), NEW[1], unchanged] {
            terminal.answer_list(question, keys);
        }
        terminal.answer_list("? Apply this plan?", "\x1b[A\r");
        terminal.answer_list("? File for the", &format!("{file}\r"));
        assert_eq!(terminal.end(), 9, "{}", terminal.screen());

        let plan = world.command(&["plan", "other", "--answers", &file]);
        let mut terminal = Terminal::of(&plan, "exec \"$@\"");
        // It is asked in the third step. Those before it say what the file answers.
        terminal.answer_list("? Use these names?", "");
        let screen = terminal.screen();
        for part in [
            "Step 1 of 3",
            "Step 2 of 3",
            "answers file: `--resources new",
            "Step 3 of 3",
        ] {
            assert!(screen.contains(part), "{part}: {screen}");
        }
        terminal.answer_list("? Use these names?", "\r");
        assert_eq!(terminal.end(), 0, "{}", terminal.screen());
        assert!(terminal.screen().contains("Plan for other"));
    }
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn steps_that_flags_answer_keep_their_headings_and_say_so() {
    let world = World::new();
    let names = ["bucket", "prefix", "trail", "topic", "function", "role"];
    let names = names.map(|key| [format!("--{key}"), format!("flagged-{key}")]);
    let mut words = vec!["plan", "flagged", "--no-organization", "--resources", "new"];
    words.extend(names.iter().flatten().map(String::as_str));
    let mut terminal = Terminal::run(&world, "exec \"$@\" > /dev/null", &words);
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    for part in [
        "Step 1 of 3",
        "Answered by flags: `--no-organization`",
        "Step 2 of 3",
        "Answered by flags: `--resources new --trail flagged-trail`",
        "Step 3 of 3",
        "Answered by flags: `--bucket flagged-bucket",
    ] {
        assert!(screen.contains(part), "{part}: {screen}");
    }
}

#[test]
fn a_trail_is_picked_from_rows_that_fit_and_only_the_one_in_focus_shows_its_arn() {
    let world = with_trail(true);
    let arn = format!(
        "arn:aws:cloudtrail:eu-west-1:{}:trail/theirs",
        world.account
    );
    let words = ["plan", "picked", "--resources", "existing"];
    for columns in COLUMNS {
        let size = Size { rows: 24, columns };
        let mut terminal = Terminal::sized(&world.command(&words), "exec \"$@\"", size);
        terminal.answer_list("❯ theirs", "");
        let rows = terminal.rows();
        let row = rows.lines().find(|row| row.contains("❯ theirs"));
        assert!(row.is_some_and(|row| row.contains(" theirs-")), "{rows}");
        // There is no room for all columns on the narrow one.
        assert_eq!(rows.contains("USED BY"), columns == 80, "{rows}");
        assert!(!rows.contains(TOO_LONG), "{rows}");
        assert!(joined(&rows).contains(&arn), "{rows}");
        terminal.answer_list("❯ theirs", "\x1b[B");
        terminal.answer_list("❯ A bucket in this", "");
        let rows = terminal.rows();
        assert!(!joined(&rows).contains(&arn), "{rows}");
        assert!(joined(&rows).contains("anotheraccount'strail)"), "{rows}");
        terminal.answer_list("❯ A bucket in this", "\x03");
        assert_eq!(terminal.end(), 130, "{}", terminal.screen());
    }
    let words = [&words[..], &["--accessible"]].concat();
    let mut terminal = Terminal::run(&world, "exec \"$@\"", &words);
    terminal.answer_list("Number", "");
    let told = format!(
        "1. theirs, bucket theirs-{}, notifies theirs, scope this account, {arn}",
        world.account
    );
    assert!(terminal.screen().contains(&told), "{}", terminal.screen());
    terminal.answer_list("Number", "<\r");
    terminal.answer_list("2. A bucket in this", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
}

/// What stands on the screen without its blanks and line ends.
fn joined(rows: &str) -> String {
    rows.split_whitespace().collect()
}
