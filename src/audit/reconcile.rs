//! Goes through the objects of a bucket and Central's receipts at the same time, and says of each log file what became of it.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    ops::RangeInclusive,
};

use futures::{StreamExt, stream};
use jiff::{Timestamp, civil::Date};
use sophos_ct_forwarder::event::LogKey;

use super::{
    AT_ONCE, Folder, Object, Objects, Place, Receipts, Regions, Window,
    pages::{Pages, both},
    window::{day_in, each},
    writers::{Others, Trails, Writers, WrittenBy},
};
use crate::{
    aws::Aws,
    central::{
        Central,
        model::{Connection, Outcome, Receipt, SkipReason},
    },
    ui::Result,
};

/// What an audit compares.
#[derive(Clone, Copy)]
pub(crate) struct Source<'a> {
    pub place: &'a Place<'a>,
    pub aws: &'a Aws,
    pub central: &'a Central,
    pub connection: &'a Connection,
    /// The connection's trail and those beside it, if only its trail announces files.
    pub trails: Option<&'a Trails>,
    /// The regions that are asked for their own trails where that matters.
    pub regions: &'a Regions,
    /// Nobody announced to the connection what landed before it was made.
    pub heard_since: Timestamp,
    pub choice: Choice,
}

/// Which files count as missing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Choice {
    /// Whether also those that landed before the connection could hear of them.
    pub history: bool,
    /// Whether those that are missing are sent, so that it must be certain whose they are.
    pub replay: bool,
    /// Whether also those that were skipped because of a pause.
    pub paused: bool,
    /// Whether also those that another trail may have written.
    pub unassigned: bool,
}

/// What became of a log file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    Stored,
    /// Central did not want it, for this reason.
    Skipped(Option<SkipReason>),
    /// It could not be delivered, and the function has told Central so.
    Reported(Outcome),
    /// It may still be on its way.
    InFlight,
    /// It landed before the connection could hear of it.
    Earlier,
    /// Another trail has written it, of whose files the function does not hear.
    OtherTrail,
    /// It cannot be told whether another trail has written it.
    Unassigned,
    Missing,
}

/// A log file that landed in the window, and what became of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Verdict<'a> {
    pub folder: &'a Folder,
    pub object: &'a Object,
    pub found: Found,
}

/// Called with each log file.
type Each<'a> = dyn FnMut(Verdict<'_>) -> Result<()> + 'a;

/// How far an audit has come.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    pub objects: Cell<u64>,
    pub receipts: Cell<u64>,
    /// Receipts of the window for files that are not in the bucket any more.
    pub gone: Cell<u64>,
    pub calls: Cell<u64>,
}

/// Some days of a folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unit<'a> {
    pub folder: &'a Folder,
    pub days: RangeInclusive<Date>,
}

/// Returns units that cover these days of all folders. Folders are split by days only as far as there would otherwise be too few
/// units to keep all requests busy to the end: each unit costs a request to both sides.
#[must_use]
pub(crate) fn units<'a>(folders: &'a [Folder], days: &RangeInclusive<Date>) -> Vec<Unit<'a>> {
    const ENOUGH: usize = 4 * AT_ONCE;
    let days = each(days);
    let parts = ENOUGH.div_ceil(folders.len().max(1));
    let length = days.len().div_ceil(parts).max(1);
    let of_folder = |folder: &'a Folder| {
        let parts = days
            .chunks(length)
            .filter_map(|part| Some(*part.first()?..=*part.last()?));
        parts.map(move |days| Unit { folder, days })
    };
    folders.iter().flat_map(of_folder).collect()
}

/// Goes through these units, several at the same time, and calls `found` with each log file of the window. The files of a unit
/// come in the order of their keys. Returns which other trails write there.
pub(crate) async fn reconcile(
    source: Source<'_>,
    window: &Window,
    units: Vec<Unit<'_>>,
    meter: &Meter,
    found: &mut Each<'_>,
) -> Result<Others> {
    let found = RefCell::new(found);
    let mut others = Others::default();
    let mut running = stream::iter(units)
        .map(|unit| go_through(source, window, unit, meter, &found))
        .buffer_unordered(AT_ONCE);
    while let Some(ended) = running.next().await {
        others.names.extend(ended?.others);
    }
    if let Some(trails) = source.trails {
        trails.tell_of_others(source.place, source.regions, &mut others);
    }
    Ok(others)
}

async fn go_through(
    source: Source<'_>,
    window: &Window,
    unit: Unit<'_>,
    meter: &Meter,
    found: &RefCell<&mut Each<'_>>,
) -> Result<Writers> {
    let Unit { folder, days } = unit;
    let (bucket, id) = (source.place.bucket, source.connection.id);
    let writers = match source.trails {
        Some(trails) => trails.writers(source.place, folder, &days, false).await?,
        None => Writers::default(),
    };
    let mut objects = Objects::new(source.place, &folder.logs, days.clone());
    let mut receipts = Receipts::new(source.central, id, bucket, &folder.logs, days);
    let ended = pair(
        &mut objects.pages,
        &mut receipts.pages,
        async |object, receipt| {
            add(&meter.receipts, u64::from(receipt.is_some()));
            let Some(object) = object else {
                let gone = receipt.is_some_and(|receipt| was_there(window, receipt));
                add(&meter.gone, u64::from(gone));
                return Ok(());
            };
            add(&meter.objects, 1);
            if !window.contains(object.modified) || LogKey::parse(&object.key).is_none() {
                return Ok(());
            }
            let verdict = Verdict {
                folder,
                object,
                found: look(&source, window, folder, &writers, (object, receipt)).await?,
            };
            (*found.borrow_mut())(verdict)
        },
    )
    .await;
    add(&meter.calls, objects.pages.calls() + receipts.pages.calls());
    ended.map(|()| writers)
}

