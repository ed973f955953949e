//! Answers resolved into a design: what is still open gets its default.

use std::collections::BTreeSet;

use super::{Answers, Any, Notify, Origin, Source, Trail, values::LogRetentionDays};
use crate::{
    aws::Caller,
    connection::{
        AccountId, Arn, ConnectionId, ConnectionName, Design, Feed, Named, Organization, Region,
        names::{self, RoleName, RolePath, TrailName},
    },
};

impl Answers {
    /// Fills in what is still open, and returns the design of the connection.
    #[must_use]
    pub(crate) fn design(
        &mut self,
        id: ConnectionId,
        name: &ConnectionName,
        caller: &Caller,
        region: &Region,
        plain_http: bool,
    ) -> Design {
        self.fill_in(name, &caller.account, region);
        let (role_path, role) = self.path_and_role();
        let dead_letter = self.dead_letter.get();
        let alarm = self.alarm.get();
        let days = self.log_retention_days.get().copied();
        Design {
            id,
            name: name.clone(),
            account: caller.account.clone(),
            partition: caller.partition,
            region: region.clone(),
            feed: self.feed(),
            organization: self.organization(),
            trail: match self.trail.get() {
                Some(Trail::Name(name)) => name.clone(),
                Some(Trail::Arn(_)) | None => TrailName::default(),
            },
            bucket: self.bucket.get().cloned().unwrap_or_default(),
            prefix: self.prefix.get().cloned().unwrap_or_default(),
            topic: self.topic.get().cloned().expect("it was filled in"),
            function: self.function.get().cloned().expect("it was filled in"),
            role,
            role_path,
            own_role: !self.role_arn.is_given(),
            permissions_boundary: self.permissions_boundary.get().cloned(),
            retention_days: self.retention_days.get().map(|days| days.days()),
            log_retention_days: days.unwrap_or(LogRetentionDays::DEFAULT).days(),
            kms_key: self.kms_key.get().cloned(),
            dead_letter: dead_letter.and_then(|arn| arn.as_str().parse().ok()),
            alarm: alarm.and_then(|arn| arn.as_str().parse().ok()),
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

    /// Sets the defaults of answers that were not given.
    fn fill_in(&mut self, name: &ConnectionName, account: &AccountId, region: &Region) {
        const FITS: &str = "a default name fits every service";
        let default = names::default_name(name);
        if !self.uses_existing() {
            self.trail.default_to(default.parse().expect(FITS));
            let bucket = names::default_bucket(name, account, region);
            self.bucket.default_to(bucket);
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

    /// Returns path and name of the function's role: those in the ARN of an existing role, if one is given, otherwise those
    /// that were filled in.
    fn path_and_role(&self) -> (RolePath, RoleName) {
        if let Some(arn) = self.role_arn.get() {
            return role_of(arn.as_str());
        }
        let path = self.role_path.get().cloned().expect("it was filled in");
        let name = self.role.get().cloned().expect("it was filled in");
        (path, name)
    }

    /// Returns the organization, once both its id and its management account are known.
    fn organization(&self) -> Option<Organization> {
        if !self.covers_organization() {
            return None;
        }
        Some(Organization {
            id: self.org_id.get()?.to_string(),
            management: self.management_account.get()?.clone(),
        })
    }

    /// Returns how the forwarder learns of log files, from the answers of step 2.
    fn feed(&self) -> Feed {
        if !self.uses_existing() {
            return Feed::New;
        }
        let trail = match self.trail.get() {
            Some(Trail::Arn(arn)) => Some(arn.clone()),
            Some(Trail::Name(_)) | None => None,
        };
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

    /// Returns the answers about resources that may not be ours, selected by their origin.
    fn named(&self, from: impl Fn(Origin) -> bool) -> BTreeSet<Named> {
        self.each()
            .filter(|(_, answer)| answer.origin().is_some_and(&from))
            .filter_map(|(entry, _)| Named::of_flag(entry.key))
            .collect()
    }
}

/// Returns path and name of a role, from its ARN.
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
