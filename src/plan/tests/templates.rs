//! Plans as templates: their documents are those of the plan, byte for byte, and what others have a part in is refused.

use serde_json::{Value, json};

use super::world::{deployment, document, journal, manifest, nothing, theirs, whole};
use crate::{
    connection::{Design, Feed, Kind, Organization, Ownership, Resources, fixture},
    plan::{
        Plan, setup,
        template::{Template, cloudformation, terraform},
    },
    resources::{
        document::Written,
        families::Observed,
        function::Runs,
        organization,
        seen::{Mark, Seen},
    },
    ui::t,
};

fn runs(design: &Design) -> Runs {
    let deployment = deployment(design);
    Runs {
        architecture: deployment.package.architecture.clone(),
        digest: "0".repeat(64),
        environment: deployment.environment,
    }
}

/// A plan as both templates.
#[track_caller]
pub(super) fn both(design: &Design, plan: &Plan, recorded: Option<&Resources>) -> (Value, Value) {
    let runs = runs(design);
    let template = Template::of(design, plan, recorded, &runs);
    let template = template.unwrap_or_else(|complaints| panic!("{complaints:?}"));
    (cloudformation(&template), terraform(&template))
}

pub(super) fn refused(design: &Design, plan: &Plan, recorded: Option<&Resources>) -> Vec<String> {
    let runs = runs(design);
    Template::of(design, plan, recorded, &runs)
        .err()
        .unwrap_or_default()
        .complaints
}

/// A design of new resources, changed, in an account that has none.
fn named(name: &'static str, change: impl FnOnce(&mut Design)) -> (&'static str, Design, Observed) {
    let mut design = fixture::design(Feed::New);
    change(&mut design);
    (name, design, nothing())
}

/// Designs that a template can express, with what is there before them.
pub(super) fn expressible() -> Vec<(&'static str, Design, Observed)> {
    let trail = fixture::their_trail();
    let subscribe = fixture::design(Feed::Subscribe {
        trail: trail.clone(),
    });
    let eventbridge = fixture::design(Feed::EventBridge { trail: Some(trail) });
    let mut bridged = theirs(&eventbridge);
    bridged.notification = bridged.notification.map(|mut found| {
        found.bridged = true;
        found
    });
    let seen = theirs(&subscribe);
    let mut all = vec![
        named("new", |_| {}),
        ("subscribe", subscribe, seen),
        ("eventbridge", eventbridge, bridged),
        named("prefix", |design| {
            design.prefix = "logs".parse().unwrap();
            design.retention_days = None;
        }),
        named("alarm", |design| {
            let pager = "arn:aws:sns:eu-west-1:111122223333:pager";
            design.alarm = Some(pager.parse().unwrap());
        }),
        named("dead_letter", |design| {
            let queue = "arn:aws:sqs:eu-west-1:111122223333:lost";
            design.dead_letter = Some(queue.parse().unwrap());
        }),
        named("key", |design| {
            let key = "arn:aws:kms:eu-west-1:111122223333:key/0f8c0c1e-2f5e-4a57-9d3c-5b1a6f0e7d22";
            design.kms_key = Some(key.parse().unwrap());
        }),
    ];
    let mut design = fixture::design(Feed::New);
    design.organization = Some(Organization {
        id: "o-abcdefghij".to_owned(),
        management: design.account.clone(),
    });
    let seen = Observed {
        organization: organization::State {
            trusted: Seen::There(()),
            role: Seen::There(()),
            may: Seen::There(()),
        },
        ..nothing()
    };
    all.push(("organization", design, seen));
    all
}

/// A value of CloudFormation's as the account of the design has it.
pub(super) fn resolved(value: &Value, design: &Design, template: &Value) -> Value {
    if let Some(text) = value["Fn::Sub"].as_str() {
        let id = design.id.to_string();
        let text = text
            .replace("${ConnectionId}", &id)
            .replace("${AWS::Partition}", design.partition.as_str())
            .replace("${AWS::AccountId}", design.account.as_str())
            .replace("${AWS::Region}", design.region.as_str());
        return text.replace("${!", "${").into();
    }
    if let Some(name) = value["Ref"].as_str() {
        return template["Parameters"][name]["Default"].clone();
    }
    match value {
        Value::Array(list) => list
            .iter()
            .map(|one| resolved(one, design, template))
            .collect(),
        Value::Object(fields) => fields
            .iter()
            .map(|(name, one)| (name.clone(), resolved(one, design, template)))
            .collect(),
        other => other.clone(),
    }
}

/// A document of Terraform's, which is a text, as the design has it.
fn parsed(text: &Value, design: &Design) -> Value {
    let text = text.as_str().unwrap();
    let text = text.replace("${var.connection_id}", &design.id.to_string());
    serde_json::from_str(&text.replace("$${", "${")).unwrap()
}

