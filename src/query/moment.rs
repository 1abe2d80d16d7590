//! Reads a point in time as people write it: `2018-11-11 22:00`, `-2h`, `yesterday`.
//!
//! The logs have the local time of the server, so that is what is compared.

use std::str::FromStr;

use jiff::civil::{Date, DateTime};
use jiff::fmt::temporal::Pieces;
use jiff::{SignedDuration, Span};
use thiserror::Error;

/// A point in time, or the day, the hour, the minute or the second that was given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    start: Start,
    length: SignedDuration,
}

/// Why a text is no [`Moment`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum MomentError {
    /// It is no time.
    #[error("expected a time such as `2018-11-11`, `2018-11-11 22:00`, `-2h`, `yesterday`")]
    NoTime,
    /// It has a UTC offset, and times in logs are those of the server's clock.
    #[error("times are those of the server's clock: leave out the UTC offset behind the time")]
    Offset,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Start {
    At(DateTime),
    /// The start of the day so many days ago.
    DaysAgo(i32),
    /// So long before now.
    Ago(SpanAgo),
}

/// A span as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct SpanAgo {
    number: i64,
    unit: char,
}

const DAY: SignedDuration = SignedDuration::from_hours(24);
const MILLISECOND: SignedDuration = SignedDuration::from_millis(1);

impl Moment {
    /// The first and the last millisecond of it, since 1970-01-01 00:00:00 of the same local clock.
    /// `now` is asked for the time of that clock where the text was relative to it.
    #[must_use]
    pub fn milliseconds(&self, now: impl FnOnce() -> DateTime) -> (i64, i64) {
        let start = match self.start {
            Start::At(start) => start,
            Start::DaysAgo(days) => {
                let midnight = now().date().at(0, 0, 0, 0);
                midnight.saturating_sub(Span::new().days(days))
            }
            Start::Ago(span) => span.before(now()),
        };
        let millis = |moment: DateTime| {
            let since_epoch = EPOCH.duration_until(moment).as_millis();
            i64::try_from(since_epoch).unwrap_or(i64::MAX)
        };
        let last = start.saturating_add(self.length - MILLISECOND);
        (millis(start), millis(last))
    }

    fn at(start: DateTime, length: SignedDuration) -> Self {
        let start = Start::At(start);
        Self { start, length }
    }
}

/// The start of the counting of milliseconds.
const EPOCH: DateTime = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);

/// The time that so many milliseconds since 1970-01-01 00:00:00 of some local clock stand for.
#[must_use]
pub fn civil_time(millis: i64) -> DateTime {
    EPOCH.saturating_add(SignedDuration::from_millis(millis))
}

impl SpanAgo {
    fn read(text: &str) -> Option<Self> {
        let number_and_unit = text.strip_prefix('-')?;
        let digits = number_and_unit
            .bytes()
            .take_while(u8::is_ascii_digit)
            .count();
        let (number, unit) = number_and_unit.split_at(digits);
        let number = number.parse().ok()?;
        let unit = match unit.trim() {
            "min" => 'm',
            unit => unit.chars().next().filter(|c| unit.len() == c.len_utf8())?,
        };
        let span = Self { number, unit };
        span.span().map(|_| span)
    }

    /// `None` where there is no such unit, or not so much of it.
    fn span(self) -> Option<Span> {
        let (span, number) = (Span::new(), self.number);
        match self.unit {
            's' => span.try_seconds(number).ok(),
            'm' => span.try_minutes(number).ok(),
            'h' => span.try_hours(number).ok(),
            'd' => span.try_days(number).ok(),
            'w' => span.try_weeks(number).ok(),
            _ => None,
        }
    }

    fn before(self, now: DateTime) -> DateTime {
        now.saturating_sub(self.span().unwrap_or_default())
    }
}

impl FromStr for Moment {
    type Err = MomentError;

