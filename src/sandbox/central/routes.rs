//! The paths of Central's operations.

use axum::{
    Router,
    http::StatusCode,
    middleware,
    routing::{get, post, put},
};

use super::{
    connections, control, ingest, published, refusal::Refusal, state::Central, statistics,
};

impl Central {
    /// The sandbox's own switches, for callers that know this secret.
    pub fn switches(self, secret: &str) -> Router {
        control::router(secret).with_state(self)
    }

    /// Every operation of the contract.
    pub fn router(self) -> Router {
        let faults = middleware::from_fn_with_state(self.clone(), control::faults);
        published_routes()
            .merge(connection_routes())
            .merge(ingest_routes())
            .layer(faults)
            .fallback(|| async {
                Refusal::new(StatusCode::NOT_FOUND, "notFound", "no such operation")
            })
            .with_state(self)
    }
}

fn published_routes() -> Router<Central> {
    Router::new()
        .route("/api/v2/oauth2/token", post(published::token))
        .route("/whoami/v1", get(published::whoami))
        .route("/partner/v1/tenants", get(published::partner_tenants))
        .route(
            "/organization/v1/tenants",
            get(published::organization_tenants),
        )
        .route("/licenses/v1/licenses", get(published::licenses))
}

fn connection_routes() -> Router<Central> {
    const CONNECTIONS: &str = "/cloud-integrations/v1/aws-cloudtrail/connections";
    let of = |path: &str| format!("{CONNECTIONS}{path}");
    Router::new()
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
}

fn ingest_routes() -> Router<Central> {
    Router::new()
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
}
