//! Which trails write where the connection's trail does.

use crate::{
    audit::{Place, certify::Trail},
    connection::{Arn, Design},
    resources::trail,
};

/// The connection's trail, as far as it takes that to know others beside it.
#[derive(Debug)]
pub(super) struct Beside {
    own: Arn,
    /// The connection's topic.
    topic: String,
    /// Whether it is the trail of an organization, if that is known.
    pub(super) of_organization: Option<bool>,
}

impl Beside {
    /// `shown` are the trails that CloudTrail shows in the connection's region. `None` if the connection's trail is not known.
    #[must_use]
    pub(super) fn new(design: &Design, shown: &[trail::State]) -> Option<Self> {
        let own: Arn = design.trail_arn().parse().ok()?;
        let of_organization = own_among(&own, shown).map(|own| own.organization);
        // Of the trails of other accounts, only those of its organization are visible in an account.
        let of_organization = match &design.organization {
            None if own.account == design.account.as_str() => of_organization,
            _ => of_organization.or(Some(true)),
        };
        Some(Self {
            own,
            topic: design.topic_arn(),
            of_organization,
        })
    }

    /// The connection's trail among these.
    #[must_use]
    pub(super) fn own<'s>(&self, shown: &'s [trail::State]) -> Option<&'s trail::State> {
        own_among(&self.own, shown)
    }

    /// The name of the connection's trail.
    #[must_use]
    pub(super) fn own_name(&self) -> Option<Trail> {
        Trail::of(&self.own)
    }

    /// The name of a trail that writes into the same folders as the connection's, and whether it notifies the same topic. `None` of
    /// any other one, and of the connection's own.
    #[must_use]
    pub(super) fn named(&self, place: &Place<'_>, trail: &trail::State) -> Option<(Trail, bool)> {
        let arn: Arn = trail.arn.parse().ok()?;
        let beside = arn != self.own
            && arn.account == self.own.account
            && place.is_of(trail)
            && trail.organization == (self.of_organization == Some(true));
        let is_heard = trail.topic_arn.as_ref() == Some(&self.topic);
        Some((Trail::of(&arn).filter(|_| beside)?, is_heard))
    }

    /// The names of those among these that write into the same folders, and do not notify the same topic.
    pub(super) fn others(
        &self,
        place: &Place<'_>,
        shown: &[trail::State],
    ) -> impl Iterator<Item = String> {
        let named = shown.iter().filter_map(|trail| self.named(place, trail));
        let others = named.filter(|(_, is_heard)| !is_heard);
        others.map(|(trail, _)| trail.name)
    }
}

/// The trail with this ARN among these.
#[must_use]
pub(in crate::audit) fn own_among<'s>(
    own: &Arn,
    shown: &'s [trail::State],
) -> Option<&'s trail::State> {
    let mut shown = shown.iter();
    shown.find(|trail| trail.arn.parse::<Arn>().is_ok_and(|arn| arn == *own))
}
