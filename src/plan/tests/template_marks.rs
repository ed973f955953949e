//! What a template says beside the plan: whose everything is, and which zip the function runs.

use serde_json::Value;

use super::{
    templates::{both, expressible, refused, resolved},
    world::{journal, nothing},
};
use crate::{
    connection::{Feed, MOST_TAGS, fixture},
    plan::setup,
    ui::t,
};

#[test]
fn everything_that_takes_a_tag_has_the_marks_of_connection_and_template() {
    let tagged = |tags: &Value, key: &str| {
        let mut tags = tags.as_array().unwrap().iter();
        let tag = tags.find(|tag| tag["Key"] == key);
        tag.map(|tag| tag["Value"].clone()).unwrap_or_default()
    };
    let untagged = [
        "BucketPolicy",
        "TopicPolicy",
        "Subscription",
        "Permission",
        "RolePolicy",
        "Expiry",
        "EventTarget",
    ];
    for (name, design, seen) in expressible() {
        let plan = setup(&design, &seen, journal(None));
        let (cloudformation, terraform) = both(&design, &plan, None);
        let id = design.id.to_string();
        for (part, resource) in cloudformation["Resources"].as_object().unwrap() {
            if untagged.contains(&part.as_str()) {
                continue;
            }
            let tags = resolved(&resource["Properties"]["Tags"], &design, &cloudformation);
            let found = tagged(&tags, "sophos-ct:managed-by");
            assert_eq!(found, "cloudformation", "{name}: {part}");
            assert_eq!(
                tagged(&tags, "sophos-ct:connection-id"),
                id,
                "{name}: {part}"
            );
            // Beside that of the template, they are those that setup sets.
            let count = design.all_tags().len() + 1;
            assert_eq!(tags.as_array().unwrap().len(), count, "{name}: {part}");
        }
        let mut marked = 0;
        for resource in terraform["resource"].as_object().unwrap().values() {
            for arguments in resource.as_object().unwrap().values() {
                if let Some(tags) = arguments.get("tags") {
                    assert_eq!(tags["sophos-ct:managed-by"], "terraform", "{name}");
                    marked += 1;
                }
            }
        }
        let resources = cloudformation["Resources"].as_object().unwrap().keys();
        let whole = resources.filter(|part| !untagged.contains(&part.as_str()));
        assert_eq!(marked, whole.count(), "{name}");
    }
}

#[test]
fn the_function_says_who_owns_it_and_which_zip_it_runs() {
    let design = fixture::design(Feed::New);
    let plan = setup(&design, &nothing(), journal(None));
    let (cloudformation, terraform) = both(&design, &plan, None);
    let properties = &cloudformation["Resources"]["Function"]["Properties"];
    let variables = &properties["Environment"]["Variables"];
    assert_eq!(variables["SOPHOS_CT_MANAGED_BY"], "cloudformation");
    let function = &terraform["resource"]["aws_lambda_function"]["function"];
    let variables = &function["environment"]["variables"];
    assert_eq!(variables["SOPHOS_CT_MANAGED_BY"], "terraform");
    // 32 bytes of zeros.
    let digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    assert_eq!(
        cloudformation["Metadata"]["sophos-ct"]["codeSha256"],
        digest
    );
    let right = &function["lifecycle"]["precondition"][0]["condition"];
    let expected = format!("${{filebase64sha256(var.code_file) == \"{digest}\"}}");
    assert_eq!(*right, expected);
}

#[test]
fn a_template_needs_room_for_its_own_tags() {
    let mut design = fixture::design(Feed::New);
    let tags = |count: usize| (0..count).map(|number| (format!("k{number}"), String::new()));
    design.tags = tags(MOST_TAGS - 1).collect();
    let plan = setup(&design, &nothing(), journal(None));
    assert_eq!(refused(&design, &plan, None), [""; 0]);
    design.tags = tags(MOST_TAGS).collect();
    assert_eq!(
        refused(&design, &plan, None),
        [t!("template-tags", most = MOST_TAGS - 1)]
    );
}
