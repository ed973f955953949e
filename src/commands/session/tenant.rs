//! The tenant that is meant: the credential's own, or one of several; and whether it is the expected one.

use crate::{
    answers::{Answers, Any},
    central::{
        Central,
        model::{IdType, Tenant},
    },
    commands::app::App,
    connection::AccountId,
    ui::{Code, Failure, Result, t},
    wizard::ask::{Row, Rows},
};

/// Chooses the tenant that a partner's or an organization's credential acts for.
pub(in crate::commands) async fn choose_tenant(
    app: &App,
    central: &mut Central,
    given: Option<&Answers>,
) -> Result<()> {
    let wanted = app.globals.tenant.clone();
    if let Some(own) = &central.tenant {
        return match wanted {
            Some(wanted) if !own.id.eq_ignore_ascii_case(&wanted) => Err(Failure::new(
                Code::WrongTarget,
                t!("tenant-not-own", wanted = wanted, tenant = own.id),
            )),
            _ => Ok(()),
        };
    }
    let mut tenants = central.tenants().await?;
    tenants.sort_by(|one, other| one.name.cmp(&other.name));
    let wanted =
        wanted.or_else(|| given.and_then(|given| Some(given.expect_tenant.get()?.to_string())));
    let chosen = match wanted {
        Some(wanted) => {
            let fitting: Vec<usize> = (0..tenants.len())
                .filter(|&index| tenants[index].is_called(&wanted))
                .collect();
            match fitting[..] {
                [one] => one,
                [] => return Err(Failure::usage(t!("tenant-unknown", wanted = wanted))),
                _ => return Err(Failure::usage(t!("tenant-ambiguous", wanted = wanted))),
            }
        }
        None if app.ask.possible() && !tenants.is_empty() => pick(app, &tenants).await?,
        None => {
            return Err(Failure::new(Code::MissingAnswers, t!("tenant-missing"))
                .hinted(t!("tenant-missing-hint")));
        }
    };
    central.choose(tenants.swap_remove(chosen))
}

/// Asks which of the tenants. It is the first question, so Esc asks it again.
async fn pick(app: &App, tenants: &[Tenant]) -> Result<usize> {
    let rows = tenants.iter().map(|tenant| Row {
        cells: vec![tenant.name.clone(), tenant.data_region.clone()],
        detail: tenant.id.clone(),
    });
    let rows = Rows {
        headings: vec![t!("column-name"), t!("column-region")],
        rows: rows.collect(),
    };
    loop {
        match app.ask.pick(&t!("ask-tenant"), rows.clone(), None).await {
            Err(failure) if failure.back => {}
            picked => return picked,
        }
    }
}

/// Checks `--expect-account` and `--expect-tenant`. If nobody can be asked and the credential has several tenants, the latter is
/// required.
pub(in crate::commands) fn expect(
    app: &App,
    account: &AccountId,
    central: &Central,
    given: &Answers,
) -> Result<()> {
    let unattended = app.globals.yes || !app.ask.possible();
    if unattended && central.who.id_type != IdType::Tenant && !given.expect_tenant.is_given() {
        return Err(Failure::new(
            Code::MissingAnswers,
            t!("expect-tenant-missing", tenant = central.tenant()),
        )
        .hinted(t!("expect-tenant-missing-hint")));
    }
    let mut complaints = Vec::new();
    // What is expected is then what the plan has: flags that say something else were refused.
    let planned = app.planned.get().is_some();
    if let Some(expected) = given.expect_account.get().filter(|one| *one != account) {
        complaints.push(match planned {
            true => t!("plan-other-account", expected = expected, account = account),
            false => t!("wrong-account", expected = expected, account = account),
        });
    }
    // A file of answers to `invite` has it.
    if let Some(invited) = given.account.get().filter(|one| *one != account) {
        complaints.push(t!(
            "wrong-account-answered",
            expected = invited,
            account = account
        ));
    }
    let tenant = central.tenant();
    let expected = given.expect_tenant.get();
    let invited = central.invited.is_some();
    let wrong = expected.filter(|one| !tenant.is_called(one.as_str()));
    if let Some(expected) = wrong {
        complaints.push(match invited {
            _ if planned => t!("plan-other-tenant", expected = expected, tenant = tenant),
            true => t!("wrong-inviter", expected = expected, tenant = tenant),
            false => t!("wrong-tenant", expected = expected, tenant = tenant),
        });
    }
    if complaints.is_empty() {
        return Ok(());
    }
    let heading = match invited {
        true => t!("wrong-target-invited"),
        false => t!("wrong-target"),
    };
    let failure = Failure::list(Code::WrongTarget, heading, complaints);
    Err(match invited && wrong.is_some() {
        true => failure.hinted(t!("wrong-inviter-hint")),
        false => failure,
    })
}
