//! What our own parts in AWS show of what a connection works with: evidence that Central cannot make up.

use serde_json::Value;
use sophos_ct_forwarder::env;

use super::{Plan, statement};
use crate::{
    connection::{Design, Feed, Kind, Named},
    resources::{
        families::Observed,
        planned::{Advice, Journal},
        seen::Mark,
    },
    ui::t,
};

/// Decides whether the plan may change and read what is not ours. Saved answers alone may only fill in names: for each thing that
/// is not ours, an answer of this run or evidence in AWS must say the same (SPEC 2.2). Evidence against answers that are only
/// saved is a conflict.
pub(super) fn authorise(plan: &mut Plan, design: &Design, seen: &Observed, journal: Journal<'_>) {
    let mut unanswered = false;
    // A bucket kept from an earlier connection is ours.
    let bucket = seen.bucket.there().and_then(|bucket| bucket.as_ref().ok());
    let kept = journal.kept_from.is_some_and(|id| {
        bucket.is_some_and(|state| state.owner.mark == Mark::Other(id.to_string()))
    });
    for foreign in Evidence::of(design, seen).of_foreign(plan, design, kept) {
        let given = foreign.named.iter().any(|key| design.given.contains(key));
        let saved = foreign.named.iter().any(|key| design.saved.contains(key));
        if given || (!saved && !design.given.is_empty()) {
            continue;
        }
        match foreign.agrees {
            Some(true) => {}
            Some(false) => {
                let conflict = t!("conflict-answers-changed", name = design.name);
                if !plan.conflicts.contains(&conflict) {
                    plan.conflicts.push(conflict);
                    plan.advice.push(Advice::SayAgain);
                }
            }
            None => unanswered = true,
        }
    }
    plan.unanswered |= unanswered && plan.has_writes();
}

/// Something that is not ours and that the plan works with.
struct Foreign {
    /// The answers that name it.
    named: &'static [Named],
    /// Whether the evidence agrees with the answers; `None` without evidence.
    agrees: Option<bool>,
}

impl Foreign {
    fn new(named: &'static [Named], agrees: Option<bool>) -> Self {
        Self { named, agrees }
    }
}

/// What our own parts in AWS show.
struct Evidence {
    /// The bucket in our function's environment, or in our role policy.
    bucket: Option<String>,
    /// Whose messages the function takes: the ARN of a topic or a rule.
    invoker: Option<String>,
    /// Who may publish to our topic, by our statement: the ARN of a trail or a bucket.
    publisher: Option<String>,
    /// The role that our function runs as.
    role: Option<String>,
    /// The key of the trail whose log files we read.
    trail_key: Option<String>,
    /// Our role policy: what the function may use.
    granted: Option<Value>,
    /// Where our function sends what it could not handle.
    dead_letter: Option<String>,
    /// What our alarms tell when they go off.
    told: Vec<String>,
}

impl Evidence {
    fn of(design: &Design, seen: &Observed) -> Self {
        let function = seen.function.there();
        let function = function.filter(|function| function.owner.mark == Mark::Ours);
        let read = function.and_then(|function| function.environment.get(env::BUCKET).cloned());
        let role = seen.role.there().and_then(|role| role.policy.there());
        let invoked = function.and_then(|function| function.policy.there());
        let topic = seen.topic.there();
        let published = topic.and_then(|topic| topic.policy.as_ref());
        let publish = design.topic_statement_ids();
        let trail = seen.trail.own.there();
        let alarms = seen
            .alarm
            .there()
            .filter(|alarm| alarm.owner.mark == Mark::Ours);
        Self {
            bucket: read.or_else(|| role.and_then(read_bucket)),
            invoker: statement::source_of_id(invoked, &design.permission_id()),
            publisher: statement::source_of_id(published, &publish[0]),
            role: function.map(|function| function.role.clone()),
            trail_key: trail.and_then(|own| own.trail.kms_key.clone()),
            granted: role.cloned(),
            dead_letter: function.and_then(|function| function.dead_letter.clone()),
            told: alarms.flat_map(|alarm| alarm.tells.clone()).collect(),
        }
    }

    /// Lists what is not ours and the plan works with. `kept`: the bucket is ours, from an earlier connection.
    fn of_foreign(&self, plan: &Plan, design: &Design, kept: bool) -> Vec<Foreign> {
        let mut list = self.of_feed(design);
        list.extend(self.of_used(plan, design, kept));
        list.extend(self.of_key(design));
        list.extend(self.of_dead_letter(design));
        list.extend(self.of_alarm(design));
        list
    }

