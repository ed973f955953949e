//! `doctor`: checks credentials, account, permissions, organization, trails and licence before anything is set up.

mod earlier;
mod organization;
mod permissions;
mod trails;

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    aws::Aws,
    central::{Central, model::LicenseState},
    connection::Design,
    health::{
        About, Check,
        facts::licence_check,
        screen::{View, page},
    },
    policy::grant::Grant,
    ui::{Code, Exit, Failure, Result, t},
};

pub(super) async fn run(app: &App) -> Result<Exit> {
    let aws_options = session::aws_options(app).await?;
    let (aws, central) = tokio::join!(Aws::connect(&aws_options), session::central(app));
    let mut checks = match &aws {
        Ok(aws) => of_aws(aws).await?,
        Err(failure) => vec![failed(About::Aws, failure)],
    };
    match &central {
        Ok(central) => {
            let tenant = central.tenant();
            let detail = format!("{tenant}, {}", tenant.data_region);
            checks.push(Check::new(About::Central, Some(true), detail));
            checks.push(license(app, central).await);
        }
        Err(failure) => checks.push(failed(About::Central, failure)),
    }
    checks.push(Check::remark(About::CentralApi, t!("not-official")));
    let healthy = Check::healthy(&checks);
    if app.printer.json() {
        let checks: Vec<Value> = checks.iter().map(Check::to_json).collect();
        app.printer
            .document(&json!({ "healthy": healthy, "checks": checks }));
    } else {
        let view = View {
            parts: true,
            words: app.printer.words,
            width: app.printer.data_width(),
        };
        app.printer.show_data(&page(&checks, view));
    }
    if healthy {
        Ok(Exit::Done)
    } else {
        Err(Failure::new(Code::Unhealthy, t!("not-healthy")))
    }
}

/// The check of a sign-in that failed.
fn failed(about: About, failure: &Failure) -> Check {
    Check::new(about, Some(false), failure.message.clone()).fix(failure.hints.join("\n"))
}

async fn of_aws(aws: &Aws) -> Result<Vec<Check>> {
    let caller = match aws.caller.is_root() {
        true => Check::remark(About::Caller, t!("caller-root")),
        false => Check::new(About::Caller, Some(true), t!("doctor-caller")),
    };
    let account = format!("{} ({})", aws.caller.account, aws.caller.partition);
    let region = format!("{} ({})", aws.region, aws.region_origin);
    let mut checks = vec![
        Check::new(About::Aws, Some(true), aws.caller.arn.clone()),
        caller,
        Check::new(About::Account, Some(true), account),
        Check::new(About::Region, Some(true), region),
    ];
    let (organization, trails) = tokio::join!(organization::look(aws), trails::look(aws));
    let trails = trails?;
    // A failure of Organizations does not end the command.
    let (organization, covered) = organization.unwrap_or_else(|failure| {
        let check = Check::new(About::Organization, None, failure.message);
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

/// The permissions for what is looked at: the organization, the trails, what Cloud Optix has set up, and what IAM says of the caller's own
/// permissions, for which the path of its role is looked up. `doctor` works without, and says what it cannot tell.
#[must_use]
pub(super) fn grants(design: &Design) -> Vec<Grant> {
    let Design {
        partition,
        account,
        region,
        ..
    } = design;
    let reads = [
        "sts:GetCallerIdentity",
        "organizations:DescribeOrganization",
        "organizations:ListDelegatedAdministrators",
        "cloudtrail:DescribeTrails",
        "cloudtrail:GetEventSelectors",
        "cloudtrail:GetTrailStatus",
    ];
    let identity = |kind: &str| format!("arn:{partition}:iam::{account}:{kind}/*");
    let [present, first] = earlier::FUNCTIONS
        .map(|name| format!("arn:{partition}:lambda:{region}:{account}:function:{name}"));
    vec![
        Grant::new(&reads, "*"),
        Grant::new(&["iam:SimulatePrincipalPolicy"], identity("role")).and_on(identity("user")),
        Grant::new(&["iam:GetRole"], identity("role")),
        Grant::new(&["lambda:GetFunction"], present).and_on(first),
    ]
}

async fn license(app: &App, central: &Central) -> Check {
    let code = session::license_code(app);
    let license = central.license(code.as_deref()).await;
    let wrong = licence_check(&license, t!("license-required-hint"));
    wrong.unwrap_or_else(|| match license {
        LicenseState::CannotTell(why) => Check::new(About::Licence, None, why),
        _ => Check::new(About::Licence, Some(true), t!("license-valid")),
    })
}
