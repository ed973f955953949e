//! What an organization's trail needs from the organization: CloudTrail's trusted access and its service-linked role. Both belong
//! to the organization, not to a connection: they are created if they are missing, and never removed.

use std::collections::HashSet;

use aws_sdk_organizations::types::AccountState;

use super::{
    cx::Cx,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, done_or, seen},
    settings::Settings,
    step::{self, Action, Does, Facts, Step},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{AccountId, Design, Feed, Kind, Organization, Ownership},
    policy::grant::{Grant, Purpose},
    ui::{Result, t},
};

/// CloudTrail, as the name of a service that an organization trusts.
pub(crate) const SERVICE: &str = "cloudtrail.amazonaws.com";

/// The name of its service-linked role.
const ROLE: &str = "AWSServiceRoleForCloudTrail";

/// Whether what an organization's trail needs is there.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub trusted: Seen<()>,
    /// The service-linked role in the management account; it cannot be seen from another account.
    pub role: Seen<()>,
    /// Whether the caller's account is the management account, or CloudTrail's delegated administrator.
    pub may: Seen<()>,
}

/// What was seen of the organization.
pub(crate) type Observed = State;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    EnableAccess,
    CreateRole,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::EnableAccess => Facts::new(
                Action::Create,
                Kind::TrustedAccess,
                &["EnableAWSServiceAccess"],
                &["organizations:EnableAWSServiceAccess"],
            ),
            Self::CreateRole => Facts::new(
                Action::Create,
                Kind::ServiceLinkedRole,
                &["CreateServiceLinkedRole"],
                &["iam:CreateServiceLinkedRole"],
            ),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        &[]
    }
}

/// Carries a change out. Every change is safe to repeat.
pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::EnableAccess => enable_access(cx).await,
        Change::CreateRole => create_role(cx).await,
    }
}

/// What `setup` does for an organization's trail: it creates what is missing.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    _: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let Some(organization) = design.organization.as_ref().filter(|_| design.own_trail()) else {
        return planned;
    };
    let management = organization.management == design.account;
    if !matches!(seen.may, Seen::There(())) {
        planned.conflicts.push(t!(
            "conflict-not-management",
            account = design.account,
            management = organization.management
        ));
    } else if !management && seen.trusted.is_absent() {
        // Only the management account can turn trusted access on.
        planned.conflicts.push(t!(
            "conflict-not-trusted",
            management = organization.management
        ));
    }
    let trust = (arn(design, organization), &seen.trusted);
    let role = (role_arn(design), &seen.role);
    for (change, (arn, seen)) in [(Change::EnableAccess, trust), (Change::CreateRole, role)] {
        let used = Does::Use(step::Change::facts(&change).kind);
        let step = match seen {
            Seen::Absent if management => Step::new(change, arn).because(t!("reason-never-undone")),
            Seen::There(()) | Seen::Absent => Step::new(used, arn),
            Seen::Denied(action) => {
                let note = t!("note-organization-denied", arn = arn, action = action);
                planned.notes.push(note);
                Step::new(used, arn)
            }
        };
        planned.add(step, Ownership::Used, None);
    }
    planned
}

/// What `remove` does: nothing, since everything in the organization shares these.
#[must_use]
pub(crate) fn remove(_: &Design, _: &Observed, _: Removing<'_>, _: &Across) -> Planned<Change> {
    Planned::default()
}

/// Always empty: all of it is there or not.
#[must_use]
pub(crate) fn settings(_: &Design, _: &Observed, _: Journal<'_>, _: &Across) -> Vec<Settings> {
    Vec::new()
}

/// Always empty: no manifest may claim any of it.
#[must_use]
pub(crate) fn claims(_: &Design) -> Vec<Claim> {
    Vec::new()
}

/// Always `No`: none of it is ours.
#[must_use]
pub(crate) fn shown(_: &Design, _: &Observed, _: &Across, _: Kind) -> Shown {
    Shown::No
}

