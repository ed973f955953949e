//! A Central that lies cannot get anything deleted or changed (SPEC 2.2). Here is the connection that it lies about; the tests
//! are in the parts.

mod fuzz;
mod manifest;
mod others;
mod settings;

use serde_json::{Value, json};

use crate::support::{World, blocking, fixtures, snapshot};

/// A connection that is set up, and resources in the same account that are not ours.
struct Stage {
    world: World,
    id: String,
    manifest: Value,
    settings: Value,
}

impl Stage {
    fn set() -> Self {
        let world = World::new();
        let connection = world.setup("hostile", &[]).exits(0).json()["connection"].clone();
        blocking(async {
            let aws = world.aws().await;
            fixtures::role(&aws, "/", "victim", "lambda").await;
            aws.sns.create_topic().name("victim").send().await.unwrap();
            aws.logs
                .create_log_group()
                .log_group_name("/aws/lambda/victim")
                .send()
                .await
                .unwrap();
            let ours = format!("sophos-ct-hostile-{}-eu-west-1", world.account);
            let policy = fixtures::bucket_policy_of(&aws, &ours).await;
            let theirs = format!("victim-{}", world.account);
            fixtures::bucket(&aws, &theirs).await;
            let policy = policy
                .to_string()
                .replace(&ours, &theirs)
                .replace("SophosCt-", "Theirs-");
            fixtures::bucket_policy(&aws, &theirs, policy).await;
        });
        let id = connection["id"].as_str().unwrap().to_owned();
        let (manifest, settings) = (
            connection["resources"].clone(),
            connection["settings"].clone(),
        );
        Self {
            world,
            id,
            manifest,
            settings,
        }
    }

    /// With this lie, both commands refuse, name what they refuse, and change nothing.
    fn refuses(&self, lie: &Value, named: &[String]) {
        self.world.rewrite(&self.id, lie);
        let before = snapshot::aws(&self.world);
        for ran in [
            self.world.remove("hostile", &[]),
            self.world
                .remove("hostile", &["--delete-logs", "--confirm-bucket", "any"]),
            self.world.setup("hostile", &[]),
        ] {
            let ran = ran.exits(5).json();
            let message = ran["error"]["message"].as_str().unwrap();
            let missing: Vec<_> = named
                .iter()
                .filter(|name| !message.contains(*name))
                .collect();
            assert!(missing.is_empty(), "{missing:?}: {message}");
        }
        assert_eq!(snapshot::aws(&self.world), before, "{lie}");
    }

    fn honest(&self) {
        let truth = json!({ "resources": self.manifest, "settings": self.settings });
        self.world.rewrite(&self.id, &truth);
        self.world.remove("hostile", &[]).exits(0);
        let left = snapshot::aws(&self.world);
        let theirs = |name: &&String| name.contains("victim");
        assert_eq!(left.keys().filter(theirs).count(), 4, "{left:?}");
    }
}
