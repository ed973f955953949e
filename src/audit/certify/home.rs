//! The folder in which there must be digests of the connection's trail.

use jiff::Timestamp;

use super::{
    Subject,
    chain::{HOUR, PERIOD},
    digest::{DigestKey, Trail},
    scope::has_expired,
};
use crate::{
    audit::{Folder, Objects, Window, folders::Owner, window::day_of, writers::own_among},
    connection::{AccountId, Arn, Design, Region},
    resources::trail,
    ui::Result,
};

/// Returns the folder in which there must be digests of the connection's trail: that of the trail's account and home region, if the
/// trail has logged long enough. CloudTrail delivers a digest every hour, so that one can also assert that no log file was delivered
/// (user guide, "Validating CloudTrail log file integrity"). Where it is not known which one it is, or another one than before, it is
/// that in which there are some.
pub(super) async fn home(
    subject: &Subject<'_>,
    trail: Option<&Trail>,
    folders: &[Folder],
) -> Result<Option<Folder>> {
    let arn: Option<Arn> = subject.design.trail_arn().parse().ok();
    let account: Option<AccountId> = arn.and_then(|arn| arn.account.parse().ok());
    let (Some(trail), Some(account)) = (trail.filter(|_| must_have_signed(subject)), account)
    else {
        return Ok(None);
    };
    let of_organization = match subject.source.trails {
        Some(trails) => trails.of_organization(),
        None => is_of_organization(subject, &trail.home).await,
    };
    let lists = [subject.folders, folders];
    let home = home_among(subject.design, of_organization, &trail.home, &lists);
    let is_other = |one: &&Folder| {
        (&one.account, &one.region) == (&account, &trail.home) && home.as_ref() != Some(*one)
    };
    let others: Vec<&Folder> = folders.iter().filter(is_other).collect();
    if !others.is_empty() {
        for folder in home.iter().chain(others) {
            if has_signed(subject, trail, folder).await? {
                return Ok(Some(folder.clone()));
            }
        }
    }
    // If it is not known, and there are none anywhere, they are missed in the folder of the account.
    let root = subject.design.log_prefix();
    let of_account = || Folder::new(&root, None, account, trail.home.clone());
    Ok(Some(home.unwrap_or_else(of_account)))
}

