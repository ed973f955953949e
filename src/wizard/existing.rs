//! Step 2 with existing resources: which trail or bucket, and how the forwarder learns of its log files.

use std::fmt::Display;

use super::{
    Step, Wizard,
    known::{Known, Topic},
    log_archive::is_out_of_reach,
    trails,
};
use crate::{
    answers::{Answer, Answers, Any, Notify, Origin, Value},
    aws::Aws,
    resources::{bucket, seen::Seen, trail},
    ui::{Code, Failure, Result, t},
};

impl Wizard<'_> {
    /// Completes the answers of step 2 from the trail or bucket that was chosen.
    pub(super) async fn existing(
        &self,
        given: &mut Answers,
        known: &Known<'_>,
        aws: &Aws,
    ) -> Result<()> {
        if given.bucket.is_given() && !given.trail.is_given() {
            return self.of_bucket(given).await;
        }
        let trails = self.visible(given, known)?;
        let (trail, origin) = match given.trail.get().map(ToString::to_string) {
            Some(wanted) => {
                let found = trails
                    .iter()
                    .find(|trail| trail.arn == wanted || trail.name == wanted);
                let origin = given.trail.origin().unwrap_or(Origin::Flag);
                let found = found.ok_or_else(|| unknown(&wanted, trails))?;
                if is_out_of_reach(found, known, aws).await
                    && self.is_unsaid(Step::Resources, &found.arn)
                {
                    self.point_to_log_archive(found, known);
                }
                (found, origin)
            }
            None => match self.choose(trails, given, known, aws).await? {
                Some(chosen) => chosen,
                None => return self.bucket_alone(given, aws).await,
            },
        };
        if given.covers_organization() && !trail.organization {
            // The trail logs only its own account: log files of the other accounts would never come.
            return Err(
                Failure::new(Code::Conflict, t!("trail-one-account", trail = trail.arn))
                    .hinted(t!("trail-one-account-hint")),
            );
        }
        given.trail.set(fitting(&trail.arn)?, origin);
        takes("bucket", &mut given.bucket, &trail.bucket)?;
        takes("prefix", &mut given.prefix, &trail.prefix)?;
        if let Some(key) = &trail.kms_key {
            given.kms_key.default_to(fitting(key)?);
        }
        self.notify(given, trail, known).await
    }

    /// The trails that can be seen; says so if there is none. A bucket whose trail is not visible can still be named.
    fn visible<'a>(&self, given: &Answers, known: &Known<'a>) -> Result<&'a [trail::State]> {
        let asks = self.asks() && !given.trail.is_given();
        match known.trails {
            Seen::There(trails) if !trails.is_empty() => return Ok(trails),
            Seen::Denied(action) if asks => {
                self.caution(Step::Resources, &t!("trails-denied", action = action));
            }
            Seen::Denied(action) => {
                return Err(Failure::new(
                    Code::AwsPermission,
                    t!("trails-denied", action = action),
                )
                .hinted(t!("trails-hint")));
            }
            Seen::There(_) | Seen::Absent if asks => {
                self.remark(Step::Resources, &t!("trails-none", region = known.region));
            }
            Seen::There(_) | Seen::Absent => {}
        }
        Ok(&[])
    }

    /// Asks for a bucket whose trail is not visible. One that cannot be used is asked for again; whether one can be used that the
    /// caller may not see, the plan finds out.
    async fn bucket_alone(&self, given: &mut Answers, aws: &Aws) -> Result<()> {
        let question = t!("ask-which-bucket");
        self.head(Step::Resources);
        self.asks_now(&question, given);
        self.type_in(&mut given.bucket, &question, None).await?;
        if let Some(bucket) = given.bucket.get()
            && let Ok(Some(complaint)) = bucket::unusable(aws, bucket).await
        {
            return Err(Failure::new(Code::Conflict, complaint));
        }
        self.of_bucket(given).await
    }

    /// Completes the answers for a bucket whose trail is not visible. Its notifications are changed only if the user asks for
    /// that.
    async fn of_bucket(&self, given: &mut Answers) -> Result<()> {
        match given.notify.get() {
            Some(Notify::Trail) => Err(Failure::usage(t!("notify-trail-needs-trail"))),
            Some(_) => Ok(()),
            None if self.asks() => {
                let question = t!("ask-notify-bucket");
                self.head(Step::Resources);
                self.asks_now(&question, given);
                if !self.ask.confirm(&question, false).await? {
                    return Err(self.declined());
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

    /// Chooses the trail if none is named: the user picks it from the list, or it is the only one that can be subscribed to.
    /// `None` for a bucket whose trail is elsewhere: the user picked that, or there is nothing to pick from.
    async fn choose<'a>(
        &self,
        trails: &'a [trail::State],
        given: &Answers,
        known: &Known<'_>,
        aws: &Aws,
    ) -> Result<Option<(&'a trail::State, Origin)>> {
        if trails.is_empty() {
            if self.asks() {
                return Ok(None);
            }
            return Err(
                Failure::new(Code::MissingAnswers, t!("no-trails")).hinted(t!("trails-hint"))
            );
        }
        let good: Vec<usize> = (0..trails.len())
            .filter(|&index| known.logs_management(&trails[index]))
            .filter(|&index| known.subscribable(&trails[index]))
            .filter(|&index| !given.covers_organization() || trails[index].organization)
            .collect();
        if self.asks() {
            return self.pick(trails, &good, given, known, aws).await;
        }
        match good[..] {
            [only] => Ok(Some((&trails[only], Origin::Default))),
            _ => Err(Failure::headed(
                Code::MissingAnswers,
                t!("missing-trail"),
                trails.iter().map(|trail| trail.arn.clone()).collect(),
            )),
        }
    }

    /// Asks which trail to use; the default is the first of the `good` ones, otherwise one that is within reach. `None` for a
    /// bucket whose trail is elsewhere.
    async fn pick<'a>(
        &self,
        trails: &'a [trail::State],
        good: &[usize],
        given: &Answers,
        known: &Known<'_>,
        aws: &Aws,
    ) -> Result<Option<(&'a trail::State, Origin)>> {
        let question = if good.is_empty() {
            t!("ask-trail")
        } else {
            t!("ask-trail-recommended")
        };
        let mut closed = Vec::new();
        for trail in trails {
            closed.push(is_out_of_reach(trail, known, aws).await);
        }
        let fits = |trail: &trail::State| trail.organization || !given.covers_organization();
        let open = (0..trails.len()).find(|&index| !closed[index] && fits(&trails[index]));
        let default = good.first().copied().or(open).unwrap_or(trails.len());
        self.head(Step::Resources);
        self.asks_now(&question, given);
        loop {
            let rows = trails::rows(trails, known);
            let chosen = self.ask.pick(&question, rows, Some(default)).await?;
            match trails.get(chosen) {
                Some(trail) if closed[chosen] => self.point_to_log_archive(trail, known),
                found => return Ok(found.map(|trail| (trail, Origin::Prompt))),
            }
        }
    }

    /// Decides how the trail notifies: as it already does, or as the user asks. Its topic is never replaced.
    async fn notify(
        &self,
        given: &mut Answers,
        trail: &trail::State,
        known: &Known<'_>,
    ) -> Result<()> {
        match (given.notify.get().copied(), known.topic_of(trail)) {
            (Some(Notify::Trail), topic) => may_get_topic(trail, topic, known),
            (Some(_), _) => Ok(()),
            (None, Topic::Here(name)) => takes("topic", &mut given.topic, &name),
            (None, topic) => {
                if let Topic::Elsewhere(topic) = topic {
                    let elsewhere = t!("topic-elsewhere", trail = trail.arn, topic = topic);
                    self.caution(Step::Resources, &elsewhere);
                }
                self.ask_notify(given, trail, known).await
            }
        }
    }

    /// Asks how the forwarder should learn of the trail's log files.
    async fn ask_notify(
        &self,
        given: &mut Answers,
        trail: &trail::State,
        known: &Known<'_>,
    ) -> Result<()> {
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
        if trail.topic_arn.is_none() && known.owns(trail) && known.is_home_of(trail) {
            choices.insert(0, (Notify::Trail, t!("choice-notify-trail")));
        }
        let items = choices.iter().map(|(_, text)| text.clone()).collect();
        let question = t!("ask-notify");
        self.head(Step::Resources);
        self.asks_now(&question, given);
        let chosen = self.ask.select(&question, items, Some(0)).await?;
        given.notify.set(choices[chosen].0, Origin::Prompt);
        Ok(())
    }
}

/// Checks whether a trail can get a topic of ours: it has none, is of the caller's account, and its home is the region.
fn may_get_topic(trail: &trail::State, topic: Topic, known: &Known<'_>) -> Result<()> {
    match topic {
        Topic::Here(topic) | Topic::Elsewhere(topic) => Err(Failure::new(
            Code::Conflict,
            t!("trail-has-topic", trail = trail.arn, topic = topic),
        )
        .hinted(t!("trail-has-topic-hint"))),
        Topic::None if !known.owns(trail) => Err(Failure::new(
            Code::Conflict,
            t!("trail-of-other-account", trail = trail.arn),
        )
        .hinted(t!("missing-notify-hint"))),
        Topic::None if !known.is_home_of(trail) => Err(Failure::new(
            Code::Conflict,
            t!(
                "trail-home-elsewhere",
                trail = trail.arn,
                region = trail.home_region
            ),
        )),
        Topic::None => Ok(()),
    }
}

/// Takes an answer from the trail. An answer that was given must agree with it.
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

/// Parses what AWS says about a trail. It is saved, and must fit when it is read again.
fn fitting<T: Value>(text: &str) -> Result<T> {
    T::from_json(&text.into()).map_err(|complaint| Failure::new(Code::Conflict, complaint))
}

fn unknown(wanted: &str, trails: &[trail::State]) -> Failure {
    Failure::headed(
        Code::MissingAnswers,
        t!("trail-unknown", trail = wanted),
        trails.iter().map(|trail| trail.arn.clone()).collect(),
    )
    .hinted(t!("trails-hint"))
}
