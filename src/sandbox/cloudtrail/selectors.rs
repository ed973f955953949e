//! The event selectors of a trail. They are kept and given back; the sandbox does not evaluate them.

use serde_json::{Value, json};

use super::{
    input::Answer,
    trails::{change, own, visible},
};
use crate::sandbox::cloud::{Caller, Cloud};

/// Replaces a trail's selectors.
pub(super) fn put(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    let arn = own(cloud, caller, input, "TrailName")?.arn;
    let mut selectors = json!({ "TrailARN": arn });
    for name in ["EventSelectors", "AdvancedEventSelectors"] {
        if let Some(value) = input.get(name) {
            selectors[name] = value.clone();
        }
    }
    change(cloud, &arn, |trail| trail.selectors = selectors.clone());
    Ok(selectors)
}

/// A trail's selectors.
pub(super) fn get(cloud: &Cloud, caller: &Caller, input: &Value) -> Answer {
    Ok(visible(cloud, caller, input, "TrailName")?.selectors)
}

/// The selectors of a trail that was given none: all management events.
pub(super) fn default(arn: &str) -> Value {
    json!({
        "TrailARN": arn,
        "EventSelectors": [{
            "ReadWriteType": "All", "IncludeManagementEvents": true,
            "DataResources": [], "ExcludeManagementEventSources": [],
        }],
    })
}
