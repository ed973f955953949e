//! Plans that are handed over as files. Whoever applies one has planned anew: here is said whether that is the same plan, in the
//! same place.

use std::{io::ErrorKind, path::Path};

use super::app::App;
use crate::{
    aws::Aws,
    central::Central,
    connection::{Design, Region},
    plan::{
        file::{self, Connection, Moved, PlanFile, Purpose, Tenant},
        render,
    },
    ui::{
        Code, Failure, Result,
        beside::{self, Readers},
        command::command,
        shell::quoted,
        t,
    },
};

/// Reads the file of `--plan`.
pub(super) fn read(path: &Path, purpose: Purpose) -> Result<PlanFile> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        let complaint = match error.kind() {
            // It was read, and is no text.
            ErrorKind::InvalidData => t!("plan-unreadable", file = name, cause = error),
            _ => t!("plan-not-read", file = name, cause = error),
        };
        Failure::usage(format!("--plan: {complaint}")).caused_by(error)
    })?;
    file::read(&name, &text, purpose)
}

/// Writes the file of `--out`, and says what it is for.
pub(super) fn write(app: &App, path: &Path, plan: &PlanFile) -> Result<()> {
    beside::write(path, Readers::Usual, plan.to_text().as_bytes())
        .map_err(|error| beside::failed(Code::Usage, "--out", path, &error))?;
    let verb: &'static str = plan.purpose.into();
    let flags = app.flags();
    let file = quoted(&path.display().to_string());
    app.printer
        .say(&t!("plan-written", verb = verb, file = file, flags = flags));
    Ok(())
}

/// Returns the file of a plan, with everything but the plan itself.
pub(super) fn blank(
    purpose: Purpose,
    aws: &Aws,
    central: &Central,
    design: &Design,
    new: bool,
) -> PlanFile {
    let tenant = central.tenant();
    PlanFile {
        version: file::VERSION.to_owned(),
        purpose,
        tool: crate::VERSION.to_owned(),
        account: aws.caller.account.clone(),
        partition: aws.caller.partition,
        region: aws.region.clone(),
        caller: aws.caller.arn.clone(),
        tenant: Tenant {
            id: tenant.id.clone(),
            name: tenant.name.clone(),
            data_region: tenant.data_region.clone(),
        },
        connection: Connection {
            id: design.id,
            name: design.name.clone(),
            new,
        },
        answers: Vec::new(),
        wishes: None,
        users: Vec::new(),
        last_trail: false,
        function: None,
        hosts: Vec::new(),
        steps: Vec::new(),
        documents: Vec::new(),
        cost: None,
        notes: Vec::new(),
    }
}

/// Refuses flags that say another region or tenant than the file.
pub(super) fn flags_must_agree(app: &App, plan: &PlanFile) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut differs = |flag: &str, given: &str, planned: &str| {
        complaints.push(t!(
            "plan-flag-differs",
            flag = flag,
            given = given,
            planned = planned
        ));
    };
    let region = app.globals.region.as_ref().map(Region::as_str);
    if let Some(given) = region.filter(|given| *given != plan.region.as_str()) {
        differs("--region", given, plan.region.as_str());
    }
    let tenant = app.globals.tenant.as_deref();
    if let Some(given) = tenant.filter(|given| !is_tenant(plan, given)) {
        differs("--tenant", given, &plan.tenant.id);
    }
    complaints
}

/// Whether a flag names the tenant of the plan.
pub(super) fn is_tenant(plan: &PlanFile, given: &str) -> bool {
    given.eq_ignore_ascii_case(&plan.tenant.id) || given == plan.tenant.name
}

/// Refuses a plan for another account, region or tenant than that of the credentials. A file of the same place may come from
/// another caller.
pub(super) fn must_be_of(plan: &PlanFile, aws: &Aws, central: &Central) -> Result<()> {
    let mut complaints = tenant_differs(plan, central);
    let caller = &aws.caller;
    for (what, planned, found) in [
        (
            t!("plan-what-account"),
            plan.account.as_str(),
            caller.account.as_str(),
        ),
        (
            t!("plan-what-partition"),
            plan.partition.as_str(),
            caller.partition.as_str(),
        ),
        (
            t!("plan-what-region"),
            plan.region.as_str(),
            aws.region.as_str(),
        ),
    ] {
        if planned != found {
            complaints.push(t!(
                "plan-place-differs",
                what = what,
                planned = planned,
                found = found
            ));
        }
    }
    refused_place(complaints)
}

/// Refuses a plan for another tenant than that of the credentials.
pub(super) fn must_be_of_tenant(plan: &PlanFile, central: &Central) -> Result<()> {
    refused_place(tenant_differs(plan, central))
}

fn tenant_differs(plan: &PlanFile, central: &Central) -> Vec<String> {
    let found = &central.tenant().id;
    let differs = !found.eq_ignore_ascii_case(&plan.tenant.id);
    let complaint = differs.then(|| {
        t!(
            "plan-place-differs",
            what = t!("plan-what-tenant"),
            planned = plan.tenant.id,
            found = found
        )
    });
    complaint.into_iter().collect()
}

fn refused_place(complaints: Vec<String>) -> Result<()> {
    if complaints.is_empty() {
        return Ok(());
    }
    Err(Failure::headed(
        Code::WrongTarget,
        t!("plan-elsewhere"),
        complaints,
    ))
}

/// Refuses a plan that is not the one that was made anew, and shows what has moved. `also`: what has moved besides steps and
/// documents. `again`: the command line that makes the plan again, in words that are quoted.
pub(super) fn must_be_unmoved(
    app: &App,
    plan: &PlanFile,
    found: &PlanFile,
    begun: bool,
    also: Vec<String>,
    again: Vec<String>,
) -> Result<()> {
    let moved = file::moved(plan, found, begun);
    let mut said = also;
    said.extend(moved.iter().map(render::said));
    if said.is_empty() {
        return Ok(());
    }
    show(app, &moved);
    // What was planned anew is not going to happen.
    app.update_report(|report| report.steps.clear());
    let moved = Failure::headed(Code::Conflict, t!("plan-moved"), said);
    Err(moved.hinted(plan_again(app, again)))
}

/// Says how to make a plan anew: by this command line, whose words are quoted.
pub(super) fn plan_again(app: &App, mut words: Vec<String>) -> String {
    words.extend(["--out".to_owned(), "FILE".to_owned()]);
    let hint = t!("plan-moved-hint");
    match app.printer.json() {
        true => format!("{hint} `{}`", words.join(" ")),
        false => format!("{hint}\n{}", command(&words, app.printer.width(), 2)),
    }
}

fn show(app: &App, moved: &[Moved]) {
    let printer = app.printer;
    let page = render::moved(moved, printer.width(), printer.words);
    if !page.lines.is_empty() {
        printer.say(&t!("plan-moved-documents"));
        printer.show(&page);
    }
}
