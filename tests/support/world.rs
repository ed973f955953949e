//! One account and one tenant for each test, and the program with their credentials.

use std::{
    path::Path,
    process::{Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use serde_json::{Value, json};
use sophos_ct::testing::{Aws, Options, SandboxAws};

use super::{
    Ran, blocking,
    sandbox::{Sandbox, control, program, sandbox},
    wire::Wire,
};

/// One account and one tenant.
pub struct World {
    pub account: String,
    pub tenant: Value,
    home: tempfile::TempDir,
    /// Snapshots need its address, to leave it out.
    pub(super) wire: Option<Wire>,
}

impl World {
    /// The id of a member account, a different one for each world.
    pub fn member(&self) -> String {
        format!("9{}", &self.account[1..])
    }

    pub fn new() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let account = format!(
            "{:012}",
            200_000_000_000 + NEXT.fetch_add(1, Ordering::Relaxed)
        );
        let tenant = control(
            "POST",
            "/_sandbox/tenants",
            &json!({ "name": format!("tenant of {account}") }),
        );
        Self {
            account,
            tenant,
            home: tempfile::tempdir().expect("a folder"),
            wire: None,
        }
    }

    /// A world with a partner's credentials, and the name of the only tenant that the partner may act for.
    pub fn of_partner() -> (Self, String) {
        let mut world = Self::new();
        let partner = json!({ "name": format!("partner of {}", world.account), "kind": "partner" });
        let partner = control("POST", "/_sandbox/tenants", &partner);
        let name = format!("customer of {}", world.account);
        let customer = json!({ "name": name, "kind": "tenant", "parent": partner["id"] });
        control("POST", "/_sandbox/tenants", &customer);
        world.tenant = partner;
        (world, name)
    }

    /// A world whose calls go through a wire of its own.
    pub fn wired() -> Self {
        let mut world = Self::new();
        let Sandbox { aws, central, .. } = sandbox();
        world.wire = Some(Wire::lay(aws, central, &world.account));
        world
    }

    #[track_caller]
    pub fn wire(&self) -> &Wire {
        self.wire.as_ref().expect("a wired world")
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Moves to another machine: a new working folder and an empty HOME.
    pub fn move_house(&mut self) {
        self.home = tempfile::tempdir().expect("a folder");
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        self.command(arguments)
            .output()
            .expect("the program starts")
            .into()
    }

    /// Runs `setup` for a connection, unattended and with JSON output.
    pub fn setup(&self, name: &str, more: &[&str]) -> Ran {
        let mut arguments = vec!["setup", name, "--yes", "--format", "json"];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// The words that remove the connection `demo` without a question.
    pub fn removal(&self) -> [&str; 5] {
        [
            "remove",
            "demo",
            "--yes",
            "--confirm-account",
            &self.account,
        ]
    }

    pub fn remove(&self, name: &str, more: &[&str]) -> Ran {
        let mut arguments = vec![
            "remove",
            name,
            "--yes",
            "--confirm-account",
            &self.account,
            "--format",
            "json",
        ];
        arguments.extend(more);
        self.run(&arguments)
    }

    /// The removal of a connection without any address or credentials of Central, and without a question.
    pub fn without_central(&self, name: &str, more: &[&str]) -> Command {
        let words = [
            "remove",
            name,
            "--without-central",
            "--yes",
            "--confirm-account",
            &self.account,
        ];
        let mut command = self.command(&[&words[..], more].concat());
        for variable in [
            "SOPHOS_CENTRAL_ID_URL",
            "SOPHOS_CENTRAL_API_URL",
            "SOPHOS_CENTRAL_CLIENT_ID",
            "SOPHOS_CENTRAL_CLIENT_SECRET",
        ] {
            command.env_remove(variable);
        }
        command
    }

    /// The program with this world's credentials. Nothing but `PATH` comes from this process's environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let sandbox = sandbox();
        let (aws, central) = match &self.wire {
            Some(wire) => (&wire.aws, &wire.central),
            None => (&sandbox.aws, &sandbox.central),
        };
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", "root")
            .env("AWS_SESSION_TOKEN", &sandbox.secret)
            .env("AWS_REGION", "eu-west-1")
            .env("AWS_ENDPOINT_URL", aws)
            .env("SOPHOS_CENTRAL_ID_URL", central)
            .env("SOPHOS_CENTRAL_API_URL", central)
            .env(
                "SOPHOS_CENTRAL_CLIENT_ID",
                self.tenant["clientId"].as_str().expect("an id"),
            )
            .env(
                "SOPHOS_CENTRAL_CLIENT_SECRET",
                self.tenant["clientSecret"].as_str().expect("a secret"),
            )
            .env("SOPHOS_CT_SANDBOX_DIR", &sandbox.dir)
            .env("SOPHOS_CT_FORWARDER", &sandbox.forwarder)
            .current_dir(self.home.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command line in a shell, in which `"$0"` is the program.
    pub fn shell(&self, line: &str) -> Ran {
        let program = self.command(&[]);
        let mut shell = Command::new("sh");
        shell
            .args(["-c", line])
            .arg(program.get_program())
            .env_clear();
        for (name, value) in program.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        shell.output().expect("a shell").into()
    }

    /// The program as on another machine: its calls bypass this world's wire.
    pub fn elsewhere(&self, arguments: &[&str]) -> Command {
        let Sandbox { aws, central, .. } = sandbox();
        let mut command = self.command(arguments);
        command
            .env("AWS_ENDPOINT_URL", aws)
            .env("SOPHOS_CENTRAL_ID_URL", central)
            .env("SOPHOS_CENTRAL_API_URL", central);
        command
    }

    /// An AWS client that is signed in as the account's root.
    pub async fn aws(&self) -> Aws {
        self.aws_as(None).await
    }

    /// The same for a role that the root assumes. Each service has a session of its own.
    pub async fn aws_as(&self, role: Option<&'static str>) -> Aws {
        Aws::connect(&Options {
            profile: None,
            region: Some("eu-west-1".parse().expect("a region")),
            sandbox: Some(SandboxAws {
                endpoint: sandbox().aws.clone(),
                account: self.account.parse().expect("an account"),
                secret: sandbox().secret.clone().into(),
                role,
                client: None,
            }),
        })
        .await
        .expect("the emulator answers")
    }
}

/// Stops the world's trails, so that they deliver no more log files.
impl Drop for World {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        blocking(async {
            let aws = self.aws().await;
            let trails = aws.cloudtrail.describe_trails().send().await;
            for trail in trails.iter().flat_map(|found| found.trail_list()) {
                let stop = aws
                    .cloudtrail
                    .stop_logging()
                    .set_name(trail.trail_arn.clone());
                let _ = stop.send().await;
            }
        });
    }
}
