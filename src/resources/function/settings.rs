//! What the function is like besides its policy. Its environment holds no secrets as we make it. What others have put there may be
//! one, so only a digest of it is told.

use std::collections::BTreeMap;

use aws_sdk_lambda::types::{Architecture, Runtime};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;
use sha2::{Digest, Sha256};
use sophos_ct_forwarder::env;

use super::{
    environment::environment,
    state::{HANDLER, MEMORY, Observed, State, TIMEOUT},
};
use crate::{
    connection::{Design, Kind},
    resources::{
        planned::{Across, Journal},
        settings::{Setting, Settings, of_tags},
    },
};

/// The variables that we make.
const OURS: [&str; 8] = [
    env::CONNECTION,
    env::INGEST_URL,
    env::UPLOAD_HOSTS,
    env::BUCKET,
    env::BUCKET_OWNER,
    env::PREFIX,
    env::PARTITION,
    env::ENDPOINT,
];

/// Returns the settings of the function. What is known only once Central has the connection is left out until then.
#[must_use]
pub(crate) fn settings(
    design: &Design,
    seen: &Observed,
    journal: Journal<'_>,
    _: &Across,
) -> Vec<Settings> {
    let mut all = configuration(design, seen);
    let found = |one: &State| Some(Value::from(one.code_sha256.as_str()));
    let made = code(journal.package_digest);
    all.push(Setting::new("CodeSha256", seen, found, made));
    if journal.deployment.is_some() || !seen.is_absent() {
        let made = journal.deployment.map(|one| &one.package.architecture);
        let made = made.map(|one| names(std::slice::from_ref(one)));
        let found = |one: &State| Some(names(&one.architectures));
        all.push(Setting::new("Architectures", seen, found, made));
    }
    all.extend(variables(design, seen, journal));
    let tags = seen.clone().map(|function| function.tags).flatten();
    all.extend(of_tags(design, &tags));
    vec![Settings::new(Kind::Function, design.function_arn(), all)]
}

/// What the function is like whatever it runs.
fn configuration(design: &Design, seen: &Observed) -> Vec<Setting> {
    let text = |text: &str| Some(Value::from(text));
    let number = |number: Option<i32>| number.map(Value::from);
    let (role, runtime) = (design.role_arn(), Runtime::Providedal2023);
    let target = design.dead_letter.as_ref().map(ToString::to_string);
    let dead_letter = |one: &State| one.dead_letter.clone().map(Value::from);
    let memory = |one: &State| number(one.memory);
    let timeout = |one: &State| number(one.timeout);
    vec![
        Setting::new("Role", seen, |one| text(&one.role), text(&role)),
        Setting::new(
            "Runtime",
            seen,
            |one| text(&one.runtime),
            text(runtime.as_str()),
        ),
        Setting::new("Handler", seen, |one| text(&one.handler), text(HANDLER)),
        Setting::new("MemorySize", seen, memory, number(Some(MEMORY))).once(),
        Setting::new("Timeout", seen, timeout, number(Some(TIMEOUT))).once(),
        Setting::new("Layers", seen, layers, None).once(),
        Setting::new(
            "DeadLetterConfig",
            seen,
            dead_letter,
            target.map(Value::from),
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

/// A digest in hex as Lambda shows it.
fn code(digest: &str) -> Option<Value> {
    let digest = hex::decode(digest).ok().filter(|all| !all.is_empty())?;
    Some(BASE64_STANDARD.encode(digest).into())
}

/// The variables of the environment, each as a setting. An update writes all of them.
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
    let shown = |all: &BTreeMap<String, String>, name: &str| Some(shown(name, all.get(name)?));
    let setting = |name: &String| {
        let found = |function: &State| shown(&function.environment, name);
        Setting::new(
            format!("Environment.{name}"),
            seen,
            found,
            shown(&made, name),
        )
    };
    names.into_iter().map(setting).collect()
}

fn shown(name: &str, value: &str) -> Value {
    if OURS.contains(&name) {
        return value.into();
    }
    let digest = hex::encode(Sha256::digest(value.as_bytes()));
    format!("SHA-256 {digest}").into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_variables_that_we_make_are_told_in_clear() {
        assert_eq!(shown(env::BUCKET, "logs"), "logs");
        let theirs = shown("DATABASE_PASSWORD", "hunter2").to_string();
        assert!(!theirs.contains("hunter2"), "{theirs}");
        assert_ne!(
            shown("DATABASE_PASSWORD", "hunter2"),
            shown("DATABASE_PASSWORD", "hunter3")
        );
    }
}
