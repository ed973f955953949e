//! Snapshots of an account and of Central, made so that two worlds can be compared. They contain everything that exists,
//! whoever made it, except what always differs (ids, times, log files).

mod alarms;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sophos_ct::testing::Aws;

use super::{World, blocking};

/// The account of a world, resource by resource. The ids of the account, its connections and its organization and the wire's
/// address are replaced by placeholders.
pub fn aws(world: &World) -> BTreeMap<String, Value> {
    let found = blocking(async {
        let aws = world.aws().await;
        let mut found = BTreeMap::new();
        iam(&aws, &mut found).await;
        logs(&aws, &mut found).await;
        sns(&aws, &mut found).await;
        s3(&aws, &mut found).await;
        lambda(&aws, &mut found).await;
        events(&aws, &mut found).await;
        alarms::alarms(&aws, &mut found).await;
        cloudtrail(&aws, &mut found).await;
        found
    });
    let text = serde_json::to_string(&found).expect("plain data");
    let mut text = text.replace(&world.account, "ACCOUNT");
    if let Some(wire) = &world.wire {
        text = text.replace(&wire.aws, "ENDPOINT");
    }
    for (number, connection) in connections(world).iter().enumerate() {
        let id = connection["id"].as_str().expect("an id");
        text = text.replace(id, &format!("CONNECTION-{number}"));
        if let Some(organization) = connection["organization"]["id"].as_str() {
            text = text.replace(organization, "ORGANIZATION");
        }
    }
    serde_json::from_str(&text).expect("still JSON")
}

/// The connections of a world's tenant, including deleted ones, oldest first, without ids and times.
pub fn central(world: &World) -> Vec<Value> {
    let timely = [
        "createdAt",
        "updatedAt",
        "forwarderSeenAt",
        "lastReceivedAt",
        "receivedObjects",
        "receivedBytes",
        "forwarderChecks",
    ];
    connections(world)
        .into_iter()
        .enumerate()
        .map(|(number, mut connection)| {
            let id = connection["id"].as_str().expect("an id").to_owned();
            for name in timely {
                connection
                    .as_object_mut()
                    .expect("an object")
                    .shift_remove(name);
            }
            if connection["resources"]["forwarderRoleId"].is_string() {
                connection["resources"]["forwarderRoleId"] = "ROLE-ID".into();
            }
            // The function's environment contains the wire's address, so its digest differs from world to world.
            for item in connection["resources"]["items"]
                .as_array_mut()
                .into_iter()
                .flatten()
            {
                if item["id"] == "environment" {
                    item["digest"] = "DIGEST".into();
                }
            }
            let mut text = connection.to_string();
            if let Some(organization) = connection["organization"]["id"].as_str() {
                text = text.replace(organization, "ORGANIZATION");
            }
            let text = text.replace(&id, &format!("CONNECTION-{number}"));
            serde_json::from_str(&text.replace(&world.account, "ACCOUNT")).expect("still JSON")
        })
        .collect()
}

fn connections(world: &World) -> Vec<Value> {
    let path = "/cloud-integrations/v1/aws-cloudtrail/connections";
    let list = world.central(&format!("{path}?includeDeleted=true"));
    let items = list["items"].as_array().expect("items");
    let mut all: Vec<Value> = items
        .iter()
        .map(|item| world.central(&format!("{path}/{}", item["id"].as_str().expect("an id"))))
        .collect();
    all.sort_by_key(|connection| connection["createdAt"].as_str().map(ToOwned::to_owned));
    all
}

fn document(text: Option<&str>) -> Value {
    text.and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default()
}

fn tags<'a>(tags: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let sorted: BTreeMap<_, _> = tags.into_iter().collect();
    json!(sorted)
}

type Found = BTreeMap<String, Value>;

