//! All integration tests are in one binary, because each binary would link every SDK. Tests run in parallel, each in an account
//! and a tenant of its own.

// Nothing leaves this binary: `pub` says that other files of it use an item.
#![allow(unreachable_pub)]
#![allow(clippy::print_stderr, clippy::print_stdout, clippy::unwrap_used)]

mod adopt;
mod alarms;
mod audit;
mod bench;
mod ci;
mod crash;
mod digests;
mod drift;
mod errors;
mod existing;
mod fleet;
mod flow;
mod forwarder;
mod handover;
mod help;
mod hostile;
mod house;
mod invitation;
mod loss;
mod meddling;
mod night;
mod organization;
mod parity;
mod permissions;
mod recorded;
mod refusals;
mod removal;
mod rig;
mod schema;
mod screens;
mod secrets;
mod speed;
mod status;
mod steering;
mod support;
mod templates;
mod verify_central;
mod wizard;
