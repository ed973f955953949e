//! `doctor`: checks credentials, account, organization, trails and licence before anything is set up.

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    aws::Aws,
    central::{Central, model::LicenseState},
    connection::Organization,
    health::{
        Check,
        screen::{Look, page},
    },
    resources::{organization, seen::Seen, trail},
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn run(app: &App) -> Result<Exit> {
    let aws_options = session::aws_options(app).await?;
    let (aws, central) = tokio::join!(Aws::connect(&aws_options), session::central(app));
    let mut checks = match &aws {
        Ok(aws) => of_aws(aws).await?,
        Err(failure) => vec![failed("aws", failure)],
    };
    match &central {
        Ok(central) => {
            let tenant = central.tenant();
            let detail = format!("{tenant}, {}", tenant.data_region);
            checks.push(Check::new("central", Some(true), detail));
            checks.push(license(app, central).await);
        }
        Err(failure) => checks.push(failed("central", failure)),
    }
    checks.push(Check::remark("central-api", t!("not-official")));
    let healthy = Check::healthy(&checks);
    if app.printer.json() {
        let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
        app.printer
            .document(&json!({ "healthy": healthy, "checks": checks }));
    } else {
        let look = Look {
            parts: true,
            words: app.printer.words,
            width: app.printer.data_width(),
        };
        app.printer.show_data(&page(&checks, look));
    }
    if healthy {
        Ok(Exit::Done)
    } else {
        Err(Failure::new(Code::Unhealthy, t!("not-healthy")))
    }
}

/// The check of a sign-in that failed.
fn failed(name: &'static str, failure: &Failure) -> Check {
    Check::new(name, Some(false), failure.message.clone()).fix(failure.hints.join("\n"))
}

async fn of_aws(aws: &Aws) -> Result<Vec<Check>> {
    let caller = match aws.caller.is_root() {
        true => Check::remark("caller", t!("caller-root")),
        false => Check::new("caller", Some(true), t!("doctor-caller")),
    };
    let account = format!("{} ({})", aws.caller.account, aws.caller.partition);
    let region = format!("{} ({})", aws.region, aws.region_origin);
    let mut checks = vec![
        Check::new("aws", Some(true), aws.caller.arn.clone()),
        caller,
        Check::new("account", Some(true), account),
        Check::new("region", Some(true), region),
    ];
    let (organization, trails) = tokio::join!(organization(aws), trails(aws));
    // A failure of Organizations does not end the command.
    checks.push(
        organization.unwrap_or_else(|failure| Check::new("organization", None, failure.message)),
    );
    checks.extend(trails?);
    Ok(checks)
}

async fn license(app: &App, central: &Central) -> Check {
    let code = session::license_code(app);
    let renew = t!("license-required-hint");
    match central.license(code.as_deref()).await {
        LicenseState::Valid => Check::new("licence", Some(true), t!("license-valid")),
        LicenseState::Missing => {
            Check::new("licence", Some(false), t!("license-missing")).fix(renew)
        }
        LicenseState::Ended(date) => {
            Check::new("licence", Some(false), t!("license-ended", date = date)).fix(renew)
        }
        LicenseState::CannotTell(why) => Check::new("licence", None, why),
    }
}

/// What the account is in its organization, and so whether an organization's connection can be set up from here.
async fn organization(aws: &Aws) -> Result<Check> {
    let account = &aws.caller.account;
    let check = |ok, detail| Check::new("organization", ok, detail);
    let organization = match organization::describe(aws).await? {
        Seen::There(organization) => organization,
        Seen::Absent => return Ok(check(Some(true), t!("doctor-organization-none"))),
        Seen::Denied(action) => {
            return Ok(check(
                None,
                t!("doctor-organization-denied", action = action),
            ));
        }
    };
    let Organization { id, management } = organization;
    if management == *account {
        return Ok(check(
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
            check(Some(true), detail)
        }
        Seen::Absent => check(Some(true), member),
        // AWS also denies this call to an account that is not the delegated administrator.
        Seen::Denied(action) => {
            let unseen = t!("doctor-delegated-denied", member = member, action = action);
            check(None, unseen)
        }
    })
}

async fn trails(aws: &Aws) -> Result<Vec<Check>> {
    let all = trail::list(aws).await?;
    let Seen::There(list) = &all else {
        return Ok(vec![Check::new("trails", None, t!("status-denied"))]);
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
            let remark = t!("trail-optix", trail = one.arn);
            checks.push(Check::remark("sophos-optix", remark));
        }
    }
    let control_tower = list.iter().find(|one| one.is_control_tower());
    checks.push(match control_tower {
        Some(trail) => {
            let remark = t!("doctor-control-tower", trail = trail.arn);
            Check::remark("control-tower", remark)
        }
        None => Check::new("control-tower", Some(true), t!("doctor-no-control-tower")),
    });
    if !management.is_empty() {
        checks.push(Check::remark("cost", t!("doctor-cost")));
    }
    Ok(checks)
}
