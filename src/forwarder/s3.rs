//! The log bucket as the forwarder reads it: objects, listings for what may be missing, and whether it can be read at all.

use std::{sync::Arc, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::{Reader, events::Event};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};

use super::{
    event::LogKey,
    http::{self, Moved, Refusal, cause, read, shorten},
    meter::Meter,
    settings::Settings,
    sign,
};

/// What SigV4 leaves unencoded.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// What S3 leaves unencoded in a path.
const PATH: &AsciiSet = &QUERY.remove(b'/');
/// Time for a listing.
const CALL: Duration = Duration::from_secs(5);
/// Listings that one look at the bucket may take: an organization's bucket has eight levels above a log file.
const LISTINGS: u32 = 16;

/// An object that was asked for.
pub enum Found {
    There(Response),
    /// Not in the bucket any more.
    Gone,
    /// In a storage class that must be restored first (403 `InvalidObjectState`).
    Archived(String),
    /// The role, the bucket's policy or the key refuses it.
    Denied(Denial),
    /// Anything else; worth another try.
    Failed(String),
}

/// Why an object cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    pub detail: String,
    pub of: Reach,
}

/// What a denial holds for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// This object, as far as is known.
    Object,
    /// All that is encrypted with the same key.
    Key,
    /// The whole bucket: it is gone, or nothing of it may be listed.
    Bucket,
}

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<String>,
    /// What stands below the prefix, one level deep, where the listing stops at each `/`.
    pub folders: Vec<String>,
    /// There is more after the last key.
    pub truncated: bool,
}

/// What a listing is asked for.
#[derive(Clone, Copy, Default)]
pub struct Listing<'a> {
    pub prefix: &'a str,
    pub after: Option<&'a str>,
    pub most: u16,
    /// Stop at each `/`.
    pub folders: bool,
}

/// Why a listing failed.
enum Unlisted {
    Denied(String),
    Failed(String),
}

impl Unlisted {
    fn text(self) -> String {
        match self {
            Self::Denied(text) | Self::Failed(text) => text,
        }
    }
}

pub struct S3 {
    http: reqwest::Client,
    meter: Arc<Meter>,
}

/// The codes of S3 (API reference, "Error responses") and of KMS behind it (recorded: a disabled key and one that is to be
/// deleted are 400) that say no for good.
fn found(refusal: &Refusal) -> Option<Found> {
    let detail = format!("reading from S3: {}", refusal.text());
    let denied = |of| {
        Found::Denied(Denial {
            detail: detail.clone(),
            of,
        })
    };
    match (refusal.status, refusal.code.as_str()) {
        (404, "NoSuchKey") => Some(Found::Gone),
        (404, "NoSuchBucket") => Some(denied(Reach::Bucket)),
        (403, "InvalidObjectState") => Some(Found::Archived(detail)),
        (400 | 403, code) if code.starts_with("KMS.") => Some(denied(Reach::Key)),
        // The key's policy, or our own (recorded: "… is not authorized to perform: kms:Decrypt on the resource associated with
        // this ciphertext …", "The ciphertext refers to a customer master key that …").
        (403, "AccessDenied") if refusal.message.contains("ciphertext") => Some(denied(Reach::Key)),
        (403, "AccessDenied" | "AllAccessDisabled") => Some(denied(Reach::Object)),
        _ => None,
    }
}

impl S3 {
    pub fn new(http: reqwest::Client, meter: Arc<Meter>) -> Self {
        Self { http, meter }
    }

    /// The object, with the answer's head; the body may be read as it is wanted.
    pub async fn get(&self, settings: &Settings, key: &str) -> Found {
        let request = match self.request(settings, &path(key), None) {
            Ok(request) => request,
            Err(error) => return Found::Failed(error),
        };
        let moved = Moved::new();
        let response = match moved.or_idle(http::IDLE, request.send()).await {
            Some(Ok(response)) => response,
            Some(Err(error)) => return Found::Failed(format!("S3: {}", cause(error))),
            None => return Found::Failed("S3 does not answer".to_owned()),
        };
        let status = response.status();
        if status == StatusCode::OK {
            return Found::There(response);
        }
        let body = moved
            .or_idle(http::IDLE, read(response, http::CONTROL))
            .await;
        let refusal = Refusal::parse(status, &body.and_then(Result::ok).unwrap_or_default());
        match found(&refusal) {
            // To who may list a prefix alone, S3 says of an object that is not there that it is denied.
            Some(Found::Denied(denial)) if denial.of == Reach::Object => {
                self.denied(settings, key, denial).await
            }
            Some(found) => found,
            None => Found::Failed(format!("reading from S3: {}", refusal.text())),
        }
    }

