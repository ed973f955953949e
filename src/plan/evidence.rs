//! What our own parts in AWS say of what a connection works with: evidence that Central cannot make up.

use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{Plan, feed};
use crate::{
    connection::{Design, Feed, Kind, Named},
    policy,
    resources::{families::Observed, planned::Journal, seen::Mark},
    ui::t,
};

/// What our own parts in AWS say of what they work with: evidence that Central cannot make up.
struct Evidence {
    /// The bucket that our function was told, or that our role policy names.
    bucket: Option<String>,
    /// Whose messages the function takes: the ARN of a topic or a rule.
    invoker: Option<String>,
    /// Whom our statement lets publish to our topic: the ARN of a trail or a bucket.
    publisher: Option<String>,
    /// The role that our function runs as.
    role: Option<String>,
    /// The key of the trail whose log files we read.
    trail_key: Option<String>,
    /// Our role policy: what the function may use.
    granted: Option<Value>,
    /// Where our function sends what it could not handle.
    dead_letter: Option<String>,
}

impl Evidence {
    fn of(design: &Design, seen: &Observed) -> Self {
        let function = seen
            .function
            .there()
            .filter(|function| function.mark == Mark::Ours);
        let told = function.and_then(|function| function.environment.get(env::BUCKET).cloned());
        let role = seen.role.there().and_then(|role| role.policy.there());
        let source = |document: Option<&Value>, id: &str| {
            let statements = document.map(policy::statements).unwrap_or_default();
            let ours = statements.iter().find(|one| one["Sid"] == id)?;
            feed::source(ours).map(ToOwned::to_owned)
        };
        let topic = seen.topic.there();
        Self {
            bucket: told.or_else(|| role.and_then(read_bucket)),
            invoker: source(
                function.and_then(|function| function.policy.there()),
                &design.permission_id(),
            ),
            publisher: source(
                topic.and_then(|topic| topic.policy.as_ref()),
                &design.topic_statement_ids()[0],
            ),
            role: function.map(|function| function.role.clone()),
            trail_key: seen
                .trail
                .own
                .there()
                .and_then(|own| own.trail.kms_key.clone()),
            granted: role.cloned(),
            dead_letter: function.and_then(|function| function.dead_letter.clone()),
        }
    }

    /// Whether a statement of our role policy has this resource; `None` where there is no such statement.
    fn grants(&self, sid: &str, resource: &str) -> Option<bool> {
        let statements = policy::statements(self.granted.as_ref()?);
        let ours = statements.iter().find(|one| one["Sid"] == sid)?;
        Some(ours["Resource"] == resource)
    }

    /// What is not ours and the plan works with: the answers that name it, and whether the evidence agrees with them; `None`
    /// where there is none.
    fn of_others(
        &self,
        plan: &Plan,
        design: &Design,
        kept: bool,
    ) -> Vec<(&'static [Named], Option<bool>)> {
        let says =
            |found: &Option<String>, planned: &str| found.as_deref().map(|one| one == planned);
        let bucket = says(&self.bucket, &design.bucket);
        let mut list: Vec<(&'static [Named], Option<bool>)> = Vec::new();
        match &design.feed {
            Feed::New => {}
            // Nothing of theirs changes: that what is there is meant is enough.
            Feed::Subscribe { .. } => {
                let keys = &[Named::Resources, Named::Trail, Named::Topic, Named::Bucket];
                list.push((keys, says(&self.invoker, &design.invoker().1)));
                list.push((keys, bucket));
            }
            Feed::Trail { trail } => {
                list.push((&[Named::Trail], says(&self.publisher, trail)));
                list.push((&[Named::Bucket, Named::Trail], bucket));
            }
            Feed::Bucket { .. } => {
                let publisher = says(&self.publisher, &design.bucket_arn());
                let agree = [bucket, publisher]
                    .into_iter()
                    .flatten()
                    .reduce(|one, other| one && other);
                list.push((&[Named::Bucket, Named::Trail], agree));
            }
            Feed::EventBridge { .. } => list.push((&[Named::Bucket, Named::Trail], bucket)),
        }
        if design.own_trail() && plan.uses(Kind::Bucket) && !kept {
            list.push((&[Named::Bucket], bucket));
        }
        if design.own_trail() && plan.uses(Kind::Topic) {
            list.push((&[Named::Topic], says(&self.invoker, &design.invoker().1)));
        }
        if plan.uses(Kind::Role) {
            list.push((
                &[Named::Role, Named::RoleArn],
                says(&self.role, &design.role_arn()),
            ));
        }
        // A role that somebody brought has a policy of its owner's: nothing of ours lets it use the key.
        if let Some(key) = design.kms_key.as_ref().filter(|_| design.own_role) {
            // What the trail encrypts with is no word of Central's.
            let agree = match self.trail_key.as_ref() == Some(key) {
                true => Some(true),
                false => self.grants("DecryptLogFiles", key),
            };
            list.push((&[Named::KmsKey], agree));
        }
        if let Some(target) = design.dead_letter.as_ref().map(ToString::to_string) {
            let allowed = self.grants("SendToDeadLetter", &target);
            let sends = says(&self.dead_letter, &target);
            // Either is ours, and may have been altered by somebody: that is mended.
            let agree = [allowed, sends].into_iter().flatten();
            let agree = agree.reduce(|one, other| one || other);
            list.push((&[Named::DeadLetter], agree));
        }
        list
    }
}

/// The bucket that a role policy of ours lets the function read.
fn read_bucket(document: &Value) -> Option<String> {
    let statements = policy::statements(document);
    let reads = statements.iter().find(|one| one["Sid"] == "ReadLogFiles")?;
    let (_, path) = reads["Resource"].as_str()?.split_once(":s3:::")?;
    Some(path.split_once('/')?.0.to_owned())
}

/// What Central saved may fill in names; what is not ours is changed, and read, only where an answer of this run or evidence in
/// AWS says so too, of each thing for itself (SPEC 2.2). Evidence that names something else than answers that were only saved
/// is a conflict.
pub(super) fn authorise(plan: &mut Plan, design: &Design, seen: &Observed, journal: Journal<'_>) {
    let mut unanswered = false;
    // A bucket kept from an earlier connection is ours.
    let bucket = seen.bucket.there().and_then(|bucket| bucket.as_ref().ok());
    let kept = journal
        .kept_from
        .is_some_and(|id| bucket.is_some_and(|state| state.mark == Mark::Other(id.to_string())));
    for (keys, agrees) in Evidence::of(design, seen).of_others(plan, design, kept) {
        let given = keys.iter().any(|key| design.given.contains(key));
        let saved = keys.iter().any(|key| design.saved.contains(key));
        if given || (!saved && !design.given.is_empty()) {
            continue;
        }
        match agrees {
            Some(true) => {}
            Some(false) => {
                let conflict = t!("conflict-answers-changed", name = design.name);
                if !plan.conflicts.contains(&conflict) {
                    plan.conflicts.push(conflict);
                }
            }
            None => unanswered = true,
        }
    }
    plan.unanswered |= unanswered && plan.has_writes();
}
