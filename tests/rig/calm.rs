//! One function in a world without faults, for the tests of the function alone and for the benchmark.

use std::{path::Path, time::Duration};

use sophos_ct::testing::Timing;

use super::{
    BUCKET, central,
    corpus::{self, Corpus},
    dice::Dice,
    lambda::{self, Lambda},
    message,
    s3::S3,
    serve,
};

/// The settings of such a world.
pub struct Conditions<'a> {
    pub program: &'a Path,
    /// Key prefix of the connection.
    pub prefix: &'a str,
    /// The delay before each answer of S3.
    pub s3_delay: Duration,
    /// The delay before each answer of Central.
    pub central_delay: Duration,
    /// The function's time limit.
    pub timeout: Duration,
    /// The pause before each part of an object that S3 sends.
    pub drip: Duration,
}

pub struct Calm {
    pub s3: S3,
    pub s3_url: String,
    pub central: central::Rig,
    pub lambda: Lambda,
    pub corpus: Corpus,
    prefix: String,
}

impl Calm {
    pub async fn start(conditions: &Conditions<'_>) -> Self {
        let mut s3 = S3::new(Dice::new(0, 0));
        s3.delay = conditions.s3_delay;
        s3.drip = conditions.drip;
        let s3_url = format!("http://{}", serve(s3.clone().router()).await);
        let (calm, timing) = (Dice::new(0, 0), Timing::default());
        let central = central::Rig::start(calm, timing, conditions.central_delay, &[]).await;
        let settings = lambda::Settings {
            program: conditions.program.to_owned(),
            aws_url: s3_url.clone(),
            central_url: central.url.clone(),
            prefix: conditions.prefix.to_owned(),
            timeout: conditions.timeout,
            retries: [Duration::from_millis(10); 2],
            log: None,
        };
        let lambda = Lambda::start(&settings, 1).await;
        Self {
            s3,
            s3_url,
            central,
            lambda,
            corpus: Corpus::new(1),
            prefix: conditions.prefix.to_owned(),
        }
    }

    /// Puts a file of about this many bytes into the bucket and returns its key and SHA-256.
    pub fn put(&mut self, unique: &str, bytes: usize) -> (String, String) {
        let now = jiff::Timestamp::now();
        let key = corpus::key("100000000001", super::REGION, now, unique);
        let key = match self.prefix.as_str() {
            "" => key,
            prefix => format!("{prefix}/{key}"),
        };
        let body = self.corpus.body(bytes);
        let sha256 = body.sha256();
        self.s3.put(key.clone(), body);
        (key, sha256)
    }

    /// Hands CloudTrail's message about these files to Lambda.
    pub fn announce(&self, keys: &[String]) {
        self.lambda.invoke(&message(BUCKET, keys));
    }
}
