//! Reads the header of a record: Python's `LogRecord` attributes, one production each.

use std::str::from_utf8;

use memchr::memmem;
use nom::branch::alt;
use nom::bytes::complete::{tag, take_till1, take_until, take_while};
use nom::character::complete::u32 as number;
use nom::combinator::{map_opt, map_res, opt, recognize, verify};
use nom::error::{Error, ErrorKind};
use nom::sequence::{delimited, separated_pair, terminated};
use nom::{IResult, Parser};

use super::asctime::Asctime;

/// What stands before the message of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header<'a> {
    /// When the record was written.
    pub asctime: Asctime<'a>,
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
pub(super) fn header(input: &[u8]) -> IResult<&[u8], Header<'_>> {
    let (input, asctime) = terminated(asctime, dash).parse(input)?;
    let (input, level) = terminated(level, dash).parse(input)?;
    let (input, process) = terminated(number, tag(":")).parse(input)?;
    let (input, thread_name) = thread_name(input)?;
    let (input, ()) = loose_dash(input)?;
    let (input, (context, (logger, lineno))) = alt((
        (context.map(Some), origin),
        origin.map(|origin| (None, origin)),
    ))
    .parse(input)?;
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

/// Whether a header may start here: a look at fixed places only.
pub(super) fn may_start(input: &[u8]) -> bool {
    input.get(23..26) == Some(b" - ") && Asctime::at_start_of(input).is_some()
}

fn asctime(input: &[u8]) -> IResult<&[u8], Asctime<'_>> {
    match Asctime::at_start_of(input) {
        Some(asctime) => Ok((&input[Asctime::LENGTH..], asctime)),
        None => Err(nom::Err::Error(Error::new(input, ErrorKind::Digit))),
    }
}

/// `INFO`, or in server.log `\x1b[1;37mINFO\x1b[0m`.
pub(super) fn level(input: &[u8]) -> IResult<&[u8], &str> {
    let name = take_while(|byte: u8| byte.is_ascii_uppercase());
    delimited(
        opt(colour),
        verify(map_res(name, from_utf8), |name: &str| name.len() > 2),
        opt(colour),
    )
    .parse(input)
}

fn colour(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize((
        tag("\x1b["),
        take_while(|byte: u8| byte.is_ascii_digit() || byte == b';'),
        tag("m"),
    ))
    .parse(input)
}

/// Up to the dash: a thread's name may hold spaces (`Thread-1 (run)`).
fn thread_name(input: &[u8]) -> IResult<&[u8], &str> {
    const LONGEST: usize = 256;
    let limited = &input[..input.len().min(LONGEST)];
    let end = memmem::find(limited, b" -");
    let name = end.and_then(|end| from_utf8(&limited[..end]).ok());
    match name {
        Some(name) if !name.contains('\n') => Ok((&input[name.len()..], name)),
        _ => Err(nom::Err::Error(Error::new(input, ErrorKind::TakeUntil))),
    }
}

fn dash(input: &[u8]) -> IResult<&[u8], &[u8]> {
    tag(" - ").parse(input)
}

/// The dash before the context: 4.1 prints one space fewer where there is none.
fn loose_dash(input: &[u8]) -> IResult<&[u8], ()> {
    (spaces, tag("-"), spaces).map(|_| ()).parse(input)
}

fn spaces(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(|byte| byte == b' ').parse(input)
}

/// `SERVICE - CID - `
fn context(input: &[u8]) -> IResult<&[u8], Context<'_>> {
    let service = map_res(take_until(" - "), from_utf8);
    let service = verify(service, |service: &str| {
        !service.is_empty() && !service.contains('\n')
    });
    terminated(separated_pair(service, dash, word), dash)
        .map(|(service, cid)| Context { service, cid })
        .parse(input)
}

/// `LOGGER:LINENO - `
fn origin(input: &[u8]) -> IResult<&[u8], (&str, u32)> {
    let logger_and_lineno = map_opt(word, |word| {
        let (logger, lineno) = word.rsplit_once(':')?;
        let lineno: u32 = lineno.parse().ok()?;
        (!logger.is_empty()).then_some((logger, lineno))
    });
    terminated(logger_and_lineno, dash).parse(input)
}

fn word(input: &[u8]) -> IResult<&[u8], &str> {
    map_res(take_till1(|byte| matches!(byte, b' ' | b'\n')), from_utf8).parse(input)
}
