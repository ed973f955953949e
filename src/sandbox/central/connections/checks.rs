//! What the body of a call may say, by the contract.

use serde_json::{Map, Value};

use crate::sandbox::{
    central::{refusal::Refusal, store::Store},
    rules,
};

type Rule = fn(&str) -> bool;

/// Fields that are texts, the rule of each, and what a text that fits is.
const TEXTS: [(&str, Rule, &str); 4] = [
    ("name", rules::is_connection_name, "a connection's name"),
    ("awsAccountId", rules::is_account, "an account's id"),
    ("partition", rules::is_partition, "a partition"),
    ("homeRegion", rules::is_region, "a region"),
];

/// Checks the fields of a body, one after the other.
pub(super) fn check(fields: &Map<String, Value>) -> Result<(), Refusal> {
    for (name, fits, what) in TEXTS {
        let text = fields.get(name).map(Value::as_str);
        if text.is_some_and(|text| !text.is_some_and(fits)) {
            return Err(Refusal::invalid(format!("{name}: not {what}")));
        }
    }
    if fields
        .get("organization")
        .is_some_and(|one| !fits_organization(one))
    {
        return Err(Refusal::invalid(
            "organization: not an organization with its management account",
        ));
    }
    let accounts = fields.get("accounts");
    if accounts.is_some_and(|list| !rules::is_list_of_accounts(list)) {
        return Err(Refusal::invalid("accounts: not a list of account ids"));
    }
    if let Some(resources) = fields.get("resources") {
        check_manifest(resources)?;
    }
    if fields
        .get("settings")
        .is_some_and(|settings| settings.to_string().len() > 64 * 1024)
    {
        return Err(Refusal::invalid("settings: larger than 64 KiB"));
    }
    if fields
        .get("mode")
        .is_some_and(|mode| mode != "new" && mode != "existing")
    {
        return Err(Refusal::invalid("mode: new or existing"));
    }
    if accounts.and_then(Value::as_array).map_or(0, Vec::len) > 20_000 {
        return Err(Refusal::invalid("accounts: more than 20000"));
    }
    Ok(())
}

fn check_manifest(resources: &Value) -> Result<(), Refusal> {
    if let Some(fault) = rules::manifest_fault(resources) {
        return Err(Refusal::invalid(format!("resources: {fault}")));
    }
    let role_id = resources.get("forwarderRoleId").and_then(Value::as_str);
    if role_id.is_some_and(|id| !rules::is_role_id(id)) {
        return Err(Refusal::invalid(
            "resources: forwarderRoleId: not a role's id",
        ));
    }
    Ok(())
}

/// Whether a value is none, or an organization's id with its management account.
fn fits_organization(value: &Value) -> bool {
    let text = |name: &str| value.get(name).and_then(Value::as_str);
    let id = text("id").and_then(|id| id.strip_prefix("o-"));
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let id = id.is_some_and(|id| (10..=32).contains(&id.len()) && id.bytes().all(fits));
    let management = text("managementAccountId").is_some_and(rules::is_account);
    value.is_null() || (id && management)
}

/// Whether these fields name an organization.
pub(super) fn has_organization(fields: &Map<String, Value>) -> bool {
    fields
        .get("organization")
        .is_some_and(|value| !value.is_null())
}

/// Refuses a name that another live connection of the tenant has.
pub(super) fn check_name(
    store: &Store,
    tenant: &str,
    name: Option<&Value>,
    id: &str,
) -> Result<(), Refusal> {
    let taken = store.connections.iter().any(|(other, connection)| {
        other != id
            && connection.tenant == tenant
            && !connection.deleted
            && connection.fields.get("name") == name
    });
    if taken {
        let message = "a live connection has this name";
        return Err(Refusal::conflict("nameTaken", message));
    }
    Ok(())
}