/// Always `None`: none of it carries a mark.
#[must_use]
pub(crate) fn mark(_: &Observed) -> Option<&Mark> {
    None
}

/// Reads what an organization's trail needs, if such a trail is to be created.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let Some(organization) = design.organization.as_ref().filter(|_| design.own_trail()) else {
        return Ok(State::default());
    };
    if organization.management != design.account {
        let (trusted, may) = tokio::try_join!(trusted(aws), delegated(aws, &design.account))?;
        return Ok(State {
            trusted,
            role: Seen::Denied("iam:GetRole"),
            may,
        });
    }
    let (trusted, role) = tokio::join!(trusted(aws), aws.iam.get_role().role_name(ROLE).send());
    let role = role.map(drop).map_err(AwsError::of("iam:GetRole"));
    Ok(State {
        trusted: trusted?,
        role: seen(role, &["NoSuchEntity"])?,
        may: Seen::There(()),
    })
}

/// Reads the organization that the caller's account is in.
pub(crate) async fn describe(aws: &Aws) -> Result<Seen<Organization>, AwsError> {
    let found = aws
        .organizations
        .describe_organization()
        .send()
        .await
        .map_err(AwsError::of("organizations:DescribeOrganization"));
    let found = match seen(found, &["AWSOrganizationsNotInUseException"])? {
        Seen::There(found) => found,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let organization = found.organization();
    let id = organization.and_then(|one| one.id());
    let management = organization.and_then(|one| one.master_account_id());
    let management = management.and_then(|account| account.parse::<AccountId>().ok());
    Ok(match (id, management) {
        (Some(id), Some(management)) => Seen::There(Organization {
            id: id.to_owned(),
            management,
        }),
        _ => Seen::Absent,
    })
}

/// An account of the organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub id: AccountId,
    pub name: String,
}

/// The accounts of the organization, sorted by name and without closed ones. Only the management account and delegated
/// administrators may list them.
pub(crate) async fn members(aws: &Aws) -> Result<Seen<Vec<Member>>, AwsError> {
    let mut members = Vec::new();
    let mut pages = aws.organizations.list_accounts().into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("organizations:ListAccounts"));
        let page = match seen(page, &["AWSOrganizationsNotInUseException"])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        for account in page.accounts() {
            let closed = account.state() == Some(&AccountState::Closed);
            if let Some(id) = account.id().and_then(|id| id.parse().ok())
                && !closed
            {
                let name = account.name().unwrap_or_default().to_owned();
                members.push(Member { id, name });
            }
        }
    }
    members.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(Seen::There(members))
}

/// The same for the organization with this id; absent if the caller is in another one.
pub(crate) async fn members_of(
    aws: &Aws,
    organization: &str,
) -> Result<Seen<Vec<Member>>, AwsError> {
    let (own, members) = tokio::try_join!(describe(aws), members(aws))?;
    Ok(match own {
        Seen::There(own) if own.id == organization => members,
        Seen::There(_) | Seen::Absent => Seen::Absent,
        Seen::Denied(action) => Seen::Denied(action),
    })
}

/// Which of these accounts are not among the members.
#[must_use]
pub(crate) fn strangers(members: &[Member], accounts: &[AccountId]) -> Vec<AccountId> {
    let members: HashSet<&AccountId> = members.iter().map(|member| &member.id).collect();
    let strangers = accounts.iter().filter(|one| !members.contains(one));
    strangers.cloned().collect()
}

/// Whether the account is CloudTrail's delegated administrator.
pub(crate) async fn delegated(aws: &Aws, account: &AccountId) -> Result<Seen<()>, AwsError> {
    let mut pages = aws
        .organizations
        .list_delegated_administrators()
        .service_principal(SERVICE)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("organizations:ListDelegatedAdministrators"));
        // A member that is not one gets a denial as well, which looks the same as a missing permission.
        let page = match seen(page, &[])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        let mut all = page.delegated_administrators().iter();
        if all.any(|one| one.id() == Some(account.as_str())) {
            return Ok(Seen::There(()));
        }
    }
    Ok(Seen::Absent)
}

