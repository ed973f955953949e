//! The worlds `organization` and `control-tower`: the account that `--sandbox` acts in manages an organization.

use serde_json::{Value, json};

use super::{
    Part, Resource,
    parts::{bucket, log, log_files, trail, trail_arn},
    root,
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::AccountId,
    resources::{
        organization::{self, SERVICE},
        seen::done_or,
    },
    sandbox::{Running, administrator},
    ui::{Code, Failure, Result},
};

/// The name of the management account.
const MANAGEMENT: &str = "management";
/// The account that keeps the log files under Control Tower: its name and its id.
pub(super) const LOG_ARCHIVE: (&str, &str) = ("log-archive", "222233334444");
/// The other members.
const MEMBERS: [(&str, &str); 4] = [
    ("audit", "333344445555"),
    ("production", "444455556666"),
    ("staging", "555566667777"),
    ("development", "666677778888"),
];
/// Control Tower's own trail of the organization.
const BASELINE: &str = "aws-controltower-BaselineCloudTrail";

/// The log archive's bucket of log files.
#[must_use]
pub(super) fn log_bucket() -> String {
    format!("aws-controltower-logs-{}-eu-west-1", LOG_ARCHIVE.1)
}

/// An organization that is there.
struct Organized {
    id: String,
    /// The account's root clients.
    management: Aws,
    accounts: Vec<Resource>,
}

impl Organized {
    fn resources(self) -> Vec<Resource> {
        let organization = std::iter::once(Part::Organization.of(self.id));
        organization.chain(self.accounts).collect()
    }
}

/// Makes an organization that does not trust CloudTrail yet.
pub(super) async fn make(running: &Running) -> Result<Vec<Resource>> {
    Ok(organize(running).await?.resources())
}

/// Makes an organization under Control Tower, whose trail logs into a bucket of the log archive account.
pub(super) async fn make_control_tower(running: &Running) -> Result<Vec<Resource>> {
    let made = organize(running).await?;
    let archive = root(running, &account(LOG_ARCHIVE.1)).await?;
    let (management, name) = (&made.management, log_bucket());
    let arn = trail_arn(management, BASELINE);
    trust(management).await?;
    bucket(&archive, &name, &bucket_policy(&made, &archive, &arn)).await?;
    let is_absent = trail(management, &arn).await?.is_none();
    if is_absent {
        create_trail(&made, &archive).await?;
    }
    // Also where an earlier start broke off before it.
    withdraw(management).await?;
    for resource in &made.accounts {
        let (id, member) = (&made.id, account(&resource.id));
        let logs = format!("{id}/AWSLogs/{id}/{member}/CloudTrail/");
        log_files(&archive, &name, &logs, &member).await?;
    }
    if is_absent {
        log(management, &arn).await?;
    }
    let bucket = format!("arn:{}:s3:::{name}", archive.caller.partition);
    let mut resources = vec![Part::Trail.of(arn), Part::Bucket.of(bucket)];
    resources.extend(made.resources());
    Ok(resources)
}

/// Makes the organization and its accounts. Each has the role that `--sandbox` acts as.
async fn organize(running: &Running) -> Result<Organized> {
    let management = root(running, &running.account).await?;
    let organizations = &management.organizations;
    let made = organizations.create_organization().send().await;
    let made = made.map_err(AwsError::of("organizations:CreateOrganization"));
    done_or(made, &["AlreadyInOrganizationException"])?;
    let found = organization::describe(&management).await?;
    let id = found.there().map(|found| found.id.clone()).ok_or_else(|| {
        let message = "the sandbox's organization cannot be read";
        Failure::new(Code::SandboxUnavailable, message)
    })?;
    let there = organization::members(&management).await?;
    let is_there = |id: &str| {
        let all = there.there();
        all.is_some_and(|all| all.iter().any(|one| one.id.as_str() == id))
    };
    let mut accounts = vec![named(MANAGEMENT, running.account.as_str())];
    for (name, id) in std::iter::once(LOG_ARCHIVE).chain(MEMBERS) {
        if !is_there(id) {
            let create = organizations.create_account().account_name(name);
            let created = create.email(format!("{id}@example.com")).send().await;
            created.map_err(AwsError::of("organizations:CreateAccount"))?;
        }
        administrator::make(&root(running, &account(id)).await?).await?;
        accounts.push(named(name, id));
    }
    Ok(Organized {
        id,
        management,
        accounts,
    })
}

