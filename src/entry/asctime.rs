//! The time of a record, as Python's logging prints it: local to the server, without a zone.

use std::fmt;

/// `2018-11-11 22:01:57,123`: always 23 ASCII bytes, checked to be a date and a time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asctime<'a>(&'a str);

impl<'a> Asctime<'a> {
    /// How many bytes an asctime takes.
    pub const LENGTH: usize = 23;

    /// Reads the asctime that `text` starts with.
    #[must_use]
    pub fn at_start_of(text: &'a [u8]) -> Option<Self> {
        let text = text.get(..Self::LENGTH)?;
        let fits = text
            .iter()
            .zip(b"0000-00-00 00:00:00,000")
            .all(|(byte, pattern)| {
                if *pattern == b'0' {
                    byte.is_ascii_digit()
                } else {
                    byte == pattern
                }
            });
        if !fits {
            return None;
        }
        let asctime = Self(std::str::from_utf8(text).ok()?);
        let ranges = [
            (5, 1..=12),
            (8, 1..=31),
            (11, 0..=23),
            (14, 0..=59),
            (17, 0..=61),
        ];
        ranges
            .into_iter()
            .all(|(at, range)| range.contains(&asctime.number(at, 2)))
            .then_some(asctime)
    }

    /// Milliseconds since 1970-01-01 00:00:00 of the same local clock.
    #[must_use]
    pub fn millis(self) -> i64 {
        let (year, month, day) = (self.number(0, 4), self.number(5, 2), self.number(8, 2));
        let seconds = (self.number(11, 2) * 60 + self.number(14, 2)) * 60 + self.number(17, 2);
        (days_since_epoch(year, month, day) * 86_400 + seconds) * 1000 + self.number(20, 3)
    }

    /// The text as logged.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }

    fn number(self, at: usize, digits: usize) -> i64 {
        self.0.as_bytes()[at..at + digits]
            .iter()
            .fold(0, |number, digit| number * 10 + i64::from(digit - b'0'))
    }
}

/// ISO 8601: `2018-11-11T22:01:57.123`.
impl fmt::Display for Asctime<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "{}T{}.{}",
            &self.0[..10],
            &self.0[11..19],
            &self.0[20..]
        )
    }
}

impl fmt::Debug for Asctime<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Asctime({})", self.0)
    }
}

/// Days since 1970-01-01 in the proleptic Gregorian calendar, by counting years from March, so
/// that the leap day is the last of a year.
fn days_since_epoch(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn millis_count_from_the_epoch() {
        for (text, millis) in [
            ("1970-01-01 00:00:00,000", 0),
            ("2018-11-11 22:01:57,123", 1_541_973_717_123),
            ("2024-02-29 12:00:00,500", 1_709_208_000_500),
            ("1969-12-31 23:59:59,999", -1),
        ] {
            assert_eq!(
                Asctime::at_start_of(text.as_bytes()).unwrap().millis(),
                millis,
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "2018-11-11 22:01:57",
            "2018-13-11 22:01:57,123",
            "2018-11-11T22:01:57,123",
            "",
        ] {
            assert_eq!(Asctime::at_start_of(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn it_is_shown_as_iso_8601() {
        let asctime = Asctime::at_start_of(b"2018-11-11 22:01:57,123 - INFO").unwrap();
        assert_eq!(asctime.to_string(), "2018-11-11T22:01:57.123");
    }
}
