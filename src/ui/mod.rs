//! What the user sees: printer, progress, tables, messages, errors. Nothing else prints.

pub mod error;
pub mod messages;
pub mod printer;
pub mod progress;
pub mod shell;
pub mod table;
pub mod visible;

pub use crate::t;
pub use error::{Code, Exit, Failure, Result};
pub use printer::{Format, Printer};
