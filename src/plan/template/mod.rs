//! A plan as a template, for those who may not let a program write to AWS: the same resources with the same names, marks and
//! documents. Only what is whole can be in it. What others have a part in, a template would replace, so it is refused.

mod cloudformation;
mod terraform;

pub(crate) use cloudformation::cloudformation;
pub(crate) use terraform::terraform;

use serde_json::Value;
use strum::VariantArray;

use super::{Plan, render::kind};
use crate::{
    connection::{Design, Kind, MOST_TAGS, Resources},
    resources::{
        alarm::{self, Which},
        bucket, event_rule,
        families::{Change, Step},
        function::{self, Runs},
        log_group, package, role,
        step::{Action, Change as _},
        subscription,
        template::{CloudFormation, Input, Part},
        topic, trail,
    },
    ui::t,
};

/// What a template is made of.
pub(crate) struct Template<'a> {
    design: &'a Design,
    runs: &'a Runs,
    /// In the order of the plan.
    parts: Vec<Placed>,
}

/// A part, and what has to be there before it.
struct Placed {
    part: Part,
    after: &'static [Kind],
}

/// Why a plan cannot be a template.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    pub complaints: Vec<String>,
    /// Whether others have a part in something that the plan changes.
    pub shared: bool,
}

impl<'a> Template<'a> {
    /// Makes a template of everything that the plan makes or that a stack has made already. `recorded`: the manifest at Central.
    ///
    /// # Errors
    /// What cannot be in a template, one by one.
    pub(crate) fn of(
        design: &'a Design,
        plan: &Plan,
        recorded: Option<&Resources>,
        runs: &'a Runs,
    ) -> Result<Self, Refused> {
        let mut items = recorded.into_iter().flat_map(|manifest| &manifest.items);
        if !plan.external && items.any(|item| item.ownership.is_ours()) {
            return Err(Refused {
                complaints: vec![t!("template-made", name = design.name)],
                shared: false,
            });
        }
        let steps = plan.steps.iter();
        let steps: Vec<&Step> = steps
            .filter(|step| is_of_template(plan, recorded, step))
            .collect();
        let complaints = steps.iter().filter_map(|step| complaint(&steps, step));
        let mut complaints: Vec<String> = complaints.collect();
        let shared = !complaints.is_empty();
        complaints.extend(too_many_tags(design));
        if !complaints.is_empty() {
            return Err(Refused { complaints, shared });
        }
        let filtered = is_topic_shared(design, plan);
        let placed = |step: &&Step| placed(design, runs, filtered, step);
        Ok(Self {
            design,
            runs,
            parts: steps.iter().filter_map(placed).collect(),
        })
    }

    /// The parts that come before one, without itself.
    fn before<'b>(&'b self, one: &'b Placed) -> impl Iterator<Item = &'b Part> {
        let parts = self.parts.iter().map(|placed| &placed.part);
        parts.filter(move |part| one.after.contains(&part.kind) && part.name != one.part.name)
    }

    /// The part of this kind that is a resource of CloudFormation.
    fn resource(&self, kind: Kind) -> Option<&Part> {
        let mut parts = self.parts.iter().map(|placed| &placed.part);
        parts.find(|part| part.kind == kind)
    }

    /// SHA-256 of the function's zip in base64.
    fn code_sha256(&self) -> String {
        package::base64_of(&self.runs.digest).expect("a digest is hex")
    }

    /// What an input is if nothing else is given; `None` if it has to be given.
    fn default(&self, input: Input) -> Option<Value> {
        let Self { design, runs, .. } = self;
        let variable = |name: &str| {
            let value = runs.environment.get(name).cloned();
            value.filter(|text| !text.is_empty()).map(Value::from)
        };
        match input {
            Input::ConnectionId => Some(design.id.to_string().into()),
            Input::CodeBucket | Input::CodeHash => None,
            // Another function has another key: only that makes CloudFormation deploy it.
            Input::CodeKey => Some(key(&runs.digest).into()),
            Input::CodeFile => Some(FILE.into()),
            Input::IngestUrl => variable(sophos_ct_forwarder::env::INGEST_URL),
            Input::UploadHosts => variable(sophos_ct_forwarder::env::UPLOAD_HOSTS),
            Input::LogRetentionDays => Some(design.log_retention_days.into()),
            Input::RetentionDays => design.retention_days.map(Value::from),
            Input::AlarmTopic => design.alarm.as_ref().map(|arn| arn.to_string().into()),
        }
    }
}

/// The file of the function's zip, if nothing else is said.
pub(crate) const FILE: &str = "forwarder.zip";

/// Returns the key under which the function's zip with this digest is put into a bucket.
#[must_use]
pub(crate) fn key(digest: &str) -> String {
    format!("sophos-ct/forwarder-{}.zip", &digest[..16])
}

/// The inputs that whoever applies a template can give.
fn inputs() -> impl Iterator<Item = Input> {
    let inputs = Input::VARIANTS.iter().copied();
    inputs.filter(|input| *input != Input::CodeHash)
}

/// What an input is, in the words of a template.
fn meaning(input: Input) -> &'static str {
    match input {
        Input::ConnectionId => "Id of the connection: each account has its own",
        Input::CodeBucket => "Bucket in this region that has the function's zip",
        Input::CodeKey => "Key of the function's zip in that bucket",
        Input::CodeFile => "The function's zip, which sophos-ct package has written",
        Input::CodeHash => "Digest of the function's zip",
        Input::IngestUrl => "Where the function offers log files to Sophos Central",
        Input::UploadHosts => "Hosts that log files may be sent to",
        Input::LogRetentionDays => "Days that the function's own log is kept",
        Input::RetentionDays => "Days after which log files expire",
        Input::AlarmTopic => "SNS topic that the alarms tell",
    }
}

