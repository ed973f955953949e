//! A read-only look at AWS: everything a plan is made from, asked for at the same time.

use crate::{
    aws::{Aws, error::AwsError},
    connection::Design,
    resources::{
        Seen, bucket, event_rule, function, log_group, notification, organization, role,
        subscription, topic, trail,
    },
};

/// What stands in AWS under the names of a design.
#[derive(Debug)]
pub struct Observed {
    pub role: Seen<role::State>,
    pub log_group: Seen<log_group::State>,
    pub topic: Seen<topic::State>,
    pub subscription: Seen<subscription::State>,
    pub bucket: Seen<Result<bucket::State, bucket::Unusable>>,
    /// Looked at only where EventBridge tells us.
    pub rule: Seen<event_rule::State>,
    /// Looked at only where the bucket is to notify us.
    pub notification: Seen<notification::Observed>,
    pub function: Seen<function::State>,
    pub trails: trail::Trails,
    /// Looked at only where a trail of an organization is to be made.
    pub organization: organization::State,
    /// Other trails that log management events, or may: what makes a further one cost money.
    pub management: Vec<trail::State>,
}

/// Looks at everything the design names, at once. The region's trails, and which of them log management events, are
/// known already: they decide what is asked before there is a design.
pub async fn observe(
    aws: &Aws,
    design: &Design,
    all: Seen<Vec<trail::State>>,
    mut management: Vec<trail::State>,
) -> Result<Observed, AwsError> {
    let topic_arn = design.topic_arn();
    let function_arn = design.function_arn();
    let log_group = design.log_group();
    let topic_and_subscription = async {
        if !design.has_topic() {
            return Ok((Seen::Absent, Seen::Absent));
        }
        let topic = topic::observe(aws, design).await?;
        // Without a topic there is nothing to list.
        let subscription = match &topic {
            Seen::There(_) => subscription::observe(aws, &topic_arn, &function_arn).await?,
            _ => Seen::Absent,
        };
        Ok((topic, subscription))
    };
    let (
        role,
        log_group,
        (topic, subscription),
        bucket,
        notification,
        rule,
        function,
        trails,
        organization,
    ) = tokio::try_join!(
        role::observe(aws, &design.role, design.id),
        log_group::observe(aws, &log_group),
        topic_and_subscription,
        bucket::observe(aws, design),
        notification::observe(aws, design),
        event_rule::observe(aws, design),
        function::observe(aws, &design.function, design.id),
        trail::observe(aws, design, all),
        organization::observe(aws, design),
    )?;
    let own = design.trail_arn();
    management.retain(|trail| trail.arn != own);
    Ok(Observed {
        role,
        log_group,
        topic,
        subscription,
        bucket,
        notification,
        rule,
        function,
        trails,
        organization,
        management,
    })
}

/// The trails that log management events; one that hides its selectors counts, one that is stopped does not.
pub async fn management_trails(
    aws: &Aws,
    all: &Seen<Vec<trail::State>>,
) -> Result<Vec<trail::State>, AwsError> {
    let asked = all.there().into_iter().flatten().map(|trail| async move {
        let (logs, status) = tokio::try_join!(
            trail::logs_management_events(aws, &trail.arn),
            trail::status(aws, &trail.arn),
        )?;
        let stopped = status.there().is_some_and(|status| !status.logging);
        Ok::<_, AwsError>((logs != Some(false) && !stopped).then(|| trail.clone()))
    });
    let found = futures::future::try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}
