//! `setup`: ask, preflight, plan, confirm, journal, apply, verify.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;
use tokio::time::Instant;

use super::{
    App, Report,
    session::{self, Session},
};
use crate::{
    aws::{self, Aws},
    central::{
        Central, Versioned,
        model::{self, Connection, IdType, LicenseState, NewConnection, Status},
    },
    cli::SetupArgs,
    connection::{ConnectionId, ConnectionName, Design, Feed, Region, Resources},
    forwarder::env,
    observe,
    plan::{self, Journal, Plan, apply, render},
    resources::{
        Cx, Deployment, Mark, Seen, bucket, function, notification, organization, package::Package,
        trail,
    },
    settings::{Given, Origin, quoted},
    ui::{Code, Exit, Failure, Result, t},
    wizard::{Known, Wizard},
};

/// Everything that was found out and decided before anything is written.
pub struct Prepared {
    pub session: Session,
    pub given: Given,
    pub design: Design,
    /// The connection as Central has it; `None` where it is new.
    pub existing: Option<Versioned>,
    pub package: Package,
    pub plan: Plan,
    /// Where the plan creates a further, billed copy of management events: what that costs.
    pub cost: Option<String>,
}

pub async fn run(app: &App, arguments: SetupArgs) -> Result<Exit> {
    app.report.replace(Some(Report::default()));
    let mut prepared = prepare(app, arguments).await?;
    if nothing_to_do(&prepared) {
        report(app, |report| report.result = "unchanged");
        app.printer.say(&t!("nothing-to-do"));
        let existing = prepared
            .existing
            .take()
            .expect("nothing to do on a connection that is there");
        return healthy(app, &prepared, existing, false).await;
    }
    show(app, &prepared);
    confirm(app, &mut prepared).await?;
    save_answers(&prepared)?;

    let recorded = journal(&prepared).await?;
    report(app, |report| {
        report.connection = Some(recorded.connection.clone())
    });
    let deployment = deployment(
        &prepared.session.aws,
        &prepared.design,
        &recorded.connection,
        prepared.package.clone(),
    );
    let mut steps = prepared.plan.steps.clone();
    let outcome = apply::run(
        &prepared.session.aws,
        &prepared.design,
        &mut steps,
        Some(&deployment),
        &app.progress(),
        apply::OnFailure::Stop,
        |steps| report(app, |report| report.steps = steps.to_vec()),
    )
    .await;
    outcome.into_result()?;
    prepared.plan.steps = steps;

    let mut plan = prepared.plan.clone();
    plan.record_environment(&prepared.design, &deployment);
    let manifest = plan.manifest(
        &prepared.design,
        Some(&recorded.connection.manifest()),
        true,
    );
    let complete = prepared
        .session
        .central
        .record(&recorded, &manifest, None)
        .await
        .map_err(Failure::after_writing)?;
    report(app, |report| report.result = "applied");
    healthy(app, &prepared, complete, true).await
}

fn report(app: &App, change: impl FnOnce(&mut Report)) {
    if let Some(report) = app.report.borrow_mut().as_mut() {
        change(report);
    }
}