    fn from_str(text: &str) -> Result<Self, MomentError> {
        let text = text.trim();
        let relative = |start, length| Ok(Self { start, length });
        match text {
            "now" => {
                let (number, unit) = (0, 's');
                return relative(Start::Ago(SpanAgo { number, unit }), MILLISECOND);
            }
            "today" => return relative(Start::DaysAgo(0), DAY),
            "yesterday" => return relative(Start::DaysAgo(1), DAY),
            _ => {}
        }
        if let Some(span) = SpanAgo::read(text) {
            return relative(Start::Ago(span), MILLISECOND);
        }
        if text.len() <= 10
            && let Ok(date) = text.parse::<Date>()
        {
            return Ok(Self::at(date.at(0, 0, 0, 0), DAY));
        }
        if Pieces::parse(text).is_ok_and(|pieces| pieces.offset().is_some()) {
            return Err(MomentError::Offset);
        }
        let start: DateTime = text.parse().map_err(|_| MomentError::NoTime)?;
        let colons = text.bytes().filter(|byte| *byte == b':').count();
        let length = match colons {
            0 => SignedDuration::from_hours(1),
            1 => SignedDuration::from_mins(1),
            _ if text.contains(['.', ',']) => MILLISECOND,
            _ => SignedDuration::from_secs(1),
        };
        Ok(Self::at(start, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: DateTime = "2018-11-11T22:01:57".parse().unwrap();
        for (text, first, last) in [
            (
                "2018-11-11",
                "2018-11-11T00:00:00",
                "2018-11-11T23:59:59.999",
            ),
            (
                "2018-11-11 22",
                "2018-11-11T22:00:00",
                "2018-11-11T22:59:59.999",
            ),
            (
                "2018-11-11 22:00",
                "2018-11-11T22:00:00",
                "2018-11-11T22:00:59.999",
            ),
            (
                "2018-11-11 22:00:07",
                "2018-11-11T22:00:07",
                "2018-11-11T22:00:07.999",
            ),
            (
                "2018-11-11T22:00:01.5",
                "2018-11-11T22:00:01.5",
                "2018-11-11T22:00:01.5",
            ),
            ("-2h", "2018-11-11T20:01:57", "2018-11-11T20:01:57"),
            ("-7d", "2018-11-04T22:01:57", "2018-11-04T22:01:57"),
            ("-90min", "2018-11-11T20:31:57", "2018-11-11T20:31:57"),
            ("today", "2018-11-11T00:00:00", "2018-11-11T23:59:59.999"),
            (
                "yesterday",
                "2018-11-10T00:00:00",
                "2018-11-10T23:59:59.999",
            ),
            ("now", "2018-11-11T22:01:57", "2018-11-11T22:01:57"),
        ] {
            let moment: Moment = text.parse().expect(text);
            let (start, end) = moment.milliseconds(|| now);
            let as_text = |millis: i64| civil_time(millis).to_string();
            assert_eq!(
                (as_text(start).as_str(), as_text(end).as_str()),
                (first, last),
                "{text}"
            );
        }
        for text in [
            "",
            "soon",
            "-2",
            "-2y",
            "-99999999999999d",
            "2018-13-01",
            "2018",
            "--2h",
        ] {
            assert!(text.parse::<Moment>().is_err(), "{text}");
        }
    }

    #[test]
    fn an_offset_is_not_passed_over() {
        for text in [
            "2018-11-11T22:00:00Z",
            "2018-11-11T22:00:00.5+01:00",
            "2018-11-11 22:00-05:00",
            "2018-11-11T22:00:00+01:00[Europe/Warsaw]",
        ] {
            assert_eq!(text.parse::<Moment>(), Err(MomentError::Offset), "{text}");
        }
        for text in ["2018-11-11T22:00:00+", "x:-", "2018-11-11 Z", ""] {
            assert_eq!(text.parse::<Moment>(), Err(MomentError::NoTime), "{text}");
        }
    }
}
