//! The time of a record, as Python's logging prints it: local to the server, without a zone.

use std::fmt;

/// `2018-11-11 22:01:57,123`, checked to be a date and a time.
///
/// Its parts stand side by side in one number, the year in the highest bits, so that the order of
/// the numbers is that of the times.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Asctime(u64);

/// How many bits stand below each part; below the seconds there are the milliseconds.
const SECOND: u32 = 10;
const MINUTE: u32 = SECOND + 6;
const HOUR: u32 = MINUTE + 6;
const DAY: u32 = HOUR + 5;
const MONTH: u32 = DAY + 5;
const YEAR: u32 = MONTH + 4;

/// The least and the greatest byte that may stand in each place.
const LEAST: [u8; Asctime::LENGTH] = *b"0000-00-00 00:00:00,000";
const GREATEST: [u8; Asctime::LENGTH] = *b"9999-19-39 29:59:69,999";

/// Where words of eight bytes start that together are the text.
const WORDS: [usize; 3] = [0, 8, 15];

impl Asctime {
    /// How many bytes an asctime takes.
    pub const LENGTH: usize = 23;

    /// Reads the asctime that `text` starts with.
    #[must_use]
    pub fn at_start_of(text: &[u8]) -> Option<Self> {
        let text: &[u8; Self::LENGTH] = text.first_chunk()?;
        if !WORDS.into_iter().all(|at| fits(text, at)) {
            return None;
        }
        // `2018-11-`, `11 22:01` and `1:57,123`.
        let numbers = |nth: usize| two_digit_numbers(word(text, WORDS[nth]));
        let (years, hours, seconds) = (numbers(0), numbers(1), numbers(2));
        let (month, day, hour, second) = (years[5], hours[0], hours[3], seconds[2]);
        let year = u64::from(years[0]) * 100 + u64::from(years[2]);
        let is_time = (1..=12).contains(&month)
            && (1..=31).contains(&day)
            && (day <= 28 || day <= days_of(month, year))
            && hour <= 23
            // A leap second, and the second one that C allows for.
            && second <= 61;
        let millisecond = u64::from(seconds[5]) * 10 + u64::from(text[22] - b'0');
        let packed = year << YEAR
            | u64::from(month) << MONTH
            | u64::from(day) << DAY
            | u64::from(hour) << HOUR
            | u64::from(hours[6]) << MINUTE
            | u64::from(second) << SECOND
            | millisecond;
        is_time.then_some(Self(packed))
    }

    /// The time as a number that is not zero.
    pub(crate) fn to_bits(self) -> u64 {
        self.0
    }

    /// The time that [`to_bits`](Self::to_bits) has made this number of; `None` of zero.
    pub(crate) fn from_bits(bits: u64) -> Option<Self> {
        (bits != 0).then_some(Self(bits))
    }

    /// Milliseconds since 1970-01-01 00:00:00 of the same local clock.
    #[must_use]
    pub fn millis(self) -> i64 {
        let [year, month, day, ..] = self.parts().map(u64::cast_signed);
        days_since_epoch(year, month, day) * 86_400_000 + self.millis_of_day()
    }

    /// Milliseconds from `earlier` to this time; less than zero if it is not earlier.
    #[must_use]
    pub fn millis_since(self, earlier: Self) -> i64 {
        if self.0 >> DAY == earlier.0 >> DAY {
            self.millis_of_day() - earlier.millis_of_day()
        } else {
            self.millis() - earlier.millis()
        }
    }

    fn millis_of_day(self) -> i64 {
        let [.., hour, minute, second, millisecond] = self.parts().map(u64::cast_signed);
        ((hour * 60 + minute) * 60 + second) * 1000 + millisecond
    }

    /// Year, month, day, hour, minute, second, millisecond.
    fn parts(self) -> [u64; 7] {
        let part = |from: u32, to: u32| (self.0 >> from) & ((1 << (to - from)) - 1);
        [
            self.0 >> YEAR,
            part(MONTH, YEAR),
            part(DAY, MONTH),
            part(HOUR, DAY),
            part(MINUTE, HOUR),
            part(SECOND, MINUTE),
            part(0, SECOND),
        ]
    }
}

/// ISO 8601: `2018-11-11T22:01:57.123`.
impl fmt::Display for Asctime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = *b"0000-00-00T00:00:00.000";
        let mut end = 0;
        for (mut part, digits) in self.parts().into_iter().zip([4, 2, 2, 2, 2, 2, 3]) {
            end += digits;
            for digit in text[end - digits..end].iter_mut().rev() {
                *digit += (part % 10) as u8;
                part /= 10;
            }
            // What stands between the parts.
            end += 1;
        }
        formatter.write_str(std::str::from_utf8(&text).unwrap_or_default())
    }
}

