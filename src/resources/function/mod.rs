//! The forwarder's function and the permission for SNS to invoke it.

mod change;

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Architecture, Runtime, State as LambdaState};
pub use change::provoke;
use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{
    cx::{Cx, Deployment, environment_digest},
    document,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    seen::{Mark, Seen, seen},
    step::{self, Action, Does, Facts, IfDenied, Step},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Feed, Kind, Ownership, Resource},
    policy::{
        self,
        grant::{Grant, Purpose},
    },
    ui::{Result, t},
};

/// Memory in MB: the smallest; the forwarder streams.
pub const MEMORY: i32 = 128;
const HANDLER: &str = "bootstrap";
/// Time limit in seconds: the largest log file (50 MB) at the bandwidth of the smallest function.
pub const TIMEOUT: i32 = 120;

/// A function as it stands.
#[derive(Clone, Debug)]
pub struct State {
    pub arn: String,
    pub mark: Mark,
    pub environment: BTreeMap<String, String>,
    /// SHA-256 of the zip, base64 as Lambda gives it.
    pub code_sha256: String,
    pub role: String,
    pub runtime: String,
    pub handler: String,
    pub architectures: Vec<Architecture>,
    /// ARNs of layers: we set none.
    pub layers: Vec<String>,
    pub active: bool,
    /// ARN of the target for events that it could not handle.
    pub dead_letter: Option<String>,
    /// The function's resource policy.
    pub policy: Seen<Value>,
}

/// What was seen of the function.
pub type Observed = Seen<State>;

/// Id of the manifest's entry for the function's environment.
pub const ENVIRONMENT: &str = "environment";

async fn read_policy(aws: &Aws, name: &str) -> Result<Seen<Value>, AwsError> {
    let policy = aws
        .lambda
        .get_policy()
        .function_name(name)
        .send()
        .await
        .map_err(AwsError::of("lambda:GetPolicy"));
    let found = seen(policy, &["ResourceNotFoundException"])?.map(|answer| answer.policy);
    document::readable("lambda:GetPolicy", found)
}

pub async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let (name, id) = (&design.function, design.id);
    let (function, policy) = tokio::join!(
        aws.lambda.get_function().function_name(name).send(),
        read_policy(aws, name)
    );
    let function = function.map_err(AwsError::of("lambda:GetFunction"));
    let function = match seen(function, &["ResourceNotFoundException"])? {
        Seen::There(function) => function,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Denied(action) => return Ok(Seen::Denied(action)),
    };
    let Some(configuration) = function.configuration() else {
        return Ok(Seen::Absent);
    };
    let environment: BTreeMap<String, String> = configuration
        .environment()
        .and_then(|environment| environment.variables())
        .map(|variables| {
            variables
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        })
        .unwrap_or_default();
    Ok(Seen::There(State {
        arn: configuration.function_arn().unwrap_or_default().to_owned(),
        mark: Mark::of(id, environment.get(env::CONNECTION).map(String::as_str)),
        environment,
        code_sha256: configuration.code_sha256().unwrap_or_default().to_owned(),
        role: configuration.role().unwrap_or_default().to_owned(),
        runtime: configuration
            .runtime()
            .map(|runtime| runtime.as_str().to_owned())
            .unwrap_or_default(),
        handler: configuration.handler().unwrap_or_default().to_owned(),
        architectures: configuration.architectures().to_vec(),
        layers: configuration
            .layers()
            .iter()
            .filter_map(|layer| layer.arn().map(ToOwned::to_owned))
            .collect(),
        active: !matches!(
            configuration.state(),
            Some(LambdaState::Pending | LambdaState::Failed)
        ),
        dead_letter: configuration
            .dead_letter_config()
            .and_then(|config| config.target_arn())
            .filter(|arn| !arn.is_empty())
            .map(ToOwned::to_owned),
        policy: policy?,
    }))
}

/// What can be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    Create,
    /// Code and settings, to what the deployment says.
    Update,
    Permit,
    /// The permission goes with the function.
    PermissionGoes,
    Delete,
}

