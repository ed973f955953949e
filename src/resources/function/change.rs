//! Writes: the function is created, updated, permitted to be invoked, provoked and deleted.

use std::{collections::HashMap, time::Duration};

use aws_sdk_lambda::{
    primitives::Blob,
    types::{
        DeadLetterConfig, Environment, FunctionCode, InvocationType, LogFormat, LoggingConfig,
        Runtime, State as LambdaState, SystemLogLevel,
    },
};

use super::{HANDLER, MEMORY, Setting, TIMEOUT, drift, observe, permits, read_policy};
use crate::{
    aws::{
        Aws,
        error::AwsError,
        wait::{self, Waiting},
    },
    connection::Design,
    resources::{
        cx::{Cx, Deployment},
        seen::{Seen, done_or},
    },
    ui::{Code, Failure, Result, t},
};

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

pub(super) async fn create(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
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
            match observe(cx.aws, design).await? {
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

/// Brings code and environment to what the deployment says. Both calls are outside the published policy.
pub(super) async fn update(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let name = &cx.design.function;
    let Seen::There(state) = observe(cx.aws, cx.design).await? else {
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

pub(super) async fn permit(cx: Cx<'_>) -> Result<()> {
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

pub(super) async fn delete(cx: Cx<'_>) -> Result<()> {
    let name = &cx.design.function;
    let function = observe(cx.aws, cx.design).await?;
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
