//! Checks whether the bucket can be read, by reading a log file.

use serde_json::{Value, json};

use super::{Found, S3, Unlisted, listing::Listing};
use crate::{event::LogKey, http::shorten, settings::Settings};

/// The most listings for one check: an organization's bucket has eight levels above a log file.
const LISTINGS: u32 = 16;

impl S3 {
    /// Checks whether the bucket can be read, in the form of Central's `checks`: finds a log file and reads it. CloudTrail's
    /// markers and digests next to `CloudTrail/` say nothing, since the role may not read them. If there is nothing to try, the
    /// result is unknown. The object `denied` is not tried, since it says nothing about the others.
    pub(crate) async fn check_read(&self, settings: &Settings, denied: Option<&str>) -> Value {
        let mut finder = Finder {
            s3: self,
            settings,
            denied,
            listings: LISTINGS,
            markers: Vec::new(),
        };
        let file = match finder.file(settings.log_prefix(), 0).await {
            Ok(file) => file,
            Err(Unlisted::Denied(error)) => return cannot(&format!("listing S3: {error}")),
            Err(Unlisted::Failed(error)) => return unknown(&format!("listing S3: {error}")),
        };
        let mut told = json!({ "read": null });
        for key in file.into_iter().chain(finder.markers) {
            match self.get(settings, &key).await {
                Found::There(_) => return json!({ "read": true }),
                // A policy that is made for log files may deny the marker alone.
                Found::Denied(_) if key.ends_with('/') => {}
                Found::Denied(denial) => return cannot(&denial.detail),
                Found::Gone => {}
                Found::Archived(error) | Found::Failed(error) => told = unknown(&error),
            }
        }
        told
    }
}

/// A search for a log file, from folder to folder.
struct Finder<'a> {
    s3: &'a S3,
    settings: &'a Settings,
    /// The object that is known to be denied.
    denied: Option<&'a str>,
    listings: u32,
    /// Zero-byte markers `…/CloudTrail/` that were found on the way.
    markers: Vec<String>,
}

impl Finder<'_> {
    /// Finds a log file below a folder, newest folders first; `None` if the allowed listings find none.
    async fn file(&mut self, folder: String, depth: u32) -> Result<Option<String>, Unlisted> {
        // `AWSLogs/[o-id/]account/CloudTrail/region/yyyy/mm/dd/`.
        const DEEPEST: u32 = 8;
        let Some(left) = self.listings.checked_sub(1).filter(|_| depth <= DEEPEST) else {
            return Ok(None);
        };
        self.listings = left;
        let listing = Listing {
            prefix: &folder,
            most: 100,
            folders: true,
            ..Listing::default()
        };
        let page = self.s3.page(self.settings, listing).await?;
        let is_file = |key: &&str| {
            self.denied != Some(*key)
                && LogKey::parse(key).is_some_and(|parsed| parsed.prefix == self.settings.prefix)
        };
        let mut keys = page.objects.iter().map(|one| one.key.as_str());
        if let Some(key) = keys.clone().rev().find(is_file) {
            return Ok(Some(key.to_owned()));
        }
        if folder.ends_with("/CloudTrail/") && keys.any(|key| key == folder) {
            self.markers.push(folder.clone());
        }
        // Next to an account's log files are its digests and insights, and files of other services.
        let account = folder.trim_end_matches('/').rsplit('/').next();
        let of_account = account
            .is_some_and(|name| name.len() == 12 && name.bytes().all(|byte| byte.is_ascii_digit()));
        for below in page.folders.into_iter().rev() {
            if of_account && !below.ends_with("/CloudTrail/") {
                continue;
            }
            if let Some(found) = Box::pin(self.file(below, depth + 1)).await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }
}

fn cannot(detail: &str) -> Value {
    json!({ "read": false, "detail": shorten(detail) })
}

fn unknown(detail: &str) -> Value {
    json!({ "read": null, "detail": shorten(detail) })
}
