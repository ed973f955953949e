//! Reads the function and its policy.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::FunctionConfiguration;
use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{
    environment::MANAGED_BY,
    policy::read_policy,
    state::{Observed, State},
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{ConnectionId, Design},
    resources::seen::{Mark, Owner, Seen, Stack, Tags, seen},
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
    // GetFunction leaves the tags out for whoever may not list them (Lambda API reference, `GetFunction`). A function of ours always
    // has some.
    let tags = match function.tags() {
        Some(tags) if !tags.is_empty() => Seen::There(tags.clone().into_iter().collect()),
        _ => Seen::Denied("lambda:ListTags"),
    };
    Ok(Seen::There(state(design.id, configuration, tags, policy?)))
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

fn state(
    id: ConnectionId,
    configuration: &FunctionConfiguration,
    tags: Tags,
    policy: Seen<Value>,
) -> State {
    let mut environment = variables(configuration);
    let managed = environment.remove(MANAGED_BY);
    State {
        arn: configuration.function_arn().unwrap_or_default().to_owned(),
        owner: Owner {
            mark: Mark::of(id, environment.get(env::CONNECTION).map(String::as_str)),
            stack: Stack::of_tags(&tags).or_else(|| managed.map(|_| Stack::default())),
            tags,
        },
        environment,
        code_sha256: configuration.code_sha256().unwrap_or_default().to_owned(),
        role: configuration.role().unwrap_or_default().to_owned(),
        runtime: configuration
            .runtime()
            .map(|runtime| runtime.as_str().to_owned())
            .unwrap_or_default(),
        handler: configuration.handler().unwrap_or_default().to_owned(),
        memory: configuration.memory_size(),
        timeout: configuration.timeout(),
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

#[cfg(test)]
mod tests {
    use aws_sdk_lambda::types::EnvironmentResponse;

    use super::*;

    fn seen(variables: &[(&str, &str)], tags: &[(&str, &str)]) -> State {
        let mut environment = EnvironmentResponse::builder();
        for (name, value) in variables {
            environment = environment.variables(*name, *value);
        }
        let configuration = FunctionConfiguration::builder()
            .environment(environment.build())
            .build();
        let tags = tags.iter();
        let tags = tags.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
        let id = ConnectionId::random();
        let tags = Seen::There(tags.collect());
        state(id, &configuration, tags, Seen::Absent)
    }

    #[test]
    fn a_stack_is_known_by_a_variable_and_by_tags_and_is_no_drift() {
        let bucket = (env::BUCKET, "logs");
        let own = seen(&[bucket], &[("sophos-ct:version", "1.0.0")]);
        assert_eq!(own.owner.stack, None);
        let by_variable = seen(&[bucket, (MANAGED_BY, "terraform")], &[]);
        assert_eq!(by_variable.owner.stack, Some(Stack::default()));
        assert_eq!(by_variable.environment, own.environment);
        let by_tag = seen(&[bucket], &[("sophos-ct:managed-by", "terraform")]);
        assert_eq!(by_tag.owner.stack, Some(Stack::default()));
        let named = ("aws:cloudformation:stack-name", "collecting");
        for tags in [
            [named, ("sophos-ct:managed-by", "cloudformation")],
            [("sophos-ct:managed-by", "cloudformation"), named],
        ] {
            let name = Some("collecting".to_owned());
            assert_eq!(seen(&[bucket], &tags).owner.stack, Some(Stack { name }));
        }
    }
}
