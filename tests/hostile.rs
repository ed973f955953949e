//! A Central that lies gets nothing deleted or changed (SPEC 2.2).

use serde_json::{Value, json};

use crate::{
    existing,
    support::{Ran, World, blocking, fixtures, snapshot},
};

/// A connection that is set up, and resources of somebody else in the same account.
struct Stage {
    world: World,
    id: String,
    manifest: Value,
    settings: Value,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        let connection = world.setup("hostile", &[]).exits(0).json()["connection"].clone();
        blocking(async {
            let aws = world.aws().await;
            fixtures::role(&aws, "/", "victim", "lambda").await;
            aws.sns.create_topic().name("victim").send().await.unwrap();
            aws.logs
                .create_log_group()
                .log_group_name("/aws/lambda/victim")
                .send()
                .await
                .unwrap();
            let ours = format!("sophos-ct-hostile-{}-eu-west-1", world.account);
            let policy = fixtures::bucket_policy_of(&aws, &ours).await;
            let theirs = format!("victim-{}", world.account);
            fixtures::bucket(&aws, &theirs).await;
            let policy = policy
                .to_string()
                .replace(&ours, &theirs)
                .replace("SophosCt-", "Theirs-");
            fixtures::bucket_policy(&aws, &theirs, policy).await;
        });
        let id = connection["id"].as_str().unwrap().to_owned();
        let (manifest, settings) = (
            connection["resources"].clone(),
            connection["settings"].clone(),
        );
        Self {
            world,
            id,
            manifest,
            settings,
        }
    }

    /// With this lie, both commands refuse, name what they refuse, and change nothing.
    fn refuses(&self, lie: &Value, named: &[String]) {
        self.world.rewrite(&self.id, lie);
        let before = snapshot::aws(&self.world);
        for ran in [
            self.world.remove("hostile", &[]),
            self.world
                .remove("hostile", &["--delete-logs", "--confirm-bucket", "any"]),
            self.world.setup("hostile", &[]),
        ] {
            let ran = ran.exits(5).json();
            let message = ran["error"]["message"].as_str().unwrap();
            let missing: Vec<_> = named
                .iter()
                .filter(|name| !message.contains(*name))
                .collect();
            assert!(missing.is_empty(), "{missing:?}: {message}");
        }
        assert_eq!(snapshot::aws(&self.world), before, "{lie}");
    }

    fn honest(&self) {
        let truth = json!({ "resources": self.manifest, "settings": self.settings });
        self.world.rewrite(&self.id, &truth);
        self.world.remove("hostile", &[]).exits(0);
        let left = snapshot::aws(&self.world);
        let theirs = |name: &&String| name.contains("victim");
        assert_eq!(left.keys().filter(theirs).count(), 4, "{left:?}");
    }
}

