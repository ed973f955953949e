//! The function's execution role and its inline policy (a managed one could not be undone under the published policy).

mod change;

use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::{
    cx::Cx,
    document,
    planned::{Across, Claim, Journal, Planned, Removing, Shown, whose},
    seen::{Mark, Seen, seen},
    step::{self, Action, Does, Facts, Step},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind, Named, Ownership},
    policy::{
        self,
        grant::{Grant, Purpose},
    },
    ui::{Result, t},
};

/// A role as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub arn: String,
    /// `AROA…`: unlike any other role's, also of the same name.
    pub id: String,
    pub mark: Mark,
    pub trust: Value,
    pub boundary: Option<String>,
    /// Our inline policy.
    pub policy: Seen<Value>,
}

/// What was seen of the role.
pub type Observed = Seen<State>;

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    /// Trust and boundary, back to the design.
    Repair,
    AddPolicy,
    MendPolicy,
    DeletePolicy,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(Action::Create, Kind::Role, &["CreateRole"]),
            Self::Repair => Facts::new(
                Action::Modify,
                Kind::Role,
                &["UpdateAssumeRolePolicy", "PutRolePermissionsBoundary"],
            ),
            Self::AddPolicy => Facts::new(Action::Create, Kind::RolePolicy, &["PutRolePolicy"]),
            Self::MendPolicy => Facts::new(Action::Modify, Kind::RolePolicy, &["PutRolePolicy"]),
            Self::DeletePolicy => {
                Facts::new(Action::Delete, Kind::RolePolicy, &["DeleteRolePolicy"])
            }
            Self::Delete => Facts::new(Action::Delete, Kind::Role, &["DeleteRole"]),
        }
    }

    fn after(&self, _: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Repair => &[],
            Self::AddPolicy | Self::MendPolicy => &[Kind::Role],
            Self::DeletePolicy => &[Kind::LogGroup, Kind::Function],
            Self::Delete => &[Kind::RolePolicy],
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    match change {
        Change::Create => change::create(cx).await,
        Change::Repair => change::repair(cx).await,
        Change::AddPolicy | Change::MendPolicy => change::put_policy(cx).await,
        Change::DeletePolicy => change::delete_policy(cx).await,
        Change::Delete => change::delete(cx).await,
    }
}

/// What `setup` does with the role and our policy in it.
#[must_use]
pub fn setup(
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
    let mut reason = None;
    let (role, policy) = match seen {
        Seen::Absent => (Change::Create.into(), Change::AddPolicy.into()),
        Seen::There(state) => {
            used = journal.is_used(design, Named::Role, Kind::Role, &arn, &state.mark);
            if used {
                must_be_usable(&mut planned, design, state);
            } else {
                planned.must_be_ours(&state.mark, &state.arn);
            }
            let policy = match &state.policy {
                Seen::There(document) if policy::equal(document, &design.role_policy()) => {
                    Does::Keep
                }
                Seen::There(_) => Change::MendPolicy.into(),
                Seen::Absent => Change::AddPolicy.into(),
                Seen::Denied(action) => planned.denied(journal, Kind::RolePolicy, &arn, action),
            };
            let drift = drift(state, design);
            let role = match (used, drift.is_empty()) {
                (true, _) => Does::Use,
                (false, true) => Does::Keep,
                (false, false) => {
                    reason = Some(drift.join(", "));
                    Change::Repair.into()
                }
            };
            if let (false, None, Some(boundary)) =
                (used, &design.permissions_boundary, &state.boundary)
            {
                let found = t!("finding-boundary", arn = arn, boundary = boundary);
                planned.findings.push((Kind::Role, found));
            }
            (role, policy)
        }
        Seen::Denied(action) => (
            planned.denied(journal, Kind::Role, &arn, action),
            Does::Keep,
        ),
    };
    let step = Step::new(role, Kind::Role, &arn).because(reason);
    planned.add(step.mending(), whose(used), None);
    let ids = vec![design.role_policy_name()];
    let step = Step::new(policy, Kind::RolePolicy, &arn).with_ids(ids);
    planned.add(step, Ownership::Created, None);
    planned
}

/// A role that somebody brought: its policy is its owner's to write, and printed.
fn brought(design: &Design, seen: &Observed) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.role_arn();
    match seen {
        Seen::There(state) => must_be_usable(&mut planned, design, state),
        Seen::Absent => planned.conflicts.push(t!("conflict-role-gone", arn = arn)),
        Seen::Denied(action) => {
            let note = t!("note-role-unseen", arn = arn, action = action);
            planned.notes.push(note);
        }
    }
    planned.notes.push(t!(
        "note-own-role",
        arn = arn,
        policy = design.role_policy()
    ));
    let step = Step::new(Does::Use, Kind::Role, &arn);
    planned.add(step, Ownership::Used, None);
    planned
}

