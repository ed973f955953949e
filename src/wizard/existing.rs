//! Step 2 with existing resources: which trail or bucket, and how the forwarder hears of its log files.

use super::{Known, Wizard};
use crate::{
    connection::{Arn, names},
    resources::{seen::Seen, trail},
    settings::{Given, Origin},
    ui::{Code, Failure, Result, t},
};

/// Where the topic of a trail is, seen from us.
enum Topic {
    None,
    /// In this account and region: its name.
    Here(String),
    /// In another account or region: its ARN.
    Elsewhere(String),
}

fn topic_of(trail: &trail::State, known: &Known<'_>) -> Topic {
    let Some(arn) = &trail.topic_arn else {
        return Topic::None;
    };
    match arn.parse::<Arn>() {
        Ok(topic)
            if topic.account == known.account.as_str() && topic.region == known.region.as_str() =>
        {
            Topic::Here(topic.resource)
        }
        _ => Topic::Elsewhere(arn.clone()),
    }
}

/// Whether a trail notifies a topic that we may subscribe to: nothing of theirs changes then.
pub(super) fn subscribable(trail: &trail::State, known: &Known<'_>) -> bool {
    matches!(topic_of(trail, known), Topic::Here(_))
}

impl Wizard {
    /// Completes the answers of step 2 from the trail or bucket that is meant.
    pub(super) async fn existing(&self, given: &mut Given, known: &Known<'_>) -> Result<()> {
        if given.has("bucket") && !given.has("trail") {
            return self.of_bucket(given).await;
        }
        let trails = match known.trails {
            Seen::There(trails) => trails,
            Seen::Denied(action) => {
                return Err(Failure::new(
                    Code::AwsPermission,
                    t!("trails-unseen", action = action),
                )
                .hinted(t!("trails-unseen-hint")));
            }
            Seen::Absent => &Vec::new(),
        };
        let (trail, origin) = match given.text("trail") {
            Some(wanted) => {
                let found = trails
                    .iter()
                    .find(|trail| trail.arn == wanted || trail.name == wanted);
                let origin = given.origin("trail").unwrap_or(Origin::Flag);
                (found.ok_or_else(|| unknown(&wanted, trails))?, origin)
            }
            None => match self.choose(trails, given, known).await? {
                Some(chosen) => chosen,
                None => {
                    let bucket = self
                        .ask
                        .text(&t!("ask-which-bucket"), None, names::check_bucket)
                        .await?;
                    given.set("bucket", bucket.into(), Origin::Prompt);
                    return self.of_bucket(given).await;
                }
            },
        };
        if given.flag("organization") == Some(true) && !trail.organization {
            // Its log files are of its own account: those of the others would never come.
            return Err(
                Failure::new(Code::Conflict, t!("trail-one-account", trail = trail.arn))
                    .hinted(t!("trail-one-account-hint")),
            );
        }
        if trail.is_control_tower() && !subscribable(trail, known) {
            self.printer.warn(&t!(
                "control-tower",
                trail = trail.arn,
                bucket = trail.bucket
            ));
        }
        given.set("trail", trail.arn.clone().into(), origin);
        takes(given, "bucket", &trail.bucket)?;
        takes(given, "prefix", &trail.prefix)?;
        if let Some(key) = &trail.kms_key
            && !given.has("kms-key")
        {
            given.set("kms-key", key.clone().into(), Origin::Default);
        }
        self.notify(given, trail, known).await
    }

    /// A bucket whose trail is out of sight. Its notifications change only where that is asked for.
    async fn of_bucket(&self, given: &mut Given) -> Result<()> {
        match given.text("notify").as_deref() {
            Some("trail") => Err(Failure::usage(t!("notify-trail-needs-trail"))),
            Some(_) => Ok(()),
            None if self.asks() => {
                if !self.ask.confirm(&t!("ask-notify-bucket"), false).await? {
                    return Err(Failure::new(Code::Declined, t!("declined")));
                }
                given.set("notify", "bucket".into(), Origin::Prompt);
                Ok(())
            }
            None => Err(
                Failure::new(Code::MissingAnswers, t!("missing-notify-bucket"))
                    .hinted(t!("missing-notify-hint")),
            ),
        }
    }

