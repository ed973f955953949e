//! Answers resolved into a design: what is still open gets its default.

use std::collections::BTreeSet;

use super::{Answers, Any, Notify, Origin, Source, Trail, values::LogRetentionDays};
use crate::{
    aws::Caller,
    connection::{
        AccountId, Arn, ConnectionId, ConnectionName, Design, Feed, Named, Organization, Region,
        names::{self, RoleName, RolePath},
    },
};

impl Answers {
    /// Fills in what is still open, and gives the design of the connection.
    #[must_use]
    pub fn design(
        &mut self,
        id: ConnectionId,
        name: &ConnectionName,
        caller: &Caller,
        region: &Region,
        plain_http: bool,
    ) -> Design {
        self.fill_in(name, &caller.account, region);
        let brought = self.role_arn.get().map(|arn| role_of(arn.as_str()));
        let own_role = brought.is_none();
        let (role_path, role) = brought.unwrap_or_else(|| {
            let filled = (self.role_path.get().cloned(), self.role.get().cloned());
            (
                filled.0.expect("it was filled in"),
                filled.1.expect("it was filled in"),
            )
        });
        let dead_letter = self.dead_letter.get();
        let days = self.log_retention_days.get().copied();
        Design {
            id,
            name: name.clone(),
            account: caller.account.clone(),
            partition: caller.partition,
            region: region.clone(),
            feed: self.feed(),
            organization: self.organization(),
            trail: self
                .trail
                .get()
                .map(ToString::to_string)
                .unwrap_or_default(),
            bucket: self.bucket.get().cloned().unwrap_or_default(),
            prefix: self.prefix.get().cloned().unwrap_or_default(),
            topic: self.topic.get().cloned().expect("it was filled in"),
            function: self.function.get().cloned().expect("it was filled in"),
            role,
            role_path,
            own_role,
            permissions_boundary: self.permissions_boundary.get().map(ToString::to_string),
            retention_days: self.retention_days.get().map(|days| days.days()),
            log_retention_days: days.unwrap_or(LogRetentionDays::DEFAULT).days(),
            kms_key: self.kms_key.get().map(ToString::to_string),
            dead_letter: dead_letter.and_then(|arn| arn.as_str().parse().ok()),
            tags: self
                .tags
                .get()
                .into_iter()
                .flat_map(|tags| tags.pairs())
                .collect(),
            given: self.named(|origin| ![Origin::Saved, Origin::Default].contains(&origin)),
            saved: self.named(|origin| origin == Origin::Saved),
            plain_http,
        }
    }

    /// Defaults for what nobody has said.
    fn fill_in(&mut self, name: &ConnectionName, account: &AccountId, region: &Region) {
        const FITS: &str = "a default name fits every service";
        let default = names::default_name(name);
        if !self.uses_existing() {
            self.trail.default_to(default.parse().expect(FITS));
            let bucket = names::default_bucket(name, account, region);
            self.bucket.default_to(bucket.parse().expect(FITS));
        }
        self.organization.default_to(false);
        self.resources.default_to(Source::New);
        self.topic.default_to(default.parse().expect(FITS));
        self.function.default_to(default.parse().expect(FITS));
        if !self.role_arn.is_given() {
            self.role.default_to(default.parse().expect(FITS));
            self.role_path.default_to("/".parse().expect(FITS));
        }
        self.log_retention_days
            .default_to(LogRetentionDays::DEFAULT);
    }

    /// The organization, once both its id and its management account are known.
    fn organization(&self) -> Option<Organization> {
        if !self.covers_organization() {
            return None;
        }
        Some(Organization {
            id: self.org_id.get()?.to_string(),
            management: self.management_account.get()?.clone(),
        })
    }

    /// How the forwarder hears of log files, from the answers of step 2.
    fn feed(&self) -> Feed {
        if !self.uses_existing() {
            return Feed::New;
        }
        let trail = self.trail.get().map(Trail::to_string);
        match self.notify.get() {
            Some(Notify::Bucket) => Feed::Bucket { trail },
            Some(Notify::EventBridge) => Feed::EventBridge { trail },
            Some(Notify::Trail) => Feed::Trail {
                trail: trail.unwrap_or_default(),
            },
            None => Feed::Subscribe {
                trail: trail.unwrap_or_default(),
            },
        }
    }

    /// The answers about what may not be ours, by where they come from.
    fn named(&self, from: impl Fn(Origin) -> bool) -> BTreeSet<Named> {
        self.each()
            .filter(|(_, answer)| answer.origin().is_some_and(&from))
            .filter_map(|(entry, _)| Named::of_flag(entry.key))
            .collect()
    }
}

/// Path and name of a role, from its ARN.
fn role_of(arn: &str) -> (RolePath, RoleName) {
    let parsed: Arn = arn.parse().expect("the answer is an ARN");
    let path = parsed.resource.strip_prefix("role");
    let (path, name) = path
        .and_then(|path| path.rsplit_once('/'))
        .expect("the answer is the ARN of a role");
    const FITS: &str = "the answer was checked";
    (
        format!("{path}/").parse().expect(FITS),
        name.parse().expect(FITS),
    )
}
