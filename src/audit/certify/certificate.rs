//! The certificate: everything that is needed to verify a proof again, without AWS and without Central.
//!
//! It is one JSON document. But it may be long, so it is also written and read line by line: a first line with what it is about, a
//! line for each record, and two lines at the end. The last one has a SHA-256 of everything before it, so that damage is noticed;
//! what cannot be forged are CloudTrail's signatures.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tempfile::SpooledTempFile;

use super::{
    Subject, chain::Sealed, digest::Trail, finding::Finding, proof::File, scope::Scope,
    signature::PublicKey, silent::Silent,
};
use crate::{
    audit::{Folder, Window},
    connection::{AccountId, ConnectionId, ConnectionName, Feed, Region},
    ui::{
        Code, Failure, Result,
        beside::{self, Beside, Readers},
    },
};

/// The version of the format.
pub(super) const FORMAT: u32 = 1;
/// What the last line but one begins with.
pub(super) const COUNTS: &str = "\"counts\":";
/// What the last line begins with.
pub(super) const HASH: &str = "\"sha256\":";

/// What a certificate is about.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Header {
    pub(super) certificate: u32,
    pub tool: String,
    pub made_at: Timestamp,
    pub connection: ConnectionName,
    pub connection_id: ConnectionId,
    pub tenant: String,
    pub bucket: String,
    /// The connection's trail, if it is known.
    pub trail: Option<Trail>,
    /// The trails that notify the connection's topic, so that the function hears of their files.
    #[serde(default)]
    pub(super) heard: BTreeSet<Trail>,
    /// Whether the function hears of the files of all trails.
    pub(super) whole_bucket: bool,
    /// Nobody announced to the connection what landed before.
    pub(super) heard_since: Timestamp,
    /// The folder of log files beside which there must be digests of the connection's trail, if there is one.
    pub(super) home: Option<String>,
    /// Since when the connection's own trail must have signed there.
    pub(super) signs_since: Option<Timestamp>,
    /// The days after which the bucket lets log files and digests expire, as far as S3 shows its rules.
    pub(super) expire_after_days: Option<i32>,
    /// Trails that write into the same bucket and have no digests, of those that show in the connection's region.
    #[serde(default)]
    pub(super) silent: Vec<Silent>,
    pub since: Timestamp,
    pub until: Timestamp,
    pub(super) grace_seconds: i64,
}

impl Header {
    /// `home` is the folder in which there must be digests.
    pub(super) fn new(subject: &Subject<'_>, trail: Option<Trail>, home: Option<Folder>) -> Self {
        let (source, window, design) = (subject.source, subject.window, subject.design);
        Self {
            certificate: FORMAT,
            tool: format!("sophos-ct {}", crate::VERSION),
            made_at: window.now,
            connection: source.connection.name.clone(),
            connection_id: source.connection.id,
            tenant: source.central.tenant().id.clone(),
            bucket: source.place.bucket.to_owned(),
            trail,
            heard: source
                .trails
                .map_or_else(BTreeSet::new, |trails| trails.heard().clone()),
            whole_bucket: design.feed.is_of_bucket(),
            heard_since: source.heard_since,
            signs_since: home.as_ref().and_then(|_| signs_since(subject)),
            home: home.map(|folder| folder.logs),
            expire_after_days: subject.expire_after_days,
            silent: Silent::among(subject.shown, design, source.place),
            since: window.since,
            until: window.until,
            grace_seconds: window.grace.as_secs(),
        }
    }

    /// The time that the certificate is about.
    #[must_use]
    pub(super) fn window(&self) -> Window {
        Window {
            since: self.since,
            until: self.until,
            grace: jiff::SignedDuration::from_secs(self.grace_seconds),
            now: self.made_at,
        }
    }

    /// What digests and log files of this window, which is that of the header, are judged for.
    #[must_use]
    pub(super) fn scope<'a>(&'a self, window: &'a Window) -> Scope<'a> {
        Scope {
            bucket: &self.bucket,
            window,
            own: self.trail.as_ref(),
            heard: &self.heard,
            whole_bucket: self.whole_bucket,
            heard_since: self.heard_since,
            home: self.home.as_deref(),
            signs_since: self.signs_since,
            expire_after_days: self.expire_after_days,
            silent: &self.silent,
            perhaps_another: false,
        }
    }
}