/// Collects answers, signs in, asks, observes and plans. Writes nothing.
pub async fn prepare(app: &App, arguments: SetupArgs) -> Result<Prepared> {
    let mut given = Given::collect(&arguments.answers.0, |name| std::env::var(name).ok())?;
    if let Some(text) = &arguments.connection
        && text.parse::<ConnectionId>().is_err()
    {
        given
            .answer("name", text, Origin::Flag)
            .map_err(|complaint| Failure::usage(format!("CONNECTION: {complaint}")))?;
    }
    let forwarder = given.forwarder();
    // Packed beside the calls: compressing the program takes as long as several of them.
    let package = tokio::task::spawn_blocking(move || Package::load(forwarder.as_deref()));
    let mut session = session::both(app, Some(&given)).await?;

    let by_id = arguments
        .connection
        .as_deref()
        .and_then(|text| text.parse::<ConnectionId>().ok());
    let (greeting, found, trails) = tokio::join!(
        Greeting::look(app, &session),
        look_up(&session, &given, by_id),
        trail::list(&session.aws),
    );
    greeting.say(app, &session);
    let (mut name, mut existing) = found?;
    if by_id.is_none() && !given.has("name") {
        let wizard = wizard(app);
        let chosen = wizard.name(name.clone()).await?;
        if chosen != name {
            existing = session.central.by_name(&chosen).await?;
            name = chosen;
        }
    }
    let mut trails = trails?;
    if let Some(found) = &existing {
        if belongs_here(app, &mut session, found).await? {
            trails = trail::list(&session.aws).await?;
        }
        let collected = found.connection.accounts.clone().unwrap_or_default();
        if given
            .accounts()
            .is_some_and(|accounts| accounts != collected)
        {
            let name = app.argument(&found.connection.name);
            return Err(Failure::usage(t!("accounts-elsewhere", name = name)));
        }
        given.take_saved(&found.connection.settings)?;
    }

    let management = observe::management_trails(&session.aws, &trails).await?;
    if existing.is_none() {
        let known = Known {
            account: &session.aws.caller.account,
            region: &session.aws.region,
            trails: &trails,
            management: &management,
        };
        let wizard = wizard(app);
        wizard.scope(&mut given).await?;
        find_organization(app, &session.aws, &mut given).await?;
        wizard.accounts(&mut given, &session.aws).await?;
        wizard.steps(&mut given, &name, &known).await?;
        find_prefix(&session.aws, &mut given).await?;
    }
    given.fit_together()?;
    given.fit_caller(&session.aws.caller, &session.aws.region)?;

    let id = existing
        .as_ref()
        .map_or_else(ConnectionId::random, |found| found.connection.id);
    let aws = &session.aws;
    let design = given.design(id, &name, &aws.caller, &aws.region, aws.plain_http());
    let package = package
        .await
        .map_err(|error| Failure::new(Code::Failed, error.to_string()))??;
    // In the sandbox the function runs on this machine: its own glibc is good enough.
    if aws.loopback_endpoint().is_none() {
        package.must_start_on_lambda()?;
    }

    let (observed, obstacles) = tokio::try_join!(
        observe::observe(aws, &design, trails, management),
        bucket::obstacles::look(aws, &design),
    )?;
    let kept_from = kept_from(&session.central, &design, &observed).await?;
    let current = existing.as_ref().map(|found| found.connection.manifest());
    let deployed = existing
        .as_ref()
        .map(|found| deployment(aws, &design, &found.connection, package.clone()));
    let journal = Journal {
        manifest: current.as_ref(),
        kept_from,
        deployment: deployed.as_ref(),
    };
    let mut plan = plan::setup(&design, &observed, journal, &package.sha256_hex());
    plan.heed(&design, &obstacles);
    report(app, |report| {
        report.connection = existing.as_ref().map(|found| found.connection.clone());
        report.steps.clone_from(&plan.steps);
        report.equivalent = Some(equivalent(&given, &name, &session, app.globals.sandbox));
    });
    if !plan.conflicts.is_empty() {
        let code = if plan.trail_limit && plan.conflicts.len() == 1 {
            Code::TrailLimit
        } else {
            Code::Conflict
        };
        let hint = if plan.trail_limit {
            t!("trail-limit-hint")
        } else {
            t!("conflicts-hint")
        };
        return Err(
            Failure::list(code, t!("conflicts"), std::mem::take(&mut plan.conflicts)).hinted(hint),
        );
    }
    let cost = if plan.billed_beside.is_empty() {
        None
    } else {
        let monthly = trail::monthly_events(aws).await;
        Some(cost(&plan, monthly, &aws.region))
    };
    Ok(Prepared {
        session,
        given,
        design,
        existing,
        package,
        plan,
        cost,
    })
}

fn wizard(app: &App) -> Wizard {
    Wizard {
        ask: app.ask,
        printer: app.printer,
        yes: app.globals.yes,
    }
}

