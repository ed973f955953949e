//! One answer: a value of its own type, and where it comes from.

use serde_json::Value as Json;

use crate::ui::t;

/// What a value looks like where it is written as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Flag,
    List,
    Number,
}

/// Where an answer comes from; the earlier wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    Flag,
    Environment,
    File,
    Saved,
    Prompt,
    Default,
}

/// What an answer can be. A value that exists fits its question.
pub trait Value: Clone + PartialEq {
    const SHAPE: Shape;

    /// From the texts of a flag, a variable or a prompt.
    ///
    /// # Errors
    /// What does not fit, and what would.
    fn parse(texts: &[String]) -> Result<Self, String>;

    /// From an answers file or Central's saved settings.
    ///
    /// # Errors
    /// What does not fit, and what would.
    fn from_json(value: &Json) -> Result<Self, String>;

    /// As it is saved.
    fn to_json(&self) -> Json;
}

/// The complaint about a value of another shape than the question's.
pub fn of_another_shape(value: &Json) -> String {
    t!("invalid-shape", value = value)
}

/// Whether a text fits a question.
pub fn fits<T: Value>(text: &str) -> Result<(), String> {
    T::parse(&[text.to_owned()]).map(drop)
}

/// An answer, or none yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer<T>(Option<(T, Origin)>);

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: Value> Answer<T> {
    #[must_use]
    pub fn get(&self) -> Option<&T> {
        self.0.as_ref().map(|(value, _)| value)
    }

    #[must_use]
    pub fn is(&self, value: &T) -> bool {
        self.get() == Some(value)
    }

    pub fn set(&mut self, value: T, origin: Origin) {
        self.0 = Some((value, origin));
    }

    /// Fills in what nobody has said.
    pub fn default_to(&mut self, value: T) {
        if self.0.is_none() {
            self.set(value, Origin::Default);
        }
    }

    /// Sets the answer from text.
    ///
    /// # Errors
    /// What does not fit, and what would.
    pub fn answer(&mut self, text: &str, origin: Origin) -> Result<(), String> {
        self.set(T::parse(&[text.to_owned()])?, origin);
        Ok(())
    }
}

/// An answer of whatever type, for what is done with all of them.
pub trait Any {
    fn is_given(&self) -> bool;
    fn origin(&self) -> Option<Origin>;
    fn to_json(&self) -> Option<Json>;
    /// # Errors
    /// What does not fit, and what would.
    fn parse(&mut self, texts: &[String], origin: Origin) -> Result<(), String>;
    /// # Errors
    /// What does not fit, and what would.
    fn load(&mut self, value: &Json, origin: Origin) -> Result<(), String>;
    /// Takes a value where none is given; it must fit all the same.
    ///
    /// # Errors
    /// What does not fit, and what would.
    fn offer(&mut self, value: &Json, origin: Origin) -> Result<(), String>;
}

impl<T: Value> Any for Answer<T> {
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
