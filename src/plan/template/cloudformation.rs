//! A template of CloudFormation, as JSON. Account, region and partition stand in it as what CloudFormation knows of them, and the
//! connection's id is a parameter: so one template serves each account of a StackSet.

use serde_json::{Map, Value, json};

use super::{CloudFormation, Input, Placed, Template, inputs, is_number, meaning, replaced};
use crate::{connection::Design, resources::log_group};

/// Returns the template.
#[must_use]
pub(crate) fn cloudformation(template: &Template<'_>) -> Value {
    let design = template.design;
    let mut resources = Map::new();
    for placed in &template.parts {
        if let CloudFormation::Resource(named, properties) = &placed.part.cloudformation {
            let resource = resource(template, placed, named, properties);
            resources.insert(placed.part.name.to_owned(), resource);
        }
    }
    let resources = Value::from(resources);
    json!({
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": format!("CloudTrail log files for Sophos Central: sophos-ct connection {}", design.name),
        "Metadata": { "sophos-ct": {
            "version": crate::VERSION,
            "connection": design.name,
            "account": design.account,
            "region": design.region,
            // As Lambda shows it of the function (`CodeSha256`).
            "codeSha256": template.code_sha256(),
        } },
        "Parameters": parameters(template, &resources),
        "Resources": resources,
        "Outputs": {
            "ConnectionId": { "Value": reference("ConnectionId") },
            "FunctionArn": { "Value": { "Fn::GetAtt": ["Function", "Arn"] } },
        },
    })
}

fn resource(template: &Template<'_>, placed: &Placed, named: &str, properties: &Value) -> Value {
    let part = &placed.part;
    let mut properties = properties.clone();
    for other in &template.parts {
        if let CloudFormation::Within(host, more) = &other.part.cloudformation
            && *host == part.kind
            && let (Some(fields), Some(more)) = (properties.as_object_mut(), more.as_object())
        {
            fields.extend(more.clone());
        }
    }
    let mut resource = json!({ "Type": named });
    if part.kept {
        resource["DeletionPolicy"] = "Retain".into();
        resource["UpdateReplacePolicy"] = "Retain".into();
    }
    let before = names_before(template, placed);
    if !before.is_empty() {
        resource["DependsOn"] = before.into();
    }
    let text = |text: String| substituted(template.design, text);
    resource["Properties"] = replaced(properties, &text, &reference);
    resource
}

/// The resources that come before one.
fn names_before(template: &Template<'_>, placed: &Placed) -> Vec<&'static str> {
    let mut names = Vec::new();
    for part in template.before(placed) {
        let host = match &part.cloudformation {
            CloudFormation::Resource(..) => Some(part),
            CloudFormation::Within(host, _) => template.resource(*host),
        };
        let name = host.map(|host| host.name);
        names.extend(name.filter(|name| *name != placed.part.name && !names.contains(name)));
    }
    names
}

fn reference(name: &str) -> Value {
    json!({ "Ref": name })
}

/// A text with what CloudFormation knows in place of the design's own. It says the same in the account of the plan.
fn substituted(design: &Design, text: String) -> Value {
    let (id, partition) = (design.id.to_string(), format!("arn:{}:", design.partition));
    let changed = text
        // What is no variable of this template stays as it is (CloudFormation user guide, `Fn::Sub`).
        .replace("${", "${!")
        .replace(&id, "${ConnectionId}")
        .replace(&partition, "arn:${AWS::Partition}:")
        .replace(design.account.as_str(), "${AWS::AccountId}")
        .replace(design.region.as_str(), "${AWS::Region}");
    if changed.replace("${!", "${") == text {
        return text.into();
    }
    json!({ "Fn::Sub": changed })
}

fn parameters(template: &Template<'_>, resources: &Value) -> Value {
    let text = resources.to_string();
    let used = |input: &Input| {
        let name: &'static str = input.into();
        *input == Input::ConnectionId || text.contains(&reference(name).to_string())
    };
    let parameters = inputs().filter(used).map(|input| {
        let name: &'static str = input.into();
        (name, parameter(template, input))
    });
    parameters.collect()
}

fn parameter(template: &Template<'_>, input: Input) -> Value {
    let named = if is_number(input) { "Number" } else { "String" };
    let mut parameter = json!({ "Type": named, "Description": meaning(input) });
    if let Some(default) = template.default(input) {
        parameter["Default"] = default;
    }
    match input {
        Input::ConnectionId => {
            parameter["AllowedPattern"] =
                "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}".into();
        }
        Input::LogRetentionDays => parameter["AllowedValues"] = log_group::RETENTIONS.into(),
        Input::RetentionDays => parameter["MinValue"] = 1.into(),
        _ => {}
    }
    parameter
}