impl step::Change for Change {
    fn facts(&self) -> Facts {
        match self {
            Self::Create => Facts::new(Action::Create, Kind::Function, &["CreateFunction20150331"]),
            Self::Update => Facts::new(
                Action::Modify,
                Kind::Function,
                &[
                    "UpdateFunctionCode20150331v2",
                    "UpdateFunctionConfiguration20150331v2",
                ],
            ),
            Self::Permit => Facts::new(
                Action::Create,
                Kind::FunctionPermission,
                &["AddPermission20150331v2"],
            ),
            Self::PermissionGoes => Facts::new(Action::Delete, Kind::FunctionPermission, &[]),
            Self::Delete => Facts::new(Action::Delete, Kind::Function, &["DeleteFunction20150331"]),
        }
    }

    fn after(&self, design: &Design) -> &'static [Kind] {
        match self {
            Self::Create | Self::Update => &[Kind::Role],
            Self::Permit => &[Kind::Function],
            Self::PermissionGoes | Self::Delete if design.own_role => {
                &[Kind::Subscription, Kind::EventRule]
            }
            // Without a role policy of ours, the function shows whose the log group is.
            Self::PermissionGoes | Self::Delete => {
                &[Kind::Subscription, Kind::EventRule, Kind::LogGroup]
            }
        }
    }
}

/// Carries a change out. Every one is safe to repeat.
///
/// # Panics
/// Where setup has handed over no deployment.
pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
    let deployment = || cx.deployment.expect("setup hands the deployment over");
    match change {
        Change::Create => change::create(cx, deployment()).await,
        Change::Update => change::update(cx, deployment()).await,
        Change::Permit => change::permit(cx).await,
        Change::PermissionGoes => Ok(()),
        Change::Delete => change::delete(cx).await,
    }
}

/// What `setup` does with the function and the permission to invoke it.
#[must_use]
pub fn setup(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let (arn, region) = (design.function_arn(), Some(&design.region));
    let (function, permission) = match seen {
        Seen::Absent => (
            Step::new(Change::Create, Kind::Function, &arn),
            Change::Permit.into(),
        ),
        Seen::There(state) => {
            planned.must_be_ours(&state.mark, &arn);
            report_foreign(&mut planned, design, state);
            let function = update(&mut planned, design, state, journal);
            let permission = permission(&mut planned, design, state, journal);
            (function, permission)
        }
        Seen::Denied(action) => {
            let does = planned.denied(journal, Kind::Function, &arn, action);
            (Step::new(does, Kind::Function, &arn), Does::Keep)
        }
    };
    planned.add(function, Ownership::Created, region);
    if let Some(item) = planned.items.last_mut() {
        item.digest = Some(journal.package_digest.to_owned());
    }
    if let Some(deployment) = journal.deployment {
        planned.items.push(environment_item(design, deployment));
    }
    if let Some(target) = &design.dead_letter {
        // The function sends with its role; a queue is also sent to by who could not deliver.
        let by = match design.redrive() {
            Some(_) => format!("{}, {}", design.role_arn(), design.invoker().0),
            None => design.role_arn(),
        };
        let note = t!("note-dead-letter", arn = target, services = by);
        planned.notes.push(note);
    }
    let ids = vec![design.permission_id()];
    let step = Step::new(permission, Kind::FunctionPermission, &arn).with_ids(ids);
    planned.add(step, Ownership::Created, region);
    planned
}