/// Since when a trail of ours must have signed: setup makes it with log file validation. One that was there before may have begun
/// to sign later.
fn signs_since(subject: &Subject<'_>) -> Option<Timestamp> {
    let created = subject.source.connection.created_at.parse::<Timestamp>();
    let created = created.ok().filter(|_| subject.design.feed == Feed::New)?;
    Some(created.max(subject.window.since))
}

/// A record. Those of a folder come together: where they are, the keys of the region, the digests, the log files, and
/// what is wrong with the chains. Trails without digests that only the region of the folder shows come before the first log file that
/// may be theirs.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Record {
    Folder(Where),
    Key(PublicKey),
    Digest(Sealed),
    Silent(Silent),
    File(File),
    Finding(Finding),
}

/// An account and region, and the folder of its log files: one folder of the account's own trail, and one for each organization.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Where {
    pub(super) account: AccountId,
    pub(super) region: Region,
    pub(super) folder: String,
}

/// The records of a folder, a line for each; none if nobody wants them. They are in memory while they are few, in a
/// file without a name beyond that.
pub(super) struct Records(Option<SpooledTempFile>);

impl Records {
    const IN_MEMORY: usize = 1024 * 1024;

    pub(super) fn new(wanted: bool) -> Self {
        Self(wanted.then(|| SpooledTempFile::new(Self::IN_MEMORY)))
    }

    pub(super) fn push(&mut self, record: &Record) -> Result<()> {
        if let Some(file) = &mut self.0 {
            writeln!(file, "{}", line(record))?;
        }
        Ok(())
    }
}

/// A value as one line of JSON: a text in it has no line end.
fn line(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("what a certificate says is JSON")
}

/// Writes a certificate. Only its owner may read it.
pub(super) struct Writer {
    path: PathBuf,
    file: BufWriter<Beside>,
    hash: Sha256,
    /// Nothing before the first record.
    comma: &'static str,
}

impl Writer {
    pub(super) fn create(path: &Path, header: &Header) -> Result<Self> {
        let file = Beside::create(path, Readers::Owner);
        let mut writer = Self {
            file: BufWriter::new(file.map_err(|error| failed(path, &error))?),
            path: path.to_owned(),
            hash: Sha256::new(),
            comma: "",
        };
        let header = line(header);
        let header = header.strip_suffix('}').expect("an object");
        writer.write(&format!("{header},\"records\":["))?;
        Ok(writer)
    }

    /// Adds the records of a folder.
    pub(super) fn append(&mut self, records: Records) -> Result<()> {
        let Some(mut file) = records.0 else {
            return Ok(());
        };
        file.seek(SeekFrom::Start(0))?;
        for record in BufReader::new(file).lines() {
            let comma = std::mem::replace(&mut self.comma, ",");
            self.write(&format!("{comma}\n{}", record?))?;
        }
        Ok(())
    }

    /// Ends the certificate and puts it into its place.
    pub(super) fn finish(mut self, counts: &Map<String, Value>) -> Result<()> {
        self.write(&format!("\n],\n{COUNTS}{},\n", line(counts)))?;
        let hash = hex::encode(self.hash.clone().finalize());
        self.write(&format!("{HASH}\"{hash}\"}}\n"))?;
        let path = self.path;
        let file = self.file.into_inner();
        let file = file.map_err(|error| failed(&path, error.error()))?;
        file.finish().map_err(|error| failed(&path, &error))
    }

    fn write(&mut self, text: &str) -> Result<()> {
        self.hash.update(text.as_bytes());
        let written = self.file.write_all(text.as_bytes());
        written.map_err(|error| failed(&self.path, &error))
    }
}

fn failed(path: &Path, cause: &std::io::Error) -> Failure {
    beside::failed(Code::Failed, "--out", path, cause)
}
