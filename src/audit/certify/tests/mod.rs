//! Tests with digests that are signed with real keys.

mod certificates;
mod chains;
mod edges;
mod excuses;
mod files;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    sync::OnceLock,
};

use aws_lc_rs::{
    rand::SystemRandom,
    rsa::{KeyPair, KeySize},
    signature::{KeyPair as _, RSA_PKCS1_SHA256},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::{
    chain::{Chains, Sealed},
    digest::{Digest, Hash, Trail},
    finding::What,
    scope::Scope,
    signature::{Base64, Fault, PublicKey},
};
use crate::audit::Window;

const BUCKET: &str = "logs";
const OURS: &str = "sophos-ct_demo";
static NONE_HEARD: BTreeSet<Trail> = BTreeSet::new();

/// So many hours after the window begins.
fn at(hour: i64) -> Timestamp {
    let since: Timestamp = "2026-11-27T12:00:00Z".parse().unwrap();
    since + SignedDuration::from_hours(hour)
}

/// A day.
fn window() -> Window {
    Window {
        since: at(0),
        until: at(24),
        grace: SignedDuration::from_mins(15),
        now: at(24),
    }
}

fn trail(name: &str) -> Trail {
    Trail {
        name: name.to_owned(),
        home: "eu-west-1".parse().unwrap(),
    }
}

/// One of two keys.
fn signer(number: usize) -> &'static KeyPair {
    static KEYS: [OnceLock<KeyPair>; 2] = [const { OnceLock::new() }; 2];
    KEYS[number].get_or_init(|| KeyPair::generate(KeySize::Rsa2048).unwrap())
}

/// The key of a signer, valid for the whole time.
fn public_key(number: usize) -> PublicKey {
    PublicKey {
        fingerprint: format!("fingerprint {number}"),
        value: Base64(signer(number).public_key().as_ref().to_vec()),
        from: at(-100),
        until: at(100),
    }
}

fn zip(content: &[u8]) -> Vec<u8> {
    let mut zipped = GzEncoder::new(Vec::new(), Compression::default());
    zipped.write_all(content).unwrap();
    zipped.finish().unwrap()
}

fn unzip(zipped: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    GzDecoder::new(zipped).read_to_end(&mut content).unwrap();
    content
}

/// The log file that a trail delivers in the hour that ends then.
fn log(trail: &str, hour: i64) -> String {
    let time = at(hour) - SignedDuration::from_mins(30);
    let (day, name) = (time.strftime("%Y/%m/%d"), time.strftime("%Y%m%dT%H%MZ"));
    let folder = "AWSLogs/111122223333/CloudTrail/eu-west-1";
    // CloudTrail's unique string is made of letters and figures.
    let unique = trail.replace(['-', '_'], "");
    format!("{folder}/{day}/111122223333_CloudTrail_eu-west-1_{name}_{unique}.json.gz")
}

/// The hash of the content of that file.
fn content(trail: &str, hour: i64) -> Hash {
    Hash::of(format!("{trail} {hour}").as_bytes())
}

/// The digest of the hour that ends then.
fn digest_key(trail: &str, hour: i64) -> String {
    let (day, name) = (
        at(hour).strftime("%Y/%m/%d"),
        at(hour).strftime("%Y%m%dT%H%M%SZ"),
    );
    let folder = "AWSLogs/111122223333/CloudTrail-Digest/eu-west-1";
    format!(
        "{folder}/{day}/111122223333_CloudTrail-Digest_eu-west-1_{trail}_eu-west-1_{name}.json.gz"
    )
}

/// A chain of digests as CloudTrail would make it.
struct Story {
    trail: &'static str,
    digests: Vec<Sealed>,
    last: Option<Sealed>,
    /// The bucket of the last digest, as the next one names it.
    bucket: &'static str,
}

impl Story {
    fn of(trail: &'static str) -> Self {
        Self {
            trail,
            digests: Vec::new(),
            last: None,
            bucket: BUCKET,
        }
    }

    /// A day, with a digest for each hour. The chain began before.
    fn day() -> Self {
        let mut story = Self::of(OURS);
        story.sign(0, 0);
        story.digests.clear();
        for hour in 1..=24 {
            story.sign(hour, 0);
        }
        story
    }

