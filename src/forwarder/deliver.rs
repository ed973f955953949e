//! One log file: offered, and streamed from the bucket to where Central wants it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::{
    backlog::Backlog,
    central::{Central, Decided, Decision, Refused, Sent},
    clock::Clock,
    egress,
    event::Object,
    http::Moved,
    meter::Meter,
    report::{Outcome, Trouble},
    s3::{Found, Reach, S3},
    settings::Settings,
};

/// Attempts at one of the invocation's own files, and the pause before each.
pub const ROUNDS: &[Duration] = &[
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(1000),
];
/// One that Central has asked for is tried once: it asks again.
pub const ONE_ROUND: &[Duration] = &[Duration::ZERO];
/// A probe that went well is not repeated within this time: a storm of validation messages costs one.
const PROBED: Duration = Duration::from_secs(15);
/// After a denial it is looked whether the whole bucket cannot be read, no sooner than this after the last look.
const LOOKED: Duration = Duration::from_secs(300);

/// Moves files. One for the life of the process.
pub struct Forwarder {
    pub settings: Settings,
    pub central: Central,
    pub s3: S3,
    pub meter: Arc<Meter>,
    pub backlog: Mutex<Backlog>,
    clock: Clock,
    looks: Mutex<Looks>,
}

/// When the bucket was looked at.
#[derive(Default)]
struct Looks {
    probed: Option<SystemTime>,
    looked: Option<SystemTime>,
}

impl Forwarder {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let http = egress::client(&settings)?;
        let meter = Arc::new(Meter::default());
        Ok(Self {
            central: Central::new(http.clone(), Arc::clone(&meter)),
            s3: S3::new(http, Arc::clone(&meter)),
            meter,
            backlog: Mutex::default(),
            clock: Clock::default(),
            looks: Mutex::default(),
            settings,
        })
    }

    pub(crate) fn backlog(&self) -> std::sync::MutexGuard<'_, Backlog> {
        self.backlog.lock().expect("nobody panics while holding it")
    }

    fn looks(&self) -> std::sync::MutexGuard<'_, Looks> {
        self.looks.lock().expect("nobody panics while holding it")
    }

    /// Signs in anew and reports whether the bucket can be read; not again right after it has.
    pub async fn probe(&self) -> Result<(), String> {
        let probed = self.looks().probed;
        if probed.is_some_and(|at| !self.clock.passed(at, PROBED)) {
            return Ok(());
        }
        let checks = self.look(None).await;
        match self.central.sign_in_with(&self.settings, checks).await {
            Ok(()) | Err(Refused::Deleted) => {
                self.looks().probed = Some(self.clock.now());
                Ok(())
            }
            Err(refused) => Err(refused.text()),
        }
    }

    /// Whether the bucket can be read, tried on another file than `denied`.
    async fn look(&self, denied: Option<&str>) -> Value {
        self.looks().looked = Some(self.clock.now());
        self.s3.check_read(&self.settings, denied).await
    }

    /// An object is denied. Others may be read all the same: that is looked for, now and then.
    async fn look_around(&self, denied: &str) {
        let looked = self.looks().looked;
        if looked.is_none_or(|at| self.clock.passed(at, LOOKED)) {
            let checks = self.look(Some(denied)).await;
            self.central.note_read(checks);
        }
    }

    /// Delivers one file, or learns that Central does not want it. A transfer that breaks is begun again with a new offer: it
    /// has left no receipt, or the offer's answer says that it has.
    pub async fn deliver(&self, object: &Object, rounds: &[Duration]) -> Result<Outcome, Trouble> {
        let mut last = Trouble {
            text: String::new(),
            offered: false,
        };
        for (round, pause) in rounds.iter().enumerate() {
            if round > 0 {
                tokio::time::sleep(*pause).await;
            }
            let Decided { decision, retry } = match self.central.offer(&self.settings, object).await
            {
                Ok(decided) => decided,
                Err(Refused::Deleted) => return Ok(Outcome::Skipped("deleted")),
                Err(refused) => {
                    last.text = refused.text();
                    return Err(last);
                }
            };
            last.offered = true;
            self.backlog().retry(retry);
            let upload = match decision {
                Decision::Upload(upload) => upload,
                Decision::Skip(reason) => return Ok(Outcome::Skipped(reason)),
            };
            let source = match self.s3.get(&self.settings, &object.key).await {
                Found::There(source) => source,
                Found::Gone => return Ok(Outcome::Gone),
                Found::Archived(detail) => return Ok(Outcome::Archived(detail)),
                Found::Denied(denial) => {
                    if denial.of == Reach::Object {
                        self.look_around(&object.key).await;
                    } else {
                        let checks = serde_json::json!({ "read": false, "detail": denial.detail });
                        self.central.note_read(checks);
                    }
                    if denial.of == Reach::Bucket {
                        // It says nothing of this file, which is asked for again sooner than one that is reported.
                        last.text = denial.detail;
                        return Err(last);
                    }
                    return Ok(Outcome::Denied(denial.detail));
                }
                Found::Failed(error) => {
                    last.text = error;
                    continue;
                }
            };
            self.central.note_readable();
            let Some(length) = source.content_length() else {
                last.text = "S3 did not say how long the object is".to_owned();
                return Err(last);
            };
            let moved = Moved::default();
            let body = reqwest::Body::wrap_stream(moved.watching(source.bytes_stream()));
            let sent = self
                .central
                .upload(&self.settings, &upload, length, body, &moved);
            match sent.await {
                Sent::Stored => return Ok(Outcome::Stored(length)),
                Sent::Expired => last.text = "the upload URL had ended".to_owned(),
                Sent::Broken(error) => last.text = error,
                Sent::Failed(error) => {
                    last.text = error;
                    return Err(last);
                }
            }
        }
        Err(last)
    }
}
