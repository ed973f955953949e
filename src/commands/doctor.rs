//! `doctor`: what can be told before anything is set up.

use serde_json::{Value, json};

use super::{App, session};
use crate::{
    aws::Aws,
    central::model::LicenseState,
    connection::Organization,
    health::Check,
    resources::{organization, seen::Seen, trail},
    ui::{Code, Exit, Failure, Result, t},
};

pub async fn run(app: &App) -> Result<Exit> {
    let mut checks = Vec::new();
    let aws_options = session::aws_options(app).await?;
    let (aws, central) = tokio::join!(Aws::connect(&aws_options), session::central(app));
    match &aws {
        Ok(aws) => {
            checks.push(Check::new("aws", Some(true), aws.caller.arn.clone()));
            let root = aws.caller.is_root();
            let detail = if root {
                t!("caller-root")
            } else {
                t!("doctor-caller")
            };
            checks.push(Check::new("caller", (!root).then_some(true), detail));
            checks.push(Check::new(
                "account",
                Some(true),
                format!("{} ({})", aws.caller.account, aws.caller.partition),
            ));
            checks.push(Check::new(
                "region",
                Some(true),
                format!("{} ({})", aws.region, aws.region_origin),
            ));
            let (organization, trails) = tokio::join!(organization(aws), trails(aws));
            // What Organizations cannot tell ends nothing.
            checks.push(organization.unwrap_or_else(|failure| {
                Check::new("organization", None, failure.message).fix(failure.hints.join("\n"))
            }));
            checks.extend(trails?);
        }
        Err(failure) => checks.push(
            Check::new("aws", Some(false), failure.message.clone()).fix(failure.hints.join("\n")),
        ),
    }
    match &central {
        Ok(central) => {
            let tenant = central.tenant();
            checks.push(Check::new(
                "central",
                Some(true),
                format!("{tenant}, {}", tenant.data_region),
            ));
            let code = session::license_code(app);
            let renew = t!("license-required-hint");
            checks.push(match central.license(code.as_deref()).await {
                LicenseState::Valid => Check::new("licence", Some(true), t!("license-valid")),
                LicenseState::Missing => {
                    Check::new("licence", Some(false), t!("license-missing")).fix(renew)
                }
                LicenseState::Ended(date) => {
                    Check::new("licence", Some(false), t!("license-ended", date = date)).fix(renew)
                }
                LicenseState::CannotTell(why) => Check::new("licence", None, why),
            });
        }
        Err(failure) => checks.push(
            Check::new("central", Some(false), failure.message.clone())
                .fix(failure.hints.join("\n")),
        ),
    }
    checks.push(Check::new("central-api", None, t!("not-official")));
    let healthy = checks.iter().all(|check| check.ok != Some(false));
    if app.printer.json() {
        let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
        app.printer
            .document(&json!({ "healthy": healthy, "checks": checks }));
    } else {
        app.printer.data(&Check::lines(&checks));
    }
    if healthy {
        Ok(Exit::Done)
    } else {
        Err(Failure::new(Code::Unhealthy, t!("not-healthy")))
    }
}

/// What the account is in its organization: from where one of an organization can be set up.
async fn organization(aws: &Aws) -> Result<Check> {
    let account = &aws.caller.account;
    let told = |ok, detail| Check::new("organization", ok, detail);
    let organization = match organization::describe(aws).await? {
        Seen::There(organization) => organization,
        Seen::Absent => return Ok(told(Some(true), t!("doctor-organization-none"))),
        Seen::Denied(action) => {
            return Ok(told(
                None,
                t!("doctor-organization-unseen", action = action),
            ));
        }
    };
    let Organization { id, management } = organization;
    if management == *account {
        return Ok(told(
            Some(true),
            t!("doctor-organization-management", id = id),
        ));
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
            told(Some(true), detail)
        }
        Seen::Absent => told(Some(true), member),
        // An account that is not the delegated administrator is denied this call too.
        Seen::Denied(action) => {
            let unseen = t!("doctor-delegated-unseen", member = member, action = action);
            told(None, unseen)
        }
    })
}

async fn trails(aws: &Aws) -> Result<Vec<Check>> {
    let all = trail::list(aws).await?;
    let Seen::There(list) = &all else {
        return Ok(vec![Check::new("trails", None, t!("status-unseen"))]);
    };
    let management = trail::management_trails(aws, &all).await?;
    let own = trail::of_account(list, &aws.caller.account).count();
    let mut checks = vec![Check::new(
        "trails",
        Some(own < trail::LIMIT),
        t!("doctor-trails", count = own),
    )];
    for one in list {
        let logs = management.iter().any(|trail| trail.arn == one.arn);
        let detail = if logs {
            t!("doctor-trail-management", trail = one.arn)
        } else {
            one.arn.clone()
        };
        checks.push(Check::new("trail", Some(true), detail));
        if one.is_optix() {
            checks.push(Check::new(
                "sophos-optix",
                None,
                t!("trail-optix", trail = one.arn),
            ));
        }
    }
    let control_tower = list.iter().find(|one| one.is_control_tower());
    checks.push(match control_tower {
        Some(trail) => Check::new(
            "control-tower",
            None,
            t!("doctor-control-tower", trail = trail.arn),
        ),
        None => Check::new("control-tower", Some(true), t!("doctor-no-control-tower")),
    });
    if !management.is_empty() {
        checks.push(Check::new("cost", None, t!("doctor-cost")));
    }
    Ok(checks)
}
