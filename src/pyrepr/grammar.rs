//! The productions of a Python repr that hold no value inside them, smallest first.

use memchr::{memchr2, memchr3};
use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{digit0, digit1, one_of, satisfy};
use nom::combinator::{not, opt, peek, recognize, value};
use nom::error::{Error, ErrorKind};
use nom::sequence::{delimited, pair, preceded, terminated};
use nom::{IResult, Parser};

use super::Notation;
use super::plain::plain_end;
use super::text::Prefix;
use super::token::{Look, Token};

/// White space between the parts of a value.
pub(super) fn space(input: &[u8]) -> IResult<&[u8], &[u8]> {
    take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).parse(input)
}

/// The digits of a whole number: no leading zero, as in JSON.
fn integer(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize((
        opt(tag("-")),
        alt((tag("0"), recognize((one_of("123456789"), digit0)))),
    ))
    .parse(input)
}

/// A number as Python prints it, which is a number of JSON as it stands.
pub(super) fn number(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize((
        integer,
        opt(pair(tag("."), digit1)),
        opt((one_of("eE"), opt(one_of("+-")), digit1)),
    ))
    .parse(input)
}

/// The `L` behind a long integer of Python 2.
pub(super) fn long_suffix(input: &[u8]) -> IResult<&[u8], &[u8]> {
    tag("L").parse(input)
}

/// A complex number: `1j`, `(1+2j)`, `(-0-nanj)`.
pub(super) fn complex(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let part = |input| {
        alt((
            number,
            recognize((opt(tag("-")), alt((tag("nan"), tag("inf"))))),
        ))
        .parse(input)
    };
    let imaginary = |input| terminated(part, tag("j")).parse(input);
    recognize(alt((
        recognize(imaginary),
        recognize(delimited(
            tag("("),
            (part, opt(tag("+")), imaginary),
            tag(")"),
        )),
    )))
    .parse(input)
}

/// A dotted name: `None`, `datetime.datetime`.
pub(super) fn name(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize(pair(
        satisfy(|c| c.is_ascii_alphabetic() || c == '_'),
        take_while(|byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.')),
    ))
    .parse(input)
}

/// The name of a keyword argument with its `=`.
pub(super) fn keyword(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(name, tag("=")).parse(input)
}

/// A key of a Bunch with its `=`. Bunch prints keys as they are, quotes and spaces and all.
pub(super) fn bunch_key(input: &[u8]) -> IResult<&[u8], &[u8]> {
    terminated(take_while1(|byte| !matches!(byte, b'=' | b'\n')), tag("=")).parse(input)
}

/// `nan`, `inf` and `-inf`, as the texts that stand for them in JSON.
pub(super) fn infinity(input: &[u8]) -> IResult<&[u8], &'static str> {
    let ends = peek(not(satisfy(|c| {
        c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '(')
    })));
    terminated(
        alt((
            value("NaN", preceded(opt(tag("-")), tag("nan"))),
            value("Infinity", tag("inf")),
            value("-Infinity", tag("-inf")),
        )),
        ends,
    )
    .parse(input)
}

/// JSON's counterpart of `-inf`, as Python's `json` module writes it.
pub(super) fn minus_infinity(input: &[u8]) -> IResult<&[u8], &[u8]> {
    tag("-Infinity").parse(input)
}

/// A container inside itself, or the `...` that older Pythons print for `Ellipsis`.
pub(super) fn again(input: &[u8]) -> IResult<&[u8], &[u8]> {
    alt((tag("..."), tag("{...}"), tag("[...]"))).parse(input)
}

/// The prefix and the opening quote of a string.
pub(super) fn string_start(input: &[u8]) -> IResult<&[u8], (Prefix, u8)> {
    let prefix = alt((
        value(Prefix::Unicode, one_of("uU")),
        value(Prefix::Bytes, one_of("bB")),
    ));
    let (rest, (prefix, quote)) = pair(opt(prefix), one_of("'\"")).parse(input)?;
    Ok((rest, (prefix.unwrap_or(Prefix::Absent), quote as u8)))
}

/// What stands between the quotes of a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inside<'a> {
    pub(super) raw: &'a [u8],
    /// Whether a backslash is in it.
    pub(super) has_escapes: bool,
}

/// The inside of a string up to its closing quote, which is taken too. A repr prints no raw
/// newline in a string, so one ends it as unfit.
pub(super) fn string_rest(input: &[u8], quote: u8) -> IResult<&[u8], Inside<'_>> {
    let mut at = 0;
    let mut has_escapes = false;
    while let Some(found) = memchr3(quote, b'\\', b'\n', &input[at..]) {
        at += found;
        match input[at] {
            b'\\' if at + 1 < input.len() => {
                has_escapes = true;
                at += 2;
            }
            byte if byte == quote => {
                return Ok((
                    &input[at + 1..],
                    Inside {
                        raw: &input[..at],
                        has_escapes,
                    },
                ));
            }
            _ => break,
        }
    }
    unfit(&input[at..])
}

