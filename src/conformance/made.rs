//! What a run makes in the tenant, from the request on until it is deleted again.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use tokio::sync::Notify;

/// The connections that a run makes. It is shared with whoever must name them, however the run ends.
#[derive(Clone, Default)]
pub(crate) struct Made(Rc<All>);

#[derive(Default)]
struct All {
    ones: RefCell<Vec<One>>,
    /// Whether no other connection is asked for.
    closed: Cell<bool>,
    /// There is another answer.
    answered: Notify,
}

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
    /// It was asked for, and no answer is there: it may be saved at any time.
    Asked,
    /// It is there, or may be.
    Answered,
    /// The implementation says that it has not saved it.
    Refused,
}

impl Made {
    /// The URLs of the connections that may be there.
    #[must_use]
    pub(crate) fn left(&self) -> Vec<String> {
        let all = self.0.ones.borrow();
        let there = all.iter().filter(|one| one.state != State::Refused);
        there.map(|one| one.url.clone()).collect()
    }

    /// Notes that a connection is asked for. Fails if none may be asked for.
    pub(super) fn ask(&self, url: &str) -> Result<(), String> {
        if self.0.closed.get() {
            return Err("the run was stopped".to_owned());
        }
        let mut all = self.0.ones.borrow_mut();
        if !all.iter().any(|one| one.url == url) {
            all.push(One {
                url: url.to_owned(),
                state: State::Asked,
                invited: false,
            });
        }
        Ok(())
    }

    /// From here on, no connection is asked for.
    pub(super) fn close(&self) {
        self.0.closed.set(true);
    }

    /// Whether a connection may be saved yet that was asked for.
    pub(super) fn is_pending(&self) -> bool {
        let all = self.0.ones.borrow();
        all.iter().any(|one| one.state == State::Asked)
    }

    /// Waits until each connection that was asked for has its answer.
    pub(super) async fn settled(&self) {
        while self.is_pending() {
            self.0.answered.notified().await;
        }
    }

    /// Notes that an invitation to a connection is asked for.
    pub(super) fn invite(&self, url: &str) {
        let mut all = self.0.ones.borrow_mut();
        if let Some(one) = all.iter_mut().find(|one| is_of(one, url)) {
            one.invited = true;
        }
    }

    /// Notes what a request has done to a connection.
    pub(super) fn answered(&self, operation: &str, url: &str, status: u16) {
        let mut all = self.0.ones.borrow_mut();
        let Some(at) = all.iter().position(|one| is_of(one, url)) else {
            return;
        };
        let one = &mut all[at];
        let done = (200..300).contains(&status);
        match operation {
            "putConnection" => one.state = one.state.after(status),
            "revokeInvitations" if done => one.invited = false,
            "deleteConnection" if done => drop(all.remove(at)),
            _ => {}
        }
        self.0.answered.notify_one();
    }

    /// The ids that are to be deleted, those that are there first, and whether invitations are to be taken back. An implementation
    /// may have saved what it says it has refused.
    pub(super) fn to_delete(&self) -> Vec<(String, bool)> {
        let all = self.0.ones.borrow();
        let of = |refused: bool| {
            let fitting = all
                .iter()
                .filter(move |one| (one.state == State::Refused) == refused);
            fitting.map(|one| (id_of(&one.url).to_owned(), one.invited))
        };
        of(false).chain(of(true)).collect()
    }

    /// Notes that a connection is not there. What was asked for without an answer may be saved yet.
    pub(super) fn absent(&self, url: &str) {
        let mut all = self.0.ones.borrow_mut();
        all.retain(|one| one.url != url || one.state == State::Asked);
    }

    /// The ids of those that may be saved yet.
    pub(super) fn pending(&self) -> Vec<String> {
        let all = self.0.ones.borrow();
        let pending = all.iter().filter(|one| one.state == State::Asked);
        pending.map(|one| id_of(&one.url).to_owned()).collect()
    }
}

impl State {
    /// What is true after an answer with this status to the request that saves a connection.
    fn after(self, status: u16) -> Self {
        match (self, status) {
            (Self::Asked, 400..=499) => Self::Refused,
            // A gateway does not wait any longer; the request may go on behind it (RFC 9110, sections 15.6.3 and 15.6.5).
            (Self::Asked, 502 | 504) | (Self::Refused, 300..) => self,
            _ => Self::Answered,
        }
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

    fn url(id: &str) -> String {
        format!("https://central.example.com/connections/{id}")
    }

    #[test]
    fn what_was_saved_or_has_no_answer_is_left_until_it_is_deleted() {
        let made = Made::default();
        for id in ["saved", "refused", "unanswered", "deleted"] {
            made.ask(&url(id)).unwrap();
        }
        made.answered("putConnection", &url("saved"), 201);
        // The same id a second time is refused; the first one is there.
        made.ask(&url("saved")).unwrap();
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
        // What was refused, and is refused when it is to be deleted, was never there.
        made.answered("deleteConnection", &url("refused"), 422);
        // Who may not delete a connection may be told that there is none.
        made.answered("deleteConnection", &url("saved"), 404);
        assert_eq!(made.left(), ["saved", "unanswered"].map(url));
        made.absent(&url("saved"));
        assert_eq!(made.left(), [url("unanswered")]);
    }

    #[test]
    fn what_has_no_answer_may_be_saved_after_it_was_not_there() {
        let made = Made::default();
        for id in ["late", "gateway", "failed"] {
            made.ask(&url(id)).unwrap();
        }
        made.answered("putConnection", &url("gateway"), 504);
        made.answered("putConnection", &url("failed"), 500);
        for id in ["late", "gateway", "failed"] {
            made.absent(&url(id));
        }
        assert_eq!(made.pending(), ["late", "gateway"]);
        assert_eq!(made.left(), ["late", "gateway"].map(url));
        made.answered("deleteConnection", &url("late"), 204);
        made.answered("putConnection", &url("gateway"), 201);
        assert!(!made.is_pending());
        assert_eq!(made.left(), [url("gateway")]);
    }

    #[test]
    fn once_a_run_is_stopped_nothing_else_is_made() {
        let made = Made::default();
        made.ask(&url("first")).unwrap();
        made.close();
        made.ask(&url("second")).unwrap_err();
        assert_eq!(made.left(), [url("first")]);
    }
}
