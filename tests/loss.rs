//! No loss: whatever Central, S3, the network and Lambda do, in the end every wanted file is stored once, with its own bytes,
//! and no unwanted file was read. Nobody has to step in, and nothing is replayed.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use sophos_ct::testing::Timing;

use crate::rig::{
    BUCKET, central,
    corpus::{self, Corpus},
    dice::Dice,
    lambda::{self, Lambda},
    message,
    s3::{self, S3},
    serve,
};

/// Accounts of the organization; every third is not wanted.
const ACCOUNTS: usize = 9;
const REGIONS: [&str; 2] = ["eu-west-1", "us-east-1"];
/// The times in file names advance by a day in about ten seconds.
const SPEED: u32 = 8640;
/// Files per second.
const PACE: u32 = 350;

fn account(number: usize) -> String {
    format!("{:012}", 100_000_000_000 + number)
}

fn wanted(number: usize) -> bool {
    !number.is_multiple_of(3)
}

/// Sizes as in practice: half are below 2 KB, and a few as large as CloudTrail makes them.
fn size(random: &mut fastrand::Rng, number: usize, files: usize) -> usize {
    const MEGABYTE: usize = 1024 * 1024;
    if number % (files / 2).max(1) == files / 4 {
        50 * MEGABYTE
    } else if number % (files / 8).max(1) == 3 {
        5 * MEGABYTE
    } else if random.u32(0..100) == 0 {
        random.usize(20_000..200_000)
    } else {
        random.usize(500..4_000)
    }
}

/// A file that was put into the bucket.
struct Put {
    number: usize,
    sha256: String,
    wanted: bool,
    /// The outcome that the file ends with, if S3 refuses it.
    refused: Option<&'static str>,
}

/// How S3 refuses a few early files: as archived, or as denied by a statement that is for this file only.
fn refused(number: usize) -> Option<(&'static str, s3::Refusal)> {
    match number {
        100..105 => Some(("archived", s3::ARCHIVED)),
        105..110 => Some(("denied", s3::DENIED)),
        _ => None,
    }
}

