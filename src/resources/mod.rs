//! What the program knows of AWS resources: one file a family, with all of its knowledge. It looks at them (`observe`), says
//! what `setup` and `remove` need and what a manifest may claim, and makes the changes, which each say what they are and after
//! which others they come (`Change`), and which permissions all that takes (`grants`). [`families`] puts them together.
//!
//! No family knows another's state: what crosses families is found out once by `plan` and handed to each as
//! [`planned::Across`].

pub mod bucket;
pub mod cx;
pub mod document;
pub mod event_rule;
pub mod families;
pub mod function;
pub mod log_group;
pub mod notification;
pub mod organization;
pub mod package;
pub mod planned;
pub mod role;
pub mod seen;
pub mod step;
pub mod subscription;
mod tags;
pub mod topic;
pub mod trail;
