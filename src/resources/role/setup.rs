//! What `setup` does with the role and our policy in it.

use serde_json::Value;

use super::{
    change::Change,
    state::{Observed, State, drift},
};
use crate::{
    connection::{Design, Kind, Named, Ownership},
    policy,
    resources::{
        planned::{Across, Journal, Planned, whose},
        seen::Seen,
        step::{Does, Step},
    },
    ui::t,
};

/// Plans the steps on the role and on our policy in it.
#[must_use]
pub(crate) fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    if !design.own_role {
        return brought(design, seen);
    }
    let mut planned = Planned::default();
    let arn = design.role_arn();
    let mut used = false;
    let (role, policy) = match seen {
        Seen::Absent => (Step::new(Change::Create, &arn), Change::AddPolicy.into()),
        Seen::There(state) => {
            used = journal.is_used(design, Named::Role, Kind::Role, &arn, &state.owner.mark);
            if used {
                must_be_usable(&mut planned, design, state);
            } else {
                planned.must_be_ours(&state.owner.mark, &state.arn);
            }
            let policy = need_of_policy(&mut planned, design, state, journal);
            let role = if used {
                Step::new(Does::Use(Kind::Role), &arn)
            } else {
                own(&mut planned, design, state)
            };
            (role, policy)
        }
        Seen::Denied(action) => {
            let does = planned.denied(journal, Kind::Role, &arn, action);
            (Step::new(does, &arn), Does::Keep(Kind::RolePolicy))
        }
    };
    planned.add(role.mending(), whose(used), None);
    let ids = vec![design.role_policy_name()];
    let step = Step::new(policy, &arn).with_ids(ids);
    planned.add(step, Ownership::Created, None);
    planned
}

/// What our policy in the role needs.
fn need_of_policy(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> Does<Change> {
    match &state.policy {
        Seen::There(document) if policy::equal(document, &design.role_policy()) => {
            Does::Keep(Kind::RolePolicy)
        }
        Seen::There(_) => Change::MendPolicy.into(),
        Seen::Absent => Change::AddPolicy.into(),
        Seen::Denied(action) => {
            planned.denied(journal, Kind::RolePolicy, &design.role_arn(), action)
        }
    }
}

/// The step on a role of ours: a repair if it has drifted. A boundary that the design does not have is only reported.
fn own(planned: &mut Planned<Change>, design: &Design, state: &State) -> Step<Change> {
    let arn = design.role_arn();
    if let (None, Some(boundary)) = (&design.permissions_boundary, &state.boundary) {
        let found = t!("finding-boundary", arn = arn, boundary = boundary);
        planned.findings.push((Kind::Role, found));
    }
    let drift = drift(state, design);
    if drift.is_empty() {
        Step::new(Does::Keep(Kind::Role), arn)
    } else {
        Step::new(Change::Repair, arn).because(drift.join(", "))
    }
}

/// A role that the user brought (`--role-arn`). Its owner has to write its policy, which is printed.
fn brought(design: &Design, seen: &Observed) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.role_arn();
    match seen {
        Seen::There(state) => must_be_usable(&mut planned, design, state),
        Seen::Absent => planned.conflicts.push(t!("conflict-role-gone", arn = arn)),
        Seen::Denied(action) => {
            let note = t!("note-role-denied", arn = arn, action = action);
            planned.notes.push(note);
        }
    }
    planned.notes.push(t!(
        "note-own-role",
        arn = arn,
        policy = design.role_policy()
    ));
    let step = Step::new(Does::Use(Kind::Role), &arn);
    planned.add(step, Ownership::Used, None);
    planned
}

/// What a role that is not ours must be like for the function to run with it.
fn must_be_usable(planned: &mut Planned<Change>, design: &Design, state: &State) {
    let expected = design.role_arn();
    if state.arn != expected {
        let path = t!("conflict-role-path", arn = state.arn, planned = expected);
        planned.conflicts.push(path);
    }
    if !trusts_lambda(&state.trust) {
        let trust = t!("conflict-role-trust", arn = state.arn);
        planned.conflicts.push(trust);
    }
}

/// Whether the trust of a role allows Lambda, so that the function can run with it.
fn trusts_lambda(trust: &Value) -> bool {
    let statements = policy::statements(trust).into_iter();
    statements
        .filter(|statement| statement["Effect"] == "Allow")
        .any(|statement| {
            let services = &statement["Principal"]["Service"];
            let lambda = "lambda.amazonaws.com";
            *services == lambda
                || services
                    .as_array()
                    .is_some_and(|all| all.contains(&lambda.into()))
        })
}
