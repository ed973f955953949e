//! Which worlds can be in one sandbox, and which account a profile names.

use super::*;

fn there(world: World, resources: Vec<Resource>) -> Seeded {
    Seeded {
        world,
        resources,
        next: next(world),
    }
}

#[test]
fn two_organizations_cannot_be_in_one_sandbox_and_anything_else_can() {
    use World::{ControlTower, Organization, Topic, Trail};
    assert!(must_combine(&[Trail, Topic, Organization], &[]).is_ok());
    assert!(must_combine(&[ControlTower], &[there(Trail, Vec::new())]).is_ok());
    assert!(must_combine(&[ControlTower], &[there(ControlTower, Vec::new())]).is_ok());
    let both = must_combine(&[Organization, ControlTower], &[]).unwrap_err();
    assert!(
        both.hints.is_empty(),
        "nothing is there that could be reset"
    );
    let present = [there(Organization, Vec::new())];
    let second = must_combine(&[ControlTower], &present).unwrap_err();
    assert_eq!(second.hints.len(), 1);
}

#[test]
fn a_profile_names_an_account_that_is_there() {
    let mut archive = Part::Account.of(organization::LOG_ARCHIVE.1);
    archive.name = Some(organization::LOG_ARCHIVE.0.to_owned());
    let present = [there(World::ControlTower, vec![archive])];
    let id = |profile, present: &[Seeded]| account_of(profile, present).map(|id| id.to_string());
    assert_eq!(id("log-archive", &present).unwrap(), "222233334444");
    assert_eq!(id("default", &[]).unwrap(), default_account().as_str());
    let unknown = id("log-archive", &[]).unwrap_err();
    assert!(unknown.message.contains("--profile"), "{}", unknown.message);
}

#[test]
fn what_is_recommended_is_for_the_sandbox() {
    use World::{ControlTower, Organization, Topic, Trail};
    for world in [Trail, Topic, Organization, ControlTower] {
        let lines = next(world);
        assert!(!lines.is_empty());
        for line in lines {
            assert!(line.starts_with("sophos-ct "), "{line}");
            assert!(line.contains(" --sandbox"), "{line}");
        }
    }
}
