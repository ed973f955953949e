//! `completions`: the script with which a shell asks for what fits, and the answers. An answer is quick and silent: what cannot be
//! looked up in time is not offered.

use std::{
    cell::RefCell,
    ffi::OsStr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::Command;
use clap_complete::{
    ArgValueCompleter, CompleteEnv, CompletionCandidate, Shell,
    env::{EnvCompleter, Shells},
};
use secrecy::SecretString;

use super::session::{self, said, variable};
use crate::{
    answers::{Trail, fits},
    aws::{self, Aws},
    central::{self, Central},
    cli,
    connection::Region,
    resources::{seen::Seen, trail},
};

/// The variable that the script sets when it asks. Its value is the name of the shell.
const ASKED: &str = "SOPHOS_CT_COMPLETE";
/// How long whoever presses Tab waits.
const PATIENCE: Duration = Duration::from_secs(2);

/// Answers a shell that asks for what fits. Returns nothing if none asks.
pub(super) fn answer() -> Option<ExitCode> {
    let folder = std::env::current_dir().ok();
    let asked = CompleteEnv::with_factory(command)
        .var(ASKED)
        .bin(cli::PROGRAM)
        .try_complete(std::env::args_os(), folder.as_deref());
    match asked {
        Ok(false) => None,
        Ok(true) => Some(ExitCode::SUCCESS),
        Err(_) => Some(ExitCode::FAILURE),
    }
}

/// Returns the script of a shell.
pub(super) fn script(shell: Shell) -> std::io::Result<Vec<u8>> {
    let shells = Shells::builtins();
    let completer: &dyn EnvCompleter = shells
        .completer(&shell.to_string())
        .expect("each shell of the library has a completer");
    let mut text = Vec::new();
    let program = program();
    let program = program.to_string_lossy();
    completer.write_registration(ASKED, cli::PROGRAM, cli::PROGRAM, &program, &mut text)?;
    Ok(text)
}

/// The program as it was called: by its name where the shell has found it, otherwise by its full path.
fn program() -> PathBuf {
    let called = std::env::args_os().next().map(PathBuf::from);
    let called = called.filter(|path| path.components().count() > 1);
    let full = called.and_then(|path| std::path::absolute(path).ok());
    full.unwrap_or_else(|| Path::new(cli::PROGRAM).to_owned())
}

/// Looks up what a word may go on to.
type Look = fn(&OsStr) -> Vec<CompletionCandidate>;

/// The command line, with what only Central and AWS know.
fn command() -> Command {
    cli::command().mut_subcommands(|command| {
        let known: [(&str, Look); 2] = [("connection", connections), ("trail", trails)];
        known.into_iter().fold(command, |command, (id, look)| {
            if command.get_arguments().any(|arg| arg.get_id() == id) {
                command.mut_arg(id, |arg| arg.add(ArgValueCompleter::new(look)))
            } else {
                command
            }
        })
    })
}

/// The names of the connections that begin with what is typed, among the first ones of the tenant. Those of pages that came in time
/// are offered.
fn connections(typed: &OsStr) -> Vec<CompletionCandidate> {
    /// So many pages are looked at: a thousand connections.
    const PAGES: usize = 5;
    if is_flag(typed) {
        return Vec::new();
    }
    let found = RefCell::new(Vec::new());
    let _ = in_time(async {
        let mut central = Central::connect(central_options()?).await.ok()?;
        if central.tenant.is_none() {
            let wanted = said("--tenant", "SOPHOS_CT_TENANT")?;
            let tenants = central.tenants().await.ok()?;
            let mut tenants = tenants.into_iter();
            let tenant = tenants.find(|tenant| tenant.is_called(&wanted))?;
            central.choose(tenant).ok()?;
        }
        let mut listing = central.listing(&[]);
        for _ in 0..PAGES {
            let page = listing.page().await.ok()??;
            found.borrow_mut().extend(page);
        }
        Some(())
    });
    let found = found.into_inner().into_iter();
    let named = found.map(|one| (one.name.to_string(), one.aws_account_id.to_string()));
    candidates(named, typed)
}

/// The names of the trails that begin with what is typed, each once.
fn trails(typed: &OsStr) -> Vec<CompletionCandidate> {
    if is_flag(typed) {
        return Vec::new();
    }
    let found = in_time(async {
        let options = aws_options()?;
        // A process that signs in may ask the user, or outlive the wait.
        let profile = options.profile.as_deref();
        if options.sandbox.is_none() && aws::signs_in_by_process(profile).await {
            return None;
        }
        let aws = Aws::connect(&options).await.ok()?;
        match trail::list(&aws).await.ok()? {
            Seen::There(trails) => Some(trails),
            Seen::Absent | Seen::Denied(_) => None,
        }
    });
    let mut found = found.unwrap_or_default();
    found.retain(|one| fits::<Trail>(&one.name).is_ok());
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found.dedup_by(|one, other| one.name == other.name);
    let named = found.into_iter().map(|one| (one.name, one.home_region));
    candidates(named, typed)
}

/// Whether what is typed begins a flag, for which nothing need be looked up.
fn is_flag(typed: &OsStr) -> bool {
    typed.as_encoded_bytes().starts_with(b"-")
}

/// Offers the names that begin with what is typed, each with what tells it from others.
fn candidates(
    named: impl Iterator<Item = (String, String)>,
    typed: &OsStr,
) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    // bash takes a candidate as it would be typed; other shells quote it themselves.
    let bash = std::env::var_os("_CLAP_COMPLETE_COMP_TYPE").is_some();
    let as_typed = |name: &str| match bash {
        true => name.replace(' ', "\\ "),
        false => name.to_owned(),
    };
    let named = named.map(|(name, about)| (as_typed(&name), name, about));
    named
        .filter(|(quoted, name, _)| name.starts_with(&*typed) || quoted.starts_with(&*typed))
        .map(|(quoted, _, about)| CompletionCandidate::new(quoted).help(Some(about.into())))
        .collect()
}