impl fmt::Debug for Asctime {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Asctime({self})")
    }
}

/// Whether each of the eight bytes from `at` on lies between those that may stand there: compared
/// side by side in one word, which takes a third of the time of one after the other.
fn fits(text: &[u8; Asctime::LENGTH], at: usize) -> bool {
    const HIGH: u64 = 0x8080_8080_8080_8080;

    let (bytes, least, greatest) = (word(text, at), word(&LEAST, at), word(&GREATEST, at));
    if bytes & HIGH != 0 {
        return false;
    }
    // With the high bit of each byte set, no byte borrows from the next; it stays where the
    // difference is not below zero.
    let not_below = (bytes | HIGH) - least;
    let not_above = (greatest | HIGH) - bytes;
    not_below & not_above & HIGH == HIGH
}

/// The number of two digits that starts at each byte, all at once. Bytes that are no digits take
/// part, and none is so great that it changes its neighbours.
fn two_digit_numbers(word: u64) -> [u8; 8] {
    let digits = word & 0x0f0f_0f0f_0f0f_0f0f;
    (digits * 10 + (digits >> 8)).to_le_bytes()
}

/// The eight bytes from `at` on.
fn word(text: &[u8; Asctime::LENGTH], at: usize) -> u64 {
    let bytes = text[at..].first_chunk();
    bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes))
}

/// How many days a month has.
fn days_of(month: u8, year: u64) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
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
    use proptest::prelude::*;

    use super::*;

    fn asctime(text: &str) -> Asctime {
        Asctime::at_start_of(text.as_bytes()).unwrap()
    }

    #[test]
    fn millis_count_from_the_epoch() {
        for (text, millis) in [
            ("1970-01-01 00:00:00,000", 0),
            ("2018-11-11 22:01:57,123", 1_541_973_717_123),
            ("2024-02-29 12:00:00,500", 1_709_208_000_500),
            ("1969-12-31 23:59:59,999", -1),
            ("2000-02-29 00:00:00,000", 951_782_400_000),
            ("2018-01-31 00:00:00,000", 1_517_356_800_000),
            ("2018-04-30 00:00:00,000", 1_525_046_400_000),
        ] {
            assert_eq!(asctime(text).millis(), millis, "{text}");
        }
    }

    #[test]
    fn differences_are_those_of_the_millis() {
        let texts = [
            "2018-11-11 22:01:57,123",
            "2018-11-11 00:00:00,000",
            "2018-11-12 00:00:00,001",
            "2016-12-31 23:59:60,999",
            "9999-12-31 23:59:59,999",
        ];
        for (one, other) in texts.iter().flat_map(|one| texts.map(|other| (one, other))) {
            let (one, other) = (asctime(one), asctime(other));
            assert_eq!(one.millis_since(other), one.millis() - other.millis());
            assert_eq!(one.cmp(&other), one.to_string().cmp(&other.to_string()));
        }
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "2018-11-11 22:01:57",
            "2018-13-11 22:01:57,123",
            "2018-00-11 22:01:57,123",
            "2018-11-32 22:01:57,123",
            "2018-11-31 22:01:57,123",
            "2018-04-31 22:01:57,123",
            "2023-02-29 22:01:57,123",
            "2024-02-30 22:01:57,123",
            "1900-02-29 22:01:57,123",
            "2018-11-11 24:01:57,123",
            "2018-11-11 22:60:57,123",
            "2018-11-11 22:01:62,123",
            "2018-11-11T22:01:57,123",
            "2018-11-11 22:01:57,12x",
            "",
        ] {
            assert_eq!(Asctime::at_start_of(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn bytes_fit_that_fit_one_by_one(
            place in 0..Asctime::LENGTH,
            byte in any::<u8>(),
            others in any::<[u8; Asctime::LENGTH]>(),
        ) {
            let mut nearly = *b"2018-11-11 22:01:57,123";
            nearly[place] = byte;
            for text in [nearly, others] {
                let one_by_one = (0..Asctime::LENGTH).all(|at| (LEAST[at]..=GREATEST[at]).contains(&text[at]));
                let in_words = WORDS.into_iter().all(|at| fits(&text, at));
                prop_assert_eq!(in_words, one_by_one);
                prop_assert!(one_by_one || Asctime::at_start_of(&text).is_none());
            }
        }
    }

    #[test]
    fn it_is_shown_as_iso_8601() {
        let asctime = Asctime::at_start_of(b"2018-11-11 22:01:57,123 - INFO").unwrap();
        assert_eq!(asctime.to_string(), "2018-11-11T22:01:57.123");
        assert_eq!(format!("{asctime:?}"), "Asctime(2018-11-11T22:01:57.123)");
    }
}
