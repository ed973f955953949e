//! `policy`: the least-privilege document for a purpose, generated from the resources that make the calls.

use serde_json::Value;

use super::{App, session};
use crate::{
    answers::{Answers, Any, Origin, Source, Trail},
    aws::Caller,
    cli::AnswerFlags,
    connection::{
        ConnectionId, Partition,
        names::{BucketName, OrganizationId, TopicName},
    },
    policy::grant::{self, Purpose},
    resources::families,
    ui::{Exit, Result, t},
};

pub fn run(app: &App, name: &str, answers: &AnswerFlags) -> Result<Exit> {
    if name == "sophos" {
        let document: Value =
            serde_json::from_str(include_str!("../../policies/sophos-custom-role.json"))
                .expect("documents in policies/ are JSON");
        app.printer.document(&document);
        return Ok(Exit::Done);
    }
    let mut given = Answers::collect(&answers.0, |variable| std::env::var(variable).ok())?;
    // Without an account nothing is filled in: `*` stands for what is not known, and AWS takes it in ARNs.
    let account = given.expect_account.get().cloned();
    let nobody = || {
        "000000000000"
            .parse()
            .expect("a placeholder of the right form")
    };
    let caller = Caller {
        account: account.clone().unwrap_or_else(nobody),
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
    let connection = match given.name.get() {
        Some(name) => name.clone(),
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
fn fill_in(given: &mut Answers, name: &str, caller: &Caller) {
    match name {
        "setup-existing" => {
            given.resources.set(Source::Existing, Origin::Default);
            given.bucket.default_to(BucketName::any());
            if !given.notify.is_given() {
                given.topic.default_to(TopicName::any());
            }
            let trail = given.trail.get().cloned().unwrap_or_else(Trail::any);
            if let Trail::Name(name) = trail {
                let arn = format!("arn:{}:cloudtrail:*:*:trail/{name}", caller.partition);
                let arn = arn.parse().expect("an ARN of the right form");
                given.trail.set(arn, Origin::Default);
            }
        }
        "setup-organization" => {
            given.organization.set(true, Origin::Default);
            given.org_id.default_to(OrganizationId::any());
            given.management_account.default_to(caller.account.clone());
        }
        _ => {}
    }
}
