//! What the program knows about AWS resources: one file or folder for each family, with everything about it. A family reads its
//! resources from AWS (`observe`), says what `setup` and `remove` need and what a manifest may claim, makes the changes
//! (`Change`, `run`), names the permissions that all this takes (`grants`), and says what its resources are like besides their
//! documents (`settings`). [`families`] puts the families together.
//!
//! The folder of a family has the same parts everywhere: `state` (what can be seen), `look` (`observe`), `settings`, `change`,
//! `setup`, `removal` and `grants`.
//!
//! No family knows another's state: `plan` finds out once what crosses families and hands it to each as [`planned::Across`].

pub(crate) mod alarm;
pub(crate) mod bucket;
pub(crate) mod cx;
pub(crate) mod document;
pub(crate) mod event_rule;
pub(crate) mod families;
pub(crate) mod function;
pub(crate) mod log_group;
pub(crate) mod notification;
pub(crate) mod organization;
pub(crate) mod package;
pub(crate) mod planned;
pub(crate) mod role;
pub(crate) mod seen;
pub(crate) mod settings;
pub(crate) mod step;
pub(crate) mod subscription;
mod tags;
pub(crate) mod template;
pub(crate) mod topic;
pub(crate) mod trail;
