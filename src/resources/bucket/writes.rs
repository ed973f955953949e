//! What every write to the bucket needs: which refusals pass, and how a shared document is sent.

use std::time::Duration;

use crate::{aws::error::AwsError, resources::document, ui::t};

/// Returns what to wait for if AWS refuses only for the moment: a new bucket is not known everywhere yet, or another change of it
/// is under way (recorded: 307 `TemporaryRedirect`; Terraform's AWS provider waits for the others).
pub(super) fn fresh(error: &AwsError) -> Option<String> {
    let codes = [
        "OperationAborted",
        "NoSuchBucket",
        "TemporaryRedirect",
        "MalformedPolicy",
    ];
    codes
        .iter()
        .any(|code| error.is(code))
        .then(|| t!("wait-bucket"))
}

/// How long to wait for such refusals to pass.
pub(super) const FRESH: Duration = Duration::from_secs(60);

/// The configuration for writing a document that others write too: it is sent once, since it has to be read again before
/// another attempt.
pub(crate) fn once() -> aws_sdk_s3::config::Builder {
    aws_sdk_s3::config::Builder::new().retry_config(document::once())
}
