//! One thin file for each command, and what they share: the context, the report, the end of a run.

mod accounts;
mod app;
mod audit;
mod collecting;
mod completions;
mod doctor;
mod fleet;
mod gently;
mod handover;
mod invite;
mod invited;
mod leaving;
mod list;
mod log;
mod man;
mod package;
mod plan;
mod policy;
mod remove;
mod report;
#[cfg(feature = "sandbox")]
mod sandbox;
mod schema;
mod session;
mod setup;
mod sign_in;
mod states;
mod status;
mod steering;
mod template;
#[cfg(feature = "sandbox")]
mod verify_central;

use std::{io::Write, process::ExitCode};

use clap::{ValueEnum, error::ErrorKind};
use serde_json::json;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::{
    aws,
    cli::{self, Cli, Global, Verb},
    ui::{
        Code, Exit, Failure, Format, Printer, Result,
        messages::{Language, speak},
        modes::Modes,
        printer::Color,
        signs, t,
    },
    wizard::ask::{self, Ask},
};
use app::App;

/// Runs the command line. This is the only place that turns an outcome into an exit code.
#[must_use]
pub fn run() -> ExitCode {
    if let Some(answered) = completions::answer() {
        return answered;
    }
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let global = &cli.global;
    let variable = |name: &str| std::env::var(name).ok();
    speak(
        global
            .lang
            .unwrap_or_else(|| Language::of_environment(variable)),
    );
    let printer = Printer::new(global.format, global.color, global.is_accessible());
    let verbose = global.verbose > 0;
    let ended = match prepare(global, printer) {
        Ok(app) => {
            app.warn_of_variables();
            let ended = serve(&app, cli.command);
            log::warn_of_loss(&app.globals, printer);
            let ended = if app.settled().sandbox {
                ended.map_err(Failure::in_sandbox)
            } else {
                ended
            };
            if let Some(report) = app.report.take()
                && printer.json()
            {
                printer.document(&report.to_json(ended.as_ref().err()));
            } else if let Err(failure) = &ended
                && printer.json()
                && failure.code != Code::Unhealthy
            {
                printer.document(&json!({ "error": failure.to_json() }));
            }
            ended
        }
        Err(failure) => {
            if printer.json() {
                printer.document(&json!({ "error": failure.to_json() }));
            }
            Err(failure)
        }
    };
    let ended = match Printer::unwritten() {
        Some(failure) => Err(failure),
        None => ended,
    };
    match ended {
        Ok(exit) => ExitCode::from(exit as u8),
        Err(failure) => {
            if failure.code != Code::ChangesPending && !failure.shown {
                printer.failure(&failure, verbose);
            }
            ExitCode::from(failure.exit() as u8)
        }
    }
}

/// Prints clap's complaints, also as JSON. Help and version are not complaints.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let language = session::said("--lang", "SOPHOS_CT_LANG")
        .and_then(|asked| Language::from_str(&asked, false).ok())
        .unwrap_or_else(|| Language::of_environment(|name| std::env::var(name).ok()));
    speak(language);
    // In English, clap's own words have colours.
    let translated = match language {
        Language::En => None,
        Language::Ja => cli::complaint(error),
    };
    if session::said("--format", "SOPHOS_CT_FORMAT").as_deref() == Some("json") {
        let text = translated.clone();
        let text = text.unwrap_or_else(|| error.render().to_string());
        let message = text.lines().next().unwrap_or_default();
        let message = message.trim_start_matches("error:");
        let message = message.trim_start_matches(t!("label-error").as_str());
        let failure = Failure::usage(message.trim_start());
        Printer::new(Format::Json, Color::Never, true)
            .document(&json!({ "error": failure.to_json() }));
    }
    match translated {
        Some(text) => Printer::new(Format::Text, Color::Auto, true).say(text.trim_end()),
        None => {
            let _ = error.print();
        }
    }
    ExitCode::from(Exit::Usage as u8)
}

/// Reads the global flags and starts the log.
fn prepare(global: &Global, printer: Printer) -> Result<App> {
    let app = App::new(global, printer)?;
    log::start(&app.globals)?;
    Ok(app)
}

