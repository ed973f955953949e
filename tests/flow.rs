//! The job itself: set up, verified, again, removed, taken up again.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::support::{Ran, World, blocking};

#[test]
fn setup_delivers_the_stored_bytes_and_a_second_run_changes_nothing() {
    let world = World::wired();
    let first = world.setup("demo", &["--wait-for-logs"]).exits(0).json();
    assert_eq!(first["result"], "applied");
    assert_eq!(first["connection"]["status"], "active");
    assert_eq!(first["connection"]["resources"]["complete"], true);
    let id = first["connection"]["id"].as_str().unwrap().to_owned();

    world.wire().mend();
    let second = world.setup("demo", &[]).exits(0).json();
    assert_eq!(second["result"], "unchanged");
    assert_eq!(world.wire().writes(), [""; 0]);
    assert_eq!(
        second["connection"]["updatedAt"],
        first["connection"]["updatedAt"]
    );

    let status = world
        .run(&["status", "demo", "--format", "json"])
        .exits(0)
        .json();
    assert_eq!(status["healthy"], true, "{status}");

    let receipts = world.central(&format!(
        "/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts"
    ));
    let receipts = receipts["items"].as_array().unwrap();
    assert!(!receipts.is_empty());
    blocking(async {
        let aws = world.aws().await;
        for receipt in receipts {
            let (bucket, key) = (
                receipt["bucket"].as_str().unwrap(),
                receipt["key"].as_str().unwrap(),
            );
            let body = aws
                .s3
                .get_object()
                .bucket(bucket)
                .key(key)
                .send()
                .await
                .unwrap()
                .body
                .collect()
                .await
                .unwrap();
            assert_eq!(
                receipt["sha256"],
                hex::encode(Sha256::digest(body.into_bytes()))
            );
        }
    });
}

#[test]
fn remove_leaves_only_the_log_bucket_and_setup_takes_it_up_again() {
    let world = World::new();
    let first = world.setup("again", &[]).exits(0).json();
    let removed = world.remove("again", &[]).exits(0).json();
    assert_eq!(removed["result"], "removed");
    assert_eq!(removed["connection"]["status"], "deleted");
    blocking(async {
        let aws = world.aws().await;
        assert!(
            aws.iam
                .get_role()
                .role_name("sophos-ct-again")
                .send()
                .await
                .is_err()
        );
        assert!(
            aws.lambda
                .get_function()
                .function_name("sophos-ct-again")
                .send()
                .await
                .is_err()
        );
        assert!(
            aws.cloudtrail
                .describe_trails()
                .send()
                .await
                .unwrap()
                .trail_list()
                .is_empty()
        );
        assert!(
            aws.sns
                .list_topics()
                .send()
                .await
                .unwrap()
                .topics()
                .is_empty()
        );
        let bucket = format!("sophos-ct-again-{}-eu-west-1", world.account);
        aws.s3.head_bucket().bucket(&bucket).send().await.unwrap();
        assert!(
            aws.s3
                .get_bucket_policy()
                .bucket(&bucket)
                .send()
                .await
                .is_err()
        );
    });
    assert_eq!(
        world.remove("again", &[]).exits(0).json()["result"],
        "removed"
    );

    let second = world.setup("again", &[]).exits(0).json();
    assert_eq!(second["connection"]["status"], "active");
    let bucket = second["steps"]
        .as_array()
        .unwrap()
        .iter()
        .find(|step| step["kind"] == "bucket")
        .unwrap();
    assert_eq!(bucket["action"], "use");
    assert!(
        bucket["reason"]
            .as_str()
            .unwrap()
            .contains(first["connection"]["id"].as_str().unwrap())
    );
}

