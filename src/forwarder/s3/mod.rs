//! The log bucket as the forwarder reads it: objects, listings of what may be missing, and whether it can be read at all.

mod check;
mod listing;

use std::{sync::Arc, time::Duration};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::{RequestBuilder, Response, StatusCode};

pub(crate) use listing::{Listing, Page};

use crate::{
    http::{self, Moved, Refusal, cause, read},
    meter::Meter,
    settings::Settings,
    sign,
};

/// The characters to encode in a query: all but those that SigV4 leaves unencoded.
const QUERY: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');
/// The characters to encode in a path: S3 leaves `/` unencoded as well.
const PATH: &AsciiSet = &QUERY.remove(b'/');
/// Time for a listing.
const CALL: Duration = Duration::from_secs(5);

/// The result of reading an object.
pub(crate) enum Found {
    There(Response),
    /// No longer in the bucket.
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
pub(crate) struct Denial {
    pub detail: String,
    pub of: Reach,
}

/// What a denial applies to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// This object, as far as is known.
    Object,
    /// Everything that is encrypted with the same key.
    Key,
    /// The whole bucket: it is gone, or none of it may be listed.
    Bucket,
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

pub(crate) struct S3 {
    http: reqwest::Client,
    meter: Arc<Meter>,
}

/// Recognizes the codes of S3 (API reference, "Error responses") and of KMS behind it that refuse for good (recorded: a
/// disabled key and a key that is to be deleted give 400). `None` for any other code.
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
        // The key's policy refuses, or our own (recorded: "… is not authorized to perform: kms:Decrypt on the resource
        // associated with this ciphertext …", "The ciphertext refers to a customer master key that …").
        (403, "AccessDenied") if refusal.message.contains("ciphertext") => Some(denied(Reach::Key)),
        (403, "AccessDenied" | "AllAccessDisabled") => Some(denied(Reach::Object)),
        _ => None,
    }
}

impl S3 {
    pub(crate) fn new(http: reqwest::Client, meter: Arc<Meter>) -> Self {
        Self { http, meter }
    }

    /// Reads an object up to the head of the answer; the body can then be read as needed.
    pub(crate) async fn get(&self, settings: &Settings, key: &str) -> Found {
        let request = match self.request(settings, &path(key), None) {
            Ok(request) => request,
            Err(error) => return Found::Failed(error),
        };
        let moved = Moved::default();
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
            // If the caller may list only a prefix, S3 reports a missing object as denied.
            Some(Found::Denied(denial)) if denial.of == Reach::Object => {
                self.denied(settings, key, denial).await
            }
            Some(found) => found,
            None => Found::Failed(format!("reading from S3: {}", refusal.text())),
        }
    }

    /// Finds out whether a denied object exists at all.
    async fn denied(&self, settings: &Settings, key: &str, denial: Denial) -> Found {
        let exactly = Listing {
            prefix: key,
            most: 1,
            ..Listing::default()
        };
        match self.page(settings, exactly).await {
            Ok(page) if !page.objects.iter().any(|found| found.key == key) => Found::Gone,
            Ok(_) => Found::Denied(denial),
            Err(Unlisted::Denied(_)) => Found::Denied(Denial {
                of: Reach::Bucket,
                ..denial
            }),
            Err(Unlisted::Failed(error)) => Found::Failed(format!("{}; {error}", denial.detail)),
        }
    }

    /// Returns the objects under a prefix, in the order of their keys.
    pub(crate) async fn list(
        &self,
        settings: &Settings,
        listing: Listing<'_>,
    ) -> Result<Page, String> {
        let page = self.page(settings, listing).await;
        page.map_err(|error| format!("listing S3: {}", error.text()))
    }

    async fn page(&self, settings: &Settings, listing: Listing<'_>) -> Result<Page, Unlisted> {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        let mut query = String::new();
        if listing.folders {
            query.push_str("delimiter=%2F&");
        }
        // Keys may hold characters that XML cannot, so they are requested URL-encoded.
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
            return listing::page(&body)
                .ok_or_else(|| Unlisted::Failed("the answer is no listing".to_owned()));
        }
        let refusal = Refusal::parse(status, &body);
        match found(&refusal) {
            Some(Found::Denied(_)) => Err(Unlisted::Denied(refusal.text())),
            _ => Err(Unlisted::Failed(refusal.text())),
        }
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
        // A bucket of this name that someone else has created meanwhile must not be read.
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

fn path(key: &str) -> String {
    utf8_percent_encode(key, PATH).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

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
