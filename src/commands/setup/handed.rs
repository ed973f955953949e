//! A plan of `setup` as a file, and the same plan made from the file's answers. Only if both agree is it applied.

use std::path::Path;

use serde_json::Value;

use super::{equivalent::planning, meant::collect, prepare::prepare_from, prepared::Prepared};
use crate::{
    answers::{Answers, Any, CATALOGUE, Entry, Kept, Origin, Trail, must_fit, plain},
    cli::SetupArgs,
    commands::{app::App, handover},
    connection::Kind,
    plan::file::{self, Answered, Line, PlanFile, Purpose, Source},
    ui::{Code, Failure, Result, t},
};

/// Answers that whoever applies a plan gives: money is agreed to in each run, a file cannot make a host trusted or name a file of
/// another machine, and how long to wait changes nothing.
pub(super) const OF_EACH_RUN: [&str; 5] = [
    "accept-cost",
    "ingest-host",
    "forwarder",
    "wait",
    "wait-for-logs",
];

/// Returns the plan as a file.
pub(crate) fn plan_file(prepared: &Prepared) -> PlanFile {
    let Prepared {
        session,
        given,
        design,
        existing,
        package,
        plan,
        cost,
        ..
    } = prepared;
    let (aws, central) = (&session.aws, &session.central);
    PlanFile {
        answers: answered(given),
        function: Some(package.sha256_hex()),
        hosts: hosts(prepared),
        steps: file::lines(&plan.steps, &plan.settings),
        documents: file::documents(&plan.documents, &plan.seen),
        cost: cost.clone(),
        notes: plan.notes.clone(),
        ..handover::blank(Purpose::Setup, aws, central, design, existing.is_none())
    }
}

/// Plans from the answers of a file, and makes sure that it is the file's plan.
pub(super) async fn prepare(app: &App, arguments: &SetupArgs, path: &Path) -> Result<Prepared> {
    let plan = handover::read(path, Purpose::Setup)?;
    let mut given = collect(arguments)?;
    give(app, &plan, &mut given)?;
    app.planned.set(Some(plan.connection.id));
    app.plan_file.replace(Some(path.to_owned()));
    app.chosen.borrow_mut().in_region(&plan.region);
    let prepared = prepare_from(app, arguments, given).await?;
    handover::must_be_of(&plan, &prepared.session.aws, &prepared.session.central)?;
    must_be_its_connection(app, &plan, &prepared).await?;
    must_be_as_planned(app, &plan, &prepared)?;
    Ok(prepared)
}

/// Whether an answer belongs to a plan.
fn is_of_plan(entry: &Entry) -> bool {
    match entry.kept {
        Kept::Saved => true,
        Kept::Told => !OF_EACH_RUN.contains(&entry.key),
        Kept::Once | Kept::Never => false,
    }
}

fn answered(given: &Answers) -> Vec<Answered> {
    let of_plan = given.each().filter(|(entry, _)| is_of_plan(entry));
    let answered = of_plan.filter_map(|(entry, answer)| {
        Some(Answered {
            key: entry.key.to_owned(),
            value: answer.to_json()?,
            from: match answer.origin()? {
                Origin::Saved => Source::Saved,
                Origin::Default => Source::Default,
                Origin::Flag | Origin::Environment | Origin::File | Origin::Prompt => Source::Given,
            },
        })
    });
    answered.collect()
}

fn hosts(prepared: &Prepared) -> Vec<String> {
    let endpoints = prepared.endpoints.as_ref();
    endpoints.map(|one| one.hosts()).unwrap_or_default()
}

/// Takes the answers of the plan. What this run says otherwise is refused, all of it at once.
fn give(app: &App, plan: &PlanFile, given: &mut Answers) -> Result<()> {
    let mut complaints = handover::flags_must_agree(app, plan);
    let name = Value::from(plan.connection.name.as_str());
    let account = Value::from(plan.account.as_str());
    for (entry, answer) in given.each_mut() {
        let planned = match entry.key {
            "name" => Some((&name, Source::Given)),
            "expect-account" => Some((&account, Source::Given)),
            _ if !is_of_plan(entry) => continue,
            key => {
                let found = plan.answers.iter().find(|one| one.key == key);
                found.map(|one| (&one.value, one.from))
            }
        };
        complaints.extend(take(entry, answer, planned));
    }
    for one in &plan.answers {
        let mut known = CATALOGUE.iter().filter(|entry| is_of_plan(entry));
        if !known.any(|entry| entry.key == one.key) {
            complaints.push(t!("plan-answer-unknown", key = one.key));
        }
    }
    let tenant = given.expect_tenant.get().map(ToString::to_string);
    match tenant {
        Some(tenant) if !handover::is_tenant(plan, &tenant) => complaints.push(t!(
            "plan-flag-differs",
            flag = "--expect-tenant",
            given = tenant,
            planned = plan.tenant.id
        )),
        Some(_) => {}
        None => {
            let id = plan.tenant.id.as_str();
            let loaded = given.load("expect-tenant", id, Origin::File);
            complaints.extend(loaded.err());
        }
    }
    must_fit(complaints)
}

