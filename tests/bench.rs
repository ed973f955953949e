//! Measures what the function costs, over loopback. `scripts/bench` makes the function's slim build and prints this table.

use std::{
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use axum::{Router, body::Body, http::StatusCode, routing::put};
use comfy_table::Table;
use futures::StreamExt;
use sophos_ct::testing::Package;

use crate::rig::{
    BUCKET,
    calm::{Calm, Conditions},
    serve,
};

const MEGABYTE: usize = 1024 * 1024;
/// Lambda's prices (x86_64, us-east-1, first tier): per GB and second, and per request.
const USD_PER_GB_SECOND: f64 = 0.000_016_666_7;
const USD_PER_REQUEST: f64 = 0.000_000_2;
/// Memory that comes with one virtual processor (Lambda developer guide, "Configure Lambda function memory").
const MB_PER_CPU: f64 = 1769.0;

async fn start(program: &Path, delay: Duration) -> Calm {
    let conditions = Conditions {
        program,
        prefix: "",
        s3_delay: delay,
        central_delay: delay,
        timeout: Duration::from_secs(120),
        drip: Duration::ZERO,
    };
    let mut bench = Calm::start(&conditions).await;
    // After one file the function has its connections and is signed in, as in normal operation.
    bench.moves(1, 2000, 1).await;
    bench
}

impl Calm {
    /// Moves this many files of this size, `at_once` in each invocation, and returns how long that took.
    async fn moves(&mut self, files: usize, bytes: usize, at_once: usize) -> Duration {
        let done = self.lambda.billed().len();
        let keys: Vec<String> = (0..files)
            .map(|number| self.put(&format!("{number}-{done}"), bytes).0)
            .collect();
        let before = self.lambda.counts().done;
        let begun = Instant::now();
        let mut invocations = 0;
        for keys in keys.chunks(at_once) {
            self.announce(keys);
            invocations += 1;
        }
        while self.lambda.counts().done < before + invocations {
            assert_eq!(self.lambda.counts().failed, 0);
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let took = begun.elapsed();
        for key in keys {
            self.s3.delete(&key);
        }
        took
    }

    fn process(&self) -> u32 {
        self.lambda.processes()[0]
    }

    /// The function's processor time so far.
    fn cpu(&self) -> Duration {
        let text = std::fs::read_to_string(format!("/proc/{}/schedstat", self.process()));
        let text = text.expect("Linux");
        let nanoseconds = text.split(' ').next().and_then(|text| text.parse().ok());
        Duration::from_nanos(nanoseconds.expect("a number"))
    }

    /// The function's peak memory, in MB.
    fn peak(&self) -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{}/status", self.process()));
        let text = text.expect("Linux");
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes: f64 = line
            .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
            .expect("a number");
        kilobytes / 1024.0
    }
}

fn row(what: &str, figure: &str) {
    println!("{what:<62} {figure}");
}

#[test]
#[ignore = "a benchmark: scripts/bench"]
fn what_the_function_costs() {
    let program = std::env::var_os("SOPHOS_CT_BOOTSTRAP").map(PathBuf::from);
    let program = program.unwrap_or_else(|| env!("CARGO_BIN_EXE_bootstrap").into());
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(run(program));
}

async fn run(program: PathBuf) {
    let zip = Package::load(Some(&program)).expect("an ELF").zip.len();
    row(
        "zip of the function",
        &format!("{:.2} MB", zip as f64 / 1e6),
    );

    let mut starts = Vec::new();
    for _ in 0..15 {
        let bench = start(&program, Duration::ZERO).await;
        starts.push(bench.lambda.cold_start().expect("it has run"));
    }
    starts.sort();
    let milliseconds = starts[starts.len() / 2].as_secs_f64() * 1000.0;
    row(
        "cold start: process to first `next`, median of 15",
        &format!("{milliseconds:.1} ms"),
    );

    for at_once in [1, 10] {
        let mut bench = start(&program, Duration::ZERO).await;
        let (before, files) = (bench.cpu(), 3000);
        let took = bench.moves(files, 2000, at_once).await;
        let cpu = (bench.cpu() - before).as_secs_f64();
        row(
            &format!("2 KB files, {at_once} in an invocation"),
            &format!(
                "{:.0} a second, {:.0} a CPU second, {:.0} us of CPU each, peak {:.1} MB",
                files as f64 / took.as_secs_f64(),
                files as f64 / cpu,
                cpu / files as f64 * 1e6,
                bench.peak()
            ),
        );
    }

    let mut bench = start(&program, Duration::from_millis(20)).await;
    let (before, files) = (bench.cpu(), 200);
    let done = bench.lambda.billed().len();
    bench.moves(files, 2000, 1).await;
    let cpu = (bench.cpu() - before).as_secs_f64() / files as f64;
    let billed: Duration = bench.lambda.billed()[done..].iter().sum();
    let wall = billed.as_secs_f64() / files as f64;
    for memory in [128.0, 256.0] {
        // A function with so little memory gets only a share of a processor, so its work takes that much longer.
        let seconds = (wall - cpu) + cpu * MB_PER_CPU / memory;
        let usd = (seconds * memory / 1024.0 * USD_PER_GB_SECOND + USD_PER_REQUEST) * 1e6;
        row(
            &format!("a 2 KB file, 20 ms per round trip, {memory} MB"),
            &format!(
                "{:.0} ms billed, {:.1} MB s, USD {usd:.2} per million files",
                seconds * 1000.0,
                seconds * memory
            ),
        );
    }

    let sink = serve(Router::new().route("/", put(sink))).await;
    let mut table = Table::new();
    table.load_style(comfy_table::presets::UTF8_HORIZONTAL_ONLY);
    table.set_header(HEADER);
    for (megabytes, times, [peers_cpu, peers_peak]) in [(25, 12, PEERS_25), (100, 4, PEERS_100)] {
        let mut bench = start(&program, Duration::ZERO).await;
        let before = bench.cpu();
        bench.moves(times, megabytes * MEGABYTE, 1).await;
        let gigabytes = (times * megabytes) as f64 / 1024.0;
        let ours = (bench.cpu() - before).as_secs_f64() / gigabytes;
        let peak = bench.peak();
        let (key, _) = bench.put("curl", megabytes * MEGABYTE);
        let from = format!("{}/{BUCKET}/{key}", bench.s3_url);
        let curl = curl(&from, &format!("http://{sink}/"), times).await;
        let (curl, ratio) = match curl.map(|cpu| cpu / gigabytes) {
            Some(cpu) => (format!("{cpu:.2}"), format!("{:.2}", ours / cpu)),
            None => ("no curl".to_owned(), String::new()),
        };
        let row = |what: &str, ours: String, curl: String, ratio: String, peers: [&str; 4]| {
            let peers = peers.map(ToOwned::to_owned);
            let what = format!("{megabytes} MB files: {what}");
            [vec![what, ours, curl, ratio], peers.to_vec()].concat()
        };
        table.add_row(row(
            "CPU s per GB",
            format!("{ours:.2}"),
            curl,
            ratio,
            peers_cpu,
        ));
        let none = String::new;
        table.add_row(row(
            "peak MB",
            format!("{peak:.1}"),
            none(),
            none(),
            peers_peak,
        ));
    }
    println!("{table}\n{PEERS}");
}

const HEADER: [&str; 8] = [
    "",
    "ours",
    "curl | curl",
    "ours / curl",
    "Datadog*",
    "Elastic*",
    "Coralogix*",
    "cloudtrail-rs*",
];
/// CPU seconds per GB, and peak MB.
const PEERS_25: [[&str; 4]; 2] = [
    ["49 - 62", "120 - 171", "50 - 70", "25"],
    ["173", "226", "188", "86"],
];
const PEERS_100: [[&str; 4]; 2] = [["44", "253", "52", "48"], ["520", "722", "732", "9.4"]];
const PEERS: &str = "* measured elsewhere, on one core, with the peers' own code, on files of 25 and 100 MB of plain JSON \
    (2.7 and 11.1 MB as stored), and per GB of that: they unpack and parse, we move bytes as stored.";

/// Reads any body to its end and discards it.
async fn sink(body: Body) -> StatusCode {
    let mut chunks = body.into_data_stream();
    while let Some(Ok(_)) = chunks.next().await {}
    StatusCode::OK
}

/// Processor seconds of two `curl`s that move a file this many times; `None` if they fail.
async fn curl(from: &str, to: &str, times: usize) -> Option<f64> {
    let script = format!(
        "set -e; for i in $(seq {times}); do curl -sf -H 'Authorization: AWS4-HMAC-SHA256 x' '{from}' | curl -sf -T - '{to}'; done; times"
    );
    let output =
        tokio::task::spawn_blocking(move || Command::new("bash").args(["-c", &script]).output());
    let output = output
        .await
        .ok()?
        .ok()
        .filter(|output| output.status.success())?;
    // The second line of `times` is the children's: `0m0.012s 0m0.034s`.
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = |text: &str| {
        let (minutes, seconds) = text.trim_end_matches('s').split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    text.lines().nth(1)?.split(' ').map(seconds).sum()
}
