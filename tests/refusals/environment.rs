//! Credentials, addresses and a network with which the program cannot work.

use crate::support::{Ran, World, wire::Fault};

const NOWHERE: &str = "http://127.0.0.1:9";

/// A variable, its value or that it is missing, the exit code, and a part of the message.
const VARIABLES: [(&str, Option<&str>, i32, &str); 12] = [
    ("AWS_ACCESS_KEY_ID", None, 3, "AWS credentials"),
    (
        "AWS_ACCESS_KEY_ID",
        Some("AKIA0000000000000000"),
        3,
        "AWS refused the credentials",
    ),
    ("AWS_REGION", None, 2, "region"),
    ("AWS_REGION", Some("moon"), 2, "AWS_REGION: `moon`"),
    ("AWS_ENDPOINT_URL", Some(NOWHERE), 1, "AWS did not answer"),
    ("AWS_ENDPOINT_URL", Some(""), 2, "AWS_ENDPOINT_URL"),
    (
        "SOPHOS_CENTRAL_CLIENT_SECRET",
        None,
        3,
        "Central credentials",
    ),
    ("SOPHOS_CENTRAL_CLIENT_SECRET", Some("wrong"), 3, "Central"),
    (
        "SOPHOS_CENTRAL_API_URL",
        Some(NOWHERE),
        1,
        "Central does not answer",
    ),
    (
        "SOPHOS_CENTRAL_API_URL",
        Some("http://example.com"),
        2,
        "https",
    ),
    (
        "SOPHOS_CT_RETENTION_DAYS",
        Some("-1"),
        2,
        "SOPHOS_CT_RETENTION_DAYS",
    ),
    (
        "SOPHOS_CT_EXPECT_ACCOUNT",
        Some("999999999999"),
        5,
        "999999999999",
    ),
];

/// The words of a command, and its exit code.
const COMMANDS: [(&[&str], i32); 9] = [
    (&["setup", "demo", "--yes", "--region", "moon"], 2),
    (&["setup", "demo", "--yes", "--profile", "nope"], 3),
    (&["setup", "demo", "--yes", "--tenant", "nope"], 5),
    (&["setup", "demo", "--yes", "--answers", "/nope.toml"], 2),
    (&["setup", "", "--yes"], 2),
    (&["setup", "a\nb", "--yes"], 2),
    (&["status", "nope"], 2),
    (
        &[
            "remove",
            "nope",
            "--yes",
            "--confirm-account",
            "999999999999",
        ],
        2,
    ),
    (&["status", "6f9619ff-8b86-d011-b42d-00c04fc964ff"], 2),
];

