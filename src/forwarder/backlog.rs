//! What Central has said to be missing and the function has not worked off yet.

use std::collections::VecDeque;

use crate::central::{Address, CatchUp};

/// Objects to be offered again that are kept; Central repeats the others.
const MOST: usize = 1000;

/// What is still open.
#[derive(Default)]
pub struct Backlog {
    pub(crate) retry: VecDeque<Address>,
    pub(crate) catch_up: VecDeque<Open>,
}

/// A prefix that is being looked through.
pub struct Open {
    pub entry: CatchUp,
    /// The last key that was dealt with, by this process.
    pub done: Option<String>,
}

impl Backlog {
    /// Takes objects up that Central wants offered again.
    pub fn retry(&mut self, objects: Vec<Address>) {
        for address in objects {
            if self.retry.len() < MOST && !self.retry.contains(&address) {
                self.retry.push_back(address);
            }
        }
    }
}