fn in_time<T>(work: impl Future<Output = Option<T>>) -> Option<T> {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().build().ok()?;
    let found = runtime.block_on(async { tokio::time::timeout(PATIENCE, work).await });
    runtime.shutdown_background();
    found.ok().flatten()
}

fn central_options() -> Option<central::Options> {
    #[cfg(feature = "sandbox")]
    if in_sandbox() {
        return Some(crate::sandbox::Place::find().ok()?.running()?.central());
    }
    let client_id = variable("SOPHOS_CENTRAL_CLIENT_ID")?;
    let client_secret = SecretString::from(variable("SOPHOS_CENTRAL_CLIENT_SECRET")?);
    Some(session::with_credential(client_id, client_secret))
}

fn aws_options() -> Option<aws::Options> {
    let region = said("--region", "SOPHOS_CT_REGION");
    let region = region.map(|region| region.parse::<Region>());
    let region = region.transpose().ok()?;
    let profile = said("--profile", "SOPHOS_CT_PROFILE");
    #[cfg(feature = "sandbox")]
    if in_sandbox() {
        let running = crate::sandbox::Place::find().ok()?.running()?;
        let profile = session::sandbox_profile(profile);
        return Some(aws::Options {
            profile: None,
            region,
            sandbox: Some(running.aws_as(profile.as_deref()).ok()?),
        });
    }
    Some(aws::Options {
        profile,
        region,
        sandbox: None,
    })
}

/// Whether the line that is being typed is for the sandbox. A sandbox that does not run is not started for it.
#[cfg(feature = "sandbox")]
fn in_sandbox() -> bool {
    use clap::builder::{BoolishValueParser, TypedValueParser};
    let wanted = variable("SOPHOS_CT_SANDBOX").is_some_and(|value| {
        let read = BoolishValueParser::new().parse_ref(&cli::command(), None, OsStr::new(&value));
        read.unwrap_or_default()
    });
    wanted || std::env::args_os().any(|word| word == "--sandbox")
}
