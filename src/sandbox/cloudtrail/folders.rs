//! The folders of a trail in its bucket.

use crate::{
    connection::AccountId,
    sandbox::cloud::{Cloud, Trail},
};

/// The accounts that a trail delivers log files of, each with its folder of log files.
pub(super) fn places(cloud: &Cloud, trail: &Trail) -> Vec<(AccountId, String)> {
    let Some(id) = &trail.organization else {
        return vec![(trail.account.clone(), folder(trail))];
    };
    let found = cloud.organization_of(&trail.account);
    let accounts = found.map(|found| found.accounts).unwrap_or_default();
    let root = organization_folder(trail, id);
    accounts
        .into_iter()
        .map(|account| {
            let logs = log_folder(&root, &account);
            (account, logs)
        })
        .collect()
}

/// The folder of the log files of the trail's owner: `[prefix/]AWSLogs/account/CloudTrail/`.
pub(super) fn folder(trail: &Trail) -> String {
    log_folder(&logs_root(&trail.prefix), &trail.account)
}

/// The folder of an organization's log files, which contains those of its accounts: `[prefix/]AWSLogs/o-id/`.
pub(super) fn organization_folder(trail: &Trail, id: &str) -> String {
    format!("{}{id}/", logs_root(&trail.prefix))
}

/// The folder of all log files and digests below a key prefix: `[prefix/]AWSLogs/`.
pub(super) fn logs_root(prefix: &str) -> String {
    match prefix {
        "" => "AWSLogs/".to_owned(),
        prefix => format!("{prefix}/AWSLogs/"),
    }
}

/// The folder of an account's log files, which contains those of regions.
pub(super) fn log_folder(root: &str, account: &AccountId) -> String {
    format!("{root}{account}/CloudTrail/")
}

/// The folder of digests next to a folder of log files.
pub(super) fn digest_folder(logs: &str) -> String {
    let account = logs.strip_suffix("/CloudTrail/").unwrap_or(logs);
    format!("{account}/CloudTrail-Digest/")
}

/// The folders that get a zero-byte marker: the one of log files and, with validation, the one of digests.
pub(super) fn marked_folders(trail: &Trail) -> Vec<String> {
    let logs = folder(trail);
    let digests = digest_folder(&logs);
    let digests = trail.validation.then_some(digests);
    std::iter::once(logs).chain(digests).collect()
}
