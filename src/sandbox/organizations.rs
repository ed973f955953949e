//! AWS Organizations, as far as a trail of an organization needs it. The emulator decides who may call; we answer.

use serde_json::{Value, json};

use super::cloud::{Caller, Cloud, Error, Organization};
use crate::connection::AccountId;

/// Accounts of one page of `ListAccounts` (its maximum).
const PAGE: usize = 20;

type Answer = Result<Value, Error>;

/// Answers a call whose caller the emulator has let through.
pub fn call(cloud: &Cloud, caller: &Caller, operation: &str, input: &Value) -> Answer {
    let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
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
    let reads = [
        "ListAccounts",
        "ListAWSServiceAccessForOrganization",
        "ListDelegatedAdministrators",
    ];
    let delegated = organization.delegated.contains(&caller.account) && reads.contains(&operation);
    if organization.management != caller.account && !delegated {
        return Err(Error::new(
            "AccessDeniedException",
            "You don't have permissions to access this resource.",
        ));
    }
    match operation {
        // The emulator takes any account id as it is: the new one may be named.
        "CreateAccount" => {
            let account: AccountId = text("AccountName").parse().map_err(|_| {
                Error::new(
                    "InvalidInputException",
                    "In the sandbox an account's name is its id.",
                )
            })?;
            change(cloud, &organization.id, |there| {
                there.accounts.push(account.clone())
            });
            Ok(json!({ "CreateAccountStatus": {
                "Id": format!("car-{}", uuid::Uuid::new_v4().simple()), "AccountName": account,
                "AccountId": account, "State": "SUCCEEDED",
            }}))
        }
        "RegisterDelegatedAdministrator" => {
            let account: AccountId = text("AccountId")
                .parse()
                .map_err(|message: String| Error::new("InvalidInputException", message))?;
            change(cloud, &organization.id, |there| {
                there.delegated.push(account)
            });
            Ok(json!({}))
        }
        "ListDelegatedAdministrators" => {
            let list: Vec<Value> = organization
                .delegated
                .iter()
                .map(|account| json!({ "Id": account, "Status": "ACTIVE" }))
                .collect();
            Ok(json!({ "DelegatedAdministrators": list }))
        }
        "ListAccounts" => Ok(accounts(&organization, text("NextToken"))),
        "EnableAWSServiceAccess" => {
            let service = text("ServicePrincipal").to_owned();
            change(cloud, &organization.id, |there| {
                if !there.trusted.contains(&service) {
                    there.trusted.push(service);
                }
            });
            Ok(json!({}))
        }
        "ListAWSServiceAccessForOrganization" => {
            let list: Vec<Value> = organization
                .trusted
                .iter()
                .map(|service| json!({ "ServicePrincipal": service, "DateEnabled": 1_700_000_000 }))
                .collect();
            Ok(json!({ "EnabledServicePrincipals": list }))
        }
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
        delegated: Vec::new(),
        trusted: Vec::new(),
    };
    let mut trails = cloud.state();
    trails.organizations.push(organization.clone());
    trails.changed = true;
    Ok(json!({ "Organization": shown(&organization) }))
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

/// A page of the accounts; the token is where the next one begins.
fn accounts(organization: &Organization, token: &str) -> Value {
    let from: usize = token.parse().unwrap_or_default();
    let page = organization.accounts.iter().skip(from).take(PAGE);
    let page: Vec<Value> = page
        .map(|account| {
            let arn = format!(
                "arn:aws:organizations::{}:account/{}/{account}",
                organization.management, organization.id
            );
            json!({ "Id": account, "Arn": arn, "Name": format!("account {account}"), "Status": "ACTIVE" })
        })
        .collect();
    let mut answer = json!({ "Accounts": page });
    if from + PAGE < organization.accounts.len() {
        answer["NextToken"] = (from + PAGE).to_string().into();
    }
    answer
}
