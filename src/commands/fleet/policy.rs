//! What the caller of a fleet's run needs, besides the role in each account.

use crate::{connection::Design, policy::grant::Grant};

/// Returns the permissions of the caller: to assume the roles, with session tags, and to see whether the accounts are of one
/// organization, which it can do without.
pub(in crate::commands) fn grants(design: &Design) -> Vec<Grant> {
    let roles = format!("arn:{}:iam::*:role/*", design.partition);
    vec![
        Grant::new(&["sts:AssumeRole", "sts:TagSession"], roles),
        Grant::new(&["organizations:ListAccounts"], "*"),
    ]
}