/// Says what became of a log file, with a closer look at what would count as missing.
async fn look(
    source: &Source<'_>,
    window: &Window,
    folder: &Folder,
    writers: &Writers,
    (object, receipt): (&Object, Option<&Receipt>),
) -> Result<Found> {
    let (choice, heard_since) = (source.choice, source.heard_since);
    let by = match source.trails {
        Some(trails) => trails.by(source, folder, writers, object).await,
        None => writers.of(object),
    };
    let found = judge(window, choice, heard_since, by, object, receipt);
    // The function has heard of what has a receipt.
    if found != Found::Missing || receipt.is_some() {
        return Ok(found);
    }
    let Some(trails) = source.trails else {
        return Ok(found);
    };
    if !trails.need_a_closer_look(source, &folder.region).await {
        return Ok(found);
    }
    let by = trails.closely(source, folder, object, window.now).await?;
    Ok(judge(window, choice, heard_since, by, object, receipt))
}

fn add(to: &Cell<u64>, more: u64) {
    to.set(to.get() + more);
}

/// Whether a receipt tells of a file that was in the bucket in the window.
fn was_there(window: &Window, receipt: &Receipt) -> bool {
    receipt.outcome == Outcome::Stored && window.contains(receipt.at)
}

/// Says what became of a log file.
#[must_use]
pub(super) fn judge(
    window: &Window,
    choice: Choice,
    heard_since: Timestamp,
    by: WrittenBy,
    object: &Object,
    receipt: Option<&Receipt>,
) -> Found {
    match receipt {
        Some(receipt) => match receipt.outcome {
            Outcome::Stored => Found::Stored,
            Outcome::Skipped if choice.paused && receipt.reason == Some(SkipReason::Paused) => {
                Found::Missing
            }
            Outcome::Skipped => Found::Skipped(receipt.reason),
            outcome @ (Outcome::Gone | Outcome::Archived | Outcome::Denied | Outcome::Unknown) => {
                Found::Reported(outcome)
            }
        },
        None if by == WrittenBy::Another => Found::OtherTrail,
        None if !choice.history && object.modified < heard_since => Found::Earlier,
        None if window.is_in_flight(object.modified) => Found::InFlight,
        None if by == WrittenBy::Unknown && !choice.unassigned => Found::Unassigned,
        None => Found::Missing,
    }
}

/// Calls `with` for each key of two lists that are in the order of their keys: with what either list has of it.
pub(super) async fn pair(
    objects: &mut Pages<'_, Object>,
    receipts: &mut Pages<'_, Receipt>,
    mut with: impl AsyncFnMut(Option<&Object>, Option<&Receipt>) -> Result<()>,
) -> Result<()> {
    let (mut object, mut receipt): (Option<Object>, Option<Receipt>) = (None, None);
    loop {
        object = object.or_else(|| objects.pop());
        receipt = receipt.or_else(|| receipts.pop());
        let waits_for_object = object.is_none() && !objects.is_over();
        let waits_for_receipt = receipt.is_none() && !receipts.is_over();
        if waits_for_object || waits_for_receipt {
            both(objects, receipts).await?;
            continue;
        }
        let order = match (&object, &receipt) {
            (None, None) => return Ok(()),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(object), Some(receipt)) => object.key.cmp(&receipt.key),
        };
        with(
            object.as_ref().filter(|_| order.is_le()),
            receipt.as_ref().filter(|_| order.is_ge()),
        )
        .await?;
        if order.is_le() {
            object = None;
        }
        if order.is_ge() {
            receipt = None;
        }
    }
}

/// The days of folders in which something is missing.
#[derive(Debug, Default)]
pub(crate) struct Gaps(BTreeMap<Folder, BTreeSet<Date>>);

impl Gaps {
    /// Notes a missing file.
    pub(crate) fn add(&mut self, folder: &Folder, object: &Object) {
        let Some(day) = day_in(&object.key, &folder.logs) else {
            return;
        };
        match self.0.get_mut(folder) {
            Some(days) => {
                days.insert(day);
            }
            None => {
                self.0.insert(folder.clone(), BTreeSet::from([day]));
            }
        }
    }

    /// Returns units that cover these days.
    pub(crate) fn units(&self) -> Vec<Unit<'_>> {
        let mut units: Vec<Unit<'_>> = Vec::new();
        for (folder, days) in &self.0 {
            for day in days {
                match units.last_mut() {
                    Some(unit)
                        if unit.folder == folder
                            && unit.days.end().tomorrow().ok().as_ref() == Some(day) =>
                    {
                        unit.days = *unit.days.start()..=*day;
                    }
                    _ => units.push(Unit {
                        folder,
                        days: *day..=*day,
                    }),
                }
            }
        }
        units
    }
}
