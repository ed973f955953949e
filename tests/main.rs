//! The one integration-test binary: each would link every SDK. Tests run in parallel on accounts and tenants of their own.

#![allow(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod bench;
mod crash;
mod drift;
mod existing;
mod flow;
mod forwarder;
mod hostile;
mod house;
mod loss;
mod meddling;
mod messages;
mod organization;
mod parity;
mod permissions;
mod recorded;
mod refusals;
mod removal;
mod rig;
mod schema;
mod secrets;
mod speed;
mod support;
mod wizard;
