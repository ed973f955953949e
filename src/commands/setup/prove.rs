//! `--wait-for-logs` ends with a proof: an event of this run has reached Central.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::prepared::Prepared;
use crate::{
    audit::{Fingerprint, Place, Proof, Sign},
    central::model::Connection,
    commands::{app::App, session},
    connection::Kind,
    resources::families::Step,
    ui::{Code, Failure, t},
};

/// Looks for an event of this run in a log file that Central has stored, for as long as `time`. Log files arrive already, so
/// setup does not fail without the proof: it says why there is none. `since` is when the run began to make changes.
pub(super) async fn prove(
    app: &App,
    prepared: &Prepared,
    connection: &Connection,
    since: Timestamp,
    time: Duration,
) -> Option<Proof> {
    let Prepared {
        session,
        design,
        plan,
        ..
    } = prepared;
    if !plan.steps.iter().any(leaves_an_event) {
        return None;
    }
    let run = session.aws.run_in_user_agent()?;
    let bucket = session::log_bucket(connection, design)?;
    let prefix = design.key_prefix();
    let place = Place {
        s3: &session.aws.s3,
        bucket: &bucket,
        owner: Some(&design.account),
        prefix: &prefix,
    };
    let fingerprint = Fingerprint::new(place, &session.central, design, run, since);
    until_proved(app, fingerprint, time).await
}

/// Looks again and again. What ends it without a proof is said.
async fn until_proved(
    app: &App,
    mut fingerprint: Fingerprint<'_>,
    time: Duration,
) -> Option<Proof> {
    let step = app.progress().step(&t!("prove-step"));
    let begun = Instant::now();
    loop {
        match fingerprint.look().await {
            Ok(Sign::Proved(proof)) => {
                step.done();
                return Some(proof);
            }
            Ok(Sign::NotStored { event }) => {
                drop(step);
                app.printer.say(&t!("prove-not-stored", event = event));
                return None;
            }
            Ok(Sign::Nothing) => {}
            Err(failure) => {
                drop(step);
                app.printer.warn(&unknown(&failure));
                return None;
            }
        }
        let left = time.saturating_sub(begun.elapsed());
        if left.is_zero() {
            drop(step);
            app.printer.say(&t!("prove-not-found"));
            return None;
        }
        step.waiting(&t!("prove-waiting"), left);
        tokio::time::sleep(pause(begun.elapsed()).min(left)).await;
    }
}

/// Whether a step has left an event in the connection's region. IAM and Organizations have their events in one region of the
/// partition (CloudTrail user guide, "Global service events").
fn leaves_an_event(step: &Step) -> bool {
    let global = matches!(
        step.kind(),
        Kind::Role | Kind::RolePolicy | Kind::ServiceLinkedRole | Kind::TrustedAccess
    );
    step.writes() && step.done && !global
}

/// Why it could not be looked for an event.
fn unknown(failure: &Failure) -> String {
    match failure.code {
        Code::AwsPermission => t!("prove-denied", cause = failure.message),
        _ => t!("prove-failed", cause = failure.message),
    }
}

fn pause(elapsed: Duration) -> Duration {
    Duration::from_millis(if elapsed < Duration::from_secs(10) {
        500
    } else {
        5000
    })
}
