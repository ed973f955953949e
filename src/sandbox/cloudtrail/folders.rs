//! The folders of a trail in its bucket.

use crate::sandbox::cloud::Trail;

/// The folder of the log files of the trail's owner: `[prefix/]AWSLogs/account/CloudTrail/`.
pub(super) fn folder(trail: &Trail) -> String {
    let prefix = if trail.prefix.is_empty() {
        String::new()
    } else {
        format!("{}/", trail.prefix)
    };
    format!("{prefix}AWSLogs/{}/CloudTrail/", trail.account)
}

/// The folder of an organization's log files, which contains those of its accounts: `[prefix/]AWSLogs/o-id/`.
pub(super) fn organization_folder(trail: &Trail, id: &str) -> String {
    let end = format!("{}/CloudTrail/", trail.account);
    let folder = folder(trail);
    format!("{}{id}/", folder.strip_suffix(&end).unwrap_or(&folder))
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
