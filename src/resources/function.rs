//! The forwarder's function and the permission for SNS to invoke it.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use aws_sdk_lambda::{
    primitives::Blob,
    types::{
        Architecture, DeadLetterConfig, Environment, FunctionCode, InvocationType, LogFormat,
        LoggingConfig, Runtime, State as LambdaState, SystemLogLevel,
    },
};
use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{Cx, Deployment, Mark, Purpose, Seen, document, done_or, seen};
use crate::{
    aws::{
        Aws,
        error::AwsError,
        wait::{self, Waiting},
    },
    connection::{ConnectionId, Design, Feed},
    policy::{self, grant::Grant},
    ui::{Code, Failure, Result, t},
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

pub async fn observe(aws: &Aws, name: &str, id: ConnectionId) -> Result<Seen<State>, AwsError> {
    let (function, policy) = tokio::join!(
        aws.lambda.get_function().function_name(name).send(),
        read_policy(aws, name)
    );
    let function = function.map_err(AwsError::of("lambda:GetFunction"));
    let function = match seen(function, &["ResourceNotFoundException"])? {
        Seen::There(function) => function,
        Seen::Absent => return Ok(Seen::Absent),
        Seen::Unseen(action) => return Ok(Seen::Unseen(action)),
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

/// Errors that pass once a new role is known everywhere (Terraform's AWS provider waits on the same texts).
fn role_not_ready(error: &AwsError) -> Option<String> {
    let texts = [
        "cannot be assumed by Lambda",
        "execution role does not have permissions",
        "KMS key is invalid for CreateGrant",
    ];
    let passing = error.is("InvalidParameterValueException")
        && texts.iter().any(|text| error.message.contains(text));
    passing.then(|| t!("wait-role"))
}

/// A change of the function is under way; its next change has to wait for it.
fn busy(error: &AwsError) -> Option<String> {
    let texts = ["update is in progress", "following state: Pending"];
    let passing = error.is("ResourceConflictException")
        && texts.iter().any(|text| error.message.contains(text));
    passing.then(|| t!("wait-function"))
}

pub async fn create(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let design = cx.design;
    let tags: HashMap<String, String> = design.all_tags().into_iter().collect();
    let environment = Environment::builder()
        .set_variables(Some(deployment.environment.clone().into_iter().collect()))
        .build();
    let made = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(300),
        role_not_ready,
        || async {
            cx.aws
                .lambda
                .create_function()
                .function_name(&design.function)
                .description(format!(
                    "Forwards CloudTrail log files to Sophos Central (sophos-ct connection {})",
                    design.id
                ))
                .runtime(Runtime::Providedal2023)
                .handler(HANDLER)
                .architectures(deployment.package.architecture.clone())
                .role(design.role_arn())
                .memory_size(MEMORY)
                .timeout(TIMEOUT)
                .environment(environment.clone())
                .set_dead_letter_config(dead_letter(design))
                .code(
                    FunctionCode::builder()
                        .zip_file(Blob::new(deployment.package.zip.clone()))
                        .build(),
                )
                .set_tags(Some(tags.clone()))
                .logging_config(logging())
                .customize()
                .config_override(patient())
                .send()
                .await
                .map_err(AwsError::of("lambda:CreateFunction"))
        },
    )
    .await;
    match made {
        Ok(answer) if answer.state() == Some(&LambdaState::Active) => Ok(()),
        Ok(_) => active(cx.aws, &design.function, cx.waiting).await,
        Err(error) if error.is("ResourceConflictException") => {
            match observe(cx.aws, &design.function, design.id).await? {
                Seen::There(state) => state.mark.must_be_ours(&design.function_arn())?,
                _ => return Err(error.into()),
            }
            active(cx.aws, &design.function, cx.waiting).await
        }
        Err(error) => Err(error.into()),
    }
}

fn dead_letter(design: &Design) -> Option<DeadLetterConfig> {
    let arn = design.dead_letter.as_ref()?.to_string();
    Some(DeadLetterConfig::builder().target_arn(arn).build())
}

/// The log in JSON, and of the platform's own lines only warnings: they would be most of the log, and of its price.
fn logging() -> LoggingConfig {
    LoggingConfig::builder()
        .log_format(LogFormat::Json)
        .system_log_level(SystemLogLevel::Warn)
        .build()
}

/// Time for a thin uplink: the SDK's limit of a minute covers the sending of the code.
fn patient() -> aws_sdk_lambda::config::Builder {
    let timeouts = aws_config::timeout::TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(900))
        .build();
    aws_sdk_lambda::config::Builder::new().timeout_config(timeouts)
}

/// Waits until the function can be invoked: `GetFunction`, since `GetFunctionConfiguration` is not granted.
async fn active(aws: &Aws, name: &str, waiting: Waiting<'_>) -> Result<()> {
    let what = t!("wait-function");
    // The answer to its creation has just said that it is pending.
    tokio::time::sleep(Duration::from_millis(200)).await;
    let ready = wait::until_visible(waiting, &what, Duration::from_secs(300), || async {
        let answer = aws
            .lambda
            .get_function()
            .function_name(name)
            .send()
            .await
            .map_err(AwsError::of("lambda:GetFunction"))?;
        let state = answer
            .configuration()
            .and_then(|configuration| configuration.state().cloned());
        match state {
            Some(LambdaState::Failed) => {
                let reason = answer
                    .configuration()
                    .and_then(|c| c.state_reason())
                    .unwrap_or_default();
                Err(Failure::new(
                    Code::Aws,
                    t!("function-failed", function = name, reason = reason),
                ))
            }
            Some(LambdaState::Pending) => Ok(false),
            _ => Ok(true),
        }
    });
    if ready.await? {
        Ok(())
    } else {
        Err(Failure::new(
            Code::Aws,
            t!("function-not-active", function = name),
        ))
    }
}

/// A setting of the function that is not as it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Setting {
    Role,
    Runtime,
    DeadLetter,
}

