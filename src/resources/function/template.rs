//! What a template says of the function and the permission to invoke it.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Architecture, Runtime};
use serde_json::{Map, Value, json};
use sophos_ct_forwarder::env;

use super::{
    change::Change,
    deploy::{description, logging},
    environment::MANAGED_BY,
    policy::INVOKE,
    state::{HANDLER, MEMORY, TIMEOUT},
};
use crate::{
    connection::{Design, Kind},
    resources::template::{
        CLOUDFORMATION, CloudFormation, Input, Part, TERRAFORM, tag_list, tag_map,
    },
};

/// What a template says that the function runs.
#[derive(Clone, Debug)]
pub(crate) struct Runs {
    pub architecture: Architecture,
    /// The function's whole environment.
    pub environment: BTreeMap<String, String>,
    /// SHA-256 (hex) of its zip.
    pub digest: String,
}

/// Returns what a template says of what a change makes; `None` if the change makes nothing. CloudFormation gives the permission an
/// id of its own (CloudFormation user guide, `AWS::Lambda::Permission`: it has no property for it).
#[must_use]
pub(crate) fn part(design: &Design, runs: &Runs, change: Change) -> Option<Part> {
    match change {
        Change::Create => Some(whole(design, runs)),
        Change::Permit => Some(permission(design)),
        Change::Update | Change::Configure | Change::PermissionGoes | Change::Delete => None,
    }
}

fn whole(design: &Design, runs: &Runs) -> Part {
    let log = logging();
    let format = log.log_format().map(|format| format.as_str());
    let level = log.system_log_level().map(|level| level.as_str());
    let runtime = Runtime::Providedal2023;
    let (runtime, architecture) = (runtime.as_str(), runs.architecture.as_str());
    let target = design.dead_letter.as_ref().map(ToString::to_string);
    let variables = |tool: &str| variables(&runs.environment, tool);
    let properties = json!({
        "FunctionName": design.function,
        "Description": description(design),
        "Runtime": runtime,
        "Handler": HANDLER,
        "Architectures": [architecture],
        "Role": design.role_arn(),
        "MemorySize": MEMORY,
        "Timeout": TIMEOUT,
        "Environment": { "Variables": variables(CLOUDFORMATION) },
        "DeadLetterConfig": target.as_ref().map(|arn| json!({ "TargetArn": arn })),
        "LoggingConfig": { "LogFormat": format, "SystemLogLevel": level },
        "Code": { "S3Bucket": Input::CodeBucket.value(), "S3Key": Input::CodeKey.value() },
        "Tags": tag_list(design),
    });
    let arguments = json!({
        "function_name": design.function,
        "description": description(design),
        "runtime": runtime,
        "handler": HANDLER,
        "architectures": [architecture],
        "role": design.role_arn(),
        "memory_size": MEMORY,
        "timeout": TIMEOUT,
        "environment": { "variables": variables(TERRAFORM) },
        "dead_letter_config": target.as_ref().map(|arn| json!({ "target_arn": arn })),
        "logging_config": { "log_format": format, "system_log_level": level },
        "filename": Input::CodeFile.value(),
        "source_code_hash": Input::CodeHash.value(),
        "tags": tag_map(design),
    });
    let resource = CloudFormation::Resource("AWS::Lambda::Function", properties);
    let part = Part::new(Kind::Function, "Function", resource);
    part.terraform("aws_lambda_function", arguments)
}

/// The environment, and what says that a stack owns the function. Where log files go can be given when the template is applied.
fn variables(environment: &BTreeMap<String, String>, tool: &str) -> Value {
    let value = |name: &str, value: &str| match name {
        env::INGEST_URL => Input::IngestUrl.value(),
        env::UPLOAD_HOSTS => Input::UploadHosts.value(),
        _ => value.into(),
    };
    let variables = environment.iter();
    let mut variables: Map<String, Value> = variables
        .map(|(name, text)| (name.clone(), value(name, text)))
        .collect();
    variables.insert(MANAGED_BY.to_owned(), tool.into());
    variables.into()
}

fn permission(design: &Design) -> Part {
    let (principal, source) = design.invoker();
    let properties = json!({
        "FunctionName": design.function,
        "Action": INVOKE,
        "Principal": principal,
        "SourceArn": source,
    });
    let arguments = json!({
        "statement_id": design.permission_id(),
        "function_name": design.function,
        "action": INVOKE,
        "principal": principal,
        "source_arn": source,
    });
    let resource = CloudFormation::Resource("AWS::Lambda::Permission", properties);
    let part = Part::new(Kind::FunctionPermission, "Permission", resource);
    part.terraform("aws_lambda_permission", arguments)
}
