//! Calls in a repr that stand for one scalar: dates, times, decimals, UUIDs.
//!
//! Sources of the forms: `datetime`, `decimal` and `uuid` of Python 2.7 and 3.

use std::fmt::Write as _;

use nom::branch::alt;
use nom::character::complete::i64 as integer;
use nom::combinator::{all_consuming, map, opt};
use nom::multi::separated_list0;
use nom::{IResult, Parser};

use super::grammar;
use super::text::unescape_repr;

/// A scalar that a call stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Called {
    Text(String),
    Number(String),
}

/// Returns what `class(arguments)` stands for, or `None` for a call that is not known or whose
/// arguments do not fit: such a call is kept as its text.
pub(super) fn scalar(class: &[u8], arguments: &[u8]) -> Option<Called> {
    match class {
        b"datetime" => datetime(arguments).map(Called::Text),
        b"date" => date(arguments).map(Called::Text),
        b"time" => time(arguments).map(Called::Text),
        b"timedelta" => timedelta(arguments).map(Called::Number),
        b"Decimal" | b"UUID" | b"bytearray" => one_string(arguments).map(Called::Text),
        _ => None,
    }
}

/// The arguments of a call: whole numbers by place, whole numbers and texts by name.
#[derive(Debug, Default)]
struct Arguments<'a> {
    numbers: Vec<i64>,
    named_numbers: Vec<(&'a [u8], i64)>,
    named_texts: Vec<(&'a [u8], &'a [u8])>,
}

enum Argument<'a> {
    Number(Option<&'a [u8]>, i64),
    Text(&'a [u8], &'a [u8]),
}

fn argument(input: &[u8]) -> IResult<&[u8], Argument<'_>> {
    alt((
        map((opt(grammar::keyword), integer), |(name, number)| {
            Argument::Number(name, number)
        }),
        map(
            (grammar::keyword, grammar::argument_text),
            |(name, text)| Argument::Text(name, text),
        ),
    ))
    .parse(input)
}

fn arguments(input: &[u8]) -> Option<Arguments<'_>> {
    let (_, list) = all_consuming(separated_list0(grammar::comma, argument))
        .parse(input.trim_ascii())
        .ok()?;
    let mut arguments = Arguments::default();
    for argument in list {
        match argument {
            Argument::Number(None, number) => arguments.numbers.push(number),
            Argument::Number(Some(name), number) => arguments.named_numbers.push((name, number)),
            Argument::Text(name, text) => arguments.named_texts.push((name, text)),
        }
    }
    Some(arguments)
}

fn date_text(numbers: &[i64]) -> Option<String> {
    let [year @ 1..=9999, month @ 1..=12, day @ 1..=31] = *numbers else {
        return None;
    };
    Some(format!("{year:04}-{month:02}-{day:02}"))
}

/// ISO 8601, with a fraction only when there is one, as Python's `isoformat()` writes it.
fn time_text(numbers: &[i64]) -> Option<String> {
    let part = |at: usize, limit: i64| {
        let number = numbers.get(at).copied().unwrap_or(0);
        (0..limit).contains(&number).then_some(number)
    };
    let (hour, minute, second) = (part(0, 24)?, part(1, 60)?, part(2, 60)?);
    let microsecond = part(3, 1_000_000)?;
    let mut text = format!("{hour:02}:{minute:02}:{second:02}");
    if microsecond != 0 {
        let _infallible = write!(text, ".{microsecond:06}");
    }
    (numbers.len() <= 4).then_some(text)
}

/// The UTC offset of a `tzinfo=…`, as `isoformat()` writes it; nothing if its text does not tell.
fn offset_text(arguments: &Arguments<'_>) -> String {
    let mut named = arguments.named_texts.iter();
    let tzinfo = named.find(|(name, _)| *name == b"tzinfo");
    let Some(offset) = tzinfo.and_then(|(_, text)| offset(text)) else {
        return String::new();
    };
    let sign = if offset < 0 { '-' } else { '+' };
    let seconds = offset.unsigned_abs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    let mut text = format!("{sign}{hours:02}:{minutes:02}");
    if !seconds.is_multiple_of(60) {
        let _infallible = write!(text, ":{:02}", seconds % 60);
    }
    text
}

