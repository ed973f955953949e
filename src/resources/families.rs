//! All families together. Each is one line of the list below; one that lacks a part does not compile.

use super::{
    bucket,
    cx::Cx,
    event_rule, function, log_group, notification, organization,
    planned::{Across, Claim, Journal, Planned, Removing, Shown},
    role,
    seen::{Mark, Seen},
    step::{self, Facts},
    subscription, topic, trail,
};
use crate::{
    aws::{Aws, error::AwsError},
    connection::{Design, Kind},
    policy::grant::{Grant, Purpose},
    ui::Result,
};

/// A step of a plan.
pub type Step = step::Step<Change>;

macro_rules! families {
    ($($family:ident: $name:ident,)*) => {
        /// A change, of whatever family.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Change {
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
        pub struct Observed {
            $(pub $family: $family::Observed),*
        }

        impl Observed {
            /// What `setup` needs, family by family.
            #[must_use]
            pub fn setup(
                &self,
                design: &Design,
                journal: Journal<'_>,
                across: &Across,
            ) -> Vec<Planned<Change>> {
                vec![$(
                    $family::setup(design, &self.$family, journal, across).map(Change::$name)
                ),*]
            }

            /// What `remove` needs, family by family: in the reverse order of `setup`.
            #[must_use]
            pub fn remove(
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

            /// What a manifest of a design may claim, and how surely each is seen to be there.
            #[must_use]
            pub fn shown(&self, design: &Design, across: &Across) -> Vec<(Claim, Shown)> {
                let mut all = Vec::new();
                $(
                    all.extend($family::claims(design).into_iter().map(|claim| {
                        let shown = $family::shown(design, &self.$family, across, claim.kind);
                        (claim, shown)
                    }));
                )*
                all
            }

            /// The marks that tell whose connection was found.
            pub fn marks(&self) -> impl Iterator<Item = &Mark> {
                [$($family::mark(&self.$family)),*].into_iter().flatten()
            }
        }

        /// What a manifest of a design may claim.
        #[must_use]
        pub fn claims(design: &Design) -> Vec<Claim> {
            let mut all = Vec::new();
            $(all.extend($family::claims(design));)*
            all
        }

        /// What a caller needs for a purpose, from the files that make the calls.
        #[must_use]
        pub fn grants(design: &Design, purpose: Purpose) -> Vec<Grant> {
            let mut all = vec![Grant::new(&["sts:GetCallerIdentity"], "*")];
            $(all.extend($family::grants(design, purpose));)*
            all
        }

        /// Carries a change out. Every one is safe to repeat: what is there already and ours counts as done.
        ///
        /// # Errors
        /// What AWS refuses, or that something under our name is not ours.
        pub async fn run(cx: Cx<'_>, change: &Change) -> Result<()> {
            match change { $(Change::$name(change) => $family::run(cx, change).await),* }
        }
    };
}

// In the order of a plan of `setup`.
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
}

/// Looks at everything that the design names, at once. The region's trails, and which of them log management events, are
/// known already: they decide what is asked before there is a design.
///
/// # Errors
/// What AWS refuses other than by a denial, which is something seen.
pub async fn observe(
    aws: &Aws,
    design: &Design,
    trails: Seen<Vec<trail::State>>,
    management: Vec<trail::State>,
) -> Result<Observed, AwsError> {
    let topic_and_subscription = async {
        let topic = topic::observe(aws, design).await?;
        // Of a topic that is not seen, nothing is listed.
        let subscription = match &topic {
            Seen::There(_) => subscription::observe(aws, design).await?,
            Seen::Absent | Seen::Denied(_) => Seen::Absent,
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
    })
}
