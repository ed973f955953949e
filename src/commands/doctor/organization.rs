//! What the account is in its organization, and so whether an organization's connection can be set up from here.

use crate::{
    aws::Aws,
    connection::Organization,
    health::{About, Check},
    resources::{organization, seen::Seen},
    ui::{Result, t},
};

/// Returns the check, and the organization if a connection for it can be set up from here.
pub(super) async fn look(aws: &Aws) -> Result<(Check, Option<Organization>)> {
    let account = &aws.caller.account;
    let check = |ok, detail| Check::new(About::Organization, ok, detail);
    let organization = match organization::describe(aws).await? {
        Seen::There(organization) => organization,
        Seen::Absent => return Ok((check(Some(true), t!("doctor-organization-none")), None)),
        Seen::Denied(action) => {
            let unseen = t!("doctor-organization-denied", action = action);
            return Ok((check(None, unseen), None));
        }
    };
    let Organization { id, management } = &organization;
    if management == account {
        let detail = t!("doctor-organization-management", id = id);
        return Ok((check(Some(true), detail), Some(organization)));
    }
    let member = t!(
        "doctor-organization-member",
        id = id,
        management = management
    );
    Ok(match organization::delegated(aws, account).await? {
        Seen::There(()) => {
            let detail = t!(
                "doctor-organization-delegated",
                id = id,
                management = management
            );
            (check(Some(true), detail), Some(organization))
        }
        Seen::Absent => (check(Some(true), member), None),
        // AWS also denies this call to an account that is not the delegated administrator.
        Seen::Denied(action) => {
            let unseen = t!("doctor-delegated-denied", member = member, action = action);
            (check(None, unseen), None)
        }
    })
}