#[test]
fn a_manifest_that_claims_what_is_not_ours_is_refused_for_each_kind() {
    let stage = Stage::set();
    let account = &stage.world.account;
    let of = |account: &str, region: &str, name: &str| {
        [
            (
                "trail",
                format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
                None,
            ),
            ("bucket", format!("arn:aws:s3:::{name}-{account}"), None),
            (
                "topic",
                format!("arn:aws:sns:{region}:{account}:{name}"),
                None,
            ),
            (
                "subscription",
                format!("arn:aws:sns:{region}:{account}:{name}"),
                Some("theirs"),
            ),
            (
                "function",
                format!("arn:aws:lambda:{region}:{account}:function:{name}"),
                None,
            ),
            ("role", format!("arn:aws:iam::{account}:role/{name}"), None),
            (
                "rolePolicy",
                format!("arn:aws:iam::{account}:role/{name}"),
                Some("theirs"),
            ),
            (
                "logGroup",
                format!("arn:aws:logs:{region}:{account}:log-group:/aws/lambda/{name}"),
                None,
            ),
            (
                "bucketPolicyStatement",
                format!("arn:aws:s3:::{name}-{account}"),
                Some("Theirs"),
            ),
            (
                "bucketNotification",
                format!("arn:aws:s3:::{name}-{account}"),
                Some("theirs"),
            ),
            (
                "topicPolicyStatement",
                format!("arn:aws:sns:{region}:{account}:{name}"),
                Some("theirs"),
            ),
            (
                "trailTopic",
                format!("arn:aws:cloudtrail:{region}:{account}:trail/{name}"),
                None,
            ),
            (
                "functionPermission",
                format!("arn:aws:lambda:{region}:{account}:function:{name}"),
                Some("theirs"),
            ),
            ("lifecycle", format!("arn:aws:s3:::{name}-{account}"), None),
            (
                "eventRule",
                format!("arn:aws:events:{region}:{account}:rule/{name}"),
                None,
            ),
            (
                "trustedAccess",
                format!("arn:aws:organizations::{account}:organization/o-{name}"),
                None,
            ),
            (
                "serviceLinkedRole",
                format!("arn:aws:iam::{account}:role/aws-service-role/{name}"),
                None,
            ),
        ]
    };
    let mut claims: Vec<(&str, String, Option<&str>)> = Vec::new();
    claims.extend(of(account, "eu-west-1", "victim"));
    // Our own names, in another account and in another region.
    claims.extend(of("999999999999", "eu-west-1", "sophos-ct-hostile"));
    claims.extend(
        of(account, "us-east-1", "sophos-ct-hostile")
            .into_iter()
            .filter(|(_, arn, _)| arn.contains("us-east-1")),
    );
    // Our own resources, somebody else's parts.
    claims.extend([
        (
            "bucketPolicyStatement",
            format!("arn:aws:s3:::sophos-ct-hostile-{account}-eu-west-1"),
            Some("Theirs"),
        ),
        (
            "topicPolicyStatement",
            format!("arn:aws:sns:eu-west-1:{account}:sophos-ct-hostile"),
            Some("__default_statement_ID"),
        ),
        (
            "functionPermission",
            format!("arn:aws:lambda:eu-west-1:{account}:function:sophos-ct-hostile"),
            Some("theirs"),
        ),
        (
            "rolePolicy",
            format!("arn:aws:iam::{account}:role/sophos-ct-hostile"),
            Some("theirs"),
        ),
        ("role", "not an arn".to_owned(), None),
    ]);
    for ownership in ["created", "modified"] {
        let mut lie = stage.manifest.clone();
        for (kind, arn, id) in &claims {
            let mut claim = json!({ "kind": kind, "arn": arn, "ownership": ownership });
            if let Some(id) = id {
                claim["id"] = (*id).into();
            }
            lie["items"].as_array_mut().unwrap().push(claim);
        }
        // Each is named, so each alone would have been refused.
        let named: Vec<String> = claims.iter().map(|(_, arn, _)| arn.clone()).collect();
        stage.refuses(&json!({ "resources": lie }), &named);
    }
    stage.honest();
}

#[test]
fn what_is_marked_is_found_where_central_names_other_parts_of_no_manifest() {
    let stage = Stage::set();
    let mut settings = stage.settings.clone();
    for setting in ["role", "function", "topic", "trail"] {
        settings[setting] = "made-up".into();
    }
    let lie = json!({ "settings": settings, "resources": { "items": [], "buckets": [], "complete": true } });
    stage.world.rewrite(&stage.id, &lie);
    let before = snapshot::aws(&stage.world);
    let refused = stage.world.remove("hostile", &[]).exits(5).json();
    let message = refused["error"]["message"].as_str().unwrap();
    for part in [
        "trail/sophos-ct-hostile",
        "role/sophos-ct-hostile",
        ":sophos-ct-hostile",
    ] {
        assert!(message.contains(part), "{message}");
    }
    let function = message.matches("function:sophos-ct-hostile").count();
    assert_eq!(function, 1, "{message}");
    assert_eq!(snapshot::aws(&stage.world), before);
    stage.honest();
}

