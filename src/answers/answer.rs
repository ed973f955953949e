//! One answer: a value of its own type, and where it comes from.

use serde_json::Value as Json;

use crate::ui::t;

/// What a value looks like as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Text,
    Flag,
    List,
    Number,
}

/// Where an answer comes from; the earlier one wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Origin {
    Flag,
    Environment,
    File,
    Saved,
    Prompt,
    Default,
}

/// The type of an answer. A value that exists fits its question.
pub(crate) trait Value: Clone + PartialEq {
    const SHAPE: Shape;

    /// Reads a value from the texts of a flag, a variable or a prompt.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    fn parse(texts: &[String]) -> Result<Self, String>;

    /// Reads a value from an answers file or Central's saved settings.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    fn from_json(value: &Json) -> Result<Self, String>;

    /// Returns the value as it is saved.
    fn to_json(&self) -> Json;
}

/// Returns the complaint about a value whose shape is not that of the question.
pub(super) fn of_another_shape(value: &Json) -> String {
    t!("invalid-shape", value = value)
}

/// Checks whether a text fits a question.
pub(crate) fn fits<T: Value>(text: &str) -> Result<(), String> {
    T::parse(&[text.to_owned()]).map(drop)
}

/// An answer, or none yet.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Answer<T>(Option<(T, Origin)>);

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Value> Answer<T> {
    #[must_use]
    pub(crate) fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(value, _)| value)
    }

    #[must_use]
    pub(crate) fn is(&self, value: &T) -> bool {
        self.get() == Some(value)
    }

    pub(crate) fn set(&mut self, value: T, origin: Origin) {
        self.0 = Some((value, origin));
    }

    /// Sets the default if there is no answer yet.
    pub(crate) fn default_to(&mut self, value: T) {
        if self.0.is_none() {
            self.set(value, Origin::Default);
        }
    }

    /// Sets the answer from text.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    pub(crate) fn answer(&mut self, text: &str, origin: Origin) -> Result<(), String> {
        self.set(T::parse(&[text.to_owned()])?, origin);
        Ok(())
    }
}

/// An answer of any type, for code that handles all answers.
pub(crate) trait Any {
    fn clear(&mut self);
    fn is_given(&self) -> bool;
    fn origin(&self) -> Option<Origin>;
    fn to_json(&self) -> Option<Json>;
    /// # Errors
    /// Says what does not fit, and what would.
    fn parse(&mut self, texts: &[String], origin: Origin) -> Result<(), String>;
    /// # Errors
    /// Says what does not fit, and what would.
    fn load(&mut self, value: &Json, origin: Origin) -> Result<(), String>;
    /// Takes a value if none is given. The value must fit in any case.
    ///
    /// # Errors
    /// Says what does not fit, and what would.
    fn offer(&mut self, value: &Json, origin: Origin) -> Result<(), String>;
}

impl<T: Value> Any for Answer<T> {
    fn clear(&mut self) {
        self.0 = None;
    }

    fn is_given(&self) -> bool {
        self.0.is_some()
    }

    fn origin(&self) -> Option<Origin> {
        self.0.as_ref().map(|(_, origin)| *origin)
    }

    fn to_json(&self) -> Option<Json> {
        self.get().map(Value::to_json)
    }

    fn parse(&mut self, texts: &[String], origin: Origin) -> Result<(), String> {
        self.set(T::parse(texts)?, origin);
        Ok(())
    }

    fn load(&mut self, value: &Json, origin: Origin) -> Result<(), String> {
        self.set(T::from_json(value)?, origin);
        Ok(())
    }

    fn offer(&mut self, value: &Json, origin: Origin) -> Result<(), String> {
        let value = T::from_json(value)?;
        if self.0.is_none() {
            self.set(value, origin);
        }
        Ok(())
    }
}