async fn iam(aws: &Aws, found: &mut Found) {
    let roles = aws.iam.list_roles().send().await.expect("roles");
    for role in roles.roles() {
        let name = role.role_name();
        let whole = aws
            .iam
            .get_role()
            .role_name(name)
            .send()
            .await
            .expect("a role");
        let whole = whole.role().expect("a role");
        let decode = |text: &str| {
            let text = percent_encoding::percent_decode_str(text)
                .decode_utf8_lossy()
                .into_owned();
            document(Some(&text))
        };
        let mut policies = BTreeMap::new();
        let inline = aws
            .iam
            .list_role_policies()
            .role_name(name)
            .send()
            .await
            .expect("policies");
        for policy in inline.policy_names() {
            let read = aws
                .iam
                .get_role_policy()
                .role_name(name)
                .policy_name(policy);
            let read = read.send().await.expect("a policy");
            policies.insert(policy.clone(), decode(read.policy_document()));
        }
        let attached = aws
            .iam
            .list_attached_role_policies()
            .role_name(name)
            .send()
            .await;
        let attached = attached.map_or(0, |attached| attached.attached_policies().len());
        found.insert(
            format!("role {name}"),
            json!({
                "path": whole.path(),
                "trust": whole.assume_role_policy_document().map(decode),
                "policies": policies,
                "attached": attached,
                "tags": tags(whole.tags().iter().map(|tag| (tag.key(), tag.value()))),
            }),
        );
    }
}

async fn logs(aws: &Aws, found: &mut Found) {
    let groups = aws
        .logs
        .describe_log_groups()
        .send()
        .await
        .expect("log groups");
    for group in groups.log_groups() {
        let name = group.log_group_name().unwrap_or_default();
        found.insert(
            format!("log group {name}"),
            json!({ "retention": group.retention_in_days() }),
        );
    }
}

async fn sns(aws: &Aws, found: &mut Found) {
    let topics = aws.sns.list_topics().send().await.expect("topics");
    for topic in topics.topics() {
        let arn = topic.topic_arn().expect("an arn");
        let attributes = aws
            .sns
            .get_topic_attributes()
            .topic_arn(arn)
            .send()
            .await
            .expect("attributes");
        let policy = attributes.attributes().and_then(|all| all.get("Policy"));
        let listed = aws
            .sns
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
            .await
            .expect("tags");
        let subscriptions = aws
            .sns
            .list_subscriptions_by_topic()
            .topic_arn(arn)
            .send()
            .await
            .expect("subscriptions");
        let mut subscribers: Vec<String> = subscriptions
            .subscriptions()
            .iter()
            .map(|one| {
                format!(
                    "{} {}",
                    one.protocol().unwrap_or_default(),
                    one.endpoint().unwrap_or_default()
                )
            })
            .collect();
        subscribers.sort();
        found.insert(
            format!("topic {arn}"),
            json!({
                "policy": document(policy.map(String::as_str)),
                "subscribers": subscribers,
                "tags": tags(listed.tags().iter().map(|tag| (tag.key(), tag.value()))),
            }),
        );
    }
}

async fn s3(aws: &Aws, found: &mut Found) {
    let buckets = aws.s3.list_buckets().send().await.expect("buckets");
    for bucket in buckets.buckets() {
        let name = bucket.name().expect("a name");
        let policy = aws.s3.get_bucket_policy().bucket(name).send().await.ok();
        let listed = aws.s3.get_bucket_tagging().bucket(name).send().await.ok();
        let listed = listed.iter().flat_map(|listed| listed.tag_set());
        let rules = aws
            .s3
            .get_bucket_lifecycle_configuration()
            .bucket(name)
            .send()
            .await
            .ok();
        let rules = rules.iter().flat_map(|rules| rules.rules()).map(|rule| {
            let prefix = rule.filter().and_then(|filter| filter.prefix());
            let days = rule.expiration().and_then(|expiration| expiration.days());
            json!({ "id": rule.id(), "prefix": prefix, "days": days })
        });
        let read = aws.s3.get_bucket_notification_configuration().bucket(name);
        // A bucket in another region answers with a redirect.
        let notifications = read.send().await.ok();
        let bridged = notifications
            .as_ref()
            .is_some_and(|found| found.event_bridge_configuration().is_some());
        let notifications = notifications
            .iter()
            .flat_map(|found| found.topic_configurations());
        let notifications = notifications.map(|one| {
            let rules = one.filter().and_then(|filter| filter.key());
            let rules = rules.into_iter().flat_map(|key| key.filter_rules());
            let rules: Vec<_> = rules
                .map(|rule| json!([rule.name().map(|name| name.as_str()), rule.value()]))
                .collect();
            json!({ "id": one.id(), "topic": one.topic_arn(), "filter": rules })
        });
        let notifications: Vec<Value> = notifications.collect();
        let block = aws
            .s3
            .get_public_access_block()
            .bucket(name)
            .send()
            .await
            .ok();
        found.insert(
            format!("bucket {name}"),
            json!({
                "policy": document(policy.as_ref().and_then(|policy| policy.policy())),
                "tags": tags(listed.map(|tag| (tag.key(), tag.value()))),
                "lifecycle": rules.collect::<Vec<_>>(),
                "publicAccessBlock": block.is_some(),
                "notifications": notifications,
                "eventBridge": bridged,
            }),
        );
    }
}

