//! The same answers give the same plan, whether they come from prompts, flags, the environment or a file (SPEC 3).

use serde_json::Value;

use crate::{
    existing, organization,
    support::{Ran, World, blocking, fixtures, terminal::Terminal},
};

/// Every answer of the catalogue that changes a plan, as flags.
fn answers(world: &World) -> Vec<(&'static str, String)> {
    let bucket = format!("shop-logs-{}", world.account);
    let boundary = format!("arn:aws:iam::{}:policy/limit", world.account);
    [
        ("organization", "false"),
        ("resources", "new"),
        ("trail", "shop-trail"),
        ("bucket", bucket.as_str()),
        ("prefix", "audit"),
        ("topic", "shop-topic"),
        ("function", "shop-function"),
        ("role", "shop-role"),
        ("role-path", "/logs/"),
        ("permissions-boundary", boundary.as_str()),
        ("retention-days", "90"),
        ("log-retention-days", "7"),
        ("tag", "team=security,cost=42"),
    ]
    .map(|(key, value)| (key, value.to_owned()))
    .to_vec()
}

/// The steps and the command line of a plan. Of a connection that does not exist yet, the plan has no id.
fn plan(document: &Value) -> String {
    document["steps"].to_string() + document["equivalent"].as_str().unwrap()
}

fn planned(ran: Ran) -> String {
    let document = ran.exits(0).json();
    assert_eq!(document["result"], "planned");
    plan(&document)
}

#[test]
fn flags_environment_file_saved_file_and_the_printed_command_give_the_same_plan() {
    let world = World::new();
    let answers = answers(&world);
    let saved = tempfile::NamedTempFile::new().unwrap();
    let saved_path = saved.path().to_str().unwrap();

    let mut words = vec![
        "plan".to_owned(),
        "shop".to_owned(),
        "--format".to_owned(),
        "json".to_owned(),
    ];
    for (key, value) in &answers {
        match *key {
            "organization" => words.push("--no-organization".to_owned()),
            "tag" => words.extend(
                value
                    .split(',')
                    .flat_map(|tag| ["--tag".to_owned(), tag.to_owned()]),
            ),
            _ => words.extend([format!("--{key}"), value.clone()]),
        }
    }
    words.extend(["--save-answers".to_owned(), saved_path.to_owned()]);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let ran = world.run(&words);
    let equivalent = ran.json()["equivalent"].as_str().unwrap().to_owned();
    let by_flags = planned(ran);

    let mut command = world.command(&["plan", "--format", "json"]);
    command.env("SOPHOS_CT_NAME", "shop");
    for (key, value) in &answers {
        let variable = format!("SOPHOS_CT_{}", key.to_uppercase().replace('-', "_"));
        command.env(variable, value);
    }
    assert_eq!(planned(command.output().unwrap().into()), by_flags);

    let file = tempfile::NamedTempFile::new().unwrap();
    let mut text = "name = \"shop\"\n".to_owned();
    for (key, value) in &answers {
        text += &match *key {
            "organization" | "retention-days" | "log-retention-days" => {
                format!("{key} = {value}\n")
            }
            "tag" => format!("{key} = [\"{}\"]\n", value.replace(',', "\", \"")),
            _ => format!("{key} = \"{value}\"\n"),
        };
    }
    std::fs::write(file.path(), text).unwrap();
    let by_file = [
        "plan",
        "--format",
        "json",
        "--answers",
        file.path().to_str().unwrap(),
    ];
    assert_eq!(planned(world.run(&by_file)), by_flags);

    let by_saved = ["plan", "--format", "json", "--answers", saved_path];
    assert_eq!(planned(world.run(&by_saved)), by_flags);

    assert_eq!(planned(pasted(&world, &equivalent)), by_flags);
}

/// Runs a printed command line in a shell, with `plan` in place of `setup`.
fn pasted(world: &World, equivalent: &str) -> Ran {
    let line = equivalent.replacen("sophos-ct setup", "\"$0\" plan --format json", 1);
    assert_ne!(line, equivalent);
    let program = world.command(&[]);
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &line])
        .arg(program.get_program())
        .env_clear();
    for (name, value) in program.get_envs() {
        shell.env(name, value.unwrap_or_default());
    }
    shell.env_remove("SOPHOS_CT_FORWARDER");
    shell.output().unwrap().into()
}

/// Checks that the command line that a plan prints for `flags` gives the same plan when it is pasted into a shell.
fn comes_back(world: &World, name: &str, flags: &[&str]) {
    let ran = world.run(&[&["plan", name, "--format", "json"], flags].concat());
    let equivalent = ran.json()["equivalent"].as_str().map(ToOwned::to_owned);
    let equivalent = equivalent.unwrap_or_else(|| panic!("{flags:?}: {}", ran.stderr));
    let by_flags = planned(ran);
    assert_eq!(planned(pasted(world, &equivalent)), by_flags, "{flags:?}");
}

