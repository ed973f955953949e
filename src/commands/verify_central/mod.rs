//! `sandbox verify-central`: tries an implementation of the contract and says what differs.

mod consent;

use std::{cell::RefCell, collections::BTreeSet, path::Path};

use serde_json::{Value, json};
use sophos_ct_forwarder::host::host_of;

use super::{app::App, session};
use crate::{
    answers::must_fit,
    aws::{self, Aws},
    central::{self, Central, Credential, model::IdType},
    conformance::{Forwarder, Made, Outcome, Report, Target, junit, verify},
    connection::Arn,
    ui::{
        Code, Exit, Failure, Result,
        beside::{self, Readers},
        page::{Page, Tone},
        t,
    },
};

pub(super) async fn run(
    app: &App,
    url: String,
    allowed: &[String],
    file: Option<&Path>,
) -> Result<Exit> {
    let allowed = checked(&url, allowed)?;
    let mut options = session::central_options(app).await?;
    if options.id_url == central::ID_URL {
        // Sophos's own identity host knows no credential of another implementation.
        options.id_url.clone_from(&url);
    }
    options.api_url = url;
    let Credential::Client { id, secret } = options.credential.clone() else {
        return Err(Failure::usage(t!("sandbox-verify-no-code")));
    };
    let mut hosts = consent::to_begin(app, &options).await?;
    hosts.extend(allowed);
    let tenant = tenant(app, &options, &mut hosts).await?;
    let url = options.api_url;
    let target = Target {
        id_url: options.id_url,
        api_url: url.clone(),
        client_id: id,
        client_secret: secret,
        tenant,
        hosts,
    };
    let report = tried(app, target).await?;
    if let Some(file) = file {
        let text = junit(&report);
        beside::write(file, Readers::Usual, text.as_bytes())
            .map_err(|error| beside::failed(Code::Usage, "--junit", file, &error))?;
    }
    if app.printer.json() {
        app.printer.document(&document(&url, &report));
    } else {
        app.printer.show_data(&page(&url, &report));
    }
    Ok(if report.conforms() {
        Exit::Done
    } else {
        Exit::Failed
    })
}

/// Checks where the credential would go, all at once. Returns the hosts in `--allow-host`.
fn checked(url: &str, allowed: &[String]) -> Result<BTreeSet<String>> {
    let (allowed, mut complaints) = consent::named(allowed);
    let (id_url, _) = session::central_hosts();
    for (name, url) in [("URL", url), ("SOPHOS_CENTRAL_ID_URL", id_url.as_str())] {
        let failed = central::check_url(name, url).err();
        complaints.extend(failed.map(|failure| failure.message));
    }
    must_fit(complaints)?;
    Ok(allowed)
}

/// Tries everything. Stopped by a signal, it deletes what it has made before it fails, and names what is left.
async fn tried(app: &App, target: Target) -> Result<Report> {
    let forwarder = forwarder(app).await?;
    let url = target.api_url.clone();
    let made = Made::default();
    let _leaving = Leaving {
        app,
        made: made.clone(),
    };
    let label = t!("sandbox-verify-step", url = url);
    let line = RefCell::new(Some(app.progress().step(&label)));
    let agree = async |hosts: BTreeSet<String>| {
        // Nothing moves beside a question.
        drop(line.take());
        consent::to_others(app, &url, &hosts).await?;
        line.replace(Some(app.progress().step(&label)));
        Ok(())
    };
    app.gently.begin(t!("sandbox-verify-stopping"));
    let report = verify(target, forwarder, made.clone(), agree, app.gently.wait()).await?;
    if let (Some(line), Some(_)) = (line.take(), &report) {
        line.done();
    }
    report.ok_or_else(|| {
        if made.left().is_empty() {
            app.if_stopped.replace(Some(t!("sandbox-verify-tidied")));
        }
        let code = app.gently.asked().unwrap_or(Code::Interrupted);
        Failure::new(code, t!("interrupted"))
    })
}

/// However a run ends, it says what it leaves in the tenant.
struct Leaving<'a> {
    app: &'a App,
    made: Made,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        let left = self.made.left();
        if !left.is_empty() {
            let left = left.join(", ");
            let said = t!("sandbox-verify-if-stopped", urls = left);
            self.app.if_stopped.replace(Some(said));
        }
    }
}

/// The tenant that `--tenant` names, and its host. A tenant's own credential needs none.
async fn tenant(
    app: &App,
    options: &central::Options,
    hosts: &mut BTreeSet<String>,
) -> Result<Option<(String, String)>> {
    if app.globals.tenant.is_none() {
        return Ok(None);
    }
    let mut central = Central::connect(options.clone()).await?;
    if central.who.id_type != IdType::Tenant {
        // The list of tenants is asked for where the implementation says.
        let host = host_of(&central.who.api_hosts.global).map_err(Failure::usage)?;
        if !hosts.contains(&host) {
            let strange = BTreeSet::from([host]);
            consent::to_others(app, &options.api_url, &strange).await?;
            hosts.extend(strange);
        }
    }
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
        "stopped": report.stopped,
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
    if let Some(why) = &report.stopped {
        page.line(Tone::Removed, t!("sandbox-verify-cut-short", why = why));
    }
    if !report.left.is_empty() {
        page.line(Tone::Removed, t!("sandbox-verify-left"));
        for url in &report.left {
            page.verbatim(format!("  {url}"));
        }
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