/// Lets CloudTrail work in every account of the organization.
async fn trust(management: &Aws) -> Result<()> {
    let enable = management.organizations.enable_aws_service_access();
    let enabled = enable.service_principal(SERVICE).send().await;
    enabled.map_err(AwsError::of("organizations:EnableAWSServiceAccess"))?;
    let create = management.iam.create_service_linked_role();
    let created = create.aws_service_name(SERVICE).send().await;
    let created = created.map_err(AwsError::of("iam:CreateServiceLinkedRole"));
    done_or(created, &["InvalidInput", "EntityAlreadyExists"])
}

/// Makes Control Tower's trail. CloudTrail looks for a trail's bucket in the account that makes the trail. Control Tower does so
/// for the management account; here the log archive does it, as an administrator that is delegated for this moment.
async fn create_trail(made: &Organized, archive: &Aws) -> Result<()> {
    let organizations = &made.management.organizations;
    let delegate = organizations.register_delegated_administrator();
    let delegate = delegate.account_id(LOG_ARCHIVE.1);
    let delegated = delegate.service_principal(SERVICE).send().await;
    delegated.map_err(AwsError::of("organizations:RegisterDelegatedAdministrator"))?;
    // Control Tower's key prefix is the organization's id (Control Tower User Guide, "About logging in AWS Control Tower").
    let create = archive.cloudtrail.create_trail().name(BASELINE);
    let created = create
        .s3_bucket_name(log_bucket())
        .s3_key_prefix(&made.id)
        .is_organization_trail(true)
        .is_multi_region_trail(true)
        .enable_log_file_validation(true)
        .send()
        .await;
    created.map_err(AwsError::of("cloudtrail:CreateTrail"))?;
    Ok(())
}

/// Ends the log archive's delegation, if it is an administrator.
async fn withdraw(management: &Aws) -> Result<()> {
    let organizations = &management.organizations;
    let withdraw = organizations.deregister_delegated_administrator();
    let withdraw = withdraw.account_id(LOG_ARCHIVE.1);
    let withdrawn = withdraw.service_principal(SERVICE).send().await;
    let withdrawn = withdrawn.map_err(AwsError::of(
        "organizations:DeregisterDelegatedAdministrator",
    ));
    done_or(withdrawn, &["AccountNotRegisteredException"])
}

/// The policy of the log archive's bucket (CloudTrail User Guide, "Creating a trail for an organization with the AWS CLI").
fn bucket_policy(made: &Organized, archive: &Aws, trail: &str) -> Value {
    let bucket = format!("arn:{}:s3:::{}", archive.caller.partition, log_bucket());
    let (id, management) = (&made.id, &made.management.caller.account);
    json!({ "Version": "2012-10-17", "Statement": [
        {
            "Sid": "AWSBucketPermissionsCheck", "Effect": "Allow",
            "Principal": { "Service": [SERVICE, "config.amazonaws.com"] },
            "Action": "s3:GetBucketAcl", "Resource": bucket,
        },
        {
            "Sid": "AWSBucketDeliveryForOrganizationTrail", "Effect": "Allow", "Principal": { "Service": SERVICE },
            "Action": "s3:PutObject",
            "Resource": [
                format!("{bucket}/{id}/AWSLogs/{management}/*"), format!("{bucket}/{id}/AWSLogs/{id}/*"),
            ],
            "Condition": { "StringEquals": { "aws:SourceArn": trail } },
        },
    ]})
}

fn named(name: &str, id: &str) -> Resource {
    let mut account = Part::Account.of(id);
    account.name = Some(name.to_owned());
    account
}

fn account(id: &str) -> AccountId {
    id.parse().expect("twelve digits")
}
