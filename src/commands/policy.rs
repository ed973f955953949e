//! `policy`: the least-privilege document for a purpose, generated from the resources that make the calls.

use serde_json::Value;

use super::{App, session};
use crate::{
    aws::Caller,
    cli::AnswerFlags,
    connection::{ConnectionId, Partition},
    policy::grant::{self, Purpose},
    resources::families,
    settings::{Given, Origin},
    ui::{Exit, Failure, Result, t},
};

pub fn run(app: &App, name: &str, answers: &AnswerFlags) -> Result<Exit> {
    if name == "sophos" {
        let document: Value =
            serde_json::from_str(include_str!("../../policies/sophos-custom-role.json"))
                .expect("documents in policies/ are JSON");
        app.printer.document(&document);
        return Ok(Exit::Done);
    }
    let mut given = Given::collect(&answers.0, |variable| std::env::var(variable).ok())?;
    // Without an account nothing is filled in: `*` stands for what is not known, and AWS takes it in ARNs.
    let account = given.text("expect-account");
    let caller = Caller {
        account: account
            .clone()
            .unwrap_or_else(|| "000000000000".to_owned())
            .parse()
            .map_err(Failure::usage)?,
        arn: String::new(),
        partition: app
            .globals
            .region
            .as_ref()
            .map_or(Partition::Aws, Partition::of),
    };
    fill_in(&mut given, name, &caller);
    given.fit_together()?;
    let region = app.globals.region.clone().unwrap_or_else(|| {
        "aa-aaaa-0"
            .parse()
            .expect("a placeholder of the right form")
    });
    let connection = match given.text("name") {
        Some(name) => name.parse().map_err(Failure::usage)?,
        None => session::default_name(&caller.account, None),
    };
    let design = given.design(ConnectionId::random(), &connection, &caller, &region, false);
    let purposes: &[Purpose] = match name {
        "setup-new" | "setup-existing" | "setup-organization" => &[Purpose::Setup],
        "status" => &[Purpose::Status],
        "remove" => &[Purpose::Remove],
        _ => &[Purpose::Remove, Purpose::RemoveLogs],
    };
    let grants: Vec<_> = purposes
        .iter()
        .flat_map(|purpose| families::grants(&design, *purpose))
        .collect();
    let mut text = grant::document(&grants).to_string();
    if account.is_none() {
        text = text.replace("000000000000", "*");
    }
    if app.globals.region.is_none() {
        text = text.replace("aa-aaaa-0", "*");
    }
    let document: Value =
        serde_json::from_str(&text).expect("only values inside strings were replaced");
    app.printer.document(&document);
    if purposes.contains(&Purpose::Setup) && design.own_role {
        app.printer.warn(&if design.permissions_boundary.is_some() {
            t!("policy-boundary")
        } else {
            t!("policy-administrator")
        });
    }
    Ok(Exit::Done)
}

/// What a case is about and no answer tells: `*` in the ARNs.
fn fill_in(given: &mut Given, name: &str, caller: &Caller) {
    let unless_given = |given: &mut Given, key, value: &str| {
        if !given.has(key) {
            given.set(key, value.into(), Origin::Default);
        }
    };
    match name {
        "setup-existing" => {
            given.set("resources", "existing".into(), Origin::Default);
            unless_given(given, "bucket", "*");
            if !given.has("notify") {
                unless_given(given, "topic", "*");
            }
            let trail = given.text("trail").unwrap_or_else(|| "*".to_owned());
            if !trail.starts_with("arn:") {
                let arn = format!("arn:{}:cloudtrail:*:*:trail/{trail}", caller.partition);
                given.set("trail", arn.into(), Origin::Default);
            }
        }
        "setup-organization" => {
            given.set("organization", true.into(), Origin::Default);
            unless_given(given, "org-id", "o-*");
            unless_given(given, "management-account", caller.account.as_str());
        }
        _ => {}
    }
}
