//! The columns of the heat map: which times they are, and which of them the window cuts.

use jiff::Timestamp;

use super::heat::Cell;
use crate::{
    audit::{Counts, Window, tally::Slots},
    ui::{human, t},
};

/// How many columns there are at most: days for three months.
pub(super) const COLUMNS: i64 = 93;

/// In seconds.
const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// The times of the columns: slots of the tally, joined until there are few enough. A column is an hour, a quarter of a day, a day
/// or some weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Columns {
    slots: Slots,
    /// In seconds.
    pub(super) length: i64,
    /// The number of the first column since 1970.
    first: i64,
    pub(super) count: usize,
}

impl Columns {
    #[must_use]
    pub(super) fn new(slots: Slots) -> Self {
        let begin = slots.begins(0).as_second();
        let end = slots.begins(slots.count.saturating_sub(1)).as_second();
        let count = |length: i64| end.div_euclid(length) - begin.div_euclid(length) + 1;
        let fits = |length: &i64| count(*length) <= COLUMNS;
        let usual = [HOUR, 6 * HOUR, DAY].into_iter();
        let usual = usual.filter(|length| length % slots.length == 0);
        let longer = (1_i64..).map(|number| number * slots.length.max(WEEK));
        let length = usual.chain(longer).find(fits).unwrap_or(slots.length);
        Self {
            slots,
            length,
            first: begin.div_euclid(length),
            count: usize::try_from(count(length)).unwrap_or_default(),
        }
    }

    /// Adds up the counts of the slots that a column joins.
    #[must_use]
    pub(super) fn join(&self, counts: &[Counts]) -> Vec<Cell> {
        let mut cells = vec![Cell::default(); self.count];
        for (slot, counts) in counts.iter().enumerate() {
            let number = self.slots.begins(slot).as_second().div_euclid(self.length) - self.first;
            let cell = usize::try_from(number)
                .ok()
                .and_then(|number| cells.get_mut(number));
            if let Some(cell) = cell {
                cell.add(counts.into());
            }
        }
        cells
    }

    /// When each column begins.
    pub(super) fn times(&self) -> impl Iterator<Item = Timestamp> {
        let length = self.length;
        let numbers = (self.first..).take(self.count);
        numbers.map(move |number| Timestamp::from_second(number * length).unwrap_or(Timestamp::MAX))
    }

    /// How long a column is, in words.
    pub(super) fn words(&self) -> String {
        match self.length < DAY {
            true => t!("report-map-hours", count = self.length / HOUR),
            false => t!("report-map-days", count = self.length / DAY),
        }
    }

    /// What the times of the columns are grouped by: a day or a month.
    pub(super) fn group(&self) -> &'static str {
        match self.length < DAY {
            true => "%Y-%m-%d",
            false => "%Y-%m",
        }
    }

    /// The same in so few characters that this many columns have room for it.
    pub(super) fn short_group(&self, columns: usize) -> &'static str {
        match (self.length < DAY, columns) {
            (true, 5..) => "%Y-%m-%d",
            (true, 3..) => "%m-%d",
            (true, _) => "%d",
            (false, 4..) => "%Y-%m",
            (false, _) => "%m",
        }
    }

    /// What is left of the times in a group.
    pub(super) fn within(&self) -> &'static str {
        match self.length < DAY {
            true => "%H",
            false => "%d",
        }
    }
}

/// The times at which the window cuts its first and its last column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) since: Option<Timestamp>,
    pub(super) until: Option<Timestamp>,
}

impl Parts {
    #[must_use]
    pub(super) fn new(columns: &Columns, window: &Window) -> Self {
        let begin = columns.times().next();
        let last = columns.times().last();
        let is_cut =
            |last: &Timestamp| window.until.as_second() - last.as_second() < columns.length;
        Self {
            since: begin
                .filter(|begin| *begin < window.since)
                .map(|_| window.since),
            until: last.filter(is_cut).map(|_| window.until),
        }
    }

    /// Whether a column is not whole.
    pub(super) fn contain(self, column: usize, columns: &Columns) -> bool {
        let first = column == 0 && self.since.is_some();
        first || (column + 1 == columns.count && self.until.is_some())
    }

    /// Says so in words, each a sentence.
    pub(super) fn words(self) -> Vec<String> {
        let since = self.since.map(human::minute);
        let until = self.until.map(human::minute);
        let since = since.map(|at| t!("report-map-part-first", at = at));
        let until = until.map(|at| t!("report-map-part-last", at = at));
        since.into_iter().chain(until).collect()
    }
}
