//! What a template says of a resource: the words of CloudFormation and those of Terraform's AWS provider for the same thing. Each
//! family says it of its own resources; `plan::template` puts them together.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::connection::{Design, Kind, TAG_MANAGED_BY};

/// A resource, or a part of one, in a template.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub kind: Kind,
    /// Its name in the template, as CloudFormation has it. Terraform has it in snake case.
    pub name: &'static str,
    pub cloudformation: CloudFormation,
    /// Types and arguments. What CloudFormation has as one resource can be several here.
    pub terraform: Vec<(&'static str, Value)>,
    /// It outlives its stack.
    pub kept: bool,
}

/// What CloudFormation has of a part.
#[derive(Clone, Debug)]
pub(crate) enum CloudFormation {
    /// A resource of this type with these properties.
    Resource(&'static str, Value),
    /// Properties of the resource of another part.
    Within(Kind, Value),
}

impl Part {
    /// A part. Fields that are `null` are left out.
    #[must_use]
    pub(crate) fn new(kind: Kind, name: &'static str, cloudformation: CloudFormation) -> Self {
        use CloudFormation::{Resource, Within};
        let cloudformation = match cloudformation {
            Resource(named, properties) => Resource(named, without_null(properties)),
            Within(other, properties) => Within(other, without_null(properties)),
        };
        Self {
            kind,
            name,
            cloudformation,
            terraform: Vec::new(),
            kept: false,
        }
    }

    /// The same with a resource of Terraform.
    #[must_use]
    pub(crate) fn terraform(mut self, named: &'static str, arguments: Value) -> Self {
        self.terraform.push((named, without_null(arguments)));
        self
    }

    /// The same, for something that outlives its stack.
    #[must_use]
    pub(crate) fn kept(mut self) -> Self {
        self.kept = true;
        self
    }
}

/// What whoever applies a template can give.
#[derive(Clone, Copy, Debug, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
pub(crate) enum Input {
    ConnectionId,
    CodeBucket,
    CodeKey,
    CodeFile,
    /// The digest of that file. Nobody gives it: Terraform computes it.
    CodeHash,
    IngestUrl,
    UploadHosts,
    LogRetentionDays,
    RetentionDays,
    AlarmTopic,
}

/// The only field of what stands for an input.
const INPUT: &str = "sophos-ct:input";

impl Input {
    /// Returns what stands for the input among properties and arguments.
    #[must_use]
    pub(crate) fn value(self) -> Value {
        let name: &'static str = self.into();
        json!({ INPUT: name })
    }

    /// Returns the name of the input that a value stands for.
    #[must_use]
    pub(crate) fn of(value: &Value) -> Option<&str> {
        value.get(INPUT)?.as_str()
    }
}

/// The tools that own what a template makes, as its marks name them.
pub(super) const CLOUDFORMATION: &str = "cloudformation";
pub(super) const TERRAFORM: &str = "terraform";

/// The design's tags as CloudFormation has them.
#[must_use]
pub(super) fn tag_list(design: &Design) -> Value {
    let tags = all_tags(design, CLOUDFORMATION).into_iter();
    tags.map(|(key, value)| json!({ "Key": key, "Value": value }))
        .collect()
}

/// The design's tags as Terraform has them.
#[must_use]
pub(super) fn tag_map(design: &Design) -> Value {
    let tags = all_tags(design, TERRAFORM).into_iter();
    let tags: Map<String, Value> = tags.map(|(key, value)| (key, value.into())).collect();
    tags.into()
}

/// The design's tags, and the one that says that a stack owns what carries it.
fn all_tags(design: &Design, tool: &str) -> BTreeMap<String, String> {
    let mut tags = design.all_tags();
    tags.insert(TAG_MANAGED_BY.to_owned(), tool.to_owned());
    tags
}

/// A document as Terraform has it: a text.
#[must_use]
pub(super) fn text(document: &Value) -> Value {
    document.to_string().into()
}

fn without_null(mut value: Value) -> Value {
    if let Value::Object(fields) = &mut value {
        fields.retain(|_, field| !field.is_null());
    }
    value
}
