//! Log files as S3 stores them, made from a real one (`tests/data`) with fresh ids and in any size.

use std::io::Write;

use axum::body::Bytes;
use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// An object's bytes, in parts. Large objects share most of their parts, which saves memory.
#[derive(Clone)]
pub struct Body {
    pub parts: Vec<Bytes>,
}

impl Body {
    pub fn len(&self) -> usize {
        self.parts.iter().map(Bytes::len).sum()
    }

    pub fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for part in &self.parts {
            hash.update(part);
        }
        hex::encode(hash.finalize())
    }
}

pub struct Corpus {
    records: Vec<Value>,
    random: fastrand::Rng,
    /// One gzip member with a megabyte of log. A larger file consists of several of them.
    megabyte: Bytes,
}

fn gzip(text: &str, level: Compression) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(text.as_bytes()).expect("memory");
    encoder.finish().expect("memory").into()
}

impl Corpus {
    pub fn new(seed: u64) -> Self {
        let file: Value =
            serde_json::from_str(include_str!("../data/cloudtrail.json")).expect("a log file");
        let records = file["Records"].as_array().expect("records").clone();
        let mut text = String::new();
        while text.len() < 1024 * 1024 {
            text.push_str(&records[text.len() % records.len()].to_string());
        }
        text.truncate(1024 * 1024 - 128);
        Self {
            records,
            random: fastrand::Rng::with_seed(seed),
            // Not compressed, so that a file of 50 MB takes no time to make.
            megabyte: gzip(&text, Compression::none()),
        }
    }

    /// A file of about this many bytes, unlike any other.
    pub fn body(&mut self, bytes: usize) -> Body {
        let megabytes = bytes / self.megabyte.len();
        let mut parts = vec![self.megabyte.clone(); megabytes];
        parts.push(self.small(bytes % self.megabyte.len()));
        Body { parts }
    }

    /// A file of records with fresh ids that has about this many bytes when it is compressed.
    fn small(&mut self, bytes: usize) -> Bytes {
        let mut records = Vec::new();
        // In a file of several records, each record adds about 400 bytes.
        for _ in 0..=(bytes / 400) {
            let index = self.random.usize(0..self.records.len());
            let mut record = self.records[index].clone();
            record["eventID"] = format!("{:032x}", self.random.u128(..)).into();
            record["requestID"] = format!("{:032x}", self.random.u128(..)).into();
            records.push(record);
        }
        gzip(
            &json!({ "Records": records }).to_string(),
            Compression::fast(),
        )
    }
}

/// The key of a log file of this account, region and time.
pub fn key(account: &str, region: &str, at: jiff::Timestamp, unique: &str) -> String {
    format!(
        "AWSLogs/o-0123456789/{account}/CloudTrail/{region}/{}/{account}_CloudTrail_{region}_{}_{unique}.json.gz",
        at.strftime("%Y/%m/%d"),
        at.strftime("%Y%m%dT%H%MZ"),
    )
}
