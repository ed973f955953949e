//! A configuration of Terraform in its JSON syntax, which OpenTofu reads too.

use serde_json::{Map, Value, json};

use super::{Input, Part, Placed, Template, inputs, is_number, meaning, replaced};
use crate::connection::Kind;

/// The first version of the provider that knows all arguments: `logging_config` of a function is the youngest of them.
const PROVIDER: &str = ">= 5.40";
/// The first version that knows preconditions (Terraform language, "Custom conditions"). OpenTofu has them from its beginning.
const LANGUAGE: &str = ">= 1.2";

/// Returns the configuration.
#[must_use]
pub(crate) fn terraform(template: &Template<'_>) -> Value {
    let design = template.design;
    let mut resources: Map<String, Value> = Map::new();
    for placed in &template.parts {
        for (number, (named, arguments)) in placed.part.terraform.iter().enumerate() {
            let resource = resource(template, placed, number, arguments);
            let of_type = resources.entry(*named).or_insert_with(|| json!({}));
            of_type[snake(placed.part.name)] = resource;
        }
    }
    let resources = Value::from(resources);
    json!({
        "//": format!("CloudTrail log files for Sophos Central: sophos-ct {}, connection {}", crate::VERSION, design.name),
        "terraform": {
            "required_version": LANGUAGE,
            "required_providers": { "aws": { "source": "hashicorp/aws", "version": PROVIDER } },
        },
        "provider": { "aws": {
            "region": design.region,
            "allowed_account_ids": [design.account],
        } },
        "variable": variables(template, &resources),
        "resource": resources,
        "output": {
            "connection_id": { "value": "${var.connection_id}" },
            "function_arn": { "value": "${aws_lambda_function.function.arn}" },
        },
    })
}

/// The resource with this number of a part.
fn resource(template: &Template<'_>, placed: &Placed, number: usize, arguments: &Value) -> Value {
    let id = template.design.id.to_string();
    let text = |text: String| {
        // These begin expressions (Terraform language, "Strings and templates").
        let text = text.replace("${", "$${").replace("%{", "%%{");
        Value::from(text.replace(&id, &reference("ConnectionId")))
    };
    let input = |name: &str| Value::from(reference(name));
    let mut resource = replaced(arguments.clone(), &text, &input);
    if placed.part.kind == Kind::Function {
        resource["lifecycle"] = json!({ "precondition": [right_zip(template)] });
    }
    let mut before: Vec<String> = template.before(placed).flat_map(addresses).collect();
    before.extend(addresses(&placed.part).take(number));
    if !before.is_empty() {
        resource["depends_on"] = before.into();
    }
    resource
}

/// What refuses another zip than the one that the template was made for.
fn right_zip(template: &Template<'_>) -> Value {
    let (file, right) = (snake(Input::CodeFile.into()), template.code_sha256());
    json!({
        "condition": format!("${{filebase64sha256(var.{file}) == \"{right}\"}}"),
        "error_message": format!("The zip is another one: sophos-ct package writes the one with the SHA-256 {right}."),
    })
}

fn addresses(part: &Part) -> impl Iterator<Item = String> {
    let name = snake(part.name);
    let resources = part.terraform.iter();
    resources.map(move |(named, _)| format!("{named}.{name}"))
}

fn reference(name: &str) -> String {
    let hash: &'static str = Input::CodeHash.into();
    if name == hash {
        let file = snake(Input::CodeFile.into());
        return format!("${{filebase64sha256(var.{file})}}");
    }
    format!("${{var.{}}}", snake(name))
}

fn variables(template: &Template<'_>, resources: &Value) -> Value {
    let text = resources.to_string();
    let used = |input: &Input| text.contains(&reference(input.into()));
    let variables = inputs().filter(used).map(|input| {
        let named = if is_number(input) { "number" } else { "string" };
        let mut variable = json!({ "type": named, "description": meaning(input) });
        if let Some(default) = template.default(input) {
            variable["default"] = default;
        }
        (snake(input.into()), variable)
    });
    variables.collect()
}

/// `LogGroup` as `log_group`.
fn snake(name: &str) -> String {
    let mut snake = String::new();
    for (at, letter) in name.char_indices() {
        if at > 0 && letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}
