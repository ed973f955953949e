//! The end of a run between two accounts: the first signal asks for it, the second one does not wait.

use std::cell::Cell;

use crate::ui::Code;

/// Whether a run can end between two accounts, and whether it shall.
#[derive(Default)]
pub(in crate::commands) struct Gently {
    can: Cell<bool>,
    asked: Cell<Option<Code>>,
}

impl Gently {
    /// Asks for such an end. Returns whether it will come: not if the run has none, nor if it was asked for before.
    pub(in crate::commands) fn ask(&self, code: Code) -> bool {
        let comes = self.can.get() && self.asked.get().is_none();
        if comes {
            self.asked.set(Some(code));
        }
        comes
    }

    /// From here on the run can end between two accounts.
    pub(super) fn begin(&self) {
        self.can.set(true);
    }

    /// The signal that has asked for the end.
    pub(super) fn asked(&self) -> Option<Code> {
        self.asked.get()
    }
}