/// The inside of a JSON string up to its closing quote, which is taken too.
pub(super) fn json_string_rest(input: &[u8]) -> IResult<&[u8], Inside<'_>> {
    let mut at = 0;
    let mut has_escapes = false;
    while let Some(found) = memchr2(b'"', b'\\', &input[at..]) {
        at += found;
        match input[at] {
            b'"' => {
                return Ok((
                    &input[at + 1..],
                    Inside {
                        raw: &input[..at],
                        has_escapes,
                    },
                ));
            }
            _ if at + 1 < input.len() => {
                has_escapes = true;
                at += 2;
            }
            _ => break,
        }
    }
    unfit(&input[at..])
}

/// The inside of a plain string up to its closing `quote`, which is taken too. Fails for all others.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what it returns stays in registers")]
pub(super) fn plain_string_rest(input: &[u8], quote: u8) -> IResult<&[u8], (&[u8], Look)> {
    match plain_end(input, quote) {
        Some((end, look)) => Ok((&input[end + 1..], (&input[..end], look))),
        None => unfit(input),
    }
}

/// A whole number inside a container: what ends it can be no part of another number.
#[inline]
pub(super) fn plain_number(notation: Notation, input: &[u8]) -> IResult<&[u8], &[u8]> {
    let start = usize::from(input.first() == Some(&b'-'));
    let digits = input[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let (number, rest) = input.split_at(start + digits);
    let is_integer = digits == 1 || (digits > 1 && input[start] != b'0');
    let rest = match (notation, rest) {
        (Notation::Repr, [b'L', rest @ ..]) => rest,
        _ => rest,
    };
    if is_integer && ends_element(rest) {
        Ok((rest, number))
    } else {
        unfit(input)
    }
}

/// `None`, `True` or `False` inside a container, or what JSON has for them.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what it returns stays in registers")]
pub(super) fn plain_name(notation: Notation, input: &[u8]) -> IResult<&[u8], Token<'_>> {
    let (rest, token) = match (notation, input) {
        (Notation::Repr, [b'N', b'o', b'n', b'e', rest @ ..])
        | (Notation::Json, [b'n', b'u', b'l', b'l', rest @ ..]) => (rest, Token::Null),
        (Notation::Repr, [b'T', b'r', b'u', b'e', rest @ ..])
        | (Notation::Json, [b't', b'r', b'u', b'e', rest @ ..]) => (rest, Token::True),
        (Notation::Repr, [b'F', b'a', b'l', b's', b'e', rest @ ..])
        | (Notation::Json, [b'f', b'a', b'l', b's', b'e', rest @ ..]) => (rest, Token::False),
        _ => return unfit(input),
    };
    if ends_element(rest) {
        Ok((rest, token))
    } else {
        unfit(input)
    }
}

#[inline]
fn ends_element(rest: &[u8]) -> bool {
    matches!(rest.first(), Some(b',' | b'}' | b']' | b')'))
}

fn unfit<T>(input: &[u8]) -> IResult<&[u8], T> {
    Err(nom::Err::Error(Error::new(input, ErrorKind::Char)))
}

/// An object's repr between angle brackets: `<zato.x.Y object at 0x7f…>`, `<function <lambda> at …>`.
pub(super) fn object(input: &[u8]) -> IResult<&[u8], &[u8]> {
    balanced(input, b'<', b'>')
}

/// Everything between a name's parentheses, strings taken whole.
pub(super) fn arguments(input: &[u8]) -> IResult<&[u8], &[u8]> {
    let (rest, all) = balanced(input, b'(', b')')?;
    Ok((rest, &all[1..all.len() - 1]))
}

fn balanced(input: &[u8], open: u8, close: u8) -> IResult<&[u8], &[u8]> {
    let unfit = || nom::Err::Error(Error::new(input, ErrorKind::Char));
    if input.first() != Some(&open) {
        return Err(unfit());
    }
    let mut depth = 0_usize;
    let mut at = 0;
    // Up to here quotes are known to open no string: trying each again would take quadratic time.
    let mut no_string_before = 0;
    while let Some(&byte) = input.get(at) {
        at += 1;
        if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return Ok((&input[at..], &input[..at]));
            }
        } else if matches!(byte, b'\'' | b'"') && at > no_string_before {
            // An apostrophe in an object's text opens no string: then it stands for itself.
            match string_rest(&input[at..], byte) {
                Ok((rest, _)) => at = input.len() - rest.len(),
                Err(nom::Err::Error(error) | nom::Err::Failure(error)) => {
                    no_string_before = input.len() - error.input.len();
                }
                Err(nom::Err::Incomplete(_)) => break,
            }
        }
    }
    Err(unfit())
}

/// One string literal, whole: its prefix and its inside.
pub(super) fn string(input: &[u8]) -> IResult<&[u8], (Prefix, &[u8])> {
    let (rest, (prefix, quote)) = string_start(input)?;
    let (rest, inside) = string_rest(rest, quote)?;
    Ok((rest, (prefix, inside.raw)))
}

/// A comma with the white space around it.
pub(super) fn comma(input: &[u8]) -> IResult<&[u8], &[u8]> {
    delimited(space, tag(","), space).parse(input)
}

/// What follows a keyword in the arguments of a call, up to the next comma of that level.
pub(super) fn argument_text(input: &[u8]) -> IResult<&[u8], &[u8]> {
    recognize(pair(
        take_while(|byte| !matches!(byte, b',' | b'(' | b')' | b'<')),
        opt(preceded(space, alt((object, recognize(arguments))))),
    ))
    .parse(input)
}
