//! The log of `-v` and `--log-file`.

use std::{
    fs::File,
    io::{Error, ErrorKind, Write},
    path::Path,
    sync::Mutex,
};

use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, registry};

use crate::{
    cli::Globals,
    ui::{Code, Failure, Printer, Result, beside, live::Above, t},
};

/// The first error that kept a line out of the file.
static LOST: Mutex<Option<Error>> = Mutex::new(None);

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
        Some(path) => {
            let file = File::create(path).map_err(|error| unwritable(path, &error))?;
            let file = Mutex::new(Kept(file));
            fmt::layer().json().with_writer(file).boxed()
        }
        None => fmt::layer().with_ansi(false).with_writer(|| Above).boxed(),
    };
    let subscriber = registry().with(layer.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))?;
    match &globals.log_file {
        Some(path) => begin(path),
        None => Ok(()),
    }
}

/// Writes the first line, so that a disk that is full is known before anything else is done.
fn begin(path: &Path) -> Result<()> {
    tracing::debug!(version = crate::VERSION, "begin");
    match lost() {
        Some(error) => Err(unwritable(path, &error)),
        None => Ok(()),
    }
}

/// Warns if lines were kept out of the file: what the command has done stands all the same.
pub(super) fn warn_of_loss(globals: &Globals, printer: Printer) {
    if let Some(path) = &globals.log_file
        && let Some(error) = lost()
    {
        let path = path.display();
        printer.warn(&t!("log-incomplete", file = path, cause = error));
    }
}

fn lost() -> Option<Error> {
    LOST.lock().expect("nobody panics while holding it").take()
}

fn unwritable(path: &Path, cause: &Error) -> Failure {
    beside::failed(Code::Usage, "--log-file", path, cause)
}

/// A file that notes the first error. The log itself drops a line that it cannot write.
struct Kept(File);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.0.write(bytes);
        if let Err(error) = &written
            && error.kind() != ErrorKind::Interrupted
        {
            let mut lost = LOST.lock().expect("nobody panics while holding it");
            let number = error.raw_os_error();
            let copy = number.map_or_else(|| Error::from(error.kind()), Error::from_raw_os_error);
            lost.get_or_insert(copy);
        }
        written
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}