/// Where a document of the plan is in each template; `None` for what is no document there.
fn places(kind: Kind) -> Option<(&'static str, &'static str)> {
    Some(match kind {
        Kind::Role => (
            "/Role/Properties/AssumeRolePolicyDocument",
            "/aws_iam_role/role/assume_role_policy",
        ),
        Kind::RolePolicy => (
            "/Role/Properties/Policies/0/PolicyDocument",
            "/aws_iam_role_policy/role_policy/policy",
        ),
        Kind::TopicPolicyStatement => (
            "/TopicPolicy/Properties/PolicyDocument",
            "/aws_sns_topic_policy/topic_policy/policy",
        ),
        Kind::BucketPolicyStatement => (
            "/BucketPolicy/Properties/PolicyDocument",
            "/aws_s3_bucket_policy/bucket_policy/policy",
        ),
        _ => return None,
    })
}

#[track_caller]
fn has_documents(design: &Design, documents: &[Written], both: &(Value, Value)) {
    let (cloudformation, terraform) = both;
    let resources = resolved(&cloudformation["Resources"], design, cloudformation);
    for document in documents {
        let after = document.after.as_ref().unwrap();
        if let Some((one, other)) = places(document.kind) {
            let found = resources.pointer(one).unwrap();
            assert_eq!(found.to_string(), after.to_string(), "{one}");
            let found = terraform["resource"].pointer(other).unwrap();
            assert_eq!(
                parsed(found, design).to_string(),
                after.to_string(),
                "{other}"
            );
        }
    }
    let expiry = documents.iter().find(|one| one.kind == Kind::Lifecycle);
    let rule = &resources["Bucket"]["Properties"]["LifecycleConfiguration"]["Rules"][0];
    let after = expiry.map(|one| one.after.as_ref().unwrap()["Rules"][0].clone());
    let after = after.unwrap_or_default();
    assert_eq!(rule["Id"], after["ID"]);
    assert_eq!(rule["Prefix"], after["Filter"]["Prefix"]);
    assert_eq!(rule["ExpirationInDays"], after["Expiration"]["Days"]);
    let permission = documents
        .iter()
        .find(|one| one.kind == Kind::FunctionPermission);
    let statement = &permission.unwrap().after.as_ref().unwrap()["Statement"][0];
    let found = &resources["Permission"]["Properties"];
    assert_eq!(found["Action"], statement["Action"]);
    assert_eq!(found["Principal"], statement["Principal"]["Service"]);
    let source = &statement["Condition"]["ArnLike"]["AWS:SourceArn"];
    assert_eq!(&found["SourceArn"], source);
    let found = &terraform["resource"]["aws_lambda_permission"]["permission"];
    let sid = statement["Sid"].as_str().unwrap();
    let sid = sid.replace(&design.id.to_string(), "${var.connection_id}");
    assert_eq!(found["statement_id"], sid);
}

/// A template without the version of the program.
fn text(template: &Value) -> String {
    let text = serde_json::to_string_pretty(template).unwrap();
    text.replace(crate::VERSION, "VERSION")
}

#[test]
fn the_documents_of_a_template_are_those_of_the_plan() {
    for (name, design, seen) in expressible() {
        let plan = setup(&design, &seen, journal(None));
        assert_eq!(plan.conflicts, [""; 0], "{name}");
        let both = both(&design, &plan, None);
        has_documents(&design, &plan.documents, &both);
        if ["new", "subscribe", "eventbridge", "alarm"].contains(&name) {
            insta::assert_snapshot!(format!("{name}_cloudformation"), text(&both.0));
            insta::assert_snapshot!(format!("{name}_terraform"), text(&both.1));
        }
    }
}

#[test]
fn every_step_of_the_plan_is_in_the_template_after_what_it_needs() {
    for (name, design, seen) in expressible() {
        let plan = setup(&design, &seen, journal(None));
        let (cloudformation, terraform) = both(&design, &plan, None);
        let resources = cloudformation["Resources"].as_object().unwrap();
        let writes = plan.steps.iter().filter(|step| step.writes());
        let within = [Kind::RolePolicy, Kind::Lifecycle];
        let steps = writes.filter(|step| !within.contains(&step.kind()));
        assert_eq!(resources.len(), steps.count(), "{name}");
        for (own, resource) in resources {
            let before = resource["DependsOn"].as_array().into_iter().flatten();
            for before in before.map(|one| one.as_str().unwrap()) {
                assert!(
                    before != own && resources.contains_key(before),
                    "{name}: {own}"
                );
            }
        }
        for resource in terraform["resource"].as_object().unwrap().values() {
            for resource in resource.as_object().unwrap().values() {
                let before = resource["depends_on"].as_array().into_iter().flatten();
                for before in before.map(|one| one.as_str().unwrap()) {
                    let at = format!("/resource/{}", before.replace('.', "/"));
                    assert!(terraform.pointer(&at).is_some(), "{name}: {before}");
                }
            }
        }
    }
}