/// The connection that is meant, as far as it is known before anybody is asked: by id, by name, or the default name,
/// with the region where that is taken elsewhere. With it the live connection of that name, where there is one.
async fn look_up(
    session: &Session,
    given: &Given,
    by_id: Option<ConnectionId>,
) -> Result<(ConnectionName, Option<Versioned>)> {
    let Session { aws, central } = session;
    if let Some(id) = by_id {
        let found = session::find(central, &id.to_string(), false).await?;
        return Ok((found.connection.name.clone(), Some(found)));
    }
    if let Some(name) = given.text("name") {
        let name = name.parse().map_err(Failure::usage)?;
        let found = central.by_name(&name).await?;
        return Ok((name, found));
    }
    let default = session::default_name(&aws.caller.account, None);
    let found = central.by_name(&default).await?;
    let elsewhere = found.as_ref().is_some_and(|found| {
        let connection = &found.connection;
        let home = connection.home_region.as_ref();
        connection.aws_account_id != aws.caller.account
            || home.is_some_and(|home| *home != aws.region)
    });
    if !elsewhere {
        return Ok((default, found));
    }
    let name = session::default_name(&aws.caller.account, Some(&aws.region));
    let found = central.by_name(&name).await?;
    Ok((name, found))
}

/// A connection lives in one account and one home region. True where we had to go to another region for it.
async fn belongs_here(app: &App, session: &mut Session, found: &Versioned) -> Result<bool> {
    let connection = &found.connection;
    let aws = &session.aws;
    session::same_account(aws, found)?;
    match &connection.home_region {
        Some(home) if *home != aws.region => {
            if app.globals.region.is_some() {
                let complaint = t!(
                    "answer-fixed",
                    flag = "region",
                    saved = home,
                    given = aws.region
                );
                return Err(
                    Failure::new(Code::CannotChange, complaint).hinted(t!("answers-fixed-hint"))
                );
            }
            app.printer.say(&t!("region-of-connection", region = home));
            session.aws = session::aws_of(app, found).await?;
            Ok(true)
        }
        _ => Ok(false),
    }
}

/// Id and management account of the organization: seen where the caller may, else answers.
async fn find_organization(app: &App, aws: &Aws, given: &mut Given) -> Result<()> {
    if given.flag("organization") != Some(true) {
        return Ok(());
    }
    match organization::describe(aws).await? {
        Seen::There(found) => {
            let seen = [
                ("org-id", found.id.clone()),
                ("management-account", found.management.to_string()),
            ];
            for (key, value) in seen {
                match given.text(key) {
                    Some(wanted) if wanted != value => {
                        return Err(Failure::usage(t!(
                            "organization-differs",
                            flag = key,
                            given = wanted,
                            value = value
                        )));
                    }
                    Some(_) => {}
                    None => given.set(key, value.into(), Origin::Default),
                }
            }
            Ok(())
        }
        Seen::Absent => Err(Failure::new(
            Code::Conflict,
            t!("no-organization", account = aws.caller.account),
        )),
        Seen::Unseen(action) => {
            let missing: Vec<&'static str> = ["org-id", "management-account"]
                .into_iter()
                .filter(|key| !given.has(key))
                .collect();
            if missing.is_empty() {
                return Ok(());
            }
            wizard(app).organization(given, &missing, action).await
        }
    }
}

/// Of a bucket alone, the prefix is found where only one fits.
async fn find_prefix(aws: &Aws, given: &mut Given) -> Result<()> {
    let alone = given.text("resources").as_deref() == Some("existing") && !given.has("trail");
    let Some(bucket) = given
        .text("bucket")
        .filter(|_| alone && !given.has("prefix"))
    else {
        return Ok(());
    };
    // What cannot be listed is planned without a prefix; the bucket itself is looked at later.
    let found = bucket::log_prefixes(aws, &bucket).await.unwrap_or_default();
    match &found[..] {
        [] => Ok(()),
        [only] => {
            if !only.is_empty() {
                given.set("prefix", only.clone().into(), Origin::Default);
            }
            Ok(())
        }
        several => Err(Failure::list(
            Code::MissingAnswers,
            t!("missing-prefix", bucket = bucket),
            several
                .iter()
                .map(|prefix| format!("--prefix {}", quoted(prefix)))
                .collect(),
        )),
    }
}

/// Who and where: shown before anything is asked.
struct Greeting {
    alias: Option<String>,
    license: LicenseState,
}

impl Greeting {
    async fn look(app: &App, session: &Session) -> Self {
        let code = session::license_code(app);
        let (alias, license) = tokio::join!(
            aws::account_alias(&session.aws),
            session.central.license(code.as_deref())
        );
        Self { alias, license }
    }

