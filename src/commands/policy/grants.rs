//! The permissions of each purpose, from those parts of the program that make the calls.

use crate::{
    audit,
    cli::PolicyName,
    commands::{accounts, doctor},
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
        | PolicyName::Sophos => Vec::new(),
    }
}