#[test]
fn what_cannot_work_is_said_in_one_message_with_its_exit_code_and_nothing_is_written() {
    let world = World::wired();
    let setup = ["setup", "demo", "--yes", "--format", "json"];
    std::thread::scope(|scope| {
        for (variable, value, code, part) in VARIABLES {
            let world = &world;
            scope.spawn(move || {
                let ran = with(world, &[(variable, value)], &setup).exits(code);
                let document = ran.json();
                let message = document["error"]["message"].as_str().unwrap();
                assert!(message.contains(part), "{variable}={value:?}: {message}");
                assert_eq!(document["result"], "failed");
            });
        }
    });
    for (words, code) in COMMANDS {
        world
            .run(&[words, &["--format", "json"]].concat())
            .exits(code)
            .json();
    }
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn a_wrong_secret_and_an_ended_licence_are_told_apart() {
    let world = World::new();
    let ran = world
        .command(&["list", "--format", "json", "-vv"])
        .env("SOPHOS_CENTRAL_CLIENT_SECRET", "wrong-secret-wrong")
        .output()
        .unwrap();
    assert_eq!(ran.status.code(), Some(3));
    let all = [ran.stdout, ran.stderr].concat();
    assert!(!String::from_utf8_lossy(&all).contains("wrong-secret-wrong"));
    world.end_license("2020-01-01");
    assert_eq!(
        world.setup("demo", &[]).exits(4).json()["error"]["code"],
        "licenseRequired"
    );
}

#[test]
fn expired_or_refused_credentials_are_reported_with_the_request_id_for_support() {
    let world = World::wired();
    // The codes are those of STS (recorded, and IAM User Guide).
    for (code, says) in [
        ("ExpiredToken", "sign in to AWS again"),
        ("InvalidToken", "InvalidToken"),
        ("RequestTimeTooSkewed", "RequestTimeTooSkewed"),
        ("TokenRefreshRequired", "TokenRefreshRequired"),
        ("RequestExpired", "RequestExpired"),
        ("OptInRequired", "OptInRequired"),
    ] {
        let fault = Fault::Code(code);
        world.wire().fault("sts:GetCallerIdentity", fault);
        let ran = world.setup("demo", &[]);
        assert_eq!(world.wire().unmet(), [""; 0]);
        assert_eq!(ran.code, 3, "{code}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{code}: {}", ran.stderr);
        assert_eq!(ran.json()["error"]["requestId"], "r", "{code}");
    }
    assert_eq!(world.wire().writes(), [""; 0]);
}

#[test]
fn a_web_page_a_proxy_or_a_wrong_variable_is_named_as_the_cause() {
    let world = World::new();
    world.setup("demo", &[]).exits(0);
    let portal = portal();
    let said = |variables: &[(&str, Option<&str>)], code: i32, parts: &[&str]| {
        let ran = with(&world, variables, &["status", "demo"]).exits(code);
        for part in parts {
            let named = ran.stderr.contains(part);
            assert!(named, "{variables:?} {part}: {}", ran.stderr);
        }
        ran.stderr
    };
    for variable in [
        "AWS_ENDPOINT_URL",
        "SOPHOS_CENTRAL_ID_URL",
        "SOPHOS_CENTRAL_API_URL",
    ] {
        said(&[(variable, Some(&portal))], 1, &["web page"]);
    }
    let profile = [("AWS_PROFILE", Some("bogus")), ("AWS_ACCESS_KEY_ID", None)];
    let text = said(&profile, 3, &["AWS_PROFILE", "`bogus`"]);
    assert!(!text.contains("IMDS"), "{text}");
    let central = Some("https://central.invalid");
    let proxied = [
        ("SOPHOS_CENTRAL_ID_URL", central),
        ("SOPHOS_CENTRAL_API_URL", central),
        ("HTTPS_PROXY", Some("http://someone:secret@127.0.0.1:9")),
    ];
    let named = ["https://central.invalid", "HTTPS_PROXY", "127.0.0.1:9"];
    let text = said(&proxied, 1, &named);
    assert!(
        !text.contains("someone") && !text.contains("secret"),
        "{text}"
    );
    // Calls to this machine itself do not go through a proxy.
    let nowhere = Some(NOWHERE);
    said(&[("HTTP_PROXY", nowhere), ("http_proxy", nowhere)], 0, &[]);
    let misspelt = [("SOPHOS_CT_BUKCET", Some("x"))];
    let text = said(&misspelt, 0, &["SOPHOS_CT_BUKCET"]);
    assert_eq!(text.matches("SOPHOS_CT_").count(), 1, "{text}");
}

#[test]
fn two_failures_at_once_have_their_hints_each_below_its_own() {
    let world = World::new();
    let neither = [
        ("AWS_ACCESS_KEY_ID", None),
        ("SOPHOS_CENTRAL_CLIENT_SECRET", Some("wrong")),
    ];
    for (words, code) in [(&["plan", "demo", "--no-input"][..], 3), (&["doctor"], 8)] {
        let ran = with(&world, &neither, words).exits(code);
        let said = ran.stdout + &ran.stderr;
        let at = |part: &str| said.find(part).unwrap_or_else(|| panic!("{part}: {said}"));
        let parts = [
            "No AWS credentials",
            "pass `--profile`",
            "Sophos Central refused",
            "API Credentials Management",
        ];
        assert!(parts.map(at).is_sorted(), "{said}");
    }
}

#[test]
fn a_profile_that_is_not_there_is_named_rather_than_the_region_that_it_would_have() {
    let world = World::new();
    let ran = with(
        &world,
        &[("AWS_REGION", None)],
        &["doctor", "--profile", "nope"],
    );
    let said = ran.exits(8).stdout;
    assert!(said.contains("`nope`"), "{said}");
    assert!(!said.contains("No AWS region"), "{said}");
    // Beside keys in the environment, a profile that only the environment names is not what is missing.
    let beside = [("AWS_REGION", None), ("AWS_PROFILE", Some("default"))];
    let ran = with(&world, &beside, &["plan", "demo", "--no-input"]);
    let said = ran.exits(2).stderr;
    assert!(said.contains("No AWS region"), "{said}");
    assert!(!said.contains("`default`"), "{said}");
}

/// Runs the program with changed environment variables. A variable with `None` is removed.
fn with(world: &World, variables: &[(&str, Option<&str>)], arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    for (variable, value) in variables {
        match value {
            Some(value) => command.env(variable, value),
            None => command.env_remove(variable),
        };
    }
    command.output().unwrap().into()
}

/// A network that answers everything with its own page.
fn portal() -> String {
    use std::io::{Read, Write};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 65_536]);
            let page = "<html>Please sign in to the network</html>";
            let _ = write!(
                stream,
                "HTTP/1.1 200 OK\r\ncontent-type: text/html; charset=utf-8\r\ncontent-length: {}\r\n\
                 connection: close\r\n\r\n{page}",
                page.len()
            );
        }
    });
    url
}
