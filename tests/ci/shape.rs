//! What the recipes may do: permissions, secrets, pinned actions, forks, and who may take the roles.

use serde_json::Value;

use super::{ACTION, AZURE, GITHUB, GITLAB, SYSTEMS, blocks, parts, read, script};

/// All values of a key, at any depth.
fn all<'a>(part: &'a Value, key: &str) -> Vec<&'a Value> {
    let deeper = parts(part).flat_map(|one| all(one, key));
    part.get(key).into_iter().chain(deeper).collect()
}

/// All texts, at any depth.
fn texts(part: &Value) -> Vec<&str> {
    let deeper = parts(part).flat_map(texts);
    part.as_str().into_iter().chain(deeper).collect()
}

#[test]
fn a_job_at_github_has_no_more_permissions_than_it_needs() {
    let recipe = read(GITHUB);
    assert_eq!(recipe["permissions"], serde_json::json!({}));
    let jobs = recipe["jobs"].as_object().unwrap();
    assert_eq!(jobs.len(), 3);
    for (name, job) in jobs {
        let permissions = job["permissions"].as_object().unwrap();
        for (permission, level) in permissions {
            let needed = match (permission.as_str(), level.as_str().unwrap()) {
                ("contents", "read") | ("id-token", "write") => true,
                ("pull-requests", "write") => name == "plan",
                _ => false,
            };
            assert!(needed, "{name}: {permission}");
        }
    }
    assert_eq!(jobs["apply"]["environment"], "production");
    assert!(recipe["on"].get("pull_request_target").is_none());
    let concurrency = &jobs["apply"]["concurrency"];
    assert!(concurrency["group"].is_string());
    assert_eq!(concurrency["cancel-in-progress"], false);
}

#[test]
fn actions_of_others_are_pinned_by_commit_and_leave_no_token_behind() {
    for kind in [GITHUB, ACTION] {
        for used in all(read(kind), "uses") {
            let (name, commit) = used.as_str().unwrap().split_once('@').unwrap();
            let is_id = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(
                is_id || (name, commit) == ("OWNER/sophos-ct", "COMMIT"),
                "{used}"
            );
        }
    }
    let steps = all(read(GITHUB), "steps").into_iter().flat_map(parts);
    let is_checkout = |step: &&Value| {
        step["uses"]
            .as_str()
            .unwrap_or_default()
            .contains("checkout")
    };
    let checkouts: Vec<&Value> = steps.filter(is_checkout).collect();
    assert!(!checkouts.is_empty());
    for checkout in checkouts {
        assert_eq!(checkout["with"]["persist-credentials"], false);
    }
}

#[test]
fn a_pull_request_from_a_fork_gets_no_credentials() {
    let condition = |part: &Value| part.as_str().unwrap().to_owned();
    let github = condition(&read(GITHUB)["jobs"]["plan"]["if"]);
    assert!(
        github.contains("head.repo.full_name == github.repository"),
        "{github}"
    );
    let gitlab = condition(&read(GITLAB)["comment"]["rules"][0]["if"]);
    let same = "$CI_MERGE_REQUEST_SOURCE_PROJECT_ID == $CI_PROJECT_ID";
    assert!(gitlab.contains(same), "{gitlab}");
    let azure = condition(&read(AZURE)["stages"][0]["condition"]);
    assert!(
        azure.contains("ne(variables['System.PullRequest.IsFork'], 'True')"),
        "{azure}"
    );
}

#[test]
fn secrets_are_in_variables_of_one_step_and_scripts_have_no_expressions() {
    // GitHub puts the value of an expression into the script before a shell reads it.
    for (kind, steps) in [
        (GITHUB, &["Plan", "Comment", "Apply", "Status"][..]),
        (ACTION, &["Install minisign", "Fetch and verify", "Run"]),
    ] {
        for step in steps {
            assert!(!script(kind, step).contains("${{"), "{kind}: {step}");
        }
    }
    for system in [GITHUB, AZURE] {
        let secret = |text: &&str| text.contains("secrets.") || text.contains("(SOPHOS_CENTRAL_");
        let everywhere = texts(read(system)).into_iter().filter(secret).count();
        let variables = all(read(system), "env").into_iter().flat_map(texts);
        assert_eq!(variables.filter(secret).count(), everywhere);
        assert_eq!(everywhere, 6);
    }
    for system in SYSTEMS {
        for step in ["Plan", "Apply", "Status"] {
            let script = script(system, step);
            assert!(
                !script.contains("SECRET") && !script.contains("TOKEN"),
                "{script}"
            );
        }
    }
}

#[test]
fn each_role_is_for_one_issuer_one_audience_and_one_repository() {
    let policies = blocks("json");
    assert_eq!(policies.len(), 6);
    for (at, text) in policies.iter().enumerate() {
        let policy: Value = serde_json::from_str(text).unwrap();
        let statements = policy["Statement"].as_array().unwrap();
        let [statement] = &statements[..] else {
            panic!("{text}")
        };
        let provider = statement["Principal"]["Federated"].as_str().unwrap();
        let (_, issuer) = provider.split_once(":oidc-provider/").unwrap();
        let condition = &statement["Condition"];
        let audience = condition["StringEquals"][format!("{issuer}:aud")]
            .as_str()
            .unwrap();
        assert!(!audience.contains('*'));
        let subject = format!("{issuer}:sub");
        let exact = texts(&condition["StringEquals"][&subject]);
        let like = texts(&condition["StringLike"][&subject]);
        assert!(exact.is_empty() != like.is_empty(), "{text}");
        // A role that writes is for exactly one subject, and only the end of a branch's name may vary elsewhere.
        if at % 2 == 1 {
            assert_eq!((exact.len(), like.len()), (1, 0), "{text}");
        }
        assert!(exact.iter().all(|one| !one.contains('*')), "{text}");
        assert!(
            like.iter().all(|one| one.find('*') == Some(one.len() - 1)),
            "{text}"
        );
    }
}