    /// An object that is denied: is it there at all?
    async fn denied(&self, settings: &Settings, key: &str, denial: Denial) -> Found {
        let exactly = Listing {
            prefix: key,
            most: 1,
            ..Listing::default()
        };
        match self.page(settings, exactly).await {
            Ok(page) if !page.keys.iter().any(|found| found == key) => Found::Gone,
            Ok(_) => Found::Denied(denial),
            Err(Unlisted::Denied(_)) => Found::Denied(Denial {
                of: Reach::Bucket,
                ..denial
            }),
            Err(Unlisted::Failed(error)) => Found::Failed(format!("{}; {error}", denial.detail)),
        }
    }

    /// The keys under a prefix, in order.
    pub async fn list(&self, settings: &Settings, listing: Listing<'_>) -> Result<Page, String> {
        let page = self.page(settings, listing).await;
        page.map_err(|error| format!("listing S3: {}", error.text()))
    }

    async fn page(&self, settings: &Settings, listing: Listing<'_>) -> Result<Page, Unlisted> {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let mut query = String::new();
        if listing.folders {
            query.push_str("delimiter=%2F&");
        }
        // Keys may hold what XML cannot: they come URL-encoded.
        query.push_str(&format!(
            "encoding-type=url&list-type=2&max-keys={}&prefix={}",
            listing.most,
            encoded(listing.prefix)
        ));
        if let Some(after) = listing.after {
            query.push_str(&format!("&start-after={}", encoded(after)));
        }
        let request = self.request(settings, "", Some(&query));
        let request = request.map_err(Unlisted::Failed)?.timeout(CALL);
        let response = request.send().await;
        let response = response.map_err(|error| Unlisted::Failed(cause(error)))?;
        let status = response.status();
        let body = read(response, http::LISTING)
            .await
            .map_err(Unlisted::Failed)?;
        if status == StatusCode::OK {
            return page(&body)
                .ok_or_else(|| Unlisted::Failed("the answer is no listing".to_owned()));
        }
        let refusal = Refusal::parse(status, &body);
        match found(&refusal) {
            Some(Found::Denied(_)) => Err(Unlisted::Denied(refusal.text())),
            _ => Err(Unlisted::Failed(refusal.text())),
        }
    }

    /// Whether the bucket can be read, as Central takes it: a log file is looked for and asked for. CloudTrail's markers and
    /// digests say nothing: the role may not read those beside `CloudTrail/`. Where there is nothing to try on, nothing can
    /// be told. An object that is `denied` says nothing of the others.
    pub async fn check_read(&self, settings: &Settings, denied: Option<&str>) -> Value {
        let mut look = Look {
            s3: self,
            settings,
            denied,
            listings: LISTINGS,
            markers: Vec::new(),
        };
        let file = match look.file(settings.log_prefix(), 0).await {
            Ok(file) => file,
            Err(Unlisted::Denied(error)) => return cannot(&format!("listing S3: {error}")),
            Err(Unlisted::Failed(error)) => return unknown(&format!("listing S3: {error}")),
        };
        let mut told = json!({ "read": null });
        for key in file.into_iter().chain(look.markers) {
            match self.get(settings, &key).await {
                Found::There(_) => return json!({ "read": true }),
                // A marker alone may be denied by a policy that is made for log files.
                Found::Denied(_) if key.ends_with('/') => {}
                Found::Denied(denial) => return cannot(&denial.detail),
                Found::Gone => {}
                Found::Archived(error) | Found::Failed(error) => told = unknown(&error),
            }
        }
        told
    }

    fn request(
        &self,
        settings: &Settings,
        path: &str,
        query: Option<&str>,
    ) -> Result<RequestBuilder, String> {
        self.meter.spend()?;
        let mut url = format!("{}/{path}", settings.bucket_url());
        if let Some(query) = query {
            url = format!("{url}?{query}");
        }
        // A bucket of this name that somebody else has made meanwhile is not read.
        let headers = [(
            "x-amz-expected-bucket-owner",
            settings.bucket_owner.as_str(),
        )];
        let unsigned = sign::Unsigned {
            method: "GET",
            url: &url,
            headers: &headers,
            service: "s3",
            region: &settings.region,
            body: sign::Body::Unsigned,
        };
        let mut request = self.http.get(&url);
        for (name, value) in sign::headers(&unsigned, &sign::credentials()?)? {
            request = request.header(name, value);
        }
        Ok(request)
    }
}

fn cannot(detail: &str) -> Value {
    json!({ "read": false, "detail": shorten(detail) })
}

fn unknown(detail: &str) -> Value {
    json!({ "read": null, "detail": shorten(detail) })
}

fn path(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

/// A search for a log file, from folder to folder.
struct Look<'a> {
    s3: &'a S3,
    settings: &'a Settings,
    /// The object that is known to be denied.
    denied: Option<&'a str>,
    listings: u32,
    /// Zero-byte markers `…/CloudTrail/` that were passed.
    markers: Vec<String>,
}

