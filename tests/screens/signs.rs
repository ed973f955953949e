//! Signs of life while the program waits, and what Ctrl-C leaves of them.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Command, Stdio},
    sync::mpsc::{Sender, channel},
};

use rustix::process::{Pid, Signal, kill_process};

use super::SHELL;
use crate::support::{Ran, World, terminal::Terminal};

/// A host that takes calls and stays silent, until it is let go: then it refuses the first of them.
struct Silent {
    /// Host and port.
    host: String,
    go: Sender<()>,
}

impl Silent {
    fn begin() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (go, gone) = channel();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            // A test that has ended lets it go too.
            let _ = gone.recv();
            let _ = stream.read(&mut [0; 65_536]);
            let body = r#"{"errorCode":"unauthorized"}"#;
            let _ = write!(
                stream,
                "HTTP/1.1 401 Unauthorized\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{body}",
                body.len()
            );
        });
        Self { host, go }
    }
}

/// `list` with a Central at this URL.
fn list(world: &World, url: &str, more: &[&str]) -> Command {
    let mut command = world.command(&[&["list"][..], more].concat());
    command
        .env("SOPHOS_CENTRAL_ID_URL", url)
        .env("SOPHOS_CENTRAL_API_URL", url);
    command
}

#[test]
fn a_silent_host_is_named_on_a_terminal_and_ctrl_c_leaves_a_clean_line() {
    let world = World::new();
    let silent = Silent::begin();
    let url = format!("http://{}", silent.host);
    let mut terminal = Terminal::of(&list(&world, &url, &[]), SHELL);
    let said = format!("… waiting for {} · 1 s of 120 s at most", silent.host);
    terminal.answer_list(&said, "\x03");
    assert_eq!(terminal.end(), 130);
    assert_eq!(terminal.screen().trim_end(), "earlier\nStopped.");

    let silent = Silent::begin();
    let mut command = world.command(&["plan", "demo", "--no-input"]);
    command.env("AWS_ENDPOINT_URL", format!("http://{}", silent.host));
    let mut terminal = Terminal::of(&command, SHELL);
    let said = format!("waiting for {} · ", silent.host);
    terminal.answer_list(&said, "\x03");
    assert_eq!(terminal.end(), 130);
    let screen = terminal.screen();
    let said = "\nStopped. Nothing was changed in AWS or Sophos Central.";
    assert!(screen.trim_end().ends_with(said), "{screen}");
    assert!(!screen.contains("waiting"), "{screen}");
}

#[test]
fn keys_that_nobody_waits_for_leave_no_line_and_the_echo_comes_back() {
    let world = World::new();
    let silent = Silent::begin();
    let url = format!("http://{}", silent.host);
    // The shell goes on after Ctrl-C.
    let shell = "trap : INT; echo earlier; \"$@\"; stty -a";
    let mut terminal = Terminal::of(&list(&world, &url, &[]), shell);
    let said = format!("… waiting for {} · ", silent.host);
    terminal.answer_list(&format!("{said}1 s"), "\r\rtyped\r");
    terminal.answer_list(&format!("{said}3 s"), "\x03");
    assert_eq!(terminal.end(), 0);
    let screen = terminal.screen();
    assert!(screen.starts_with("earlier\nStopped.\n"), "{screen}");
    let mut modes = screen.split_whitespace();
    assert!(modes.any(|mode| mode == "echo"), "{screen}");
}

#[test]
fn the_proxy_is_named_too() {
    let world = World::new();
    let silent = Silent::begin();
    let mut command = list(&world, "https://central.invalid", &[]);
    let proxy = format!("http://someone:secret@{}", silent.host);
    command.env("HTTPS_PROXY", proxy);
    let mut terminal = Terminal::of(&command, SHELL);
    let said = format!("waiting for central.invalid · proxy {} · ", silent.host);
    terminal.answer_list(&said, "\x03");
    assert_eq!(terminal.end(), 130);
}

#[test]
fn the_sign_of_life_goes_away_with_the_answer() {
    let world = World::new();
    let silent = Silent::begin();
    let url = format!("http://{}", silent.host);
    let mut terminal = Terminal::of(&list(&world, &url, &[]), SHELL);
    terminal.answer_list("waiting for ", "");
    silent.go.send(()).unwrap();
    assert_eq!(terminal.end(), 3);
    let screen = terminal.screen();
    assert!(screen.contains("earlier\nerror: "), "{screen}");
    assert!(!screen.contains("waiting"), "{screen}");
}

#[test]
fn without_a_terminal_a_silent_host_is_told_in_one_line() {
    let world = World::new();
    let silent = Silent::begin();
    let mut command = list(&world, &format!("http://{}", silent.host), &[]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let said = lines.next().unwrap().unwrap();
    let expected = format!("  … waiting for {} · ", silent.host);
    assert!(said.starts_with(&expected), "{said}");
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let rest: Vec<String> = lines.map(Result::unwrap).collect();
    assert_eq!(rest, ["Stopped."]);
    assert_eq!(child.wait().unwrap().code(), Some(130));
}

#[test]
fn without_a_terminal_each_further_attempt_is_told_once_and_data_stays_data() {
    let world = World::new();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    // A host that hangs up on every call.
    std::thread::spawn(move || listener.incoming().for_each(drop));
    let mut command = list(&world, &url, &["--format", "json"]);
    let ran = Ran::from(command.output().unwrap()).exits(1);
    let error = ran.json()["error"].clone();
    assert_eq!(error["code"], "unreachable");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("tried 4 times in "), "{message}");
    assert!(error["hint"].as_str().unwrap().contains(&url), "{error}");
    let told = ran.stderr.lines();
    let told: Vec<&str> = told.filter(|line| line.contains("waiting for ")).collect();
    let attempts = told.iter().filter_map(|line| line.split(" · ").nth(1));
    let attempts: BTreeSet<&str> = attempts.collect();
    assert!(!told.is_empty(), "{}", ran.stderr);
    assert_eq!(attempts.len(), told.len(), "{}", ran.stderr);
    assert!(
        attempts
            .iter()
            .all(|attempt| attempt.starts_with("attempt ") && attempt.ends_with(" of 4")),
        "{}",
        ran.stderr
    );
}
