//! Trails that only their own region shows.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use tokio::sync::OnceCell;

use super::beside::Beside;
use crate::{
    audit::Place,
    aws::Aws,
    connection::Region,
    resources::{seen::Seen, trail},
    ui::{Failure, t},
};

/// The names of the other trails that a region shows, or why it does not show them.
type Names = Result<BTreeSet<String>, String>;

/// The regions that were asked for their trails, each once. Who asks for the same one meanwhile waits for its answer.
#[derive(Debug, Default)]
pub(super) struct Regions(RefCell<BTreeMap<Region, Rc<OnceCell<Names>>>>);

impl Regions {
    /// Whether a region is known to show no other trail that writes into its folders of this place.
    pub(super) async fn show_none(
        &self,
        aws: &Aws,
        place: &Place<'_>,
        beside: &Beside,
        region: &Region,
    ) -> bool {
        // The trails that show in the connection's own region are known.
        if aws.region == *region {
            return true;
        }
        let asked = Rc::clone(self.0.borrow_mut().entry(region.clone()).or_default());
        let names = asked.get_or_init(|| ask(aws, place, beside, region)).await;
        names.as_ref().is_ok_and(BTreeSet::is_empty)
    }

    /// The names of the trails that were found.
    pub(super) fn names(&self) -> BTreeSet<String> {
        let asked = self.0.borrow();
        let names = asked
            .values()
            .filter_map(|names| names.get()?.as_ref().ok());
        names.flatten().cloned().collect()
    }

    /// The regions that do not show their trails, and why.
    pub(super) fn unseen(&self) -> BTreeMap<Region, String> {
        let asked = self.0.borrow();
        let unseen = asked.iter().filter_map(|(region, names)| {
            let cause = names.get()?.as_ref().err()?;
            Some((region.clone(), cause.clone()))
        });
        unseen.collect()
    }
}

/// Asks a region for its trails. Whatever it does not answer leaves open whose its files are, and only that. It may refuse a caller
/// whom other regions accept: because of a policy on `aws:RequestedRegion`, or because the account has not enabled it.
async fn ask(aws: &Aws, place: &Place<'_>, beside: &Beside, region: &Region) -> Names {
    match trail::list_in(aws, region).await {
        Ok(Seen::There(shown)) => {
            let others = shown.iter().filter_map(|trail| beside.named(place, trail));
            let others = others.filter(|(_, is_heard)| !is_heard);
            Ok(others.map(|(trail, _)| trail.name).collect())
        }
        Ok(Seen::Absent) => Ok(BTreeSet::new()),
        Ok(Seen::Denied(action)) => Err(t!("audit-trails-denied", action = action)),
        Err(error) => Err(Failure::from(error).message),
    }
}
