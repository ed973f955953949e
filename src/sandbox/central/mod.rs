//! The sandbox's Central: a real HTTP server of `central-api.yaml`, published and assumed operations, with several
//! tenants, and with licence, pause and faults on request (paths under `/_sandbox`).

mod catch_up;
mod connections;
mod control;
mod ingest;
mod published;
mod statistics;
mod store;

use std::sync::{Arc, Mutex, MutexGuard};

use axum::{
    Json, Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    middleware,
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use serde_json::{Value, json};

pub use catch_up::{Entry, Timing};
pub use store::{LICENSE_CODE, Store, now};

/// What the handlers share.
#[derive(Clone)]
pub struct Central {
    store: Arc<Mutex<Store>>,
    /// `http://127.0.0.1:port`, its own address.
    url: Arc<str>,
    http: reqwest::Client,
    timing: Arc<Timing>,
}

impl Central {
    #[must_use]
    pub fn new(store: Arc<Mutex<Store>>, url: &str, timing: Timing) -> Self {
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("a client without proxies can be built");
        Self {
            store,
            url: url.into(),
            http,
            timing: Arc::new(timing),
        }
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store
            .lock()
            .expect("no handler panics while it holds the store")
    }

    fn host(&self) -> &str {
        self.url.trim_start_matches("http://")
    }

    /// The sandbox's own switches, for those who know this secret.
    pub fn switches(self, secret: &str) -> Router {
        control::router(secret).with_state(self)
    }

    /// Every operation of the contract.
    pub fn router(self) -> Router {
        const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";
        let of = |path: &str| format!("{CONNECTIONS}{path}");
        Router::new()
            .route("/api/v2/oauth2/token", post(published::token))
            .route("/whoami/v1", get(published::whoami))
            .route("/partner/v1/tenants", get(published::partner_tenants))
            .route(
                "/organization/v1/tenants",
                get(published::organization_tenants),
            )
            .route("/licenses/v1/licenses", get(published::licenses))
            .route(CONNECTIONS, get(connections::list))
            .route(
                &of("/{id}"),
                put(connections::create)
                    .get(connections::read)
                    .patch(connections::update)
                    .delete(connections::delete),
            )
            .route(
                &of("/{id}/invitations"),
                post(connections::invite)
                    .get(connections::invitations)
                    .delete(connections::revoke),
            )
            .route(&of("/{id}/statistics"), get(statistics::read))
            .route(&of("/{id}/receipts"), get(connections::receipts))
            .route(
                "/cloud-integrations/v1/aws-cloudtrail/endpoints",
                get(connections::endpoints),
            )
            .route(
                "/cloud-integrations/v1/invitations/redeem",
                post(connections::redeem),
            )
            .route("/log-ingest/v1/connections/{id}/token", post(ingest::token))
            .route(
                "/log-ingest/v1/connections/{id}/objects",
                post(ingest::offer),
            )
            .route(
                "/log-ingest/v1/connections/{id}/objects/missing",
                post(ingest::missing),
            )
            .route(
                "/log-ingest/v1/connections/{id}/objects/reports",
                post(ingest::reports),
            )
            .route("/upload/{id}", put(ingest::upload))
            .layer(middleware::from_fn_with_state(
                self.clone(),
                control::faults,
            ))
            .fallback(|| async {
                Refusal::new(StatusCode::NOT_FOUND, "notFound", "no such operation")
            })
            .with_state(self)
    }
}

/// An `Error` body of the contract.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: StatusCode, error: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            error,
            message: message.into(),
        }
    }

    fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "notFound", "no such connection")
    }

    fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", message)
    }

    fn unauthorized() -> Self {
        Self::new(
            StatusCode::UNAUTHORIZED,
            "unauthorized",
            "the token is missing, unknown or has ended",
        )
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({
            "error": self.error,
            "message": self.message,
            "correlationId": uuid::Uuid::new_v4(),
            "requestId": uuid::Uuid::new_v4(),
            "createdAt": store::now(),
        });
        (self.status, Json(body)).into_response()
    }
}

/// Who sends a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Principal {
    /// A credential of a tenant, organization or partner: its id.
    Client(String),
    /// Whoever redeemed an invitation: one connection only.
    Invited { connection: String },
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

/// The principal of an API call.
fn principal(store: &Store, headers: &HeaderMap) -> Result<Principal, Refusal> {
    bearer(headers)
        .and_then(|token| store.principal(token))
        .ok_or_else(Refusal::unauthorized)
}

/// The tenant that a call acts for: its own, or one of a partner's or organization's.
fn tenant(store: &Store, headers: &HeaderMap) -> Result<String, Refusal> {
    let principal = principal(store, headers)?;
    let tenant = headers
        .get("x-tenant-id")
        .and_then(|value| value.to_str().ok())
        .ok_or_else(|| {
            Refusal::new(
                StatusCode::BAD_REQUEST,
                "badRequest",
                "X-Tenant-ID is missing",
            )
        })?
        .to_owned();
    let allowed = match &principal {
        Principal::Client(id) => store.may_act_for(id, &tenant),
        Principal::Invited { connection } => store
            .connections
            .get(connection)
            .is_some_and(|connection| connection.tenant == tenant),
    };
    if allowed {
        Ok(tenant)
    } else {
        Err(Refusal::new(
            StatusCode::FORBIDDEN,
            "forbidden",
            "not your tenant",
        ))
    }
}

fn json_body(body: &[u8]) -> Result<Value, Refusal> {
    serde_json::from_slice(body)
        .map_err(|error| Refusal::invalid(format!("the body is not JSON: {error}")))
}

fn broken_body() -> Body {
    Body::from_stream(futures::stream::once(async {
        Err::<Vec<u8>, _>(std::io::Error::other("reset"))
    }))
}

type Ctx = State<Central>;
