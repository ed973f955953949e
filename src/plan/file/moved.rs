//! What has moved since a plan was made: its file against the same plan made anew. Documents are compared byte for byte. What the
//! plan itself has done before it was stopped counts as unmoved.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Document, Line, PlanFile, Setting};
use crate::{connection::Kind, plan::removal::User, policy, resources::step::Action};

/// Something that is not as it was planned.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moved {
    pub kind: Kind,
    pub arn: String,
    pub how: How,
}

/// How something differs from the plan.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum How {
    /// Something else is to be done; `None` for nothing.
    Step {
        planned: Option<Action>,
        found: Option<Action>,
    },
    /// A document has changed.
    Document {
        planned: Option<Value>,
        found: Option<Value>,
    },
    /// A document is as it was, but would be written otherwise.
    After {
        planned: Option<Value>,
        found: Option<Value>,
    },
    /// A setting of the resource has changed.
    Setting {
        name: String,
        planned: Option<Value>,
        found: Option<Value>,
    },
    /// A setting is as it was, but would be left otherwise.
    Left {
        name: String,
        planned: Option<Value>,
        found: Option<Value>,
    },
    /// A document could be read and cannot any more, or the other way round.
    Sight { found: bool },
}

/// Returns which steps, documents and settings have moved. `begun`: the plan may have been carried out in part. Steps and documents
/// of a plan that was not begun must be the same one by one.
#[must_use]
pub(crate) fn moved(planned: &PlanFile, found: &PlanFile, begun: bool) -> Vec<Moved> {
    let mut moved = steps(&planned.steps, &found.steps, begun);
    let mut differing = documents(&planned.documents, &found.documents, begun);
    // What the plan has deleted took its documents along.
    let deleted = |arn: &str| {
        let mut steps = planned.steps.iter();
        begun && steps.any(|step| step.action == Action::Delete && step.arn == arn)
    };
    differing.retain(|one| {
        let gone = matches!(&one.how, How::Document { found: None, .. });
        !(gone && deleted(&one.arn))
    });
    if planned.has_settings_and_users() {
        differing.extend(settings(&planned.steps, &found.steps, begun));
    }
    // A document or a setting says more than that the resource has another step.
    moved.retain(|step| {
        let mut differing = differing.iter();
        !differing.any(|one| one.kind == step.kind && one.arn == step.arn)
    });
    moved.extend(differing);
    moved
}

/// Returns who uses what a removal may delete, and did not when it was planned. Fewer are no obstacle.
#[must_use]
pub(crate) fn further<'a>(planned: &[User], found: &'a [User]) -> Vec<&'a User> {
    let subscribers = |users: &[User]| {
        let counted = users.iter().map(|user| match user {
            User::Subscriber(_) => 1,
            User::Unlisted(count) => *count,
            User::Trail(_) | User::Connection(_) => 0,
        });
        counted.sum::<u32>()
    };
    // Whoever may not list subscribers can only count them.
    let is_counted = |user: &User| matches!(user, User::Unlisted(_));
    let counts = planned.iter().chain(found).any(is_counted);
    let more = subscribers(found) > subscribers(planned);
    let is_further = |user: &&User| match user {
        User::Subscriber(_) | User::Unlisted(_) if counts => more && !planned.contains(user),
        user => !planned.contains(user),
    };
    found.iter().filter(is_further).collect()
}

fn steps(planned: &[Line], found: &[Line], begun: bool) -> Vec<Moved> {
    let mut moved: Vec<Moved> = Vec::new();
    let mut differs = |kind: Kind, arn: &str| {
        let action = |lines: &[Line]| Some(of(lines, kind, arn)?.action);
        let one = Moved {
            kind,
            arn: arn.to_owned(),
            how: How::Step {
                planned: action(planned),
                found: action(found),
            },
        };
        if !moved.contains(&one) {
            moved.push(one);
        }
    };
    for line in found {
        let fits = |one: &Line| one.is_for(line) || begun && one.leads_to(line);
        // What is only looked at, and was not in the plan, changes nothing.
        let counts = !begun || line.writes();
        if counts && !planned.iter().any(fits) {
            differs(line.kind, &line.arn);
        }
    }
    for line in planned {
        let kept = match begun {
            // What the plan has done already may have no step any more, and another step was told above.
            true => line.writes() || of(found, line.kind, &line.arn).is_some(),
            false => found.iter().any(|one| line.is_for(one)),
        };
        if !kept {
            differs(line.kind, &line.arn);
        }
    }
    moved
}