#[test]
fn a_role_that_only_central_calls_brought_gets_neither_our_policy_nor_our_function() {
    let stage = Stage::set();
    let mut settings = stage.settings.clone();
    settings["role"] = "victim".into();
    let mut lie = stage.manifest.clone();
    for item in lie["items"].as_array_mut().unwrap() {
        let kind = item["kind"].as_str().unwrap().to_owned();
        if kind == "role" || kind == "rolePolicy" {
            let arn = item["arn"]
                .as_str()
                .unwrap()
                .replace("role/sophos-ct-hostile", "role/victim");
            item["arn"] = arn.into();
        }
        if kind == "role" {
            item["ownership"] = "used".into();
        }
    }
    stage.refuses(&json!({ "settings": settings, "resources": lie }), &[]);
    stage.honest();
}

#[test]
fn nothing_is_sent_to_a_queue_that_only_central_names() {
    let stage = Stage::set();
    let queue = format!("arn:aws:sqs:eu-west-1:{}:victim", stage.world.account);
    let mut settings = stage.settings.clone();
    settings["dead-letter"] = queue.as_str().into();
    let before = snapshot::aws(&stage.world);
    for complete in [true, false] {
        let mut lie = stage.manifest.clone();
        lie["complete"] = complete.into();
        let fields = json!({ "settings": settings, "resources": lie });
        stage.world.rewrite(&stage.id, &fields);
        let asked = stage.world.setup("hostile", &[]);
        assert_eq!(asked.code, 2, "{}", asked.stderr);
        assert!(asked.stderr.contains(&format!("--dead-letter {queue}")));
        assert_eq!(snapshot::aws(&stage.world), before);
    }
    // Where the function sends them is what was meant: another queue is a conflict.
    stage.honest();
    let meant = format!("arn:aws:sqs:eu-west-1:{}:meant", stage.world.account);
    let world = World::new();
    let meant = meant.replace(&stage.world.account, &world.account);
    let set_up = ["--dead-letter", &meant];
    let set_up = world.setup("meant", &set_up).exits(0).json()["connection"].clone();
    let mut lie = set_up["settings"].clone();
    lie["dead-letter"] = queue.replace(&stage.world.account, &world.account).into();
    let before = snapshot::aws(&world);
    let id = set_up["id"].as_str().unwrap();
    world.rewrite(id, &json!({ "settings": lie }));
    world.setup("meant", &[]).exits(5);
    assert_eq!(snapshot::aws(&world), before);
    // Before anything of ours is there, nothing tells: it is asked again.
    let new = World::new();
    let id = "5f0c7a3e-8a1b-4c2d-9e3f-1a2b3c4d5e6f";
    let queue = format!("arn:aws:sqs:eu-west-1:{}:victim", new.account);
    let document = json!({
        "name": "prepared", "awsAccountId": new.account, "partition": "aws", "homeRegion": "eu-west-1", "mode": "new",
        "settings": { "dead-letter": queue },
        "resources": { "items": [], "complete": false, "names": {} },
    });
    new.put_connection(id, &document);
    let asked = new.setup("prepared", &[]);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    assert!(
        asked.stderr.contains(&format!("--dead-letter {queue}")),
        "{}",
        asked.stderr
    );
}

