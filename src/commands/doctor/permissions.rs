//! Whether the caller may do what `setup` does, by IAM's policy simulator: for new resources, for a trail that is there, and for an
//! organization, with the names that `setup` gives by default.

use std::collections::BTreeMap;

use crate::{
    answers::{Answers, Origin, Source, Trail},
    aws::{
        Aws,
        error::AwsError,
        permitted::{self, Entity, Verdict},
    },
    commands::session,
    connection::{Arn, ConnectionId, Organization, names::BucketName},
    health::{About, Check},
    policy::grant::{Grant, Purpose},
    resources::{families, trail},
    ui::{Failure, t},
};

/// How many actions a check names.
const NAMED: usize = 6;

/// `setup` works without these: the wizard then asks for the ids of accounts instead of offering them.
const DISPENSABLE: [&str; 1] = ["organizations:ListAccounts"];

/// A way to set up a connection.
struct Way {
    /// The policy for it, as `policy` calls it.
    policy: &'static str,
    text: String,
    grants: Vec<Grant>,
}

/// The verdicts on the actions of a way.
type Verdicts = BTreeMap<&'static str, Verdict>;

/// Returns a check for each way that is open here: `organization` is one that a connection can be set up for from here, and
/// `management` are the trails that log management events.
pub(super) async fn checks(
    aws: &Aws,
    organization: Option<Organization>,
    management: &[trail::State],
) -> Vec<Check> {
    let cannot_tell = |why: String| vec![Check::new(About::Permissions, None, why)];
    let entity = match permitted::entity(aws).await {
        Ok(Entity::Known(arn)) => arn,
        Ok(Entity::Root) => return cannot_tell(t!("doctor-may-root")),
        Ok(Entity::Other) => return cannot_tell(t!("doctor-may-other")),
        Err(error) => return cannot_tell(unseen(error)),
    };
    let ways = ways(aws, organization, management);
    let grants: Vec<Grant> = ways.iter().flat_map(|way| way.grants.clone()).collect();
    let permitted = match permitted::ask(aws, &entity, &grants).await {
        Ok(permitted) => permitted,
        Err(error) => return cannot_tell(unseen(error)),
    };
    let judged: Vec<(Way, Verdicts)> = ways
        .into_iter()
        .map(|way| {
            let verdicts = permitted.judge(&way.grants);
            (way, verdicts)
        })
        .collect();
    let possible = judged
        .iter()
        .any(|(_, verdicts)| refused(verdicts).is_empty());
    let mut checks: Vec<Check> = judged
        .iter()
        .map(|(way, verdicts)| check(way, verdicts, possible))
        .collect();
    checks.push(Check::remark(About::Permissions, t!("doctor-may-limits")));
    checks
}

/// Why the simulator was not asked, or has not answered.
fn unseen(error: AwsError) -> String {
    match error.is_denied() {
        true => t!("doctor-may-unseen", action = error.action),
        false => Failure::from(error).message,
    }
}

fn ways(aws: &Aws, organization: Option<Organization>, management: &[trail::State]) -> Vec<Way> {
    let new = Answers::default();
    let mut ways = vec![way(aws, "setup-new", t!("doctor-way-new"), new)];
    let existing = management
        .iter()
        .find_map(|trail| Some((trail, existing(aws, trail)?)));
    if let Some((trail, answers)) = existing {
        let text = t!("doctor-way-existing", trail = trail.name);
        ways.push(way(aws, "setup-existing", text, answers));
    }
    let organization = organization.and_then(|one| {
        let text = t!("doctor-way-organization", id = one.id);
        Some((text, of_organization(one)?))
    });
    if let Some((text, answers)) = organization {
        ways.push(way(aws, "setup-organization", text, answers));
    }
    ways
}

/// The way of these answers. What they leave open has the names of a connection without a name.
fn way(aws: &Aws, policy: &'static str, text: String, mut answers: Answers) -> Way {
    let name = session::default_name(&aws.caller.account, None);
    let id = ConnectionId::random();
    let design = answers.design(id, &name, &aws.caller, &aws.region, false);
    let mut grants = families::grants(&design, Purpose::Setup);
    for grant in &mut grants {
        grant.actions.retain(|action| !DISPENSABLE.contains(action));
    }
    Way {
        policy,
        text,
        grants,
    }
}