impl Line {
    /// Whether it is the same step. Its reason is told in somebody's language.
    fn is_for(&self, other: &Self) -> bool {
        let Self {
            action,
            kind,
            arn,
            ids,
            reason: _,
            settings: _,
        } = self;
        (*action, *kind) == (other.action, other.kind) && *arn == other.arn && *ids == other.ids
    }

    /// Whether a run that was stopped after it had begun this step leaves that one to do: what it created is completed.
    fn leads_to(&self, other: &Self) -> bool {
        let completes = self.action == Action::Create && other.action == Action::Modify;
        completes && self.kind == other.kind && self.arn == other.arn && self.ids == other.ids
    }
}

impl Line {
    fn setting(&self, name: &str) -> Option<&Setting> {
        let mut settings = self.settings.iter();
        settings.find(|one| one.name == name)
    }

    /// Whether a setting could not be read. Whoever may not list the tags of a resource, or the targets of a rule, does not know all
    /// their names.
    fn is_unread(&self, name: &str) -> bool {
        if let Some(one) = self.setting(name) {
            return one.unread.is_some();
        }
        let list = |name: &str| name.split_once('.').map(|(list, _)| list.to_owned());
        let Some(of) = list(name) else {
            return false;
        };
        let mut unread = self.settings.iter().filter(|one| one.unread.is_some());
        unread.any(|one| list(&one.name).as_deref() == Some(&of))
    }
}

fn of<'a>(lines: &'a [Line], kind: Kind, arn: &str) -> Option<&'a Line> {
    let mut lines = lines.iter();
    lines.find(|line| line.kind == kind && line.arn == arn)
}

/// The settings that differ, of what was there then and is there still: anything else is told as a step.
fn settings(planned: &[Line], found: &[Line], begun: bool) -> Vec<Moved> {
    let mut moved = Vec::new();
    for planned in planned {
        let Some(found) = of(found, planned.kind, &planned.arn) else {
            continue;
        };
        let creates = |line: &Line| line.action == Action::Create;
        let is_made = begun && creates(planned);
        if creates(planned) != creates(found) && !is_made {
            continue;
        }
        let both = planned.settings.iter().chain(&found.settings);
        let names: BTreeSet<&str> = both.map(|one| one.name.as_str()).collect();
        let differing = names
            .into_iter()
            .filter_map(|name| setting(planned, found, name, begun));
        moved.extend(differing.map(|how| Moved {
            kind: planned.kind,
            arn: planned.arn.clone(),
            how,
        }));
    }
    moved
}

fn setting(planned: &Line, found: &Line, name: &str, begun: bool) -> Option<How> {
    let (was, is) = (planned.setting(name), found.setting(name));
    // Who governs the account may tag what the plan has made, and some settings are known only once Central has the connection.
    if begun && planned.action == Action::Create && was.is_none() {
        return None;
    }
    // Whoever applies the plan may be allowed to see less, or more, than whoever made it.
    if planned.is_unread(name) || found.is_unread(name) {
        return None;
    }
    let before = |one: Option<&Setting>| one.and_then(|one| one.before.clone());
    let after = |one: Option<&Setting>| one.and_then(|one| one.after.clone());
    let done = begun && before(is) == after(was);
    if before(is) != before(was) && !done {
        return Some(How::Setting {
            name: name.to_owned(),
            planned: before(was),
            found: before(is),
        });
    }
    let same = planned.action == found.action || begun && planned.leads_to(found);
    (same && after(is) != after(was)).then(|| How::Left {
        name: name.to_owned(),
        planned: after(was),
        found: after(is),
    })
}