/// The seconds that a time zone is ahead of UTC, where its repr tells: that of Python's own zones,
/// of dateutil and of pytz.
fn offset(zone: &[u8]) -> Option<i64> {
    if zone.ends_with(b"timezone.utc") || matches!(zone, b"<UTC>" | b"tzutc()") {
        return Some(0);
    }
    let zone = std::str::from_utf8(zone).ok()?;
    let offset = if let Some((_, timedelta_text)) = zone.split_once("timezone(datetime.timedelta(")
    {
        let (arguments, _) = timedelta_text.split_once(')')?;
        timedelta(arguments.as_bytes())?.parse().ok()?
    } else if let Some(arguments) = zone.strip_prefix("tzoffset(") {
        let (_, seconds) = arguments.strip_suffix(')')?.rsplit_once(", ")?;
        seconds.parse().ok()?
    } else if let Some((_, minutes)) = zone.split_once("FixedOffset(") {
        minutes
            .strip_suffix(')')?
            .parse::<i64>()
            .ok()?
            .checked_mul(60)?
    } else {
        let (_, told) = zone.strip_prefix("<DstTzInfo '")?.split_once("' ")?;
        pytz_offset(told)?
    };
    // Python allows less than a day.
    (-86_399..86_400).contains(&offset).then_some(offset)
}

/// The offset in `CET+1:00:00 STD>`, which is `EST-1 day, 19:00:00 STD>` to the west.
fn pytz_offset(told: &str) -> Option<i64> {
    let (offset, _) = told.rsplit_once(' ')?;
    let (_, offset) = offset.split_at(offset.find(['+', '-'])?);
    let (day, clock) = match offset.split_once(" day, ") {
        Some((day, clock)) => (day.parse::<i64>().ok()?, clock),
        None => (0, offset.strip_prefix('+')?),
    };
    let seconds = clock.split(':').try_fold(0, |seconds: i64, part| {
        let part = part
            .parse::<i64>()
            .ok()
            .filter(|part| (0..60).contains(part))?;
        Some(seconds * 60 + part)
    })?;
    Some(day.checked_mul(86_400)? + seconds)
}

fn datetime(text: &[u8]) -> Option<String> {
    let arguments = arguments(text)?;
    let (day, time) = arguments.numbers.split_at_checked(3)?;
    Some(format!(
        "{}T{}{}",
        date_text(day)?,
        time_text(time)?,
        offset_text(&arguments)
    ))
}

fn date(text: &[u8]) -> Option<String> {
    date_text(&arguments(text)?.numbers)
}

fn time(text: &[u8]) -> Option<String> {
    let arguments = arguments(text)?;
    Some(format!(
        "{}{}",
        time_text(&arguments.numbers)?,
        offset_text(&arguments)
    ))
}

/// Seconds, exact to the microsecond. By place in Python 2, by name since 3.7.
fn timedelta(text: &[u8]) -> Option<String> {
    let arguments = arguments(text)?;
    if arguments.numbers.len() > 3 || !arguments.named_texts.is_empty() {
        return None;
    }
    let mut total: i128 = 0;
    let units: [(&[u8], i128); 3] = [
        (b"days", 86_400_000_000),
        (b"seconds", 1_000_000),
        (b"microseconds", 1),
    ];
    for (number, (_, unit)) in arguments.numbers.iter().zip(units) {
        total += i128::from(*number) * unit;
    }
    for (name, number) in &arguments.named_numbers {
        let (_, unit) = units.iter().find(|(unit_name, _)| unit_name == name)?;
        total += i128::from(*number) * unit;
    }
    let sign = if total < 0 { "-" } else { "" };
    let (seconds, fraction) = (
        total.unsigned_abs() / 1_000_000,
        total.unsigned_abs() % 1_000_000,
    );
    let mut number = format!("{sign}{seconds}");
    if fraction != 0 {
        let digits = format!(".{fraction:06}");
        number.push_str(digits.trim_end_matches('0'));
    }
    Some(number)
}

fn one_string(text: &[u8]) -> Option<String> {
    let (_, (prefix, inside)) = all_consuming(grammar::string)
        .parse(text.trim_ascii())
        .ok()?;
    Some(unescape_repr(inside, prefix))
}