/// The answers to collect from a trail that is there; `None` unless it notifies a topic that we may subscribe to.
fn existing(aws: &Aws, trail: &trail::State) -> Option<Answers> {
    let topic: Arn = trail.topic_arn.as_ref()?.parse().ok()?;
    let is_here =
        topic.account == aws.caller.account.as_str() && topic.region == aws.region.as_str();
    if !is_here {
        return None;
    }
    let mut answers = Answers::default();
    let bucket = trail.bucket.parse::<BucketName>();
    answers.resources.set(Source::Existing, Origin::Default);
    let arn = Trail::Arn(trail.arn.parse().ok()?);
    answers.trail.set(arn, Origin::Default);
    let bucket = bucket.unwrap_or_else(|_| BucketName::any());
    answers.bucket.set(bucket, Origin::Default);
    let topic = topic.resource.parse().ok()?;
    answers.topic.set(topic, Origin::Default);
    Some(answers)
}

fn of_organization(organization: Organization) -> Option<Answers> {
    let mut answers = Answers::default();
    answers.organization.set(true, Origin::Default);
    let id = organization.id.parse().ok()?;
    answers.org_id.set(id, Origin::Default);
    let management = organization.management;
    answers.management_account.set(management, Origin::Default);
    Some(answers)
}

/// The actions that are certainly not allowed, with who forbids them.
fn refused(verdicts: &Verdicts) -> Vec<(&'static str, Verdict)> {
    let all = verdicts.iter().map(|(action, verdict)| (*action, *verdict));
    all.filter(|(_, verdict)| *verdict > Verdict::Open)
        .collect()
}

/// What is missing for a way is wrong only if no way is open.
fn check(way: &Way, verdicts: &Verdicts, possible: bool) -> Check {
    let refused = refused(verdicts);
    if refused.is_empty() {
        let open = verdicts.iter();
        let open = open.filter(|(_, verdict)| **verdict == Verdict::Open);
        let open: Vec<&str> = open.map(|(action, _)| *action).collect();
        return match open.is_empty() {
            true => {
                let text = t!("doctor-may", way = way.text, count = verdicts.len());
                Check::new(About::Permissions, Some(true), text)
            }
            false => {
                let text = t!("doctor-may-open", way = way.text, actions = some(&open));
                Check::new(About::Permissions, None, text)
            }
        };
    }
    let actions: Vec<&str> = refused.iter().map(|(action, _)| *action).collect();
    let text = t!(
        "doctor-may-not",
        way = way.text,
        count = actions.len(),
        actions = some(&actions)
    );
    let fixes = fixes(way, &refused);
    match possible {
        true => {
            let fixes = fixes.join(" ");
            let text = t!("doctor-may-also", missing = text, fixes = fixes);
            Check::remark(About::Permissions, text)
        }
        false => Check::new(About::Permissions, Some(false), text).fix(fixes.join("\n")),
    }
}

/// What helps against each of those who forbid something. The actions are named if there are several.
fn fixes(way: &Way, refused: &[(&'static str, Verdict)]) -> Vec<String> {
    let mut causes: Vec<Verdict> = refused.iter().map(|(_, verdict)| *verdict).collect();
    causes.sort_unstable();
    causes.dedup();
    let several = causes.len() > 1;
    let fix = |cause: Verdict| {
        let text = match cause {
            Verdict::Organization => t!("denied-by-scp"),
            Verdict::Boundary => t!("denied-by-boundary"),
            Verdict::Denied => t!("denied-by-statement"),
            Verdict::Allowed | Verdict::Open | Verdict::Lacking => {
                t!("doctor-may-fix", policy = way.policy)
            }
        };
        let of_cause = refused.iter().filter(|(_, verdict)| *verdict == cause);
        let actions: Vec<&str> = of_cause.map(|(action, _)| *action).collect();
        match several {
            true => t!("doctor-may-cause", actions = some(&actions), fix = text),
            false => text,
        }
    };
    causes.into_iter().map(fix).collect()
}

/// The names of some actions, and how many more there are.
fn some(actions: &[&str]) -> String {
    let named = &actions[..actions.len().min(NAMED)];
    let names = named.join(&t!("counts-between"));
    match actions.len() - named.len() {
        0 => names,
        more => t!("doctor-actions-more", actions = names, count = more),
    }
}

#[cfg(test)]
mod tests;
