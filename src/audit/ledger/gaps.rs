//! Finds times without a record that are longer than a log lets expect.
//!
//! The rhythm of a log is its own: one that is quiet each night has long gaps that are none to
//! look at. A gap stands out if it is much longer than most of the longest ones, and if there are not
//! several of about its length.

use serde::Serialize;

use super::At;
use crate::entry::Asctime;

/// How many of the longest gaps are compared.
const LONGEST: usize = 64;

/// In a log of fewer records there is no rhythm.
const LEAST_RECORDS: u64 = 30;

/// The gap whose length is the rhythm, from the longest on: a tenth of the records, up to this.
const RHYTHM: u64 = 10;

/// So many times the rhythm is a gap that stands out.
const TIMES: i64 = 5;

/// So many gaps of at least half the length are a rhythm themselves.
const ALIKE: usize = 3;

/// A log that is quiet for so long again and again, in milliseconds, shows its nights.
const NIGHT_MS: i64 = 4 * 3_600_000;

/// Where no nights are known, a log must be so many times as long as a gap that stands out: whether
/// a shorter one is quiet each night or each weekend it can't tell.
const SPAN: i64 = 10;

/// A shorter gap stands out in no log, in milliseconds.
const SHORTEST_MS: i64 = 60_000;

/// A time without a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The time of the last record before it.
    pub from: String,
    /// The time of the first record behind it.
    pub to: String,
    /// How long it is.
    pub milliseconds: i64,
    /// Where the first record behind it stands.
    #[serde(flatten)]
    pub at: At,
}

impl Gap {
    /// Its length for a person: `3h05m`.
    #[must_use]
    pub fn length(&self) -> String {
        let minutes = self.milliseconds / 60_000;
        match minutes {
            0..60 => format!("{minutes}m"),
            60..1_440 => format!("{}h{:02}m", minutes / 60, minutes % 60),
            _ => format!("{}d{:02}h", minutes / 1_440, minutes % 1_440 / 60),
        }
    }
}

/// The longest gaps of a log.
#[derive(Debug, Default)]
pub(super) struct Gaps {
    longest: Vec<Gap>,
    records: u64,
}

impl Gaps {
    /// Takes the times of two records that follow each other.
    pub(super) fn add(&mut self, from: Asctime, to: Asctime, at: impl FnOnce() -> At) {
        self.records += 1;
        let milliseconds = to.millis_since(from);
        let is_short = |gap: &Gap| gap.milliseconds >= milliseconds;
        if milliseconds <= 0
            || self.longest.len() == LONGEST && self.longest.last().is_some_and(is_short)
        {
            return;
        }
        let place = self
            .longest
            .partition_point(|gap| gap.milliseconds >= milliseconds);
        let gap = Gap {
            from: from.to_string(),
            to: to.to_string(),
            milliseconds,
            at: at(),
        };
        self.longest.insert(place, gap);
        self.longest.truncate(LONGEST);
    }

    /// The longest gap.
    pub(super) fn longest(&self) -> Option<&Gap> {
        self.longest.first()
    }

    /// The gaps that stand out in a log of so many milliseconds, in the order of time.
    pub(super) fn beyond_rhythm(self, span: i64) -> Vec<Gap> {
        if self.records < LEAST_RECORDS {
            return Vec::new();
        }
        let lengths: Vec<i64> = self.longest.iter().map(|gap| gap.milliseconds).collect();
        let nth = usize::try_from(RHYTHM.min(self.records / 10)).unwrap_or_default();
        let rhythm = lengths.get(nth).copied().unwrap_or_default();
        let stands_out = |gap: &Gap| {
            let alike = lengths
                .iter()
                .filter(|length| **length >= gap.milliseconds / 2)
                .count();
            gap.milliseconds >= SHORTEST_MS
                && gap.milliseconds > TIMES * rhythm
                && (rhythm >= NIGHT_MS || gap.milliseconds <= span / SPAN)
                && alike < ALIKE
        };
        let mut gaps: Vec<Gap> = self.longest.into_iter().filter(stands_out).collect();
        gaps.sort_by(|one, other| one.to.cmp(&other.to));
        gaps
    }
}
