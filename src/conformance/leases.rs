//! Leases of what may be missing (`catchUp`): whoever signs in may be handed one, and most get none.

use std::time::{Duration, Instant};

use serde_json::Value;

use super::{answer::Answer, bench::Bench, proofs::sign_in};

/// An entry may not be there at once, so that sign-ins are made for this long, with a pause between them.
const LONGEST: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_secs(1);

/// Signs in until an entry that fits is handed out. Returns the last sign-in, and the entry if there was one.
pub(super) async fn handed(
    bench: &Bench,
    id: &str,
    host: &str,
    fits: impl Fn(&Value) -> bool,
) -> Result<(Answer, Option<Value>), String> {
    let end = Instant::now() + LONGEST;
    loop {
        let signed_in = sign_in(bench, id, host).await?;
        signed_in.is(200)?;
        let entry = entry(&signed_in, &fits);
        if entry.is_some() || Instant::now() >= end {
            return Ok((signed_in, entry));
        }
        tokio::time::sleep(PAUSE).await;
    }
}

/// The entry of a sign-in that fits.
pub(super) fn entry(signed_in: &Answer, fits: impl Fn(&Value) -> bool) -> Option<Value> {
    let entries = signed_in.body["catchUp"].as_array()?;
    entries.iter().find(|one| fits(one)).cloned()
}

/// Why nothing was tried with an entry. It is no fault: the contract does not say when one is handed out, nor to whom.
pub(super) fn none() -> String {
    let seconds = LONGEST.as_secs();
    format!("no sign-in was handed an entry within {seconds} seconds")
}
