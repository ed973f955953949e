//! Reads the function and its policy.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionConfiguration;
use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{
    policy::read_policy,
    state::{Observed, State},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{ConnectionId, Design},
    resources::seen::{Mark, Seen, seen},
};

/// Reads the function and its policy at once.
pub(crate) async fn observe(aws: &Aws, design: &Design) -> Result<Observed, AwsError> {
    let name = &design.function;
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
    let tags = function.tags().cloned().unwrap_or_default();
    Ok(Seen::There(State {
        tags: tags.into_iter().collect(),
        ..state(design.id, configuration, policy?)
    }))
}

/// Returns the ARN of the function of this name, whoever has made it.
pub(crate) async fn arn_of(aws: &Aws, name: &str) -> Result<Seen<String>, AwsError> {
    let function = aws.lambda.get_function().function_name(name).send().await;
    let function = function.map_err(AwsError::of("lambda:GetFunction"));
    let function = seen(function, &["ResourceNotFoundException"])?;
    Ok(function.and_then(|function| {
        let configuration = function.configuration()?;
        configuration.function_arn().map(ToOwned::to_owned)
    }))
}

fn state(id: ConnectionId, configuration: &FunctionConfiguration, policy: Seen<Value>) -> State {
    let environment = variables(configuration);
    State {
        arn: configuration.function_arn().unwrap_or_default().to_owned(),
        mark: Mark::of(id, environment.get(env::CONNECTION).map(String::as_str)),
        tags: BTreeMap::new(),
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
        dead_letter: configuration
            .dead_letter_config()
            .and_then(|config| config.target_arn())
            .filter(|arn| !arn.is_empty())
            .map(ToOwned::to_owned),
        policy,
    }
}

fn variables(configuration: &FunctionConfiguration) -> BTreeMap<String, String> {
    configuration
        .environment()
        .and_then(|environment| environment.variables())
        .map(|variables| {
            variables
                .iter()
                .map(|(key, value)| (key.clone(), value.clone()))
                .collect()
        })
        .unwrap_or_default()
}
