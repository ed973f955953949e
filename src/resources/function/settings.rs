//! What the function is like besides its policy. Its environment holds no secrets as we make it. What others have put there may be
//! one, so only a digest of it is told.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Architecture, Runtime};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sophos_ct_forwarder::env;

use super::{
    environment::environment,
    state::{Drift, HANDLER, MEMORY, Observed, State, TIMEOUT},
};
use crate::{
    connection::{Design, Kind},
    resources::{
        package,
        planned::{Across, Journal},
        settings::{Compared, Setting, Settings, of_tags},
    },
};

/// Returns the settings of the function. What is known only once Central has the connection is left out until then.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    let mut all = configuration(design, seen, journal);
    let found = |one: &State| Some(Value::from(one.code_sha256.as_str()));
    let made = package::base64_of(journal.package_digest).map(Value::from);
    all.push(of_code(
        journal,
        Setting::new("CodeSha256", seen, found, made),
    ));
    if journal.deployment.is_some() || !seen.is_absent() {
        let made = journal.deployment.map(|one| &one.package.architecture);
        let made = made.map(|one| names(std::slice::from_ref(one)));
        let found = |one: &State| Some(names(&one.architectures));
        all.push(of_code(
            journal,
            Setting::new("Architectures", seen, found, made),
        ));
    }
    all.extend(variables(design, seen, journal));
    let tags = seen
        .as_ref()
        .and_seen(|function| function.owner.tags.as_ref());
    all.extend(of_tags(design, tags));
    vec![Settings::new(Kind::Function, design.function_arn(), all)]
}

/// A setting of the code, or of what it needs. Newer code stays as it is.
fn of_code(journal: Journal<'_>, setting: Setting) -> Setting {
    match journal.newer_forwarder() {
        Some(_) => setting.once(),
        None => setting,
    }
}

/// What the function is like besides its code and its environment.
fn configuration(design: &Design, seen: &Observed, journal: Journal<'_>) -> Vec<Setting> {
    let compared = compared(design).into_iter().map(|(drift, one)| {
        let setting = one.seen_in(seen, |function| function);
        match drift {
            Drift::Runtime => of_code(journal, setting),
            Drift::Role | Drift::DeadLetter => setting,
        }
    });
    let mut all: Vec<Setting> = compared.collect();
    let memory = |one: &State| one.memory.map(Value::from);
    let timeout = |one: &State| one.timeout.map(Value::from);
    all.push(Setting::new("MemorySize", seen, memory, Some(MEMORY.into())).once());
    all.push(Setting::new("Timeout", seen, timeout, Some(TIMEOUT.into())).once());
    all.push(Setting::new("Layers", seen, layers, None).once());
    all
}

/// Returns the settings that are mended, each with how a function differs that has another.
pub(super) fn compared(design: &Design) -> [(Drift, Compared<State>); 4] {
    let target = design.dead_letter.as_ref().map(ToString::to_string);
    let runtime = Runtime::Providedal2023;
    [
        (
            Drift::Role,
            Compared::new(
                "Role",
                |one| Some(one.role.as_str().into()),
                Some(design.role_arn().into()),
            ),
        ),
        (
            Drift::Runtime,
            Compared::new(
                "Runtime",
                |one| Some(one.runtime.as_str().into()),
                Some(runtime.as_str().into()),
            ),
        ),
        (
            Drift::Runtime,
            Compared::new(
                "Handler",
                |one| Some(one.handler.as_str().into()),
                Some(HANDLER.into()),
            ),
        ),
        (
            Drift::DeadLetter,
            Compared::new(
                "DeadLetterConfig",
                |one| one.dead_letter.clone().map(Value::from),
                target.map(Value::from),
            ),
        ),
    ]
}

fn layers(function: &State) -> Option<Value> {
    let layers = &function.layers;
    (!layers.is_empty()).then(|| layers.clone().into())
}

fn names(architectures: &[Architecture]) -> Value {
    let names = architectures.iter().map(|one| Value::from(one.as_str()));
    Value::Array(names.collect())
}

/// The variables of the environment, each as a setting. An update writes all of them, except for those that only newer code knows.
fn variables(design: &Design, seen: &Observed, journal: Journal<'_>) -> Vec<Setting> {
    let made = match journal.deployment {
        Some(deployment) => deployment.environment.clone(),
        None => {
            let mut made = environment(design, "", &[], None);
            made.remove(env::INGEST_URL);
            made.remove(env::UPLOAD_HOSTS);
            made
        }
    };
    let mut names: Vec<&String> = made.keys().collect();
    let found = seen.there().into_iter();
    names.extend(found.flat_map(|function| function.environment.keys()));
    names.sort_unstable();
    names.dedup();
    // All that we ever make, also on another machine than this.
    let ours = environment(design, "", &[], Some(""));
    let shown = |all: &BTreeMap<String, String>, name: &str| {
        let value = all.get(name)?;
        Some(shown(ours.contains_key(name), value))
    };
    let setting = |name: &String| {
        let found = |function: &State| shown(&function.environment, name);
        let made = shown(&made, name);
        let setting = Setting::new(format!("Environment.{name}"), seen, found, made);
        match ours.contains_key(name) {
            true => setting,
            false => of_code(journal, setting),
        }
    };
    names.into_iter().map(setting).collect()
}

/// A variable's value. `ours`: we make the variable. One of others may be a secret.
fn shown(ours: bool, value: &str) -> Value {
    if ours {
        return value.into();
    }
    let digest = hex::encode(Sha256::digest(value.as_bytes()));
    format!("SHA-256 {digest}").into()
}
