//! The output of `--format json` fits the published schemas, and the published error codes are those of the program.

use std::collections::HashMap;

use serde_json::{Value, json};
use sophos_ct::testing::Code;

use crate::support::{Ran, World};

fn published() -> Value {
    serde_json::from_str(include_str!("../schemas/output.json")).unwrap()
}

/// The compiled schemas. They are compiled once, because that takes longer than a run of the program.
pub struct Published {
    schemas: boon::Schemas,
    of: HashMap<&'static str, boon::SchemaIndex>,
}

impl Published {
    pub fn compile() -> Self {
        let mut schemas = boon::Schemas::new();
        let mut compiler = boon::Compiler::new();
        compiler.add_resource("output.json", published()).unwrap();
        let names = [
            "setup",
            "list",
            "status",
            "statusAll",
            "fleet",
            "accounts",
            "steering",
            "invite",
            "invitations",
            "audit",
            "auditCheck",
            "policy",
            "sandbox",
            "package",
            "schemas",
            "verifyCentral",
            "error",
        ];
        let of = names.map(|name| {
            let location = format!("output.json#/$defs/{name}");
            (name, compiler.compile(&location, &mut schemas).unwrap())
        });
        Self {
            schemas,
            of: HashMap::from(of),
        }
    }

    #[track_caller]
    pub fn fits(&self, document: &Value, name: &str) {
        if let Err(complaint) = self.schemas.validate(document, self.of[name]) {
            panic!("{complaint:#}: {document:#}");
        }
    }
}

#[test]
fn the_published_error_codes_are_the_programs() {
    let published = published()["$defs"]["failure"]["properties"]["code"]["enum"].clone();
    let codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
    assert_eq!(published, json!(codes));
}

#[test]
fn every_document_fits_its_schema() {
    let schemas = Published::compile();
    let world = World::new();
    let json = |words: &[&str]| -> Ran { world.run(&[words, &["--format", "json"]].concat()) };
    let account = world.account.clone();
    let remove = ["remove", "shape", "--yes", "--confirm-account", &account];
    let bucket = format!("sophos-ct-shape-{account}-eu-west-1");
    let logs = ["--delete-logs", "--confirm-bucket", &bucket];
    let with_logs = [&remove[..], &logs].concat();
    let wrong = [
        "remove",
        "shape",
        "--yes",
        "--confirm-account",
        "999999999999",
    ];
    for (words, code, name) in [
        (&["plan", "shape"][..], 0, "setup"),
        (&["plan", "shape", "--detailed-exitcode"], 7, "setup"),
        (&["setup", "shape"], 2, "setup"),
        (&["setup", "shape", "--yes", "--wait-for-logs"], 0, "setup"),
        (
            &["setup", "shape", "--yes", "--topic", "another"],
            5,
            "setup",
        ),
        (&["setup", "shape", "--yes"], 0, "setup"),
        (&["status", "shape"], 0, "status"),
        (&["status"], 0, "status"),
        (&["status", "--all"], 0, "statusAll"),
        (&["doctor"], 0, "status"),
        (&["list", "--all"], 0, "list"),
        (&["accounts", "shape"], 0, "accounts"),
        (&["pause", "shape"], 0, "steering"),
        (&["resume", "shape"], 0, "steering"),
        (&["rename", "shape", "shape"], 0, "steering"),
        (&["rename", "shape", "no/name"], 2, "error"),
        (&["invite", "later", "--account", &account], 0, "invite"),
        (&["invite", "--list"], 0, "invitations"),
        (&["invite", "later", "--revoke"], 0, "steering"),
        (&["invite", "--list"], 0, "invitations"),
        (&["invite", "shape"], 5, "error"),
        (&["invite", "later", "--account", "1"], 2, "error"),
        (&["audit", "shape"], 0, "audit"),
        (&["audit", "shape", "--keys"], 0, "audit"),
        (&["audit", "shape", "--certify", "--keys"], 0, "audit"),
        (&["audit", "shape", "--since", "soon"], 2, "error"),
        (&["policy", "audit-certify"], 0, "policy"),
        (&["policy", "list"], 0, "policy"),
        (&["policy", "invite"], 0, "policy"),
        (&["policy", "sophos"], 0, "policy"),
        (&["policy", "setup-adopt"], 0, "policy"),
        (&["policy", "setup-new"], 0, "policy"),
        (&["policy", "setup-organization"], 0, "policy"),
        (&["policy", "remove-logs", "--name", "shape"], 0, "policy"),
        (&["sandbox", "status"], 0, "sandbox"),
        (&["package", "--out", "f.zip", "--sandbox"], 0, "package"),
        (&["package"], 2, "error"),
        (&["schema"], 0, "schemas"),
        (&["schema", "--list"], 0, "schemas"),
        (&["schema", "nothing"], 2, "error"),
        (&["status", "unknown"], 2, "error"),
        (&["status", "shape", "--watch"], 2, "error"),
        (&["unknown"], 2, "error"),
        (&wrong, 5, "setup"),
        (&remove, 0, "setup"),
        (&with_logs[..], 0, "setup"),
        (&remove, 0, "setup"),
    ] {
        let ran = json(words);
        assert_eq!(ran.code, code, "{words:?}: {}", ran.stderr);
        schemas.fits(&ran.json(), name);
    }
    let elsewhere = tempfile::tempdir().unwrap();
    let mut stopped = world.command(&["sandbox", "status", "--format", "json"]);
    stopped.env("SOPHOS_CT_SANDBOX_DIR", elsewhere.path());
    let stopped: Ran = stopped.output().unwrap().into();
    schemas.fits(&stopped.exits(0).json(), "sandbox");
}

#[test]
fn usage_errors_are_json_where_the_variable_asks_for_it() {
    let world = World::new();
    let run = |arguments: &[&str]| -> Ran {
        let mut command = world.command(arguments);
        command.env("SOPHOS_CT_FORMAT", "json");
        command.output().unwrap().into()
    };
    let error = run(&["setup", "--nonsense"]).exits(2).json()["error"].clone();
    assert_eq!(error["code"], "usage");
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("--nonsense"), "{message}");
    // The flag goes before the variable.
    let text = run(&["setup", "--nonsense", "--format", "text"]).exits(2);
    assert_eq!(text.stdout, "");
    assert!(text.stderr.contains("--nonsense"), "{}", text.stderr);
}