#[test]
fn settings_that_name_what_is_not_ours_are_refused_even_where_the_manifest_agrees() {
    let stage = Stage::set();
    let account = &stage.world.account;
    let ours = format!("sophos-ct-hostile-{account}-eu-west-1");
    let theirs = format!("victim-{account}");
    for (setting, from, to, named) in [
        (
            "role",
            "role/sophos-ct-hostile",
            "role/victim",
            format!("arn:aws:iam::{account}:role/victim"),
        ),
        (
            "topic",
            ":sophos-ct-hostile",
            ":victim",
            format!("arn:aws:sns:eu-west-1:{account}:victim"),
        ),
        (
            "function",
            "sophos-ct-hostile",
            "victim",
            "log-group:/aws/lambda/victim".to_owned(),
        ),
        ("bucket", &ours, &theirs, format!("arn:aws:s3:::{theirs}")),
    ] {
        let mut settings = stage.settings.clone();
        settings[setting] = if setting == "bucket" {
            theirs.as_str()
        } else {
            "victim"
        }
        .into();
        let mut lie = stage.manifest.clone();
        for item in lie["items"].as_array_mut().unwrap() {
            let kind = item["kind"].as_str().unwrap().to_owned();
            let concerned = kind.to_lowercase().contains(setting)
                || (setting == "function" && kind == "logGroup");
            if concerned {
                item["arn"] = item["arn"].as_str().unwrap().replace(from, to).into();
            }
            if kind == "subscription" && setting == "topic" {
                item["arn"] = item["arn"].as_str().unwrap().replace(from, to).into();
            }
            if kind == "subscription" && setting == "function" {
                item["id"] = item["id"]
                    .as_str()
                    .unwrap()
                    .replace("function:sophos-ct-hostile", "function:victim")
                    .into();
            }
        }
        stage.refuses(&json!({ "resources": lie, "settings": settings }), &[named]);
    }
    stage.honest();
}

#[test]
fn another_trail_or_subscription_is_not_touched_where_central_changes_an_existing_connection() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("trail");
    let connection = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let account = world.account.clone();
    let victim = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/victim");
    let topic = format!("arn:aws:sns:eu-west-1:{account}:victim");
    let function = format!("arn:aws:lambda:eu-west-1:{account}:function:victim");
    blocking(async {
        let aws = world.aws().await;
        let publish = json!({ "Version": "2012-10-17", "Statement": [{
            "Sid": "Their", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
            "Action": "SNS:Publish", "Resource": topic,
        }]});
        aws.sns.create_topic().name("victim").send().await.unwrap();
        let set = aws
            .sns
            .set_topic_attributes()
            .topic_arn(&topic)
            .attribute_name("Policy");
        set.attribute_value(publish.to_string())
            .send()
            .await
            .unwrap();
        let bucket = format!("theirs-{account}");
        let create = aws
            .cloudtrail
            .create_trail()
            .name("victim")
            .s3_bucket_name(bucket)
            .s3_key_prefix("audit");
        create.sns_topic_name(&topic).send().await.unwrap();
        let subscribe = aws
            .sns
            .subscribe()
            .topic_arn(&topic)
            .protocol("lambda")
            .endpoint(&function);
        subscribe.send().await.unwrap();
    });
    let id = connection["id"].as_str().unwrap();
    let of_trail =
        json!({ "kind": "trailTopic", "arn": victim, "id": topic, "ownership": "modified" });
    let of_topic =
        json!({ "kind": "subscription", "arn": topic, "id": function, "ownership": "created" });
    for (change, item) in [
        (json!({ "trail": &victim, "topic": "victim" }), of_trail),
        (json!({ "topic": "victim", "function": "victim" }), of_topic),
    ] {
        let mut settings = connection["settings"].clone();
        settings
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let lie = json!({ "settings": settings, "resources": { "items": [item], "buckets": [], "complete": true } });
        world.rewrite(id, &lie);
        let before = snapshot::aws(&world);
        world.remove("demo", &[]).exits(5);
        world.setup("demo", &[]).exits(5);
        assert_eq!(snapshot::aws(&world), before, "{item}");
    }
    // A trail without a topic into the same bucket: only our own statement shows that it was never meant.
    blocking(async {
        let aws = world.aws().await;
        aws.cloudtrail
            .update_trail()
            .name("victim")
            .sns_topic_name("")
            .send()
            .await
            .unwrap();
    });
    let mut settings = connection["settings"].clone();
    settings["trail"] = victim.into();
    let honest = connection["resources"].to_string();
    let agreeing: Value =
        serde_json::from_str(&honest.replace(":trail/theirs", ":trail/victim")).unwrap();
    for resources in [&connection["resources"], &agreeing] {
        world.rewrite(id, &json!({ "settings": settings, "resources": resources }));
        let before = snapshot::aws(&world);
        world.setup("demo", &[]).exits(5);
        assert_eq!(snapshot::aws(&world), before);
    }
    world.rewrite(
        id,
        &json!({ "settings": connection["settings"], "resources": connection["resources"] }),
    );
    world.remove("demo", &[]).exits(0);
}

