//! Reads what a proof needs: CloudTrail's keys, digests and log files.

use std::{cell::Cell, io::Write};

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_smithy_types::DateTime;
use flate2::write::MultiGzDecoder;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

use super::{
    chain::Sealed,
    digest::{Digest, Hash, LONGEST},
    proof::Content,
    signature::{Base64, PublicKey},
};
use crate::{
    audit::{Object, Place, Window, objects::time},
    aws::{Aws, error::AwsError},
    connection::Region,
    ui::{Code, Failure, Result, t},
};

/// How far the reading has come.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    pub digests: Cell<u64>,
    pub files: Cell<u64>,
    pub bytes: Cell<u64>,
}

impl Reading {
    pub(super) fn add(to: &Cell<u64>, more: u64) {
        to.set(to.get() + more);
    }
}

/// Returns the keys with which CloudTrail has signed digests of a region since the window began. Each region has keys of its own
/// (CloudTrail API Reference, `ListPublicKeys`).
pub(super) async fn public_keys(
    aws: &Aws,
    region: &Region,
    window: &Window,
) -> Result<Vec<PublicKey>> {
    const BEFORE: SignedDuration = SignedDuration::from_hours(3);
    let since = window.since.checked_sub(BEFORE).unwrap_or(window.since);
    let list = aws
        .cloudtrail_in(region)
        .list_public_keys()
        .start_time(DateTime::from_secs(since.as_second()))
        .end_time(DateTime::from_secs(window.now.as_second()));
    let mut pages = list.into_paginator().send();
    let mut keys = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| {
            let error = AwsError::of("cloudtrail:ListPublicKeys")(error);
            Failure::from(error).hinted(t!("certify-keys-hint", region = region))
        })?;
        keys.extend(
            page.public_key_list
                .into_iter()
                .flatten()
                .filter_map(public_key),
        );
    }
    Ok(keys)
}

fn public_key(key: aws_sdk_cloudtrail::types::PublicKey) -> Option<PublicKey> {
    Some(PublicKey {
        fingerprint: key.fingerprint?,
        value: Base64(key.value?.into_inner()),
        from: time(key.validity_start_time?)?,
        until: time(key.validity_end_time?)?,
    })
}

/// Reads a digest. `None` if it is not there any more.
pub(super) async fn digest(place: &Place<'_>, object: &Object) -> Result<Option<Sealed>> {
    match sealed(place, object).await {
        Ok(sealed) => Ok(Some(sealed)),
        Err(Stop::Absent(_)) => Ok(None),
        Err(stop) => Err(stop.of_digest(&object.key)),
    }
}

/// A digest of which only is asked what it says, not whether it holds.
pub(crate) enum Opened {
    Digest(Box<Digest>),
    /// It is not there any more, or is not a digest.
    Nothing,
    /// It must be restored first.
    Archived,
    /// It is there and may not be read.
    Closed,
}

/// Reads what a digest says.
pub(crate) async fn opened(place: &Place<'_>, object: &Object) -> Result<Opened> {
    match sealed(place, object).await {
        Ok(sealed) => Ok(match Digest::read(&sealed.content.0) {
            Some(digest) => Opened::Digest(Box::new(digest)),
            None => Opened::Nothing,
        }),
        Err(Stop::Absent(_)) => Ok(Opened::Nothing),
        Err(Stop::Archived(_)) => Ok(Opened::Archived),
        Err(stop) if stop.is_closed() => Ok(Opened::Closed),
        Err(stop) => Err(stop.of_digest(&object.key)),
    }
}

/// Reads a digest as it is stored.
async fn sealed(place: &Place<'_>, object: &Object) -> Result<Sealed, Stop> {
    let read = async || -> Result<Sealed, Stop> {
        let found = get(place, &object.key).await?;
        let metadata = found.metadata.clone().unwrap_or_default();
        let content = match object.size {
            // Such an object is not a digest, so it is not read.
            LONGEST.. => Vec::new(),
            _ => found.body.collect().await.map_err(Stop::broken)?.to_vec(),
        };
        Ok(Sealed {
            object: object.key.clone(),
            landed: object.modified,
            content: Base64(content),
            signature: metadata.get("signature").cloned(),
            algorithm: metadata.get("signature-algorithm").cloned(),
        })
    };
    patiently(&object.key, read).await
}

