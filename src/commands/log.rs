//! The log of `-v` and `--log-file`.

use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, registry};

use crate::{
    cli::Globals,
    ui::{Code, Failure, Result, live::Above},
};

/// Starts the log, if one is asked for: lines for people on stderr, or lines of JSON in a file. It takes our own events only:
/// those of the SDK could carry signed headers and bodies, which are never written (SPEC 2.5).
pub(super) fn start(globals: &Globals) -> Result<()> {
    if globals.verbose == 0 && globals.log_file.is_none() {
        return Ok(());
    }
    let level = if globals.verbose > 1 {
        tracing::Level::TRACE
    } else {
        tracing::Level::DEBUG
    };
    let ours = Targets::new().with_target("sophos_ct", level);
    let layer = match &globals.log_file {
        Some(file) => {
            let file = std::fs::File::create(file)
                .map_err(|error| Failure::usage(format!("--log-file: {error}")))?;
            let file = std::sync::Mutex::new(file);
            fmt::layer().json().with_writer(file).boxed()
        }
        None => fmt::layer().with_ansi(false).with_writer(|| Above).boxed(),
    };
    let subscriber = registry().with(layer.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))
}
