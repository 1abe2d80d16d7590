//! Reads the header of a record: Python's `LogRecord` attributes, one production each.

use std::ops::RangeInclusive;

use memchr::{memchr2, memchr2_iter, memrchr};
use nom::bytes::complete::{tag, take_while};
use nom::combinator::{all_consuming, recognize};
use nom::error::{Error, ErrorKind};
use nom::sequence::{delimited, separated_pair, terminated};
use nom::{IResult, Parser};

use super::asctime::Asctime;
use super::usual::usual_header;

/// What stands before the message of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// When the record was written.
    pub asctime: Asctime,
    /// `INFO`, without the colours that server.log puts around it.
    pub level: &'a str,
    /// The process ID.
    pub process: u32,
    /// The thread, or the green thread, of the call.
    pub thread_name: &'a str,
    /// The call in progress, since Zato 4.1.
    pub context: Option<Context<'a>>,
    /// `zato_admin`, or in Zato 1.1 the service's name.
    pub logger: &'a str,
    /// A line of Zato's source.
    pub lineno: u32,
}

/// The call that was in progress when a record was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Context<'a> {
    /// The service's name.
    pub service: &'a str,
    /// The correlation ID.
    pub cid: &'a str,
}

/// Reads a header with the ` - ` behind it.
pub(super) fn header(input: &str) -> IResult<&str, Header<'_>> {
    match usual_header(input) {
        Some(usual) => Ok(usual),
        None => any_header(input),
    }
}

/// Reads a header quickly, if it is a usual one, and as any header, for a fuzz target to compare.
#[cfg(fuzzing)]
pub fn header_in_both_ways(input: &str) -> [Option<(&str, Header<'_>)>; 2] {
    [usual_header(input), any_header(input).ok()]
}

/// Reads any header.
pub(super) fn any_header(input: &str) -> IResult<&str, Header<'_>> {
    let (input, asctime) = terminated(asctime, dash).parse(input)?;
    let (input, level) = terminated(level, dash).parse(input)?;
    let (input, process) = terminated(number, colon).parse(input)?;
    let (input, thread_name) = thread_name(input)?;
    let (input, ()) = loose_dash(input)?;
    let (input, (context, (logger, lineno))) = context_and_origin(input)?;
    let header = Header {
        asctime,
        level,
        process,
        thread_name,
        context,
        logger,
        lineno,
    };
    Ok((input, header))
}

/// The time of the header that may start here: a look at fixed places only.
pub(super) fn may_start(input: &[u8]) -> Option<Asctime> {
    if input.get(23..26) == Some(b" - ") {
        Asctime::at_start_of(input)
    } else {
        None
    }
}

fn asctime(input: &str) -> IResult<&str, Asctime> {
    match Asctime::at_start_of(input.as_bytes()) {
        Some(asctime) => Ok((&input[Asctime::LENGTH..], asctime)),
        None => Err(nom::Err::Error(Error::new(input, ErrorKind::Digit))),
    }
}

/// `INFO`, or in server.log `\x1b[1;37mINFO\x1b[0m`.
pub(super) fn level(input: &str) -> IResult<&str, &str> {
    if input.starts_with('\x1b') {
        delimited(colour, level_name, colour).parse(input)
    } else {
        level_name(input)
    }
}

fn level_name(input: &str) -> IResult<&str, &str> {
    const LENGTHS: RangeInclusive<usize> = 3..=16;
    let letters = input.bytes().take_while(u8::is_ascii_uppercase);
    match letters.take(LENGTHS.end() + 1).count() {
        length if LENGTHS.contains(&length) => Ok((&input[length..], &input[..length])),
        _ => unfit(input),
    }
}

fn colour(input: &str) -> IResult<&str, &str> {
    recognize((
        tag("\x1b["),
        take_while(|c: char| c.is_ascii_digit() || c == ';'),
        tag("m"),
    ))
    .parse(input)
}

/// A whole number of 32 bits. nom's own looks at characters, which takes three times as long.
fn number(input: &str) -> IResult<&str, u32> {
    let digits = input.bytes().take_while(u8::is_ascii_digit).count();
    match input[..digits].parse() {
        Ok(number) => Ok((&input[digits..], number)),
        Err(_) => unfit(input),
    }
}

