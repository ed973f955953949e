//! What Central has reported as missing and the function has not yet dealt with.

use std::collections::VecDeque;

use crate::central::{Address, CatchUp};

/// The most objects that are kept to be offered again; Central repeats the others.
const MOST: usize = 1000;

/// The work that is still open.
#[derive(Default)]
pub(crate) struct Backlog {
    pub(crate) retry: VecDeque<Address>,
    pub(crate) catch_up: VecDeque<Open>,
}

/// A prefix that is being searched for missing files.
pub(crate) struct Open {
    pub entry: CatchUp,
    /// The last key that this process has dealt with.
    pub done: Option<String>,
}

impl Backlog {
    /// Adds objects that Central wants to be offered again.
    pub(crate) fn retry(&mut self, objects: Vec<Address>) {
        for address in objects {
            if self.retry.len() < MOST && !self.retry.contains(&address) {
                self.retry.push_back(address);
            }
        }
    }
}
