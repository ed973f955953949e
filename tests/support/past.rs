//! A made-up past of log files and signed digests in a bucket of the sandbox, and what somebody may do to it.

use std::io::{Read, Write};

use aws_sdk_s3::primitives::ByteStream;
use flate2::{Compression, read::MultiGzDecoder, write::GzEncoder};
use serde_json::{Value, json};
use sophos_ct::testing::Aws;

use super::{World, control};

/// The keys of what was made, and the fingerprints of the keys that sign it.
pub struct Past {
    pub logs: Vec<String>,
    pub digests: Vec<String>,
    pub fingerprints: Vec<String>,
}

impl Past {
    /// Makes a past in a bucket of the world's account, of its trail `trail` in eu-west-1. `more` has at least `since`, `until` and
    /// `files`; the other fields are those of `Wanted` in `src/sandbox/cloudtrail/history/span.rs`.
    pub fn make(world: &World, bucket: &str, trail: &str, more: &Value) -> Self {
        let mut wanted = json!({
            "account": world.account, "trail": trail, "home": "eu-west-1", "bucket": bucket,
        });
        for (name, value) in more.as_object().expect("fields") {
            wanted[name] = value.clone();
        }
        let made = control("POST", "/_sandbox/cloudtrail/history", &wanted);
        let texts = |name: &str| {
            let list = made[name].as_array().expect("a list").iter();
            list.map(|text| text.as_str().expect("a text").to_owned())
                .collect()
        };
        Self {
            logs: texts("logs"),
            digests: texts("digests"),
            fingerprints: texts("fingerprints"),
        }
    }
}

/// Writes the digests of a trail at once, unless there was one within this second.
pub fn digest_now(trail: &str) {
    control(
        "POST",
        "/_sandbox/cloudtrail/digests",
        &json!({ "trail": trail }),
    );
}

/// Ends the validity of the key that signs a region's digests.
pub fn end_key(region: &str) {
    let path = format!("/_sandbox/cloudtrail/keys/{region}");
    control("POST", &path, &Value::Null);
}

/// The uncompressed content of an object.
pub async fn content(aws: &Aws, bucket: &str, key: &str) -> Vec<u8> {
    let get = aws.s3.get_object().bucket(bucket).key(key);
    let body = get.send().await.expect("an object").body;
    let stored = body.collect().await.expect("a body").into_bytes();
    let mut content = Vec::new();
    MultiGzDecoder::new(stored.as_ref())
        .read_to_end(&mut content)
        .expect("gzip");
    content
}

/// Flips one bit of the content of a log file or a digest, in a digit, so that it stays what it is.
pub async fn flip(aws: &Aws, bucket: &str, key: &str) {
    let mut content = content(aws, bucket, key).await;
    let middle = content.len() / 2;
    let digit = content[middle..].iter().position(u8::is_ascii_digit);
    content[middle + digit.expect("a digit")] ^= 1;
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&content).expect("memory");
    let body = encoder.finish().expect("memory");
    put(aws, bucket, key, Some(body), |signature| signature).await;
}

/// Flips one bit of the signature of a digest.
pub async fn flip_signature(aws: &Aws, bucket: &str, key: &str) {
    put(aws, bucket, key, None, |signature| {
        let mut bytes = hex::decode(signature).expect("hexadecimal digits");
        *bytes.last_mut().expect("a signature") ^= 1;
        hex::encode(bytes)
    })
    .await;
}

/// Deletes an object.
pub async fn delete(aws: &Aws, bucket: &str, key: &str) {
    let delete = aws.s3.delete_object().bucket(bucket).key(key);
    delete.send().await.expect("the object is deleted");
}

/// Writes an object again, with another content or another signature.
async fn put(
    aws: &Aws,
    bucket: &str,
    key: &str,
    content: Option<Vec<u8>>,
    signature: impl FnOnce(String) -> String,
) {
    let get = aws.s3.get_object().bucket(bucket).key(key);
    let found = get.send().await.expect("an object");
    let mut metadata = found.metadata.unwrap_or_default();
    if let Some(there) = metadata.remove("signature") {
        metadata.insert("signature".to_owned(), signature(there));
    }
    let body = match content {
        Some(content) => content.into(),
        None => found.body.collect().await.expect("a body").into_bytes(),
    };
    let put = aws.s3.put_object().bucket(bucket).key(key);
    put.set_metadata(Some(metadata))
        .content_type("application/json")
        .content_encoding("gzip")
        .body(ByteStream::from(body))
        .send()
        .await
        .expect("the object is written");
}
