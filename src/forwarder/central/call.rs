//! Sends one control call and reads its whole answer.

use std::time::Duration;

use reqwest::{RequestBuilder, Response, StatusCode, header};

use crate::http::{Refusal, cause, read};

/// A control call's answer, read whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) body: Vec<u8>,
    pub(super) retry_after: Duration,
}

pub(super) fn is_busy(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::SERVICE_UNAVAILABLE
}

/// Returns `Retry-After`, or one second if the header is missing.
pub(super) fn retry_after(response: &Response) -> Duration {
    let seconds: Option<u64> = response
        .headers()
        .get(header::RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    // No call waits this long, and a longer time could end beyond what a clock can represent.
    Duration::from_secs(seconds.unwrap_or(1).min(3600))
}

/// No answer came, or it broke off.
pub(super) struct Unanswered {
    pub(super) late: bool,
    pub(super) cause: String,
}

pub(super) async fn answer(request: RequestBuilder, most: usize) -> Result<Answer, Unanswered> {
    let unsent = |error: reqwest::Error| Unanswered {
        late: error.is_timeout(),
        cause: cause(error),
    };
    let response = request.send().await.map_err(unsent)?;
    let (status, retry_after) = (response.status(), retry_after(&response));
    let body = read(response, most).await.map_err(|cause| Unanswered {
        late: cause.contains("timed out"),
        cause,
    })?;
    Ok(Answer {
        status,
        body,
        retry_after,
    })
}

pub(super) fn refused(what: &str, answer: &Answer) -> String {
    let refusal = Refusal::parse(answer.status, &answer.body);
    format!("{what}: {}", refusal.text())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_beyond_what_a_clock_can_tell_is_cut() {
        for (text, seconds) in [("7", 7), ("9223372036854775807", 3600), ("soon", 1)] {
            let response = http::Response::builder().header("retry-after", text);
            let response = Response::from(response.body("").unwrap());
            assert_eq!(retry_after(&response), Duration::from_secs(seconds));
        }
    }
}
