//! Keys at an open question, and a terminal that becomes narrower or wider meanwhile.

use crate::{
    existing::with_trail,
    organization::organize,
    support::{
        World,
        terminal::{Size, Terminal},
    },
};

const SHELL: &str = "exec \"$@\"";

#[test]
fn a_typed_line_is_edited_with_the_keys_of_a_command_line() {
    let world = World::new();
    let words = ["plan", "--no-organization", "--resources", "new"];
    let mut terminal = Terminal::run(&world, SHELL, &words);
    let keys = [
        // Ctrl-W and Ctrl-U: nothing is left.
        "wrong 監査\x17\x15",
        // Ctrl-A and Ctrl-E: `my-ended`.
        "nde\x01my-e\x05d",
        // Twice to the left, and Ctrl-K: `my-end`.
        "\x1b[D\x1b[D\x0b",
        // Home, three times Delete, and End: `endx`.
        "\x1b[H\x1b[3~\x1b[3~\x1b[3~\x1b[Fx",
        // Ctrl-Left has no meaning, and nothing of it is typed. To the right is nothing.
        "\x1b[1;5D\x1b[C",
    ];
    terminal.answer("? Name of the", &keys.concat());
    terminal.answer("› endx", "\r");
    terminal.answer_list("? Use these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("Plan for endx"), "{screen}");
}

#[test]
fn esc_ends_a_search_and_ticks_stay_and_only_then_goes_back() {
    let world = World::new();
    let members: Vec<String> = (10..40)
        .map(|number| format!("8{number}{}", &world.account[3..]))
        .collect();
    let names: Vec<&str> = members.iter().map(String::as_str).collect();
    organize(&world, &names);
    let words = ["plan", "org", "--organization", "--resources", "new"];
    let mut terminal = Terminal::run(&world, SHELL, &words);
    terminal.answer("? Which accounts", "\x1b[B\r");
    let searched = &members[20];
    terminal.answer_list("› ▏ 0 ticked", &format!("{searched} "));
    terminal.answer_list(&format!("› {searched}▏ 1 ticked"), "\x1b");
    terminal.answer_list("› ▏ 1 ticked", "");
    let screen = terminal.screen();
    let focused = format!("❯ [x] account {searched}");
    assert!(screen.contains(&focused), "{screen}");
    terminal.answer_list("› ▏ 1 ticked", "\x1b");
    terminal.answer("? Which accounts", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
}

#[test]
fn a_list_is_drawn_anew_in_its_place_when_the_terminal_becomes_narrower_or_wider() {
    let world = with_trail(true);
    let size = Size {
        rows: 60,
        columns: 80,
    };
    let words = ["plan", "resized", "--resources", "existing"];
    let mut terminal = Terminal::sized(&world.command(&words), SHELL, size);
    terminal.answer_list("❯ theirs", "");
    let before = above(&terminal);
    // What the columns have no room for is told below the list.
    for (columns, drawn) in [
        (40, "SCOPE: this account"),
        (100, "USED BY"),
        (50, "BUCKET: theirs-"),
    ] {
        terminal.resize(columns);
        terminal.answer_list(drawn, "");
        let screen = terminal.screen();
        for once in ["❯ theirs", "? Which trail?", "A bucket in this"] {
            assert_eq!(screen.matches(once).count(), 1, "{columns}: {screen}");
        }
        assert_eq!(above(&terminal), before, "{columns}: {screen}");
    }
    // Keys mean what they did before.
    terminal.answer_list("❯ theirs", "\x1b[B");
    terminal.answer_list("❯ A bucket in this", "\x03");
    assert_eq!(terminal.end(), 130, "{}", terminal.screen());
}

/// What stands above the list, without blanks and line ends.
fn above(terminal: &Terminal) -> String {
    let screen = terminal.screen();
    let (above, _) = screen.split_once("? Which trail?").expect("the list");
    above.split_whitespace().collect()
}

#[test]
fn what_was_typed_is_offered_again_after_going_back() {
    let world = World::new();
    let words = ["plan", "--no-organization", "--resources", "new"];
    let mut terminal = Terminal::run(&world, SHELL, &words);
    terminal.answer("? Name of the", "fourth\r");
    terminal.answer("? Use these names?", "\x1b");
    terminal.answer("? Name of the connection (fourth)", "\r");
    terminal.answer("? Use these names?", "\r");
    assert_eq!(terminal.end(), 0, "{}", terminal.screen());
    let screen = terminal.screen();
    assert!(screen.contains("Plan for fourth"), "{screen}");
}
