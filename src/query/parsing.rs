//! The grammar of queries, one production each, the smallest first.
//!
//! An error of nom's own means that a production does not apply, and another one may; a
//! `Failure` that it does, and what stands there is wrong. [`word`] applies to everything that no
//! other production wants, so all that is left of nom's own errors is a query without a clause.

use std::str::FromStr;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, none_of, one_of};
use nom::combinator::{not, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::multi::{many0, many0_count, many1};
use nom::sequence::{pair, preceded, terminated};
use nom::{Finish as _, IResult, Parser};

use super::error::{QueryError, QueryErrorKind};
use super::nearest::nearest;
use super::{Clause, Pattern, Piece, Query, Value};
use crate::invocation::Outcome;

/// Fields that take a value as they are.
const PLAIN_FIELDS: [&str; 5] = ["id", "service", "cid", "server", "outcome"];

/// Reads a query.
impl FromStr for Query {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        match query(text).finish() {
            Ok((_, query)) => Ok(query),
            Err(problem) => Err(problem.in_text(text)),
        }
    }
}

/// What is wrong with a query, and what is left of it from there.
struct Problem<'q> {
    rest: &'q str,
    kind: QueryErrorKind,
}

impl<'q> Problem<'q> {
    fn failure(rest: &'q str, kind: QueryErrorKind) -> nom::Err<Self> {
        nom::Err::Failure(Self { rest, kind })
    }

    fn in_text(self, text: &str) -> QueryError {
        let before = &text[..text.len() - self.rest.len()];
        QueryError {
            column: before.chars().count() + 1,
            kind: self.kind,
        }
    }
}

impl<'q> ParseError<&'q str> for Problem<'q> {
    fn from_error_kind(rest: &'q str, _: ErrorKind) -> Self {
        Self {
            rest,
            kind: QueryErrorKind::Empty,
        }
    }

    fn append(_: &'q str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

type Parsed<'q, T> = IResult<&'q str, T, Problem<'q>>;

fn spaces(input: &str) -> Parsed<'_, &str> {
    take_while(char::is_whitespace).parse(input)
}

/// Text up to a space or a quote.
fn bare(input: &str) -> Parsed<'_, &str> {
    take_while1(|c: char| !c.is_whitespace() && c != '"').parse(input)
}

/// A backslash escapes a quote and itself, and stands for itself before anything else.
fn quoted(input: &str) -> Parsed<'_, String> {
    let escaped = preceded(char('\\'), one_of(r#""\"#));
    let (rest, characters) =
        preceded(char('"'), many0(alt((escaped, none_of("\""))))).parse(input)?;
    match char::<_, Problem<'_>>('"').parse(rest) {
        Ok((rest, _)) => Ok((rest, characters.into_iter().collect())),
        Err(_) => Err(Problem::failure(input, QueryErrorKind::UnclosedQuote)),
    }
}

fn phrase(input: &str) -> Parsed<'_, String> {
    let (rest, text) = quoted(input)?;
    Ok((rest, with_word(input, text)?))
}

fn word(input: &str) -> Parsed<'_, String> {
    let (rest, text) = bare(input)?;
    match text.find('*') {
        Some(at) => Err(Problem::failure(&input[at..], QueryErrorKind::StrayStar)),
        None => Ok((rest, with_word(input, text.to_owned())?)),
    }
}

/// Checks that there is something to search for in `text`, which stands at `input`.
fn with_word(input: &str, text: String) -> Result<String, nom::Err<Problem<'_>>> {
    if text.contains(char::is_alphanumeric) {
        Ok(text)
    } else {
        Err(Problem::failure(input, QueryErrorKind::NoWord { text }))
    }
}

fn piece(input: &str) -> Parsed<'_, Piece> {
    let text = take_while1(|c: char| !c.is_whitespace() && !matches!(c, '"' | '*' | '?'));
    alt((
        take_while1(|c| c == '*').map(|_| Piece::AnyText),
        char('?').map(|_| Piece::AnyCharacter),
        text.map(|text: &str| Piece::Text(text.to_owned())),
    ))
    .parse(input)
}

fn pattern(input: &str) -> Parsed<'_, Pattern> {
    let quoted = quoted.map(|text| {
        if text.is_empty() {
            vec![]
        } else {
            vec![Piece::Text(text)]
        }
    });
    alt((quoted, many1(piece)))
        .map(|pieces| Pattern { pieces })
        .parse(input)
}

