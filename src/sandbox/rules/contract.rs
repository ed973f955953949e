//! What the contract (`central-api.yaml`) says about ids, names and the manifest.

use serde_json::Value;

use super::text::{consists, fits_if_there, is_digit, starts_alphanumeric};

/// An AWS account id (`AccountId` of the contract: `^[0-9]{12}$`).
pub(crate) fn is_account(text: &str) -> bool {
    consists(text, 12..=12, is_digit)
}

/// A list of account ids.
pub(crate) fn is_list_of_accounts(value: &Value) -> bool {
    let all = |list: &Vec<Value>| list.iter().all(|one| one.as_str().is_some_and(is_account));
    value.as_array().is_some_and(all)
}

/// A connection's name (`Name` of the contract: `^[A-Za-z0-9][A-Za-z0-9 ._-]*$`, at most 64).
pub(crate) fn is_connection_name(text: &str) -> bool {
    consists(text, 1..=64, |byte| {
        byte.is_ascii_alphanumeric() || b" ._-".contains(&byte)
    }) && starts_alphanumeric(text)
}

/// A connection's id (contract, `putConnection`: UUID v4, lower case; RFC 9562, section 5.4).
pub(crate) fn is_connection_id(text: &str) -> bool {
    let hex = |byte: u8| is_digit(byte) || (b'a'..=b'f').contains(&byte);
    let groups: Vec<&str> = text.split('-').collect();
    let [time, low, version, variant, node] = groups[..] else {
        return false;
    };
    let lengths = [(time, 8), (low, 4), (version, 4), (variant, 4), (node, 12)];
    lengths
        .into_iter()
        .all(|(group, length)| consists(group, length..=length, hex))
        && version.starts_with('4')
        && variant.starts_with(['8', '9', 'a', 'b'])
}

/// A partition (`Partition` of the contract).
pub(crate) fn is_partition(text: &str) -> bool {
    ["aws", "aws-cn", "aws-us-gov", "aws-eusc"].contains(&text)
}

/// A role's unique id (`forwarderRoleId` of the contract: `^AROA[A-Z0-9]{12,124}$`).
pub(crate) fn is_role_id(text: &str) -> bool {
    text.strip_prefix("AROA").is_some_and(|rest| {
        consists(rest, 12..=124, |byte| {
            byte.is_ascii_uppercase() || is_digit(byte)
        })
    })
}

/// The id of an organization (`Organization` of the contract: `^o-[a-z0-9]{10,32}$`).
pub(super) fn is_organization_id(text: &str) -> bool {
    text.strip_prefix("o-").is_some_and(|rest| {
        consists(rest, 10..=32, |byte| {
            byte.is_ascii_lowercase() || is_digit(byte)
        })
    })
}

/// Why a manifest does not fit `Resources` of the contract. Fields that the contract does not name are ignored.
pub(crate) fn manifest_fault(resources: &Value) -> Option<String> {
    let items = resources.get("items").and_then(Value::as_array);
    let Some(items) = items else {
        return Some("items are required".to_owned());
    };
    let texts = [
        "forwarderRole",
        "forwarderRoleId",
        "forwarderFunction",
        "forwarderVersion",
    ];
    if let Some(name) = texts
        .into_iter()
        .find(|name| !fits_if_there(resources, name, Value::is_string))
    {
        return Some(format!("{name}: not a text"));
    }
    let is_list_of_texts =
        |value: &Value| matches!(value, Value::Array(list) if list.iter().all(Value::is_string));
    if !fits_if_there(resources, "buckets", is_list_of_texts) {
        return Some("buckets: not a list of texts".to_owned());
    }
    if !fits_if_there(resources, "complete", Value::is_boolean) {
        return Some("complete: neither true nor false".to_owned());
    }
    items.iter().find_map(entry_fault)
}

/// Why an entry of a manifest does not fit `Resource` of the contract.
fn entry_fault(entry: &Value) -> Option<String> {
    const KINDS: [&str; 18] = [
        "trail",
        "bucket",
        "topic",
        "subscription",
        "function",
        "role",
        "rolePolicy",
        "logGroup",
        "bucketPolicyStatement",
        "bucketNotification",
        "topicPolicyStatement",
        "trailTopic",
        "functionPermission",
        "lifecycle",
        "eventRule",
        "trustedAccess",
        "serviceLinkedRole",
        "alarm",
    ];
    const OWNERSHIPS: [&str; 4] = ["created", "modified", "used", "external"];
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let fault = if !text("kind").is_some_and(|kind| KINDS.contains(&kind)) {
        "kind"
    } else if text("arn").is_none() {
        "arn"
    } else if !text("ownership").is_some_and(|whose| OWNERSHIPS.contains(&whose)) {
        "ownership"
    } else if !fits_if_there(entry, "wasAbsent", Value::is_boolean) {
        "wasAbsent"
    } else {
        ["id", "region", "digest"]
            .into_iter()
            .find(|name| !fits_if_there(entry, name, Value::is_string))?
    };
    Some(format!("items: {fault} does not fit in {entry}"))
}
