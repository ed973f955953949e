//! How long Central is left alone, how long a call to it may take, and which invocations wait for it.

use std::sync::Arc;

use futures::FutureExt;

use super::*;
use crate::clock::tests::set_by_hand;

/// Returns a breaker and the value that sets its clock.
fn by_hand() -> (Breaker, Arc<Mutex<Duration>>) {
    let (clock, hand) = set_by_hand();
    let breaker = Breaker {
        clock,
        ..Breaker::default()
    };
    (breaker, hand)
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build();
    runtime.unwrap().block_on(work)
}

fn ready(breaker: &Breaker) -> bool {
    block_on(breaker.ready()).is_ok()
}

/// Returns the seconds until it is ready again.
fn pause(breaker: &Breaker, hand: &Mutex<Duration>) -> f64 {
    let mut waited = Duration::ZERO;
    while !ready(breaker) {
        *hand.lock().unwrap() += Duration::from_millis(100);
        waited += Duration::from_millis(100);
    }
    waited.as_secs_f64()
}

/// Returns how many seconds a pause may take that was doubled this often.
fn doubled(often: i32) -> std::ops::RangeInclusive<f64> {
    let full = (4.0 * 2_f64.powi(often)).min(60.0);
    full / 2.0 - 0.1..=full + 0.1
}

#[test]
fn a_central_that_does_not_answer_is_asked_ever_more_rarely_and_a_minute_apart_at_most() {
    let (breaker, hand) = by_hand();
    for further in 0..8 {
        breaker.begin();
        breaker.failed(true);
        // The other files of the same invocation.
        breaker.failed(true);
        let pause = pause(&breaker, &hand);
        assert!(doubled(further).contains(&pause), "{further}: {pause}");
    }
}

#[test]
fn each_fourth_call_after_failures_has_the_full_time_and_so_have_all_after_an_answer() {
    let (breaker, hand) = by_hand();
    assert_eq!(breaker.time(), TRIAL);
    for time in [PROBE, PROBE, PROBE, CALL, PROBE] {
        breaker.failed(true);
        assert_eq!(breaker.time(), time);
        pause(&breaker, &hand);
    }
    breaker.answered();
    assert_eq!(breaker.time(), CALL);
    // What fails next is the first failure again.
    breaker.failed(true);
    let pause = pause(&breaker, &hand);
    assert!(doubled(0).contains(&pause), "{pause}");
}

#[test]
fn uploads_that_hang_are_tried_ever_more_rarely_though_calls_are_answered() {
    let (breaker, hand) = by_hand();
    assert_eq!(breaker.upload_time(), CALL);
    breaker.stored();
    assert_eq!(breaker.upload_time(), http::IDLE);
    for strike in 0..6 {
        breaker.begin();
        breaker.answered();
        breaker.upload_hung();
        // The other files of the same invocation.
        breaker.upload_hung();
        assert_eq!(breaker.upload_time(), CALL);
        let pause = pause(&breaker, &hand);
        assert!(doubled(strike).contains(&pause), "{strike}: {pause}");
    }
    breaker.stored();
    assert_eq!(breaker.upload_time(), http::IDLE);
}

#[test]
fn a_process_that_was_frozen_meanwhile_goes_on_at_once() {
    let (breaker, hand) = by_hand();
    // A minute at most, however long Central asks for.
    breaker.asked(Duration::from_secs(3600));
    assert!(!ready(&breaker));
    *hand.lock().unwrap() += Duration::from_secs(61);
    // The monotonic clock has not moved.
    assert!(ready(&breaker));
}

#[test]
fn an_invocation_waits_for_a_short_pause_that_it_is_the_first_to_meet() {
    let short = Duration::from_millis(100);
    let breaker = Breaker::default();
    breaker.begin();
    breaker.asked(short);
    assert!(ready(&breaker));
    // The next invocation finds the pause, and does not wait for it.
    breaker.asked(short);
    breaker.begin();
    assert!(!ready(&breaker));
}

#[test]
fn nobody_waits_for_a_central_that_hangs_or_for_a_long_pause() {
    let breaker = Breaker::default();
    breaker.begin();
    (0..QUICK).for_each(|_| breaker.failed(false));
    // The pause alone would be short enough, but a call of another file was not answered in time.
    breaker.failed(true);
    assert!(!ready(&breaker));

    let (breaker, _hand) = by_hand();
    breaker.asked(Duration::from_secs(10));
    let refused = block_on(breaker.ready()).unwrap_err();
    assert_eq!(refused, "Central is not called for 11 more seconds");
}

#[test]
fn a_pause_of_just_the_patience_is_waited_for_and_a_longer_one_is_not() {
    let longer = PATIENCE + Duration::from_nanos(1);
    for (asked, refused) in [(PATIENCE, false), (longer, true)] {
        let (clock, _hand) = set_by_hand();
        let breaker = Breaker {
            clock,
            ..Breaker::default()
        };
        breaker.asked(asked);
        // Looks once, without waiting.
        let ready = block_on(async { breaker.ready().now_or_never() });
        assert_eq!(matches!(ready, Some(Err(_))), refused, "{asked:?}");
    }
}

#[test]
fn a_call_is_repeated_only_within_the_patience_of_its_invocation() {
    let breaker = Breaker::default();
    breaker.begin();
    assert!(block_on(breaker.wait(Duration::from_millis(1))));
    assert!(!block_on(breaker.wait(Duration::from_secs(10))));
}

/// Counts how many executions run at once while Central hangs, if 100 new files come each second and each event is tried
/// three times, as Lambda does. The free environment that was made first is taken. So environments that were idle for long,
/// whose pauses have all ended, are used together.
#[test]
fn a_hanging_central_keeps_concurrency_low() {
    struct Process {
        breaker: Breaker,
        free_at: f64,
    }
    let (clock, hand) = set_by_hand();
    drop(clock);
    let start = *hand.lock().unwrap();
    let fresh = || {
        let hand = std::sync::Arc::clone(&hand);
        let read = move || SystemTime::UNIX_EPOCH + *hand.lock().unwrap();
        Process {
            breaker: Breaker {
                clock: Clock::of(read),
                ..Breaker::default()
            },
            free_at: 0.0,
        }
    };
    let mut processes: Vec<Process> = Vec::new();
    let mut peak = 0;
    // The attempts in each hundredth of a second: new files, and those of one and of three minutes ago.
    for step in 0..600_u32 * 100 {
        let now = f64::from(step) / 100.0;
        *hand.lock().unwrap() = start + Duration::from_secs_f64(now);
        let attempts = 1 + u32::from(now >= 60.0) + u32::from(now >= 180.0);
        for _ in 0..attempts {
            let free = processes.iter().position(|one| one.free_at <= now);
            let index = free.unwrap_or_else(|| {
                processes.push(fresh());
                processes.len() - 1
            });
            let process = &mut processes[index];
            process.breaker.begin();
            let time = process.breaker.time().as_secs_f64();
            let open = process.breaker.state().until;
            let open = open.and_then(|until| process.breaker.clock.left(until, LONGEST));
            if open.is_some() {
                process.free_at = now + 0.02;
            } else {
                process.free_at = now + time;
                // The strike counts from the moment when the call has timed out.
                *hand.lock().unwrap() = start + Duration::from_secs_f64(now + time);
                process.breaker.failed(true);
                *hand.lock().unwrap() = start + Duration::from_secs_f64(now);
            }
        }
        let running = processes.iter().filter(|one| one.free_at > now).count();
        peak = peak.max(running);
    }
    println!("at most {peak} executions at once");
    assert!(peak <= 450, "{peak}");
}
