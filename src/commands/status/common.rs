//! What looks at several connections share: one sign-in to AWS for each region, and one list of its trails.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tokio::sync::OnceCell;

use crate::{
    aws::Aws,
    commands::{app::App, session},
    connection::Region,
    resources::{
        seen::Seen,
        trail::{self, State},
    },
    ui::{Failure, Result},
};

/// A value for each region; without a region, for that of the credentials.
type Regions<T> = Mutex<HashMap<Option<Region>, Arc<OnceCell<T>>>>;

/// What looks share.
#[derive(Default)]
pub(super) struct Common {
    signed_in: Regions<Aws>,
    trails: Regions<Seen<Vec<State>>>,
}

impl Common {
    /// Signs in to AWS in a region, unless that is done.
    pub(super) async fn aws(&self, app: &App, region: Option<&Region>) -> Result<Aws> {
        let signed_in = cell(&self.signed_in, region);
        let sign_in = || async {
            let mut options = session::aws_options(app).await?;
            if let Some(region) = region {
                options.region = Some(region.clone());
            }
            Aws::connect(&options).await
        };
        signed_in.get_or_try_init(sign_in).await.cloned()
    }

    /// The trails of the region, listed once.
    pub(super) async fn trails(&self, aws: &Aws) -> Result<Seen<Vec<State>>> {
        let trails = cell(&self.trails, Some(&aws.region));
        let list = || async { trail::list(aws).await.map_err(Failure::from) };
        trails.get_or_try_init(list).await.cloned()
    }

    /// Forgets the trails: they are listed again for the next look.
    pub(super) fn forget_trails(&mut self) {
        self.trails = Mutex::default();
    }
}

fn cell<T>(regions: &Regions<T>, region: Option<&Region>) -> Arc<OnceCell<T>> {
    let mut regions = regions.lock().expect("nobody panics while holding it");
    Arc::clone(regions.entry(region.cloned()).or_default())
}
