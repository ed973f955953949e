//! Measures how long `setup` takes if each reply is late. This is a benchmark and is run by hand.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use crate::support::{World, wire::Call};

const DELAY: Duration = Duration::from_millis(100);

/// The calls without which a call cannot begin: those whose answers it is made from, or whose effect it needs.
fn needed(name: &str) -> &'static [&'static str] {
    match name {
        "central:GET whoami" => &["central:POST token"],
        "central:GET connections" => &["central:GET whoami"],
        "central:GET connection" => &["central:GET connections"],
        // The saved answers decide what `setup` reads.
        "iam:GetRole"
        | "iam:GetRolePolicy"
        | "s3:HeadBucket"
        | "lambda:GetPolicy"
        | "logs:DescribeLogGroups" => &["central:GET connections", "sts:GetCallerIdentity"],
        // These are read before the change and again after it.
        "lambda:GetFunction" => &["central:GET connections", "lambda:CreateFunction"],
        "sns:ListTagsForResource" => &["central:GET connections", "sns:CreateTopic"],
        "sns:GetTopicAttributes" => &[
            "central:GET connections",
            "sns:ListTagsForResource",
            "sns:SetTopicAttributes",
        ],
        "central:PUT connection" => &[
            "iam:GetRole",
            "iam:GetRolePolicy",
            "s3:HeadBucket",
            "lambda:GetFunction",
            "lambda:GetPolicy",
            "logs:DescribeLogGroups",
            "sns:GetTopicAttributes",
            "sns:ListTagsForResource",
            "cloudtrail:DescribeTrails",
        ],
        // Central knows everything before anything is written to AWS.
        "iam:CreateRole" | "logs:CreateLogGroup" | "sns:CreateTopic" | "s3:CreateBucket" => {
            &["central:PUT connection"]
        }
        "iam:PutRolePolicy" | "lambda:CreateFunction" => &["iam:CreateRole"],
        "logs:PutRetentionPolicy" => &["logs:CreateLogGroup"],
        "s3:PutBucketTagging" => &["s3:CreateBucket"],
        "s3:GetBucketPolicy" => &["s3:PutBucketTagging", "s3:PutBucketPolicy"],
        "s3:PutBucketPolicy" => &["s3:GetBucketPolicy"],
        "sns:SetTopicAttributes" => &["sns:GetTopicAttributes"],
        "lambda:AddPermission" => &["lambda:GetFunction"],
        "sns:Subscribe" => &["lambda:AddPermission", "sns:CreateTopic"],
        "cloudtrail:CreateTrail" => &[
            "sns:Subscribe",
            "s3:GetBucketPolicy",
            "sns:GetTopicAttributes",
            "iam:PutRolePolicy",
            "logs:PutRetentionPolicy",
        ],
        "cloudtrail:StartLogging" => &["cloudtrail:CreateTrail"],
        "central:PATCH connection" => &["cloudtrail:StartLogging"],
        _ => &[],
    }
}

/// The longest chain of calls in which each needs the one before it: by number of calls, and by the servers' time.
fn longest_chain(calls: &[Call]) -> (u32, Duration) {
    let mut by_end: Vec<&Call> = calls.iter().collect();
    by_end.sort_by_key(|call| call.ended);
    let mut chains: HashMap<&str, (u32, Duration)> = HashMap::new();
    for call in by_end {
        let before: Vec<_> = needed(&call.name)
            .iter()
            .filter_map(|name| chains.get(name))
            .collect();
        let number = before.iter().map(|chain| chain.0).max().unwrap_or_default() + 1;
        let time = before.iter().map(|chain| chain.1).max().unwrap_or_default()
            + (call.ended - call.begun);
        let chain = chains.entry(&call.name).or_default();
        *chain = (chain.0.max(number), chain.1.max(time));
    }
    let number = chains.values().map(|chain| chain.0).max();
    let time = chains.values().map(|chain| chain.1).max();
    (number.unwrap_or_default(), time.unwrap_or_default())
}

#[test]
#[ignore = "a benchmark, of the release build: see CONTRIBUTING"]
fn setup_with_100_ms_before_each_reply() {
    let world = World::wired();
    world.wire().delay(DELAY);
    let begun = Instant::now();
    // The exit code is 8, because this run does not wait for the sign-in.
    world.setup("demo", &["--wait", "0s"]).exits(8);
    let wall = begun.elapsed();
    let calls = world.wire().calls();
    println!("  from     to  ms");
    for Call {
        name,
        begun,
        ended,
        status,
        ..
    } in &calls
    {
        println!(
            "{:>6} {:>6}  {status} {name}",
            begun.as_millis(),
            ended.as_millis()
        );
    }
    let ended = |name: &str| {
        calls
            .iter()
            .filter(|call| call.name == name)
            .map(|call| call.ended)
            .max()
    };
    let active = ended("lambda:GetFunction").unwrap() - ended("lambda:CreateFunction").unwrap();
    let (number, served) = longest_chain(&calls);
    let chain = DELAY * number;
    let waited = active.saturating_sub(DELAY);
    let in_a_row: Duration = calls.iter().map(|call| call.ended - call.begun).sum();
    let ratio = |wall: Duration, chain: Duration| wall.as_secs_f64() / chain.as_secs_f64();
    println!(
        "calls                                        {}",
        calls.len()
    );
    println!(
        "the same calls one after another             {} ms",
        in_a_row.as_millis()
    );
    println!("longest chain of dependent calls             {number} × 100 ms");
    println!(
        "  with the emulator's own time               {} ms",
        served.as_millis()
    );
    println!(
        "wall                                         {} ms, {:.2} of the chain",
        wall.as_millis(),
        ratio(wall, chain)
    );
    println!(
        "  without {:>4} ms for the function's start   {:.2} of the chain, {:.2} with the emulator's own time",
        waited.as_millis(),
        ratio(wall - waited, chain),
        ratio(wall - waited, served)
    );
}