/// Runs a command until it ends or a signal comes. Nothing else handles signals.
fn serve(app: &App, verb: Verb) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    // A process that signs in to AWS may ask the user something: what is typed there must be seen.
    let profile = app.globals.profile.as_deref();
    let asks = app.printer.live
        && !app.globals.sandbox
        && runtime.block_on(aws::signs_in_by_process(profile));
    let _modes = (!asks).then(|| Modes::quiet(app.printer));
    let ended = runtime.block_on(async {
        #[cfg(feature = "sandbox")]
        if let Verb::Sandbox(crate::cli::SandboxVerb::Serve { .. }) = &verb {
            // The server ends by itself on SIGTERM, after it has written its state.
            return dispatch(app, verb).await;
        }
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = signs::during(app.printer, dispatch(app, verb)) => ended,
            code = told_to_stop(app, &mut interrupted, &mut terminated) => {
                Err(Failure::new(code, t!("interrupted")))
            }
            () = fleet::orphaned() => Err(Failure::new(Code::Terminated, t!("interrupted"))),
        }
    });
    // A prompt may still be open on its own thread. Do not wait for it.
    runtime.shutdown_background();
    ask::restore();
    if app.ask == Ask::Menus {
        let _ = console::Term::stderr().show_cursor();
    }
    // A question that is open may see Ctrl-C before its signal is here.
    ended.map_err(|failure| match failure.code {
        Code::Interrupted | Code::Terminated => stopped(app, failure),
        _ => failure,
    })
}

/// Waits for the signal that ends the run at once. A run that can come to an end by itself is given time for that at the first one.
async fn told_to_stop(app: &App, interrupted: &mut Signal, terminated: &mut Signal) -> Code {
    loop {
        let code = tokio::select! {
            _ = interrupted.recv() => Code::Interrupted,
            _ = terminated.recv() => Code::Terminated,
        };
        let Some(says) = app.gently.ask(code) else {
            return code;
        };
        app.printer.break_off();
        app.printer.say(&says);
    }
}

/// Leaves a clean line, and says what has changed or how to go on from here.
fn stopped(app: &App, mut failure: Failure) -> Failure {
    app.printer.break_off();
    if let Some(text) = app.if_stopped.take() {
        return failure.hinted(text);
    }
    // Whoever writes says beforehand how to go on.
    if app.report.borrow().is_some() {
        failure.message = t!("interrupted-unchanged");
    }
    failure
}

async fn dispatch(app: &App, verb: Verb) -> Result<Exit> {
    match verb {
        Verb::Setup(arguments) => setup::run(app, arguments).await,
        Verb::Plan(arguments) => plan::run(app, arguments).await,
        Verb::Remove(arguments) => remove::run(app, arguments).await,
        Verb::List {
            organization,
            status,
            all,
        } => list::run(app, organization, status, all).await,
        Verb::Status(arguments) => status::run(app, &arguments).await,
        Verb::Accounts(arguments) => accounts::run(app, arguments).await,
        Verb::Pause(arguments) => steering::pause(app, &arguments).await,
        Verb::Resume(arguments) => steering::resume(app, &arguments).await,
        Verb::Rename(arguments) => steering::rename(app, &arguments).await,
        Verb::Audit(arguments) => audit::run(app, &arguments).await,
        Verb::Policy { policy, answers } => policy::run(app, policy, &answers),
        Verb::Doctor => doctor::run(app).await,
        Verb::Invite(arguments) => invite::run(app, &arguments).await,
        #[cfg(feature = "sandbox")]
        Verb::Sandbox(verb) => sandbox::run(app, verb).await,
        #[cfg(not(feature = "sandbox"))]
        Verb::Sandbox(_) => Err(Failure::new(
            Code::SandboxUnavailable,
            t!("sandbox-not-built"),
        )),
        Verb::Package(arguments) => package::run(app, &arguments),
        Verb::Schema { name, list } => schema::run(app, &name, list),
        Verb::Completions { shell } => {
            written(std::io::stdout().write_all(&completions::script(shell)?))
        }
        Verb::Man { command, out } => man::run(command.as_deref(), out.as_deref()),
    }
}

/// A closed pipe, as with `| head`, is not a failure.
fn written(result: std::io::Result<()>) -> Result<Exit> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(Printer::not_written(&error))
        }
        _ => Ok(Exit::Done),
    }
}