/// What CloudTrail requires besides of every caller that creates or changes a trail of an organization (Service Authorization
/// Reference, "Actions defined by AWS CloudTrail", dependent actions of `CreateTrail` and `UpdateTrail`).
pub(crate) const FOR_TRAIL: [&str; 3] = [
    "organizations:ListAWSServiceAccessForOrganization",
    "iam:GetRole",
    "iam:CreateServiceLinkedRole",
];

/// The permissions in the organization that a caller needs for a purpose.
#[must_use]
pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    if design.organization.is_none() || purpose != Purpose::Setup {
        return Vec::new();
    }
    // The second is for the wizard's list of accounts; without it, the user types their ids.
    let mut grants = vec![Grant::new(
        &[
            "organizations:DescribeOrganization",
            "organizations:ListAccounts",
        ],
        "*",
    )];
    // CloudTrail requires these from every caller that creates or changes a trail of the organization, also from a delegated
    // administrator (CloudTrail User Guide, "Creating a trail for an organization").
    if design.own_trail() || matches!(design.feed, Feed::Trail { .. }) {
        let service = |key: &str| serde_json::json!({ "StringEquals": { key: SERVICE } });
        let [list, look, create_role] = FOR_TRAIL;
        let mut roles = Grant::new(&[look], role_arn(design));
        let management = design.organization.as_ref().map(|one| &one.management);
        grants.push(Grant::new(&[list], "*"));
        if management == Some(&design.account) {
            grants.push(
                Grant::new(&["organizations:EnableAWSServiceAccess"], "*")
                    .only_if(service("organizations:ServicePrincipal")),
            );
        } else {
            grants.push(Grant::new(
                &["organizations:ListDelegatedAdministrators"],
                "*",
            ));
            roles = roles.and_on(role_in(design, &design.account));
        }
        let mut create = roles.clone();
        create.actions = vec![create_role];
        grants.extend([roles, create.only_if(service("iam:AWSServiceName"))]);
    }
    grants
}

async fn trusted(aws: &Aws) -> Result<Seen<()>, AwsError> {
    let mut pages = aws
        .organizations
        .list_aws_service_access_for_organization()
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of(
            "organizations:ListAWSServiceAccessForOrganization",
        ));
        let page = match seen(page, &[])? {
            Seen::There(page) => page,
            Seen::Absent => return Ok(Seen::Absent),
            Seen::Denied(action) => return Ok(Seen::Denied(action)),
        };
        let services = page.enabled_service_principals();
        if services
            .iter()
            .any(|service| service.service_principal() == Some(SERVICE))
        {
            return Ok(Seen::There(()));
        }
    }
    Ok(Seen::Absent)
}

async fn enable_access(cx: Cx<'_>) -> Result<()> {
    cx.aws
        .organizations
        .enable_aws_service_access()
        .service_principal(SERVICE)
        .send()
        .await
        .map_err(AwsError::of("organizations:EnableAWSServiceAccess"))?;
    Ok(())
}

async fn create_role(cx: Cx<'_>) -> Result<()> {
    let made = cx
        .aws
        .iam
        .create_service_linked_role()
        .aws_service_name(SERVICE)
        .send()
        .await
        .map_err(AwsError::of("iam:CreateServiceLinkedRole"));
    // If the role is there already, AWS answers `InvalidInput`, or `EntityAlreadyExists` if two callers create it at once.
    done_or(made, &["InvalidInput", "EntityAlreadyExists"])
}

/// ARN of the service-linked role.
fn role_arn(design: &Design) -> String {
    role_in(design, design.trail_owner())
}

fn role_in(design: &Design, account: &AccountId) -> String {
    format!(
        "arn:{}:iam::{account}:role/aws-service-role/{SERVICE}/{ROLE}",
        design.partition
    )
}

/// ARN of the organization.
fn arn(design: &Design, organization: &Organization) -> String {
    format!(
        "arn:{}:organizations::{}:organization/{}",
        design.partition, organization.management, organization.id
    )
}