/// Takes one answer of the plan. Says what is wrong if this run says something else, or if the answer does not fit.
fn take(entry: &Entry, answer: &mut dyn Any, planned: Option<(&Value, Source)>) -> Option<String> {
    match (answer.to_json(), planned) {
        (Some(given), Some((value, _))) if given == *value => None,
        (Some(given), Some((value, _))) if means(entry, &given, value) => {
            let origin = answer.origin().unwrap_or(Origin::File);
            load(entry, answer, value, origin)
        }
        (Some(given), planned) => {
            let flag = match answer.origin() {
                Some(Origin::Environment) => entry.variable(),
                _ => format!("--{}", entry.key),
            };
            let planned = planned.map_or_else(|| t!("answer-none"), |(value, _)| plain(value));
            Some(t!(
                "plan-flag-differs",
                flag = flag,
                given = plain(&given),
                planned = planned
            ))
        }
        // It is read from Central, or computed, as it was then.
        (None, None | Some((_, Source::Saved | Source::Default))) => None,
        (None, Some((value, Source::Given))) => load(entry, answer, value, Origin::File),
    }
}

/// Takes an answer as the plan has it. Says what does not fit.
fn load(entry: &Entry, answer: &mut dyn Any, value: &Value, origin: Origin) -> Option<String> {
    let complaint = answer.load(value, origin).err()?;
    Some(t!(
        "plan-answer-unfit",
        key = entry.key,
        complaint = complaint
    ))
}

/// Whether an answer that is given means that of the plan in another form: a plan has the ARN of the trail that was named, and tags
/// may be in any order.
fn means(entry: &Entry, given: &Value, planned: &Value) -> bool {
    match (entry.key, given, planned) {
        ("trail", Value::String(given), Value::String(planned)) => {
            let trails = (given.parse::<Trail>(), planned.parse::<Trail>());
            matches!(trails, (Ok(given), Ok(planned)) if planned.is_of(&given))
        }
        ("tag", Value::Array(given), Value::Array(planned)) => {
            given.len() == planned.len() && given.iter().all(|tag| planned.contains(tag))
        }
        _ => false,
    }
}

/// Makes sure that the plan's connection is the one that Central has under its name and its id.
async fn must_be_its_connection(app: &App, plan: &PlanFile, prepared: &Prepared) -> Result<()> {
    let planned = &plan.connection;
    let refused = |complaint: String| {
        let hint = handover::plan_again(app, planning(app, prepared));
        Err(Failure::new(Code::Conflict, complaint).hinted(hint))
    };
    if let Some(found) = &prepared.existing {
        if found.connection.id == planned.id {
            return Ok(());
        }
        let (name, id) = (&planned.name, found.connection.id);
        return refused(t!("plan-connection-other", name = name, id = id));
    }
    let known = prepared.session.central.by_id(planned.id).await?;
    // Nobody else's parts become ours because a file has their id.
    let id = planned.id.to_string();
    let mut seen = prepared.plan.seen.iter();
    let used = seen.any(|document| {
        let before = document.before.there();
        before.is_some_and(|before| before.to_string().contains(&id))
    });
    if known.is_some() || used || !planned.new {
        let name = &planned.name;
        return refused(t!("plan-connection-gone", name = name, id = id));
    }
    Ok(())
}

fn must_be_as_planned(app: &App, plan: &PlanFile, prepared: &Prepared) -> Result<()> {
    let found = plan_file(prepared);
    let mut also = Vec::new();
    let mut steps = found.steps.iter();
    let deploys = steps.any(|one| one.kind == Kind::Function && one.writes());
    if plan.function != found.function && deploys {
        also.push(t!(
            "moved-function",
            planned = plan.function.as_deref().unwrap_or_default(),
            tool = plan.tool,
            found = found.function.as_deref().unwrap_or_default()
        ));
    }
    let known = !plan.hosts.is_empty() && !found.hosts.is_empty();
    if known && plan.hosts != found.hosts {
        also.push(t!(
            "moved-hosts",
            planned = plan.hosts.join(", "),
            found = found.hosts.join(", ")
        ));
    }
    if let Some(cost) = found.cost.as_ref().filter(|_| plan.cost.is_none()) {
        also.push(cost.clone());
    }
    also.extend(answers_moved(&plan.answers, &found.answers));
    // As long as Central does not have the connection, or only as it was prepared, nothing of the plan can have been done. Once all
    // of it is done, what differs was changed by others.
    let existing = prepared.existing.as_ref().map(|found| &found.connection);
    let is_done = existing.is_some_and(|found| found.manifest().complete);
    let begun = existing.is_some_and(|found| !found.is_prepared()) && !is_done;
    if is_done && also.is_empty() && !found.steps.iter().any(Line::writes) {
        return Ok(());
    }
    let again = planning(app, prepared);
    handover::must_be_unmoved(app, plan, &found, begun, also, again)
}

/// Answers that are not as in the plan: those that Central has saved can have changed.
fn answers_moved(planned: &[Answered], found: &[Answered]) -> Vec<String> {
    let value = |answers: &[Answered], key: &str| {
        let mut answers = answers.iter();
        let found = answers.find(|one| one.key == key);
        found.map_or_else(|| t!("answer-none"), |one| plain(&one.value))
    };
    // What a default adds was not asked when the plan was made.
    let added = found
        .iter()
        .filter(|one| one.from != Source::Default && planned.iter().all(|two| two.key != one.key));
    let keys = planned.iter().chain(added).map(|one| one.key.as_str());
    let moved = keys.filter_map(|key| {
        let (planned, found) = (value(planned, key), value(found, key));
        (planned != found).then(|| t!("moved-answer", key = key, planned = planned, found = found))
    });
    moved.collect()
}