/// The pattern behind the colon of `field`.
fn pattern_of<'q>(
    field: &'static str,
) -> impl Parser<&'q str, Output = Pattern, Error = Problem<'q>> {
    move |input: &'q str| {
        let (value, _) = pair(tag(field), char(':')).parse(input)?;
        match pattern(value) {
            Ok((rest, pattern)) if !pattern.pieces.is_empty() => Ok((rest, pattern)),
            Err(failure @ nom::Err::Failure(_)) => Err(failure),
            _ => Err(missing_value(value, field)),
        }
    }
}

fn missing_value<'q>(at: &'q str, field: &str) -> nom::Err<Problem<'q>> {
    Problem::failure(
        at,
        QueryErrorKind::MissingValue {
            field: field.to_owned(),
        },
    )
}

fn outcome(input: &str) -> Parsed<'_, Outcome> {
    let (value, _) = tag("outcome:").parse(input)?;
    let (rest, name) = match alt((quoted, bare.map(str::to_owned))).parse(value) {
        Ok((rest, name)) if !name.is_empty() => (rest, name),
        Err(failure @ nom::Err::Failure(_)) => return Err(failure),
        _ => return Err(missing_value(value, "outcome")),
    };
    let known = Outcome::ALL
        .into_iter()
        .find(|outcome| outcome.as_str() == name);
    let outcome = known.ok_or_else(|| {
        let nearest = nearest(&name, Outcome::ALL.map(Outcome::as_str));
        Problem::failure(value, QueryErrorKind::UnknownOutcome { name, nearest })
    })?;
    Ok((rest, outcome))
}

/// A key may be empty here, so that it can be told what is missing.
fn key(input: &str) -> Parsed<'_, &str> {
    take_while(|c: char| !c.is_whitespace() && !matches!(c, '"' | '.' | ':')).parse(input)
}

/// `name` or `name.key.key`
fn field_name(input: &str) -> Parsed<'_, &str> {
    let name = take_while1(|c: char| c.is_ascii_lowercase() || c == '_');
    recognize(pair(name, many0_count(preceded(char('.'), key)))).parse(input)
}

fn request(input: &str) -> Parsed<'_, Clause> {
    let (value, field) = terminated(field_name, char(':')).parse(input)?;
    let path = match field.strip_prefix("request") {
        Some("") => "",
        Some(path) if path.starts_with('.') => &path[1..],
        _ => {
            return Err(nom::Err::Error(Problem::from_error_kind(
                input,
                ErrorKind::Tag,
            )));
        }
    };
    if path.split('.').any(str::is_empty) {
        return Err(Problem::failure(input, QueryErrorKind::MissingKey));
    }
    let (rest, value) = match alt((phrase.map(Value::Phrase), word.map(Value::Word))).parse(value) {
        Ok(parsed) => parsed,
        Err(failure @ nom::Err::Failure(_)) => return Err(failure),
        Err(_) => return Err(missing_value(value, field)),
    };
    Ok((
        rest,
        Clause::Request {
            path: path.to_owned(),
            value,
        },
    ))
}

fn unknown_field(input: &str) -> Parsed<'_, Clause> {
    let (_, name) = terminated(field_name, pair(char(':'), not(tag("//")))).parse(input)?;
    let nearest = match name.split_once('.') {
        None => nearest(name, PLAIN_FIELDS).map(str::to_owned),
        Some((head, path)) => nearest(head, ["request"]).map(|head| format!("{head}.{path}")),
    };
    Err(Problem::failure(
        input,
        QueryErrorKind::UnknownField {
            name: name.to_owned(),
            nearest,
        },
    ))
}

/// What other query languages have and this one has not.
fn operator(input: &str) -> Parsed<'_, Clause> {
    let (_, text) = bare(input)?;
    let is_minus = text
        .strip_prefix('-')
        .is_some_and(|rest| rest.starts_with(char::is_alphabetic));
    if is_minus || matches!(text, "AND" | "OR" | "NOT") {
        let text = text.to_owned();
        return Err(Problem::failure(input, QueryErrorKind::Operator { text }));
    }
    Err(nom::Err::Error(Problem::from_error_kind(
        input,
        ErrorKind::Tag,
    )))
}

fn clause(input: &str) -> Parsed<'_, Clause> {
    alt((
        phrase.map(Clause::Text),
        pattern_of("id").map(Clause::Id),
        pattern_of("service").map(Clause::Service),
        pattern_of("cid").map(Clause::Cid),
        pattern_of("server").map(Clause::Server),
        outcome.map(Clause::Outcome),
        request,
        unknown_field,
        operator,
        word.map(Clause::Text),
    ))
    .parse(input)
}

fn query(input: &str) -> Parsed<'_, Query> {
    let clauses = many1(terminated(clause, spaces));
    preceded(spaces, clauses)
        .map(|clauses| Query { clauses })
        .parse(input)
}