    /// The trail, where none is named: picked from the list, or the only one that can be subscribed to. `None`: somebody
    /// picked a bucket whose trail is elsewhere.
    async fn choose<'a>(
        &self,
        trails: &'a [trail::State],
        given: &Given,
        known: &Known<'_>,
    ) -> Result<Option<(&'a trail::State, Origin)>> {
        if trails.is_empty() && !self.asks() {
            return Err(Failure::new(Code::MissingAnswers, t!("no-trails"))
                .hinted(t!("trails-unseen-hint")));
        }
        let logs = |trail: &trail::State| known.management.iter().any(|one| one.arn == trail.arn);
        let good: Vec<usize> = (0..trails.len())
            .filter(|&index| logs(&trails[index]) && subscribable(&trails[index], known))
            .filter(|&index| given.flag("organization") != Some(true) || trails[index].organization)
            .collect();
        if self.asks() {
            let items = trails.iter().map(|trail| {
                let topic = match topic_of(trail, known) {
                    Topic::None => t!("trail-without-topic"),
                    Topic::Here(name) => t!("trail-with-topic", topic = name),
                    Topic::Elsewhere(arn) => t!("trail-with-topic", topic = arn),
                };
                let mut rest = vec![topic];
                rest.extend(
                    trail
                        .kms_key
                        .as_ref()
                        .map(|key| t!("trail-encrypted", key = key)),
                );
                if !logs(trail) {
                    rest.push(t!("trail-no-management"));
                }
                if !trail.organization {
                    rest.push(t!("trail-this-account"));
                }
                format!("{} → {}, {}", trail.arn, trail.bucket, rest.join(", "))
            });
            let question = if good.is_empty() {
                t!("ask-trail")
            } else {
                t!("ask-trail-recommended")
            };
            let items = items.chain([t!("choice-bucket-alone")]).collect();
            let chosen = self
                .ask
                .select(&question, items, good.first().copied())
                .await?;
            return Ok(trails.get(chosen).map(|trail| (trail, Origin::Prompt)));
        }
        match good[..] {
            [only] => Ok(Some((&trails[only], Origin::Default))),
            _ => Err(Failure::list(
                Code::MissingAnswers,
                t!("missing-trail"),
                trails.iter().map(|trail| trail.arn.clone()).collect(),
            )),
        }
    }

    /// How the trail notifies: as it does already, or as it is asked for. Its topic is never replaced.
    async fn notify(
        &self,
        given: &mut Given,
        trail: &trail::State,
        known: &Known<'_>,
    ) -> Result<()> {
        let topic = topic_of(trail, known);
        let own = trail::owner(trail).as_deref() == Some(known.account.as_str());
        let at_home = trail.home_region == known.region.as_str();
        match (given.text("notify").as_deref(), topic) {
            (Some("trail"), Topic::Here(topic) | Topic::Elsewhere(topic)) => Err(Failure::new(
                Code::Conflict,
                t!("trail-has-topic", trail = trail.arn, topic = topic),
            )
            .hinted(t!("trail-has-topic-hint"))),
            (Some("trail"), Topic::None) if !own => Err(Failure::new(
                Code::Conflict,
                t!("trail-of-other-account", trail = trail.arn),
            )
            .hinted(t!("missing-notify-hint"))),
            (Some("trail"), Topic::None) if !at_home => Err(Failure::new(
                Code::Conflict,
                t!(
                    "trail-home-elsewhere",
                    trail = trail.arn,
                    region = trail.home_region
                ),
            )),
            (Some(_), _) => Ok(()),
            (None, Topic::Here(name)) => takes(given, "topic", &name),
            (None, topic) => {
                if let Topic::Elsewhere(topic) = topic {
                    self.printer
                        .warn(&t!("topic-elsewhere", trail = trail.arn, topic = topic));
                }
                if !self.asks() {
                    return Err(Failure::new(
                        Code::MissingAnswers,
                        t!("missing-notify", trail = trail.arn),
                    )
                    .hinted(t!("missing-notify-hint")));
                }
                let mut choices = vec![
                    ("bucket", t!("choice-notify-bucket")),
                    ("eventbridge", t!("choice-notify-eventbridge")),
                ];
                if trail.topic_arn.is_none() && own && at_home {
                    choices.insert(0, ("trail", t!("choice-notify-trail")));
                }
                let items = choices.iter().map(|(_, text)| text.clone()).collect();
                let chosen = self.ask.select(&t!("ask-notify"), items, Some(0)).await?;
                given.set("notify", choices[chosen].0.into(), Origin::Prompt);
                Ok(())
            }
        }
    }
}

/// An answer that the trail decides; one that was given must agree with it.
fn takes(given: &mut Given, key: &'static str, value: &str) -> Result<()> {
    match given.text(key) {
        Some(wanted) if wanted != value => Err(Failure::usage(t!(
            "trail-decides",
            flag = key,
            given = wanted,
            value = value
        ))),
        Some(_) => Ok(()),
        None if value.is_empty() => Ok(()),
        // It is saved, and must fit when it is read again.
        None => given
            .answer(key, value, Origin::Default)
            .map_err(|complaint| Failure::new(Code::Conflict, complaint)),
    }
}

fn unknown(wanted: &str, trails: &[trail::State]) -> Failure {
    Failure::headed(
        Code::MissingAnswers,
        t!("trail-unknown", trail = wanted),
        trails.iter().map(|trail| trail.arn.clone()).collect(),
    )
    .hinted(t!("trails-unseen-hint"))
}
