//! What `setup` and `remove` do with the rows of a fleet.

use std::path::PathBuf;

use super::{looked::Looked, member::Member, outcome::Word, run::Ended};
use crate::{plan::file::Purpose, ui::Result};

/// A verb that plans, asks and carries out.
pub(super) trait Verb {
    /// The result of a member that was changed.
    const DONE: Word;
    /// What its plans are for. If they take away what was set up, the last row of an account is the first, because it may use what an
    /// earlier one has made; and one that fails does not keep the others of its account.
    const PURPOSE: Purpose;

    /// The command line that plans into a file.
    fn plan(&self, member: &Member, file: &str) -> Vec<String>;

    /// What the answer of that means.
    fn judge(&self, member: &Member, ended: Ended, file: PathBuf) -> Looked;

    /// The command line that carries out the plan in a file.
    fn apply(&self, member: &Member, file: &str) -> Vec<String>;

    /// Asks whether the plans that are shown may be carried out. `later`: others were carried out before.
    async fn agree(&self, later: bool) -> Result<()>;
}
