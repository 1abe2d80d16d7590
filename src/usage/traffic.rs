//! Counts calls over time by what they do, and by weekday and hour.
//!
//! Times are those of the servers' clocks. Memory: [`MOST_SPANS`] spans of time; a log that lasts
//! longer is counted by longer ones.

use std::collections::BTreeMap;

use crate::invocation::{Invocation, Kind};

/// How many calls there were, and when.
#[derive(Clone, Debug)]
pub struct Traffic {
    spans: Spans,
    hours: [[u64; 24]; 7],
}

/// Calls in spans of equal length, from the first that has some to the last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bars {
    /// When the first span starts, in milliseconds since 1970-01-01 00:00:00 of the servers' clocks.
    pub start_ms: i64,
    /// How long each is.
    pub width_ms: i64,
    /// The calls of each span, in the order of [`Kind::ALL`].
    pub counts: Vec<[u64; Kind::ALL.len()]>,
}

#[derive(Clone, Debug)]
struct Spans {
    width_ms: i64,
    /// By the number of the span.
    counts: BTreeMap<i64, [u64; Kind::ALL.len()]>,
}

/// How many spans are counted.
const MOST_SPANS: usize = 4_096;

/// How long a span can be, in seconds: each fits into the next a whole number of times.
const WIDTHS: [i64; 10] = [1, 5, 15, 60, 300, 900, 3_600, 21_600, 86_400, 604_800];

const DAY_MS: i64 = 86_400_000;

/// From the Monday before 1970-01-01, a Thursday: so that weeks start on Mondays.
const MONDAY_MS: i64 = 3 * DAY_MS;

impl Default for Traffic {
    fn default() -> Self {
        Self {
            spans: Spans {
                width_ms: WIDTHS[0] * 1_000,
                counts: BTreeMap::new(),
            },
            hours: [[0; 24]; 7],
        }
    }
}

impl Traffic {
    /// Counts one more call. The REST API's wrapper around another call is none.
    pub fn add(&mut self, invocation: &Invocation<'_>) {
        if let (Some(time), false) = (invocation.seen_at(), invocation.is_rest_wrapper()) {
            self.count(time.millis(), Kind::of(invocation.service));
        }
    }

    fn count(&mut self, millis: i64, kind: Kind) {
        let since_monday = millis + MONDAY_MS;
        let day = since_monday.div_euclid(DAY_MS).rem_euclid(7);
        let hour = since_monday.rem_euclid(DAY_MS) / 3_600_000;
        self.hours[usize::try_from(day).expect("it is less than 7")]
            [usize::try_from(hour).expect("it is less than 24")] += 1;
        let spans = &mut self.spans;
        let counts = spans
            .counts
            .entry(since_monday.div_euclid(spans.width_ms))
            .or_default();
        counts[kind as usize] += 1;
        while spans.counts.len() > MOST_SPANS {
            spans.lengthen();
        }
    }

    /// Returns the calls in at most so many spans; `None` if there is no call.
    #[must_use]
    pub fn bars(&self, most: i64) -> Option<Bars> {
        let mut spans = self.spans.clone();
        let (mut first, mut last) = spans.ends()?;
        while last - first >= most.max(1) {
            spans.lengthen();
            (first, last) = spans.ends()?;
        }
        let count = |span| spans.counts.get(&span).copied().unwrap_or_default();
        Some(Bars {
            start_ms: first * spans.width_ms - MONDAY_MS,
            width_ms: spans.width_ms,
            counts: (first..=last).map(count).collect(),
        })
    }

    /// The calls of each hour of each weekday, from Monday on.
    #[must_use]
    pub fn hours(&self) -> &[[u64; 24]; 7] {
        &self.hours
    }
}

impl Spans {
    fn ends(&self) -> Option<(i64, i64)> {
        let (first, _) = self.counts.first_key_value()?;
        let (last, _) = self.counts.last_key_value()?;
        Some((*first, *last))
    }

    /// Goes over to the next longer spans.
    fn lengthen(&mut self) {
        let longer = WIDTHS
            .iter()
            .map(|seconds| seconds * 1_000)
            .find(|width| *width > self.width_ms);
        let longer = longer.unwrap_or(self.width_ms * 4);
        let times = longer / self.width_ms;
        for (span, counts) in std::mem::take(&mut self.counts) {
            let sums = self.counts.entry(span.div_euclid(times)).or_default();
            for (sum, count) in sums.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        self.width_ms = longer;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23 18:16:19, a Monday.
    const MONDAY: i64 = 1_795_457_779_000;

    #[test]
    fn calls_are_counted_by_weekday_and_hour() {
        let mut traffic = Traffic::default();
        for (millis, kind) in [
            (MONDAY, Kind::Read),
            (MONDAY + 6 * DAY_MS, Kind::Write),
            (MONDAY + 6 * 3_600_000, Kind::Other),
        ] {
            traffic.count(millis, kind);
        }
        let mut expected = [[0; 24]; 7];
        (expected[0][18], expected[6][18], expected[1][0]) = (1, 1, 1);
        assert_eq!(traffic.hours(), &expected);
    }

    #[test]
    fn spans_are_as_long_as_they_have_to_be() {
        let mut traffic = Traffic::default();
        assert_eq!(traffic.bars(10), None);
        for (after, kind) in [(0, Kind::Read), (999, Kind::Read), (41_000, Kind::Write)] {
            traffic.count(MONDAY + after, kind);
        }
        let bars = traffic.bars(10).unwrap();
        assert_eq!((bars.start_ms, bars.width_ms), (MONDAY - 4_000, 5_000));
        assert_eq!(bars.counts.len(), 10);
        assert_eq!((bars.counts[0], bars.counts[9]), ([2, 0, 0], [0, 1, 0]));
        let bars = traffic.bars(2).unwrap();
        let minutes = vec![[2, 0, 0], [0, 1, 0]];
        assert_eq!((bars.width_ms, bars.counts), (60_000, minutes));
    }

    #[test]
    fn a_log_of_any_length_is_counted_whole_in_little_memory() {
        let mut traffic = Traffic::default();
        let days = 300_000;
        for day in 0..days {
            traffic.count(day * DAY_MS, Kind::Other);
        }
        assert!(traffic.spans.counts.len() <= MOST_SPANS);
        let bars = traffic.bars(100).unwrap();
        assert!(bars.counts.len() <= 100);
        let calls: u64 = bars.counts.iter().flatten().sum();
        assert_eq!(calls, days.cast_unsigned());
    }
}
