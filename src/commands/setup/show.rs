//! What `setup` says: who and where, the plan, what it costs, and the question whether to go on.

use super::Prepared;
use crate::{
    answers::{Answers, Origin},
    aws,
    central::model::{IdType, LicenseState},
    commands::{
        App,
        session::{self, Session},
    },
    connection::{ConnectionName, Region},
    plan::{Plan, render},
    ui::{Code, Failure, Result, shell::quoted, t},
};

/// Who and where: shown before anything is asked.
pub(super) struct Greeting {
    alias: Option<String>,
    license: LicenseState,
}

impl Greeting {
    pub(super) async fn look(app: &App, session: &Session) -> Self {
        let code = session::license_code(app);
        let (alias, license) = tokio::join!(
            aws::account_alias(&session.aws),
            session.central.license(code.as_deref())
        );
        Self { alias, license }
    }

    pub(super) fn say(&self, app: &App, session: &Session) {
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
        if aws.caller.is_root() {
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

/// The plan, on stderr.
pub(super) fn show(app: &App, prepared: &Prepared) {
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
            let accounts = given.account_list().or_else(|| {
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
    if let Some(endpoints) = &prepared.endpoints {
        lines.push(t!("flow-hosts", hosts = endpoints.hosts().join(", ")));
    }
    if let Some(file) = given.forwarder.get() {
        lines.push(t!(
            "flow-forwarder",
            file = file,
            digest = prepared.package.sha256_hex()
        ));
    }
    let costs = prepared.cost.is_some();
    let command = equivalent(given, &design.name, session, app.globals.sandbox, costs);
    lines.push(t!("equivalent", command = command));
    lines
}

/// What a further copy of management events costs (CloudTrail pricing), and beside which trail.
pub(super) fn cost(plan: &Plan, monthly: Option<f64>, region: &Region) -> String {
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

pub(super) fn equivalent(
    given: &Answers,
    name: &ConnectionName,
    session: &Session,
    sandbox: bool,
    costs: bool,
) -> String {
    let Session { aws, central } = session;
    let mut words = vec![
        "sophos-ct".to_owned(),
        "setup".to_owned(),
        quoted(name.as_str()),
    ];
    words.push(format!("--region {}", aws.region));
    let mut given = given.clone();
    // Pasted, it asks nobody.
    if costs {
        given.accept_cost.set(true, Origin::Prompt);
    }
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
pub(super) async fn confirm(app: &App, prepared: &mut Prepared) -> Result<()> {
    let accepted = prepared.given.accept_cost.is(&true);
    if let Some(cost) = prepared.cost.as_ref().filter(|_| !accepted) {
        let asked = app.ask.possible() && !app.globals.yes;
        if !asked {
            return Err(Failure::new(Code::MissingAnswers, cost.clone()).hinted(t!("cost-hint")));
        }
        if !app.ask.confirm(&t!("ask-cost"), false).await? {
            return Err(Failure::new(Code::Declined, t!("declined")));
        }
        prepared.given.accept_cost.set(true, Origin::Prompt);
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
                for line in render::explanation(&prepared.design, &prepared.plan.steps) {
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
