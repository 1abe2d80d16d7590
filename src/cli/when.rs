//! Reads a point in time as people write it: `2018-11-11 22:00`, `-2h`, `yesterday`.
//!
//! The logs have the local time of the server, so that is what is compared.

use jiff::civil::{Date, DateTime};
use jiff::{SignedDuration, Span, ZonedDateTime};

/// Which end of a day a date without a time means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DayEnd {
    /// Its first millisecond.
    First,
    /// Its last millisecond.
    Last,
}

/// Returns `text` in milliseconds since 1970-01-01 00:00:00 of the same local clock.
pub(super) fn parse(text: &str, day_end: DayEnd, now: &ZonedDateTime) -> Result<i64, String> {
    let text = text.trim();
    let whole_day = |date: Date| match day_end {
        DayEnd::First => date.at(0, 0, 0, 0),
        DayEnd::Last => date.at(23, 59, 59, 999_000_000),
    };
    let moment = match text {
        "now" => Ok(now.datetime()),
        "today" => Ok(whole_day(now.date())),
        "yesterday" => now
            .date()
            .yesterday()
            .map(whole_day)
            .map_err(|error| error.to_string()),
        _ => relative(text, now)
            .or_else(|| {
                text.parse::<Date>()
                    .ok()
                    .filter(|_| text.len() <= 10)
                    .map(whole_day)
            })
            .or_else(|| {
                text.parse::<DateTime>()
                    .ok()?
                    .checked_add(whole(day_end, text))
                    .ok()
            })
            .ok_or_else(|| {
                "expected a time such as `2018-11-11`, `2018-11-11 22:00`, `-2h`, `yesterday`"
                    .to_owned()
            }),
    }?;
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    Ok(epoch
        .duration_until(moment)
        .as_millis()
        .try_into()
        .unwrap_or(i64::MAX))
}

/// From a moment to the last millisecond of the minute or second that it was given as.
fn whole(day_end: DayEnd, text: &str) -> SignedDuration {
    let colons = text.bytes().filter(|byte| *byte == b':').count();
    match (day_end, colons) {
        (DayEnd::First, _) => SignedDuration::ZERO,
        (DayEnd::Last, 0) => SignedDuration::from_millis(3_599_999),
        (DayEnd::Last, 1) => SignedDuration::from_millis(59_999),
        (DayEnd::Last, _) if text.contains(['.', ',']) => SignedDuration::ZERO,
        (DayEnd::Last, _) => SignedDuration::from_millis(999),
    }
}

/// `-2h`, `-30m`, `-7d`: so long before now.
fn relative(text: &str, now: &ZonedDateTime) -> Option<DateTime> {
    let number_and_unit = text.strip_prefix('-')?;
    let digits = number_and_unit
        .bytes()
        .take_while(u8::is_ascii_digit)
        .count();
    let (number, unit) = number_and_unit.split_at(digits);
    let number: i64 = number.parse().ok()?;
    let span: Span = match unit.trim() {
        "s" => Span::new().try_seconds(number).ok()?,
        "m" | "min" => Span::new().try_minutes(number).ok()?,
        "h" => Span::new().try_hours(number).ok()?,
        "d" => Span::new().try_days(number).ok()?,
        "w" => Span::new().try_weeks(number).ok()?,
        _ => return None,
    };
    now.checked_sub(span).ok().map(|moment| moment.datetime())
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn times_are_read_as_people_write_them() {
        let now: ZonedDateTime = "2018-11-11T22:01:57[UTC]".parse().unwrap();
        for (text, day_end, expected) in [
            ("2018-11-11", DayEnd::First, "2018-11-11T00:00:00"),
            ("2018-11-11", DayEnd::Last, "2018-11-11T23:59:59.999"),
            ("2018-11-11 22:00", DayEnd::First, "2018-11-11T22:00:00"),
            (
                "2018-11-11T22:00:01.5",
                DayEnd::Last,
                "2018-11-11T22:00:01.5",
            ),
            ("2018-11-11 22:00", DayEnd::Last, "2018-11-11T22:00:59.999"),
            (
                "2018-11-11 22:00:07",
                DayEnd::Last,
                "2018-11-11T22:00:07.999",
            ),
            ("-2h", DayEnd::First, "2018-11-11T20:01:57"),
            ("-7d", DayEnd::First, "2018-11-04T22:01:57"),
            ("yesterday", DayEnd::First, "2018-11-10T00:00:00"),
            ("now", DayEnd::Last, "2018-11-11T22:01:57"),
        ] {
            let millis = parse(text, day_end, &now).expect(text);
            let moment = DateTime::constant(1970, 1, 1, 0, 0, 0, 0) + millis.milliseconds();
            assert_eq!(moment.to_string(), expected, "{text}");
        }
        for text in ["", "soon", "-2", "-2y", "2018-13-01", "2018"] {
            assert!(parse(text, DayEnd::First, &now).is_err(), "{text}");
        }
    }
}
