//! The sandbox's Central: a real HTTP server for `central-api.yaml`, with the published and the assumed operations. It has
//! several tenants, and licence, pause and faults on request (paths under `/_sandbox`).

mod catch_up;
mod connections;
mod control;
mod ingest;
mod published;
mod refusal;
mod request;
mod routes;
mod state;
mod statistics;
mod store;
mod times;

pub use catch_up::{Entry, Timing};
pub use state::Central;
pub use store::Store;
pub(crate) use store::{LICENSE_CODE, Tenant};
pub(crate) use times::now;
