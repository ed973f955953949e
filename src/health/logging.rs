//! Whether the trail is logging and can deliver.

use super::{about::About, check::Check, evidence::Evidence};
use crate::{
    policy,
    resources::trail::Status,
    ui::{shell::quoted, t},
};

pub(super) fn check(evidence: &Evidence<'_>, setup: &[String]) -> Check {
    let design = evidence.design;
    if !design.own_trail() && design.feed.existing_trail().is_none() {
        return Check::new(About::Logging, None, t!("status-trail-unknown"));
    }
    if evidence.observed.trail.own.is_absent() {
        let absent = Check::new(About::Logging, Some(false), t!("status-no-trail"));
        if evidence.is_of_stack() {
            return absent.fix(t!("external-hint-update"));
        }
        // Setup makes no trail in place of one that was there before.
        return match design.own_trail() {
            true => absent.run(setup),
            false => absent.fix(t!("fix-trail-gone")),
        };
    }
    match evidence.trail_status() {
        Some(status) => {
            let check = of_status(status, may_publish(evidence));
            mended(check, evidence, status, setup)
        }
        None => Check::new(About::Logging, None, denied(evidence)),
    }
}

/// Adds what makes the trail log and deliver again.
pub(super) fn mended(
    check: Check,
    evidence: &Evidence<'_>,
    status: &Status,
    setup: &[String],
) -> Check {
    if status.logging {
        return check.fix(t!("fix-logging"));
    }
    // Setup starts no trail of a stack.
    if evidence.is_of_stack() {
        return check.fix(t!("external-hint-update"));
    }
    match evidence.design.own_trail() {
        true => check.run(setup),
        // Setup does not start a trail that was there before.
        false => {
            let arn = quoted(&evidence.design.trail_arn());
            let words = ["aws", "cloudtrail", "start-logging", "--name", &arn];
            let words = words.map(ToOwned::to_owned);
            check.run_as(t!("fix-trail-stopped"), &words)
        }
    }
}

/// Says that the trail's status could not be read, and which action the caller lacks.
fn denied(evidence: &Evidence<'_>) -> String {
    let own = &evidence.observed.trail.own;
    let status = own.there().and_then(|own| own.status.denied());
    match own.denied().or(status) {
        Some(action) => t!("status-unseen", action = action),
        None => t!("status-denied"),
    }
}

/// Whether our statement in the topic's policy is as planned.
fn may_publish(evidence: &Evidence<'_>) -> bool {
    let topic = evidence.observed.topic.there();
    let document = topic.and_then(|topic| topic.policy.as_ref());
    let ours = evidence.design.topic_statements();
    document.is_some_and(|document| policy::contains(document, &ours))
}

fn of_status(status: &Status, may_publish: bool) -> Check {
    let delivery = status.delivery_error.as_ref();
    let notification = status.notification_error.as_ref();
    let errors: Vec<String> = [
        delivery.map(|code| t!("status-delivery-error", code = code)),
        notification.map(|code| t!("status-notification-error", code = code)),
    ]
    .into_iter()
    .flatten()
    .collect();
    let detail = match (status.logging, errors.is_empty()) {
        (true, true) => t!("status-logging"),
        (true, false) => errors.join(", "),
        (false, _) => t!("status-not-logging"),
    };
    // The notification's error stays until the next log file, even after the topic's policy is right again (recorded).
    let may_be_past = status.notification_error.as_deref() == Some("AuthorizationError")
        && may_publish
        && status.delivery_error.is_none();
    let ok = match (status.logging, errors.is_empty()) {
        (true, false) if may_be_past => None,
        (logging, fine) => Some(logging && fine),
    };
    Check::new(About::Logging, ok, detail)
}
