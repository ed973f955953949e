//! The times of objects in a bucket with a made-up past: they are those of their names, until an object is written again.

use std::fmt::Write;

use axum::{
    extract::Request,
    http::{HeaderValue, Method, header},
    response::Response,
};
use percent_encoding::percent_decode_str;

use super::{
    corrections::{reworded, whole},
    passage::Gateway,
};
use crate::sandbox::{cloud::History, cloudtrail::landed, request::scope};

/// A request to S3 for a bucket with a past.
pub(super) struct InPast {
    history: History,
    method: Method,
    /// Empty if the request is about the bucket.
    key: String,
}

impl Gateway {
    /// Whether a request is about a bucket with a past.
    pub(super) fn in_past(&self, request: &Request) -> Option<InPast> {
        if scope(request.headers())?.service != "s3" {
            return None;
        }
        let path = request.uri().path().trim_start_matches('/');
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        let state = self.cloud.state();
        let history = state
            .histories
            .iter()
            .find(|there| there.bucket == bucket)?;
        Some(InPast {
            history: history.clone(),
            method: request.method().clone(),
            key: percent_decode_str(key).decode_utf8_lossy().into_owned(),
        })
    }

    /// The answer of S3 with the times of the past.
    pub(super) async fn dated(&self, past: InPast, mut answer: Response) -> Response {
        let InPast {
            history,
            method,
            key,
        } = past;
        if !answer.status().is_success() {
            return answer;
        }
        if key.is_empty() {
            if method != Method::GET {
                return answer;
            }
            let (parts, text) = whole(answer).await;
            return reworded(parts, with_times(&text, &history));
        }
        if [Method::PUT, Method::POST].contains(&method) {
            self.rewritten(&history.bucket, key);
            return answer;
        }
        if let Some(at) = time(&history, &key)
            && let Ok(text) =
                HeaderValue::try_from(at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
        {
            answer.headers_mut().insert(header::LAST_MODIFIED, text);
        }
        answer
    }

    /// Notes that an object was written again, which is why it has the time of S3.
    fn rewritten(&self, bucket: &str, key: String) {
        let mut state = self.cloud.state();
        let mut histories = state.histories.iter_mut();
        if let Some(history) = histories.find(|there| there.bucket == bucket) {
            history.rewritten.insert(key);
            state.changed = true;
        }
    }
}

/// A listing with the times of the past.
fn with_times(listing: &str, history: &History) -> String {
    let mut parts = listing.split("<Key>");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("<Key>");
        match retimed(part, history) {
            Some((key, at, rest)) => {
                let at = at.strftime("%Y-%m-%dT%H:%M:%S.000Z");
                write!(text, "{key}</Key><LastModified>{at}</LastModified>{rest}")
                    .expect("a text takes more text");
            }
            None => text.push_str(part),
        }
    }
    text
}

/// A listed object's key, its time in the past, and what follows.
fn retimed<'a>(part: &'a str, history: &History) -> Option<(&'a str, jiff::Timestamp, &'a str)> {
    let (key, rest) = part.split_once("</Key><LastModified>")?;
    let (_, rest) = rest.split_once("</LastModified>")?;
    let decoded = percent_decode_str(key).decode_utf8_lossy();
    Some((key, time(history, &decoded)?, rest))
}

fn time(history: &History, key: &str) -> Option<jiff::Timestamp> {
    let is_as_made = !history.rewritten.contains(key);
    landed(key, history.made).filter(|_| is_as_made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_the_past_have_the_times_of_their_names() {
        let key = |minute: u32| {
            format!(
                "AWSLogs/1/CloudTrail/r/2026/01/02/1_CloudTrail_r_20260102T03{minute:02}Z_x.json.gz"
            )
        };
        let history = History {
            bucket: "logs".to_owned(),
            made: "2026-01-02T03:30:00Z".parse().unwrap(),
            rewritten: [key(2)].into(),
        };
        let entry = |key: &str, time: &str| {
            format!("<Contents><Key>{key}</Key><LastModified>{time}</LastModified></Contents>")
        };
        let list = |times: [&str; 3]| {
            let keys = [key(1), key(2), key(45)];
            let entries: String = keys
                .iter()
                .zip(times)
                .map(|(key, time)| entry(key, time))
                .collect();
            format!("<ListBucketResult>{entries}</ListBucketResult>")
        };
        let put = "2026-01-02T03:31:00.000Z";
        assert_eq!(
            with_times(&list([put; 3]), &history),
            list(["2026-01-02T03:01:00.000Z", put, put])
        );
    }
}
