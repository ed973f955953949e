//! Sends a file's bytes to where Central wants them.

use reqwest::{RequestBuilder, StatusCode, header};

use super::{
    Central,
    answers::Upload,
    call::{Answer, is_busy, retry_after},
};
use crate::{
    egress,
    http::{self, Moved, Refusal, cause, read},
    settings::Settings,
};

/// What became of an upload.
pub(crate) enum Sent {
    Stored,
    /// The URL has expired, so the file must be offered again.
    Expired,
    /// Worth one more try: the connection broke, or Central is busy for a moment.
    Broken(String),
    /// Not worth another try in this invocation.
    Failed(String),
}

impl Central {
    /// Streams the bytes as they come and as fast as they are taken; nothing is kept. `moved` is updated as they go.
    pub(crate) async fn upload(
        &self,
        settings: &Settings,
        upload: &Upload,
        length: u64,
        body: reqwest::Body,
        moved: &Moved,
    ) -> Sent {
        let prepared = async {
            egress::check_upload_url(settings, &upload.url)?;
            let headers = egress::upload_headers(&upload.headers)?;
            self.breaker.ready().await?;
            self.meter.spend()?;
            Ok::<_, String>(headers)
        };
        let headers = match prepared.await {
            Ok(headers) => headers,
            Err(error) => return Sent::Failed(error),
        };
        let put = self
            .http
            .put(&upload.url)
            .headers(headers)
            .header(header::CONTENT_LENGTH, length)
            .body(body);
        let transfer = transfer(put, moved);
        match moved.or_idle(self.breaker.upload_time(), transfer).await {
            Some(Ok(answer)) => self.judge(answer).await,
            Some(Err(error)) => Sent::Broken(format!("upload: {error}")),
            None if moved.awaits_source() => {
                Sent::Failed("S3 stopped sending the object".to_owned())
            }
            None => {
                self.breaker.upload_hung();
                Sent::Failed("upload: stalled".to_owned())
            }
        }
    }

    /// Judges what the host answered, and lets the breaker know.
    async fn judge(&self, answer: Answer) -> Sent {
        let text = || {
            let refusal = Refusal::parse(answer.status, &answer.body);
            format!("upload: {}", refusal.text())
        };
        match answer.status {
            status if status.is_success() => {
                self.breaker.stored();
                Sent::Stored
            }
            StatusCode::FORBIDDEN => Sent::Expired,
            status if is_busy(status) => {
                if self.breaker.wait(answer.retry_after).await {
                    return Sent::Broken(text());
                }
                self.breaker.asked(answer.retry_after);
                Sent::Failed(text())
            }
            status if status.is_server_error() => Sent::Broken(text()),
            _ => Sent::Failed(text()),
        }
    }
}

/// Sends the request and reads the answer.
async fn transfer(put: RequestBuilder, moved: &Moved) -> Result<Answer, String> {
    let response = put.send().await.map_err(cause)?;
    let (status, retry_after) = (response.status(), retry_after(&response));
    moved.touch();
    // The answer is read to its end so that the connection can be reused. A broken answer does not prove that the file is
    // durably stored.
    let body = read(response, http::CONTROL).await?;
    Ok(Answer {
        status,
        body,
        retry_after,
    })
}