/// The function's whole environment: where log files go is Central's to say. `loopback` is the endpoint of a sandbox.
#[must_use]
pub fn environment(
    design: &Design,
    ingest_url: &str,
    upload_hosts: &[String],
    loopback: Option<&str>,
) -> BTreeMap<String, String> {
    let mut variables = vec![
        (env::CONNECTION, design.id.to_string()),
        (env::INGEST_URL, ingest_url.to_owned()),
        (env::UPLOAD_HOSTS, upload_hosts.join(",")),
        (env::BUCKET, design.bucket.to_string()),
        (env::BUCKET_OWNER, design.account.to_string()),
        (env::PREFIX, design.prefix.to_string()),
        (env::PARTITION, design.partition.to_string()),
    ];
    variables.extend(loopback.map(|endpoint| (env::ENDPOINT, endpoint.to_owned())));
    let variables = variables.into_iter();
    variables
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// The manifest's entry for the environment: known only once Central has told where logs go.
#[must_use]
pub fn environment_item(design: &Design, deployment: &Deployment) -> Resource {
    Resource {
        kind: Kind::Function,
        arn: design.function_arn(),
        id: Some(ENVIRONMENT.to_owned()),
        region: Some(design.region.to_string()),
        ownership: Ownership::Created,
        was_absent: None,
        digest: Some(environment_digest(&deployment.environment)),
    }
}

/// The function, where code or settings are not as they should be.
fn update(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> Step<Change> {
    let arn = design.function_arn();
    let mut reasons = Vec::new();
    let mut newer = false;
    if let Some(deployment) = journal.deployment {
        let deployed = journal
            .manifest
            .and_then(|one| one.forwarder_version.as_deref());
        let older = deployed.is_some_and(|deployed| is_older(crate::VERSION, deployed));
        if older {
            let version = deployed.unwrap_or_default();
            planned
                .notes
                .push(t!("note-newer-forwarder", version = version));
        } else if state.code_sha256 != deployment.package.sha256_base64() {
            newer = true;
            reasons.push(t!("reason-code", version = crate::VERSION));
        }
        if !older && state.architectures != [deployment.package.architecture.clone()] {
            reasons.push(t!("reason-architecture"));
        }
        if state.environment != deployment.environment {
            reasons.push(t!("reason-environment"));
        }
    }
    let settings = drift(state, design).into_iter();
    reasons.extend(settings.map(|setting| match setting {
        Setting::Role => t!("reason-role", role = state.role),
        Setting::Runtime => t!("reason-runtime", runtime = state.runtime),
        Setting::DeadLetter => t!("reason-dead-letter"),
    }));
    if reasons.is_empty() {
        return Step::new(Does::Keep, Kind::Function, &arn);
    }
    // Newer code is a convenience; all else is to be as it was made.
    let then = if newer && reasons.len() == 1 {
        IfDenied::Lose
    } else {
        IfDenied::Name
    };
    Step::new(Change::Update, Kind::Function, &arn)
        .because(Some(reasons.join(", ")))
        .if_denied(then)
}

/// Whether a version is older than another: 0.9.0 than 0.10.0.
fn is_older(version: &str, than: &str) -> bool {
    let parsed = (
        semver::Version::parse(version),
        semver::Version::parse(than),
    );
    matches!(parsed, (Ok(version), Ok(than)) if version < than)
}

/// What is at the function and not ours: layers, and others that may invoke or change it.
fn report_foreign(planned: &mut Planned<Change>, design: &Design, state: &State) {
    let (arn, id) = (design.function_arn(), design.permission_id());
    for layer in &state.layers {
        let found = t!("finding-layer", arn = arn, layer = layer);
        planned.findings.push((Kind::Function, found));
    }
    let others = state.policy.there();
    let others = others.map(|document| foreign_statements(document, &id));
    for statement in others.into_iter().flatten() {
        let found = t!("finding-statement", arn = arn, statement = statement);
        planned.findings.push((Kind::FunctionPermission, found));
    }
}

fn permission(
    planned: &mut Planned<Change>,
    design: &Design,
    state: &State,
    journal: Journal<'_>,
) -> Does<Change> {
    let (arn, id) = (design.function_arn(), design.permission_id());
    match &state.policy {
        Seen::Absent => Change::Permit.into(),
        Seen::There(document) => match permits(document, &id, &design.invoker().1) {
            Some(true) => Does::Keep,
            None => Change::Permit.into(),
            Some(false) => {
                let other = t!("conflict-permission", arn = arn, id = id);
                planned.conflicts.push(other);
                Does::Keep
            }
        },
        Seen::Denied(action) => planned.denied(journal, Kind::FunctionPermission, &arn, action),
    }
}

/// What `remove` does with the function.
#[must_use]
pub fn remove(
    design: &Design,
    seen: &Observed,
    removing: Removing<'_>,
    _: &Across,
) -> Planned<Change> {
    let mut planned = Planned::default();
    let arn = design.function_arn();
    if !removing.claims(Kind::Function, &arn) {
        return planned;
    }
    match seen {
        Seen::Absent => {}
        Seen::There(state) => {
            planned.must_be_ours(&state.mark, &arn);
            let permission = Step::new(Change::PermissionGoes, Kind::FunctionPermission, &arn);
            planned.step(permission.with_ids(vec![design.permission_id()]));
            planned.step(Step::new(Change::Delete, Kind::Function, &arn));
        }
        Seen::Denied(action) => planned.cannot_look(&arn, action),
    }
    planned
}

/// What a manifest may claim. The digest of the environment is an entry of its own.
#[must_use]
pub fn claims(design: &Design) -> Vec<Claim> {
    let (arn, id) = (design.function_arn(), design.permission_id());
    vec![
        Claim::whole(Kind::Function, arn.clone()),
        Claim::parts(Kind::Function, arn.clone(), vec![ENVIRONMENT.to_owned()]),
        Claim::parts(Kind::FunctionPermission, arn, vec![id]),
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

/// A setting of the function that is not as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Setting {
    Role,
    Runtime,
    DeadLetter,
}

/// How a function's settings differ from the design; code, architecture and environment are the deployment's.
fn drift(state: &State, design: &Design) -> Vec<Setting> {
    let target = design.dead_letter.as_ref().map(ToString::to_string);
    let runtime = Runtime::Providedal2023;
    [
        (Setting::Role, state.role != design.role_arn()),
        (
            Setting::Runtime,
            state.runtime != runtime.as_str() || state.handler != HANDLER,
        ),
        (Setting::DeadLetter, state.dead_letter != target),
    ]
    .into_iter()
    .filter_map(|(setting, differs)| differs.then_some(setting))
    .collect()
}

/// Statements of the function's policy that are not ours: who else may invoke or change it.
fn foreign_statements(document: &Value, id: &str) -> Vec<String> {
    policy::statements(document)
        .iter()
        .filter(|statement| statement["Sid"] != id)
        .map(|statement| match statement["Sid"].as_str() {
            Some(sid) => sid.to_owned(),
            None => statement.to_string(),
        })
        .collect()
}

/// Whether the function's policy has our permission as we would give it: for this source alone.
fn permits(document: &Value, id: &str, source: &str) -> Option<bool> {
    let statement = policy::statements(document)
        .into_iter()
        .find(|statement| statement["Sid"] == id)?;
    let from_topic = statement["Condition"]
        .as_object()
        .into_iter()
        .flat_map(|operators| operators.values())
        .filter_map(Value::as_object)
        .flatten()
        .any(|(key, value)| {
            key.eq_ignore_ascii_case("aws:SourceArn") && policy::canonical(value) == source
        });
    Some(statement["Effect"] == "Allow" && from_topic)
}

/// Whether nothing that `setup` changes sends a message through which the function would sign in.
#[must_use]
pub fn must_be_provoked(design: &Design) -> bool {
    matches!(
        design.feed,
        Feed::Subscribe { .. } | Feed::EventBridge { .. }
    )
}

#[must_use]
pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
    let arn = design.function_arn();
    let mut grants = vec![Grant::new(
        &["lambda:GetFunction", "lambda:GetPolicy"],
        &arn,
    )];
    match purpose {
        Purpose::Setup => {
            grants.push(Grant::new(
                &[
                    "lambda:CreateFunction",
                    "lambda:TagResource",
                    "lambda:AddPermission",
                ],
                &arn,
            ));
            if must_be_provoked(design) {
                grants.push(Grant::new(&["lambda:InvokeFunction"], &arn));
            }
        }
        Purpose::Remove => grants.push(Grant::new(&["lambda:DeleteFunction"], &arn)),
        Purpose::Status | Purpose::RemoveLogs => {}
    }
    grants
}

#[cfg(test)]
mod tests {
    #[test]
    fn versions_are_compared_as_numbers() {
        use super::is_older;
        assert!(is_older("0.9.0", "0.10.0"));
        assert!(is_older("0.99.99", "1.0.0"));
        assert!(!is_older("0.1.0", "0.1.0"));
        assert!(!is_older("0.2.0", "0.1.9"));
        assert!(!is_older("0.1.0", "unknown"));
    }
}