fn colon(input: &str) -> IResult<&str, ()> {
    fixed(input, ":")
}

/// Up to the dash: a thread's name may hold spaces (`Thread-1 (run)`).
fn thread_name(input: &str) -> IResult<&str, &str> {
    let (rest, name) = up_to(input, " -")?;
    // Where a header breaks off in the name, the next record's time stands at its end.
    let is_torn = name
        .as_bytes()
        .last_chunk::<{ Asctime::LENGTH }>()
        .is_some_and(|end| Asctime::at_start_of(end).is_some());
    if name.len() > LONGEST_NAME || is_torn {
        return unfit(input);
    }
    Ok((rest, name))
}

/// What stands before `end` in this line, which may be nothing. `end` starts with a space.
fn up_to<'a>(input: &'a str, end: &str) -> IResult<&'a str, &'a str> {
    let bytes = input.as_bytes();
    for at in memchr2_iter(b' ', b'\n', bytes) {
        if bytes[at..].starts_with(end.as_bytes()) {
            return Ok((&input[at..], &input[..at]));
        }
        if bytes[at] == b'\n' {
            break;
        }
    }
    unfit(input)
}

fn unfit<T>(input: &str) -> IResult<&str, T> {
    Err(nom::Err::Error(Error::new(input, ErrorKind::Verify)))
}

/// Exactly this text. nom's `tag` compares byte by byte.
pub(super) fn fixed<'a>(input: &'a str, text: &str) -> IResult<&'a str, ()> {
    match input.strip_prefix(text) {
        Some(rest) => Ok((rest, ())),
        None => Err(nom::Err::Error(Error::new(input, ErrorKind::Tag))),
    }
}

fn dash(input: &str) -> IResult<&str, ()> {
    fixed(input, " - ")
}

/// The dash before the context: 4.1 prints one space fewer where there is none.
fn loose_dash(input: &str) -> IResult<&str, ()> {
    let (input, ()) = spaces(input);
    let (input, ()) = fixed(input, "-")?;
    Ok(spaces(input))
}

fn spaces(input: &str) -> (&str, ()) {
    let spaces = input.bytes().take_while(|byte| *byte == b' ').count();
    (&input[spaces..], ())
}

/// How many bytes the name of a thread takes at the most.
pub(super) const LONGEST_NAME: usize = 256;

/// `SERVICE - CID - LOGGER:LINENO - `, or without the first two: a service may be named like a logger
/// with a line.
fn context_and_origin(input: &str) -> IResult<&str, (Option<Context<'_>>, (&str, u32))> {
    let (rest, first) = terminated(up_to_dash, dash).parse(input)?;
    let cid_and_origin = separated_pair(word, dash, terminated(origin, dash)).parse(rest);
    match cid_and_origin {
        Ok((rest, (cid, origin))) if !first.is_empty() => {
            let service = first;
            Ok((rest, (Some(Context { service, cid }), origin)))
        }
        _ => {
            let (_, origin) = all_consuming(origin).parse(first)?;
            Ok((rest, (None, origin)))
        }
    }
}

fn up_to_dash(input: &str) -> IResult<&str, &str> {
    up_to(input, " - ")
}

/// `LOGGER:LINENO`
fn origin(input: &str) -> IResult<&str, (&str, u32)> {
    let (rest, word) = word(input)?;
    let colon = memrchr(b':', word.as_bytes()).filter(|&colon| colon > 0);
    let lineno = colon.and_then(|colon| word[colon + 1..].parse().ok());
    match (colon, lineno) {
        (Some(colon), Some(lineno)) => Ok((rest, (&word[..colon], lineno))),
        _ => unfit(input),
    }
}

/// Up to the next space, in this line.
fn word(input: &str) -> IResult<&str, &str> {
    match memchr2(b' ', b'\n', input.as_bytes()).unwrap_or(input.len()) {
        0 => unfit(input),
        end => Ok((&input[end..], &input[..end])),
    }
}