    fn say(&self, app: &App, session: &Session) {
        let Session { aws, central } = session;
        let printer = app.printer;
        printer.heading(&t!("greeting"));
        let alias = self.alias.as_ref();
        let alias = alias.map(|alias| format!(" ({alias})")).unwrap_or_default();
        printer.say(&t!(
            "greeting-aws",
            account = aws.caller.account,
            alias = alias,
            region = aws.region,
            origin = aws.region_origin
        ));
        printer.say(&t!("greeting-caller", arn = aws.caller.arn));
        if aws.caller.is_root() && !app.globals.sandbox {
            printer.warn(&t!("caller-root"));
        }
        printer.say(&t!(
            "greeting-tenant",
            tenant = central.tenant(),
            region = central.tenant().data_region
        ));
        match &self.license {
            LicenseState::Valid => {}
            LicenseState::Missing => printer.warn(&t!("license-missing")),
            LicenseState::Ended(date) => printer.warn(&t!("license-ended", date = date)),
            LicenseState::CannotTell(_) => printer.say(&t!("license-cannot-tell")),
        }
        if !app.globals.sandbox {
            printer.say(&t!("not-official"));
        }
        printer.say(&t!("nothing-written"));
    }
}

/// The deleted connection of this tenant and account that a bucket's mark names.
async fn kept_from(
    central: &Central,
    design: &Design,
    observed: &observe::Observed,
) -> Result<Option<ConnectionId>> {
    let Seen::There(Ok(state)) = &observed.bucket else {
        return Ok(None);
    };
    let Mark::Other(id) = &state.mark else {
        return Ok(None);
    };
    let Ok(id) = id.parse::<ConnectionId>() else {
        return Ok(None);
    };
    let before = central.by_id(id).await?;
    Ok(before
        .filter(|before| {
            before.connection.status == Status::Deleted
                && before.connection.aws_account_id == design.account
        })
        .map(|_| id))
}

fn deployment(aws: &Aws, design: &Design, connection: &Connection, package: Package) -> Deployment {
    Deployment {
        package,
        environment: environment(aws, design, connection),
    }
}

/// The function's whole environment.
#[must_use]
pub fn environment(
    aws: &Aws,
    design: &Design,
    connection: &Connection,
) -> BTreeMap<String, String> {
    let mut environment = BTreeMap::from([
        (env::CONNECTION.to_owned(), design.id.to_string()),
        (
            env::INGEST_URL.to_owned(),
            connection.ingest_url.clone().unwrap_or_default(),
        ),
        (
            env::UPLOAD_HOSTS.to_owned(),
            connection.upload_hosts.join(","),
        ),
        (env::BUCKET.to_owned(), design.bucket.clone()),
        (env::PREFIX.to_owned(), design.prefix.clone()),
        (env::PARTITION.to_owned(), design.partition.to_string()),
    ]);
    if let Some(endpoint) = aws.loopback_endpoint() {
        environment.insert(env::ENDPOINT.to_owned(), endpoint.to_owned());
    }
    environment
}

/// No write to AWS, and Central holds what we would record.
fn nothing_to_do(prepared: &Prepared) -> bool {
    let Some(existing) = &prepared.existing else {
        return false;
    };
    let recorded = existing.connection.manifest();
    !prepared.plan.has_writes()
        && recorded.complete
        && existing.connection.settings == prepared.given.to_settings()
}

/// The plan, on stderr.
fn show(app: &App, prepared: &Prepared) {
    let printer = app.printer;
    printer.say("");
    printer.heading(&t!("plan-heading", name = prepared.design.name));
    for line in described(app, prepared) {
        printer.say(&line);
    }
    if let Some(cost) = &prepared.cost {
        printer.warn(cost);
    }
}

/// The plan in words: steps, remarks, what flows where, and the command line that gives the same.
pub fn described(app: &App, prepared: &Prepared) -> Vec<String> {
    let Prepared {
        session,
        given,
        design,
        plan,
        ..
    } = prepared;
    let tenant = session.central.tenant();
    let mut lines = render::lines(&plan.steps);
    lines.extend(plan.notes.iter().map(|note| format!("  {note}")));
    lines.push(match &design.organization {
        Some(organization) => {
            let accounts = given.accounts().or_else(|| {
                let collected = prepared.existing.as_ref()?.connection.accounts.clone();
                collected.filter(|accounts| !accounts.is_empty())
            });
            let (accounts, later) = match accounts {
                Some(some) => (
                    t!("flow-accounts", count = some.len()),
                    t!("flow-later-none"),
                ),
                None => (t!("flow-accounts-all"), t!("flow-later-all")),
            };
            t!(
                "flow-organization",
                accounts = accounts,
                later = later,
                id = organization.id,
                management = organization.management,
                tenant = tenant,
                region = tenant.data_region
            )
        }
        None => t!(
            "flow",
            account = design.account,
            tenant = tenant,
            region = tenant.data_region
        ),
    });
    let command = equivalent(given, &design.name, session, app.globals.sandbox);
    lines.push(t!("equivalent", command = command));
    lines
}

