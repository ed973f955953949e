//! One thin file a command, and what they share: the context, the report, the end of a run.

mod accounts;
mod doctor;
mod list;
mod plan;
mod policy;
mod remove;
#[cfg(feature = "sandbox")]
mod sandbox;
mod session;
mod setup;
mod status;

use std::{cell::RefCell, io::Write, process::ExitCode};

use clap::{CommandFactory, Parser, error::ErrorKind};
use serde_json::{Value, json};
use tokio::signal::unix::{SignalKind, signal};

use crate::{
    answers,
    central::model::Connection,
    cli::Globals,
    cli::{Cli, Verb},
    resources::families::Step,
    ui::{
        Code, Exit, Failure, Format, Printer, Result, printer::Color, progress::Progress,
        shell::quoted, t,
    },
    wizard::ask::Ask,
};

/// What every command gets.
pub struct App {
    pub printer: Printer,
    pub globals: Globals,
    pub ask: Ask,
    /// What `setup`, `plan` and `remove` have to tell, kept up to date so that it can be told at any end.
    pub report: RefCell<Option<Report>>,
}

impl App {
    /// A connection as it stands in a command line for the user to type.
    fn argument(&self, connection: &impl ToString) -> String {
        let sandbox = if self.globals.sandbox {
            " --sandbox"
        } else {
            ""
        };
        format!("{}{sandbox}", quoted(&connection.to_string()))
    }

    /// A variable that looks like an answer and is none, most likely misspelt, is said: it counts for nothing.
    fn warn_of_variables(&self) {
        for (name, _) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("SOPHOS_CT_")) else {
                continue;
            };
            if name != crate::sandbox::DIR && !answers::is_variable(name) {
                self.printer.warn(&t!("variable-unknown", name = name));
            }
        }
    }

    fn progress(&self) -> Progress {
        Progress::new(self.printer)
    }
}

/// JSON of `setup`, `plan` and `remove`.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub result: &'static str,
    pub connection: Option<Connection>,
    pub steps: Vec<Step>,
    pub equivalent: Option<String>,
}

impl Report {
    fn to_json(&self, failure: Option<&Failure>) -> Value {
        // What was applied stays applied where only health is missing.
        let failed = failure
            .is_some_and(|failure| !matches!(failure.code, Code::Unhealthy | Code::ChangesPending));
        let mut document = json!({
            "result": if failed || self.result.is_empty() { "failed" } else { self.result },
            "connection": self.connection,
            "steps": self.steps.iter().flat_map(Step::to_json).collect::<Vec<_>>(),
        });
        if let Some(equivalent) = &self.equivalent {
            document["equivalent"] = equivalent.clone().into();
        }
        if let Some(failure) = failure.filter(|failure| failure.code != Code::ChangesPending) {
            document["error"] = failure.to_json();
        }
        document
    }
}

/// Runs the command line; the one place that turns an outcome into an exit code.
#[must_use]
pub fn run() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let global = &cli.global;
    let printer = Printer::new(global.format, global.color, global.accessible);
    let verbose = global.verbose > 0;
    let ended = match app(&cli, printer) {
        Ok(app) => {
            app.warn_of_variables();
            let ended = serve(&app, cli.command);
            let ended = if app.globals.sandbox {
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
            if failure.code != Code::ChangesPending {
                printer.failure(&failure, verbose);
            }
            ExitCode::from(failure.exit() as u8)
        }
    }
}

