//! `audit --certify`, and `audit --check`, which verifies its certificate again.

use std::path::Path;

use serde_json::{Value, json};

use super::{Audit, pass::with_life};
use crate::{
    audit::certify::{
        self, Asked, Certificate, Checked, Reading,
        screen::{Look, Shown, check_page, page},
    },
    commands::app::App,
    ui::{Code, Exit, Failure, Printer, Result, human, t},
};

/// Proves the log files of the window.
pub(super) async fn prove(audit: &Audit<'_>) -> Result<Certificate> {
    let reading = Reading::default();
    let asked = Asked {
        source: audit.source,
        design: audit.design,
        aws: audit.aws,
        window: &audit.asked.window,
        folders: audit.folders,
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
    match with_life(&step, told, certify::certify(&asked)).await {
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

/// Prints what is proved, and the keys of the files of which something is wrong if they are wanted.
pub(super) fn show(audit: &Audit<'_>, proved: &Certificate) {
    let printer = audit.app.printer;
    printer.data("");
    printer.show_data(&page(&Shown {
        name: audit.source.connection.name.as_str(),
        certificate: proved,
        look: look(printer),
    }));
    for (proof, objects) in proved.objects.iter().flatten() {
        if proof.is_wrong() {
            printer.data(&format!("{}:", proof.shown()));
            for object in objects {
                printer.data(&format!("  {object}"));
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
            .show_data(&check_page(&checked, look(app.printer)));
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

fn look(printer: Printer) -> Look {
    Look {
        width: printer.data_width(),
        words: printer.words,
    }
}
