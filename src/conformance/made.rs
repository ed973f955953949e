//! What a run makes in the tenant, from the request on until it is deleted again.

use std::{cell::RefCell, rc::Rc};

/// The connections that a run makes. It is shared with whoever must name them, however the run ends.
#[derive(Clone, Default)]
pub(crate) struct Made(Rc<RefCell<Vec<One>>>);

struct One {
    /// Where it is read, changed and deleted. It ends with its id.
    url: String,
    state: State,
    /// Whether an invitation to it may be open.
    invited: bool,
}

/// Whether a connection is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It was asked for, and no answer is there.
    Asked,
    Saved,
    /// The implementation says that it has not saved it.
    Refused,
    Deleted,
}

impl Made {
    /// The URLs of the connections that may be there.
    #[must_use]
    pub(crate) fn left(&self) -> Vec<String> {
        let all = self.0.borrow();
        let there = all
            .iter()
            .filter(|one| matches!(one.state, State::Asked | State::Saved));
        there.map(|one| one.url.clone()).collect()
    }

    /// Notes that a connection is asked for.
    pub(super) fn ask(&self, url: &str) {
        self.0.borrow_mut().push(One {
            url: url.to_owned(),
            state: State::Asked,
            invited: false,
        });
    }

    /// Notes that an invitation to a connection is asked for.
    pub(super) fn invite(&self, url: &str) {
        if let Some(one) = self.0.borrow_mut().iter_mut().find(|one| is_of(one, url)) {
            one.invited = true;
        }
    }

    /// Notes what a request has done to a connection.
    pub(super) fn answered(&self, operation: &str, url: &str, status: u16) {
        let mut all = self.0.borrow_mut();
        let Some(one) = all.iter_mut().find(|one| is_of(one, url)) else {
            return;
        };
        let done = (200..300).contains(&status);
        match operation {
            "putConnection" if done => one.state = State::Saved,
            "putConnection" if one.state == State::Asked && (400..500).contains(&status) => {
                one.state = State::Refused;
            }
            "deleteConnection" if done => one.state = State::Deleted,
            "revokeInvitations" if done => one.invited = false,
            _ => {}
        }
    }

    /// The ids that are to be deleted, those that are there first, and whether invitations are to be taken back. An implementation
    /// may have saved what it says it has refused.
    pub(super) fn to_delete(&self) -> Vec<(String, bool)> {
        let all = self.0.borrow();
        let of = |refused: bool| {
            let fitting = all.iter().filter(move |one| {
                one.state != State::Deleted && (one.state == State::Refused) == refused
            });
            fitting.map(|one| (id_of(&one.url).to_owned(), one.invited))
        };
        of(false).chain(of(true)).collect()
    }

    /// Notes that a connection is not there any more.
    pub(super) fn gone(&self, id: &str) {
        self.0.borrow_mut().retain(|one| id_of(&one.url) != id);
    }
}

/// Whether a URL is that of a connection, or of its invitations.
fn is_of(one: &One, url: &str) -> bool {
    one.url == url.trim_end_matches("/invitations")
}

fn id_of(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_saved_or_has_no_answer_is_left_until_it_is_deleted() {
        let made = Made::default();
        let url = |id: &str| format!("https://central.example.com/connections/{id}");
        for id in ["saved", "refused", "unanswered", "deleted"] {
            made.ask(&url(id));
        }
        made.answered("putConnection", &url("saved"), 201);
        // The same id a second time is refused; the first one is there.
        made.answered("putConnection", &url("saved"), 412);
        made.answered("putConnection", &url("refused"), 422);
        made.answered("putConnection", &url("deleted"), 201);
        made.answered("deleteConnection", &url("deleted"), 204);
        made.invite(&format!("{}/invitations", url("saved")));
        assert_eq!(made.left(), ["saved", "unanswered"].map(url));
        let to_delete = [("saved", true), ("unanswered", false), ("refused", false)];
        assert_eq!(
            made.to_delete(),
            to_delete.map(|(id, invited)| (id.to_owned(), invited))
        );
        made.gone("saved");
        assert_eq!(made.left(), [url("unanswered")]);
    }
}
