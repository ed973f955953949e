//! The target without Central: what carries one connection's mark under the default or the given names.

use super::target::{Target, observe};
use crate::{
    answers::{Answers, Any, Origin, must_fit},
    aws::Aws,
    cli::RemoveArgs,
    commands::{app::App, session},
    connection::{Arn, ConnectionId, ConnectionName, Design, Kind, Resources, names},
    plan::{
        self,
        feed::{self, Hidden, Unlisted},
        removal::said_of_unread,
        render,
    },
    resources::{
        alarm::Which, bucket, event_rule, families::Observed, planned::Unseen, seen::Seen,
        subscription,
    },
    ui::{Code, Failure, Result, t},
};

/// Finds what carries the mark of the one connection that has parts under these names.
pub(super) async fn by_marks(app: &App, arguments: &RemoveArgs) -> Result<Target> {
    let name = name(arguments)?;
    let given = names_given(arguments)?;
    let aws = Aws::connect(&session::aws_options(app).await?).await?;
    let mut search = Search { aws, name, given };
    search.find_bucket(app).await?;
    // The id is nobody's: every mark that is found belongs to another connection.
    let nobodys = search.design(ConnectionId::random());
    let observed = search.observe(&nobodys).await?;
    let id = only_mark(&nobodys, &observed, &search.name)?;
    let Followed {
        design: nobodys,
        observed,
        unlisted,
    } = search.follow_topic(id, nobodys, observed).await?;
    for (key, value) in feed::feed_answers(&nobodys, id, &observed) {
        let loaded = search.given.load(key, &value, Origin::Default);
        loaded.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
    }
    let mut hidden = feed::hidden(&nobodys, id, &observed, unlisted);
    let design = search.design(id);
    only_feed(&design, feed::rule(id, &observed).is_some())?;
    let observed = observe(&search.aws, &design).await?;
    warn_of_alarms(app, &design, &observed);
    let mut manifest = plan::marked(&design, &observed);
    let mut unread = plan::unread(&design, &observed, &manifest);
    let mut traces = Vec::new();
    if hidden.is_feed() {
        traces = traces_of(&design, &observed, &manifest);
        manifest.items.retain(|item| !item.ownership.is_ours());
    }
    // A stack keeps all of its parts.
    if plan::stack_stands(&observed) {
        hidden = Hidden::default();
    }
    hidden.unseen.retain(|one| !unread.contains(one));
    unread.append(&mut hidden.unseen);
    Ok(Target {
        unread,
        unlisted: hidden.unlisted,
        traces,
        manifest,
        aws: search.aws,
        design,
        observed,
        elsewhere: Vec::new(),
        collected_by: Vec::new(),
    })
}

/// What carries the connection's mark, and the function's log group, which cannot carry one. All of it stays as long as a rule or a
/// subscription may be there that only the function's policy or name leads to: a later run finds the connection by its marks, and
/// others may use what is not known.
fn traces_of(design: &Design, observed: &Observed, manifest: &Resources) -> Vec<(Kind, String)> {
    let marked = plan::seen_marked(design, observed).into_iter();
    let whole = marked.filter(|item| item.id.is_none() && item.ownership.is_ours());
    let mut traces: Vec<_> = whole.map(|item| (item.kind, item.arn)).collect();
    let group = (Kind::LogGroup, design.log_group_arn());
    let claimed = manifest.says_ours(group.0, &group.1);
    if claimed && !observed.log_group.is_absent() && !traces.contains(&group) {
        traces.push(group);
    }
    traces
}

/// Warns of alarms that cannot be seen. Hardly anybody has any.
fn warn_of_alarms(app: &App, design: &Design, observed: &Observed) {
    for which in Which::BOTH {
        if let Some(action) = observed.alarm.of(which).denied() {
            let arn = which.arn(design);
            let unknown = t!("alarm-unknown", arn = arn, action = action);
            app.printer.warn(&unknown);
        }
    }
}