#[test]
fn a_bucket_that_is_only_used_stays_even_where_central_calls_it_created() {
    let world = World::new();
    world.setup("kept", &[]).exits(0);
    world.remove("kept", &[]).exits(0);
    let connection = world.setup("kept", &[]).exits(0).json()["connection"].clone();
    let mut manifest = connection["resources"].clone();
    let honest = manifest.clone();
    for item in manifest["items"].as_array_mut().unwrap() {
        if item["kind"] == "bucket" {
            assert_eq!(item["ownership"], "used");
            item["ownership"] = "created".into();
        }
    }
    let id = connection["id"].as_str().unwrap();
    world.rewrite(id, &json!({ "resources": manifest }));
    let before = snapshot::aws(&world);
    let bucket = format!("sophos-ct-kept-{}-eu-west-1", world.account);
    let delete = ["--delete-logs", "--confirm-bucket", &bucket];
    let ran = world.remove("kept", &delete).exits(5).json();
    assert!(ran["error"]["message"].as_str().unwrap().contains(&bucket));
    assert_eq!(snapshot::aws(&world), before);
    world.rewrite(id, &json!({ "resources": honest }));
    world.remove("kept", &[]).exits(0);
}

#[test]
fn with_a_role_that_somebody_brought_the_function_itself_shows_which_bucket_was_meant() {
    let world = existing::with_trail(false);
    let account = world.account.clone();
    let (theirs, victim) = (format!("theirs-{account}"), format!("victim-{account}"));
    let role = format!("arn:aws:iam::{account}:role/brought");
    let allow = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    blocking(async {
        let aws = world.aws().await;
        fixtures::role(&aws, "/", "brought", "lambda").await;
        fixtures::role_policy(&aws, "brought", allow).await;
        fixtures::bucket(&aws, &victim).await;
    });
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &theirs,
        "--notify",
        "eventbridge",
        "--role-arn",
        &role,
    ];
    let connection = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let lie: Value = serde_json::from_str(
        &json!({ "settings": connection["settings"], "resources": connection["resources"] })
            .to_string()
            .replace(&theirs, &victim),
    )
    .unwrap();
    world.rewrite(connection["id"].as_str().unwrap(), &lie);
    let before = snapshot::aws(&world);
    world.setup("demo", &[]).exits(5);
    assert_eq!(snapshot::aws(&world), before);
}

/// The program under a Central that lies, until it ends; by itself, and soon.
fn under_lies(world: &World, arguments: &[&str]) -> Ran {
    let mut command = world.command(arguments);
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let id = child.id();
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(child.wait_with_output()));
    match told.recv_timeout(std::time::Duration::from_secs(120)) {
        Ok(output) => output.unwrap().into(),
        Err(_) => panic!("{id} does not end: {arguments:?} {:?}", world.wire().lies()),
    }
}

