//! A plan as it is shown while its connection does not exist yet. Each plan makes the id of such a connection anew, so a
//! placeholder stands for it: the same plan looks the same each time.

use serde_json::Value;

use crate::{
    connection::ConnectionId,
    resources::{document::Written, families::Step, seen::Seen, settings::Settings},
};

/// What stands in place of the id, in every language: it is part of ids that AWS has.
const PLACEHOLDER: &str = "<connection-id>";

/// What stands for the id of a connection as long as it does not exist.
pub(crate) struct Placeholder {
    /// `None` for a connection that exists: its id is shown.
    id: Option<String>,
}

impl Placeholder {
    /// Stands for this id if the connection is `new`.
    #[must_use]
    pub(crate) fn of(id: ConnectionId, new: bool) -> Self {
        Self {
            id: new.then(|| id.to_string()),
        }
    }

    /// Returns the steps with the placeholder in the ids of parts.
    #[must_use]
    pub(crate) fn in_steps(&self, steps: &[Step]) -> Vec<Step> {
        let mut steps = steps.to_vec();
        for id in steps.iter_mut().flat_map(|step| &mut step.ids) {
            *id = self.in_text(id);
        }
        steps
    }

    /// Returns the documents with the placeholder in all their texts.
    #[must_use]
    pub(crate) fn in_documents(&self, documents: &[Written]) -> Vec<Written> {
        let mut documents = documents.to_vec();
        for document in &mut documents {
            if let Seen::There(before) = &mut document.before {
                self.put(before);
            }
            if let Some(after) = &mut document.after {
                self.put(after);
            }
        }
        documents
    }

    /// Returns the settings with the placeholder in all their texts.
    #[must_use]
    pub(crate) fn in_settings(&self, settings: &[Settings]) -> Vec<Settings> {
        let mut settings = settings.to_vec();
        for setting in settings.iter_mut().flat_map(|one| &mut one.all) {
            setting.name = self.in_text(&setting.name);
            if let Seen::There(found) = &mut setting.found {
                self.put(found);
            }
            if let Some(made) = &mut setting.made {
                self.put(made);
            }
        }
        settings
    }

    fn put(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.in_text(text),
            Value::Array(list) => list.iter_mut().for_each(|item| self.put(item)),
            Value::Object(map) => map.values_mut().for_each(|item| self.put(item)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn in_text(&self, text: &str) -> String {
        match &self.id {
            Some(id) => text.replace(id, PLACEHOLDER),
            None => text.to_owned(),
        }
    }
}
