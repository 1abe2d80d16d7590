//! The units of what is measured, and the one way in which each number is written.

use std::borrow::Cow;
use std::cmp::Ordering;

/// Units of time in milliseconds. Without a unit it is milliseconds.
const DURATIONS: [(&str, u64); 7] = [
    ("", 1),
    ("ms", 1),
    ("s", 1_000),
    ("m", 60_000),
    ("min", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
];

/// Units of size in bytes.
const SIZES: [(&str, u64); 9] = [
    ("", 1),
    ("b", 1),
    ("k", 1_000),
    ("kb", 1_000),
    ("mb", 1_000_000),
    ("gb", 1_000_000_000),
    ("kib", 1 << 10),
    ("mib", 1 << 20),
    ("gib", 1 << 30),
];

/// `500ms`, `1.5s`, `2h` in milliseconds.
pub(super) fn milliseconds(text: &str) -> Option<u64> {
    with_unit(text, &DURATIONS)
}

/// `100kb`, `1.5MB`, `64KiB` in bytes.
pub(super) fn bytes(text: &str) -> Option<u64> {
    with_unit(text, &SIZES)
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a number with a fraction means about so much; `as` keeps within the limits"
)]
fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.');
    let (number, unit) = text.split_at(digits.unwrap_or(text.len()));
    let unit = unit.to_ascii_lowercase();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    match number.parse::<u64>() {
        Ok(number) => number.checked_mul(*factor),
        Err(_) if !number.starts_with(|c: char| c.is_ascii_digit()) || !number.contains('.') => {
            None
        }
        Err(_) => Some((number.parse::<f64>().ok()? * *factor as f64).round() as u64),
    }
}

/// Writes a number of JSON in the way in which all that are equal to it are written: whole numbers
/// as digits, all others as the nearest of 64 bits. What is too large for that stays as it is.
pub(crate) fn canonical_number(number: &str) -> Cow<'_, str> {
    let is_whole = !number.contains(['.', 'e', 'E']);
    if is_whole {
        return Cow::Borrowed(if number == "-0" { "0" } else { number });
    }
    match number.parse::<f64>() {
        Ok(0.0) => Cow::Borrowed("0"),
        // Rust writes these without an exponent, and whole ones without a point.
        Ok(value) if value.is_finite() => Cow::Owned(value.to_string()),
        _ => Cow::Borrowed(number),
    }
}

/// A number as it is written in JSON. Whole numbers are compared exactly, whatever their size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Number(String);

impl Number {
    /// Takes a text that is a number.
    pub(super) fn new(text: &str) -> Option<Self> {
        let is_finite = text.parse().is_ok_and(f64::is_finite);
        is_finite.then(|| Self(canonical_number(text).into_owned()))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (whole(&self.0), whole(&other.0)) {
            (Some((true, digits)), Some((true, others))) => Some(by_digits(others, digits)),
            (Some((false, digits)), Some((false, others))) => Some(by_digits(digits, others)),
            (Some((is_negative, _)), Some(_)) => Some(if is_negative {
                Ordering::Less
            } else {
                Ordering::Greater
            }),
            _ => self
                .0
                .parse::<f64>()
                .ok()?
                .partial_cmp(&other.0.parse().ok()?),
        }
    }
}

/// Whether a whole number is negative, and its digits.
fn whole(number: &str) -> Option<(bool, &str)> {
    let digits = number.strip_prefix('-');
    let is_negative = digits.is_some();
    let digits = digits.unwrap_or(number);
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    is_whole.then(|| (is_negative, digits.trim_start_matches('0')))
}

fn by_digits(digits: &str, others: &str) -> Ordering {
    (digits.len(), digits).cmp(&(others.len(), others))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes_have_units() {
        let durations = ["500", "500ms", "1.5s", "2M", "1h", "0.0004s"];
        assert_eq!(
            durations.map(milliseconds),
            [500, 500, 1500, 120_000, 3_600_000, 0].map(Some)
        );
        assert_eq!(
            ["7", "100kb", "1.5MB", "64KiB"].map(bytes),
            [7, 100_000, 1_500_000, 65_536].map(Some)
        );
        for text in [
            "",
            "s",
            "-1s",
            ".",
            "1.2.3s",
            "1 s",
            "1y",
            "99999999999999999999s",
            "ż",
        ] {
            assert_eq!(milliseconds(text), None, "{text}");
        }
    }

    #[test]
    fn numbers_are_compared_exactly() {
        let ascending = [
            "-123456789012345678901234567891",
            "-123456789012345678901234567890",
            "-9",
            "-1.5",
            "0",
            "0.5",
            "7",
            "9007199254740992",
            "9007199254740993",
            "123456789012345678901234567890",
        ];
        for (nth, number) in ascending.iter().enumerate() {
            for (other_nth, other) in ascending.iter().enumerate() {
                let ordering = Number::new(number).partial_cmp(&Number::new(other));
                assert_eq!(ordering, Some(nth.cmp(&other_nth)), "{number} {other}");
            }
        }
        assert_eq!(Number::new("2.0"), Number::new("2"));
    }

    #[test]
    fn equal_numbers_are_written_alike() {
        for (number, expected) in [
            ("204", "204"),
            ("204.0", "204"),
            ("2.04e2", "204"),
            ("-0", "0"),
            ("-0.0", "0"),
            ("0.10", "0.1"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
            ("1e400", "1e400"),
        ] {
            assert_eq!(canonical_number(number), expected);
        }
    }
}