/// Whether there are digests of a trail in a folder that are about the window.
async fn has_signed(subject: &Subject<'_>, trail: &Trail, folder: &Folder) -> Result<bool> {
    let window = subject.window;
    let end = window.until.checked_add(HOUR).unwrap_or(window.until);
    let days = day_of(window.since)..=day_of(end);
    let mut objects = Objects::new(subject.source.place, &folder.digests, days);
    while let Some(object) = objects.next().await? {
        let key = DigestKey::parse(&object.key);
        let is_of_window = |key: DigestKey| {
            key.trail == *trail && !key.backfill && key.end > window.since && key.end < end
        };
        if key.is_some_and(is_of_window) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether the connection's trail, whose home region this is, is that of an organization, as far as CloudTrail shows it. Where the
/// bucket notifies, it may be the trail of another account, and need not be that of an organization.
async fn is_of_organization(subject: &Subject<'_>, home: &Region) -> Option<bool> {
    let known = of_organization(subject.design, subject.shown);
    if known.is_some() || subject.aws.region == *home {
        return known;
    }
    // A trail of one region shows in no other one.
    let shown = subject.source.regions.shown(subject.aws, home).await?;
    of_organization(subject.design, &shown)
}

/// Whether the connection's trail is that of an organization, if it is among these.
fn of_organization(design: &Design, shown: &[trail::State]) -> Option<bool> {
    let own: Arn = design.trail_arn().parse().ok()?;
    own_among(&own, shown).map(|own| own.organization)
}

/// The folder of the connection's trail in its home region. Where the connection and CloudTrail do not say which one that is, the first
/// of these lists of folders counts that has some for it: receipts may also tell of folders that another trail has filled.
fn home_among(
    design: &Design,
    of_organization: Option<bool>,
    region: &Region,
    lists: &[&[Folder]],
) -> Option<Folder> {
    let arn: Arn = design.trail_arn().parse().ok()?;
    let account: AccountId = arn.account.parse().ok()?;
    let root = design.log_prefix();
    let of = |organization: Option<&str>| {
        Folder::new(&root, organization, account.clone(), region.clone())
    };
    match Owner::of(design, of_organization, account.as_str(), lists) {
        Owner::Account => Some(of(None)),
        Owner::Organization(id) => Some(of(Some(id?.as_str()))),
        Owner::Unknown => {
            let is_home = |one: &&Folder| (&one.account, &one.region) == (&account, region);
            let mut found = lists.iter().map(|folders| {
                let found = folders.iter().filter(is_home);
                found.collect::<Vec<&Folder>>()
            });
            let Some(found) = found.find(|found| !found.is_empty()) else {
                return Some(of(None));
            };
            match found.as_slice() {
                [only] => Some((*only).clone()),
                _ => None,
            }
        }
    }
}

/// Whether the window has time of which a digest must have come, and cannot have expired. The trail logs at the latest since the
/// connection was made. A digest is about an hour, so at least one is about the hour of a time that is over; the latest ones may be
/// on their way.
fn must_have_signed(subject: &Subject<'_>) -> bool {
    let (window, connection) = (subject.window, subject.source.connection);
    let Ok(created) = connection.created_at.parse::<Timestamp>() else {
        return false;
    };
    signed_until(window, created)
        .is_some_and(|until| !has_expired(subject.expire_after_days, until, window.now))
}

/// The end of the time of which a digest must have come, if there is such time in the window. The trail was made some time after the
/// connection.
fn signed_until(window: &Window, created: Timestamp) -> Option<Timestamp> {
    let due = window.now.checked_sub(PERIOD).unwrap_or(window.now);
    let (from, until) = (window.since.max(created), window.until.min(due));
    let length = until.duration_since(from);
    let is_over = window.until <= due && created <= window.since;
    let enough = length > PERIOD || is_over && length >= HOUR;
    enough.then_some(until)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connection::{Feed, Organization, fixture};

    const ROOT: &str = "AWSLogs/";

    fn plain(account: &str, region: &str) -> Folder {
        Folder::new(
            ROOT,
            None,
            account.parse().unwrap(),
            region.parse().unwrap(),
        )
    }

    fn of_organization(id: &str, region: &str) -> Folder {
        let account = "111122223333".parse().unwrap();
        Folder::new(ROOT, Some(id), account, region.parse().unwrap())
    }

    #[test]
    fn the_folder_of_an_organizations_trail_is_that_of_the_bucket_whatever_else_has_receipts() {
        let region: Region = "eu-west-1".parse().unwrap();
        let design = fixture::design(Feed::Trail {
            trail: fixture::their_trail(),
        });
        let home = |shown: Option<bool>, bucket: &[Folder], receipts: &[Folder]| {
            let all = [bucket, receipts].concat();
            home_among(&design, shown, &region, &[bucket, &all])
        };
        let ours = of_organization("o-ours", "eu-west-1");
        let left = of_organization("o-left", "eu-west-1");
        let elsewhere = of_organization("o-ours", "us-east-1");
        let account = plain("111122223333", "eu-west-1");
        for (shown, bucket, receipts, expected) in [
            (Some(true), &ours, &left, Some(&ours)),
            // Nothing is left of the home folder, but something of another one of the account.
            (Some(true), &elsewhere, &left, Some(&ours)),
            (None, &ours, &left, Some(&ours)),
            (None, &ours, &account, Some(&ours)),
            (Some(false), &ours, &left, Some(&account)),
        ] {
            let bucket = std::slice::from_ref(bucket);
            let found = home(shown, bucket, std::slice::from_ref(receipts));
            assert_eq!(
                found.as_ref(),
                expected,
                "{shown:?} {bucket:?} {receipts:?}"
            );
        }
        // The bucket tells nothing: receipts do, unless they tell of two.
        let two = [ours.clone(), left.clone()];
        for shown in [Some(true), None] {
            assert_eq!(home(shown, &[], &two[..1]).as_ref(), Some(&ours));
            assert_eq!(home(shown, &[], &two), None);
        }
        assert_eq!(home(Some(true), &[], &[]), None);
        assert_eq!(home(None, &[], &[]).as_ref(), Some(&account));
        // The connection says it itself.
        let mut known = fixture::design(Feed::New);
        known.organization = Some(Organization {
            id: "o-left".to_owned(),
            management: "111122223333".parse().unwrap(),
        });
        let lists = [std::slice::from_ref(&ours)];
        let found = home_among(&known, Some(true), &region, &lists);
        assert_eq!(found.as_ref(), Some(&left));
    }

    #[test]
    fn where_the_bucket_notifies_a_foreign_organizations_folder_is_not_that_of_the_trail() {
        let design = fixture::design(Feed::Bucket {
            trail: Some(fixture::their_trail()),
        });
        let region: Region = "eu-west-1".parse().unwrap();
        let account = plain("111122223333", "eu-west-1");
        let foreign = of_organization("o-left", "eu-west-1");
        let own = |organization: bool| trail::State {
            organization,
            ..trail::State::fixture(&design.trail_arn(), "logs")
        };
        for (shown, expected, bucket) in [
            (vec![own(false)], Some(&account), vec![foreign.clone()]),
            (
                vec![own(false)],
                Some(&account),
                vec![account.clone(), foreign.clone()],
            ),
            (
                vec![own(true)],
                Some(&foreign),
                vec![account.clone(), foreign.clone()],
            ),
            // CloudTrail does not show it.
            (vec![], Some(&foreign), vec![foreign.clone()]),
            (vec![], None, vec![account.clone(), foreign.clone()]),
        ] {
            let known = super::of_organization(&design, &shown);
            let home = home_among(&design, known, &region, &[&bucket]);
            assert_eq!(home.as_ref(), expected, "{known:?} {bucket:?}");
        }
        let none = fixture::design(Feed::Bucket { trail: None });
        assert_eq!(super::of_organization(&none, &[own(true)]), None);
    }

    #[test]
    fn a_time_that_is_over_must_have_a_digest_if_it_is_an_hour_long() {
        let at = |text: &str| -> Timestamp { text.parse().unwrap() };
        let old = at("2026-11-01T00:00:00Z");
        for (since, until, created, expected) in [
            // It is over.
            ("08:00", "09:00", old, true),
            ("08:00", "10:00", old, true),
            ("08:00", "08:59", old, false),
            // Its digests may be on their way.
            ("09:00", "10:01", old, false),
            ("10:00", "12:00", old, false),
            ("07:59", "12:00", old, true),
            ("08:00", "12:00", old, false),
            // The trail was made in it.
            ("00:00", "10:00", at("2026-11-27T08:00:00Z"), false),
            ("00:00", "10:00", at("2026-11-27T07:59:00Z"), true),
            ("00:00", "10:00", at("2026-11-27T11:00:00Z"), false),
        ] {
            let time = |clock: &str| at(&format!("2026-11-27T{clock}:00Z"));
            let window = Window {
                since: time(since),
                until: time(until),
                grace: jiff::SignedDuration::ZERO,
                now: time("12:00"),
            };
            let found = signed_until(&window, created).is_some();
            assert_eq!(found, expected, "{since} {until} {created}");
        }
    }
}