    /// The trail, bucket and topic that the log files come from.
    fn of_feed(&self, design: &Design) -> Vec<Foreign> {
        let bucket = says(&self.bucket, &design.bucket);
        match &design.feed {
            Feed::New => Vec::new(),
            // A subscription changes nothing that is not ours: one answer that says to use what is there is enough.
            Feed::Subscribe { .. } => {
                let keys = &[Named::Resources, Named::Trail, Named::Topic, Named::Bucket];
                let invoker = says(&self.invoker, &design.invoker().1);
                vec![Foreign::new(keys, invoker), Foreign::new(keys, bucket)]
            }
            Feed::Trail { trail } => vec![
                Foreign::new(&[Named::Trail], says(&self.publisher, trail)),
                Foreign::new(&[Named::Bucket, Named::Trail], bucket),
            ],
            Feed::Bucket { .. } => {
                let publisher = says(&self.publisher, &design.bucket_arn());
                let both = [bucket, publisher].into_iter().flatten();
                let agrees = both.reduce(|one, other| one && other);
                vec![Foreign::new(&[Named::Bucket, Named::Trail], agrees)]
            }
            Feed::EventBridge { .. } => {
                vec![Foreign::new(&[Named::Bucket, Named::Trail], bucket)]
            }
        }
    }

    /// A bucket, a topic and a role under planned names that were there before us.
    fn of_used(&self, plan: &Plan, design: &Design, kept: bool) -> Vec<Foreign> {
        let mut list = Vec::new();
        if design.own_trail() && plan.uses(Kind::Bucket) && !kept {
            let agrees = says(&self.bucket, &design.bucket);
            list.push(Foreign::new(&[Named::Bucket], agrees));
        }
        if design.own_trail() && plan.uses(Kind::Topic) {
            let agrees = says(&self.invoker, &design.invoker().1);
            list.push(Foreign::new(&[Named::Topic], agrees));
        }
        if plan.uses(Kind::Role) {
            let agrees = says(&self.role, &design.role_arn());
            list.push(Foreign::new(&[Named::Role, Named::RoleArn], agrees));
        }
        list
    }

    /// The key of the log files.
    fn of_key(&self, design: &Design) -> Option<Foreign> {
        // The policy of a role that the user brought is its owner's: nothing of ours lets it use the key.
        let key = design.kms_key.as_ref().filter(|_| design.own_role)?;
        // AWS shows which key the trail encrypts with; Central cannot make that up.
        let agrees = match self.trail_key.as_deref() == Some(key.as_str()) {
            true => Some(true),
            false => self.grants("DecryptLogFiles", key),
        };
        Some(Foreign::new(&[Named::KmsKey], agrees))
    }

    /// The queue or topic for what the function cannot handle.
    fn of_dead_letter(&self, design: &Design) -> Option<Foreign> {
        let target = design.dead_letter.as_ref()?.to_string();
        let allowed = self.grants("SendToDeadLetter", &target);
        let sends = says(&self.dead_letter, &target);
        // One of them is enough: both are ours, and setup mends the one that someone has altered.
        let both = [allowed, sends].into_iter().flatten();
        let agrees = both.reduce(|one, other| one || other);
        Some(Foreign::new(&[Named::DeadLetter], agrees))
    }

    /// The topic that the alarms tell. One alarm that does is enough: setup mends the other one.
    fn of_alarm(&self, design: &Design) -> Option<Foreign> {
        let topic = design.alarm.as_ref()?.to_string();
        let agrees = (!self.told.is_empty()).then(|| self.told.contains(&topic));
        Some(Foreign::new(&[Named::Alarm], agrees))
    }

    /// Whether a statement of our role policy has this resource; `None` without such a statement.
    fn grants(&self, sid: &str, resource: &str) -> Option<bool> {
        let ours = statement::of_id(self.granted.as_ref()?, sid)?;
        Some(ours["Resource"] == resource)
    }
}

/// Whether what was found is what is planned; `None` if nothing was found.
fn says(found: &Option<String>, planned: &str) -> Option<bool> {
    found.as_deref().map(|one| one == planned)
}

/// The bucket that a role policy of ours lets the function read.
fn read_bucket(document: &Value) -> Option<String> {
    let reads = statement::of_id(document, "ReadLogFiles")?;
    let (_, path) = reads["Resource"].as_str()?.split_once(":s3:::")?;
    Some(path.split_once('/')?.0.to_owned())
}
