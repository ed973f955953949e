//! Checks whether answers fit together, and whether they fit the caller.

use super::{Answers, Any, Origin, Source, Trail, must_fit};
use crate::{
    aws::Caller,
    connection::{Arn, Region},
    ui::{Result, t},
};

impl Answers {
    /// Checks that ARNs among the answers are of the caller's partition, and some of them of its account and region. All
    /// complaints are reported at once.
    pub(crate) fn fit_caller(&self, caller: &Caller, region: &Region) -> Result<()> {
        let answers: [(&str, &dyn Any); 6] = [
            ("trail", &self.trail),
            ("role-arn", &self.role_arn),
            ("permissions-boundary", &self.permissions_boundary),
            ("kms-key", &self.kms_key),
            ("dead-letter", &self.dead_letter),
            ("alarm", &self.alarm),
        ];
        let mut complaints = Vec::new();
        for (key, answer) in answers {
            let text = answer.to_json();
            let text = text.as_ref().and_then(|text| text.as_str());
            let Some(arn) = text.and_then(|text| text.parse::<Arn>().ok()) else {
                continue;
            };
            let (partition, account) = (caller.partition.as_str(), caller.account.as_str());
            let own = ["role-arn", "dead-letter"].contains(&key);
            // An alarm tells topics of its own region only (CloudWatch user guide, "Notifying users on alarm changes").
            let near = ["dead-letter", "alarm"].contains(&key);
            if arn.partition != partition {
                complaints.push(t!(
                    "arn-partition",
                    flag = key,
                    arn = arn,
                    partition = partition
                ));
            } else if own && arn.account != account {
                complaints.push(t!("arn-account", flag = key, arn = arn, account = account));
            } else if near && arn.region != region.as_str() {
                complaints.push(t!("arn-region", flag = key, arn = arn, region = region));
            }
        }
        must_fit(complaints)
    }

    /// Refuses answers that do not fit together, all at once.
    pub(crate) fn fit_together(&self) -> Result<()> {
        let mut complaints = Vec::new();
        if !self.covers_organization() {
            let given: [(&str, &dyn Any); 3] = [
                ("org-id", &self.org_id),
                ("management-account", &self.management_account),
                ("accounts", &self.accounts),
            ];
            let given = given.into_iter().filter(|(_, answer)| answer.is_given());
            complaints.extend(given.map(|(flag, _)| t!("only-organization", flag = flag)));
        }
        if self.role_arn.is_given() {
            let given: [(&str, &dyn Any); 3] = [
                ("role", &self.role),
                ("role-path", &self.role_path),
                ("permissions-boundary", &self.permissions_boundary),
            ];
            // Defaults do not count, only answers that were given.
            let said = |answer: &dyn Any| answer.origin().is_some_and(|one| one != Origin::Default);
            let given = given.into_iter().filter(|(_, answer)| said(*answer));
            complaints.extend(given.map(|(flag, _)| t!("not-with-role-arn", flag = flag)));
        }
        match self.resources.get() {
            Some(Source::New) => {
                if self.notify.is_given() {
                    complaints.push(t!("only-existing", flag = "notify"));
                }
                if self.kms_key.is_given() {
                    complaints.push(t!("only-existing", flag = "kms-key"));
                }
                if matches!(self.trail.get(), Some(Trail::Arn(_))) {
                    complaints.push(t!("trail-name-only"));
                }
            }
            Some(Source::Existing) if self.retention_days.is_given() => {
                complaints.push(t!("only-new", flag = "retention-days"));
            }
            Some(Source::Existing) | None => {}
        }
        must_fit(complaints)
    }
}
