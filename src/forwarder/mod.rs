//! The Lambda function: offers each log file's address to Central and streams the stored bytes where they are wanted.
//!
//! An invocation succeeds only when every wanted file in it was stored, or skipped by Central's decision; otherwise it
//! fails, so that Lambda tries again. Nothing here provisions anything.

pub mod event;
mod log;
pub mod sign;
mod transfer;

use std::{process::ExitCode, sync::Arc, time::Duration};

use futures::{StreamExt, stream};
use lambda_runtime::{LambdaEvent, service_fn};
use serde_json::{Value, json};

use event::{Object, Work};
use transfer::{Forwarder, Outcome};

/// Files of one invocation that are moved at the same time.
const AT_ONCE: usize = 4;

/// Environment variables of the function: what `setup` writes and the forwarder reads.
pub mod env {
    pub const INGEST_URL: &str = "SOPHOS_CT_INGEST_URL";
    /// Comma-separated `host` or `host:port`.
    pub const UPLOAD_HOSTS: &str = "SOPHOS_CT_UPLOAD_HOSTS";
    pub const BUCKET: &str = "SOPHOS_CT_BUCKET";
    /// Key prefix, without slashes at its edges; may be empty.
    pub const PREFIX: &str = "SOPHOS_CT_PREFIX";
    pub const ACCOUNT: &str = "SOPHOS_CT_ACCOUNT";
    pub const PARTITION: &str = "SOPHOS_CT_PARTITION";
    /// Only where every endpoint is loopback (sandbox).
    pub const ENDPOINT: &str = "AWS_ENDPOINT_URL";
}

/// Whether the Lambda runtime started this process.
#[must_use]
pub fn started_by_lambda() -> bool {
    std::env::var_os("AWS_LAMBDA_RUNTIME_API").is_some()
}

/// Serves invocations until the runtime ends the process.
#[must_use]
pub fn run() -> ExitCode {
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            log::line(&json!({ "level": "error", "message": error.to_string() }));
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(async {
        let forwarder = Arc::new(Forwarder::from_env()?);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            let forwarder = Arc::clone(&forwarder);
            async move { handle(&forwarder, &event.payload, remaining(&event)).await }
        }))
        .await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::line(&json!({ "level": "error", "message": error.to_string() }));
            ExitCode::FAILURE
        }
    }
}

/// Time until the invocation's deadline, less a margin to say why it failed.
fn remaining(event: &LambdaEvent<Value>) -> Duration {
    event
        .context
        .deadline()
        .duration_since(std::time::SystemTime::now())
        .unwrap_or_default()
        .saturating_sub(Duration::from_secs(2))
}

/// One invocation. The answer counts what became of the files in it.
async fn handle(
    forwarder: &Forwarder,
    event: &Value,
    remaining: Duration,
) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
    let Work {
        objects,
        probe,
        ignored,
    } = event::read(
        event,
        &forwarder.settings.bucket,
        &forwarder.settings.prefix,
    );
    if probe {
        forwarder.probe().await?;
    }
    let moved = stream::iter(objects)
        .map(|object| one(forwarder, object))
        .buffer_unordered(AT_ONCE);
    let outcomes: Vec<Result<Outcome, String>> =
        match tokio::time::timeout(remaining, moved.collect()).await {
            Ok(outcomes) => outcomes,
            Err(_) => return Err("the deadline is near: what is left is tried again".into()),
        };
    let count = |wanted: Outcome| {
        outcomes
            .iter()
            .filter(|outcome| outcome.as_ref() == Ok(&wanted))
            .count()
    };
    let failed: Vec<&String> = outcomes
        .iter()
        .filter_map(|outcome| outcome.as_ref().err())
        .collect();
    if let Some(first) = failed.first() {
        return Err(format!(
            "{} of {} files not delivered: {first}",
            failed.len(),
            outcomes.len()
        )
        .into());
    }
    Ok(json!({
        "stored": count(Outcome::Stored),
        "skipped": count(Outcome::Skipped),
        "gone": count(Outcome::Gone),
        "ignored": ignored,
        "signedIn": probe,
    }))
}

/// One file, and its line in the log.
async fn one(forwarder: &Forwarder, object: Object) -> Result<Outcome, String> {
    let begun = std::time::Instant::now();
    let moved = forwarder.deliver(&object).await;
    let milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
    let mut line =
        json!({ "bucket": object.bucket, "key": object.key, "milliseconds": milliseconds });
    match &moved {
        Ok(moved) => {
            line["outcome"] = moved.outcome.as_str().into();
            if let Some(reason) = &moved.reason {
                line["reason"] = reason.clone().into();
            }
            if let Some(bytes) = moved.bytes {
                line["bytes"] = bytes.into();
            }
        }
        Err(error) => {
            line["level"] = "error".into();
            line["outcome"] = "failed".into();
            line["error"] = error.clone().into();
        }
    }
    log::line(&line);
    moved.map(|moved| moved.outcome)
}