/// The connection's name. An id is refused: the default names cannot be computed from it.
fn name(arguments: &RemoveArgs) -> Result<ConnectionName> {
    let given = super::named(arguments);
    let refused = |complaint| Failure::usage(complaint).hinted(t!("without-central-hint"));
    if given.parse::<ConnectionId>().is_ok() {
        return Err(refused(t!("without-central-by-id")));
    }
    given
        .parse()
        .map_err(|complaint: String| refused(format!("CONNECTION: {complaint}")))
}

fn names_given(arguments: &RemoveArgs) -> Result<Answers> {
    let mut given = Answers::default();
    let complaints: Vec<String> = arguments
        .names
        .given()
        .filter_map(|(key, text)| {
            let complaint = given.answer(key, text, Origin::Flag).err()?;
            Some(format!("--{key}: {complaint}"))
        })
        .collect();
    must_fit(complaints)?;
    Ok(given)
}

/// Where to look: an account, and the names of a connection as far as they are known.
struct Search {
    aws: Aws,
    name: ConnectionName,
    given: Answers,
}

impl Search {
    /// Returns the design of a connection with this id; names that are not known get their defaults.
    fn design(&self, id: ConnectionId) -> Design {
        let Self { aws, name, given } = self;
        let plain_http = aws.plain_http();
        let mut given = given.clone();
        let mut design = given.design(id, name, &aws.caller, &aws.region, plain_http);
        // So that alarms are looked for. Which topic they tell does not matter to a removal.
        design.alarm = design.topic_arn().parse().ok();
        design
    }

    /// Finds the bucket under the default name that repeats the account, if it carries a mark and the usual one does not.
    async fn find_bucket(&mut self, app: &App) -> Result<()> {
        let (aws, name) = (&self.aws, &self.name);
        let (account, region) = (&aws.caller.account, &aws.region);
        let repeating = names::repeating_bucket(name, account, region);
        let Some(repeating) = repeating.filter(|_| !self.given.bucket.is_given()) else {
            return Ok(());
        };
        let usual = names::default_bucket(name, account, region);
        if matches!(bucket::marked_by(aws, &usual).await?, Seen::There(_)) {
            return Ok(());
        }
        match bucket::marked_by(aws, &repeating).await? {
            Seen::There(_) => self.given.bucket.set(repeating, Origin::Default),
            Seen::Absent => {}
            Seen::Denied(action) => {
                app.printer
                    .warn(&t!("bucket-unknown", bucket = repeating, action = action))
            }
        }
        Ok(())
    }

    /// Observes what a design names, and the rule under its default name, whether or not the design has one: its own mark says whose
    /// it is.
    async fn observe(&self, design: &Design) -> Result<Observed> {
        let mut observed = observe(&self.aws, design).await?;
        if design.has_topic() {
            observed.event_rule = event_rule::read(&self.aws, design).await?;
        }
        Ok(observed)
    }

    /// Finds the topic under whatever name: our function's policy names it. If it does not, or the function is gone, the function may
    /// be subscribed all the same.
    async fn follow_topic(
        &mut self,
        id: ConnectionId,
        design: Design,
        observed: Observed,
    ) -> Result<Followed> {
        let by_policy = feed::invoker(id, &observed).filter(|arn| arn.service == "sns");
        let by_name = feed::leads_by_name(id, &observed);
        let mut unlisted = None;
        let topic = if by_name {
            match subscription::topics_of(&self.aws, &design.function_arn()).await? {
                Seen::There(topics) => only_topic(topics, &design, self.given.topic.is_given())?,
                Seen::Absent => None,
                Seen::Denied(action) => {
                    let hides = !feed::has_trail_or_bucket(id, &observed);
                    unlisted = hides.then_some(Unlisted::Topics(action));
                    None
                }
            }
        } else {
            by_policy
        };
        let mut followed = Followed {
            design,
            observed,
            unlisted,
        };
        let Some(topic) = topic else {
            return Ok(followed);
        };
        if topic.resource != followed.design.topic {
            let name = topic.resource.parse();
            let name = name.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
            self.given.topic.set(name, Origin::Default);
            followed.design = self.design(ConnectionId::random());
            followed.observed = self.observe(&followed.design).await?;
        }
        if by_name {
            // Nothing but the subscription leads to this topic.
            let Observed {
                topic,
                subscription,
                ..
            } = &followed.observed;
            let denied = topic.denied().or(subscription.denied());
            followed.unlisted = denied.map(Unlisted::OfTopic);
        }
        Ok(followed)
    }
}

