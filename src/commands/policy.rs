//! `policy`: the least-privilege document for a purpose, generated from the families of resources that make the calls.

mod grants;

use clap::{ValueEnum, builder::PossibleValue};
use serde_json::Value;

use super::{app::App, session};
use crate::{
    answers::{Answers, Any, Origin, Source, Trail},
    aws::Caller,
    cli::{PolicyFlags, PolicyName},
    connection::{
        ConnectionId, Design, Partition, Region,
        names::{BucketName, OrganizationId, TopicName},
    },
    policy::grant::{self, Grant},
    ui::{Exit, Result, t},
};
use grants::grants;

/// Stands for an account that is not known, and is replaced by `*`, which AWS takes in ARNs.
const NO_ACCOUNT: &str = "000000000000";
/// Stands for a region that is not known.
const NO_REGION: &str = "aa-aaaa-0";

pub(super) fn run(app: &App, name: PolicyName, answers: &PolicyFlags) -> Result<Exit> {
    if name == PolicyName::Sophos {
        let document: Value =
            serde_json::from_str(include_str!("../../policies/sophos-custom-role.json"))
                .expect("documents in policies/ are JSON");
        app.printer.document(&document);
        return Ok(Exit::Done);
    }
    if name.is_without_aws() {
        without_aws(app, name);
        return Ok(Exit::Done);
    }
    let given = Answers::collect(&answers.0, |variable| std::env::var(variable).ok())?;
    let mut unknown = Vec::new();
    if !given.expect_account.is_given() {
        unknown.push(NO_ACCOUNT);
    }
    if app.globals.region.is_none() {
        unknown.push(NO_REGION);
    }
    let proof = given.wait_for_logs.is(&true);
    let design = design(given, name, app.globals.region.as_ref())?;
    let grants = grants(name, &design, proof);
    app.printer.document(&document(&grants, &unknown));
    if name.is_setup() && design.own_role {
        app.printer.warn(&if design.permissions_boundary.is_some() {
            t!("policy-boundary")
        } else {
            t!("policy-administrator")
        });
    }
    Ok(Exit::Done)
}

/// Says that a verb needs no permissions in AWS. As JSON, it is a policy that grants nothing.
fn without_aws(app: &App, name: PolicyName) {
    if app.printer.json() {
        app.printer.document(&grant::document(&[]));
        return;
    }
    let value = name.to_possible_value();
    let verb = value.as_ref().map(PossibleValue::get_name);
    let verb = verb.unwrap_or_default();
    app.printer.data(&t!("policy-none", verb = verb));
}

/// Returns the policy that grants this, with `*` for what is not known.
fn document(grants: &[Grant], unknown: &[&str]) -> Value {
    let mut text = grant::document(grants).to_string();
    for placeholder in unknown {
        text = text.replace(placeholder, "*");
    }
    serde_json::from_str(&text).expect("only values inside strings were replaced")
}

/// Returns a design of the answers as far as they are given.
fn design(mut given: Answers, name: PolicyName, region: Option<&Region>) -> Result<Design> {
    const FITS: &str = "a placeholder of the right form";
    let account = given.expect_account.get().cloned();
    let caller = Caller {
        account: account.unwrap_or_else(|| NO_ACCOUNT.parse().expect(FITS)),
        arn: String::new(),
        partition: region.map_or(Partition::Aws, Partition::of),
    };
    fill_in(&mut given, name, &caller);
    given.fit_together()?;
    let region = region
        .cloned()
        .unwrap_or_else(|| NO_REGION.parse().expect(FITS));
    let connection = match given.name.get() {
        Some(name) => name.clone(),
        None => session::default_name(&caller.account, None),
    };
    Ok(given.design(ConnectionId::random(), &connection, &caller, &region, false))
}

