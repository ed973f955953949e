//! Trails that write into the same bucket, and have no digests: nothing tells their log files from what somebody else has put there.

use serde::{Deserialize, Serialize};

use super::digest::Trail;
use crate::{
    audit::{Place, folders::is_of_organization},
    connection::{AccountId, Arn, Design, Region},
    resources::trail,
};

/// A trail that writes into the same bucket, and whose log files no digest lists: its log file validation is off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Silent {
    pub(super) trail: Trail,
    /// Whether it writes in every region, not only in its home region.
    pub(super) everywhere: bool,
    /// The account whose folders it writes into; none if it is the trail of an organization.
    pub(super) account: Option<AccountId>,
}

impl Silent {
    /// Those among the trails that CloudTrail shows. The connection's own trail is none of them.
    #[must_use]
    pub(super) fn among(shown: &[trail::State], design: &Design, place: &Place<'_>) -> Vec<Self> {
        let own = design.trail_arn();
        let silent = shown
            .iter()
            .filter(|trail| !trail.validation && trail.arn != own && place.is_of(trail));
        silent.filter_map(Self::of).collect()
    }

    fn of(trail: &trail::State) -> Option<Self> {
        let arn: Arn = trail.arn.parse().ok()?;
        let account: AccountId = arn.account.parse().ok()?;
        Some(Self {
            trail: Trail {
                name: trail.name.clone(),
                home: trail.home_region.parse().ok()?,
            },
            everywhere: trail.multi_region,
            account: (!trail.organization).then_some(account),
        })
    }

    /// Whether it writes into a folder of log files. An organization's trail writes into the folder of its organization (CloudTrail
    /// user guide, "Finding your CloudTrail log files").
    #[must_use]
    pub(super) fn writes_into(&self, account: &AccountId, region: &Region, folder: &str) -> bool {
        let of_organization = is_of_organization(folder);
        let fits = match &self.account {
            Some(own) => own == account && !of_organization,
            None => of_organization,
        };
        fits && (self.everywhere || self.trail.home == *region)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        aws::served,
        connection::{Feed, fixture},
    };

    fn shown(name: &str, bucket: &str) -> trail::State {
        let arn = format!("arn:aws:cloudtrail:eu-west-1:111122223333:trail/{name}");
        trail::State {
            validation: false,
            ..trail::State::fixture(&arn, bucket)
        }
    }

    #[tokio::test]
    async fn trails_without_validation_that_write_into_the_same_folders_are_silent() {
        for feed in [Feed::New, Feed::Bucket { trail: None }] {
            let design = fixture::design(feed);
            let aws = served::aws(&design, |_| None).await;
            let bucket = design.bucket.to_string();
            let place = Place {
                s3: &aws.s3,
                bucket: &bucket,
                owner: Some(&design.account),
                prefix: "",
            };
            let mut signs = shown("signs", &bucket);
            signs.validation = true;
            let mut own = shown("own", &bucket);
            own.arn = design.trail_arn();
            let mut local = shown("local", &bucket);
            local.multi_region = false;
            let mut of_all = shown("of-all", &bucket);
            of_all.organization = true;
            let mut prefixed = shown("prefixed", &bucket);
            prefixed.prefix = "p".to_owned();
            let elsewhere = shown("elsewhere", "another");
            let all = [signs, own, local, of_all, prefixed, elsewhere];
            let silent = Silent::among(&all, &design, &place);
            let names: Vec<&str> = silent.iter().map(|one| one.trail.name.as_str()).collect();
            assert_eq!(names, ["local", "of-all"]);
            let writes = |number: usize, region: &str, folder: &str| {
                let account = "111122223333".parse().unwrap();
                silent[number].writes_into(&account, &region.parse().unwrap(), folder)
            };
            let plain = "AWSLogs/111122223333/CloudTrail/eu-west-1/";
            let of_organization = "AWSLogs/o-abc/111122223333/CloudTrail/eu-west-1/";
            assert!(writes(0, "eu-west-1", plain));
            assert!(!writes(0, "us-east-1", plain));
            assert!(!writes(0, "eu-west-1", of_organization));
            assert!(!writes(1, "eu-west-1", plain));
            assert!(writes(1, "us-east-1", of_organization));
            let another = "222233334444".parse().unwrap();
            let region = "eu-west-1".parse().unwrap();
            assert!(!silent[0].writes_into(&another, &region, plain));
        }
    }
}
