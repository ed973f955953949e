//! The end of a run that comes to one by itself: the first signal asks for it, the second one does not wait.

use std::cell::{Cell, RefCell};

use tokio::sync::Notify;

use crate::ui::Code;

/// Whether a run can come to an end by itself, and whether it shall.
#[derive(Default)]
pub(super) struct Gently {
    /// What is said when the end is asked for; nothing, where the run has no such end.
    says: RefCell<Option<String>>,
    asked: Cell<Option<Code>>,
    comes: Notify,
}

impl Gently {
    /// Asks for such an end. Returns what to say; nothing if it will not come: the run has none, or it was asked for before.
    pub(super) fn ask(&self, code: Code) -> Option<String> {
        let says = self.says.take()?;
        self.asked.set(Some(code));
        self.comes.notify_one();
        Some(says)
    }

    /// From here on the run can end so.
    pub(super) fn begin(&self, says: String) {
        self.says.replace(Some(says));
    }

    /// From here on a signal ends the run at once.
    pub(super) fn end(&self) {
        self.says.replace(None);
    }

    /// The signal that has asked for the end.
    pub(super) fn asked(&self) -> Option<Code> {
        self.asked.get()
    }

    /// Waits until the end is asked for.
    #[cfg(feature = "sandbox")]
    pub(super) async fn wait(&self) {
        self.comes.notified().await;
    }
}
