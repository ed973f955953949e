//! Checks of uploads.

use std::{io::Write, time::Duration};

use flate2::{Compression, write::GzEncoder};
use futures::StreamExt;
use reqwest::{Body, header::CONTENT_LENGTH};
use serde_json::json;
use sha2::{Digest, Sha256};
use sophos_ct_forwarder::host::{host_named, host_of};

use super::{encoded, key, offer, receipts, skips, token};
use crate::conformance::{
    answer::{Answer, Tried},
    bench::Bench,
    change::{current, made},
    proofs::{ingest_host, registered},
};

pub(super) async fn stored(
    bench: &mut Bench,
    id: &str,
    token: &str,
    key: &str,
) -> Result<(), String> {
    let offered = offer(bench, id, token, key).await?;
    let takes = offered.is(200).and_then(|()| {
        offered.has("/decision", "upload")?;
        offered
            .body
            .get("upload")
            .map(drop)
            .ok_or_else(|| "/upload is missing".to_owned())
    });
    bench.note("offerObject", "takes a file in", takes);
    let connection = current(bench, id).await?;
    let host = offered.served();
    let host = host.and_then(|()| host_of(offered.text("/upload/url")));
    let hosts = host.and_then(|host| {
        let hosts = connection.list("uploadHosts")?;
        let mut hosts = hosts.iter().filter_map(|one| host_named(one.as_str()?));
        match hosts.any(|one| one == host) {
            true => Ok(()),
            false => Err(format!("{host} is not among the uploadHosts")),
        }
    });
    bench.note(
        "offerObject",
        "has upload URLs on its upload hosts alone",
        hosts,
    );
    let (content, bytes) = file();
    let taken = upload(bench, &offered, bytes.clone()).await?;
    let listed = receipts(bench, id, "").await?;
    let receipt = durable(&taken).and_then(|()| {
        listed.has("/items/0/key", key)?;
        listed.has("/items/0/outcome", "stored")
    });
    bench.note("upload", "leaves a receipt", receipt);
    // Nothing else can be said of a file that was not taken in.
    taken.served()?;
    let sums = listed.has("/items/0/sha256", hex::encode(Sha256::digest(&bytes)));
    let sums = sums.and_then(|()| {
        listed.has(
            "/items/0/contentSha256",
            hex::encode(Sha256::digest(&content)),
        )
    });
    bench.note("listReceipts", "has the sums of what was stored", sums);
    let again = upload(bench, &offered, bytes.clone()).await?;
    bench.note("upload", "is used up by a complete upload", again.is(403));
    let mut other = offered;
    if let Some(url) = other.body.pointer_mut("/upload/url") {
        let base = url.as_str().unwrap_or_default();
        let base = base.split_once('?').map_or(base, |(base, _)| base);
        *url = format!("{base}0").into();
    }
    let unknown = upload(bench, &other, bytes).await?;
    bench.note(
        "upload",
        "refuses a URL that it has not given",
        unknown.keeps_out(),
    );
    let twice = offer(bench, id, token, key).await?;
    bench.note(
        "offerObject",
        "skips what is stored",
        skips(&twice, "duplicate"),
    );
    Ok(())
}

/// What is not a whole file leaves nothing, and its URL stays good.
pub(super) async fn halves(bench: &mut Bench) -> Result<(), String> {
    let body = registered(bench, "takes halves", json!({}));
    let id = made(bench, body).await?;
    let host = ingest_host(bench, &id).await?;
    let token = token(bench, &id, &host).await?;
    let (_, bytes) = file();
    let offered = offer(bench, &id, &token, &key(bench, "l")).await?;
    let chunks = futures::stream::iter([Ok::<_, std::io::Error>(bytes.clone())]);
    let without = put(bench, &offered, None, Body::wrap_stream(chunks)).await;
    let refused = without.and_then(|answer| answer.is(411));
    bench.note("upload", "requires Content-Length", refused);
    let key = key(bench, "h");
    let offered = offer(bench, &id, &token, &key).await?;
    let half = bytes[..bytes.len() / 2].to_vec();
    // The connection breaks: there is an answer only if it came before that.
    let _ = put(bench, &offered, Some(bytes.len()), breaking(half)).await;
    let listed = receipts(bench, &id, &format!("?keyPrefix={}", encoded(&key))).await?;
    let none = listed
        .is(200)
        .and_then(|()| listed.has("/items", json!([])));
    bench.note("upload", "leaves no receipt of half a file", none);
    let whole = upload(bench, &offered, bytes).await?;
    let name = "is not used up by half a file";
    bench.note("upload", name, durable(&whole));
    Ok(())
}

/// Whether a file was taken in: any 2xx says so (contract, `upload`).
fn durable(answer: &Answer) -> Tried {
    match answer.status {
        200..=299 => Ok(()),
        _ => answer.is(200),
    }
}

/// A body that breaks off after these bytes.
fn breaking(bytes: Vec<u8>) -> Body {
    let breaks = async {
        // The bytes are on their way by then.
        tokio::time::sleep(Duration::from_millis(200)).await;
        Err::<Vec<u8>, _>(std::io::Error::other("it breaks off"))
    };
    let begins = futures::stream::once(async { Ok::<_, std::io::Error>(bytes) });
    Body::wrap_stream(begins.chain(futures::stream::once(breaks)))
}

/// A file's content, and the bytes as S3 has them.
pub(in crate::conformance) fn file() -> (Vec<u8>, Vec<u8>) {
    let content = br#"{"Records":[]}"#.to_vec();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    let written = packed.write_all(&content).and_then(|()| packed.finish());
    (content, written.expect("memory takes all that is written"))
}

/// Uploads a file to where its offer says.
pub(in crate::conformance) async fn upload(
    bench: &Bench,
    offered: &Answer,
    bytes: Vec<u8>,
) -> Result<Answer, String> {
    put(bench, offered, None, bytes.into()).await
}

/// Uploads a body; with a length that it may not have.
async fn put(
    bench: &Bench,
    offered: &Answer,
    length: Option<usize>,
    body: Body,
) -> Result<Answer, String> {
    offered.served()?;
    let url = offered.text("/upload/url").to_owned();
    let headers = offered
        .body
        .pointer("/upload/headers")
        .cloned()
        .unwrap_or_default();
    let send = |http: &reqwest::Client| {
        let mut request = http.put(&url).body(body);
        for (name, value) in headers.as_object().into_iter().flatten() {
            request = request.header(name, value.as_str().unwrap_or_default());
        }
        match length {
            Some(length) => request.header(CONTENT_LENGTH, length.to_string()),
            None => request,
        }
    };
    bench.raw("upload", send).await
}
