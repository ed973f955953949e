//! What `setup` brings back, and what it leaves alone although it differs.

use aws_sdk_lambda::types::Architecture;
use sophos_ct_forwarder::env;

use super::world::{deployment, journal, manifest, whole};
use crate::{
    connection::{Feed, Kind, fixture},
    plan::{Plan, setup},
    resources::{
        families::{self, Step},
        function,
        planned::Journal,
        seen::Seen,
        step::{Action, IfDenied},
        trail,
    },
    ui::t,
};

fn step(plan: &Plan, kind: Kind) -> &Step {
    let mut steps = plan.steps.iter();
    steps.find(|step| step.kind() == kind).unwrap()
}

/// Makes a state drift.
type Change = fn(&mut trail::State);

#[test]
fn each_setting_of_our_trail_is_brought_back() {
    let design = fixture::design(Feed::New);
    let changes: [(&str, Change); 7] = [
        ("S3BucketName", |trail| trail.bucket = "other".to_owned()),
        ("S3KeyPrefix", |trail| trail.prefix = "other".to_owned()),
        ("SnsTopicName", |trail| trail.topic_arn = None),
        ("IsMultiRegionTrail", |trail| trail.multi_region = false),
        ("IncludeGlobalServiceEvents", |trail| {
            trail.global_events = false;
        }),
        ("EnableLogFileValidation", |trail| trail.validation = false),
        ("IsOrganizationTrail", |trail| trail.organization = true),
    ];
    for (setting, change) in changes {
        let mut seen = whole(&design);
        let Seen::There(own) = &mut seen.trail.own else {
            panic!("a whole account has the trail");
        };
        change(&mut own.trail);
        let plan = setup(&design, &seen, journal(None));
        let step = step(&plan, Kind::Trail);
        let found = (step.action(), step.reason.as_deref());
        assert_eq!(found, (Action::Modify, Some(setting)));
    }
}

/// The plan for a function that an earlier run deployed with this version, and that has changed since.
fn with_function(version: &str, change: impl Fn(&mut function::State)) -> Plan {
    let design = fixture::design(Feed::New);
    let deployment = deployment(&design);
    let mut recorded = manifest(&design);
    recorded.forwarder_version = Some(version.to_owned());
    let mut seen = whole(&design);
    if let Seen::There(state) = &mut seen.function {
        change(state);
    }
    let journal = Journal {
        deployment: Some(&deployment),
        ..journal(Some(&recorded))
    };
    setup(&design, &seen, journal)
}

fn on_another_machine(state: &mut function::State) {
    state.architectures = vec![Architecture::Arm64];
}

#[test]
fn a_newer_function_is_not_downgraded() {
    const NEWER: &str = "99.0.0";
    let left = t!("note-newer-forwarder", version = NEWER);
    // Its code differs from ours in each of these plans.
    for plan in [
        with_function(NEWER, |_| {}),
        with_function(NEWER, on_another_machine),
    ] {
        assert_eq!(step(&plan, Kind::Function).action(), Action::Keep);
        assert_eq!(plan.notes, [left.as_str()]);
    }
    // What its code brings stays too.
    let brings = with_function(NEWER, |state| {
        state.runtime = "provided.al2027".to_owned();
        state.handler = "newer".to_owned();
        let (name, value) = ("SOPHOS_CT_NEWER".to_owned(), "1".to_owned());
        state.environment.insert(name, value);
    });
    assert_eq!(step(&brings, Kind::Function).action(), Action::Keep);
    // Its settings are brought back all the same.
    let plan = with_function(NEWER, |state| state.environment.clear());
    let update = step(&plan, Kind::Function);
    let reason = t!("reason-environment");
    assert_eq!(update.reason.as_ref(), Some(&reason));
    assert_eq!(update.if_denied, IfDenied::Name);
    // The code is left out of the update, of its settings and of the manifest.
    let configure = families::Change::Function(function::Change::Configure);
    assert_eq!(update.change(), Some(&configure));
    let mut settings = plan.settings.iter().flat_map(|one| &one.all);
    let code = settings.find(|one| one.name == "CodeSha256").unwrap();
    assert_eq!(code.after(Action::Modify), code.found.there());
    let design = fixture::design(Feed::New);
    let mut recorded = manifest(&design);
    recorded.forwarder_version = Some(NEWER.to_owned());
    for item in &mut recorded.items {
        item.digest = Some("newer".to_owned());
    }
    let after = plan.manifest(&design, Some(&recorded), true);
    assert_eq!(after.forwarder_version.as_deref(), Some(NEWER));
    let digest = |id| {
        let item = after.find(Kind::Function, &design.function_arn(), id);
        item.and_then(|item| item.digest.as_deref())
    };
    assert_eq!(digest(None), Some("newer"));
    assert_ne!(digest(Some(function::ENVIRONMENT)), Some("newer"));
}

