//! `doctor`: checks credentials, account, permissions, organization, trails and licence before anything is set up.

pub(super) mod earlier;
mod organization;
mod permissions;
mod trails;

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    aws::Aws,
    central::{Central, model::LicenseState},
    health::{
        Check,
        screen::{Look, page},
    },
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
    let (organization, trails) = tokio::join!(organization::look(aws), trails::look(aws));
    let trails = trails?;
    // A failure of Organizations does not end the command.
    let (organization, covered) = organization.unwrap_or_else(|failure| {
        let check = Check::new("organization", None, failure.message);
        (check, None)
    });
    let (permissions, earlier) = tokio::join!(
        permissions::checks(aws, covered, &trails.management),
        earlier::checks(aws, &trails.all),
    );
    checks.extend(permissions);
    checks.push(organization);
    checks.extend(trails.checks());
    checks.extend(earlier);
    checks.extend(trails.cost());
    Ok(checks)
}

async fn license(app: &App, central: &Central) -> Check {
    let code = session::license_code(app);
    let renew = t!("license-required-hint");
    match central.license(code.as_deref()).await {
        LicenseState::Valid(_) => Check::new("licence", Some(true), t!("license-valid")),
        LicenseState::Missing => {
            Check::new("licence", Some(false), t!("license-missing")).fix(renew)
        }
        LicenseState::Ended(date) => {
            Check::new("licence", Some(false), t!("license-ended", date = date)).fix(renew)
        }
        LicenseState::CannotTell(why) => Check::new("licence", None, why),
    }
}
