//! The permissions of each purpose, from those parts of the program that make the calls.

use crate::{
    audit,
    cli::PolicyName,
    commands::{accounts, doctor, fleet},
    connection::Design,
    policy::grant::{Grant, Purpose},
    resources::{families, function, subscription},
};

/// Returns the permissions that a design needs for a purpose. `proof`: with those to look for an event of `setup` in the log files,
/// which it can do without.
pub(super) fn grants(name: PolicyName, design: &Design, proof: bool) -> Vec<Grant> {
    let of = |purpose| families::grants(design, purpose);
    let reading = || of(Purpose::Setup).into_iter().filter_map(Grant::reading);
    match name {
        PolicyName::SetupNew | PolicyName::SetupExisting | PolicyName::SetupOrganization => {
            let mut all = of(Purpose::Setup);
            if proof {
                all.extend(audit::fingerprint_grants(design));
            }
            all
        }
        PolicyName::SetupAdopt => {
            let subscription = subscription::grants(design, Purpose::Status);
            let others = subscription
                .into_iter()
                .chain([function::tags(design), function::waking(design)]);
            reading().chain(others).collect()
        }
        PolicyName::Fleet => fleet::grants(design),
        PolicyName::Plan => reading().collect(),
        PolicyName::Status => of(Purpose::Status),
        PolicyName::Accounts => accounts::grants(),
        PolicyName::Audit => audit::grants(design),
        PolicyName::AuditReplay => [audit::grants(design), audit::replay_grants(design)].concat(),
        PolicyName::AuditCertify => [audit::grants(design), audit::certify_grants(design)].concat(),
        PolicyName::Remove => of(Purpose::Remove),
        PolicyName::RemoveLogs => [of(Purpose::Remove), of(Purpose::RemoveLogs)].concat(),
        PolicyName::Doctor => doctor::grants(design),
        PolicyName::List
        | PolicyName::Pause
        | PolicyName::Resume
        | PolicyName::Rename
        | PolicyName::Invite
        | PolicyName::Sophos => Vec::new(),
    }
}
