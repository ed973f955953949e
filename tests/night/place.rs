//! The sandbox of a night, in a folder of its own, and what can be done to it. It ends with the test.

use std::{fs, path::Path};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use sophos_ct::testing::{Aws, Options, SandboxAws};

use crate::support::{Ran, World, blocking};

const START: [&str; 6] = [
    "sandbox",
    "start",
    "--interval",
    "1s",
    "--digest-interval",
    "5s",
];

pub(super) struct Place {
    world: World,
    dir: tempfile::TempDir,
}

impl Place {
    /// Starts a sandbox with an organization.
    pub(super) fn start() -> Self {
        let place = Self {
            world: World::new(),
            dir: tempfile::tempdir().unwrap(),
        };
        let with = ["--with", "organization"];
        place.bare(&[&START[..], &with].concat()).exits(0);
        place
    }

    /// Stops AWS and Central, and starts them again with what they had.
    pub(super) fn restart(&self) {
        self.bare(&["sandbox", "stop"]).exits(0);
        self.bare(&START).exits(0);
    }

    /// Runs a command in the sandbox.
    pub(super) fn run(&self, words: &[&str]) -> Ran {
        self.bare(&[words, &["--sandbox"]].concat())
    }

    fn bare(&self, words: &[&str]) -> Ran {
        let mut command = self.world.command(words);
        command.env("SOPHOS_CT_SANDBOX_DIR", self.dir.path());
        // The emulator's environment is made once, in the real HOME.
        command.env("HOME", std::env::var_os("HOME").unwrap_or_default());
        command.output().unwrap().into()
    }

    /// The processes of the function: those that the emulator has started from a file of that name.
    pub(super) fn functions(&self) -> Vec<i32> {
        let emulator = fs::read_to_string(self.dir.path().join("emulator.pid")).unwrap();
        let emulator: i32 = emulator.trim().parse().unwrap();
        let entries = fs::read_dir("/proc").unwrap().flatten();
        let processes = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        let is_function = |process: &i32| {
            let file = fs::read_link(format!("/proc/{process}/exe"));
            file.is_ok_and(|file| file.file_name() == Some("bootstrap".as_ref()))
                && descends(*process, emulator)
        };
        processes.filter(is_function).collect()
    }

    /// Kills a process.
    pub(super) fn kill(&self, process: i32) {
        let process = Pid::from_raw(process).unwrap();
        // It may have ended by itself.
        let _ = kill_process(process, Signal::KILL);
    }

    /// Changes which accounts are collected.
    pub(super) fn accounts(&self, which: &[&str]) {
        self.run(&[&["accounts", "night"], which].concat()).exits(0);
    }

    /// Switches on faults of Central.
    pub(super) fn faults(&self, faults: &Value) {
        self.switch("/_sandbox/faults", faults);
    }

    /// Says when the tenant's licence ends.
    pub(super) fn license(&self, ends: &str) {
        let tenant = self.told("tenantId");
        let path = format!("/_sandbox/tenants/{tenant}/license");
        self.switch(&path, &json!({ "ends": ends }));
    }

    fn switch(&self, path: &str, body: &Value) {
        let url = format!("{}{path}", self.told("centralUrl"));
        blocking(async {
            let put = http().put(url).bearer_auth(self.told("secret"));
            let answer = put.json(body).send().await.unwrap();
            assert!(answer.status().is_success(), "{}", answer.status());
        });
    }

    /// Pauses or resumes the connection, which Central refuses while the licence has ended.
    pub(super) fn set_status(&self, status: &str) {
        let list = self.run(&["list", "--format", "json"]).exits(0).json();
        let id = list["connections"][0]["id"].as_str().unwrap().to_owned();
        let base = self.told("centralUrl");
        let url = format!("{base}/cloud-integrations/v1/aws-cloudtrail/connections/{id}");
        let (client, secret) = (self.told("clientId"), self.told("clientSecret"));
        blocking(async {
            let form = [
                ("grant_type", "client_credentials"),
                ("client_id", client.as_str()),
                ("client_secret", secret.as_str()),
                ("scope", "token"),
            ];
            let token = http().post(format!("{base}/api/v2/oauth2/token"));
            let token: Value = token
                .form(&form)
                .send()
                .await
                .unwrap()
                .json()
                .await
                .unwrap();
            let token = token["access_token"].as_str().unwrap();
            let tenant = self.told("tenantId");
            let get = http().get(&url).bearer_auth(token);
            let read = get.header("X-Tenant-ID", &tenant).send().await.unwrap();
            let etag = read.headers()["etag"].clone();
            let patch = http().patch(&url).bearer_auth(token);
            let patch = patch.header("X-Tenant-ID", &tenant);
            let patch = patch.header("If-Match", etag);
            let patch = patch.json(&json!({ "status": status }));
            let answer = patch.send().await.unwrap().status();
            assert!(answer.is_success() || answer.as_u16() == 409, "{answer}");
        });
    }

    /// Lets an account join the organization.
    pub(super) fn join(&self, account: &str) {
        blocking(async {
            let organizations = self.aws().await.organizations;
            let create = organizations.create_account().account_name(account);
            let create = create.email("someone@example.com");
            create.send().await.unwrap();
        });
    }

    /// An AWS client that is signed in as the root of the sandbox's account.
    pub(super) async fn aws(&self) -> Aws {
        let options = Options {
            profile: None,
            region: Some("eu-west-1".parse().unwrap()),
            sandbox: Some(SandboxAws {
                endpoint: self.told("awsUrl"),
                account: self.told("account").parse().unwrap(),
                secret: self.told("secret").into(),
                role: None,
                client: None,
            }),
        };
        Aws::connect(&options).await.unwrap()
    }

    /// Something that the running sandbox tells about itself.
    fn told(&self, name: &str) -> String {
        let told = fs::read(self.dir.path().join("sandbox.json")).unwrap();
        let told: Value = serde_json::from_slice(&told).unwrap();
        told[name].as_str().unwrap().to_owned()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.bare(&["sandbox", "stop"]);
    }
}

fn http() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

/// Whether a process comes from another one.
fn descends(process: i32, from: i32) -> bool {
    let parent = |process: &i32| {
        let stat = fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat"));
        // The name in parentheses may contain anything; the state and the parent follow it.
        let stat = stat.ok()?;
        let (_, rest) = stat.rsplit_once(')')?;
        let parent: i32 = rest.split_whitespace().nth(1)?.parse().ok()?;
        (parent > 1).then_some(parent)
    };
    std::iter::successors(Some(process), parent).any(|process| process == from)
}
