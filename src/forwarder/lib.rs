//! The Lambda function: offers each log file's address to Central and streams the stored bytes to where Central wants them.
//!
//! An invocation succeeds only when every wanted file in it was stored, skipped by Central's decision, or reported as gone or
//! archived; otherwise it fails, so that Lambda tries again. Nothing here provisions anything.

#![cfg_attr(not(test), warn(unused_crate_dependencies))]

mod backlog;
mod breaker;
mod central;
mod clock;
mod deliver;
mod egress;
pub mod event;
mod heal;
pub mod host;
pub mod http;
pub mod meter;
mod report;
mod s3;
pub mod settings;
pub mod sign;

use std::{process::ExitCode, sync::Arc, time::Duration};

use lambda_runtime::{Diagnostic, LambdaEvent, service_fn};
use serde_json::{Value, json};
use tokio::time::Instant;

use deliver::Forwarder;
use event::Work;
use heal::Whose;
use report::Report;
use settings::Settings;
pub use settings::env;

/// The version of the function and of the program that deploys it: they are released together.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Time kept free before the invocation's end, to say why it failed.
const MARGIN: Duration = Duration::from_secs(2);

/// Whether the Lambda runtime started this process as a forwarder. The runtime's own variable is not enough: it is also set if
/// a function that is not ours runs this program.
#[must_use]
pub fn started_by_lambda() -> bool {
    let set = |name| std::env::var_os(name).is_some();
    set("AWS_LAMBDA_RUNTIME_API") && set(env::CONNECTION) && set(env::INGEST_URL)
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
            report::line(&json!({ "level": "error", "error": error.to_string() }));
            return ExitCode::FAILURE;
        }
    };
    let served = runtime.block_on(async {
        let forwarder = Arc::new(Forwarder::new(Settings::from_env()?)?);
        lambda_runtime::run(service_fn(move |event: LambdaEvent<Value>| {
            let forwarder = Arc::clone(&forwarder);
            async move { handle(&forwarder, &event.payload, deadline(&event)).await }
        }))
        .await
    });
    match served {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report::line(&json!({ "level": "error", "error": error.to_string() }));
            ExitCode::FAILURE
        }
    }
}

/// Returns the invocation's end, less the margin.
fn deadline(event: &LambdaEvent<Value>) -> Instant {
    let left = event
        .context
        .deadline()
        .duration_since(std::time::SystemTime::now())
        .unwrap_or_default();
    Instant::now() + left.saturating_sub(MARGIN)
}

/// Handles one invocation: its own files first, then what Central knows to be missing.
async fn handle(
    forwarder: &Forwarder,
    event: &Value,
    deadline: Instant,
) -> Result<Value, Diagnostic> {
    let settings = &forwarder.settings;
    let Work {
        objects,
        probe,
        ignored,
    } = event::read(event, &settings.bucket, &settings.prefix);
    let mut report = Report::new(&settings.function);
    for (reason, count) in ignored {
        report.ignore(reason, count);
    }
    let count = objects.len();
    let files = u32::try_from(count).unwrap_or(u32::MAX);
    forwarder.meter.allow(meter::own(files));
    forwarder.central.breaker.begin();
    // The files are tried even if the sign-in fails.
    let probed = if probe {
        let probed = tokio::time::timeout_at(deadline, forwarder.probe()).await;
        probed.unwrap_or_else(|_| Err("sign-in: the deadline came first".to_owned()))
    } else {
        Ok(())
    };
    forwarder
        .move_all(objects, Whose::Own, deadline, &mut report)
        .await;
    let failed = report
        .failed()
        .map(|(failed, first)| format!("{failed} of {count} files not delivered: {first}"));
    if failed.is_none() && probed.is_ok() {
        forwarder.heal(deadline, &mut report).await;
    }
    report.ignored();
    let failed = failed.map(|text| ("NotDelivered", text));
    match failed.or(probed.err().map(|text| ("NotSignedIn", text))) {
        Some((kind, text)) => Err(Diagnostic {
            error_type: kind.to_owned(),
            error_message: text,
        }),
        None => Ok(report.answer(probe)),
    }
}
