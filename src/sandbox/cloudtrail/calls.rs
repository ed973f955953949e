//! The operations of CloudTrail that the sandbox has.

use serde_json::Value;

use super::{
    create::create, describe, digests, input::Answer, records, selectors, tags, trails,
    update::update,
};
use crate::sandbox::cloud::{Caller, Cloud, Error};

/// Answers a call whose caller the emulator has let through.
pub(crate) async fn call(cloud: &Cloud, caller: &Caller, operation: &str, input: &Value) -> Answer {
    match operation {
        "CreateTrail" => create(cloud, caller, input).await,
        "UpdateTrail" => update(cloud, caller, input).await,
        "DescribeTrails" => Ok(describe::describe(cloud, caller, input)),
        "GetTrailStatus" => describe::status(cloud, caller, input),
        "StartLogging" => trails::log(cloud, caller, input, true).await,
        "StopLogging" => trails::log(cloud, caller, input, false).await,
        "DeleteTrail" => trails::delete(cloud, caller, input).await,
        "PutEventSelectors" => selectors::put(cloud, caller, input),
        "GetEventSelectors" => selectors::get(cloud, caller, input),
        "AddTags" => tags::add(cloud, caller, input),
        "RemoveTags" => tags::remove(cloud, caller, input),
        "ListTags" => tags::list(cloud, caller, input),
        "ListPublicKeys" => digests::list(cloud, caller, input).await,
        "LookupEvents" => Ok(records::recent(&caller.account, &caller.region)),
        other => Err(Error::new(
            "UnsupportedOperationException",
            format!("{other} is not part of the sandbox"),
        )),
    }
}
