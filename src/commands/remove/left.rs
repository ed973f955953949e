//! Whether anything is left after a removal.

use std::time::{Duration, Instant};

use super::target::Target;
use crate::{
    cli::RemoveArgs,
    connection::{Kind, Resource},
    plan::{self, render},
    resources::{families, trail},
    ui::{Code, Failure, Result, t},
};

/// Fails if something that carries our mark still runs: a setup elsewhere may have gone on meanwhile.
pub(super) async fn nothing_left(target: &Target, arguments: &RemoveArgs) -> Result<()> {
    // AWS may still show what was deleted a moment ago.
    let end = Instant::now() + Duration::from_secs(10);
    let left = loop {
        let left = left(target, arguments).await?;
        if left.is_empty() {
            return Ok(());
        }
        if Instant::now() >= end {
            break left;
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    };
    Err(Failure::list(Code::Incomplete, t!("incomplete"), left).hinted(t!("incomplete-again-hint")))
}

async fn left(target: &Target, arguments: &RemoveArgs) -> Result<Vec<String>> {
    let Target { aws, design, .. } = target;
    let runs = |item: &&Resource| match item.kind {
        // The user may have asked to keep the trail, and then its topic stays too.
        Kind::Trail | Kind::Topic => !arguments.keep_trail,
        _ => true,
    };
    let trails = trail::list(aws).await?;
    // What other trails log does not matter here.
    let observed = families::observe(aws, design, trails, Vec::new()).await?;
    let marked = plan::seen_marked(design, &observed);
    let left = marked.iter().filter(runs).map(|item| {
        let kind = render::kind(item.kind);
        t!("not-done", kind = kind, arn = item.arn)
    });
    Ok(left.collect())
}
