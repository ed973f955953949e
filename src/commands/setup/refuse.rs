//! What ends `setup` before the first write.

use std::collections::BTreeSet;

use crate::{
    answers::Answers,
    central::{Central, Versioned, model::Endpoints},
    commands::{app::App, collecting},
    connection::{ConnectionName, Design, Named},
    plan::Plan,
    resources::planned::Advice,
    ui::{Code, Failure, Result, t},
};

/// Refuses a trail or bucket from which another live connection of the account collects, unless `--connect-again` is given: each
/// file would be sent twice.
pub(super) async fn must_not_be_connected(
    app: &App,
    central: &Central,
    given: &Answers,
    design: &Design,
) -> Result<()> {
    if given.connect_again.is(&true) || design.own_trail() {
        return Ok(());
    }
    let others = collecting::others(central, design).await?;
    let Some(other) = others.into_iter().next() else {
        return Ok(());
    };
    let complaint = t!("connected-already", bucket = design.bucket, name = other);
    Err(Failure::new(Code::Conflict, complaint)
        .hinted(t!("connected-already-hint", name = app.argument(&other))))
}

/// Returns where log files will go, as far as Central says already, and refuses hosts that are not to be trusted.
pub(super) async fn trusted_endpoints(
    central: &Central,
    given: &Answers,
    existing: Option<&Versioned>,
) -> Result<Option<Endpoints>> {
    let endpoints = match existing {
        Some(found) => Some(found.connection.endpoints()),
        None => central.endpoints().await?,
    };
    if let Some(endpoints) = &endpoints {
        endpoints.must_be_trusted(&central.tenant().api_host, &given.trusted_hosts())?;
    }
    Ok(endpoints)
}

/// Refuses a plan with conflicts, and says what helps against each kind of them. `new`: the connection does not exist yet.
pub(super) fn must_be_possible(plan: &mut Plan, design: &Design, new: bool) -> Result<()> {
    if plan.conflicts.is_empty() {
        return Ok(());
    }
    let code = if plan.trail_limit && plan.conflicts.len() == 1 {
        Code::TrailLimit
    } else {
        Code::Conflict
    };
    let hints = hints(plan, design, new);
    let conflicts = std::mem::take(&mut plan.conflicts);
    let mut failure = Failure::list(code, t!("conflicts"), conflicts);
    failure.hints = hints;
    Err(failure)
}

/// What helps against the conflicts of a plan. The words of most conflicts say it themselves.
fn hints(plan: &Plan, design: &Design, new: bool) -> Vec<String> {
    // A stack keeps its names: it is the stack that is put right.
    let kinds = plan.advice.iter().map(|advice| match advice {
        Advice::OtherNames if plan.external => Advice::Stack,
        other => *other,
    });
    let kinds: BTreeSet<Advice> = kinds.collect();
    let hint = |advice: Advice| match advice {
        Advice::OtherNames if new => t!("conflicts-hint"),
        // The names of a connection cannot be changed.
        Advice::OtherNames => t!("conflicts-hint-saved"),
        Advice::Permission => t!("conflicts-hint-denied", policy = policy(plan, design)),
        Advice::CompareCentral => t!("conflicts-hint-central"),
        Advice::SayAgain => t!("conflicts-hint-again"),
        Advice::Stack => t!("external-hint-update"),
    };
    let mut hints: Vec<String> = kinds.into_iter().map(hint).collect();
    if plan.trail_limit {
        hints.push(t!("trail-limit-hint"));
    }
    let advised = plan.advice.len() + usize::from(plan.trail_limit);
    if plan.conflicts.len() > advised {
        hints.push(t!("conflicts-hint-correct"));
    }
    hints
}

/// The policy that setting up such a connection needs, as `sophos-ct policy` knows it.
fn policy(plan: &Plan, design: &Design) -> &'static str {
    if plan.external {
        return "setup-adopt";
    }
    match (design.own_trail(), &design.organization) {
        (false, _) => "setup-existing",
        (true, Some(_)) => "setup-organization",
        (true, None) => "setup-new",
    }
}

/// Makes the user say again what only saved answers say: those alone do not allow changing what is not ours.
pub(super) async fn asked_again(app: &App, given: &Answers, name: &ConnectionName) -> Result<()> {
    let asked = |key: &str| key == "prefix" || Named::of_flag(key).is_some();
    let flags = given.to_arguments_of(asked).join(" ");
    if app.ask.possible() && !app.globals.yes {
        let question = t!("ask-saved", name = name, flags = flags);
        return match app.ask.confirm(&question, false).await? {
            true => Ok(()),
            false => Err(Failure::new(Code::Declined, t!("declined"))),
        };
    }
    let missing = t!("missing-saved", name = name, flags = flags);
    Err(Failure::new(Code::MissingAnswers, missing).hinted(t!("missing-saved-hint")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Feed, fixture};

    fn hints_of(advice: &[Advice], conflicts: usize, new: bool) -> Vec<String> {
        let mut plan = Plan::default();
        plan.conflicts = vec!["something".to_owned(); conflicts];
        plan.advice = advice.to_vec();
        hints(&plan, &fixture::design(Feed::New), new)
    }

    #[test]
    fn each_kind_of_conflict_has_the_hint_that_helps_once() {
        let names = [Advice::OtherNames; 2];
        assert_eq!(hints_of(&names, 2, true), [t!("conflicts-hint")]);
        assert_eq!(hints_of(&names, 2, false), [t!("conflicts-hint-saved")]);
        let kinds = [Advice::Permission, Advice::OtherNames];
        let both = [
            t!("conflicts-hint"),
            t!("conflicts-hint-denied", policy = "setup-new"),
        ];
        assert_eq!(hints_of(&kinds, 2, true), both);
        // A conflict without a kind says itself what is wrong.
        assert_eq!(hints_of(&[], 1, true), [t!("conflicts-hint-correct")]);
        let mixed = [t!("conflicts-hint-central"), t!("conflicts-hint-correct")];
        assert_eq!(hints_of(&[Advice::CompareCentral], 2, true), mixed);
    }

    #[test]
    fn what_a_stack_has_made_is_put_right_there_and_gets_no_other_names() {
        let mut plan = Plan::default();
        plan.external = true;
        plan.conflicts = vec!["something".to_owned(); 3];
        plan.advice = vec![Advice::OtherNames, Advice::Stack, Advice::Permission];
        let design = fixture::design(Feed::New);
        let denied = t!("conflicts-hint-denied", policy = "setup-adopt");
        let update = t!("external-hint-update");
        let mut found = hints(&plan, &design, true);
        found.sort();
        let mut expected = vec![denied, update.clone()];
        expected.sort();
        assert_eq!(found, expected);
        plan.advice = vec![Advice::OtherNames; 3];
        for new in [true, false] {
            assert_eq!(hints(&plan, &design, new), [update.as_str()]);
        }
    }
}
