//! Sends log files through the connection's function once more, as if S3 had just announced them.

use std::{cell::Cell, pin::pin, time::Duration};

use aws_sdk_lambda::{primitives::Blob, types::InvocationType};
use futures::{StreamExt, stream};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::Keys;
use crate::{
    aws::{
        Aws,
        error::AwsError,
        wait::{quietly, until_accepted},
    },
    connection::Design,
    ui::{Failure, Result},
};

/// How many files an event names at most.
const FILES: usize = 100;
/// How long an event is at most, in bytes. Lambda takes 1 MB of an asynchronous event, and 256 KB before October 2025 (Lambda
/// developer guide, "Lambda quotas").
const BYTES: usize = 200_000;
/// How many events are handed over at the same time.
const AT_ONCE: usize = 4;
/// The time from one event to the next. The function takes a few seconds for a hundred files, so that a few dozen of it run at
/// the same time, and the account's other functions keep their share of its concurrency.
const PACE: Duration = Duration::from_millis(100);
/// How long Lambda may refuse an event because there are too many calls.
const PATIENCE: Duration = Duration::from_secs(600);

/// Hands events with these keys to Lambda, which queues them. `sent` counts the keys. A file that is sent twice is stored once.
pub(crate) async fn send(
    aws: &Aws,
    design: &Design,
    keys: Keys<'_>,
    sent: &Cell<u64>,
) -> Result<()> {
    let pace = tokio::time::interval(PACE);
    let events = stream::unfold(
        (Events::new(design, keys), pace),
        |(mut events, mut pace)| async move {
            pace.tick().await;
            let event = events.next()?;
            Some((event, (events, pace)))
        },
    );
    let handed_over = events
        .map(|event| async move {
            let Event { text, files } = event?;
            invoke(aws, design, &text).await?;
            Ok::<_, Failure>(files)
        })
        .buffer_unordered(AT_ONCE);
    let mut handed_over = pin!(handed_over);
    while let Some(files) = handed_over.next().await {
        sent.set(sent.get() + files?);
    }
    Ok(())
}

async fn invoke(aws: &Aws, design: &Design, event: &str) -> Result<(), AwsError> {
    let passing = |error: &AwsError| {
        let busy = error.is_passing() && !error.is_unreachable();
        busy.then(String::new)
    };
    let call = || async {
        aws.lambda
            .invoke()
            .function_name(&design.function)
            .invocation_type(InvocationType::Event)
            .payload(Blob::new(event))
            .send()
            .await
            .map_err(AwsError::of("lambda:InvokeFunction"))
    };
    until_accepted(&quietly, PATIENCE, passing, call).await?;
    Ok(())
}

/// An event as text, and how many files it names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) text: String,
    pub(super) files: u64,
}

/// Makes events of keys.
pub(super) struct Events<'a, I> {
    design: &'a Design,
    keys: I,
    /// A record that did not fit into the event before.
    left: Option<Value>,
}

impl<'a, I: Iterator<Item = Result<String>>> Events<'a, I> {
    pub(super) fn new(design: &'a Design, keys: I) -> Self {
        Self {
            design,
            keys,
            left: None,
        }
    }

    fn record(&self, key: &str) -> Value {
        json!({
            "eventSource": "aws:s3",
            "awsRegion": self.design.region,
            "eventName": "ObjectCreated:Put",
            "s3": {
                "bucket": { "name": self.design.bucket.to_string() },
                "object": { "key": encoded(key) },
            },
        })
    }
}

impl<I: Iterator<Item = Result<String>>> Iterator for Events<'_, I> {
    type Item = Result<Event>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut records: Vec<Value> = self.left.take().into_iter().collect();
        let mut length: usize = records.iter().map(|one| one.to_string().len() + 1).sum();
        while records.len() < FILES {
            let record = match self.keys.next() {
                None => break,
                Some(Err(failure)) => return Some(Err(failure)),
                Some(Ok(key)) => self.record(&key),
            };
            length += record.to_string().len() + 1;
            if length > BYTES {
                self.left = Some(record);
                break;
            }
            records.push(record);
        }
        let files = records.len() as u64;
        let text = json!({ "Records": records }).to_string();
        (files > 0).then_some(Ok(Event { text, files }))
    }
}

/// A key as it stands in events of S3: URL-encoded, with `+` for a blank (S3 user guide, "Event message structure").
fn encoded(key: &str) -> String {
    const PLAIN: AsciiSet = NON_ALPHANUMERIC
        .remove(b'/')
        .remove(b'-')
        .remove(b'_')
        .remove(b'.')
        .remove(b'*')
        .remove(b' ');
    utf8_percent_encode(key, &PLAIN)
        .to_string()
        .replace(' ', "+")
}
