//! A host that takes calls and stays silent, and Ctrl-C meanwhile.

use super::{VERBS, all_at_once, hosts::silent};
use crate::support::{World, terminal::Terminal};

#[test]
fn each_command_shows_for_whom_it_waits_and_stops_with_130() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    world.wire().mend();
    let hosts = [("Central", silent()), ("AWS", silent())];
    let cells = hosts.iter().flat_map(|(side, url)| {
        let verbs = VERBS
            .iter()
            .filter(move |verb| verb.aws || *side == "Central");
        verbs.map(move |verb| (format!("{} × {side}", verb.words[0]), (verb, *side, url)))
    });
    all_at_once(cells, |(verb, side, url)| {
        let mut command = world.command(&verb.line(&world));
        match side {
            "AWS" => command.env("AWS_ENDPOINT_URL", url),
            _ => command
                .env("SOPHOS_CENTRAL_ID_URL", url)
                .env("SOPHOS_CENTRAL_API_URL", url),
        };
        let host = url.trim_start_matches("http://");
        let mut terminal = Terminal::of(&command, "exec \"$@\"");
        terminal.answer_list(&format!("waiting for {host} · "), "\x03");
        assert_eq!(terminal.end(), 130, "{}", terminal.screen());
        assert!(terminal.cursor_is_shown());
        let screen = terminal.screen();
        assert!(screen.contains("Stopped."), "{screen}");
        assert!(!screen.contains("waiting for"), "{screen}");
    });
    assert_eq!(world.wire().writes(), [""; 0]);
}
