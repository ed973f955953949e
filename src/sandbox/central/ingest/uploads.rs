//! Uploads of log files, which leave receipts.

use std::{io::Write, time::Instant};

use axum::{
    body::Body,
    extract::Path,
    http::{HeaderMap, StatusCode, header},
    response::IntoResponse,
};
use flate2::write::MultiGzDecoder;
use futures::StreamExt;
use sha2::{Digest, Sha256};

use crate::sandbox::central::{
    refusal::{Answer, Refusal},
    request::value_of,
    state::Ctx,
    store::{Receipt, Store, Upload},
    times::now,
};

/// Takes a file in. An upload URL is used up by a complete upload only.
pub(crate) async fn upload(
    ctx: Ctx,
    Path(upload): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Answer {
    let length = length(&headers)?;
    {
        let store = ctx.store();
        let open = store.uploads.get(&upload).ok_or_else(expired)?;
        if open.until < Instant::now() {
            return Err(expired());
        }
    }
    let taken = take_in(body).await?;
    if taken.size != length {
        return Err(broken("fewer bytes than announced"));
    }
    let mut store = ctx.store();
    let done = store.uploads.remove(&upload).ok_or_else(expired)?;
    keep(&mut store, done, taken);
    store.changed = true;
    Ok(StatusCode::OK.into_response())
}

fn expired() -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        "expired",
        "the upload URL is used up or has ended",
    )
}

fn broken(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "broken", message)
}

fn length(headers: &HeaderMap) -> Result<u64, Refusal> {
    value_of(headers, header::CONTENT_LENGTH)
        .and_then(|text| text.parse().ok())
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::LENGTH_REQUIRED,
                "lengthRequired",
                "Content-Length is missing",
            )
        })
}

/// A file that has arrived.
struct Taken {
    size: u64,
    sha256: String,
    /// SHA-256 of the content; `None` if it does not unpack.
    content_sha256: Option<String>,
}

/// Reads a body to its end. The body of a connection that breaks half-way leaves nothing.
async fn take_in(body: Body) -> Result<Taken, Refusal> {
    let mut hash = Sha256::new();
    let mut content = Some(MultiGzDecoder::new(Digester(Sha256::new())));
    let mut size = 0;
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| broken(error.to_string()))?;
        size += chunk.len() as u64;
        hash.update(&chunk);
        content = content.and_then(|mut content| content.write_all(&chunk).ok().map(|()| content));
    }
    let content = content.and_then(|content| content.finish().ok());
    Ok(Taken {
        size,
        sha256: hex::encode(hash.finalize()),
        content_sha256: content.map(|digest| hex::encode(digest.0.finalize())),
    })
}

/// Keeps the receipt of a file. A second upload of the same object changes nothing.
fn keep(store: &mut Store, done: Upload, taken: Taken) {
    let address = (done.connection.clone(), done.bucket, done.key);
    store.open_offers.remove(&address);
    let present = store.receipts.get(&address);
    if present.is_some_and(|receipt| receipt.outcome == "stored") {
        return;
    }
    let delay = |modified: jiff::Timestamp| {
        let delay = jiff::Timestamp::now().duration_since(modified);
        delay.as_secs().max(0)
    };
    let receipt = Receipt {
        etag: done.etag,
        size: Some(taken.size),
        sha256: Some(taken.sha256),
        content_sha256: taken.content_sha256,
        delay_seconds: done.last_modified.map(delay),
        ..Receipt::new("stored")
    };
    store.receipts.insert(address, receipt);
    if let Some(connection) = store.connections.get_mut(&done.connection) {
        connection.received_objects += 1;
        connection.received_bytes += taken.size;
        connection.last_received_at = Some(now());
    }
}

/// Digests what is written to it.
struct Digester(Sha256);

impl Write for Digester {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