/// What a role that is not ours must be like, so that the function can run with it.
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

/// What `remove` does: the role with our policy, or our policy alone in a role that is not ours.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.role_arn();
    let created = removing.claims(Kind::Role, &arn);
    if !created && !removing.claims(Kind::RolePolicy, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            if created {
                planned.must_be_ours(&state.mark, &arn);
            }
            if !state.policy.is_absent() {
                let step = Step::new(Change::DeletePolicy, Kind::RolePolicy, &arn);
                planned.step(step.with_ids(vec![design.role_policy_name()]));
            }
            if created {
                planned.step(Step::new(Change::Delete, Kind::Role, &arn));
            }
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}

/// What a manifest may claim.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    if !design.own_role {
        return Vec::new();
    }
    let arn = design.role_arn();
    vec![
        Claim::whole(Kind::Role, arn.clone()),
        Claim::parts(Kind::RolePolicy, arn, vec![design.role_policy_name()]),
    ]
}

/// How surely a claim is seen to be true.
#[must_use]
pub fn shown(_: &Design, seen: &Observed, _: &Across, _: Kind) -> Shown {
    Shown::by_mark(mark(seen))
}

/// The mark on what was found.
#[must_use]
pub fn mark(seen: &Observed) -> Option<&Mark> {
    seen.there().map(|state| &state.mark)
}

/// IAM answers with URL-encoded JSON.
fn decode(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let (name, id) = (&design.role, design.id);
    let policy_name = design.role_policy_name();
    // Both at once: the policy is asked for even before it is known that the role is there.
    let (role, policy) = tokio::join!(
        aws.iam.get_role().role_name(name).send(),
        aws.iam
            .get_role_policy()
            .role_name(name)
            .policy_name(&policy_name)
            .send(),
    );
    let role = match seen(role.map_err(AwsError::of("iam:GetRole")), &["NoSuchEntity"])? {
        Seen::There(role) => role,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let policy = seen(
        policy.map_err(AwsError::of("iam:GetRolePolicy")),
        &["NoSuchEntity"],
    )?;
    let Some(role) = role.role() else {
        return Ok(Seen::Absent);
    };
    let trust = Seen::There(role.assume_role_policy_document().map(decode));
    Ok(Seen::There(State {
        arn: role.arn().to_owned(),
        id: role.role_id().to_owned(),
        mark: Mark::of_tags(id, role.tags().iter().map(|tag| (tag.key(), tag.value()))),
        trust: document::readable("iam:GetRole", trust)?
            .there()
            .cloned()
            .unwrap_or_default(),
        boundary: role
            .permissions_boundary()
            .and_then(|boundary| boundary.permissions_boundary_arn())
            .map(ToOwned::to_owned),
        policy: document::readable(
            "iam:GetRolePolicy",
            policy.map(|policy| Some(decode(policy.policy_document()))),
        )?,
    }))
}

/// Whether the function may run with a role: its trust allows Lambda.
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

/// How a role of ours differs from the design: trust, or a boundary that was taken away or replaced.
fn drift(state: &State, design: &Design) -> Vec<&'static str> {
    let mut drift = Vec::new();
    if !policy::equal(&state.trust, &design.trust()) {
        drift.push("AssumeRolePolicyDocument");
    }
    if design.permissions_boundary.is_some() && state.boundary != design.permissions_boundary {
        drift.push("PermissionsBoundary");
    }
    drift
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.role_arn();
    let service =
        serde_json::json!({ "StringEquals": { "iam:PassedToService": "lambda.amazonaws.com" } });
    let pass = Grant::new(&["iam:PassRole"], &arn).only_if(service);
    if !design.own_role {
        let mut grants = vec![Grant::new(&["iam:GetRole"], &arn)];
        grants.extend((purpose == Purpose::Setup).then_some(pass));
        return grants;
    }
    let mut grants = vec![Grant::new(&["iam:GetRole", "iam:GetRolePolicy"], &arn)];
    match purpose {
        Purpose::Setup => {
            let bounded = &["iam:CreateRole", "iam:PutRolePolicy"];
            let mut create = Grant::new(bounded, &arn);
            if let Some(boundary) = &design.permissions_boundary {
                // Only roles that the boundary holds in can be made and given a policy.
                create = create.only_if(serde_json::json!({
                    "StringEquals": { "iam:PermissionsBoundary": boundary }
                }));
            }
            grants.push(create);
            grants.push(Grant::new(&["iam:TagRole"], &arn));
            grants.push(pass);
        }
        Purpose::Remove => grants.push(Grant::new(
            &["iam:DeleteRolePolicy", "iam:DeleteRole"],
            &arn,
        )),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}
