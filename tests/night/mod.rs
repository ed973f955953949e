//! A night in some minutes: log files arrive every second from the accounts of an organization while functions are killed, the
//! sandbox is restarted with its AWS and its Central, Central is away, accounts change, the connection is paused, and the licence
//! ends. In the morning nothing is missing, everything is proved, and the connection is healthy.

mod place;

use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::support::blocking;
use Event::{
    AccountJoined, CentralAway, FunctionKilled, LicenseEnded, LicenseRenewed, Narrowed, Paused,
    Restarted, Resumed, Widened,
};
use place::Place;

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Event {
    FunctionKilled,
    Restarted,
    CentralAway,
    AccountJoined,
    Narrowed,
    Widened,
    Paused,
    Resumed,
    LicenseEnded,
    LicenseRenewed,
}

/// What happens in every night. A longer one goes on with any of these, except that no more accounts join.
const EVENING: [Event; 13] = [
    FunctionKilled,
    Narrowed,
    CentralAway,
    Paused,
    AccountJoined,
    FunctionKilled,
    Resumed,
    LicenseEnded,
    Restarted,
    Widened,
    LicenseRenewed,
    CentralAway,
    FunctionKilled,
];

/// The account that joins the organization.
const JOINING: &str = "777788889999";

/// An organization with a connection, and what happens to it.
struct Night {
    place: Place,
    random: fastrand::Rng,
    /// When the connection was set up.
    since: String,
}

impl Night {
    fn begin(seed: u64) -> Self {
        println!("SOPHOS_CT_SEED={seed}");
        let place = Place::start();
        let since = Timestamp::now().as_second();
        let since = Timestamp::from_second(since).unwrap().to_string();
        let words = ["setup", "night", "--organization", "--yes"];
        place.run(&words).exits(0);
        Self {
            place,
            random: fastrand::Rng::with_seed(seed),
            since,
        }
    }

    /// Lets things happen, at least for this long.
    fn pass(&mut self, length: Duration) {
        let begun = Instant::now();
        let mut count = 0;
        for event in EVENING {
            self.happens(event);
            count += 1;
        }
        while begun.elapsed() < length {
            let event = EVENING[self.random.usize(..EVENING.len())];
            if event != AccountJoined {
                self.happens(event);
                count += 1;
            }
        }
        println!("{count} events in {:.0?}", begun.elapsed());
    }

    /// Lets something happen, and time pass until the next thing.
    fn happens(&mut self, event: Event) {
        let place = &self.place;
        match event {
            FunctionKilled => {
                let processes = place.functions();
                if let Some(process) = self.random.choice(processes) {
                    place.kill(process);
                }
            }
            Restarted => place.restart(),
            CentralAway => {
                let times = self.random.u32(1..30);
                place.faults(&json!([
                    { "path": "/log-ingest/", "kind": "status", "status": 503, "times": times },
                ]));
            }
            AccountJoined => place.join(JOINING),
            Narrowed => place.accounts(&["--set", "111122223333,444455556666"]),
            Widened => place.accounts(&["--all"]),
            Paused => place.set_status("paused"),
            Resumed => place.set_status("active"),
            LicenseEnded => place.license("2020-01-01"),
            LicenseRenewed => place.license("2099-12-31"),
        }
        let pause = Duration::from_millis(self.random.u64(300..2500));
        std::thread::sleep(pause);
    }

    /// Ends whatever is still going on.
    fn calm(&self) {
        let place = &self.place;
        place.faults(&json!([]));
        place.license("2099-12-31");
        place.set_status("active");
        place.accounts(&["--all"]);
    }

    fn audit(&self, more: &[&str]) -> Value {
        let words = ["audit", "night", "--since", &self.since, "--grace", "0s"];
        self.place
            .run(&[&words[..], &["--format", "json"], more].concat())
            .json()
    }

    /// Waits until `status` says that the connection is healthy.
    fn until_healthy(&self) {
        let end = Instant::now() + Duration::from_secs(120);
        loop {
            let status = self.place.run(&["status", "night", "--format", "json"]);
            if status.code == 0 && status.json()["healthy"] == true {
                return;
            }
            assert!(Instant::now() < end, "{}", status.stdout);
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// A night of at least this length.
fn night(length: Duration) {
    let seed = environment("SOPHOS_CT_SEED").unwrap_or(20_261_129);
    let mut night = Night::begin(seed);
    night.pass(length);
    night.calm();
    night.until_healthy();
    // Once a trail is stopped, no log file of it lands any more, and its last digests list all of them.
    blocking(async {
        let aws = night.place.aws().await;
        let trails = aws.cloudtrail.describe_trails().send().await.unwrap();
        for trail in trails.trail_list() {
            let stop = aws.cloudtrail.stop_logging();
            stop.name(trail.trail_arn().unwrap()).send().await.unwrap();
        }
    });
    // Functions may still run. What they send meanwhile is sent twice at most, and a replay ends when everything has arrived.
    println!("in the morning: {}", night.audit(&[]));
    let replayed = night.audit(&["--replay", "--include-skipped", "paused", "--keys"]);
    println!("after a replay: {replayed}");
    assert_eq!(replayed["missing"], 0, "{replayed:#}");
    assert_eq!(replayed["reported"], 0, "{replayed:#}");

    let words = ["--certify", "--keys"];
    let proved = night.audit(&words);
    let certificate = &proved["certificate"];
    let count = |of: &Value| of.as_u64().unwrap();
    assert_eq!(
        count(&certificate["proved"]) + count(&certificate["unwanted"]),
        count(&proved["objects"]),
        "{proved:#}"
    );
    assert_eq!(count(&certificate["unwanted"]), count(&proved["unwanted"]));
    for kind in ["gaps", "invalidDigests"] {
        assert_eq!(certificate[kind], 0, "{kind}: {proved:#}");
    }
    println!(
        "{} proved, {} not wanted, {} digests",
        certificate["proved"], certificate["unwanted"], certificate["digests"]
    );
    assert!(count(&certificate["proved"]) > 50, "{proved:#}");
}

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn a_short_night_leaves_nothing_missing_and_everything_proved() {
    night(Duration::ZERO);
}

#[test]
#[ignore = "ten minutes, or as many seconds as SOPHOS_CT_SECONDS says"]
fn a_night_leaves_nothing_missing_and_everything_proved() {
    let seconds = environment("SOPHOS_CT_SECONDS").unwrap_or(600);
    night(Duration::from_secs(seconds));
}
