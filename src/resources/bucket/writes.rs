//! What every write to the bucket needs: which refusals pass, and how a shared document is sent.

use std::time::Duration;

use crate::{aws::error::AwsError, resources::document, ui::t};

/// Knows the refusals of a write that pass once a bucket that was made a moment ago is known everywhere, or another change of
/// it is done (recorded: 307 `TemporaryRedirect`; Terraform's provider waits for the others to pass).
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
