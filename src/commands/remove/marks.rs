//! The target without Central: what carries one connection's mark under the default or the given names.

use super::target::{Target, observe};
use crate::{
    answers::{Answers, Any, Origin, must_fit},
    aws::Aws,
    cli::RemoveArgs,
    commands::{app::App, session},
    connection::{ConnectionId, ConnectionName, Design, Resources, names},
    plan::{self, feed, removal::said_of_unread},
    resources::{alarm::Which, bucket, families::Observed, planned::Unseen, seen::Seen},
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
    let observed = observe(&search.aws, &nobodys).await?;
    let id = only_mark(&nobodys, &observed, &search.name)?;
    let (nobodys, observed) = search.follow_topic(id, nobodys, observed).await?;
    for (key, value) in feed::feed_answers(&nobodys, id, &observed) {
        let loaded = search.given.load(key, &value, Origin::Default);
        loaded.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
    }
    let design = search.design(id);
    let observed = observe(&search.aws, &design).await?;
    for which in Which::BOTH {
        if let Some(action) = observed.alarm.of(which).denied() {
            let arn = which.arn(&design);
            let unknown = t!("alarm-unknown", arn = arn, action = action);
            app.printer.warn(&unknown);
        }
    }
    let manifest = plan::marked(&design, &observed);
    Ok(Target {
        unread: plan::unread(&design, &observed, &manifest),
        manifest,
        aws: search.aws,
        design,
        observed,
        elsewhere: Vec::new(),
        collected_by: Vec::new(),
    })
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

    /// Finds the topic under whatever name: our function's policy names it.
    async fn follow_topic(
        &mut self,
        id: ConnectionId,
        design: Design,
        observed: Observed,
    ) -> Result<(Design, Observed)> {
        let topic = feed::invoker(id, &observed).filter(|arn| arn.service == "sns");
        let Some(topic) = topic.filter(|topic| topic.resource != design.topic) else {
            return Ok((design, observed));
        };
        let topic = topic.resource.parse();
        let topic = topic.map_err(|complaint| Failure::new(Code::Conflict, complaint))?;
        self.given.topic.set(topic, Origin::Default);
        let design = self.design(ConnectionId::random());
        let observed = observe(&self.aws, &design).await?;
        Ok((design, observed))
    }
}

/// The connection whose mark was found; fails if there is none, or more than one.
fn only_mark(design: &Design, observed: &Observed, name: &ConnectionName) -> Result<ConnectionId> {
    let ids: Vec<&str> = plan::marks(observed).into_iter().collect();
    match ids[..] {
        [] => {
            let unread = plan::unread(design, observed, &Resources::default());
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
