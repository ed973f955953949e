//! The credential's tokens. An implementation may let them end while a run lasts.

use std::time::{Duration, Instant};

use secrecy::ExposeSecret;

use super::{answer::Answer, bench::Bench};

/// A token of the credential.
#[derive(Clone)]
pub(super) struct Token {
    pub text: String,
    /// For how many seconds it is good, if its answer says so.
    pub seconds: Option<i64>,
    /// When it was asked for.
    since: Instant,
}

impl Token {
    /// Whether at most half of its time is over. A request may have to wait before it is answered.
    fn is_fresh(&self, now: Instant) -> bool {
        let half = |seconds: i64| Duration::from_secs(seconds.max(0).unsigned_abs()) / 2;
        let half = self.seconds.map(half);
        half.is_none_or(|half| now.duration_since(self.since) < half)
    }
}

/// The token for the next request: the last one, or another where its time is nearly over.
pub(super) async fn fresh(bench: &Bench) -> Result<String, String> {
    let last = bench.token.borrow().clone();
    if let Some(last) = last.filter(|last| last.is_fresh(Instant::now())) {
        return Ok(last.text);
    }
    let (answer, token) = sign_in(bench).await?;
    answer.served()?;
    if token.text.is_empty() {
        let (status, said) = (answer.status, answer.error());
        return Err(format!("there is no further token: {status} {said}"));
    }
    let text = token.text.clone();
    bench.token.replace(Some(token));
    Ok(text)
}

/// Signs in. The token's text is empty if the answer has none.
pub(super) async fn sign_in(bench: &Bench) -> Result<(Answer, Token), String> {
    let since = Instant::now();
    let secret = bench.target.client_secret.expose_secret();
    let answer = grant(bench, "client_credentials", "token", secret).await?;
    let token = Token {
        text: answer.text("/access_token").to_owned(),
        seconds: answer.body["expires_in"].as_i64(),
        since,
    };
    Ok((answer, token))
}

/// A request to the identity host.
pub(super) async fn grant(
    bench: &Bench,
    grant_type: &str,
    scope: &str,
    secret: &str,
) -> Result<Answer, String> {
    let url = bench.target.id_url.trim_end_matches('/');
    let url = format!("{url}/api/v2/oauth2/token");
    let form = [
        ("grant_type", grant_type),
        ("client_id", bench.target.client_id.as_str()),
        ("client_secret", secret),
        ("scope", scope),
    ];
    bench.raw("token", |http| http.post(url).form(&form)).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_used_for_half_of_its_time() {
        let of = |seconds: Option<i64>| Token {
            text: "token".to_owned(),
            seconds,
            since: Instant::now(),
        };
        let fresh_after = |token: &Token, seconds: u64| {
            token.is_fresh(token.since + Duration::from_secs(seconds))
        };
        assert!(fresh_after(&of(None), 3600));
        assert!(!fresh_after(&of(Some(0)), 0));
        let short = of(Some(60));
        assert!(fresh_after(&short, 29));
        assert!(!fresh_after(&short, 30));
    }
}
