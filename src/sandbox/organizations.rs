//! AWS Organizations, as far as an organization's trail needs it. The emulator decides who may call; the answers come from here.

use serde_json::{Value, json};

use super::{
    cloud::{Caller, Cloud, Error, Organization},
    rules,
};
use crate::connection::AccountId;

/// Accounts in one page of `ListAccounts` (its maximum).
const PAGE: usize = 20;
/// What a delegated administrator may call too.
const READS: [&str; 3] = [
    "ListAccounts",
    "ListAWSServiceAccessForOrganization",
    "ListDelegatedAdministrators",
];

type Answer = Result<Value, Error>;

/// Answers a call whose caller the emulator has let through.
pub(super) fn call(cloud: &Cloud, caller: &Caller, operation: &str, input: &Value) -> Answer {
    if operation == "CreateOrganization" {
        return create(cloud, caller);
    }
    let organization = cloud.organization_of(&caller.account).ok_or_else(|| {
        Error::new(
            "AWSOrganizationsNotInUseException",
            "Your account is not a member of an organization.",
        )
    })?;
    if operation == "DescribeOrganization" {
        return Ok(json!({ "Organization": shown(&organization) }));
    }
    let delegated = organization.delegated.contains(&caller.account) && READS.contains(&operation);
    if organization.management != caller.account && !delegated {
        return Err(Error::new(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
    match operation {
        "CreateAccount" => create_account(cloud, &organization, text("AccountName"), text("Email")),
        "RegisterDelegatedAdministrator" => delegate(cloud, &organization, text("AccountId")),
        "DeregisterDelegatedAdministrator" => withdraw(cloud, &organization, text("AccountId")),
        "ListDelegatedAdministrators" => Ok(administrators(&organization)),
        "ListAccounts" => Ok(accounts(&organization, text("NextToken"))),
        "EnableAWSServiceAccess" => Ok(trust(cloud, &organization, text("ServicePrincipal"))),
        "ListAWSServiceAccessForOrganization" => Ok(trusted(&organization)),
        other => Err(Error::new(
            "UnsupportedAPIEndpointException",
            format!("{other} is not part of the sandbox"),
        )),
    }
}

fn create(cloud: &Cloud, caller: &Caller) -> Answer {
    if cloud.organization_of(&caller.account).is_some() {
        return Err(Error::new(
            "AlreadyInOrganizationException",
            "The account is already a member of an organization.",
        ));
    }
    let organization = Organization {
        id: format!("o-{}", &uuid::Uuid::new_v4().simple().to_string()[..10]),
        management: caller.account.clone(),
        accounts: vec![caller.account.clone()],
        names: Vec::new(),
        delegated: Vec::new(),
        trusted: Vec::new(),
    };
    let mut trails = cloud.state();
    trails.organizations.push(organization.clone());
    trails.changed = true;
    Ok(json!({ "Organization": shown(&organization) }))
}

/// Adds an account. The emulator knows every account id, so the caller chooses the id: it is the account's name, or stands
/// before the `@` of its email address.
fn create_account(cloud: &Cloud, organization: &Organization, name: &str, email: &str) -> Answer {
    let local = email.split('@').next().unwrap_or_default();
    let id = if rules::is_account(name) { name } else { local };
    let complaint =
        "In the sandbox an account's name is its id, or its email address begins with it.";
    let account = account_id(id, complaint)?;
    change(cloud, &organization.id, |there| {
        there.accounts.push(account.clone());
        if id != name {
            there.names.push((account.clone(), name.to_owned()));
        }
    });
    Ok(json!({ "CreateAccountStatus": {
        "Id": format!("car-{}", uuid::Uuid::new_v4().simple()), "AccountName": name,
        "AccountId": account, "State": "SUCCEEDED",
    }}))
}

fn delegate(cloud: &Cloud, organization: &Organization, account: &str) -> Answer {
    let account = account_id(account, "An account's id has 12 digits.")?;
    change(cloud, &organization.id, |there| {
        there.delegated.push(account)
    });
    Ok(json!({}))
}

/// Ends what `delegate` began (Organizations API Reference, DeregisterDelegatedAdministrator).
fn withdraw(cloud: &Cloud, organization: &Organization, account: &str) -> Answer {
    let is_it = |one: &AccountId| one.as_str() == account;
    if !organization.delegated.iter().any(is_it) {
        return Err(Error::new(
            "AccountNotRegisteredException",
            "The account is not a delegated administrator of this service.",
        ));
    }
    change(cloud, &organization.id, |there| {
        there.delegated.retain(|one| !is_it(one))
    });
    Ok(json!({}))
}

fn account_id(text: &str, complaint: &str) -> Result<AccountId, Error> {
    let parsed = rules::is_account(text).then(|| text.parse().ok());
    parsed
        .flatten()
        .ok_or_else(|| Error::new("InvalidInputException", complaint))
}

fn administrators(organization: &Organization) -> Value {
    let list: Vec<Value> = organization
        .delegated
        .iter()
        .map(|account| json!({ "Id": account, "Status": "ACTIVE" }))
        .collect();
    json!({ "DelegatedAdministrators": list })
}

/// One page of the accounts. The token is the index of the page's first account.
fn accounts(organization: &Organization, token: &str) -> Value {
    let from: usize = token.parse().unwrap_or_default();
    let page = organization.accounts.iter().skip(from).take(PAGE);
    let page: Vec<Value> = page
        .map(|account| {
            let arn = format!(
                "arn:aws:organizations::{}:account/{}/{account}",
                organization.management, organization.id
            );
            json!({ "Id": account, "Arn": arn, "Name": name(organization, account), "Status": "ACTIVE" })
        })
        .collect();
    let mut answer = json!({ "Accounts": page });
    if from + PAGE < organization.accounts.len() {
        answer["NextToken"] = (from + PAGE).to_string().into();
    }
    answer
}

/// The name that an account was created with.
fn name(organization: &Organization, account: &AccountId) -> String {
    let mut names = organization.names.iter();
    let named = names.find(|(one, _)| one == account);
    named.map_or_else(|| format!("account {account}"), |(_, name)| name.clone())
}

/// Marks a service as trusted.
fn trust(cloud: &Cloud, organization: &Organization, service: &str) -> Value {
    change(cloud, &organization.id, |there| {
        if !there.trusted.iter().any(|one| one == service) {
            there.trusted.push(service.to_owned());
        }
    });
    json!({})
}

fn trusted(organization: &Organization) -> Value {
    let list: Vec<Value> = organization
        .trusted
        .iter()
        .map(|service| json!({ "ServicePrincipal": service, "DateEnabled": 1_700_000_000 }))
        .collect();
    json!({ "EnabledServicePrincipals": list })
}

fn change(cloud: &Cloud, id: &str, with: impl FnOnce(&mut Organization)) {
    let mut trails = cloud.state();
    if let Some(there) = trails.organizations.iter_mut().find(|there| there.id == id) {
        with(there);
    }
    trails.changed = true;
}

fn shown(organization: &Organization) -> Value {
    let Organization { id, management, .. } = organization;
    json!({
        "Id": id,
        "Arn": format!("arn:aws:organizations::{management}:organization/{id}"),
        "FeatureSet": "ALL",
        "MasterAccountId": management,
        "MasterAccountArn": format!("arn:aws:organizations::{management}:account/{id}/{management}"),
    })
}