async fn lambda(aws: &Aws, found: &mut Found) {
    let functions = aws.lambda.list_functions().send().await.expect("functions");
    for function in functions.functions() {
        let name = function.function_name().expect("a name");
        let whole = aws
            .lambda
            .get_function()
            .function_name(name)
            .send()
            .await
            .expect("a function");
        let configuration = whole.configuration().expect("a configuration");
        let environment = configuration
            .environment()
            .and_then(|environment| environment.variables());
        let policy = aws
            .lambda
            .get_policy()
            .function_name(name)
            .send()
            .await
            .ok();
        let tagged = whole.tags().into_iter().flatten();
        found.insert(
            format!("function {name}"),
            json!({
                "role": configuration.role(),
                "code": configuration.code_sha256(),
                "environment": environment.map(|all| all.iter().collect::<BTreeMap<_, _>>()),
                "memory": configuration.memory_size(),
                "timeout": configuration.timeout(),
                "policy": document(policy.as_ref().and_then(|policy| policy.policy())),
                "tags": tags(tagged.map(|(key, value)| (key.as_str(), value.as_str()))),
            }),
        );
    }
}

async fn events(aws: &Aws, found: &mut Found) {
    let rules = aws.events.list_rules().send().await.expect("rules");
    for rule in rules.rules() {
        let name = rule.name().expect("a name");
        let targets = aws
            .events
            .list_targets_by_rule()
            .rule(name)
            .send()
            .await
            .expect("targets");
        let targets: Vec<&str> = targets
            .targets()
            .iter()
            .map(|target| target.arn())
            .collect();
        found.insert(
            format!("rule {name}"),
            json!({ "pattern": document(rule.event_pattern()), "targets": targets }),
        );
    }
}

async fn cloudtrail(aws: &Aws, found: &mut Found) {
    let trails = aws
        .cloudtrail
        .describe_trails()
        .send()
        .await
        .expect("trails");
    for trail in trails.trail_list() {
        let arn = trail.trail_arn().expect("an arn");
        let status = aws
            .cloudtrail
            .get_trail_status()
            .name(arn)
            .send()
            .await
            .expect("a status");
        let listed = aws
            .cloudtrail
            .list_tags()
            .resource_id_list(arn)
            .send()
            .await
            .expect("tags");
        let listed = listed
            .resource_tag_list()
            .iter()
            .flat_map(|one| one.tags_list());
        found.insert(
            format!("trail {arn}"),
            json!({
                "bucket": trail.s3_bucket_name(),
                "prefix": trail.s3_key_prefix(),
                "topic": trail.sns_topic_arn(),
                "global": trail.include_global_service_events(),
                "multiRegion": trail.is_multi_region_trail(),
                "validation": trail.log_file_validation_enabled(),
                "logging": status.is_logging(),
                "tags": tags(listed.map(|tag| (tag.key(), tag.value().unwrap_or_default()))),
            }),
        );
    }
}
