//! What has moved since a plan was made: its file against the same plan made anew. Documents are compared byte for byte. What the
//! plan itself has done before it was stopped counts as unmoved.

use serde_json::Value;

use super::{Document, Line};
use crate::{connection::Kind, policy, resources::step::Action};

/// The part of a plan that must be the same when it is applied.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub steps: &'a [Line],
    pub documents: &'a [Document],
}

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
    /// A document could be read and cannot any more, or the other way round.
    Sight { found: bool },
}

/// Returns what has moved. `begun`: the plan may have been carried out in part. Steps and documents of a plan that was not begun
/// must be the same one by one.
#[must_use]
pub(crate) fn moved(planned: Content<'_>, found: Content<'_>, begun: bool) -> Vec<Moved> {
    let mut moved = steps(planned.steps, found.steps, begun);
    let mut differing = documents(planned.documents, found.documents, begun);
    // What the plan has deleted took its documents along.
    let deleted = |arn: &str| {
        let mut steps = planned.steps.iter();
        begun && steps.any(|step| step.action == Action::Delete && step.arn == arn)
    };
    differing.retain(|one| {
        let gone = matches!(&one.how, How::Document { found: None, .. });
        !(gone && deleted(&one.arn))
    });
    // The document says more than that the resource has another step.
    moved.retain(|step| {
        let mut differing = differing.iter();
        !differing.any(|document| document.kind == step.kind && document.arn == step.arn)
    });
    moved.extend(differing);
    moved
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
        } = self;
        (*action, *kind) == (other.action, other.kind) && *arn == other.arn && *ids == other.ids
    }

    /// Whether a run that was stopped after it had begun this step leaves that one to do: what it created is completed.
    fn leads_to(&self, other: &Self) -> bool {
        let completes = self.action == Action::Create && other.action == Action::Modify;
        completes && self.kind == other.kind && self.arn == other.arn && self.ids == other.ids
    }
}

fn of<'a>(lines: &'a [Line], kind: Kind, arn: &str) -> Option<&'a Line> {
    let mut lines = lines.iter();
    lines.find(|line| line.kind == kind && line.arn == arn)
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
        let outcome = (found.writes, found.after.as_ref());
        let written = (planned.writes, planned.after.as_ref());
        let done = begun && !found.writes;
        let same = outcome.0 == written.0 && same(written.1, outcome.1);
        return (!done && !same).then(|| How::After {
            planned: planned.after.clone(),
            found: found.after.clone(),
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
