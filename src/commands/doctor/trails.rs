//! The trails of the region: how many there are, what they log, whose they are, and what a further one costs.

use crate::{
    aws::Aws,
    connection::{AccountId, Kind},
    health::{About, Check},
    resources::{
        seen::Seen,
        trail::{self, State},
    },
    ui::{Result, t},
};

/// What was seen of the trails.
pub(super) struct Trails {
    account: AccountId,
    /// All that are visible in the region.
    pub(super) all: Seen<Vec<State>>,
    /// Those that log management events.
    pub(super) management: Vec<State>,
}

pub(super) async fn look(aws: &Aws) -> Result<Trails> {
    let all = trail::list(aws).await?;
    let management = trail::management_trails(aws, &all).await?;
    Ok(Trails {
        account: aws.caller.account.clone(),
        all,
        management,
    })
}

impl Trails {
    /// The trails, one by one, and that of Control Tower.
    pub(super) fn checks(&self) -> Vec<Check> {
        let Seen::There(list) = &self.all else {
            let action = self.all.denied().unwrap_or_default();
            return vec![Check::new(
                About::Trails,
                None,
                t!("status-unseen", action = action),
            )];
        };
        let own = trail::of_account(list, &self.account).count();
        let room = own < trail::LIMIT;
        let count = t!("doctor-trails", count = own);
        let mut checks = vec![Check::new(About::Trails, Some(room), count)];
        checks.extend(list.iter().map(|one| {
            let logs = self.management.iter().any(|trail| trail.arn == one.arn);
            let detail = match logs {
                true => t!("doctor-trail-management", trail = one.arn),
                false => one.arn.clone(),
            };
            Check::new(About::Part(Kind::Trail), Some(true), detail)
        }));
        let control_tower = list.iter().find(|one| one.is_control_tower());
        checks.push(match control_tower {
            Some(trail) => {
                let remark = t!("doctor-control-tower", trail = trail.arn);
                Check::remark(About::ControlTower, remark)
            }
            None => Check::new(
                About::ControlTower,
                Some(true),
                t!("doctor-no-control-tower"),
            ),
        });
        checks
    }

    /// What a further trail costs, if it costs something.
    pub(super) fn cost(&self) -> Option<Check> {
        let billed = !self.management.is_empty();
        billed.then(|| Check::remark(About::Cost, t!("doctor-cost")))
    }
}
