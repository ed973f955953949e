//! The function by itself: what it understands, what it does when something fails, and what it never does. Here it is started
//! and given events; the tests are in the parts.

mod events;
mod failures;
mod limits;
mod sign_in;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use serde_json::Value;

use crate::rig::{
    calm::{Calm, Conditions},
    sns,
};

const ACCOUNT: &str = "100000000001";

const VALIDATION: &str = "CloudTrail validation message.";

fn block_on(test: impl Future<Output = ()>) {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime")
        .block_on(test);
}

async fn start(prefix: &str, s3_delay: Duration) -> Calm {
    let conditions = Conditions {
        s3_delay,
        ..conditions(prefix)
    };
    Calm::start(&conditions).await
}

fn conditions(prefix: &str) -> Conditions<'_> {
    Conditions {
        program: Path::new(env!("CARGO_BIN_EXE_bootstrap")),
        prefix,
        s3_delay: Duration::ZERO,
        central_delay: Duration::ZERO,
        timeout: Duration::from_secs(4),
        drip: Duration::ZERO,
    }
}

impl Calm {
    /// Runs an event until it is done or given up, and returns whether it was done.
    async fn handles(&self, event: &Value) -> bool {
        let before = self.lambda.counts();
        self.lambda.invoke(event);
        let end = Instant::now() + Duration::from_secs(60);
        loop {
            let counts = self.lambda.counts();
            if counts.done > before.done || counts.dropped > before.dropped {
                return counts.done > before.done;
            }
            assert!(Instant::now() < end, "{counts:?}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    fn stored(&self, key: &str) -> Option<String> {
        let receipt = self.central.receipt(key)?;
        assert_eq!(receipt["outcome"], "stored");
        Some(receipt["sha256"].as_str().expect("a digest").to_owned())
    }

    /// Sends a validation message to a process that has not signed in yet, and returns its report on reading the bucket.
    async fn probed(&self) -> Value {
        self.lambda.kill(0);
        assert!(self.handles(&sns(VALIDATION)).await);
        self.central.connection()["forwarderChecks"]["read"].clone()
    }

    /// The outcome in a file's receipt.
    fn outcome(&self, key: &str) -> Option<String> {
        let receipt = self.central.receipt(key)?;
        receipt["outcome"].as_str().map(ToOwned::to_owned)
    }
}
