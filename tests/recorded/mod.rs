//! Errors recorded from AWS (`tests/data/aws-recorded.json`, each entry with its source). When they come through the SDK, code
//! and message are kept and each error is classified correctly. The sandbox gives the same errors.

mod not_given;
mod prepared;
mod sandbox;
mod sdk;
mod situations;

const RECORDED: &str = include_str!("../data/aws-recorded.json");