/// clap's complaints, also as JSON; help and version are no complaints.
fn usage(error: &clap::Error) -> ExitCode {
    if matches!(
        error.kind(),
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion
    ) {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    let arguments: Vec<String> = std::env::args().collect();
    let json = arguments.iter().any(|argument| argument == "--format=json")
        || arguments
            .windows(2)
            .any(|pair| pair[0] == "--format" && pair[1] == "json");
    if json {
        let text = error.render().to_string();
        let message = text
            .lines()
            .next()
            .unwrap_or_default()
            .trim_start_matches("error: ");
        let failure = Failure::usage(message);
        Printer::new(Format::Json, Color::Never, true)
            .document(&json!({ "error": failure.to_json() }));
    }
    let _ = error.print();
    ExitCode::from(Exit::Usage as u8)
}

fn app(cli: &Cli, printer: Printer) -> Result<App> {
    let global = &cli.global;
    let region = global.region.as_deref().map(str::parse).transpose();
    let globals = Globals {
        no_input: global.no_input,
        yes: global.yes,
        accessible: global.accessible
            || std::env::var_os("ACCESSIBLE").is_some_and(|value| !value.is_empty()),
        profile: global.profile.clone(),
        region: region
            .map_err(|complaint: String| Failure::usage(format!("--region: {complaint}")))?,
        tenant: global.tenant.clone(),
        sandbox: global.sandbox,
        verbose: global.verbose,
        log_file: global.log_file.clone(),
        client_secret_file: global.client_secret_file.clone(),
    };
    log(&globals)?;
    let ask = Ask::choose(globals.no_input, globals.accessible);
    Ok(App {
        printer,
        ask,
        globals,
        report: RefCell::new(None),
    })
}

/// Our own events only: the SDK's could carry signed headers and bodies, which are never written (SPEC 2.5). Lines for people on
/// stderr, lines of JSON in a file.
fn log(globals: &Globals) -> Result<()> {
    use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, registry};
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
        None => fmt::layer()
            .with_ansi(false)
            .with_writer(std::io::stderr)
            .boxed(),
    };
    let subscriber = registry().with(layer.with_filter(ours));
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))
}

/// Runs a command until it ends or a signal comes; the one owner of signals.
fn serve(app: &App, verb: Verb) -> Result<Exit> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let ended = runtime.block_on(async {
        #[cfg(feature = "sandbox")]
        if let Verb::Sandbox(crate::cli::SandboxVerb::Serve { .. }) = &verb {
            // It ends by itself on SIGTERM, with its state written.
            return dispatch(app, verb).await;
        }
        let mut interrupted = signal(SignalKind::interrupt())?;
        let mut terminated = signal(SignalKind::terminate())?;
        tokio::select! {
            ended = dispatch(app, verb) => ended,
            _ = interrupted.recv() => Err(stopped(app, Code::Interrupted)),
            _ = terminated.recv() => Err(stopped(app, Code::Terminated)),
        }
    });
    // A prompt may still be open on its own thread: it is not waited for.
    runtime.shutdown_background();
    if app.ask == Ask::Menus {
        let _ = console::Term::stderr().show_cursor();
    }
    ended
}

fn stopped(app: &App, code: Code) -> Failure {
    let failure = Failure::new(code, t!("interrupted"));
    let report = app.report.borrow();
    let Some((report, connection)) = report
        .as_ref()
        .and_then(|report| Some((report, report.connection.as_ref()?)))
    else {
        return failure;
    };
    // The one answer that is not saved: it is about money.
    let costs = report.equivalent.as_ref();
    let flags = match costs.is_some_and(|command| command.contains(" --accept-cost ")) {
        true => " --accept-cost",
        false => "",
    };
    let name = app.argument(&connection.name);
    failure.hinted(t!("interrupted-hint", name = name, flags = flags))
}

async fn dispatch(app: &App, verb: Verb) -> Result<Exit> {
    match verb {
        Verb::Setup(arguments) => setup::run(app, arguments).await,
        Verb::Plan {
            setup,
            detailed_exitcode,
        } => plan::run(app, setup, detailed_exitcode).await,
        Verb::Remove(arguments) => remove::run(app, arguments).await,
        Verb::List {
            organization,
            status,
            all,
        } => list::run(app, organization, status, all).await,
        Verb::Status { connection, watch } => status::run(app, &connection, watch).await,
        Verb::Accounts(arguments) => accounts::run(app, arguments).await,
        Verb::Policy { purpose, answers } => policy::run(app, &purpose, &answers),
        Verb::Doctor => doctor::run(app).await,
        #[cfg(feature = "sandbox")]
        Verb::Sandbox(verb) => sandbox::run(app, verb).await,
        #[cfg(not(feature = "sandbox"))]
        Verb::Sandbox(_) => Err(Failure::new(
            Code::SandboxUnavailable,
            t!("sandbox-not-built"),
        )),
        Verb::Completions { shell } => {
            // It panics where it cannot write.
            let mut text = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "sophos-ct", &mut text);
            written(std::io::stdout().write_all(&text))
        }
        Verb::Man => written(clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())),
    }
}

/// `| head` is no failure.
fn written(result: std::io::Result<()>) -> Result<Exit> {
    match result {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(Exit::Done),
    }
}