/// How a function's settings differ from the design; code, architecture and environment are the deployment's.
#[must_use]
pub fn drift(state: &State, design: &Design) -> Vec<Setting> {
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
#[must_use]
pub fn foreign_statements(document: &Value, id: &str) -> Vec<String> {
    policy::statements(document)
        .iter()
        .filter(|statement| statement["Sid"] != id)
        .map(|statement| match statement["Sid"].as_str() {
            Some(sid) => sid.to_owned(),
            None => statement.to_string(),
        })
        .collect()
}

/// Brings code and environment to what the deployment says. Both calls are outside the published policy.
pub async fn update(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let name = &cx.design.function;
    let Seen::There(state) = observe(cx.aws, name, cx.design.id).await? else {
        return Err(Failure::new(
            Code::Conflict,
            t!("function-vanished", function = name),
        ));
    };
    state.mark.must_be_ours(&state.arn)?;
    let minute = Duration::from_secs(60);
    let other_architecture = state.architectures != [deployment.package.architecture.clone()];
    // Settings first: code that is older leaves what it does not know alone, newer code needs them.
    let settings = drift(&state, cx.design);
    if state.environment != deployment.environment || !settings.is_empty() {
        // Left out, or empty, it would stay as it is: only an empty ARN takes a target away (recorded).
        let none = || DeadLetterConfig::builder().target_arn("").build();
        let dead_letter = dead_letter(cx.design).unwrap_or_else(none);
        let dead_letter = settings
            .contains(&Setting::DeadLetter)
            .then_some(dead_letter);
        let environment = Environment::builder()
            .set_variables(Some(deployment.environment.clone().into_iter().collect()))
            .build();
        let passing = |error: &AwsError| busy(error).or_else(|| role_not_ready(error));
        wait::until_accepted(cx.waiting, minute, passing, || async {
            cx.aws
                .lambda
                .update_function_configuration()
                .function_name(name)
                .environment(environment.clone())
                .role(cx.design.role_arn())
                .runtime(Runtime::Providedal2023)
                .handler(HANDLER)
                .set_dead_letter_config(dead_letter.clone())
                .send()
                .await
                .map_err(AwsError::of("lambda:UpdateFunctionConfiguration"))
        })
        .await?;
    }
    if state.code_sha256 != deployment.package.sha256_base64() || other_architecture {
        wait::until_accepted(cx.waiting, minute, busy, || async {
            cx.aws
                .lambda
                .update_function_code()
                .function_name(name)
                .architectures(deployment.package.architecture.clone())
                .zip_file(Blob::new(deployment.package.zip.clone()))
                .customize()
                .config_override(patient())
                .send()
                .await
                .map_err(AwsError::of("lambda:UpdateFunctionCode"))
        })
        .await?;
    }
    Ok(())
}

/// Whether the function's policy has our permission as we would give it: for this source alone.
#[must_use]
pub fn permits(document: &Value, id: &str, source: &str) -> Option<bool> {
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

pub async fn permit(cx: Cx<'_>) -> Result<()> {
    let design = cx.design;
    let id = design.permission_id();
    let (principal, source) = design.invoker();
    // A function that was made a moment ago may not be there yet for this call (Terraform's provider waits on it).
    let passing = |error: &AwsError| {
        let early = error.is("ResourceNotFoundException");
        busy(error).or_else(|| early.then(|| t!("wait-function")))
    };
    let minute = Duration::from_secs(60);
    let added = wait::until_accepted(cx.waiting, minute, passing, || async {
        cx.aws
            .lambda
            .add_permission()
            .function_name(&design.function)
            .statement_id(&id)
            .action("lambda:InvokeFunction")
            .principal(principal)
            .source_arn(&source)
            .send()
            .await
            .map_err(AwsError::of("lambda:AddPermission"))
    })
    .await;
    match added {
        Ok(_) => Ok(()),
        // The same code also means "update in progress": the document decides.
        Err(error) if error.is("ResourceConflictException") => {
            match read_policy(cx.aws, &design.function).await? {
                Seen::There(document) if permits(&document, &id, &source) == Some(true) => Ok(()),
                _ => Err(error.into()),
            }
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether nothing that `setup` changes sends a message through which the function would sign in.
#[must_use]
pub fn must_be_provoked(design: &Design) -> bool {
    matches!(
        design.feed,
        Feed::Subscribe { .. } | Feed::EventBridge { .. }
    )
}

/// Lets the function sign in and look at the bucket, where nothing else provokes a message: with CloudTrail's own text.
/// Outside the published policy.
pub async fn provoke(cx: Cx<'_>) -> Result<(), AwsError> {
    let message = "CloudTrail validation message.";
    let event = serde_json::json!({
        "Records": [{
            "EventSource": "aws:sns",
            "Sns": { "Type": "Notification", "TopicArn": cx.design.topic_arn(), "Message": message },
        }],
    });
    cx.aws
        .lambda
        .invoke()
        .function_name(&cx.design.function)
        .invocation_type(InvocationType::Event)
        .payload(Blob::new(event.to_string()))
        .send()
        .await
        .map_err(AwsError::of("lambda:InvokeFunction"))?;
    Ok(())
}

pub async fn delete(cx: Cx<'_>) -> Result<()> {
    let name = &cx.design.function;
    let function = observe(cx.aws, name, cx.design.id).await?;
    let Some(state) = function.or_gone(&cx.design.function_arn())? else {
        return Ok(());
    };
    state.mark.must_be_ours(&state.arn)?;
    let deleted = cx
        .aws
        .lambda
        .delete_function()
        .function_name(name)
        .send()
        .await
        .map_err(AwsError::of("lambda:DeleteFunction"));
    done_or(deleted, &["ResourceNotFoundException"])
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
