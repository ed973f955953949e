//! What the caller may do, as IAM's policy simulator tells it. The simulator reads policies and does nothing.
//!
//! It judges the policies of users, their groups and roles, permissions boundaries, and service control policies. It knows nothing
//! of session policies, resource control policies, VPC endpoints, and of resource policies that it is not given (IAM API Reference,
//! "SimulatePrincipalPolicy").

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_iam::types::{
    ContextEntry, ContextKeyTypeEnum, EvaluationResult, PolicyEvaluationDecisionType,
};
use futures::{StreamExt, TryStreamExt, stream};
use serde_json::Value;

use super::{Aws, error::AwsError};
use crate::{
    connection::{AccountId, Arn},
    policy::grant::Grant,
};

/// How many simulations wait for an answer at the same time. IAM slows down whoever asks for many.
const AT_ONCE: usize = 4;

/// AWS answers this call without any permission (AWS STS API Reference, "GetCallerIdentity").
const FREE: &str = "sts:GetCallerIdentity";

/// Whose policies count for the caller.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Entity {
    /// A user or a role, by its ARN.
    Known(String),
    /// The account's root user, who has no policies.
    Root,
    /// A federated user, or something else that the simulator does not take.
    Other,
}

/// What the simulator says of an action, from the best to the worst.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Allowed,
    /// It depends on conditions of the call that are not known here.
    Open,
    /// No policy allows it.
    Lacking,
    /// A statement denies it.
    Denied,
    Boundary,
    /// A service control policy forbids it.
    Organization,
}

/// What the simulator has said, by action and resource.
#[derive(Debug)]
pub(crate) struct Permitted(BTreeMap<(&'static str, String), Verdict>);

impl Permitted {
    /// The verdict on each action of the grants, over all their resources. Actions on resources of other accounts are not among them:
    /// those accounts have a say as well.
    #[must_use]
    pub(crate) fn judge(&self, grants: &[Grant]) -> BTreeMap<&'static str, Verdict> {
        let mut judged: BTreeMap<&'static str, Verdict> = BTreeMap::new();
        for grant in grants {
            for action in grant.actions.iter().copied() {
                if let Some(verdict) = self.on_all(action, &grant.resources) {
                    let worst = judged.entry(action).or_insert(verdict);
                    *worst = verdict.max(*worst);
                }
            }
        }
        judged
    }

    /// The worst verdict over the resources. A log group has two ARNs, one of which ends with `:*`; either is enough.
    fn on_all(&self, action: &'static str, resources: &[String]) -> Option<Verdict> {
        let told = |resource: String| self.0.get(&(action, resource)).copied();
        let is_second = |resource: &&String| {
            let first = resource.strip_suffix(":*");
            first.is_some_and(|first| resources.iter().any(|one| one == first))
        };
        let single = resources.iter().filter(|resource| !is_second(resource));
        let verdicts = single.filter_map(|resource| {
            let both = [told(resource.clone()), told(format!("{resource}:*"))];
            both.into_iter().flatten().min()
        });
        verdicts.max()
    }
}

/// Finds out whose policies count. The session of a role does not tell the role's path, so the role is looked up.
pub(crate) async fn entity(aws: &Aws) -> Result<Entity, AwsError> {
    if aws.caller.is_root() {
        return Ok(Entity::Root);
    }
    let Ok(arn) = aws.caller.arn.parse::<Arn>() else {
        return Ok(Entity::Other);
    };
    let parts: Vec<&str> = arn.resource.split('/').collect();
    match (arn.service.as_str(), &parts[..]) {
        ("iam", ["user", ..]) => Ok(Entity::Known(aws.caller.arn.clone())),
        ("sts", ["assumed-role", role, _]) => {
            let found = aws.iam.get_role().role_name(*role).send().await;
            let found = found.map_err(AwsError::of("iam:GetRole"))?;
            let arn = found.role().map(|role| role.arn().to_owned());
            Ok(arn.map_or(Entity::Other, Entity::Known))
        }
        _ => Ok(Entity::Other),
    }
}

/// Asks the simulator about all actions of the grants.
pub(crate) async fn ask(aws: &Aws, entity: &str, grants: &[Grant]) -> Result<Permitted, AwsError> {
    let asked = questions(grants, &aws.caller.account);
    let asked = asked
        .into_iter()
        .map(|question| simulate(aws, entity, question));
    let told: Vec<_> = stream::iter(asked)
        .buffer_unordered(AT_ONCE)
        .try_collect()
        .await?;
    Ok(Permitted(told.into_iter().flatten().collect()))
}

/// Actions on one resource, under the same conditions.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    resource: String,
    /// Condition keys and their values.
    context: Vec<(String, String)>,
    actions: BTreeSet<&'static str>,
}

