//! Whether one connection for an organization would do what the fleet does.

use super::whole::Fleet;
use crate::{
    connection::AccountId,
    resources::{organization, seen::Seen},
    ui::t,
};

/// Advice, if all accounts are of one organization that the caller can see, and belong to one tenant. If AWS cannot be asked, only
/// the advice is affected.
pub(super) async fn advice(fleet: &Fleet<'_>) -> Option<String> {
    let (first, others) = fleet.members.split_first()?;
    let together = others.iter().all(|one| one.tenant == first.tenant);
    let mut members = fleet.members.iter();
    let covered = members.any(|member| member.answers.contains_key("organization"));
    if others.is_empty() || !together || covered {
        return None;
    }
    let Ok(Seen::There(known)) = organization::members(&fleet.aws).await else {
        return None;
    };
    let accounts = fleet.members.iter().map(|member| member.account.clone());
    let accounts: Vec<AccountId> = accounts.collect();
    let all = organization::strangers(&known, &accounts).is_empty();
    all.then(|| t!("fleet-organization", count = accounts.len()))
}
