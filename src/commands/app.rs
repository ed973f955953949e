//! What every command gets.

use std::{
    cell::{Cell, RefCell},
    path::PathBuf,
};

#[cfg(feature = "sandbox")]
use super::session;
use super::{fleet, gently::Gently, report::Report, sign_in::Chosen};
use crate::{
    answers,
    cli::{self, Global, Globals},
    connection::ConnectionId,
    ui::{Failure, Printer, Result, progress::Progress, shell::quoted, t},
    wizard::{History, Wizard, ask::Ask},
};

/// What every command gets.
pub(super) struct App {
    pub printer: Printer,
    pub globals: Globals,
    pub ask: Ask,
    /// What was chosen because the command line and the environment do not say it.
    pub chosen: RefCell<Chosen>,
    /// The connection's id in the plan file that is applied. Then every answer is in that file: only the plan is confirmed.
    pub planned: Cell<Option<ConnectionId>>,
    /// That plan file, as the command line names it.
    pub plan_file: RefCell<Option<PathBuf>>,
    /// `setup --adopt`: a stack has made what the connection consists of.
    pub adopting: Cell<bool>,
    /// The questions that were answered in this run.
    pub history: RefCell<History>,
    /// The report of `setup`, `plan` and `remove`, kept up to date so that it can be printed however the command ends.
    pub report: RefCell<Option<Report>>,
    /// What is said if the program is stopped now.
    pub if_stopped: RefCell<Option<String>>,
    /// Whether the run can come to an end by itself.
    pub gently: Gently,
}

impl App {
    /// Reads the global flags.
    pub(super) fn new(global: &Global, printer: Printer) -> Result<Self> {
        let region = global.region.as_deref().map(str::parse).transpose();
        let profile = global.profile.clone();
        #[cfg(feature = "sandbox")]
        let profile = if global.sandbox {
            session::sandbox_profile(profile)
        } else {
            profile
        };
        let globals = Globals {
            no_input: global.no_input,
            yes: global.yes,
            accessible: global.is_accessible(),
            profile,
            region: region
                .map_err(|complaint: String| Failure::usage(format!("--region: {complaint}")))?,
            tenant: global.tenant.clone(),
            sandbox: global.sandbox,
            verbose: global.verbose,
            log_file: global.log_file.clone(),
            client_secret_file: global.client_secret_file.clone(),
        };
        Ok(Self {
            printer,
            ask: Ask::choose(globals.no_input, globals.accessible),
            globals,
            chosen: RefCell::default(),
            planned: Cell::default(),
            plan_file: RefCell::default(),
            adopting: Cell::default(),
            history: RefCell::default(),
            report: RefCell::new(None),
            if_stopped: RefCell::default(),
            gently: Gently::default(),
        })
    }

    /// The global flags, completed by what was chosen.
    pub(super) fn settled(&self) -> Globals {
        let mut globals = self.globals.clone();
        self.chosen.borrow().complete(&mut globals);
        globals
    }

    /// Returns a connection as the user types it in a command line.
    pub(super) fn argument(&self, connection: &impl ToString) -> String {
        let mut words = vec![quoted(&connection.to_string())];
        words.extend(self.settled().repeated());
        words.join(" ")
    }

    /// The words of a command on a connection, quoted, as a printed command begins.
    pub(super) fn command(&self, verb: &str, connection: &impl ToString) -> Vec<String> {
        let connection = quoted(&connection.to_string());
        let mut words = vec![cli::PROGRAM.to_owned(), verb.to_owned(), connection];
        words.extend(self.settled().repeated());
        words
    }

    /// The global flags that a printed command repeats, each after a blank.
    pub(super) fn flags(&self) -> String {
        let words = self.settled().repeated();
        words.iter().map(|word| format!(" {word}")).collect()
    }

    /// Warns of variables that look like answers but are not, most likely because they are misspelt: they have no effect.
    pub(super) fn warn_of_variables(&self) {
        for (name, _) in std::env::vars_os() {
            let Some(name) = name.to_str().filter(|name| name.starts_with("SOPHOS_CT_")) else {
                continue;
            };
            // The command line is made anew for its question.
            let known = [crate::SANDBOX_DIR, fleet::MEMBER].contains(&name)
                || answers::is_variable(name)
                || cli::is_variable(name);
            if !known {
                self.printer.warn(&t!("variable-unknown", name = name));
            }
        }
    }

    pub(super) fn progress(&self) -> Progress {
        Progress::new(self.printer)
    }

    pub(super) fn wizard(&self) -> Wizard<'_> {
        Wizard {
            history: &self.history,
            ask: self.ask,
            printer: self.printer,
            yes: self.globals.yes || self.planned.get().is_some(),
        }
    }

    /// Changes the report, if the command keeps one.
    pub(super) fn update_report(&self, change: impl FnOnce(&mut Report)) {
        if let Some(report) = self.report.borrow_mut().as_mut() {
            change(report);
        }
    }
}
