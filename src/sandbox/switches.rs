//! The lock of the sandbox's own switches, which are under `/_sandbox` at Central's address and not part of anything that AWS or
//! Central has.

use std::sync::Arc;

use axum::{
    Router,
    extract::Request,
    http::{StatusCode, header},
    middleware::{self, Next},
    response::IntoResponse,
};

/// Answers only callers that know the secret of this run.
pub(super) fn locked<S>(switches: Router<S>, secret: &str) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let key: Arc<str> = format!("Bearer {secret}").into();
    switches.layer(middleware::from_fn(move |request: Request, next: Next| {
        let given = request.headers().get(header::AUTHORIZATION);
        let known = given.is_some_and(|given| given.as_bytes() == key.as_bytes());
        async move {
            if known {
                next.run(request).await
            } else {
                StatusCode::UNAUTHORIZED.into_response()
            }
        }
    }))
}
