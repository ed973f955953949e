//! A removal as a plan file, and the same removal planned anew. Only if both agree is it carried out.

use super::target::Target;
use crate::{
    answers::must_fit,
    central::Central,
    cli::RemoveArgs,
    commands::{app::App, handover},
    plan::{
        self,
        file::{self, PlanFile, Purpose, Wished},
        removal::Removal,
    },
    ui::{Failure, Result, t},
};

/// Returns the removal as a file.
pub(super) fn plan_file(
    target: &Target,
    removal: &Removal,
    arguments: &RemoveArgs,
    central: &Central,
) -> PlanFile {
    let Target {
        aws,
        design,
        observed,
        ..
    } = target;
    let written = plan::documents(design, observed, &removal.steps);
    PlanFile {
        wishes: Some(Wished {
            keep_trail: arguments.keep_trail,
            force_shared: arguments.force_shared,
            delete_logs: arguments.delete_logs,
        }),
        users: removal.users.clone(),
        last_trail: removal.last_trail,
        steps: file::lines(&removal.steps, &removal.settings),
        documents: file::documents(&written, &plan::seen(design, observed)),
        notes: removal.warnings(),
        ..handover::blank(Purpose::Remove, aws, central, design, false)
    }
}

/// What the command line would be without the file. Flags that say something else are refused.
pub(super) fn arguments(app: &App, plan: &PlanFile, given: RemoveArgs) -> Result<RemoveArgs> {
    must_fit(handover::flags_must_agree(app, plan))?;
    let Some(wishes) = plan.wishes else {
        return Err(Failure::usage(t!("plan-no-wishes")));
    };
    app.chosen.borrow_mut().in_region(&plan.region);
    Ok(RemoveArgs {
        connection: Some(plan.connection.id.to_string()),
        keep_trail: wishes.keep_trail,
        force_shared: wishes.force_shared,
        delete_logs: wishes.delete_logs,
        ..given
    })
}

/// Refuses a removal that is not the one in the file. What a run before this one has taken out counts as unmoved.
pub(super) fn must_be_as_planned(
    app: &App,
    plan: &PlanFile,
    target: &Target,
    removal: &Removal,
    arguments: &RemoveArgs,
    central: &Central,
) -> Result<()> {
    let Target { aws, design, .. } = target;
    handover::must_be_of(plan, aws, central)?;
    let mut also = Vec::new();
    if plan.connection.name != design.name {
        also.push(t!(
            "moved-name",
            planned = plan.connection.name,
            found = design.name
        ));
    }
    if plan.has_settings_and_users() {
        let further = file::further(&plan.users, &removal.users).into_iter();
        also.extend(further.map(|user| t!("moved-user", user = user.said())));
        if removal.last_trail && !plan.last_trail {
            also.push(t!("last-trail"));
        }
    }
    let found = plan_file(target, removal, arguments, central);
    let mut again = app.command("remove", &plan.connection.name);
    again.extend(wished(arguments));
    handover::must_be_unmoved(app, plan, &found, true, also, again)
}

/// The wishes as flags.
fn wished(arguments: &RemoveArgs) -> Vec<String> {
    let wishes = [
        (arguments.keep_trail, "--keep-trail"),
        (arguments.force_shared, "--force-shared"),
        (arguments.delete_logs, "--delete-logs"),
    ];
    let wished = wishes.into_iter().filter(|(wished, _)| *wished);
    wished.map(|(_, flag)| flag.to_owned()).collect()
}
