//! `audit --report`: what was found, as a page for a browser.

use super::Audit;
use crate::{
    audit::{
        Spool,
        certify::Certificate,
        report::{Draft, Facts, ROWS, page},
        screen::Shown,
    },
    ui::{Result, t},
};

/// Writes the page.
pub(super) fn write(
    audit: &Audit<'_>,
    shown: &Shown<'_>,
    keys: &mut Spool,
    proved: Option<&Certificate>,
    draft: Draft<'_>,
) -> Result<()> {
    let missing: Vec<String> = keys.keys()?.take(ROWS).collect::<Result<_>>()?;
    let file = draft.finish(&page(&Facts {
        shown,
        tenant: audit.source.central.tenant(),
        proved,
        missing: &missing,
    }))?;
    let text = t!("report-written", file = file.display());
    audit.app.printer.say(&text);
    Ok(())
}