/// Commands, each under the lies of its own seed.
fn fuzz(seeds: impl Iterator<Item = u64>) {
    let world = World::wired();
    let account = world.account.clone();
    blocking(async {
        let aws = world.aws().await;
        fixtures::role(&aws, "/", "victim", "lambda").await;
        aws.sns.create_topic().name("victim").send().await.unwrap();
        fixtures::bucket(&aws, &format!("victim-{account}")).await;
    });
    let theirs = || {
        let mut found = snapshot::aws(&world);
        found.retain(|name, _| name.contains("victim"));
        found
    };
    let before = theirs();
    let setup = ["setup", "demo", "--yes", "--wait", "2s"];
    let remove = ["remove", "demo", "--yes", "--confirm-account", &account];
    let mut there = false;
    for number in seeds {
        // One in ten is a setup that begins with nothing.
        let anew = number % 10 == 0;
        if there && anew {
            world.run(&remove).exits(0);
        } else if !there && !anew {
            world.run(&setup[..3]).exits(0);
        }
        there = true;
        let json = number % 2 == 0;
        let mut words: Vec<&str> = match number % 5 {
            0 | 1 => setup.to_vec(),
            2 => vec!["status", "demo"],
            3 => vec!["list", "--all"],
            _ => remove.to_vec(),
        };
        if json {
            words.extend(["--format", "json"]);
        }
        world.wire().lie(Some(number));
        let ran = under_lies(&world, &words);
        let lies = world.wire().lies();
        world.wire().lie(None);
        let context = || {
            format!(
                "seed {number}: {words:?} {lies:#?}\n{}\n{}",
                ran.stdout, ran.stderr
            )
        };
        assert!((0..=9).contains(&ran.code), "{}: {}", ran.code, context());
        assert!(!ran.stderr.contains("panicked"), "{}", context());
        for text in [&ran.stdout, &ran.stderr] {
            let raw = text.chars().find(|char| char.is_control() && *char != '\n');
            let acts = text
                .chars()
                .find(|char| matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'));
            assert!(
                raw.is_none() && acts.is_none(),
                "{raw:?} {acts:?}: {}",
                context()
            );
            let command = text.lines().find(|line| {
                line.trim_start().starts_with("::") || line.trim_start().starts_with("##")
            });
            assert!(command.is_none(), "{command:?}: {}", context());
        }
        if json {
            ran.json();
        }
        assert_eq!(theirs(), before, "{}", context());
        let ours = snapshot::aws(&world)
            .into_keys()
            .filter(|name| name.contains("sophos-ct-demo") && !name.starts_with("bucket"))
            .count();
        if words[0] == "remove" && ran.code == 0 {
            assert_eq!(ours, 0, "{}", context());
        }
        if ours == 0 || words[0] == "remove" {
            // Whatever is left, an honest Central gets it away, and all begins anew.
            let connections = snapshot::central(&world);
            if connections.iter().any(|one| one["status"] != "deleted") {
                let gone = world.run(&remove);
                assert!(
                    gone.code == 0,
                    "{}: {}\n{}",
                    gone.code,
                    gone.stderr,
                    context()
                );
            }
            there = false;
        }
    }
    if there {
        world.run(&remove).exits(0);
    }
    assert_eq!(theirs(), before);
}

#[test]
fn a_central_that_says_anything_changes_nothing_of_others_and_hides_nothing_of_ours() {
    let number = |name: &str| std::env::var(name).ok()?.parse().ok();
    let seed = number("SOPHOS_CT_SEED").unwrap_or(1);
    let runs: u64 = number("SOPHOS_CT_RUNS").unwrap_or(24);
    println!("SOPHOS_CT_SEED={seed} SOPHOS_CT_RUNS={runs}");
    let side_by_side = 4.min(runs.div_ceil(24));
    std::thread::scope(|scope| {
        for number in 0..side_by_side {
            let seeds = (seed + number..seed + runs).step_by(side_by_side as usize);
            scope.spawn(move || fuzz(seeds));
        }
    });
}

#[test]
fn no_key_is_opened_to_the_function_that_only_central_names() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("bucket");
    let set_up = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let key = format!(
        "arn:aws:kms:eu-west-1:{}:key/1a2b3c4d-1111-2222-3333-444455556666",
        world.account
    );
    let mut lie = set_up["settings"].clone();
    lie["kms-key"] = key.as_str().into();
    let id = set_up["id"].as_str().unwrap();
    let before = snapshot::aws(&world);
    world.rewrite(id, &json!({ "settings": lie }));
    let asked = world.setup("demo", &[]);
    assert_eq!(asked.code, 2, "{}", asked.stderr);
    let flag = format!("--kms-key {key}");
    assert!(asked.stderr.contains(&flag), "{}", asked.stderr);
    assert_eq!(snapshot::aws(&world), before);
}