#[test]
fn files_of_a_pause_are_caught_up_after_it_by_the_function_itself() {
    let world = World::new();
    let set_up = world.setup("paused", &["--wait-for-logs"]).exits(0).json();
    let id = set_up["connection"]["id"].as_str().unwrap();
    let receipts = format!("/cloud-integrations/v1/aws-cloudtrail/connections/{id}/receipts");
    let paused = || {
        let found = world.central(&format!("{receipts}?outcome=skipped"));
        let found = found["items"].as_array().unwrap().clone();
        let keys = found
            .iter()
            .map(|one| one["key"].as_str().unwrap().to_owned());
        keys.collect::<Vec<_>>()
    };
    let wait = |what: &str, fits: &dyn Fn() -> bool| {
        let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
        while !fits() {
            assert!(std::time::Instant::now() < end, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    };
    world.patch(id, &json!({ "status": "paused" }));
    wait("nothing was skipped", &|| paused().len() > 1);
    world.patch(id, &json!({ "status": "active" }));
    // A sign-in tells the function what is missing; a validation message provokes one, fifteen seconds after the last.
    let provoke = || {
        blocking(async {
            let aws = world.aws().await;
            let topic = format!("arn:aws:sns:eu-west-1:{}:sophos-ct-paused", world.account);
            let update = aws.cloudtrail.update_trail().name("sophos-ct-paused");
            update.sns_topic_name(topic).send().await.unwrap();
        });
        std::thread::sleep(std::time::Duration::from_secs(2));
    };
    wait("still missing", &|| {
        provoke();
        paused().is_empty()
    });
    world.remove("paused", &[]).exits(0);
}

#[test]
fn without_a_slim_build_the_program_itself_is_the_function() {
    let world = World::new();
    let mut command = world.command(&["setup", "self", "--yes", "--format", "json"]);
    command.env_remove("SOPHOS_CT_FORWARDER");
    let ran: Ran = command.output().unwrap().into();
    assert_eq!(ran.exits(0).json()["connection"]["status"], "active");
    // The same function from another file is a change; the slim build runs in its place.
    let upgraded = world.setup("self", &[]).exits(0).json();
    assert_eq!(upgraded["result"], "applied");
    world.run(&["status", "self"]).exits(0);
    world.remove("self", &[]).exits(0);
}

/// A sandbox of its own in a folder, which ends with the test.
struct Own {
    world: World,
    dir: tempfile::TempDir,
}

impl Own {
    fn run(&self, words: &[&str]) -> Ran {
        let mut command = self.world.command(words);
        command.env("SOPHOS_CT_SANDBOX_DIR", self.dir.path());
        // Where the emulator's environment is made once.
        command.env("HOME", std::env::var_os("HOME").unwrap_or_default());
        command.output().unwrap().into()
    }

    fn objects(&self) -> u64 {
        let list = ["list", "--sandbox", "--format", "json"];
        let list = self.run(&list).exits(0).json();
        list["connections"][0]["receivedObjects"].as_u64().unwrap()
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        self.run(&["sandbox", "stop"]);
    }
}

#[test]
fn a_sandbox_that_stops_and_starts_again_goes_on_with_a_connection() {
    let own = Own {
        world: World::new(),
        dir: tempfile::tempdir().unwrap(),
    };
    let setup = ["setup", "demo", "--sandbox", "--yes", "--wait-for-logs"];
    own.run(&setup).exits(0);
    let addresses = || {
        let status = own.run(&["sandbox", "status"]).exits(0);
        status.stdout + &status.stderr
    };
    let before = addresses();
    own.run(&["sandbox", "stop"]).exits(0);
    own.run(&["sandbox", "start"]).exits(0);
    assert_eq!(addresses(), before);
    let received = own.objects();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(120);
    while own.objects() == received {
        assert!(
            std::time::Instant::now() < end,
            "no log file arrives any more"
        );
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    own.run(&["status", "demo", "--sandbox"]).exits(0);
    let again = ["setup", "demo", "--sandbox", "--yes", "--format", "json"];
    assert_eq!(own.run(&again).exits(0).json()["result"], "unchanged");
}

/// Calls as somebody else on this machine would make them: with all that is known of the sandbox but its secret.
#[test]
fn nobody_but_its_user_reaches_the_sandbox_and_stop_ends_nothing_else() {
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let world = World::new();
    let url = crate::support::endpoint();
    let mut guessed = world.command(&["doctor", "--format", "json"]);
    guessed.env("AWS_SESSION_TOKEN", "guessed");
    let guessed: Ran = guessed.output().unwrap().into();
    let guessed = guessed.exits(8).json();
    assert_eq!(guessed["checks"][0]["ok"], false);
    crate::support::blocking(async {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let status = async |request: reqwest::RequestBuilder| {
            request.send().await.unwrap().status().as_u16()
        };
        // Without a signature, for the emulator's own switches, for what it has besides.
        let signed = |service: &str| {
            format!(
                "AWS4-HMAC-SHA256 Credential={}/20260101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0",
                world.account
            )
        };
        let functions = format!("{url}/2015-03-31/functions/");
        let reset = format!("{url}/_ministack/reset");
        assert_eq!(status(http.get(&functions)).await, 403);
        assert_eq!(status(http.post(&reset)).await, 403);
        let secret = crate::support::secret();
        let with_secret = |path: &str, service: &str| {
            let request = http.post(format!("{url}{path}"));
            let request = request.header("authorization", signed(service));
            request.header("x-amz-security-token", secret)
        };
        assert_ne!(status(with_secret("/", "sns")).await, 403);
        assert_eq!(status(with_secret("/", "ec2")).await, 403);
        assert_eq!(status(with_secret("/_ministack/reset", "s3")).await, 403);
        // Other ways to write a call that nobody signed, another key, or the way to the emulator's own switches.
        let other_key = signed("lambda").replace(&world.account, "AKIAEXAMPLE");
        let root = format!(
            "{}%2F20260101%2Feu-west-1%2Flambda%2Faws4_request",
            world.account
        );
        for address in [
            format!("/2015-03-31/functions/?X-Amz-Credential={root}"),
            format!("/2015-03-31/functions/?X%2DAmz-Credential={root}"),
            "/_ministack/reset".to_owned(),
            "/%5Fministack/reset".to_owned(),
            "//_ministack/reset".to_owned(),
        ] {
            let call = http.get(format!("{url}{address}"));
            let call = call.header("authorization", &other_key);
            assert_eq!(status(call).await, 403, "{address}");
        }
        for header in [
            other_key.replace("AWS4-HMAC-SHA256", "Bearer"),
            other_key.replace(", SignedHeaders", ", Credential=x, SignedHeaders"),
            other_key.replace("Credential=", "Credential=AKIAEXAMPLE/Credential="),
            signed("lambda"),
        ] {
            let call = http.get(&functions).header("authorization", &header);
            assert_eq!(status(call).await, 403, "{header}");
        }
        // A client resolves these before it sends them.
        for path in ["/x/../_ministack/reset", "/x/%2e%2e/_ministack/reset"] {
            let line = format!(
                "POST {path} HTTP/1.1\r\nhost: x\r\nauthorization: {other_key}\r\nconnection: close\r\n\r\n"
            );
            let address = url.trim_start_matches("http://");
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            stream.write_all(line.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
        }
        let central = crate::support::central_url();
        let tenants = http.post(format!("{central}/_sandbox/tenants"));
        let tenant = serde_json::json!({ "name": "mine" });
        assert_eq!(status(tenants.json(&tenant)).await, 401);
    });
    let dir = crate::support::folder();
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(dir), 0o700);
    for file in ["sandbox.json", "state/ports.json", "state/central.json"] {
        let file = dir.join(file);
        // It is written every second.
        let end = std::time::Instant::now() + std::time::Duration::from_secs(30);
        while !file.exists() {
            assert!(std::time::Instant::now() < end, "{}", file.display());
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }

    // A sandbox that was killed, and a process that has its number now.
    let left = tempfile::tempdir().unwrap();
    let told = std::fs::read_to_string(dir.join("sandbox.json")).unwrap();
    let mut told: serde_json::Value = serde_json::from_str(&told).unwrap();
    let mut bystander = std::process::Command::new("sleep")
        .arg("600")
        .spawn()
        .unwrap();
    told["pid"] = bystander.id().into();
    for file in ["start.lock", "serve.lock", "emulator.pid"] {
        std::fs::write(left.path().join(file), bystander.id().to_string()).unwrap();
    }
    std::fs::write(left.path().join("sandbox.json"), told.to_string()).unwrap();
    let mut stop = world.command(&["sandbox", "stop"]);
    stop.env("SOPHOS_CT_SANDBOX_DIR", left.path());
    let stop: Ran = stop.output().unwrap().into();
    assert!(stop.exits(0).stderr.contains("does not run"));
    for words in [["sandbox", "start"], ["sandbox", "stop"]] {
        let mut again = world.command(&words);
        again.env("SOPHOS_CT_SANDBOX_DIR", left.path());
        again.env("HOME", std::env::var_os("HOME").unwrap_or_default());
        Ran::from(again.output().unwrap()).exits(0);
    }
    assert!(bystander.try_wait().unwrap().is_none(), "it was ended");
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[test]
fn the_sandboxs_caller_is_an_administrator_role() {
    let own = Own {
        world: World::new(),
        dir: tempfile::tempdir().unwrap(),
    };
    let doctor = own
        .run(&["doctor", "--sandbox", "--format", "json"])
        .exits(0)
        .json();
    let checks = doctor["checks"].as_array().unwrap();
    let check = |name: &str| checks.iter().find(|check| check["name"] == name).unwrap();
    let arn = check("aws")["detail"].as_str().unwrap();
    assert_eq!(
        arn,
        "arn:aws:sts::111122223333:assumed-role/Administrator/sandbox"
    );
    assert_eq!(check("caller")["ok"], true);
}

#[test]
fn what_a_killed_sandbox_left_is_ended_and_one_start_at_a_time_is_enough() {
    let own = Own {
        world: World::new(),
        dir: tempfile::tempdir().unwrap(),
    };
    let of = |file: &str| std::fs::read_to_string(own.dir.path().join(file)).unwrap();
    let alive = |pid: &str| std::path::Path::new("/proc").join(pid.trim()).exists();
    own.run(&["sandbox", "start"]).exits(0);
    let (first, emulator) = (of("serve.lock"), of("emulator.pid"));
    let pid = rustix::process::Pid::from_raw(first.parse().unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while own.run(&["sandbox", "status"]).stdout.contains("AWS at") {
        assert!(std::time::Instant::now() < end);
    }
    assert!(alive(&emulator));
    // Its folder goes before it does.
    std::fs::remove_dir_all(own.dir.path().join("state")).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| own.run(&["sandbox", "start"]).exits(0));
        }
    });
    let end = std::time::Instant::now() + std::time::Duration::from_secs(10);
    while alive(&emulator) {
        assert!(std::time::Instant::now() < end, "the emulator is left");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let second = of("serve.lock");
    assert_ne!(second, first);
    own.run(&["sandbox", "stop"]).exits(0);
    let status = own.run(&["sandbox", "status"]).exits(0);
    assert!(status.stdout.contains("does not run"));
}

#[test]
fn a_folder_that_is_no_sandboxs_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let world = World::new();
    let theirs = tempfile::tempdir().unwrap();
    let notes = theirs.path().join("state/notes.txt");
    std::fs::create_dir(theirs.path().join("state")).unwrap();
    std::fs::write(&notes, "mine").unwrap();
    let mode = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(theirs.path(), mode).unwrap();
    for (verb, code) in [("start", 1), ("status", 0), ("stop", 0), ("reset", 0)] {
        let mut command = world.command(&["sandbox", verb]);
        command.env("SOPHOS_CT_SANDBOX_DIR", theirs.path());
        let ran: Ran = command.output().unwrap().into();
        let said = ran.exits(code).stderr;
        assert!(code == 0 || said.contains("no sandbox's folder"), "{said}");
        assert_eq!(std::fs::read_to_string(&notes).unwrap(), "mine", "{verb}");
        assert_eq!(theirs.path().read_dir().unwrap().count(), 1, "{verb}");
        let mode = theirs.path().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o755, "{verb}");
    }
}