#[test]
fn mending_a_newer_function_leaves_what_its_code_brings() {
    let plan = with_function("99.0.0", |state| {
        state.runtime = "provided.al2027".to_owned();
        for name in ["SOPHOS_CT_NEWER", env::PREFIX, env::ENDPOINT] {
            let (name, value) = (name.to_owned(), "other".to_owned());
            state.environment.insert(name, value);
        }
    });
    assert_eq!(step(&plan, Kind::Function).action(), Action::Modify);
    let mut settings = plan.settings.iter();
    let function = settings.find(|one| one.kind == Kind::Function).unwrap();
    for (name, stays) in [
        ("Runtime", true),
        ("Environment.SOPHOS_CT_NEWER", true),
        ("Environment.SOPHOS_CT_PREFIX", false),
        // No variable of ours is taken for one of the newer code.
        ("Environment.AWS_ENDPOINT_URL", false),
    ] {
        let mut all = function.all.iter();
        let setting = all.find(|one| one.name == name).unwrap();
        let is_left = setting.after(Action::Modify) == setting.found.there();
        assert_eq!(is_left, stays, "{name}");
    }
}

#[test]
fn a_rule_whose_targets_cannot_be_listed_stays_once_the_connection_is_complete() {
    let design = fixture::design(Feed::EventBridge { trail: None });
    let mut seen = whole(&design);
    if let Seen::There(rule) = &mut seen.event_rule {
        rule.targets = Seen::Denied("events:ListTargetsByRule");
    }
    let mut recorded = manifest(&design);
    for (complete, action) in [(true, Action::Keep), (false, Action::Modify)] {
        recorded.complete = complete;
        let plan = setup(&design, &seen, journal(Some(&recorded)));
        assert_eq!(step(&plan, Kind::EventRule).action(), action);
        assert_eq!(plan.unseen.len(), usize::from(complete));
    }
}

#[test]
fn other_code_of_an_older_or_an_unknown_version_is_replaced() {
    let code = t!("reason-code", version = crate::VERSION);
    for version in ["0.0.1", crate::VERSION, "unknown"] {
        let plan = with_function(version, |_| {});
        let update = step(&plan, Kind::Function);
        assert_eq!(update.action(), Action::Modify, "{version}");
        assert_eq!(update.reason.as_ref(), Some(&code), "{version}");
        // Older code still works, so a caller who may not update it goes on.
        assert_eq!(update.if_denied, IfDenied::Lose, "{version}");
        assert_eq!(plan.notes, [""; 0], "{version}");
    }
    let plan = with_function("0.0.1", on_another_machine);
    let update = step(&plan, Kind::Function);
    let reasons = format!("{code}, {}", t!("reason-architecture"));
    assert_eq!(update.reason.as_ref(), Some(&reasons));
    assert_eq!(update.if_denied, IfDenied::Name);

    let package = deployment(&fixture::design(Feed::New)).package;
    let plan = with_function("0.0.1", |state| {
        state.code_sha256 = package.sha256_base64();
    });
    assert_eq!(step(&plan, Kind::Function).action(), Action::Keep);
}
