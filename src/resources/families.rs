//! All families together. Each is one line of the list below; a family that lacks a part does not compile.

use super::{
    alarm, bucket,
    cx::Cx,
    event_rule, function, log_group, notification, organization,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    role,
    seen::{Mark, Seen},
    settings::Settings,
    step::{self, Facts},
    subscription, topic, trail,
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind},
    policy::grant::{Grant, Purpose},
    ui::Result,
};

/// A step of a plan, with a change of any family.
pub(crate) type Step = step::Step<Change>;

macro_rules! families {
    ($($family:ident: $name:ident,)*) => {
        /// A change of any family.
        #[derive(Clone, Debug, PartialEq)]
        pub(crate) enum Change {
            $($name($family::Change)),*
        }

        impl step::Change for Change {
            fn facts(&self) -> Facts {
                match self { $(Self::$name(change) => change.facts()),* }
            }

            fn after(&self, design: &Design) -> &'static [Kind] {
                match self { $(Self::$name(change) => change.after(design)),* }
            }
        }

        /// What was seen in AWS under the names of a design.
        #[derive(Debug)]
        pub(crate) struct Observed {
            $(pub $family: $family::Observed),*
        }

        impl Observed {
            /// Plans `setup`, family by family.
            #[must_use]
            pub(crate) fn setup(
                &self,
                design: &Design,
                journal: Journal<'_>,
                across: &Across,
            ) -> Vec<Planned<Change>> {
                vec![$(
                    $family::setup(design, &self.$family, journal, across).map(Change::$name)
                ),*]
            }

            /// Plans `remove`, family by family, in the reverse order of `setup`.
            #[must_use]
            pub(crate) fn remove(
                &self,
                design: &Design,
                removing: Removing<'_>,
                across: &Across,
            ) -> Vec<Planned<Change>> {
                let mut planned = vec![$(
                    $family::remove(design, &self.$family, removing, across).map(Change::$name)
                ),*];
                planned.reverse();
                planned
            }

            /// What everything that the design names is like besides its documents.
            #[must_use]
            pub(crate) fn settings(
                &self,
                design: &Design,
                journal: Journal<'_>,
                across: &Across,
            ) -> Vec<Settings> {
                let mut all = Vec::new();
                $(all.extend($family::settings(design, &self.$family, journal, across));)*
                all
            }

            /// What a manifest of this design may claim, and how surely each claim is seen to be true.
            #[must_use]
            pub(crate) fn shown(&self, design: &Design, across: &Across) -> Vec<(Claim, Shown)> {
                let mut all = Vec::new();
                $(
                    all.extend($family::claims(design).into_iter().map(|claim| {
                        let shown = $family::shown(design, &self.$family, across, claim.kind);
                        (claim, shown)
                    }));
                )*
                all
            }

            /// The marks that show whose connection was found.
            pub(crate) fn marks(&self) -> impl Iterator<Item = &Mark> {
                [$($family::mark(&self.$family)),*].into_iter().flatten()
            }
        }

        /// What a manifest of this design may claim.
        #[must_use]
        pub(crate) fn claims(design: &Design) -> Vec<Claim> {
            let mut all = Vec::new();
            $(all.extend($family::claims(design));)*
            all
        }

        /// The permissions that a caller needs for a purpose, from the families that make the calls.
        #[must_use]
        pub(crate) fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
            let mut all = vec![Grant::new(&["sts:GetCallerIdentity"], "*")];
            $(all.extend($family::grants(design, purpose));)*
            all
        }

        /// Carries a change out. Every change is safe to repeat: what is there already and ours counts as done.
        ///
        /// # Errors
        /// AWS refuses, or something under our name is not ours.
        pub(crate) async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
            match change { $(Change::$name(change) => $family::run(cx, change).await),* }
        }
    };
}

// A plan of `setup` has this order.
families! {
    role: Role,
    log_group: LogGroup,
    topic: Topic,
    bucket: Bucket,
    function: Function,
    subscription: Subscription,
    organization: Organization,
    trail: Trail,
    event_rule: EventRule,
    notification: Notification,
    alarm: Alarm,
}

/// Reads everything that the design names from AWS, all at once. The region's trails, and which of them log management events,
/// are known already: they decide what the user is asked before there is a design.
///
/// # Errors
/// AWS refuses, except by a denial, which counts as something seen.
pub(crate) async fn observe(
    aws: &Aws,
    design: &Design,
    trails: Seen<Vec<trail::State>>,
    management: Vec<trail::State>,
) -> Result<Observed, AwsError> {
    let topic_and_subscription = async {
        let topic = topic::observe(aws, design).await?;
        // Subscriptions are listed only for a topic that can be seen.
        let subscription = match &topic {
            Seen::There(_) => subscription::observe(aws, design).await?,
            Seen::Absent => Seen::Absent,
            Seen::Denied(action) => Seen::Denied(action),
        };
        Ok((topic, subscription))
    };
    let (
        role,
        log_group,
        (topic, subscription),
        bucket,
        function,
        organization,
        trail,
        event_rule,
        notification,
        alarm,
    ) = tokio::try_join!(
        role::observe(aws, design),
        log_group::observe(aws, design),
        topic_and_subscription,
        bucket::observe(aws, design),
        function::observe(aws, design),
        organization::observe(aws, design),
        trail::observe(aws, design, trails, management),
        event_rule::observe(aws, design),
        notification::observe(aws, design),
        alarm::observe(aws, design),
    )?;
    Ok(Observed {
        role,
        log_group,
        topic,
        bucket,
        function,
        subscription,
        organization,
        trail,
        event_rule,
        notification,
        alarm,
    })
}
