//! Reads answers within limits, and gives the cause of a failure without the URL.

use std::{
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use futures::{
    Stream,
    future::{self, Either},
    stream,
};
use reqwest::{Response, StatusCode};
use serde_json::Value;
use tokio::time::Instant;

/// The largest answer to a control call, in bytes.
pub const CONTROL: usize = 64 * 1024;
/// The largest listing, in bytes: a thousand keys of 1,024 characters, each percent-encoded, with what S3 says about them.
pub const LISTING: usize = 4 * 1024 * 1024;
/// A transfer that has moved nothing for this long is given up.
pub const IDLE: Duration = Duration::from_secs(10);

/// When a transfer last moved. Both its ends update this: a chunk is read only when there is room to send it.
#[derive(Clone)]
pub struct Moved(Arc<Mutex<Movement>>);

#[derive(Clone, Copy)]
struct Movement {
    last: Instant,
    /// A chunk has been asked for and has not come yet.
    awaits_source: bool,
}

impl Default for Moved {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Movement {
            last: Instant::now(),
            awaits_source: false,
        })))
    }
}

impl Moved {
    fn movement(&self) -> MutexGuard<'_, Movement> {
        self.0.lock().expect("nobody panics while holding it")
    }

    pub fn touch(&self) {
        self.movement().last = Instant::now();
    }

    /// Wraps a source so that each of its chunks counts as movement.
    pub fn watching<S: Stream>(&self, source: S) -> impl Stream<Item = S::Item> + use<S> {
        let moved = self.clone();
        let mut source = Box::pin(source);
        stream::poll_fn(move |context| {
            let polled = source.as_mut().poll_next(context);
            moved.movement().awaits_source = polled.is_pending();
            if polled.is_ready() {
                moved.touch();
            }
            polled
        })
    }

    /// Whether the transfer is waiting for its source.
    #[must_use]
    pub fn awaits_source(&self) -> bool {
        self.movement().awaits_source
    }

    /// Runs a transfer until it ends. `None` if nothing moves for `patience`, or for [`IDLE`] while the transfer waits for its
    /// source.
    pub async fn or_idle<T>(
        &self,
        patience: Duration,
        transfer: impl Future<Output = T>,
    ) -> Option<T> {
        let idle = async {
            loop {
                let Movement {
                    last,
                    awaits_source,
                } = *self.movement();
                let end = last + if awaits_source { IDLE } else { patience };
                if Instant::now() >= end {
                    return;
                }
                tokio::time::sleep_until(end).await;
            }
        };
        let (transfer, idle) = (std::pin::pin!(transfer), std::pin::pin!(idle));
        match future::select(transfer, idle).await {
            Either::Left((done, _)) => Some(done),
            Either::Right(_) => None,
        }
    }
}

/// Reads a whole answer; `None` if it is longer than `most` bytes.
pub async fn whole(mut response: Response, most: usize) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > most {
            return Ok(None);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Some(body))
}

/// Reads a whole answer like [`whole`], but gives any failure in words.
pub async fn read(response: Response, most: usize) -> Result<Vec<u8>, String> {
    let body = whole(response, most).await.map_err(cause)?;
    body.ok_or_else(|| "the answer is too long".to_owned())
}

/// What a refusal says, from S3's XML or Central's JSON.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl Refusal {
    #[must_use]
    pub fn parse(status: StatusCode, body: &[u8]) -> Self {
        let body = String::from_utf8_lossy(body);
        let xml = |name: &str| {
            let (_, rest) = body.split_once(&format!("<{name}>"))?;
            Some(rest.split_once("</")?.0.to_owned())
        };
        let json: Value = serde_json::from_str(&body).unwrap_or_default();
        let field = |name: &str| Some(json.get(name)?.as_str()?.to_owned());
        Self {
            status: status.as_u16(),
            code: xml("Code").or_else(|| field("error")).unwrap_or_default(),
            message: xml("Message")
                .or_else(|| field("message"))
                .unwrap_or_default(),
        }
    }

    /// Returns the refusal in one line.
    #[must_use]
    pub fn text(&self) -> String {
        let Self {
            status,
            code,
            message,
        } = self;
        shorten(format!("{status} {code} {message}").trim_end())
    }
}

/// Returns the innermost cause, without the URL (an upload URL is a secret).
pub fn cause(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Shortens a text to one line of at most 500 characters: the limit of `checks.detail` and of a report's `detail`, and enough
/// for a log line.
#[must_use]
pub fn shorten(text: &str) -> String {
    text.chars()
        .map(|char| if char.is_control() { ' ' } else { char })
        .take(500)
        .collect()
}
