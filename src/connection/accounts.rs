//! Lists of an organization's accounts, as the user types them or keeps them in a file.

use std::collections::BTreeSet;

use super::AccountId;
use crate::ui::t;

/// The most accounts that a connection may have (`Connection.accounts` of the contract).
pub(crate) const MOST: usize = 20_000;

/// Parses ids separated by commas, blanks or line ends; `@file` reads them from a file. The result is sorted and has each id
/// once. The complaint names everything that does not fit, at most ten items.
pub(crate) fn parse(text: &str) -> Result<BTreeSet<AccountId>, String> {
    let read;
    let list = match text.trim().strip_prefix('@') {
        Some(file) => {
            read = std::fs::read_to_string(file)
                .map_err(|cause| t!("accounts-unreadable", file = file, cause = cause))?;
            &read
        }
        None => text,
    };
    let mut accounts = BTreeSet::new();
    let mut unfit = Vec::new();
    for item in list
        .split([',', '\n', '\r', ' ', '\t'])
        .filter(|item| !item.is_empty())
    {
        match item.parse() {
            Ok(account) => drop(accounts.insert(account)),
            Err(_) => unfit.push(format!("`{item}`")),
        }
    }
    if !unfit.is_empty() {
        let count = unfit.len();
        unfit.truncate(10);
        return Err(t!(
            "accounts-unfit",
            items = unfit.join(", "),
            count = count
        ));
    }
    match accounts.len() {
        0 => Err(t!("accounts-empty")),
        count if count > MOST => Err(t!("accounts-too-many", number = count, most = MOST)),
        _ => Ok(accounts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_sorted_and_each_account_is_in_it_once() {
        let parsed = parse("222222222222, 111111111111\n222222222222").unwrap();
        let ids: Vec<String> = parsed.iter().map(ToString::to_string).collect();
        assert_eq!(ids, ["111111111111", "222222222222"]);
    }

    #[test]
    fn what_does_not_fit_is_named_all_at_once() {
        let complaint = parse("1,111111111111,x").unwrap_err();
        assert!(
            complaint.contains("`1`") && complaint.contains("`x`"),
            "{complaint}"
        );
        assert!(parse(" ").is_err());
        assert!(parse("@/nowhere").unwrap_err().contains("/nowhere"));
    }
}
