//! Each command with each fault.

use std::sync::Mutex;

use serde_json::Value;

use super::{
    VERBS, Verb, all_at_once,
    hosts::{Answer, NOWHERE, answering},
};
use crate::{
    schema::Published,
    support::{Ran, World},
};

/// A fault, made by variables of the environment.
struct Fault {
    name: &'static str,
    /// Whether it is AWS that fails. Otherwise it is Central.
    aws: bool,
    variables: Vec<(&'static str, Option<String>)>,
    code: i32,
    /// What names the cause.
    says: &'static str,
    /// What says how to go on.
    hint: &'static str,
}

/// Forms in which only a programmer writes.
const DEBUG: [&str; 6] = [
    "panicked",
    "Error {",
    "Some(",
    "Custom {",
    "unhandled error",
    "dispatch failure",
];

#[test]
fn each_command_names_each_fault_with_its_code_and_a_hint_and_changes_nothing() {
    let world = World::wired();
    world.setup("demo", &[]).exits(0);
    world.wire().mend();
    let documents = Mutex::new(Vec::new());
    let mut faults = of_aws(&world);
    faults.extend(of_central());
    let cells = faults.iter().flat_map(|fault| {
        let verbs = VERBS.iter().filter(move |verb| verb.aws || !fault.aws);
        verbs.map(move |verb| (format!("{} × {}", verb.words[0], fault.name), (verb, fault)))
    });
    all_at_once(cells, |(verb, fault)| {
        let document = judge(&world, verb, fault);
        documents.lock().unwrap().push((document, verb.schema));
    });
    assert_eq!(world.wire().writes(), [""; 0]);
    let schemas = Published::compile();
    for (document, schema) in documents.into_inner().unwrap() {
        schemas.fits(&document, schema);
    }
}

/// Runs a command with a fault, and returns its JSON.
fn judge(world: &World, verb: &Verb, fault: &Fault) -> Value {
    let words = [&verb.line(world)[..], &["--format", "json"]].concat();
    let mut command = world.command(&words);
    for (name, value) in &fault.variables {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    let ran: Ran = command.output().unwrap().into();
    let document = ran.json();
    let printed = format!("{}{}", ran.stdout, ran.stderr);
    for form in DEBUG {
        assert!(!printed.contains(form), "{form}: {printed}");
    }
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (code, said, hint) = match document["checks"].as_array() {
        // `doctor` goes on, and shows the fault among all else.
        Some(checks) => {
            let wrong = checks.iter().filter(|check| check["ok"] == false);
            let wrong: Vec<&Value> = wrong.collect();
            let each = |field: &str| -> String {
                let texts = wrong.iter().map(|check| text(&check[field]));
                texts.collect::<Vec<_>>().join("\n")
            };
            (8, each("detail"), each("fix"))
        }
        None => {
            let error = &document["error"];
            assert!(ran.stderr.contains(fault.says), "{}", ran.stderr);
            (fault.code, text(&error["message"]), text(&error["hint"]))
        }
    };
    assert_eq!(ran.code, code, "{printed}");
    assert!(said.contains(fault.says), "{}: {said}", fault.says);
    assert!(hint.contains(fault.hint), "{}: {hint}", fault.hint);
    document
}

const XML: &str = "text/xml";
const NOON: &str = "Sun, 29 Nov 2015 12:00:00 GMT";

const PAGE: Answer = Answer {
    status: "200 OK",
    kind: "text/html; charset=utf-8",
    body: "<html>Please sign in to the network</html>",
    date: "",
};
const OBJECT: Answer = Answer {
    status: "200 OK",
    kind: "application/json",
    body: "{}",
    date: "",
};
const LOST: Answer = Answer {
    status: "404 Not Found",
    kind: "text/plain",
    body: "no such page",
    date: "",
};
const EXPIRED: Answer = Answer {
    status: "403 Forbidden",
    kind: XML,
    body: "<ErrorResponse><Error><Type>Sender</Type><Code>ExpiredToken</Code><Message>The security token \
           included in the request is expired</Message></Error><RequestId>r</RequestId></ErrorResponse>",
    date: "",
};
/// As of a clock that is years ahead.
const SKEWED: Answer = Answer {
    status: "403 Forbidden",
    kind: XML,
    body: "<ErrorResponse><Error><Type>Sender</Type><Code>SignatureDoesNotMatch</Code><Message>Signature not \
           yet current</Message></Error><RequestId>r</RequestId></ErrorResponse>",
    date: NOON,
};
const BUSY: Answer = Answer {
    status: "400 Bad Request",
    kind: XML,
    body: "<ErrorResponse><Error><Type>Sender</Type><Code>Throttling</Code><Message>Rate exceeded</Message>\
           </Error><RequestId>r</RequestId></ErrorResponse>",
    date: "",
};
const BUSY_CENTRAL: Answer = Answer {
    status: "429 Too Many Requests",
    kind: "application/json",
    body: r#"{"error":"tooManyRequests","message":"slow down"}"#,
    date: "",
};
const REFUSED: Answer = Answer {
    status: "401 Unauthorized",
    kind: "application/json",
    body: r#"{"errorCode":"customer_auth_error","message":"bad credential"}"#,
    date: "",
};

/// Faults of AWS, and of how it is reached.
fn of_aws(world: &World) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut at = |name, url: String, code, says, hint| {
        let variables = vec![("AWS_ENDPOINT_URL", Some(url))];
        faults.push(Fault {
            name,
            aws: true,
            variables,
            code,
            says,
            hint,
        });
    };
    let nowhere = NOWHERE.to_owned();
    at("AWS is down", nowhere, 1, "did not answer", "127.0.0.1:9");
    at("AWS is a page", answering(PAGE), 1, "web page", "proxy");
    let variable = "AWS_ENDPOINT_URL";
    at("AWS is JSON", answering(OBJECT), 1, "is not AWS", variable);
    at("AWS is lost", answering(LOST), 1, "HTTP 404", variable);
    let again = "sign in to AWS again";
    at("expired", answering(EXPIRED), 3, "ExpiredToken", again);
    let ahead = "minutes ahead";
    at("skew", answering(SKEWED), 3, "SignatureDoesNotMatch", ahead);
    at(
        "throttled",
        answering(BUSY),
        1,
        "Throttling",
        "some minutes",
    );
    faults.extend([proxied(), profiled(world)]);
    faults
}

fn proxied() -> Fault {
    Fault {
        name: "the proxy is down",
        aws: true,
        variables: vec![
            ("AWS_ENDPOINT_URL", None),
            ("HTTPS_PROXY", Some(NOWHERE.to_owned())),
        ],
        code: 1,
        says: "did not answer",
        hint: "HTTPS_PROXY",
    }
}

/// A profile whose role needs a code.
fn profiled(world: &World) -> Fault {
    let config = "[profile coded]\nrole_arn = arn:aws:iam::111122223333:role/coded\nsource_profile = keys\n\
                  mfa_serial = arn:aws:iam::111122223333:mfa/me\nregion = eu-west-1\n\
                  [profile keys]\naws_access_key_id = AKIA0000000000000000\naws_secret_access_key = x\n";
    let file = world.home().join("config");
    std::fs::write(&file, config).unwrap();
    let file = file.to_str().unwrap().to_owned();
    Fault {
        name: "MFA",
        aws: true,
        variables: vec![
            ("AWS_CONFIG_FILE", Some(file)),
            ("AWS_PROFILE", Some("coded".to_owned())),
            ("AWS_ACCESS_KEY_ID", None),
            ("AWS_SECRET_ACCESS_KEY", None),
            ("AWS_SESSION_TOKEN", None),
        ],
        code: 3,
        says: "MFA code",
        hint: "export-credentials --profile coded",
    }
}

/// Faults of Central, and of how it is reached.
fn of_central() -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut at = |name, url: String, code, says, hint| {
        let mut variables = vec![
            ("SOPHOS_CENTRAL_ID_URL", Some(url.clone())),
            ("SOPHOS_CENTRAL_API_URL", Some(url.clone())),
        ];
        if url.starts_with("https:") {
            variables.push(("HTTPS_PROXY", Some(NOWHERE.to_owned())));
        }
        faults.push(Fault {
            name,
            aws: false,
            variables,
            code,
            says,
            hint,
        });
    };
    let nowhere = NOWHERE.to_owned();
    at("Central is down", nowhere, 1, "127.0.0.1:9", "network");
    let proxied = "https://central.invalid".to_owned();
    at(
        "its proxy is down",
        proxied,
        1,
        "central.invalid",
        "HTTPS_PROXY",
    );
    let variable = "SOPHOS_CENTRAL_ID_URL";
    at(
        "Central is a page",
        answering(PAGE),
        1,
        "web page",
        variable,
    );
    let unreadable = "cannot be read";
    at(
        "Central is JSON",
        answering(OBJECT),
        1,
        unreadable,
        variable,
    );
    at("Central is lost", answering(LOST), 1, "HTTP 404", variable);
    let minutes = "some minutes";
    at(
        "busy",
        answering(BUSY_CENTRAL),
        1,
        "tooManyRequests",
        minutes,
    );
    let refused = "refused the credentials";
    at("refused", answering(REFUSED), 3, refused, "API Credentials");
    faults
}
