//! `audit --certify`, and `audit --check`, which verifies its certificate again.

use std::path::Path;

use serde_json::{Value, json};

use super::{Audit, pass::with_life};
use crate::{
    audit::certify::{
        self, Certificate, Checked, Reading, Subject,
        screen::{Layout, check_page, page},
    },
    commands::app::App,
    resources::{bucket, seen::Seen},
    ui::{Code, Exit, Failure, Printer, Result, human, page::Page, t},
};

/// Proves the log files of the window.
pub(super) async fn prove(audit: &Audit<'_>) -> Result<Certificate> {
    let reading = Reading::default();
    let subject = Subject {
        source: audit.source,
        design: audit.design,
        aws: audit.aws,
        window: &audit.asked.window,
        folders: audit.folders,
        shown: audit.shown,
        expire_after_days: expiry(audit).await,
        keep_objects: audit.arguments.keys,
        out: audit.arguments.out.as_deref(),
        reading: &reading,
    };
    let step = audit.app.progress().step(&t!("certify-step"));
    let told = || {
        t!(
            "certify-progress",
            digests = reading.digests.get(),
            files = reading.files.get(),
            size = human::size(reading.bytes.get())
        )
    };
    match with_life(&step, told, certify::certify(&subject)).await {
        Ok(proved) => {
            step.done();
            Ok(proved)
        }
        Err(failure) => {
            step.failed();
            Err(failure)
        }
    }
}

/// Returns the days after which the bucket lets log files expire. What the caller may not see excuses nothing, and is told.
async fn expiry(audit: &Audit<'_>) -> Option<i32> {
    let manifest = audit.source.connection.manifest();
    let name = audit.source.place.bucket;
    let cause = match bucket::expiry(audit.aws, name, audit.design, &manifest).await {
        Ok(Seen::There(days)) => return Some(days),
        Ok(Seen::Absent) => return None,
        Ok(Seen::Denied(action)) => t!("audit-trails-denied", action = action),
        Err(error) => Failure::from(error).message,
    };
    let text = t!("certify-expiry-unknown", cause = cause);
    audit.app.printer.warn(&text);
    None
}

/// Prints what is proved, and the keys of the files of which something is wrong if they are wanted.
pub(super) fn show(audit: &Audit<'_>, proved: &Certificate) {
    let printer = audit.app.printer;
    printer.data("");
    let name = audit.source.connection.name.as_str();
    printer.show_data(&page(name, proved, layout(printer)));
    for (proof, objects) in proved.objects.iter().flatten() {
        if proof.is_wrong() {
            printer.data(&format!("{}:", proof.shown()));
            // Each whole in a line of its own.
            for object in objects {
                let mut page = Page::default();
                page.verbatim(format!("  {object}"));
                printer.show_data(&page);
            }
        }
    }
    if let Some(file) = &audit.arguments.out {
        printer.say(&t!("certify-written", file = file.display()));
    }
}

/// Not everything is as CloudTrail has signed it.
pub(super) fn failed() -> Failure {
    Failure::new(Code::Unhealthy, t!("certify-failed"))
}

/// Verifies a certificate.
pub(super) fn check(app: &App, file: &Path) -> Result<Exit> {
    let checked = certify::check(file)?;
    if app.printer.json() {
        app.printer.document(&document(&checked));
    } else {
        app.printer
            .show_data(&check_page(&checked, layout(app.printer)));
    }
    if !checked.holds() {
        let text = t!("certify-check-differs", file = file.display());
        return Err(Failure::new(Code::Unhealthy, text));
    }
    match checked.certificate.is_clean() {
        true => Ok(Exit::Done),
        false => Err(failed()),
    }
}

fn document(checked: &Checked) -> Value {
    let keys = checked.certificate.keys.iter();
    let keys = keys.map(|((region, fingerprint), key)| {
        json!({
            "region": region,
            "fingerprint": fingerprint,
            "sha256": key.hash,
            "from": key.from,
            "until": key.until,
        })
    });
    json!({
        "holds": checked.holds(),
        "differences": checked.differences,
        "moreDifferences": checked.more,
        "certificate": checked.certificate.to_json(),
        "publicKeys": keys.collect::<Vec<Value>>(),
    })
}

fn layout(printer: Printer) -> Layout {
    Layout {
        width: printer.data_width(),
        words: printer.words,
    }
}