fn questions(grants: &[Grant], account: &AccountId) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    for grant in grants {
        let context = context(grant.condition.as_ref());
        let here = grant.resources.iter();
        for resource in here.filter(|resource| !is_elsewhere(resource, account)) {
            let actions = grant.actions.iter().filter(|action| **action != FREE);
            let same = questions
                .iter_mut()
                .find(|one| one.resource == *resource && one.context == context);
            match same {
                Some(same) => same.actions.extend(actions),
                None => questions.push(Question {
                    resource: resource.clone(),
                    context: context.clone(),
                    actions: actions.copied().collect(),
                }),
            }
        }
    }
    questions.retain(|question| !question.actions.is_empty());
    questions
}

/// The values that a condition wants, as those of the call.
fn context(condition: Option<&Value>) -> Vec<(String, String)> {
    let operators = condition.and_then(Value::as_object);
    let operators = operators.into_iter().flatten();
    let keys = operators.filter_map(|(_, keys)| keys.as_object()).flatten();
    keys.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

fn is_elsewhere(resource: &str, account: &AccountId) -> bool {
    let arn = resource.parse::<Arn>();
    let owner = arn.map(|arn| arn.account).unwrap_or_default();
    !["", "*", account.as_str()].contains(&owner.as_str())
}

async fn simulate(
    aws: &Aws,
    entity: &str,
    question: Question,
) -> Result<BTreeMap<(&'static str, String), Verdict>, AwsError> {
    let Question {
        resource,
        context,
        actions,
    } = question;
    let names = actions.iter().map(|action| (*action).to_owned());
    let entries = context.into_iter().map(|(key, value)| {
        ContextEntry::builder()
            .context_key_name(key)
            .context_key_values(value)
            .context_key_type(ContextKeyTypeEnum::String)
            .build()
    });
    let mut pages = aws
        .iam
        .simulate_principal_policy()
        .policy_source_arn(entity)
        .set_action_names(Some(names.collect()))
        .resource_arns(&resource)
        .set_context_entries(Some(entries.collect()))
        .into_paginator()
        .send();
    // What is not answered is not known.
    let open = actions
        .iter()
        .map(|action| ((*action, resource.clone()), Verdict::Open));
    let mut told: BTreeMap<_, _> = open.collect();
    while let Some(page) = pages.next().await {
        let page = page.map_err(AwsError::of("iam:SimulatePrincipalPolicy"))?;
        for result in page.evaluation_results() {
            let name = result.eval_action_name();
            if let Some(action) = actions.iter().find(|one| one.eq_ignore_ascii_case(name)) {
                told.insert((*action, resource.clone()), verdict(result));
            }
        }
    }
    Ok(told)
}

/// What a result says. Details stand in the result itself or in that for the resource (IAM API Reference, "EvaluationResult").
fn verdict(result: &EvaluationResult) -> Verdict {
    let decision = result.eval_decision();
    if *decision == PolicyEvaluationDecisionType::Allowed {
        return Verdict::Allowed;
    }
    let organization = result.organizations_decision_detail();
    if organization.is_some_and(|detail| !detail.allowed_by_organizations()) {
        return Verdict::Organization;
    }
    let on_resource = result.resource_specific_results().iter();
    let mut boundaries = on_resource
        .clone()
        .filter_map(|one| one.permissions_boundary_decision_detail())
        .chain(result.permissions_boundary_decision_detail());
    if boundaries.any(|detail| !detail.allowed_by_permissions_boundary()) {
        return Verdict::Boundary;
    }
    let mut missing = on_resource
        .flat_map(|one| one.missing_context_values())
        .chain(result.missing_context_values());
    if missing.next().is_some() {
        return Verdict::Open;
    }
    match *decision == PolicyEvaluationDecisionType::ExplicitDeny {
        true => Verdict::Denied,
        false => Verdict::Lacking,
    }
}

#[cfg(test)]
mod tests;
