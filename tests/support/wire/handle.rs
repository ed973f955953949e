//! The life of a call: it is named, noted, delayed, refused or passed on, and answered.

use std::{sync::atomic::Ordering, time::Duration};

use axum::{
    body::Bytes,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use rustix::process::Signal;
use tokio::sync::{OwnedMutexGuard, oneshot};

use super::{
    call::{Call, Fault},
    names::{aws_call, central_call, is_write, key_of},
    pass::pass,
    refusal::refusal,
    rules::{Rules, Side, lock},
};

pub(super) async fn handle(State(side): State<Side>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = axum::body::to_bytes(body, 100 << 20).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    let arrived = Arrived::of(&side, &parts, &body);
    side.running.fetch_add(1, Ordering::AcqRel);
    let (delay, fault, cut) = admit(&side, &arrived);
    if !arrived.by_program && arrived.name == "s3:GetObject" {
        let path = parts.uri.path().to_owned();
        lock(&side.rules).read.push(path);
    }
    if cut {
        side.running.fetch_sub(1, Ordering::AcqRel);
        return std::future::pending().await;
    }
    // What has arrived is done, also for a caller that has hung up.
    let done = tokio::spawn(async move {
        note_secrets(&side, &parts);
        let _turn = turn(&side, &arrived).await;
        let answer = answer(&side, parts, body, &arrived.name, fault).await;
        tokio::time::sleep(delay).await;
        let status = answer.as_ref().map_or(0, |answer| answer.status().as_u16());
        note(&side, arrived, status);
        side.running.fetch_sub(1, Ordering::AcqRel);
        answer
    });
    match done.await.expect("no call panics") {
        Ok(answer) => answer,
        // Ends the connection's task without an answer, so the program sees a reset. No panic message is printed.
        Err(Broken) => std::panic::resume_unwind(Box::new(Broken)),
    }
}

/// A call that has arrived.
struct Arrived {
    name: String,
    by_program: bool,
    write: bool,
    begun: Duration,
}

impl Arrived {
    fn of(side: &Side, parts: &Parts, body: &Bytes) -> Self {
        let name = if side.central {
            central_call(parts)
        } else {
            aws_call(parts, body)
        };
        Self {
            by_program: side.central || key_of(&parts.headers) == Some(&side.account),
            write: is_write(&name),
            begun: side.begun.elapsed(),
            name,
        }
    }
}

/// The delay and the fault of a call, and whether the wire is cut. All under one lock: once the victim is dead, the test may mend
/// the wire before this call goes on.
fn admit(side: &Side, arrived: &Arrived) -> (Duration, Option<Fault>, bool) {
    let mut rules = lock(&side.rules);
    if arrived.write && rules.kill_after == Some(0) {
        kill(&mut rules);
    }
    if arrived.by_program {
        hold(&mut rules, arrived);
    }
    let fault = rules.faults.remove(&arrived.name);
    (rules.delay, fault, rules.cut)
}

/// Cuts the wire at the call that is to be held.
fn hold(rules: &mut Rules, arrived: &Arrived) {
    let Some(hold) = &mut rules.hold else {
        return;
    };
    if hold.writes && !arrived.write {
        return;
    }
    match hold.passes.checked_sub(1) {
        Some(left) => hold.passes = left,
        None => {
            rules.cut = true;
            rules.held.get_or_insert_with(|| arrived.name.clone());
        }
    }
}

/// If the program's calls to AWS are watched, waits until the one before has passed and the watcher lets this one go.
async fn turn(side: &Side, arrived: &Arrived) -> Option<OwnedMutexGuard<()>> {
    let watch = lock(&side.rules).watch.clone();
    let watch = watch.filter(|_| arrived.by_program && !side.central)?;
    let turn = watch.turn.lock_owned().await;
    let (go, gone) = oneshot::channel();
    let told = watch.tell.send((arrived.name.clone(), go));
    told.expect("the watching thread lives as long as the wire");
    gone.await.expect("it lets each call go");
    Some(turn)
}

/// The call's answer: a fault, or what AWS or Central answers.
async fn answer(
    side: &Side,
    parts: Parts,
    body: Bytes,
    name: &str,
    fault: Option<Fault>,
) -> Result<Response, Broken> {
    match fault {
        Some(Fault::Reset) => Err(Broken),
        Some(Fault::Lost) => {
            pass(side, parts, body).await;
            Err(Broken)
        }
        Some(fault) => Ok(refusal(name, fault)),
        None => Ok(pass(side, parts, body).await),
    }
}

/// Notes a call that was answered, and kills the program if it was to be killed after this write.
fn note(side: &Side, arrived: Arrived, status: u16) {
    let mut rules = lock(&side.rules);
    let write = arrived.write;
    if arrived.by_program {
        rules.calls.push(Call {
            name: arrived.name,
            write,
            status,
            begun: arrived.begun,
            ended: side.begun.elapsed(),
        });
    }
    let written = rules.calls.iter().filter(|call| call.write).count();
    if write && rules.kill_after == Some(written) {
        kill(&mut rules);
    }
}

/// Says that a call's connection is to be broken.
struct Broken;

fn kill(rules: &mut Rules) {
    rules.cut = true;
    if let Some(victim) = rules.victim.take() {
        let _ = rustix::process::kill_process(victim, Signal::KILL);
    }
}

/// The secrets of a call: what comes after `Signature=` or `Bearer`, and the session token.
fn note_secrets(side: &Side, parts: &Parts) {
    let text = |name: &str| {
        parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
    };
    let authorization = text("authorization").unwrap_or_default();
    let signed = ["Signature=", "Bearer "]
        .iter()
        .filter_map(|before| authorization.split(before).nth(1));
    let found = signed.chain(text("x-amz-security-token"));
    lock(&side.rules)
        .secrets
        .extend(found.map(ToOwned::to_owned));
}
