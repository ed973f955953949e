//! What a resource is like besides its JSON documents, by AWS's own names: each family says what was seen and what it makes. A plan
//! that is handed over has them before and after. They have no secrets: see `function`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{seen::Seen, step::Action};
use crate::connection::{Design, Kind};

/// What begins the name of a tag's setting.
const TAGS: &str = "Tags.";

/// The settings of what a step is about.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    pub kind: Kind,
    pub arn: String,
    pub all: Vec<Setting>,
}

impl Settings {
    #[must_use]
    pub(crate) fn new(kind: Kind, arn: String, all: Vec<Setting>) -> Self {
        Self { kind, arn, all }
    }
}

/// A setting as it was seen, and as we make it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Setting {
    pub name: String,
    pub found: Seen<Value>,
    /// What whoever creates the resource makes it; `None` for nothing.
    pub made: Option<Value>,
    /// Whether only the creation of the resource writes it, and nothing that mends it.
    once: bool,
}

impl Setting {
    /// A setting that `find` finds in what was seen.
    #[must_use]
    pub(crate) fn new<T>(
        name: impl Into<String>,
        seen: &Seen<T>,
        find: impl FnOnce(&T) -> Option<Value>,
        made: Option<Value>,
    ) -> Self {
        Self {
            name: name.into(),
            found: seen.as_ref().and_then(find),
            made,
            once: false,
        }
    }

    /// The same setting, if only the creation of the resource writes it.
    #[must_use]
    pub(crate) fn once(mut self) -> Self {
        self.once = true;
        self
    }

    /// What a step of this action leaves; `None` if there is nothing then.
    #[must_use]
    pub(crate) fn after(&self, action: Action) -> Option<&Value> {
        match action {
            Action::Create => self.made.as_ref(),
            Action::Modify if !self.once => self.made.as_ref(),
            Action::Modify | Action::Use | Action::Keep => self.found.there(),
            Action::Delete | Action::Restore => None,
        }
    }

    #[must_use]
    pub(crate) fn is_tag(&self) -> bool {
        self.name.starts_with(TAGS)
    }
}

/// A setting, by AWS's name, that is mended if it is not as we make it.
pub(crate) struct Compared<S> {
    pub name: &'static str,
    found: fn(&S) -> Option<Value>,
    made: Option<Value>,
}

impl<S> Compared<S> {
    #[must_use]
    pub(crate) fn new(
        name: &'static str,
        found: fn(&S) -> Option<Value>,
        made: Option<Value>,
    ) -> Self {
        Self { name, found, made }
    }

    /// Whether a resource is not as we make it.
    #[must_use]
    pub(crate) fn differs(&self, state: &S) -> bool {
        (self.found)(state) != self.made
    }

    /// The setting of a resource whose state is in what was seen.
    #[must_use]
    pub(crate) fn seen_in<T>(self, seen: &Seen<T>, state: impl FnOnce(&T) -> &S) -> Setting {
        let found = |seen: &T| (self.found)(state(seen));
        Setting::new(self.name, seen, found, self.made)
    }
}

/// The tags of a resource of ours, each as a setting.
#[must_use]
pub(crate) fn of_tags(design: &Design, found: Seen<&BTreeMap<String, String>>) -> Vec<Setting> {
    let ours = design.all_tags();
    let theirs = found.there().copied().into_iter();
    let theirs = theirs.flat_map(BTreeMap::keys);
    let names: BTreeSet<&String> = ours.keys().chain(theirs).collect();
    let setting = |name: &String| {
        let made = ours.get(name).cloned().map(Value::from);
        let find = |tags: &&BTreeMap<String, String>| tags.get(name).cloned().map(Value::from);
        Setting::new(format!("{TAGS}{name}"), &found, find, made).once()
    };
    names.into_iter().map(setting).collect()
}