/// Fills in what the purpose needs and no answer gives: `*` in the ARNs.
fn fill_in(given: &mut Answers, name: PolicyName, caller: &Caller) {
    match name {
        PolicyName::SetupExisting => {
            given.resources.set(Source::Existing, Origin::Default);
        }
        PolicyName::SetupOrganization => {
            given.organization.set(true, Origin::Default);
            given.org_id.default_to(OrganizationId::any());
            given.management_account.default_to(caller.account.clone());
        }
        _ => {}
    }
    if given.uses_existing() {
        given.bucket.default_to(BucketName::any());
        if !given.notify.is_given() {
            given.topic.default_to(TopicName::any());
        }
        let trail = given.trail.get().cloned().unwrap_or_else(Trail::any);
        if let Trail::Name(name) = trail {
            let arn = format!("arn:{}:cloudtrail:*:*:trail/{name}", caller.partition);
            let arn = arn.parse().expect("an ARN of the right form");
            given.trail.set(arn, Origin::Default);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::{Arg, CommandFactory, Parser};

    use super::*;
    use crate::cli::{Cli, Verb};

    /// Each flag with a purpose and other flags beside which it changes the policy, and how it is given.
    const CASES: [(&str, &[&str], &[&str]); 20] = [
        ("name", &["setup-new"], &["--name", "shop"]),
        (
            "organization",
            &["setup-existing", "--notify", "trail"],
            &[
                "--organization",
                "--org-id",
                "o-abcdefghij",
                "--management-account",
                "111122223333",
            ],
        ),
        (
            "org-id",
            &[
                "setup-existing",
                "--notify",
                "trail",
                "--organization",
                "--management-account",
                "111122223333",
            ],
            &["--org-id", "o-abcdefghij"],
        ),
        (
            "management-account",
            &["setup-organization"],
            &["--management-account", "111122223333"],
        ),
        ("resources", &["status"], &["--resources", "existing"]),
        ("trail", &["setup-new"], &["--trail", "theirs"]),
        ("notify", &["setup-existing"], &["--notify", "bucket"]),
        ("bucket", &["setup-new"], &["--bucket", "theirs"]),
        ("prefix", &["audit-certify"], &["--prefix", "logs"]),
        ("topic", &["setup-new"], &["--topic", "theirs"]),
        ("function", &["setup-new"], &["--function", "theirs"]),
        ("role", &["setup-new"], &["--role", "theirs"]),
        (
            "role-arn",
            &["setup-new"],
            &["--role-arn", "arn:aws:iam::123456789012:role/theirs"],
        ),
        ("role-path", &["setup-new"], &["--role-path", "/logs/"]),
        (
            "permissions-boundary",
            &["setup-new"],
            &[
                "--permissions-boundary",
                "arn:aws:iam::123456789012:policy/limit",
            ],
        ),
        (
            "kms-key",
            &["audit-certify"],
            &[
                "--kms-key",
                "arn:aws:kms:eu-west-1:123456789012:key/11112222-3333-4444-5555-666677778888",
            ],
        ),
        (
            "retention-days",
            &["setup-new"],
            &["--retention-days", "90"],
        ),
        (
            "alarm",
            &["status"],
            &["--alarm", "arn:aws:sns:eu-west-1:123456789012:pager"],
        ),
        (
            "expect-account",
            &["setup-new"],
            &["--expect-account", "123456789012"],
        ),
        ("wait-for-logs", &["setup-new"], &["--wait-for-logs"]),
    ];

    fn printed(words: &[&str]) -> String {
        let words = [&["sophos-ct", "policy"], words].concat();
        let Verb::Policy { policy, answers } = Cli::try_parse_from(words).unwrap().command else {
            panic!("policy is another command");
        };
        let given = Answers::collect(&answers.0, |_| None).unwrap();
        let region: Region = "eu-west-1".parse().unwrap();
        let proof = given.wait_for_logs.is(&true);
        let design = design(given, policy, Some(&region)).unwrap();
        document(&grants(policy, &design, proof), &[]).to_string()
    }

    #[test]
    fn what_is_not_known_of_an_existing_bucket_is_left_open() {
        for name in ["setup-existing", "plan", "status", "audit", "remove"] {
            let printed = printed(&[name, "--resources", "existing"]);
            assert!(printed.contains("\"arn:aws:s3:::*\""), "{name} {printed}");
        }
    }

    #[test]
    fn plan_reads_what_setup_reads_and_writes_nothing() {
        let setup = printed(&["setup-new"]);
        let plan = printed(&["plan"]);
        for (action, reads) in [
            ("cloudtrail:DescribeTrails", true),
            ("iam:GetRole", true),
            ("s3:ListBucket", true),
            ("s3:CreateBucket", false),
            ("iam:PassRole", false),
            ("lambda:AddPermission", false),
        ] {
            assert!(setup.contains(action), "{action}");
            assert_eq!(plan.contains(action), reads, "{action}");
        }
    }

    #[test]
    fn every_flag_of_policy_changes_a_policy() {
        for (flag, beside, given) in CASES {
            let with = printed(&[beside, given].concat());
            assert_ne!(printed(beside), with, "{flag}");
        }
        let cli = Cli::command();
        let policy = cli.find_subcommand("policy").unwrap();
        let flags: BTreeSet<&str> = policy.get_arguments().filter_map(Arg::get_long).collect();
        let proved = CASES.iter().map(|(flag, ..)| *flag);
        // One is the opposite of `--organization`, the other a file with any of them.
        let proved: BTreeSet<&str> = proved.chain(["no-organization", "answers"]).collect();
        assert_eq!(flags, proved);
    }
}