fn documents(planned: &[Document], found: &[Document], begun: bool) -> Vec<Moved> {
    let mut moved = Vec::new();
    let new = found
        .iter()
        .filter(|one| same_place(planned, one).is_none());
    for place in planned.iter().chain(new) {
        let absent = absent(place);
        let planned = same_place(planned, place).unwrap_or(&absent);
        let found = same_place(found, place).unwrap_or(&absent);
        if let Some(how) = differs(planned, found, begun) {
            moved.push(Moved {
                kind: place.kind,
                arn: place.arn.clone(),
                how,
            });
        }
    }
    moved
}

fn same_place<'a>(documents: &'a [Document], place: &Document) -> Option<&'a Document> {
    let mut documents = documents.iter();
    documents.find(|one| one.kind == place.kind && one.arn == place.arn)
}

/// A document that is not there and stays so.
fn absent(place: &Document) -> Document {
    Document {
        kind: place.kind,
        arn: place.arn.clone(),
        before: None,
        unread: None,
        writes: false,
        after: None,
    }
}

fn differs(planned: &Document, found: &Document, begun: bool) -> Option<How> {
    if planned.unread != found.unread {
        // What the plan has made may be nothing that its caller can read.
        if begun && planned.writes && planned.before.is_none() {
            return None;
        }
        let found = found.unread.is_none();
        return Some(How::Sight { found });
    }
    if same(planned.before.as_ref(), found.before.as_ref()) {
        let (was, is) = (left(planned), left(found));
        let done = begun && !found.writes;
        return (!done && !same(was, is)).then(|| How::After {
            planned: was.cloned(),
            found: is.cloned(),
        });
    }
    if begun && is_done(planned, found) {
        return None;
    }
    Some(How::Document {
        planned: planned.before.clone(),
        found: found.before.clone(),
    })
}

/// The document as a plan leaves it.
fn left(document: &Document) -> Option<&Value> {
    match document.writes {
        true => document.after.as_ref(),
        false => document.before.as_ref(),
    }
}

/// Whether the plan's own step has written the document, or has made the resource that it belongs to.
fn is_done(planned: &Document, found: &Document) -> bool {
    if !planned.writes {
        return false;
    }
    let new = planned.before.is_none();
    let left = match (found.writes, new) {
        (false, _) => found.before.as_ref(),
        // AWS has given the resource a document of its own, into which ours still goes.
        (true, true) => found.after.as_ref(),
        // The plan's step is still to be done, on another document.
        (true, false) => return false,
    };
    match found.kind {
        // AWS fills in such documents itself: of one that the plan has made, the ids of its parts say whose they are.
        Kind::FunctionPermission
        | Kind::TopicPolicyStatement
        | Kind::Lifecycle
        | Kind::BucketNotification
            if new =>
        {
            ids(planned.after.as_ref()) == ids(left)
        }
        _ => equal(planned.after.as_ref(), left),
    }
}

/// Whether two documents are the same, byte for byte.
fn same(one: Option<&Value>, other: Option<&Value>) -> bool {
    // Objects that differ only in the order of their keys are equal as values.
    one.map(Value::to_string) == other.map(Value::to_string)
}

/// Whether two documents mean the same: AWS may give one back in another form than it was written.
fn equal(one: Option<&Value>, other: Option<&Value>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => policy::equal(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// The ids of a document's statements, rules or entries.
fn ids(document: Option<&Value>) -> Vec<&str> {
    let lists: Vec<&Value> = match document {
        Some(Value::Object(fields)) => fields.values().collect(),
        other => other.into_iter().collect(),
    };
    let parts = lists.into_iter().filter_map(Value::as_array).flatten();
    let ids = parts.flat_map(|part| ["Sid", "ID", "Id"].map(|key| part[key].as_str()));
    let mut ids: Vec<&str> = ids.flatten().collect();
    ids.sort_unstable();
    ids
}
