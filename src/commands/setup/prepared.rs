//! What was found out and decided before anything is written.

use std::path::Path;

use crate::{
    answers::Answers,
    central::{Versioned, model::Endpoints},
    commands::session::Session,
    connection::Design,
    plan::{Placeholder, Plan},
    resources::{document::Written, families::Step, package::Package, settings::Settings},
    ui::{
        Failure, Result,
        beside::{self, Readers},
        t,
    },
};

/// Everything that was found out and decided before anything is written.
pub(crate) struct Prepared {
    pub session: Session,
    pub given: Answers,
    pub design: Design,
    /// The connection as Central has it; `None` if it is new.
    pub existing: Option<Versioned>,
    pub package: Package,
    pub plan: Plan,
    /// What it costs if the plan creates a further, billed copy of management events.
    pub cost: Option<String>,
    /// Where log files will go, as far as Central says so before there is a connection.
    pub endpoints: Option<Endpoints>,
}

impl Prepared {
    /// Whether the plan writes nothing to AWS, and Central holds what we would record.
    pub(super) fn nothing_to_do(&self) -> bool {
        let Some(existing) = &self.existing else {
            return false;
        };
        let recorded = existing.connection.manifest();
        !self.plan.has_writes()
            && recorded.complete
            && recorded.forwarder_role_id == self.plan.role_id
            && self.plan.is_recorded(&recorded)
            && existing.connection.settings == self.given.to_settings()
    }

    /// The steps as screens show them.
    pub(super) fn shown_steps(&self) -> Vec<Step> {
        self.placeholder().in_steps(&self.plan.steps)
    }

    /// The documents as screens show them.
    pub(super) fn shown_documents(&self) -> Vec<Written> {
        self.placeholder().in_documents(&self.plan.documents)
    }

    /// What the resources are like, as screens show it.
    pub(super) fn shown_settings(&self) -> Vec<Settings> {
        self.placeholder().in_settings(&self.plan.settings)
    }

    fn placeholder(&self) -> Placeholder {
        self.plan
            .placeholder(self.design.id, self.existing.is_none())
    }

    /// Writes the answers to the file of `--save-answers`, if it is given.
    pub(crate) fn save_answers(&self) -> Result<()> {
        let Some(file) = self.given.save_answers.get() else {
            return Ok(());
        };
        self.save_answers_in(file.as_str()).map_err(|error| {
            let complaint = t!("file-unwritable", file = file, cause = error);
            Failure::usage(format!("--save-answers: {complaint}")).caused_by(error)
        })
    }

    /// Writes the answers to a file.
    pub(super) fn save_answers_in(&self, file: &str) -> std::io::Result<()> {
        let text = self.given.to_file(&self.design.name);
        beside::write(Path::new(file), Readers::Usual, text.as_bytes())
    }
}