#[test]
fn the_flow_begins_last_and_logs_outlive_their_stack() {
    let design = fixture::design(Feed::New);
    let plan = setup(&design, &nothing(), journal(None));
    let (cloudformation, terraform) = both(&design, &plan, None);
    let resources = &cloudformation["Resources"];
    let before = resources["Trail"]["DependsOn"].to_string();
    for needed in [
        "BucketPolicy",
        "TopicPolicy",
        "Subscription",
        "Role",
        "LogGroup",
    ] {
        assert!(before.contains(&format!("\"{needed}\"")), "{before}");
    }
    let before = resources["Subscription"]["DependsOn"].to_string();
    assert!(before.contains("\"Permission\""), "{before}");
    for (name, resource) in resources.as_object().unwrap() {
        let kept = ["Bucket", "LogGroup"].contains(&name.as_str());
        let expected = if kept { json!("Retain") } else { Value::Null };
        assert_eq!(resource["DeletionPolicy"], expected, "{name}");
        assert_eq!(resource["UpdateReplacePolicy"], expected, "{name}");
    }
    let resources = &terraform["resource"];
    let bucket = &resources["aws_s3_bucket"]["bucket"];
    assert_eq!(bucket["lifecycle"], json!({ "prevent_destroy": true }));
    assert_eq!(
        resources["aws_cloudwatch_log_group"]["log_group"]["skip_destroy"],
        true
    );
}

#[test]
fn a_template_of_cloudformation_says_nothing_of_one_account_alone() {
    let design = fixture::design(Feed::New);
    let plan = setup(&design, &nothing(), journal(None));
    let (cloudformation, _) = both(&design, &plan, None);
    let resources = cloudformation["Resources"].to_string();
    for own in [
        design.id.to_string().as_str(),
        design.account.as_str(),
        design.region.as_str(),
    ] {
        assert!(!resources.contains(own), "{own}");
    }
}

#[test]
fn a_subscription_to_a_topic_with_other_messages_has_a_filter() {
    let trail = fixture::their_trail();
    let design = fixture::design(Feed::Subscribe { trail });
    let filter = |others: bool| {
        let mut seen = theirs(&design);
        if let Seen::There(topic) = &mut seen.topic {
            topic.policy = others.then(|| document(&[]));
        }
        let plan = setup(&design, &seen, journal(None));
        let (cloudformation, _) = both(&design, &plan, None);
        cloudformation["Resources"]["Subscription"]["Properties"]["FilterPolicy"].clone()
    };
    assert_eq!(filter(false), Value::Null);
    assert_eq!(filter(true), json!({ "s3Bucket": [design.bucket] }));
}

#[test]
fn what_others_have_a_part_in_is_refused_and_named() {
    for (name, design) in fixture::every_feed() {
        let plan = setup(&design, &theirs(&design), journal(None));
        let kind = match design.feed {
            Feed::New | Feed::Subscribe { .. } => continue,
            Feed::Trail { .. } => Kind::TrailTopic,
            Feed::Bucket { .. } | Feed::EventBridge { .. } => Kind::BucketNotification,
        };
        let mut steps = plan.steps.iter();
        let step = steps.find(|step| step.kind() == kind).unwrap();
        let kind = crate::plan::render::kind(kind);
        let expected = t!("template-shared", kind = kind, arn = step.arn);
        assert_eq!(refused(&design, &plan, None), [expected], "{name}");
    }
    // A bucket that is used again, and an organization that is not prepared.
    let design = fixture::design(Feed::New);
    let mut seen = nothing();
    seen.bucket = whole(&design).bucket;
    if let Seen::There(Ok(bucket)) = &mut seen.bucket {
        bucket.owner.mark = Mark::None;
        bucket.policy = Seen::There(document(&[]));
    }
    let plan = setup(&design, &seen, journal(None));
    let arn = design.bucket_arn();
    let refused_bucket = refused(&design, &plan, None);
    assert!(
        !refused_bucket.is_empty() && refused_bucket.iter().all(|one| one.contains(&arn)),
        "{refused_bucket:?}"
    );
    let mut design = design;
    design.organization = Some(Organization {
        id: "o-abcdefghij".to_owned(),
        management: design.account.clone(),
    });
    let mut seen = nothing();
    seen.organization.may = Seen::There(());
    let plan = setup(&design, &seen, journal(None));
    assert_eq!(refused(&design, &plan, None).len(), 2);
}

#[test]
fn what_setup_has_made_is_refused_and_what_a_stack_has_made_is_whole_again() {
    let design = fixture::design(Feed::New);
    let mut recorded = manifest(&design);
    let plan = setup(&design, &whole(&design), journal(Some(&recorded)));
    let made = t!("template-made", name = design.name);
    assert_eq!(refused(&design, &plan, Some(&recorded)), [made]);
    for item in &mut recorded.items {
        if item.ownership.is_ours() {
            item.ownership = Ownership::External;
        }
    }
    let mut plan = setup(&design, &whole(&design), journal(Some(&recorded)));
    plan.external = true;
    let again = both(&design, &plan, Some(&recorded));
    let first = setup(&design, &nothing(), journal(None));
    assert_eq!(again, both(&design, &first, None));
}
