//! Step 2 with existing resources: which trail or bucket, and how the forwarder hears of its log files.

use std::fmt::Display;

use super::{Known, Wizard};
use crate::{
    answers::{Answer, Answers, Any, Notify, Origin, Value},
    connection::Arn,
    resources::{seen::Seen, trail},
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
    pub(super) async fn existing(&self, given: &mut Answers, known: &Known<'_>) -> Result<()> {
        if given.bucket.is_given() && !given.trail.is_given() {
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
        let (trail, origin) = match given.trail.get().map(ToString::to_string) {
            Some(wanted) => {
                let found = trails
                    .iter()
                    .find(|trail| trail.arn == wanted || trail.name == wanted);
                let origin = given.trail.origin().unwrap_or(Origin::Flag);
                (found.ok_or_else(|| unknown(&wanted, trails))?, origin)
            }
            None => match self.choose(trails, given, known).await? {
                Some(chosen) => chosen,
                None => {
                    self.type_in(&mut given.bucket, &t!("ask-which-bucket"), None)
                        .await?;
                    return self.of_bucket(given).await;
                }
            },
        };
        if given.covers_organization() && !trail.organization {
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
        given.trail.set(fitting(&trail.arn)?, origin);
        takes("bucket", &mut given.bucket, &trail.bucket)?;
        takes("prefix", &mut given.prefix, &trail.prefix)?;
        if let Some(key) = &trail.kms_key {
            given.kms_key.default_to(fitting(key)?);
        }
        self.notify(given, trail, known).await
    }

    /// A bucket whose trail is out of sight. Its notifications change only where that is asked for.
    async fn of_bucket(&self, given: &mut Answers) -> Result<()> {
        match given.notify.get() {
            Some(Notify::Trail) => Err(Failure::usage(t!("notify-trail-needs-trail"))),
            Some(_) => Ok(()),
            None if self.asks() => {
                if !self.ask.confirm(&t!("ask-notify-bucket"), false).await? {
                    return Err(Failure::new(Code::Declined, t!("declined")));
                }
                given.notify.set(Notify::Bucket, Origin::Prompt);
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
        given: &Answers,
        known: &Known<'_>,
    ) -> Result<Option<(&'a trail::State, Origin)>> {
        if trails.is_empty() && !self.asks() {
            return Err(Failure::new(Code::MissingAnswers, t!("no-trails"))
                .hinted(t!("trails-unseen-hint")));
        }
        let logs = |trail: &trail::State| known.management.iter().any(|one| one.arn == trail.arn);
        let good: Vec<usize> = (0..trails.len())
            .filter(|&index| logs(&trails[index]) && subscribable(&trails[index], known))
            .filter(|&index| !given.covers_organization() || trails[index].organization)
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
        given: &mut Answers,
        trail: &trail::State,
        known: &Known<'_>,
    ) -> Result<()> {
        let topic = topic_of(trail, known);
        let own = trail::owner(trail).as_deref() == Some(known.account.as_str());
        let at_home = trail.home_region == known.region.as_str();
        match (given.notify.get(), topic) {
            (Some(Notify::Trail), Topic::Here(topic) | Topic::Elsewhere(topic)) => {
                Err(Failure::new(
                    Code::Conflict,
                    t!("trail-has-topic", trail = trail.arn, topic = topic),
                )
                .hinted(t!("trail-has-topic-hint")))
            }
            (Some(Notify::Trail), Topic::None) if !own => Err(Failure::new(
                Code::Conflict,
                t!("trail-of-other-account", trail = trail.arn),
            )
            .hinted(t!("missing-notify-hint"))),
            (Some(Notify::Trail), Topic::None) if !at_home => Err(Failure::new(
                Code::Conflict,
                t!(
                    "trail-home-elsewhere",
                    trail = trail.arn,
                    region = trail.home_region
                ),
            )),
            (Some(_), _) => Ok(()),
            (None, Topic::Here(name)) => takes("topic", &mut given.topic, &name),
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
                    (Notify::Bucket, t!("choice-notify-bucket")),
                    (Notify::EventBridge, t!("choice-notify-eventbridge")),
                ];
                if trail.topic_arn.is_none() && own && at_home {
                    choices.insert(0, (Notify::Trail, t!("choice-notify-trail")));
                }
                let items = choices.iter().map(|(_, text)| text.clone()).collect();
                let chosen = self.ask.select(&t!("ask-notify"), items, Some(0)).await?;
                given.notify.set(choices[chosen].0, Origin::Prompt);
                Ok(())
            }
        }
    }
}

/// An answer that the trail decides; one that was given must agree with it.
fn takes<T: Value + Display>(flag: &str, answer: &mut Answer<T>, value: &str) -> Result<()> {
    match answer.get().map(ToString::to_string) {
        Some(wanted) if wanted != value => Err(Failure::usage(t!(
            "trail-decides",
            flag = flag,
            given = wanted,
            value = value
        ))),
        Some(_) => Ok(()),
        None if value.is_empty() => Ok(()),
        None => {
            answer.set(fitting(value)?, Origin::Default);
            Ok(())
        }
    }
}

/// What AWS says of a trail: it is saved, and must fit when it is read again.
fn fitting<T: Value>(text: &str) -> Result<T> {
    T::from_json(&text.into()).map_err(|complaint| Failure::new(Code::Conflict, complaint))
}

fn unknown(wanted: &str, trails: &[trail::State]) -> Failure {
    Failure::headed(
        Code::MissingAnswers,
        t!("trail-unknown", trail = wanted),
        trails.iter().map(|trail| trail.arn.clone()).collect(),
    )
    .hinted(t!("trails-unseen-hint"))
}