fn is_number(input: Input) -> bool {
    matches!(input, Input::LogRetentionDays | Input::RetentionDays)
}

/// Whether a step is about something that the template makes.
fn is_of_template(plan: &Plan, recorded: Option<&Resources>, step: &Step) -> bool {
    let external = |manifest: &Resources| manifest.says_external(step.kind(), &step.arn);
    step.writes()
        || recorded.is_some_and(external)
        || plan.external && step.action() == Action::Keep
}

/// A template has a tag of its own beside those that `setup` gives.
fn too_many_tags(design: &Design) -> Option<String> {
    let most = MOST_TAGS - 1;
    (design.tags.len() > most).then(|| t!("template-tags", most = most))
}

/// Why a step cannot be in a template, if it cannot.
fn complaint(steps: &[&Step], step: &Step) -> Option<String> {
    let about = step.kind();
    let whole = match about {
        Kind::TrailTopic | Kind::BucketNotification => None,
        Kind::TrustedAccess | Kind::ServiceLinkedRole => {
            let (kind, arn) = (kind(about), &step.arn);
            return Some(t!("template-first", kind = kind, arn = arn));
        }
        Kind::BucketPolicyStatement | Kind::Lifecycle => Some(Kind::Bucket),
        Kind::TopicPolicyStatement => Some(Kind::Topic),
        Kind::RolePolicy => Some(Kind::Role),
        Kind::FunctionPermission => Some(Kind::Function),
        Kind::Trail
        | Kind::Bucket
        | Kind::Topic
        | Kind::Subscription
        | Kind::Function
        | Kind::Role
        | Kind::LogGroup
        | Kind::EventRule
        | Kind::Alarm => return None,
    };
    let is_whole = whole.is_some_and(|whole| steps.iter().any(|other| other.kind() == whole));
    (!is_whole).then(|| t!("template-shared", kind = kind(about), arn = step.arn))
}

/// Whether the topic carries other messages too, as far as its policy could be read.
fn is_topic_shared(design: &Design, plan: &Plan) -> bool {
    let mut seen = plan.seen.iter();
    let topic = seen.find(|one| one.kind == Kind::TopicPolicyStatement);
    let policy = topic.and_then(|one| one.before.there());
    topic::is_shared(design, policy)
}

/// The part of a template that a step is about, with what the run has before it.
fn placed(design: &Design, runs: &Runs, filtered: bool, step: &Step) -> Option<Placed> {
    let change = making(design, step)?;
    let part = match &change {
        Change::Role(change) => role::part(design, *change),
        Change::LogGroup(_) => Some(log_group::part(design)),
        Change::Topic(change) => topic::part(design, *change),
        Change::Bucket(change) => bucket::part(design, *change),
        Change::Function(change) => function::part(design, runs, *change),
        Change::Subscription(_) => Some(subscription::part(design, filtered)),
        Change::Trail(change) => trail::part(design, *change),
        Change::EventRule(change) => event_rule::part(design, *change),
        Change::Alarm(change) => alarm::part(design, *change),
        // Neither is whole.
        Change::Organization(_) | Change::Notification(_) => None,
    }?;
    let after = change.after(design);
    Some(Placed { part, after })
}

/// The change that makes what a step is about, where nothing of it is there yet.
fn making(design: &Design, step: &Step) -> Option<Change> {
    Some(match step.kind() {
        Kind::Role => Change::Role(role::Change::Create),
        Kind::RolePolicy => Change::Role(role::Change::AddPolicy),
        Kind::LogGroup => Change::LogGroup(log_group::Change::Create),
        Kind::Topic => Change::Topic(topic::Change::Create),
        Kind::TopicPolicyStatement => Change::Topic(topic::Change::AddStatement),
        Kind::Bucket => Change::Bucket(bucket::Change::Create),
        Kind::BucketPolicyStatement => Change::Bucket(bucket::Change::AddStatements),
        Kind::Lifecycle => {
            let days = design.retention_days?;
            Change::Bucket(bucket::Change::AddExpiry { days, new: true })
        }
        Kind::Function => Change::Function(function::Change::Create),
        Kind::FunctionPermission => Change::Function(function::Change::Permit),
        Kind::Subscription => Change::Subscription(subscription::Change::Create),
        Kind::Trail => Change::Trail(trail::Change::Create),
        Kind::EventRule => Change::EventRule(event_rule::Change::Create),
        Kind::Alarm => {
            let mut both = Which::BOTH.into_iter();
            let which = both.find(|which| which.arn(design) == step.arn)?;
            Change::Alarm(alarm::Change::Create(which))
        }
        Kind::TrailTopic
        | Kind::BucketNotification
        | Kind::TrustedAccess
        | Kind::ServiceLinkedRole => return None,
    })
}

/// Replaces texts and inputs in a value, however deep they are.
fn replaced(
    value: Value,
    text: &impl Fn(String) -> Value,
    input: &impl Fn(&str) -> Value,
) -> Value {
    if let Some(name) = Input::of(&value) {
        return input(name);
    }
    match value {
        Value::String(found) => text(found),
        Value::Array(list) => {
            let list = list.into_iter();
            list.map(|one| replaced(one, text, input)).collect()
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            fields
                .map(|(name, one)| (name, replaced(one, text, input)))
                .collect()
        }
        other => other,
    }
}