/// What is seen once the topic is found.
struct Followed {
    design: Design,
    observed: Observed,
    unlisted: Option<Unlisted>,
}

/// The only topic of the account to which our function is subscribed. If there are several, nothing shows which one was ours, unless
/// one of them is `given`.
fn only_topic(mut topics: Vec<String>, design: &Design, given: bool) -> Result<Option<Arn>> {
    let (partition, region, account) = (&design.partition, &design.region, &design.account);
    let here = format!("arn:{partition}:sns:{region}:{account}:");
    topics.retain(|topic| topic.starts_with(&here));
    if given && topics.contains(&design.topic_arn()) {
        topics = vec![design.topic_arn()];
    }
    match &topics[..] {
        [] => Ok(None),
        [topic] => {
            let topic = topic.parse();
            let conflict = |complaint: String| Failure::new(Code::Conflict, complaint);
            Ok(Some(topic.map_err(conflict)?))
        }
        _ => {
            let several = Failure::list(Code::Conflict, t!("without-central-topics"), topics);
            Err(several.hinted(t!("without-central-topics-hint")))
        }
    }
}

/// Fails if the connection hears of log files by its rule and by a topic: it was set up with one of them, and nothing shows which.
fn only_feed(design: &Design, has_rule: bool) -> Result<()> {
    if !has_rule || !design.has_topic() {
        return Ok(());
    }
    let feeds = [
        (Kind::EventRule, design.rule_arn()),
        (Kind::Topic, design.topic_arn()),
    ];
    let feeds = feeds.map(|(kind, arn)| format!("{} {arn}", render::kind(kind)));
    let two = Failure::list(
        Code::Conflict,
        t!("without-central-two-feeds"),
        feeds.into(),
    );
    Err(two.hinted(t!("without-central-two-feeds-hint")))
}

/// The connection whose mark was found; fails if there is none, or more than one.
fn only_mark(design: &Design, observed: &Observed, name: &ConnectionName) -> Result<ConnectionId> {
    let ids: Vec<&str> = plan::marks(observed).into_iter().collect();
    match ids[..] {
        [] => {
            let mut unread = plan::unread(design, observed, &Resources::default());
            unread.extend(feed::unread_rule(design, observed));
            if !unread.is_empty() {
                return Err(unreadable(name, &unread));
            }
            let nothing = t!("without-central-nothing", name = name);
            Err(Failure::new(Code::UnknownConnection, nothing).hinted(t!("without-central-hint")))
        }
        [id] => id
            .parse()
            .map_err(|complaint: String| Failure::new(Code::Conflict, complaint)),
        _ => {
            let ids = ids.into_iter().map(ToOwned::to_owned).collect();
            let several = Failure::list(Code::Conflict, t!("without-central-several"), ids);
            Err(several.hinted(t!("without-central-hint")))
        }
    }
}

/// The refusal to say that nothing is there where marks cannot be read.
fn unreadable(name: &ConnectionName, unread: &[Unseen]) -> Failure {
    let items = unread.iter().map(said_of_unread).collect();
    let unread = t!("without-central-unread", name = name);
    let failure = Failure::list(Code::AwsPermission, unread, items);
    failure.hinted(t!("incomplete-hint", policy = "remove"))
}