/// What a further copy of management events costs (CloudTrail pricing), and beside which trail.
fn cost(plan: &Plan, monthly: Option<f64>, region: &Region) -> String {
    const USD_PER_EVENT: f64 = 2.0 / 100_000.0;
    let trails: Vec<&str> = plan
        .billed_beside
        .iter()
        .map(|trail| trail.arn.as_str())
        .collect();
    let estimate = match monthly {
        Some(events) => t!(
            "cost-estimate",
            region = region,
            events = format!("{events:.0}"),
            usd = format!("{:.2}", events * USD_PER_EVENT)
        ),
        None => t!("cost-unknown"),
    };
    t!("cost", trails = trails.join(", "), estimate = estimate)
}

fn equivalent(given: &Given, name: &ConnectionName, session: &Session, sandbox: bool) -> String {
    let Session { aws, central } = session;
    let mut words = vec![
        "sophos-ct".to_owned(),
        "setup".to_owned(),
        quoted(name.as_str()),
    ];
    words.push(format!("--region {}", aws.region));
    words.extend(given.to_arguments());
    words.push(format!("--expect-account {}", aws.caller.account));
    // Required there where nobody is asked.
    if central.who.id_type != IdType::Tenant {
        words.push(format!("--expect-tenant {}", central.tenant().id));
    }
    if sandbox {
        words.push("--sandbox".to_owned());
    }
    words.push("--no-input --yes".to_owned());
    words.join(" ")
}

/// Cost, then the plan: yes, no, or an explanation.
async fn confirm(app: &App, prepared: &mut Prepared) -> Result<()> {
    let accepted = prepared.given.flag("accept-cost") == Some(true);
    if let Some(cost) = prepared.cost.as_ref().filter(|_| !accepted) {
        let asked = app.ask.possible() && !app.globals.yes;
        if !asked {
            return Err(Failure::new(Code::MissingAnswers, cost.clone()).hinted(t!("cost-hint")));
        }
        if !app.ask.confirm(&t!("ask-cost"), false).await? {
            return Err(Failure::new(Code::Declined, t!("declined")));
        }
        prepared
            .given
            .set("accept-cost", true.into(), Origin::Prompt);
    }
    if app.globals.yes {
        return Ok(());
    }
    if !app.ask.possible() {
        return Err(Failure::new(Code::MissingAnswers, t!("confirm-missing")));
    }
    loop {
        let items = vec![t!("confirm-yes"), t!("confirm-no"), t!("confirm-explain")];
        match app.ask.select(&t!("ask-apply"), items, Some(0)).await? {
            0 => return Ok(()),
            1 => return Err(Failure::new(Code::Declined, t!("declined"))),
            _ => {
                for line in render::explanation(&prepared.plan.steps) {
                    app.printer.say(&line);
                }
                app.printer.say(&t!(
                    "plan-events",
                    events = render::events(&prepared.plan.steps).join(", ")
                ));
            }
        }
    }
}

/// Writes the answers to the file that was asked for.
pub fn save_answers(prepared: &Prepared) -> Result<()> {
    if let Some(file) = prepared.given.text("save-answers") {
        std::fs::write(&file, prepared.given.to_file(&prepared.design.name))
            .map_err(|error| Failure::usage(format!("--save-answers: {file}: {error}")))?;
    }
    Ok(())
}

