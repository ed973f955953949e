//! Trails that only their own region shows.

use std::{cell::RefCell, collections::BTreeMap, rc::Rc};

use tokio::sync::OnceCell;

use crate::{
    aws::Aws,
    connection::Region,
    resources::{seen::Seen, trail},
    ui::{Failure, t},
};

/// The trails that a region shows, or why it does not show them.
type Shown = Result<Rc<Vec<trail::State>>, String>;

/// The regions that were asked for their trails, each once. Who asks for the same one meanwhile waits for its answer.
#[derive(Debug, Default)]
pub(crate) struct Regions(RefCell<BTreeMap<Region, Rc<OnceCell<Shown>>>>);

impl Regions {
    /// The trails that a region shows. `None` if it does not show them.
    pub(super) async fn shown(&self, aws: &Aws, region: &Region) -> Option<Rc<Vec<trail::State>>> {
        let asked = Rc::clone(self.0.borrow_mut().entry(region.clone()).or_default());
        let shown = asked.get_or_init(|| ask(aws, region)).await;
        shown.as_ref().ok().cloned()
    }

    /// All trails that were found.
    pub(super) fn all(&self) -> Vec<Rc<Vec<trail::State>>> {
        let asked = self.0.borrow();
        let all = asked.values().filter_map(|shown| {
            let shown = shown.get()?.as_ref().ok()?;
            Some(Rc::clone(shown))
        });
        all.collect()
    }

    /// The regions that do not show their trails, and why.
    #[must_use]
    pub(crate) fn unseen(&self) -> BTreeMap<Region, String> {
        let asked = self.0.borrow();
        let unseen = asked.iter().filter_map(|(region, shown)| {
            let cause = shown.get()?.as_ref().err()?;
            Some((region.clone(), cause.clone()))
        });
        unseen.collect()
    }
}

/// Asks a region for its trails. Whatever it does not answer leaves open whose its files are, and only that. It may refuse a caller
/// whom other regions accept: because of a policy on `aws:RequestedRegion`, or because the account has not enabled it.
async fn ask(aws: &Aws, region: &Region) -> Shown {
    match trail::list_in(aws, region).await {
        Ok(Seen::There(shown)) => Ok(Rc::new(shown)),
        Ok(Seen::Absent) => Ok(Rc::default()),
        Ok(Seen::Denied(action)) => Err(t!("audit-trails-denied", action = action)),
        Err(error) => Err(Failure::from(error).message),
    }
}
