//! The scripts of the recipes, run in a sandbox: what each exit code of the program becomes.

use std::fs;

use serde_json::Value;

use super::{AZURE, GITHUB, GITLAB, Runner, SYSTEMS};
use crate::support::{Ran, blocking};

/// Whether the step that plans told the next job that there is something to do.
#[track_caller]
fn plans_changes(runner: &Runner, system: &str) -> bool {
    let ran = runner.run(system, "Plan").exits(0);
    assert!(runner.read("plan.md").contains("Plan for production"));
    let said = match system {
        GITHUB => runner.read("GITHUB_OUTPUT"),
        GITLAB => return runner.home().join("plan.json").exists(),
        _ => ran.stdout,
    };
    let last = said.lines().rfind(|line| line.contains("changes"));
    match last.unwrap() {
        "changes=true" | "##vso[task.setvariable variable=changes;isOutput=true]true" => true,
        "changes=false" | "##vso[task.setvariable variable=changes;isOutput=true]false" => false,
        other => panic!("{other}"),
    }
}

#[track_caller]
fn says(ran: &Ran, words: &str) {
    let said = format!("{}{}", ran.stdout, ran.stderr);
    assert!(said.contains(words), "{said}");
}

/// Plans, applies, plans again and looks, before and after somebody stops the trail.
fn course(system: &str) {
    let runner = Runner::new();
    assert!(plans_changes(&runner, system));
    runner.run(system, "Apply").exits(0);
    assert!(!plans_changes(&runner, system));
    runner.run(system, "Status").exits(0);
    blocking(async {
        let aws = runner.world.aws().await;
        let stop = aws.cloudtrail.stop_logging().name("sophos-ct-production");
        stop.send().await.unwrap();
    });
    let ran = runner.run(system, "Status").exits(8);
    says(&ran, "not healthy");
    assert!(plans_changes(&runner, system));
    runner.run(system, "Apply").exits(0);
    runner.run(system, "Status").exits(0);
}

#[test]
fn the_recipe_for_github_plans_applies_and_checks() {
    course(GITHUB);
}

#[test]
fn the_recipe_for_gitlab_plans_applies_and_checks() {
    course(GITLAB);
}

#[test]
fn the_recipe_for_azure_devops_plans_applies_and_checks() {
    course(AZURE);
}

#[test]
fn a_plan_that_no_longer_holds_fails_the_job_that_applies() {
    let runner = Runner::new();
    runner.run(GITHUB, "Plan").exits(0);
    let other = runner.world.setup("production", &["--tag", "team=other"]);
    other.exits(0);
    for system in SYSTEMS {
        let ran = runner.run(system, "Apply").exits(5);
        says(&ran, "nothing was changed");
    }
}

#[test]
fn a_run_that_stopped_half_way_is_continued_once() {
    let runner = Runner::new();
    fs::write(runner.home().join("plan.json"), "{}").unwrap();
    let stops_once = "echo \"$@\" >> calls; [ \"$(wc -l < calls)\" != 1 ] || exit 6";
    for system in SYSTEMS {
        runner.tool("sophos-ct", stops_once);
        runner.run(system, "Apply").exits(0);
        let calls = runner.read("calls");
        let calls: Vec<&str> = calls.lines().collect();
        assert!(calls.len() == 2 && calls[0] == calls[1], "{calls:?}");
        runner.tool("sophos-ct", "echo >> calls; exit 6");
        fs::remove_file(runner.home().join("calls")).unwrap();
        let ran = runner.run(system, "Apply").exits(6);
        says(&ran, "Not everything was done");
        assert_eq!(runner.read("calls").lines().count(), 2);
        fs::remove_file(runner.home().join("calls")).unwrap();
    }
}

#[test]
fn each_other_exit_code_fails_its_job_with_the_same_code() {
    let runner = Runner::new();
    fs::write(runner.home().join("plan.json"), "{}").unwrap();
    for system in SYSTEMS {
        for (step, code, words) in [
            ("Plan", 3, ""),
            ("Plan", 5, ""),
            ("Apply", 4, "Not everything was done"),
            ("Apply", 8, "not healthy yet"),
            ("Status", 3, "could not be checked"),
        ] {
            runner.tool("sophos-ct", &format!("exit {code}"));
            says(&runner.run(system, step).exits(code), words);
        }
    }
}

#[test]
fn no_token_is_in_the_command_line_that_comments() {
    const TOKEN: &str = "glpat-secret";
    let variables = [
        ("GH_TOKEN", TOKEN),
        ("NUMBER", "7"),
        ("COMMENT_TOKEN", TOKEN),
        ("CI_API_V4_URL", "https://gitlab.com/api/v4"),
        ("CI_PROJECT_ID", "12"),
        ("CI_MERGE_REQUEST_IID", "7"),
        ("SYSTEM_ACCESSTOKEN", TOKEN),
        ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/o/"),
        ("SYSTEM_TEAMPROJECTID", "p"),
        ("BUILD_REPOSITORY_ID", "r"),
        ("SYSTEM_PULLREQUEST_PULLREQUESTID", "7"),
    ];
    let runner = Runner::new();
    let plan = "### Plan for \"production\"\n";
    fs::write(runner.home().join("plan.md"), plan).unwrap();
    for tool in ["gh", "curl"] {
        runner.tool(tool, "printf '%s\\n' \"$@\" > words; cat > given");
    }
    for (system, given, words) in [
        (GITHUB, "", "--body-file\nplan.md\n"),
        (
            GITLAB,
            "header = \"PRIVATE-TOKEN: glpat-secret\"\n",
            "body@plan.md\n",
        ),
        (
            AZURE,
            "header = \"Authorization: Bearer glpat-secret\"\n",
            "@comment.json\n",
        ),
    ] {
        runner.run_with(system, "Comment", &variables).exits(0);
        assert_eq!(runner.read("given"), given);
        let called = runner.read("words");
        assert!(called.contains(words), "{called}");
        assert!(!called.contains(TOKEN), "{called}");
    }
    let comment: Value = serde_json::from_str(&runner.read("comment.json")).unwrap();
    assert_eq!(comment["comments"][0]["content"], plan);
}