/// Reads a log file and returns the hash of its content, and when it landed.
pub(super) async fn log_file(
    place: &Place<'_>,
    key: &str,
    reading: &Reading,
) -> Result<(Content, Option<Timestamp>)> {
    let read = async || -> Result<(Content, Option<Timestamp>), Stop> {
        let mut found = get(place, key).await?;
        let landed = found.last_modified.take().and_then(time);
        let mut unpacked = Some(MultiGzDecoder::new(Hasher(Sha256::new())));
        while let Some(part) = found.body.try_next().await.map_err(Stop::broken)? {
            Reading::add(&reading.bytes, part.len() as u64);
            unpacked = unpacked.and_then(|mut file| file.write_all(&part).ok().map(|()| file));
        }
        let hash = unpacked.and_then(|file| file.finish().ok());
        let content = hash.map_or(Content::Unreadable, |hash| {
            Content::Sha256(Hash(hash.0.finalize().into()))
        });
        Ok((content, landed))
    };
    let found = match patiently(key, read).await {
        Ok(found) => found,
        Err(Stop::Absent(_)) => (Content::Absent, None),
        Err(Stop::Archived(_)) => (Content::Archived, None),
        Err(stop) => return Err(stop.failure(key, &t!("certify-file-denied"))),
    };
    Reading::add(&reading.files, 1);
    Ok(found)
}

/// Why an object could not be read.
enum Stop {
    Absent(AwsError),
    /// It must be restored first.
    Archived(AwsError),
    Aws(AwsError),
    /// The connection broke while the object came.
    Broken(String),
}

impl Stop {
    fn broken(error: impl std::error::Error) -> Self {
        Self::Broken(error.to_string())
    }

    /// Whether the object is there and may not be read: by a policy, or because of its key.
    fn is_closed(&self) -> bool {
        match self {
            Self::Aws(error) => {
                let code = error.code.as_deref();
                error.is_denied() || code.is_some_and(|code| code.starts_with("KMS."))
            }
            Self::Absent(_) | Self::Archived(_) | Self::Broken(_) => false,
        }
    }

    fn of_digest(self, key: &str) -> Failure {
        match self {
            Self::Archived(_) => {
                Failure::new(Code::Failed, t!("certify-digest-archived", key = key))
                    .hinted(t!("certify-digest-archived-hint"))
            }
            other => other.failure(key, &t!("certify-digest-denied")),
        }
    }

    /// `unproved` is what cannot be proved if the object may not be read.
    fn failure(self, key: &str, unproved: &str) -> Failure {
        match self {
            Self::Aws(error) if error.is_denied() => Failure::from(error).hinted(unproved),
            Self::Absent(error) | Self::Archived(error) | Self::Aws(error) => error.into(),
            Self::Broken(cause) => Failure::new(
                Code::Unreachable,
                t!("certify-broken", key = key, cause = cause),
            ),
        }
    }
}

/// Reads an object that may break off, a few times.
async fn patiently<T>(key: &str, read: impl AsyncFn() -> Result<T, Stop>) -> Result<T, Stop> {
    const TRIES: u32 = 4;
    for attempt in 1..TRIES {
        match read().await {
            Err(Stop::Broken(cause)) => tracing::debug!(key, attempt, cause, "a read broke off"),
            ended => return ended,
        }
    }
    read().await
}

async fn get(place: &Place<'_>, key: &str) -> Result<GetObjectOutput, Stop> {
    let get = place.s3.get_object().bucket(place.bucket).key(key);
    let get = get.set_expected_bucket_owner(place.owner.map(ToString::to_string));
    get.send().await.map_err(|error| {
        let error = AwsError::of("s3:GetObject")(error);
        // S3 API Reference, `GetObject`, "Errors".
        if error.is("NoSuchKey") {
            Stop::Absent(error)
        } else if error.is("InvalidObjectState") {
            Stop::Archived(error)
        } else {
            Stop::Aws(error)
        }
    })
}

/// Hashes what is written to it.
struct Hasher(Sha256);

impl Write for Hasher {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
