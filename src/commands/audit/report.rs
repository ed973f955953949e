//! `audit --report`: what was found, as a page for a browser.

use super::Audit;
use crate::{
    audit::{
        Spool,
        certify::Certificate,
        report::{Draft, Facts, ROWS, page},
        screen::Shown,
    },
    cli::AuditArgs,
    ui::{Result, t},
};

/// Makes the file of the report, if one is wanted.
pub(super) fn draft(arguments: &AuditArgs) -> Result<Option<Draft<'_>>> {
    arguments.report.as_deref().map(Draft::create).transpose()
}

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
