//! The log bucket as the forwarder reads it: objects, and listings for what may be missing.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use quick_xml::{Reader, events::Event};
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};

use super::{
    central::{cause, read, refusal, shorten},
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

/// An object that was asked for.
pub enum Found {
    There(Response),
    /// Deleted before it could be read: not an error for ever.
    Gone,
    /// Not allowed, by IAM, the bucket's policy or its key's.
    Denied(String),
    /// Anything else; worth another try.
    Failed(String),
}

/// One page of a listing.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Page {
    pub keys: Vec<String>,
    /// There is more after the last key.
    pub truncated: bool,
}

pub struct S3 {
    http: reqwest::Client,
}

impl S3 {
    pub fn new(http: reqwest::Client) -> Self {
        Self { http }
    }

    pub async fn get(&self, settings: &Settings, key: &str) -> Found {
        let response = match self.ask(settings, key).await {
            Ok(response) => response,
            Err(error) => return Found::Failed(error),
        };
        match response.status() {
            StatusCode::OK => Found::There(response),
            StatusCode::NOT_FOUND => Found::Gone,
            StatusCode::FORBIDDEN => {
                let denied = refusal(StatusCode::FORBIDDEN, response).await;
                // To who may list a prefix alone, S3 says of an object that is not there that it is denied.
                match self.list(settings, key, None, 1).await {
                    Ok(page) if !page.keys.iter().any(|found| found == key) => Found::Gone,
                    _ => Found::Denied(format!("reading from S3: {denied}")),
                }
            }
            status => Found::Failed(format!(
                "reading from S3: {}",
                refusal(status, response).await
            )),
        }
    }

    /// The keys under a prefix, in order, after one of them.
    pub async fn list(
        &self,
        settings: &Settings,
        prefix: &str,
        after: Option<&str>,
        most: u16,
    ) -> Result<Page, String> {
        let encoded = |text: &str| utf8_percent_encode(text, QUERY).to_string();
        // Keys may hold what XML cannot: they come URL-encoded.
        let mut query = format!(
            "encoding-type=url&list-type=2&max-keys={most}&prefix={}",
            encoded(prefix)
        );
        if let Some(after) = after {
            query = format!("{query}&start-after={}", encoded(after));
        }
        let response = self.send(settings, "", Some(&query)).await?;
        match response.status() {
            StatusCode::OK => {
                let body = read(response)
                    .await
                    .map_err(|error| format!("listing S3: {error}"))?;
                page(&body).ok_or_else(|| "listing S3: the answer is no listing".to_owned())
            }
            status => Err(format!("listing S3: {}", refusal(status, response).await)),
        }
    }

    /// Whether the bucket can be read, as Central takes it: something under the log prefix is looked for and read. Where nothing
    /// is there yet, nothing can be told.
    pub async fn check_read(&self, settings: &Settings) -> Value {
        let page = match self.list(settings, &settings.log_prefix(), None, 20).await {
            Ok(page) => page,
            Err(error) => return json!({ "read": false, "detail": shorten(&error) }),
        };
        let file = page.keys.iter().find(|key| !key.ends_with('/'));
        let Some(key) = file.or(page.keys.first()) else {
            return json!({ "read": null });
        };
        match self.get(settings, key).await {
            Found::There(_) | Found::Gone => json!({ "read": true }),
            // The zero-byte marker that CloudTrail leaves: a key beside it may be read where it is not there.
            Found::Denied(error) if file.is_none() => {
                match self.ask(settings, &format!("{key}probe")).await {
                    Ok(beside) if beside.status() == StatusCode::NOT_FOUND => {
                        json!({ "read": true })
                    }
                    _ => json!({ "read": false, "detail": shorten(&error) }),
                }
            }
            Found::Denied(error) | Found::Failed(error) => {
                json!({ "read": false, "detail": shorten(&error) })
            }
        }
    }

    async fn ask(&self, settings: &Settings, key: &str) -> Result<Response, String> {
        let path = utf8_percent_encode(key, PATH).to_string();
        self.send(settings, &path, None).await
    }

    async fn send(
        &self,
        settings: &Settings,
        path: &str,
        query: Option<&str>,
    ) -> Result<Response, String> {
        let mut url = format!("{}/{path}", settings.bucket_url());
        if let Some(query) = query {
            url = format!("{url}?{query}");
        }
        let unsigned = sign::Unsigned {
            method: "GET",
            url: &url,
            headers: &[],
            service: "s3",
            region: &settings.region,
            body: sign::Body::Unsigned,
        };
        let mut request = self.http.get(&url);
        for (name, value) in sign::headers(&unsigned, &sign::credentials()?)? {
            request = request.header(name, value);
        }
        request
            .send()
            .await
            .map_err(|error| format!("S3: {}", cause(error)))
    }
}

/// Reads the answer to `ListObjectsV2`. `None` where it is something else.
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
                    [_, b"Contents", b"Key"] => {
                        let key = percent_decode_str(&text).decode_utf8().ok()?;
                        page.keys.push(key.into_owned());
                    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_listing_gives_its_keys_decoded_and_nothing_else_is_one() {
        let xml = br#"<?xml version="1.0" encoding="UTF-8"?>
            <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix>a%2F</Prefix>
            <IsTruncated>true</IsTruncated><Contents><Key>a%2Fb%20c%2B%C3%BC%25</Key><Size>1</Size></Contents>
            <Contents><Key>a%2Fd</Key><Owner><ID>x</ID></Owner></Contents></ListBucketResult>"#;
        let found = page(xml).unwrap();
        assert_eq!(found.keys, ["a/b c+\u{fc}%", "a/d"]);
        assert!(found.truncated);
        for other in [
            &b"<Error><Code>AccessDenied</Code></Error>"[..],
            b"",
            b"{}",
            b"<ListBucketResult><Contents><Key>",
            b"</x>",
        ] {
            assert_eq!(page(other), None);
        }
    }
}
