//! The permissions of each purpose, from those parts of the program that make the calls.

use crate::{
    audit,
    cli::PolicyName,
    commands::doctor::earlier::FUNCTIONS,
    connection::Design,
    policy::grant::{Grant, Purpose},
    resources::families,
};

/// Returns the permissions that a design needs for a purpose. `proof`: with those to look for an event of `setup` in the log files,
/// which it can do without.
pub(super) fn grants(name: PolicyName, design: &Design, proof: bool) -> Vec<Grant> {
    let of = |purpose| families::grants(design, purpose);
    match name {
        PolicyName::SetupNew | PolicyName::SetupExisting | PolicyName::SetupOrganization => {
            let mut all = of(Purpose::Setup);
            if proof {
                all.extend(audit::fingerprint_grants(design));
            }
            all
        }
        PolicyName::Plan => of(Purpose::Setup)
            .into_iter()
            .filter_map(Grant::reading)
            .collect(),
        PolicyName::Status => of(Purpose::Status),
        PolicyName::Accounts => accounts(),
        PolicyName::Audit => audit::grants(design),
        PolicyName::AuditReplay => [audit::grants(design), audit::replay_grants(design)].concat(),
        PolicyName::AuditCertify => [audit::grants(design), audit::certify_grants(design)].concat(),
        PolicyName::Remove => of(Purpose::Remove),
        PolicyName::RemoveLogs => [of(Purpose::Remove), of(Purpose::RemoveLogs)].concat(),
        PolicyName::Doctor => doctor(design),
        PolicyName::List
        | PolicyName::Pause
        | PolicyName::Resume
        | PolicyName::Rename
        | PolicyName::Sophos => Vec::new(),
    }
}

/// What `accounts` asks AWS: the names of the organization's accounts, and whether those that are added are among them. It works
/// without.
fn accounts() -> Vec<Grant> {
    let reads = [
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization",
        "organizations:ListAccounts",
    ];
    vec![Grant::new(&reads, "*")]
}

/// What `doctor` looks at: the organization, the trails, what Cloud Optix has set up, and what IAM says of the caller's own
/// permissions, for which the path of its role is looked up. `doctor` works without, and says what it cannot tell.
fn doctor(design: &Design) -> Vec<Grant> {
    let Design {
        partition,
        account,
        region,
        ..
    } = design;
    let reads = [
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization",
        "organizations:ListDelegatedAdministrators",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
    ];
    let identity = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/*");
    let [present, first] =
        FUNCTIONS.map(|name| format!("arn:{partition}:lambda:{region}:{account}:function:{name}"));
    vec![
        Grant::new(&reads, "*"),
        Grant::new(&["iam:SimulatePrincipalPolicy"], identity("role")).and_on(identity("user")),
        Grant::new(&["iam:GetRole"], identity("role")),
        Grant::new(&["lambda:GetFunction"], present).and_on(first),
    ]
}