fn environment(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[test]
fn nothing_is_lost_whatever_fails() {
    let seed = environment("SOPHOS_CT_SEED").unwrap_or(20_261_124);
    let files = environment("SOPHOS_CT_FILES").unwrap_or(10_000);
    let files = usize::try_from(files).expect("a number of files");
    println!("SOPHOS_CT_SEED={seed} SOPHOS_CT_FILES={files}");
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(run(seed, files));
}

async fn run(seed: u64, files: usize) {
    let timing = Timing {
        token: Duration::from_secs(3),
        upload: Duration::from_secs(2),
        overdue: Duration::from_secs(1),
        lease: Duration::from_secs(4),
        day: Duration::from_secs(8),
        silence: Duration::from_secs(12 * 3600),
        speed: SPEED,
        ..Timing::default()
    };
    let accounts: Vec<String> = (0..ACCOUNTS)
        .filter(|one| wanted(*one))
        .map(account)
        .collect();
    let s3 = S3::new(Dice::new(seed, 25));
    let aws_url = format!("http://{}", serve(s3.clone().router()).await);
    let central = central::Rig::start(
        Dice::new(seed + 1, 25),
        timing.clone(),
        Duration::ZERO,
        &accounts,
    )
    .await;
    let settings = lambda::Settings {
        program: env!("CARGO_BIN_EXE_bootstrap").into(),
        aws_url,
        central_url: central.url.clone(),
        prefix: String::new(),
        timeout: Duration::from_secs(12),
        retries: [Duration::from_millis(300), Duration::from_millis(600)],
        log: std::env::var_os("SOPHOS_CT_LOG").map(Into::into),
    };
    let lambda = Lambda::start(&settings, 10).await;
    let mut random = fastrand::Rng::with_seed(seed + 2);
    let mut corpus = Corpus::new(seed + 3);
    let mut put: BTreeMap<String, Put> = BTreeMap::new();
    let mut unannounced = 0;

    let mut one = |number: usize, announced: bool, random: &mut fastrand::Rng| {
        let account_number = random.usize(0..ACCOUNTS);
        let body = corpus.body(size(random, number, files));
        let unique = format!("{number:06}{:010x}", random.u64(..) >> 24);
        let region = REGIONS[random.usize(0..REGIONS.len())];
        let sha256 = body.sha256();
        let key = corpus::key(&account(account_number), region, timing.now(), &unique);
        let file = Put {
            number,
            sha256,
            wanted: wanted(account_number),
            refused: refused(number).map(|(outcome, _)| outcome),
        };
        s3.put(key.clone(), body);
        if let Some((_, refusal)) = refused(number) {
            s3.refuse(&key, Some(refusal));
        }
        if announced {
            lambda.invoke(&message(BUCKET, &[&key]));
        }
        (key, file)
    };

    // Faults, while the files arrive.
    let begun = Instant::now();
    let mut next_kill = Duration::from_millis(700);
    for number in 0..files {
        let due = Duration::from_secs(1) * u32::try_from(number).expect("few") / PACE;
        while begun.elapsed() < due {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        // One notification in a hundred never comes.
        let announced = random.u32(0..100) != 0;
        unannounced += usize::from(!announced);
        put.extend([one(number, announced, &mut random)]);
        if begun.elapsed() > next_kill {
            lambda.kill(random.usize(..));
            next_kill = begun.elapsed() + Duration::from_millis(random.u64(300..1200));
        }
        let tenth = number * 10 / files;
        // Central is away for longer than Lambda retries, so events are given up.
        central.away(tenth == 2);
        // Requests are accepted and never answered.
        central.answers(if tenth == 7 { 0 } else { 200 });
        s3.deny((tenth == 5).then_some(""));
    }
    // No more faults. Files keep arriving, as they always do, and the missing files are delivered along with them.
    central.away(false);
    central.answers(200);
    central.rest();
    s3.deny(None);
    s3.rest();
    let end = Instant::now() + Duration::from_secs(240);
    let mut number = files;
    let missing = |put: &BTreeMap<String, Put>| {
        let store = central.store.lock().expect("no panic");
        let lacks = |(key, file): &(&String, &Put)| {
            let address = (central::ID.to_owned(), BUCKET.to_owned(), (*key).clone());
            let receipt = store.receipts.get(&address);
            let outcome = file.refused.unwrap_or("stored");
            file.wanted && receipt.is_none_or(|receipt| receipt.outcome != outcome)
        };
        put.iter()
            .filter(lacks)
            .map(|(key, file)| (file.number, key.clone()))
            .collect::<Vec<_>>()
    };
    loop {
        for _ in 0..4 {
            put.extend([one(number, true, &mut random)]);
            number += 1;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
        let left = missing(&put);
        // Files that arrived after the faults may still be on their way.
        if left.iter().all(|(number, _)| *number >= files) {
            break;
        }
        assert!(
            Instant::now() < end,
            "{} missing, such as {:?}",
            left.len(),
            left.first()
        );
    }
    while !missing(&put).is_empty() || !lambda.idle() {
        assert!(Instant::now() < end, "the last files did not come");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }

    let counts = lambda.counts();
    println!(
        "{number} files in {:.0?}, {unannounced} unannounced, {counts:?}",
        begun.elapsed()
    );
    // The run had all the faults that it was meant to have.
    assert!(
        counts.dropped > 0 && counts.killed > 3 && unannounced > 0,
        "{counts:?}"
    );
    let store = central.store.lock().expect("no panic");
    assert!(
        store.receipts.len() <= put.len(),
        "more receipts than files"
    );
    for (key, file) in &put {
        let address = (central::ID.to_owned(), BUCKET.to_owned(), key.clone());
        let receipt = store.receipts.get(&address);
        if file.refused.is_some() {
            continue;
        }
        if file.wanted {
            let receipt = receipt.expect("the loop above waited for it");
            assert_eq!(
                receipt.sha256.as_deref(),
                Some(file.sha256.as_str()),
                "{key}"
            );
        } else {
            assert!(
                receipt.is_none_or(|receipt| receipt.outcome == "skipped"),
                "{key}"
            );
            assert_eq!(s3.reads(key), 0, "{key} was read");
        }
    }
}
