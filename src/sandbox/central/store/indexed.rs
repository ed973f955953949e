//! A map that keeps the order of insertion.

use serde::{Deserialize, Serialize};

/// A map that keeps the order of insertion.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Indexed<T>(Vec<(String, T)>);

impl<T> Default for Indexed<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Indexed<T> {
    pub fn get(&self, id: &str) -> Option<&T> {
        self.0
            .iter()
            .find(|(key, _)| key == id)
            .map(|(_, value)| value)
    }

    pub fn get_mut(&mut self, id: &str) -> Option<&mut T> {
        self.0
            .iter_mut()
            .find(|(key, _)| key == id)
            .map(|(_, value)| value)
    }

    pub fn push(&mut self, id: String, value: T) {
        self.0.push((id, value));
    }

    pub fn remove(&mut self, id: &str) {
        self.0.retain(|(key, _)| key != id);
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&str, &mut T)> {
        self.0.iter_mut().map(|(key, value)| (key.as_str(), value))
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value))
    }
}