    /// Signs the digest of the hour that ends then, with one log file in it.
    fn sign(&mut self, hour: i64, key: usize) {
        let object = digest_key(self.trail, hour);
        let hashes = self.last.as_ref().map(|last| {
            let hash = Hash::of(&unzip(&last.content.0));
            String::from(hash)
        });
        let signature = self.last.as_ref().and_then(|last| last.signature.clone());
        let end = at(hour).strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let document = json!({
            "awsAccountId": "111122223333",
            "digestStartTime": at(hour - 1).strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            "digestEndTime": end,
            "digestS3Bucket": BUCKET,
            "digestS3Object": object,
            "digestPublicKeyFingerprint": format!("fingerprint {key}"),
            "digestSignatureAlgorithm": "SHA256withRSA",
            "newestEventTime": null,
            "oldestEventTime": null,
            "previousDigestS3Bucket": self.last.as_ref().map(|_| self.bucket),
            "previousDigestS3Object": self.last.as_ref().map(|last| &last.object),
            "previousDigestHashValue": hashes,
            "previousDigestHashAlgorithm": self.last.as_ref().map(|_| "SHA-256"),
            "previousDigestSignature": signature,
            "logFiles": [{
                "s3Bucket": BUCKET,
                "s3Object": log(self.trail, hour),
                "hashValue": String::from(content(self.trail, hour)),
                "hashAlgorithm": "SHA-256",
                "newestEventTime": null,
                "oldestEventTime": null,
            }],
        });
        let text = document.to_string();
        let hash = String::from(Hash::of(text.as_bytes()));
        let previous = signature.unwrap_or_else(|| "null".to_owned());
        let signed = format!("{end}\n{BUCKET}/{object}\n{hash}\n{previous}");
        let pair = signer(key);
        let mut signature = vec![0; pair.public_modulus_len()];
        let random = SystemRandom::new();
        pair.sign(
            &RSA_PKCS1_SHA256,
            &random,
            signed.as_bytes(),
            &mut signature,
        )
        .unwrap();
        let sealed = Sealed {
            object,
            landed: at(hour) + SignedDuration::from_mins(5),
            content: Base64(zip(text.as_bytes())),
            signature: Some(hex::encode(signature)),
            algorithm: Some("SHA256withRSA".to_owned()),
        };
        self.last = Some(sealed.clone());
        self.digests.push(sealed);
    }

    /// The digest of the hour that ends then.
    fn digest(&mut self, hour: i64) -> &mut Sealed {
        let object = digest_key(self.trail, hour);
        let mut digests = self.digests.iter_mut();
        digests.find(|digest| digest.object == object).unwrap()
    }

    fn delete(&mut self, hour: i64) {
        let object = digest_key(self.trail, hour);
        self.digests.retain(|digest| digest.object != object);
    }
}

/// Changes one bit of the compressed content.
fn flip(digest: &mut Sealed) {
    let middle = digest.content.0.len() / 2;
    digest.content.0[middle] ^= 1;
}

/// Changes one bit of the signature.
fn flip_signature(digest: &mut Sealed) {
    let mut bytes = hex::decode(digest.signature.take().unwrap()).unwrap();
    bytes[7] ^= 1;
    digest.signature = Some(hex::encode(bytes));
}

/// What is judged for a trail that is known, in a bucket that keeps what is in it.
fn scope<'a>(ours: &'a Trail, window: &'a Window) -> Scope<'a> {
    Scope {
        bucket: BUCKET,
        window,
        own: Some(ours),
        heard: &NONE_HEARD,
        whole_bucket: false,
        heard_since: Timestamp::UNIX_EPOCH,
        home: None,
        signs_since: None,
        expire_after_days: None,
        silent: &[],
        perhaps_another: false,
    }
}

/// Judges digests for a trail that is known.
fn judged<'a>(
    digests: &[Sealed],
    keys: &[PublicKey],
    ours: &'a Trail,
    window: &'a Window,
) -> (Chains<'a>, Vec<(Trail, What)>) {
    judged_for(scope(ours, window), digests, keys)
}

fn judged_for<'a>(
    scope: Scope<'a>,
    digests: &[Sealed],
    keys: &[PublicKey],
) -> (Chains<'a>, Vec<(Trail, What)>) {
    let mut chains = Chains::new(scope);
    for digest in digests {
        chains.add(digest, keys);
    }
    let found = chains.walk();
    (chains, found)
}

/// What is wrong with digests.
fn wrong(digests: &[Sealed], keys: &[PublicKey]) -> Vec<What> {
    let (_, found) = judged(digests, keys, &trail(OURS), &window());
    found.into_iter().map(|(_, what)| what).collect()
}

fn faulty(hour: i64, fault: Fault) -> What {
    What::Faulty {
        digest: digest_key(OURS, hour),
        fault,
        until: at(hour),
    }
}
