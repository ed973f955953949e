//! `sandbox verify-central`: tries an implementation of the contract and says what differs.

use std::path::Path;

use serde_json::{Value, json};

use super::{app::App, session};
use crate::{
    aws::{self, Aws, is_loopback},
    central::{self, Central, Credential},
    conformance::{Forwarder, Outcome, Report, Target, junit, verify},
    connection::Arn,
    ui::{
        Code, Exit, Failure, Result,
        beside::{self, Readers},
        page::{Page, Tone},
        t,
    },
};

pub(super) async fn run(app: &App, url: String, file: Option<&Path>) -> Result<Exit> {
    central::check_url("URL", &url)?;
    let mut options = session::central_options(app).await?;
    if options.id_url == central::ID_URL {
        // Sophos's own identity host knows no credential of another implementation.
        options.id_url.clone_from(&url);
    }
    central::check_url("SOPHOS_CENTRAL_ID_URL", &options.id_url)?;
    options.api_url = url;
    let Credential::Client { id, secret } = options.credential.clone() else {
        return Err(Failure::usage(t!("sandbox-verify-no-code")));
    };
    if !is_loopback(&options.api_url) {
        consent(app, &options.api_url).await?;
    }
    let tenant = tenant(app, &options).await?;
    let target = Target {
        id_url: options.id_url,
        api_url: options.api_url.clone(),
        client_id: id,
        client_secret: secret,
        tenant,
    };
    *app.if_stopped.borrow_mut() = Some(t!("sandbox-verify-if-stopped"));
    let report = verify(target, forwarder(app).await?).await;
    app.if_stopped.take();
    if let Some(file) = file {
        let text = junit(&report);
        beside::write(file, Readers::Usual, text.as_bytes())
            .map_err(|error| beside::failed(Code::Usage, "--junit", file, &error))?;
    }
    if app.printer.json() {
        app.printer.document(&document(&options.api_url, &report));
    } else {
        app.printer.show_data(&page(&options.api_url, &report));
    }
    Ok(if report.conforms() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Asks before connections are made, and deleted, in a tenant that is not on this machine.
async fn consent(app: &App, url: &str) -> Result<()> {
    if app.globals.yes {
        return Ok(());
    }
    if !app.ask.possible() {
        let failure = Failure::new(
            Code::MissingAnswers,
            t!("sandbox-verify-consent", url = url),
        );
        return Err(failure.hinted(t!("sandbox-verify-consent-hint")));
    }
    match app
        .ask
        .confirm(&t!("sandbox-verify-ask", url = url), false)
        .await?
    {
        true => Ok(()),
        false => Err(Failure::new(Code::Declined, t!("declined"))),
    }
}

/// The tenant that `--tenant` names, and its host. A tenant's own credential needs none.
async fn tenant(app: &App, options: &central::Options) -> Result<Option<(String, String)>> {
    if app.globals.tenant.is_none() {
        return Ok(None);
    }
    let mut central = Central::connect(options.clone()).await?;
    session::choose_tenant(app, &mut central, None).await?;
    let tenant = central.tenant();
    Ok(Some((tenant.id.clone(), tenant.api_host.clone())))
}

/// The caller's own session of a role, which stands in for the forwarder; or why there is none.
async fn forwarder(app: &App) -> Result<Result<Forwarder, String>> {
    let options = session::aws_options(app).await?;
    let aws = match Aws::connect(&options).await {
        Ok(aws) => aws,
        Err(failure) => return Ok(Err(t!("sandbox-verify-no-aws", cause = failure.message))),
    };
    let arn: Arn = aws.caller.arn.parse().map_err(Failure::usage)?;
    let session = arn.resource.strip_prefix("assumed-role/");
    let Some((role, session)) = session.and_then(|session| session.split_once('/')) else {
        return Ok(Err(t!("sandbox-verify-no-role", caller = aws.caller.arn)));
    };
    let partition = aws.caller.partition.to_string();
    let mut endpoints = aws.endpoints.iter();
    let replaced = endpoints.rfind(|(service, _)| service == "*" || service == "STS");
    let sts_url = match replaced {
        Some((_, url)) => format!("{}/", url.trim_end_matches('/')),
        None => {
            let suffix = sophos_ct_forwarder::settings::dns_suffix(&partition);
            let suffix = suffix.unwrap_or("amazonaws.com");
            format!("https://sts.{}.{suffix}/", aws.region)
        }
    };
    Ok(Ok(Forwarder {
        credentials: aws::credentials(&options).await?,
        sts_url,
        region: aws.region.to_string(),
        account: aws.caller.account.to_string(),
        partition,
        role: role.to_owned(),
        session: session.to_owned(),
    }))
}

fn document(url: &str, report: &Report) -> Value {
    let checks = report.checks.iter().map(|done| {
        let (ok, detail) = match &done.outcome {
            Outcome::Fits => (Some(true), ""),
            Outcome::Differs(how) => (Some(false), how.as_str()),
            Outcome::NotTried(why) => (None, why.as_str()),
        };
        let check = done.check;
        json!({
            "operation": check.operation, "name": check.name, "ok": ok, "detail": detail, "contract": check.contract,
        })
    });
    json!({
        "url": url,
        "conforms": report.conforms(),
        "checks": checks.collect::<Vec<Value>>(),
        "left": report.left,
    })
}

fn page(url: &str, report: &Report) -> Page {
    let mut page = Page::default();
    differences(&mut page, report);
    let mut operation = "";
    for done in &report.checks {
        let check = done.check;
        if check.operation != operation {
            operation = check.operation;
            page.blank();
            page.heading(operation);
        }
        let (tone, text) = match &done.outcome {
            Outcome::Fits => (Tone::Plain, t!("sandbox-verify-fits", name = check.name)),
            Outcome::Differs(_) => (
                Tone::Removed,
                t!("sandbox-verify-differs", name = check.name),
            ),
            Outcome::NotTried(why) => (
                Tone::Quiet,
                t!("sandbox-verify-not-tried", name = check.name, why = why),
            ),
        };
        page.line(tone, format!("  {text}"));
    }
    page.blank();
    for id in &report.left {
        page.line(Tone::Removed, t!("sandbox-verify-left", id = id));
    }
    let (differ, not_tried) = (report.differing(), report.not_tried());
    page.plain(t!(
        "sandbox-verify-summary",
        url = url,
        fit = report.checks.len() - differ - not_tried,
        differ = differ,
        untried = not_tried
    ));
    page
}

/// What differs, first and in words.
fn differences(page: &mut Page, report: &Report) {
    for done in &report.checks {
        if let Outcome::Differs(how) = &done.outcome {
            let check = done.check;
            page.line(
                Tone::Removed,
                t!(
                    "sandbox-verify-difference",
                    operation = check.operation,
                    name = check.name,
                    how = how,
                    contract = check.contract
                ),
            );
        }
    }
}
