//! What hard cases begin with: trails, topics and organizations of others. They are made through the sandbox's own AWS, as an
//! account's root. Making a world again adds what is missing, and changes nothing that is there.

mod organization;
mod parts;
#[cfg(test)]
mod tests;
mod trail;

use std::path::PathBuf;

use clap::ValueEnum;
use serde::{Deserialize, Serialize};

use super::{Place, Running, START_LOCK, default_account};
use crate::{
    aws::{self, Aws},
    cli::World,
    connection::AccountId,
    ui::{
        Failure, Printer, Result,
        beside::{self, Readers},
        progress::Progress,
        t,
    },
};

/// The profile of the account that `--sandbox` acts in without one.
const DEFAULT_PROFILE: &str = "default";

/// A world that is in the sandbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Seeded {
    pub world: World,
    pub resources: Vec<Resource>,
    /// Command lines to try next.
    pub next: Vec<String>,
}

/// A part of a world. Nothing of it is ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Resource {
    pub kind: Part,
    /// The ARN; of an account or an organization its id, of a notification its id in the bucket.
    pub id: String,
    /// An account's name, which is a profile too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// What a part of a world is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum Part {
    Trail,
    Bucket,
    BucketNotification,
    Topic,
    Subscription,
    Organization,
    Account,
}

impl Part {
    /// What it is called in the user's language.
    #[must_use]
    pub(crate) fn label(self) -> String {
        match self {
            Self::Trail => t!("kind-trail"),
            Self::Bucket => t!("kind-bucket"),
            Self::BucketNotification => t!("kind-bucketNotification"),
            Self::Topic => t!("kind-topic"),
            Self::Subscription => t!("kind-subscription"),
            Self::Organization => t!("sandbox-organization"),
            Self::Account => t!("sandbox-account"),
        }
    }

    fn of(self, id: impl Into<String>) -> Resource {
        Resource {
            kind: self,
            id: id.into(),
            name: None,
        }
    }
}

impl Seeded {
    /// What this world is, in a sentence.
    #[must_use]
    pub(crate) fn about(&self) -> String {
        let world = name(self.world);
        match self.world {
            World::Trail => t!("sandbox-world-trail", world = world),
            World::Topic => t!("sandbox-world-topic", world = world),
            World::Organization => t!("sandbox-world-organization", world = world),
            World::ControlTower => t!("sandbox-world-control-tower", world = world),
        }
    }
}

/// The worlds that were put into the sandbox here.
#[must_use]
pub(crate) fn seeded(place: &Place) -> Vec<Seeded> {
    // A sandbox that was killed begins empty.
    if place.running().is_none() && place.was_killed() {
        return Vec::new();
    }
    let text = std::fs::read(file(place)).unwrap_or_default();
    serde_json::from_slice(&text).unwrap_or_default()
}

/// Refuses worlds that cannot be in one sandbox. `there` are those that it has already.
pub(crate) fn must_combine(asked: &[World], there: &[Seeded]) -> Result<()> {
    let has = |world: World| asked.contains(&world) || there.iter().any(|one| one.world == world);
    // Control Tower trusts CloudTrail. The other organization does not, which is what it is there for.
    if !has(World::Organization) || !has(World::ControlTower) {
        return Ok(());
    }
    let failure = Failure::usage(t!(
        "sandbox-exclusive",
        one = name(World::Organization),
        other = name(World::ControlTower)
    ));
    Err(if there.is_empty() {
        failure
    } else {
        failure.hinted(t!("sandbox-exclusive-hint"))
    })
}

/// Puts worlds into the running sandbox. Returns all that are in it.
pub(crate) async fn seed(
    printer: Printer,
    place: &Place,
    running: &Running,
    asked: &[World],
) -> Result<Vec<Seeded>> {
    if asked.is_empty() {
        return Ok(seeded(place));
    }
    // Of two commands at the same time, the second one waits, and then finds what the first one has made.
    let lock = std::fs::File::create(place.dir.join(START_LOCK))?;
    lock.lock()?;
    let mut there = seeded(place);
    must_combine(asked, &there)?;
    let progress = Progress::new(printer);
    for &world in asked {
        let step = progress.step(&t!("sandbox-seeding", world = name(world)));
        let resources = match make(running, world).await {
            Ok(resources) => resources,
            Err(failure) => {
                step.failed();
                return Err(failure);
            }
        };
        there.retain(|one| one.world != world);
        there.push(Seeded {
            world,
            resources,
            next: next(world),
        });
        let text = serde_json::to_vec(&there).expect("plain data is JSON");
        beside::write(&file(place), Readers::Owner, &text)?;
        step.done();
    }
    Ok(there)
}

/// Makes what is missing of a world, and returns all of it.
async fn make(running: &Running, world: World) -> Result<Vec<Resource>> {
    match world {
        World::Trail => trail::make(&root(running, &running.account).await?).await,
        World::Topic => trail::make_with_topic(&root(running, &running.account).await?).await,
        World::Organization => organization::make(running).await,
        World::ControlTower => organization::make_control_tower(running).await,
    }
}

/// The commands to try next in a world.
fn next(world: World) -> Vec<String> {
    let trail = trail::NAME;
    match world {
        World::Trail => vec![format!(
            "sophos-ct plan tour --sandbox --resources existing --trail {trail} --notify bucket"
        )],
        World::Topic => vec![format!(
            "sophos-ct plan tour --sandbox --resources existing --trail {trail}"
        )],
        World::Organization => vec!["sophos-ct plan company --sandbox --organization".to_owned()],
        World::ControlTower => {
            let (profile, bucket) = (organization::LOG_ARCHIVE.0, organization::log_bucket());
            vec![
                "sophos-ct doctor --sandbox".to_owned(),
                format!(
                    "sophos-ct plan company --sandbox --profile {profile} --organization --resources existing --bucket {bucket} --notify bucket"
                ),
            ]
        }
    }
}

/// The account that a profile names: the default one, or one of the worlds that are there.
pub(super) fn account_of(profile: &str, there: &[Seeded]) -> Result<AccountId> {
    let mut known = vec![(DEFAULT_PROFILE, default_account())];
    for resource in there.iter().flat_map(|one| &one.resources) {
        if let (Some(name), Ok(id)) = (&resource.name, resource.id.parse()) {
            known.push((name.as_str(), id));
        }
    }
    if let Some((_, account)) = known.iter().find(|(name, _)| *name == profile) {
        return Ok(account.clone());
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    Err(Failure::usage(t!(
        "sandbox-profile",
        profile = profile,
        known = names.join(", ")
    ))
    .hinted(t!("sandbox-profile-hint")))
}

/// Clients with the rights of an account's root.
async fn root(running: &Running, account: &AccountId) -> Result<Aws> {
    let mut sandbox = running.aws();
    sandbox.account = account.clone();
    sandbox.role = None;
    Aws::connect(&aws::Options {
        profile: None,
        region: None,
        sandbox: Some(sandbox),
    })
    .await
}

/// The word for a world on the command line.
fn name(world: World) -> String {
    let value = world.to_possible_value().expect("no world is hidden");
    value.get_name().to_owned()
}

/// The file that lists the worlds. It goes with the rest of the state.
fn file(place: &Place) -> PathBuf {
    place.dir.join("state").join("worlds.json")
}