#[test]
fn in_every_case_the_printed_command_pasted_into_a_shell_gives_the_same_plan() {
    let forwarder = tempfile::tempdir().unwrap();
    let forwarder = forwarder.path().join("the forwarder's copy");
    std::fs::copy(env!("CARGO_BIN_EXE_bootstrap"), &forwarder).unwrap();
    let forwarder = forwarder.to_str().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            // Whoever pastes the line accepts what a further copy costs.
            let world = existing::with_trail(true);
            comes_back(&world, "demo", &["--resources", "new"]);
            comes_back(&world, "demo", &[]);
            let bucket = format!("theirs-{}", world.account);
            let used = [
                "--resources",
                "new",
                "--bucket",
                &bucket,
                "--topic",
                "theirs",
            ];
            comes_back(&world, "demo", &used);
            world.setup("first", &[]).exits(0);
            comes_back(&world, "second", &["--connect-again"]);
            // The printed line contains the saved answers as well.
            blocking(async {
                let aws = world.aws().await;
                // This drift stays until it is mended, whereas a deleted log group comes back with the function's next run.
                let other = aws.logs.put_retention_policy().retention_in_days(7);
                let other = other.log_group_name("/aws/lambda/sophos-ct-first");
                other.send().await.unwrap();
            });
            comes_back(&world, "first", &[]);
            comes_back(&world, "first", &["--yes"]);
        });
        scope.spawn(|| {
            let world = existing::with_trail(false);
            for notify in ["trail", "bucket", "eventbridge"] {
                comes_back(&world, "demo", &existing::notified_by(notify));
            }
            blocking(async {
                let aws = world.aws().await;
                fixtures::role(&aws, "/team/", "theirs", "lambda").await;
            });
            let role = format!("arn:aws:iam::{}:role/team/theirs", world.account);
            let queue = format!("arn:aws:sqs:eu-west-1:{}:lost", world.account);
            let brought = ["--role-arn", &role, "--dead-letter", &queue];
            comes_back(
                &world,
                "demo",
                &[&["--resources", "new"], &brought[..]].concat(),
            );
        });
        scope.spawn(|| {
            let world = World::new();
            let odd = [
                ["--tag", "owner=one @work: a+b=c/d"],
                ["--prefix", "audit logs/it's"],
                ["--forwarder", forwarder],
                ["--ingest-host", "collector.example.com"],
                ["--region", "us-east-1"],
                ["--retention-days", "90"],
                ["--wait", "15m"],
            ];
            comes_back(&world, "two words of. it_all", &odd.concat());
        });
        scope.spawn(|| {
            let world = World::new();
            let member = world.member();
            organization::organize(&world, &[&member]);
            comes_back(&world, "org", &["--organization"]);
            comes_back(&world, "org", &["--organization", "--accounts", &member]);
            let (partner, tenant) = World::of_partner();
            let account = partner.account.clone();
            let unattended = [
                "--tenant",
                &tenant,
                "--expect-tenant",
                &tenant,
                "--expect-account",
                &account,
            ];
            comes_back(&partner, "demo", &unattended);
        });
    });
}

/// The wizard's questions in order: part of each question, and the keys that answer it.
fn typed(world: &World) -> Vec<(&'static str, String)> {
    let answer = |key: &str| {
        let answers = answers(world);
        let found = answers.iter().find(|(known, _)| *known == key);
        found.unwrap().1.clone() + "\r"
    };
    vec![
        ("Name", "shop\r".to_owned()),
        ("resources", "\r".to_owned()),
        ("these names", "n\r".to_owned()),
        ("Bucket", answer("bucket")),
        ("Prefix", answer("prefix")),
        ("Trail", answer("trail")),
        ("Topic", answer("topic")),
        ("Function", answer("function")),
        ("Role", answer("role")),
    ]
}

#[test]
fn what_is_typed_at_the_prompts_gives_the_plan_of_the_same_flags() {
    let world = World::new();
    let prompted = ["bucket", "prefix", "trail", "topic", "function", "role"];
    let answers = answers(&world);
    let mut flags = vec![
        "plan",
        "shop",
        "--no-organization",
        "--resources",
        "new",
        "--format",
        "json",
    ];
    let named: Vec<(String, String)> = answers
        .into_iter()
        .filter(|(key, _)| prompted.contains(key))
        .map(|(key, value)| (format!("--{key}"), value))
        .collect();
    for (flag, value) in &named {
        flags.extend([flag.as_str(), value.as_str()]);
    }
    let by_flags = planned(world.run(&flags));
    for accessible in [false, true] {
        let out = tempfile::NamedTempFile::new().unwrap();
        let shell = format!("exec \"$@\" > {}", out.path().display());
        let mut arguments = vec!["plan", "--format", "json"];
        if accessible {
            arguments.push("--accessible");
        }
        let mut terminal = Terminal::run(&world, &shell, &arguments);
        for (question, keys) in typed(&world) {
            terminal.answer(question, &keys);
        }
        assert_eq!(terminal.end(), 0, "{}", terminal.screen());
        let text = std::fs::read_to_string(out.path()).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(plan(&document), by_flags, "{}", terminal.screen());
    }
}