/// Central knows everything before AWS is written to for the first time.
async fn journal(prepared: &Prepared) -> Result<Versioned> {
    let Prepared {
        session,
        given,
        design,
        existing,
        plan,
        ..
    } = prepared;
    let settings = given.to_settings();
    match existing {
        None => {
            let new = NewConnection {
                name: design.name.clone(),
                aws_account_id: design.account.clone(),
                partition: design.partition,
                home_region: design.region.clone(),
                mode: if design.own_trail() {
                    "new"
                } else {
                    "existing"
                },
                organization: design.organization.as_ref().map(|one| model::Organization {
                    id: one.id.clone(),
                    management_account_id: one.management.clone(),
                }),
                accounts: given.accounts(),
                settings,
                resources: plan.manifest(design, None, false),
            };
            session.central.create(design.id, &new).await
        }
        Some(found) => {
            let current: Resources = found.connection.manifest();
            let planned = plan.manifest(
                design,
                Some(&current),
                !plan.has_writes() && current.complete,
            );
            if planned == current && settings == found.connection.settings {
                return Ok(found.clone());
            }
            session
                .central
                .record(found, &planned, Some(&Value::Object(settings)))
                .await
        }
    }
}

/// Makes AWS send the forwarder a message: on what is ours, or by invoking the function.
async fn provoke(session: &Session, design: &Design) -> Result<()> {
    let cx = Cx {
        aws: &session.aws,
        design,
        waiting: &aws::wait::quietly,
    };
    match design.feed {
        Feed::New => trail::update(cx).await,
        Feed::Trail { .. } => trail::set_topic(cx).await,
        Feed::Bucket { .. } => notification::merge(cx).await,
        Feed::Subscribe { .. } | Feed::EventBridge { .. } => Ok(function::provoke(cx).await?),
    }
}

/// Waits until the forwarder has signed in and can read the bucket; sends the validation message again where it was lost.
async fn healthy(
    app: &App,
    prepared: &Prepared,
    mut found: Versioned,
    fresh: bool,
) -> Result<Exit> {
    const AGAIN: Duration = Duration::from_secs(30);
    let Prepared {
        session,
        given,
        design,
        ..
    } = prepared;
    let logs = given.flag("wait-for-logs") == Some(true);
    let ready = |connection: &Connection| {
        let signed_in = connection.status != Status::Pending && connection.cannot_read().is_none();
        signed_in && (!logs || connection.last_received_at.is_some())
    };
    let begun = Instant::now();
    let mut sent = Instant::now();
    let mut again = 0;
    let step = (!ready(&found.connection)).then(|| app.progress().step(&t!("verify-step")));
    // Nothing has provoked a message yet.
    let silent = matches!(
        design.feed,
        Feed::Subscribe { .. } | Feed::EventBridge { .. }
    );
    let mut wait = given.wait(false);
    while !ready(&found.connection) && begun.elapsed() < wait {
        let left = wait.saturating_sub(begun.elapsed());
        if let Some(step) = &step {
            step.waiting(&t!("verify-waiting"), left);
        }
        tokio::time::sleep(Duration::from_millis(
            if begun.elapsed() < Duration::from_secs(10) {
                250
            } else {
                2000
            },
        ))
        .await;
        let due = sent.elapsed() > AGAIN || ((!fresh || silent) && again == 0);
        let signed_in =
            found.connection.status != Status::Pending && found.connection.cannot_read().is_none();
        if due && again < 3 && !signed_in {
            again += 1;
            sent = Instant::now();
            // Its refusal costs the repetition, not the run: the next log file tells as well.
            if provoke(session, design).await.is_err() && silent {
                wait = given.wait(true);
            }
        }
        if let Some(newer) = session.central.by_id(design.id).await? {
            found = newer;
        }
    }
    report(app, |report| {
        report.connection = Some(found.connection.clone())
    });
    let connection = &found.connection;
    if ready(connection) {
        if let Some(step) = step {
            step.done();
        }
        app.printer.say(&t!(
            "set-up",
            name = connection.name,
            status = connection.status.as_str()
        ));
        app.printer
            .say(&t!("set-up-next", name = app.argument(&connection.name)));
        return Ok(Exit::Done);
    }
    if let Some(step) = step {
        step.failed();
    }
    let failure = match connection.cannot_read() {
        Some(detail) => Failure::new(Code::Unhealthy, t!("verify-cannot-read", detail = detail)),
        None if connection.status == Status::Pending => {
            Failure::new(Code::Unhealthy, t!("verify-no-sign-in"))
        }
        None => Failure::new(Code::Unhealthy, t!("verify-no-logs")),
    };
    Err(failure.hinted(t!("verify-hint", name = app.argument(&connection.name))))
}
