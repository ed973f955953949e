//! Code and settings of the function: created, or updated to what the deployment says.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use aws_sdk_lambda::{
    primitives::Blob,
    types::{
        DeadLetterConfig, Environment, FunctionCode, LogFormat, LoggingConfig, Runtime,
        State as LambdaState, SystemLogLevel,
    },
};

use super::{
    environment::of_newer,
    look::observe,
    state::{Drift, HANDLER, MEMORY, State, TIMEOUT, drift},
};
use crate::{
    aws::{
        Aws,
        error::AwsError,
        wait::{self, Waiting},
    },
    connection::Design,
    resources::{
        cx::{Cx, Deployment},
        seen::Seen,
    },
    ui::{Code, Failure, Result, t},
};

const MINUTE: Duration = Duration::from_secs(60);

/// Creates the function and waits until it can be invoked.
pub(super) async fn create(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let design = cx.design;
    let tags: HashMap<String, String> = design.all_tags().into_iter().collect();
    let environment = environment(&deployment.environment);
    let made = wait::until_accepted(
        cx.waiting,
        Duration::from_secs(300),
        role_not_ready,
        || async {
            cx.aws
                .lambda
                .create_function()
                .function_name(&design.function)
                .description(description(design))
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
                Seen::There(state) => state.owner.mark.must_be_ours(&design.function_arn())?,
                _ => return Err(error.into()),
            }
            active(cx.aws, &design.function, cx.waiting).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Brings code and settings to what the deployment says. Both calls are outside the published policy.
pub(super) async fn update(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let state = ours(cx).await?;
    // Settings first: older code ignores what it does not know, newer code needs them.
    update_settings(cx, &deployment.environment, &state, false).await?;
    update_code(cx, deployment, &state).await
}

/// Brings the settings alone to what the deployment says. What newer code brings stays: its runtime, and variables of its own.
pub(super) async fn configure(cx: Cx<'_>, deployment: &Deployment) -> Result<()> {
    let state = ours(cx).await?;
    let variables = of_newer(cx.design, &deployment.environment, &state.environment);
    update_settings(cx, &variables, &state, true).await
}

/// Our function as it stands.
async fn ours(cx: Cx<'_>) -> Result<State> {
    let Seen::There(state) = observe(cx.aws, cx.design).await? else {
        return Err(Failure::new(
            Code::Conflict,
            t!("function-vanished", function = cx.design.function),
        ));
    };
    state.owner.mark.must_be_ours(&state.arn)?;
    Ok(state)
}

/// Updates the settings, if they differ. `newer`: the function runs newer code.
async fn update_settings(
    cx: Cx<'_>,
    variables: &BTreeMap<String, String>,
    state: &State,
    newer: bool,
) -> Result<()> {
    let differing = drift(state, cx.design, newer);
    if state.environment == *variables && differing.is_empty() {
        return Ok(());
    }
    // If the configuration were left out or empty, it would stay as it is: only an empty ARN takes a target away (recorded).
    let none = || DeadLetterConfig::builder().target_arn("").build();
    let dead_letter = dead_letter(cx.design).unwrap_or_else(none);
    let dead_letter = differing
        .contains(&Drift::DeadLetter)
        .then_some(dead_letter);
    let environment = environment(variables);
    let passing = |error: &AwsError| busy(error).or_else(|| role_not_ready(error));
    wait::until_accepted(cx.waiting, MINUTE, passing, || async {
        cx.aws
            .lambda
            .update_function_configuration()
            .function_name(&cx.design.function)
            .environment(environment.clone())
            .role(cx.design.role_arn())
            .set_runtime((!newer).then_some(Runtime::Providedal2023))
            .set_handler((!newer).then(|| HANDLER.to_owned()))
            .set_dead_letter_config(dead_letter.clone())
            .send()
            .await
            .map_err(AwsError::of("lambda:UpdateFunctionConfiguration"))
    })
    .await?;
    Ok(())
}

async fn update_code(cx: Cx<'_>, deployment: &Deployment, state: &State) -> Result<()> {
    let package = &deployment.package;
    let other_architecture = state.architectures != [package.architecture.clone()];
    if state.code_sha256 == package.sha256_base64() && !other_architecture {
        return Ok(());
    }
    wait::until_accepted(cx.waiting, MINUTE, busy, || async {
        cx.aws
            .lambda
            .update_function_code()
            .function_name(&cx.design.function)
            .architectures(package.architecture.clone())
            .zip_file(Blob::new(package.zip.clone()))
            .customize()
            .config_override(patient())
            .send()
            .await
            .map_err(AwsError::of("lambda:UpdateFunctionCode"))
    })
    .await?;
    Ok(())
}

/// Returns what the function says about itself.
pub(super) fn description(design: &Design) -> String {
    let id = design.id;
    format!("Forwards CloudTrail log files to Sophos Central (sophos-ct connection {id})")
}

fn environment(variables: &BTreeMap<String, String>) -> Environment {
    Environment::builder()
        .set_variables(Some(variables.clone().into_iter().collect()))
        .build()
}

fn dead_letter(design: &Design) -> Option<DeadLetterConfig> {
    let arn = design.dead_letter.as_ref()?.to_string();
    Some(DeadLetterConfig::builder().target_arn(arn).build())
}

/// Logs in JSON, and only warnings of the platform: its other lines would be most of the log, and most of its price.
pub(super) fn logging() -> LoggingConfig {
    LoggingConfig::builder()
        .log_format(LogFormat::Json)
        .system_log_level(SystemLogLevel::Warn)
        .build()
}

/// Gives a slow uplink time: the SDK's limit of a minute includes sending the code.
fn patient() -> aws_sdk_lambda::config::Builder {
    let timeouts = aws_config::timeout::TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .read_timeout(Duration::from_secs(900))
        .build();
    aws_sdk_lambda::config::Builder::new().timeout_config(timeouts)
}

/// Waits until the function can be invoked. Asks `GetFunction`, since the published policy lacks `GetFunctionConfiguration`.
async fn active(aws: &Aws, name: &str, waiting: Waiting<'_>) -> Result<()> {
    let what = t!("wait-function");
    // The answer to its creation has just said that the function is pending.
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

/// Returns what to wait for if AWS refuses only for the moment: a new role is not known everywhere yet (Terraform's AWS provider
/// waits for the same texts).
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

/// Returns what to wait for if AWS refuses only for the moment: another change of the function is under way.
pub(super) fn busy(error: &AwsError) -> Option<String> {
    let texts = ["update is in progress", "following state: Pending"];
    let passing = error.is("ResourceConflictException")
        && texts.iter().any(|text| error.message.contains(text));
    passing.then(|| t!("wait-function"))
}
