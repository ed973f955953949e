//! What the user sees: printer, progress, signs of life, tables, messages, errors. Nothing else prints.

pub(crate) mod bars;
pub(crate) mod beside;
pub(crate) mod calls;
pub(crate) mod command;
pub(crate) mod error;
pub(crate) mod human;
pub(crate) mod layout;
pub(crate) mod live;
pub(crate) mod messages;
pub(crate) mod modes;
pub(crate) mod page;
pub(crate) mod printer;
pub(crate) mod progress;
pub(crate) mod rows;
pub(crate) mod shell;
pub(crate) mod signs;
pub(crate) mod table;
pub(crate) mod visible;

pub use error::{Code, Failure};
pub(crate) use error::{Exit, Result};
pub(crate) use messages::t;
pub(crate) use printer::{Format, Printer};
