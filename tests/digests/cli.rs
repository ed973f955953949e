//! The AWS CLI's `validate-logs` says of the sandbox's digests what it would say of CloudTrail's.

use std::process::{Command, Output};

use serde_json::json;

use super::past::Clock;
use crate::support::{
    World, blocking, endpoint,
    fixtures::bucket,
    past::{Past, delete, flip, flip_signature},
    secret,
};

/// Validates what an account's trail has delivered for a region between two times. Returns whether everything is valid, and what is
/// said.
pub fn validate(
    account: &str,
    trail: &str,
    bucket: &str,
    region: &str,
    (since, until): (&str, &str),
) -> (bool, String) {
    let arn = format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/{trail}");
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new("aws")
        .args(["cloudtrail", "validate-logs", "--verbose"])
        .args(["--trail-arn", &arn, "--s3-bucket", bucket])
        .args(["--start-time", since, "--end-time", until])
        // It validates another region than the trail's home region only if the region is a flag.
        .args(["--region", region])
        .env("AWS_ACCESS_KEY_ID", account)
        .env("AWS_SECRET_ACCESS_KEY", "root")
        .env("AWS_SESSION_TOKEN", secret())
        .env("AWS_ENDPOINT_URL", endpoint())
        .env("NO_PROXY", "127.0.0.1")
        .output()
        .expect("the AWS CLI");
    let text = [stdout, stderr].concat();
    (
        status.success(),
        String::from_utf8_lossy(&text).into_owned(),
    )
}

#[test]
#[ignore = "needs the AWS CLI"]
fn the_aws_cli_accepts_a_past_and_tells_what_was_done_to_it() {
    let world = World::new();
    let name = format!("past-{}", world.account);
    blocking(async { bucket(&world.aws().await, &name).await });
    let clock = Clock::read();
    let wanted = json!({
        "since": clock.before(48), "until": clock.before(0), "files": 100, "keys": 2,
        "silent": [[clock.before(30), clock.before(28)]],
    });
    let past = Past::make(&world, &name, "old", &wanted);
    let (since, until) = (clock.before(48), clock.before(0));
    let times = (since.as_str(), until.as_str());
    let (valid, text) = validate(&world.account, "old", &name, "eu-west-1", times);
    println!("{text}");
    assert!(valid && !text.contains("INVALID"), "{text}");
    let digests = format!("{0}/{0} digest files valid", past.digests.len());
    let logs = format!("{0}/{0} log files valid", past.logs.len());
    assert!(text.contains(&digests) && text.contains(&logs), "{text}");
    assert!(text.contains("No log files were delivered"), "{text}");

    // Log files of digests that are not valid are not looked at, so these are of others.
    blocking(async {
        let aws = world.aws().await;
        flip(&aws, &name, &past.logs[50]).await;
        delete(&aws, &name, &past.logs[60]).await;
        flip_signature(&aws, &name, &past.digests[5]).await;
        flip(&aws, &name, &past.digests[15]).await;
        delete(&aws, &name, &past.digests[40]).await;
    });
    let (valid, text) = validate(&world.account, "old", &name, "eu-west-1", times);
    println!("{text}");
    assert!(!valid, "{text}");
    for (key, told) in [
        (&past.logs[50], "INVALID: hash value doesn't match"),
        (&past.logs[60], "INVALID: not found"),
        (&past.digests[5], "INVALID: signature verification failed"),
        (&past.digests[15], "INVALID: signature verification failed"),
        (&past.digests[40], "INVALID: not found"),
    ] {
        let line = text
            .lines()
            .find(|line| line.contains(key.as_str()) && line.contains("INVALID"));
        assert!(
            line.is_some_and(|line| line.ends_with(told)),
            "{key}: {line:?}"
        );
    }
}
