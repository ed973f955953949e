//! A connection uses resources that are not ours, and Central names others in their place.

use serde_json::{Value, json};

use crate::{
    existing,
    support::{World, blocking, fixtures, snapshot},
};

#[test]
fn another_trail_or_subscription_is_not_touched_if_central_changes_an_existing_connection() {
    let world = existing::with_trail(false);
    let flags = existing::notified_by("trail");
    let connection = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let Victims {
        trail: victim,
        topic,
        function,
    } = Victims::make(&world);
    let id = connection["id"].as_str().unwrap();
    let of_trail =
        json!({ "kind": "trailTopic", "arn": victim, "id": topic, "ownership": "modified" });
    let of_topic =
        json!({ "kind": "subscription", "arn": topic, "id": function, "ownership": "created" });
    for (change, item) in [
        (json!({ "trail": &victim, "topic": "victim" }), of_trail),
        (json!({ "topic": "victim", "function": "victim" }), of_topic),
    ] {
        let mut settings = connection["settings"].clone();
        settings
            .as_object_mut()
            .unwrap()
            .extend(change.as_object().unwrap().clone());
        let lie = json!({ "settings": settings, "resources": { "items": [item], "buckets": [], "complete": true } });
        world.rewrite(id, &lie);
        let before = snapshot::aws(&world);
        world.remove("demo", &[]).exits(5);
        world.setup("demo", &[]).exits(5);
        assert_eq!(snapshot::aws(&world), before, "{item}");
    }
    // A trail without a topic that logs into the same bucket: only our own statement shows that this trail was never meant.
    blocking(async {
        let aws = world.aws().await;
        aws.cloudtrail
            .update_trail()
            .name("victim")
            .sns_topic_name("")
            .send()
            .await
            .unwrap();
    });
    let mut settings = connection["settings"].clone();
    settings["trail"] = victim.into();
    let honest = connection["resources"].to_string();
    let agreeing: Value =
        serde_json::from_str(&honest.replace(":trail/theirs", ":trail/victim")).unwrap();
    for resources in [&connection["resources"], &agreeing] {
        world.rewrite(id, &json!({ "settings": settings, "resources": resources }));
        let before = snapshot::aws(&world);
        world.setup("demo", &[]).exits(5);
        assert_eq!(snapshot::aws(&world), before);
    }
    world.rewrite(
        id,
        &json!({ "settings": connection["settings"], "resources": connection["resources"] }),
    );
    world.remove("demo", &[]).exits(0);
}

#[test]
fn with_a_role_given_by_its_arn_the_function_itself_shows_which_bucket_was_meant() {
    let world = existing::with_trail(false);
    let account = world.account.clone();
    let (theirs, victim) = (format!("theirs-{account}"), format!("victim-{account}"));
    let role = format!("arn:aws:iam::{account}:role/brought");
    let allow = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    blocking(async {
        let aws = world.aws().await;
        fixtures::role(&aws, "/", "brought", "lambda").await;
        fixtures::role_policy(&aws, "brought", allow).await;
        fixtures::bucket(&aws, &victim).await;
    });
    let flags = [
        "--resources",
        "existing",
        "--bucket",
        &theirs,
        "--notify",
        "eventbridge",
        "--role-arn",
        &role,
    ];
    let connection = world.setup("demo", &flags).exits(0).json()["connection"].clone();
    let lie: Value = serde_json::from_str(
        &json!({ "settings": connection["settings"], "resources": connection["resources"] })
            .to_string()
            .replace(&theirs, &victim),
    )
    .unwrap();
    world.rewrite(connection["id"].as_str().unwrap(), &lie);
    let before = snapshot::aws(&world);
    world.setup("demo", &[]).exits(5);
    assert_eq!(snapshot::aws(&world), before);
}

/// A trail with a topic, and a subscription to that topic: none of them belongs to the connection.
struct Victims {
    trail: String,
    topic: String,
    function: String,
}

impl Victims {
    /// Makes them in a world of `existing::with_trail`. The trail logs into the bucket of the trail `theirs`.
    fn make(world: &World) -> Self {
        let account = &world.account;
        let topic = format!("arn:aws:sns:eu-west-1:{account}:victim");
        let function = format!("arn:aws:lambda:eu-west-1:{account}:function:victim");
        blocking(async {
            let aws = world.aws().await;
            let publish = json!({ "Version": "2012-10-17", "Statement": [{
                "Sid": "Their", "Effect": "Allow", "Principal": { "Service": "cloudtrail.amazonaws.com" },
                "Action": "SNS:Publish", "Resource": topic,
            }]});
            aws.sns.create_topic().name("victim").send().await.unwrap();
            let set = aws
                .sns
                .set_topic_attributes()
                .topic_arn(&topic)
                .attribute_name("Policy");
            set.attribute_value(publish.to_string())
                .send()
                .await
                .unwrap();
            let bucket = format!("theirs-{account}");
            let create = aws
                .cloudtrail
                .create_trail()
                .name("victim")
                .s3_bucket_name(bucket)
                .s3_key_prefix("audit");
            create.sns_topic_name(&topic).send().await.unwrap();
            let subscribe = aws
                .sns
                .subscribe()
                .topic_arn(&topic)
                .protocol("lambda")
                .endpoint(&function);
            subscribe.send().await.unwrap();
        });
        Self {
            trail: format!("arn:aws:cloudtrail:eu-west-1:{account}:trail/victim"),
            topic,
            function,
        }
    }
}
