//! One log file: offered, and streamed from the bucket to where Central wants it.

use std::{sync::Mutex, time::Duration};

use serde_json::json;

use super::{
    central::{Central, Refused, Sent},
    egress,
    event::Object,
    heal::Backlog,
    s3::{Found, S3},
    settings::Settings,
};

/// Attempts at one file in one invocation, and the pause before each.
const ROUNDS: [Duration; 3] = [
    Duration::ZERO,
    Duration::from_millis(200),
    Duration::from_millis(1000),
];

/// Moves files. One for the life of the process.
pub struct Forwarder {
    pub settings: Settings,
    pub(super) central: Central,
    pub(super) s3: S3,
    pub(super) backlog: Mutex<Backlog>,
}

/// What became of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Durably at Central; its bytes.
    Stored(u64),
    /// Central did not want it; why.
    Skipped(String),
    /// Deleted from the bucket before it could be read: not an error for ever.
    Gone,
}

impl Forwarder {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let http = egress::client(&settings)?;
        Ok(Self {
            central: Central::new(http.clone()),
            s3: S3::new(http),
            backlog: Mutex::default(),
            settings,
        })
    }

    /// Signs in anew and reports whether the bucket can be read.
    pub async fn probe(&self) -> Result<(), String> {
        let checks = self.s3.check_read(&self.settings).await;
        self.central.note_read(checks).await;
        self.central.sign_out().await;
        match self.central.sign_in(&self.settings).await {
            Ok(()) | Err(Refused::Deleted) => Ok(()),
            Err(refused) => Err(refused.text()),
        }
    }

    /// Delivers one file, or learns that Central does not want it. A transfer that breaks is begun again with a new offer: it
    /// has left no receipt, or the offer's answer says that it has.
    pub async fn deliver(&self, object: &Object) -> Result<Outcome, String> {
        let mut trouble = String::new();
        for (round, pause) in ROUNDS.into_iter().enumerate() {
            if round > 0 {
                tokio::time::sleep(pause).await;
            }
            let decision = match self.central.offer(&self.settings, object).await {
                Ok(decision) => decision,
                Err(Refused::Deleted) => return Ok(Outcome::Skipped("deleted".to_owned())),
                Err(Refused::Other(text)) => return Err(text),
            };
            self.backlog().retry(decision.retry);
            let Some(upload) = decision.upload.filter(|_| decision.decision == "upload") else {
                return Ok(Outcome::Skipped(decision.reason.unwrap_or_default()));
            };
            let source = match self.s3.get(&self.settings, &object.key).await {
                Found::There(source) => source,
                Found::Gone => return Ok(Outcome::Gone),
                Found::Denied(error) => {
                    let checks = json!({ "read": false, "detail": error });
                    self.central.note_read(checks).await;
                    return Err(error);
                }
                Found::Failed(error) => {
                    trouble = error;
                    continue;
                }
            };
            self.central.note_readable().await;
            let Some(length) = source.content_length() else {
                return Err("S3 did not say how long the object is".to_owned());
            };
            let body = reqwest::Body::wrap_stream(source.bytes_stream());
            let sent = self
                .central
                .upload(&self.settings, &upload, length, body, round == 0)
                .await?;
            trouble = match sent {
                Sent::Stored => return Ok(Outcome::Stored(length)),
                Sent::Expired => "the upload URL had ended".to_owned(),
                Sent::Broken(error) => error,
            };
        }
        Err(trouble)
    }
}