impl Look<'_> {
    /// The first log file below a folder, newest folders first; `None` where there is none within the listings allowed.
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
        let is_file = |key: &&String| {
            self.denied != Some(key.as_str())
                && LogKey::parse(key).is_some_and(|parsed| parsed.prefix == self.settings.prefix)
        };
        if let Some(key) = page.keys.iter().rev().find(is_file) {
            return Ok(Some(key.clone()));
        }
        if folder.ends_with("/CloudTrail/") && page.keys.contains(&folder) {
            self.markers.push(folder.clone());
        }
        // Beside an account's log files lie its digests and insights, and what other services deliver.
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

/// Reads the answer to `ListObjectsV2` with `encoding-type=url`, in which a space is `+` (recorded). `None` where it is
/// something else.
fn page(xml: &[u8]) -> Option<Page> {
    let mut reader = Reader::from_reader(xml);
    let mut page = Page::default();
    let mut listing = false;
    let mut path: Vec<Vec<u8>> = Vec::new();
    let mut text = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Start(start) => {
                let name = start.local_name().as_ref().to_vec();
                listing |= path.is_empty() && name == b"ListBucketResult";
                path.push(name);
                text.clear();
            }
            Event::Text(part) => text.push_str(&part.decode().ok()?),
            Event::End(_) => {
                let names: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
                match names[..] {
                    [_, b"Contents", b"Key"] => page.keys.push(decoded(&text)?),
                    [_, b"CommonPrefixes", b"Prefix"] => page.folders.push(decoded(&text)?),
                    [_, b"IsTruncated"] => page.truncated = text == "true",
                    _ => {}
                }
                path.pop()?;
                text.clear();
            }
            Event::Eof => return (listing && path.is_empty()).then_some(page),
            _ => {}
        }
    }
}

fn decoded(text: &str) -> Option<String> {
    let plain = text.replace('+', " ");
    let decoded = percent_decode_str(&plain).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_is_read_as_s3_writes_it() {
        let xml = br#"<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>logs</Name><Prefix>a+b/AWSLogs/</Prefix>
<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>
<Contents><Key>a+b/AWSLogs/%2B%C3%BC%3D</Key><Size>1</Size></Contents>
<CommonPrefixes><Prefix>a+b/AWSLogs/1/</Prefix></CommonPrefixes></ListBucketResult>"#;
        let expected = Page {
            keys: vec!["a b/AWSLogs/+\u{fc}=".to_owned()],
            folders: vec!["a b/AWSLogs/1/".to_owned()],
            truncated: true,
        };
        assert_eq!(page(xml), Some(expected));
        let error = b"<Error><Code>AccessDenied</Code></Error>";
        assert_eq!(page(error), None);
        for other in [
            &b""[..],
            b"{}",
            b"<ListBucketResult><Contents><Key>",
            b"</x>",
        ] {
            assert_eq!(page(other), None);
        }
    }

    #[test]
    fn each_refusal_of_s3_is_told_from_the_others() {
        let of = |status: u16, code: &str, message: &str| {
            let body = format!("<Error><Code>{code}</Code><Message>{message}</Message></Error>");
            let refusal = Refusal::parse(StatusCode::from_u16(status).unwrap(), body.as_bytes());
            match found(&refusal) {
                Some(Found::Gone) => "gone",
                Some(Found::Archived(_)) => "archived",
                Some(Found::Denied(denial)) => match denial.of {
                    Reach::Object => "denied",
                    Reach::Key => "denied by key",
                    Reach::Bucket => "no bucket",
                },
                _ => "failed",
            }
        };
        let key = "User: arn:aws:sts::1:assumed-role/f/f is not authorized to perform: kms:Decrypt on the resource associated with this ciphertext";
        for (status, code, message, expected) in [
            (
                404,
                "NoSuchKey",
                "The specified key does not exist.",
                "gone",
            ),
            (
                404,
                "NoSuchBucket",
                "The specified bucket does not exist",
                "no bucket",
            ),
            (
                403,
                "InvalidObjectState",
                "The operation is not valid for the object's storage class",
                "archived",
            ),
            (403, "AccessDenied", "Access Denied", "denied"),
            (403, "AccessDenied", key, "denied by key"),
            (
                400,
                "KMS.DisabledException",
                "arn:aws:kms:r:1:key/k is disabled.",
                "denied by key",
            ),
            (
                400,
                "KMS.KMSInvalidStateException",
                "is pending deletion.",
                "denied by key",
            ),
            (403, "InvalidAccessKeyId", "", "failed"),
            (
                400,
                "ExpiredToken",
                "The provided token has expired.",
                "failed",
            ),
            (403, "RequestTimeTooSkewed", "", "failed"),
            (503, "SlowDown", "", "failed"),
            (301, "PermanentRedirect", "", "failed"),
        ] {
            assert_eq!(
                of(status, code, message),
                expected,
                "{status} {code} {message}"
            );
        }
    }
}
