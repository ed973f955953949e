//! Delivers one log file: offers it to Central, and streams it from the bucket to where Central wants it.

use std::{
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

use serde_json::Value;

use crate::{
    backlog::Backlog,
    central::{Central, Decided, Decision, Refused, Sent, Upload},
    clock::Clock,
    egress,
    event::Object,
    http::Moved,
    meter::Meter,
    report::{Outcome, Trouble},
    s3::{Denial, Found, Reach, S3},
    settings::Settings,
};

/// Attempts at one of the invocation's own files, and the pause before each.
pub(crate) const ROUNDS: &[Duration] = &[
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(1000),
];
/// A file that Central has asked for is tried once, since Central asks again.
pub(crate) const ONE_ROUND: &[Duration] = &[Duration::ZERO];
/// A successful probe is not repeated within this time, so that a burst of validation messages costs only one.
const PROBED: Duration = Duration::from_secs(15);
/// After a denial, the function checks whether the whole bucket is unreadable, but not again within this time.
const LOOKED: Duration = Duration::from_secs(300);

/// Moves files. There is one for the life of the process.
pub(crate) struct Forwarder {
    pub settings: Settings,
    pub central: Central,
    pub s3: S3,
    pub meter: Arc<Meter>,
    pub backlog: Mutex<Backlog>,
    clock: Clock,
    looks: Mutex<Looks>,
}

/// When the bucket was last probed, and when it was last checked.
#[derive(Default)]
struct Looks {
    probed: Option<SystemTime>,
    looked: Option<SystemTime>,
}

impl Forwarder {
    pub(crate) fn new(settings: Settings) -> Result<Self, String> {
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

    /// Signs in again and reports whether the bucket can be read. Shortly after a successful probe it does nothing.
    pub(crate) async fn probe(&self) -> Result<(), String> {
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

    /// Checks whether the bucket can be read, with another file than `denied`.
    async fn look(&self, denied: Option<&str>) -> Value {
        self.looks().looked = Some(self.clock.now());
        self.s3.check_read(&self.settings, denied).await
    }

    /// Checks the bucket after an object was denied, since other objects may still be readable; not more often than `LOOKED`
    /// allows.
    async fn look_around(&self, denied: &str) {
        let looked = self.looks().looked;
        if looked.is_none_or(|at| self.clock.passed(at, LOOKED)) {
            let checks = self.look(Some(denied)).await;
            self.central.note_read(checks);
        }
    }

    /// Delivers one file, or learns that Central does not want it. A transfer that breaks is begun again with a new offer:
    /// either the broken one left no receipt, or the answer to the new offer says that it did.
    pub(crate) async fn deliver(
        &self,
        object: &Object,
        rounds: &[Duration],
    ) -> Result<Outcome, Trouble> {
        let mut trouble = Trouble {
            text: String::new(),
            offered: false,
        };
        for (round, pause) in rounds.iter().enumerate() {
            if round > 0 {
                tokio::time::sleep(*pause).await;
            }
            match self.attempt(object, &mut trouble.offered).await {
                Ok(outcome) => return Ok(outcome),
                Err(Undelivered { text, again }) => {
                    trouble.text = text;
                    if !again {
                        break;
                    }
                }
            }
        }
        Err(trouble)
    }

    /// Offers the file, and streams it if Central wants it. `offered` is set as soon as Central knows of the file.
    async fn attempt(&self, object: &Object, offered: &mut bool) -> Result<Outcome, Undelivered> {
        let Decided { decision, retry } = match self.central.offer(&self.settings, object).await {
            Ok(decided) => decided,
            Err(Refused::Deleted) => return Ok(Outcome::Skipped("deleted")),
            Err(refused) => return Err(Undelivered::for_now(refused.text())),
        };
        *offered = true;
        self.backlog().retry(retry);
        let upload = match decision {
            Decision::Upload(upload) => upload,
            Decision::Skip(reason) => return Ok(Outcome::Skipped(reason)),
        };
        match self.s3.get(&self.settings, &object.key).await {
            Found::There(source) => {
                self.central.note_readable();
                self.stream(source, &upload).await
            }
            Found::Gone => Ok(Outcome::Gone),
            Found::Archived(detail) => Ok(Outcome::Archived(detail)),
            Found::Denied(denial) => self.denied(object, denial).await,
            Found::Failed(error) => Err(Undelivered::try_again(error)),
        }
    }

    /// Notes what S3's denial says about the bucket as a whole.
    async fn denied(&self, object: &Object, denial: Denial) -> Result<Outcome, Undelivered> {
        if denial.of == Reach::Object {
            self.look_around(&object.key).await;
        } else {
            let checks = serde_json::json!({ "read": false, "detail": denial.detail });
            self.central.note_read(checks);
        }
        if denial.of == Reach::Bucket {
            // This says nothing about the file itself. Central asks for it again sooner than for a file that is reported as
            // denied.
            return Err(Undelivered::for_now(denial.detail));
        }
        Ok(Outcome::Denied(denial.detail))
    }

    /// Streams the object's bytes from S3 to where Central wants them.
    async fn stream(
        &self,
        source: reqwest::Response,
        upload: &Upload,
    ) -> Result<Outcome, Undelivered> {
        let Some(length) = source.content_length() else {
            let text = "S3 did not say how long the object is".to_owned();
            return Err(Undelivered::for_now(text));
        };
        let moved = Moved::default();
        let body = reqwest::Body::wrap_stream(moved.watching(source.bytes_stream()));
        let sent = self
            .central
            .upload(&self.settings, upload, length, body, &moved);
        match sent.await {
            Sent::Stored => Ok(Outcome::Stored(length)),
            Sent::Expired => {
                let text = "the upload URL had expired".to_owned();
                Err(Undelivered::try_again(text))
            }
            Sent::Broken(error) => Err(Undelivered::try_again(error)),
            Sent::Failed(error) => Err(Undelivered::for_now(error)),
        }
    }
}

/// Why an attempt did not deliver a file.
struct Undelivered {
    text: String,
    /// Whether another attempt in the same invocation can help.
    again: bool,
}

impl Undelivered {
    fn try_again(text: String) -> Self {
        Self { text, again: true }
    }

    fn for_now(text: String) -> Self {
        Self { text, again: false }
    }
}
