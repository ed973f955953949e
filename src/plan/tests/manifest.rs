//! The manifest that a plan leaves: what Central records.

use super::world::{deployment, journal, manifest, nothing, whole};
use crate::{
    connection::{Design, Feed, Kind, Resources, fixture},
    plan::setup,
    resources::{
        families::Observed,
        function,
        seen::{Mark, Seen},
    },
};

/// The manifest of an earlier run, which deployed another version with other code.
fn recorded(design: &Design) -> Resources {
    let mut recorded = manifest(design);
    recorded.forwarder_version = Some("0.0.9".to_owned());
    for item in &mut recorded.items {
        item.digest = Some("recorded".to_owned());
    }
    recorded
}

/// Version and code of the function, as the manifest of a plan has them.
fn deployed(design: &Design, seen: &Observed, recorded: Option<&Resources>) -> [String; 2] {
    let manifest = setup(design, seen, journal(recorded)).manifest(design, recorded, true);
    let function = manifest.find(Kind::Function, &design.function_arn(), None);
    let digest = function.and_then(|item| item.digest.clone());
    [manifest.forwarder_version.unwrap(), digest.unwrap()]
}

#[test]
fn a_function_that_stays_keeps_its_recorded_version_and_code() {
    let design = fixture::design(Feed::New);
    let recorded = recorded(&design);
    let mut without_role = whole(&design);
    without_role.role = Seen::Absent;
    for seen in [whole(&design), without_role] {
        let found = deployed(&design, &seen, Some(&recorded));
        assert_eq!(found, ["0.0.9", "recorded"]);
    }
    // Nothing but the function's code has a digest that an earlier run may have recorded.
    let plan = setup(&design, &whole(&design), journal(Some(&recorded)));
    let manifest = plan.manifest(&design, Some(&recorded), true);
    let others = manifest.items.iter().filter(|item| item.digest.is_some());
    assert_eq!(others.count(), 1);
}

#[test]
fn a_function_that_is_deployed_is_recorded_with_this_version_and_code() {
    let design = fixture::design(Feed::New);
    let recorded = recorded(&design);
    let ours = [crate::VERSION, "00"];
    let mut outdated = whole(&design);
    if let Seen::There(state) = &mut outdated.function {
        state.runtime = "provided.al2".to_owned();
    }
    let mut gone = whole(&design);
    gone.function = Seen::Absent;
    for seen in [outdated, gone] {
        assert_eq!(deployed(&design, &seen, Some(&recorded)), ours);
    }
    assert_eq!(deployed(&design, &nothing(), None), ours);
    // A manifest that knows no version, and not this function.
    let unknown = Resources::default();
    assert_eq!(deployed(&design, &whole(&design), Some(&unknown)), ours);
}

#[test]
fn the_manifest_names_role_function_and_bucket() {
    let design = fixture::design(Feed::New);
    for (seen, id, complete) in [
        (whole(&design), Some("AROAEXAMPLE".to_owned()), true),
        (nothing(), None, false),
    ] {
        let found = setup(&design, &seen, journal(None)).manifest(&design, None, complete);
        let expected = Resources {
            forwarder_role: Some(design.role_arn()),
            forwarder_role_id: id,
            forwarder_function: Some(design.function_arn()),
            forwarder_version: Some(crate::VERSION.to_owned()),
            buckets: vec![design.bucket.to_string()],
            items: found.items.clone(),
            complete,
        };
        assert_eq!(found, expected);
        assert!(found.says_ours(Kind::Bucket, &design.bucket_arn()));
    }
}

#[test]
fn the_environment_is_recorded_once_and_right_behind_the_function() {
    let design = fixture::design(Feed::New);
    let mut plan = setup(&design, &whole(&design), journal(None));
    let before = plan.items.clone();
    let mut deployment = deployment(&design);
    plan.record_environment(&design, &deployment);
    // Central has moved: the environment is another one, and only the last one counts.
    let elsewhere = "https://elsewhere.example.com".to_owned();
    deployment
        .environment
        .insert(sophos_ct_forwarder::env::INGEST_URL.to_owned(), elsewhere);
    plan.record_environment(&design, &deployment);
    let item = function::environment_item(&design, &deployment.environment);
    let at = plan.items.iter().position(|one| *one == item).unwrap();
    let function = &plan.items[at - 1];
    assert_eq!((function.kind, &function.id), (Kind::Function, &None));
    plan.items.remove(at);
    assert_eq!(plan.items, before);
}

#[test]
fn a_plan_writes_if_one_of_its_steps_does() {
    let design = fixture::design(Feed::New);
    let mut seen = whole(&design);
    assert!(!setup(&design, &seen, journal(None)).has_writes());
    if let Seen::There(role) = &mut seen.role {
        role.owner.mark = Mark::Other("another".to_owned());
    }
    assert!(!setup(&design, &seen, journal(None)).has_writes());
    seen.log_group = Seen::Absent;
    assert!(setup(&design, &seen, journal(None)).has_writes());
}
