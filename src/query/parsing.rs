//! The grammar of queries, one production each, the smallest first.
//!
//! An error of nom's own means that a production does not apply, and another one may; a
//! `Failure` that it does, and what stands there is wrong. [`word`] applies to everything that no
//! other production wants.

use std::ops::Bound;
use std::str::FromStr;

use nom::branch::alt;
use nom::bytes::complete::{tag, take_while, take_while1};
use nom::character::complete::{char, none_of, one_of};
use nom::combinator::{not, peek, recognize};
use nom::error::{ErrorKind, ParseError};
use nom::multi::{many0, many0_count, many1};
use nom::sequence::{pair, preceded, terminated};
use nom::{Finish as _, IResult, Parser};

use super::error::{QueryError, QueryErrorKind};
use super::matcher::compile_regex;
use super::nearest::nearest;
use super::path::{MOST_STEPS, Path, Step};
use super::pattern::{Pattern, Piece};
use super::ranges;
use super::words::{MOST_WORDS, NoPhrase, Phrase};
use super::{
    Clause, Moment, Name, NameField, Node, Number, Query, Range, Scalar, Test, Text, TimeField,
    canonical_number,
};
use crate::entry::Direction;
use crate::invocation::{Kind, Outcome};

/// All fields but those of payloads.
const FIELDS: [&str; 17] = [
    "id", "service", "verb", "kind", "cid", "server", "pid", "thread", "parent", "outcome",
    "duration", "size", "started", "finished", "has", "request", "response",
];

/// Parentheses and NOTs inside one another are read to this depth.
const MAX_DEPTH: usize = 100;

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

/// Reads a path as it stands in a query: `request.security.name`.
impl FromStr for Path {
    type Err = QueryError;

    fn from_str(text: &str) -> Result<Self, QueryError> {
        let name = text.to_owned();
        let unknown = Problem {
            rest: text,
            kind: QueryErrorKind::UnknownField {
                name,
                nearest: None,
            },
        };
        let path = match field_name(text) {
            Ok(("", field)) => path(text, field),
            _ => return Err(unknown.in_text(text)),
        };
        match path {
            Ok(path) => Ok(path),
            Err(nom::Err::Failure(problem)) => Err(problem.in_text(text)),
            Err(_) => Err(unknown.in_text(text)),
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
        let kind = QueryErrorKind::Empty;
        Self { rest, kind }
    }

    fn append(_: &'q str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// A field, and where it stands.
#[derive(Clone, Copy)]
struct Field<'q> {
    at: &'q str,
    name: &'q str,
}

impl Field<'_> {
    /// Whether it is a field, as far as its first part tells.
    fn is_known(self) -> bool {
        let is_payload = |head: &str| matches!(head, "request" | "response");
        match self.name.split_once('.') {
            Some((head, _)) => is_payload(head),
            None => FIELDS.contains(&self.name),
        }
    }
}

/// What is around a part of a query.
#[derive(Clone, Copy, Default)]
struct Around<'q> {
    /// How many parentheses and NOTs.
    depth: usize,
    /// The field whose values stand in these parentheses.
    field: Option<Field<'q>>,
}

impl Around<'_> {
    fn deeper(self) -> Self {
        Self {
            depth: self.depth + 1,
            ..self
        }
    }
}

type Parsed<'q, T> = IResult<&'q str, T, Problem<'q>>;

fn does_not_apply(input: &str) -> nom::Err<Problem<'_>> {
    nom::Err::Error(Problem::from_error_kind(input, ErrorKind::Tag))
}

fn spaces(input: &str) -> Parsed<'_, &str> {
    take_while(char::is_whitespace).parse(input)
}

/// What ends a word.
fn is_end(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '(' | ')')
}

/// Text up to a space, a quote or a parenthesis.
fn bare(input: &str) -> Parsed<'_, &str> {
    take_while1(|c| !is_end(c)).parse(input)
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

/// A regular expression between slashes. What ends it must end a clause, so that `/zato/api/x` is
/// a word.
fn regex(input: &str) -> Parsed<'_, String> {
    let (mut rest, _) = char('/').parse(input)?;
    let mut text = String::new();
    loop {
        let mut characters = rest.chars();
        match characters.next() {
            Some('\\') if characters.as_str().starts_with('/') => {
                text.push('/');
                rest = &characters.as_str()[1..];
                continue;
            }
            // Whatever it escapes is no end.
            Some('\\') => {
                text.push('\\');
                text.extend(characters.next());
            }
            Some('/') => break,
            Some(c) => text.push(c),
            None => return Err(does_not_apply(input)),
        }
        rest = characters.as_str();
    }
    let rest = &rest[1..];
    if text.is_empty() || !rest.chars().next().is_none_or(is_end) {
        return Err(does_not_apply(input));
    }
    if let Err(error) = compile_regex(&text) {
        let reason = match error {
            regex::Error::CompiledTooBig(_) => "it is too large".to_owned(),
            // The last line of the crate's picture of the place is the reason.
            error => {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default();
                reason.trim_start_matches("error: ").to_owned()
            }
        };
        return Err(Problem::failure(
            input,
            QueryErrorKind::Regex { text, reason },
        ));
    }
    Ok((rest, text))
}

/// The words of a text that stands at `input`.
fn words<'q>(input: &'q str, text: &str, is_quoted: bool) -> Result<Phrase, nom::Err<Problem<'q>>> {
    Phrase::new(text, is_quoted).map_err(|reason| {
        let text = text.to_owned();
        let kind = match reason {
            NoPhrase::NoWord => QueryErrorKind::NoWord { text },
            NoPhrase::LongWord => QueryErrorKind::LongWord { text },
            NoPhrase::TooManyWords => QueryErrorKind::TooManyWords { most: MOST_WORDS },
        };
        Problem::failure(input, kind)
    })
}

fn phrase(input: &str) -> Parsed<'_, Phrase> {
    let (rest, text) = quoted(input)?;
    Ok((rest, words(input, &text, true)?))
}

fn word(input: &str) -> Parsed<'_, Phrase> {
    let (rest, text) = bare(input)?;
    Ok((rest, words(input, text, false)?))
}

fn piece(input: &str) -> Parsed<'_, Piece> {
    let text = take_while1(|c| !is_end(c) && !matches!(c, '*' | '?'));
    alt((
        take_while1(|c| c == '*').map(|_| Piece::AnyText),
        char('?').map(|_| Piece::AnyCharacter),
        text.map(|text: &str| Piece::Text(text.to_owned())),
    ))
    .parse(input)
}

/// A name: never empty.
fn name(input: &str) -> Parsed<'_, Name> {
    let quoted = quoted.map(|text| (!text.is_empty()).then(|| Pattern::literal(&text)));
    let (rest, name) = alt((
        quoted.map(|pattern| pattern.map(Name::Pattern)),
        regex.map(|text| Some(Name::Regex(text))),
        many1(piece).map(|pieces| Some(Name::Pattern(Pattern { pieces }))),
    ))
    .parse(input)?;
    name.map_or(Err(does_not_apply(input)), |name| Ok((rest, name)))
}

/// What stands behind the colon of a field whose values are one of a few.
fn one_of_few<'q, T: Copy>(
    input: &'q str,
    field: &'static str,
    all: &[T],
    name_of: fn(T) -> &'static str,
) -> Parsed<'q, T> {
    let (rest, name) = alt((quoted, bare.map(str::to_owned))).parse(input)?;
    let known = all.iter().find(|value| name_of(**value) == name);
    match known {
        Some(value) => Ok((rest, *value)),
        None if name.is_empty() => Err(does_not_apply(input)),
        None => {
            let names: Vec<&str> = all.iter().map(|value| name_of(*value)).collect();
            let nearest = nearest(&name, names.iter().copied()).map(str::to_owned);
            let all = names.join(", ");
            let kind = QueryErrorKind::UnknownValue {
                field,
                name,
                nearest,
                all,
            };
            Err(Problem::failure(input, kind))
        }
    }
}

/// The text of a range. Its values may be quoted, each or all: a date with a time has a space.
fn range_text(input: &str) -> Parsed<'_, String> {
    let piece = |input| alt((quoted, bare.map(str::to_owned))).parse(input);
    let (mut rest, mut text) = piece(input)?;
    let is_comparison = |text: &str| text.chars().all(|c| matches!(c, '<' | '>' | '='));
    while rest.starts_with("..")
        || (rest.starts_with('"') && (text.ends_with("..") || is_comparison(&text)))
    {
        let more;
        (rest, more) = piece(rest)?;
        text.push_str(&more);
    }
    Ok((rest, text))
}

/// A range of values that `read` reads, or one value alone.
fn range<T: Clone>(
    input: &str,
    read: impl Fn(&str) -> Option<T>,
    problem: impl Fn(&str) -> QueryErrorKind,
) -> Parsed<'_, Range<T>> {
    let (rest, text) = range_text(input)?;
    if text.is_empty() {
        return Err(does_not_apply(input));
    }
    let value = |text: &str| read(text).ok_or_else(|| Problem::failure(input, problem(text)));
    let range = if let Some(text) = text.strip_prefix(">=") {
        (Bound::Included(value(text)?), Bound::Unbounded)
    } else if let Some(text) = text.strip_prefix("<=") {
        (Bound::Unbounded, Bound::Included(value(text)?))
    } else if let Some(text) = text.strip_prefix('>') {
        (Bound::Excluded(value(text)?), Bound::Unbounded)
    } else if let Some(text) = text.strip_prefix('<') {
        (Bound::Unbounded, Bound::Excluded(value(text)?))
    } else if let Some((from, to)) = text.split_once("..") {
        let bound = |text: &str| match text {
            "" => Ok(Bound::Unbounded),
            text => value(text).map(Bound::Included),
        };
        let range = (bound(from)?, bound(to)?);
        if matches!(range, (Bound::Unbounded, Bound::Unbounded)) {
            return Err(Problem::failure(input, problem("..")));
        }
        range
    } else {
        let value = value(&text)?;
        (Bound::Included(value.clone()), Bound::Included(value))
    };
    Ok((rest, range))
}

/// A range whose end is not before its start.
fn ordered_range<T: Clone + PartialOrd>(
    input: &str,
    read: impl Fn(&str) -> Option<T>,
    problem: impl Fn(&str) -> QueryErrorKind,
) -> Parsed<'_, Range<T>> {
    let (rest, range) = range(input, read, problem)?;
    match &range {
        (Bound::Included(from), Bound::Included(to)) if from > to => {
            Err(Problem::failure(input, QueryErrorKind::Reversed))
        }
        _ => Ok((rest, range)),
    }
}

/// `>5`, `1..10`: a comparison of numbers, which a single number is not.
fn numbers(input: &str) -> Parsed<'_, Range<Number>> {
    let (_, text) = bare(input)?;
    let is_comparison = text.starts_with(['<', '>']);
    let is_span = text.split_once("..").is_some_and(|(from, to)| {
        let is_number = |text: &str| text.is_empty() || Number::new(text).is_some();
        is_number(from) && is_number(to) && text != ".."
    });
    if !is_comparison && !is_span {
        return Err(does_not_apply(input));
    }
    ordered_range(input, Number::new, |text| QueryErrorKind::Number {
        text: text.to_owned(),
    })
}

/// The scalar that a word spells. Logs spell values as Python does, output as JSON does.
fn scalar(word: &str) -> Option<Scalar> {
    match word.to_ascii_lowercase().as_str() {
        "null" | "none" => Some(Scalar::Null),
        "true" => Some(Scalar::Bool(true)),
        "false" => Some(Scalar::Bool(false)),
        _ => {
            let number: serde_json::Number = serde_json::from_str(word).ok()?;
            Some(Scalar::Number(
                canonical_number(number.as_str()).into_owned(),
            ))
        }
    }
}

/// What a value of a payload must look like.
fn test(input: &str) -> Parsed<'_, Test> {
    alt((
        phrase.map(|words| Test::Value(words, None)),
        regex.map(Test::Regex),
        numbers.map(Test::Number),
        bare_value,
    ))
    .parse(input)
}

/// A word, or the scalar that it spells.
fn bare_value(input: &str) -> Parsed<'_, Test> {
    let (rest, text) = bare(input)?;
    if text.chars().all(|c| c == '*') {
        return Ok((rest, Test::Exists));
    }
    let (_, words) = word(input)?;
    Ok((rest, Test::Value(words, scalar(text))))
}

/// A key may be empty here, so that it can be told what is missing.
fn key(input: &str) -> Parsed<'_, &str> {
    take_while(|c| !is_end(c) && !matches!(c, '.' | ':')).parse(input)
}

/// `name`, `name.key."my key"`
fn field_name(input: &str) -> Parsed<'_, &str> {
    let name = take_while1(|c: char| c.is_ascii_lowercase() || c == '_');
    let step = preceded(char('.'), alt((recognize(quoted), key)));
    recognize(pair(name, many0_count(step))).parse(input)
}

/// The path of `request.key."my key"`, which stands at `input`.
fn path<'q>(input: &'q str, field: &str) -> Result<Path, nom::Err<Problem<'q>>> {
    let (head, mut rest) = field.split_at(field.find('.').unwrap_or(field.len()));
    let side = match head {
        "request" => Direction::Request,
        "response" => Direction::Response,
        _ => return Err(does_not_apply(input)),
    };
    let mut steps = Vec::new();
    while let Some(step) = rest.strip_prefix('.') {
        if let Ok((behind, text)) = quoted(step) {
            // A key with dots is as many steps.
            steps.extend(text.split('.').map(|part| Step::Key(part.to_owned())));
            rest = behind;
            continue;
        }
        let (text, behind) = step.split_at(step.find('.').unwrap_or(step.len()));
        steps.push(match text {
            "" => {
                let field = head.to_owned();
                return Err(Problem::failure(
                    input,
                    QueryErrorKind::MissingKey { field },
                ));
            }
            "*" => Step::One,
            "**" => Step::Any,
            text if text.contains('*') => {
                let key = text.to_owned();
                return Err(Problem::failure(input, QueryErrorKind::StarInKey { key }));
            }
            text => Step::Key(text.to_owned()),
        });
        rest = behind;
    }
    if steps.len() > MOST_STEPS {
        let kind = QueryErrorKind::LongPath { most: MOST_STEPS };
        return Err(Problem::failure(input, kind));
    }
    Ok(Path { side, steps })
}

/// `has:request.key`
fn has(input: &str) -> Parsed<'_, Clause> {
    let (rest, field) = field_name(input)?;
    match path(input, field) {
        Ok(path) => Ok((rest, Clause::Payload(path, Test::Exists))),
        Err(failure @ nom::Err::Failure(_)) => Err(failure),
        Err(_) => {
            let field = field.to_owned();
            Err(Problem::failure(
                input,
                QueryErrorKind::NotInPayload { field },
            ))
        }
    }
}

/// `request.key:value`
fn payload<'q>(input: &'q str, field: &str, value: &'q str) -> Parsed<'q, Clause> {
    let mut path = path(input, field)?;
    if path.steps.is_empty() {
        // Anywhere in it.
        path.steps.push(Step::Any);
    }
    let (rest, test) = test(value)?;
    Ok((rest, Clause::Payload(path, test)))
}

/// A name with a colon behind it, and whatever follows.
fn head(input: &str) -> Parsed<'_, Field<'_>> {
    let (rest, name) = terminated(field_name, pair(char(':'), not(tag("//")))).parse(input)?;
    Ok((rest, Field { at: input, name }))
}

/// Anything with a colon behind a name.
fn field(input: &str) -> Parsed<'_, Clause> {
    let (value, field) = head(input)?;
    value_of(field, value)
}

/// The condition that a field and its value are.
fn value_of<'q>(field: Field<'q>, value: &'q str) -> Parsed<'q, Clause> {
    let Field {
        at: input,
        name: field,
    } = field;
    let name_of = |field: NameField| name.map(move |name| Clause::Name(field, name)).parse(value);
    let unit = |text: &str, expected: &'static str| QueryErrorKind::Unit {
        text: text.to_owned(),
        expected,
    };
    let parsed = match field {
        "id" => name_of(NameField::Id),
        "parent" => name_of(NameField::Parent),
        "service" => name_of(NameField::Service),
        "verb" => name_of(NameField::Verb),
        "cid" => name_of(NameField::Cid),
        "server" => name_of(NameField::Server),
        "thread" => name_of(NameField::Thread),
        "outcome" => one_of_few(value, "outcome", &Outcome::ALL, Outcome::as_str)
            .map(|(rest, outcome)| (rest, Clause::Outcome(outcome))),
        "kind" => one_of_few(value, "kind", &Kind::ALL, Kind::as_str)
            .map(|(rest, kind)| (rest, Clause::Kind(kind))),
        "pid" => bare(value).and_then(|(rest, text)| match text.parse() {
            Ok(process) => Ok((rest, Clause::Process(process))),
            Err(_) => Err(Problem::failure(
                value,
                unit(text, "a process ID such as `4321`"),
            )),
        }),
        "duration" => ordered_range(value, ranges::milliseconds, |text| {
            unit(text, "a time such as `>500ms`, `<=1.5s`, `1m..2h`")
        })
        .map(|(rest, range)| (rest, Clause::Duration(range))),
        "size" => ordered_range(value, ranges::bytes, |text| {
            unit(text, "a size such as `>100kb`, `<=1.5mb`, `1kb..64kb`")
        })
        .map(|(rest, range)| (rest, Clause::Size(range))),
        "started" => times(value, TimeField::Started),
        "finished" => times(value, TimeField::Finished),
        "has" => has(value),
        _ => match payload(input, field, value) {
            // What is missing is the value, unless this is no path.
            Err(nom::Err::Error(problem)) if std::ptr::eq(problem.rest, input) => {
                return Err(unknown_field(input, field));
            }
            parsed => parsed,
        },
    };
    parsed.map_err(|error| {
        if matches!(error, nom::Err::Failure(_)) {
            return error;
        }
        let field = field.to_owned();
        Problem::failure(value, QueryErrorKind::MissingValue { field })
    })
}

fn times(input: &str, field: TimeField) -> Parsed<'_, Clause> {
    let moment = |text: &str| text.parse::<Moment>().ok();
    let problem = |text: &str| QueryErrorKind::Unit {
        text: text.to_owned(),
        expected: "a time such as `2018-11-11`, `>=\"2018-11-11 22:00\"`, `yesterday`, \
                   `>-2h`, `2018-11-11..2018-11-12`",
    };
    let (rest, range) = range(input, moment, problem)?;
    Ok((rest, Clause::Time(field, range)))
}

fn unknown_field<'q>(input: &'q str, field: &str) -> nom::Err<Problem<'q>> {
    let nearest = match field.split_once('.') {
        None => nearest(field, FIELDS).map(str::to_owned),
        Some((head, path)) => {
            nearest(head, ["request", "response"]).map(|head| format!("{head}.{path}"))
        }
    };
    let name = field.to_owned();
    Problem::failure(input, QueryErrorKind::UnknownField { name, nearest })
}

/// What looks like a condition to users of other languages, and would be taken for words.
fn slip(input: &str) -> Parsed<'_, Node> {
    let (rest, head) =
        take_while1(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '*'))
            .parse(input)?;
    let (name, _) = head.split_at(head.find('.').unwrap_or(head.len()));
    let lower = name.to_ascii_lowercase();
    if !FIELDS.contains(&lower.as_str()) {
        return Err(does_not_apply(input));
    }
    if name != lower && rest.starts_with(':') && !rest.starts_with("://") {
        let (name, nearest) = (head.to_owned(), Some(head.replacen(name, &lower, 1)));
        return Err(Problem::failure(
            input,
            QueryErrorKind::UnknownField { name, nearest },
        ));
    }
    let operators = [
        ("!=", ""),
        ("!:", ""),
        (">=", ">="),
        ("<=", "<="),
        ("==", ""),
        (">", ">"),
        ("<", "<"),
        ("=", ""),
    ];
    let found = operators
        .iter()
        .find(|(operator, _)| rest.starts_with(operator));
    let Some((operator, comparison)) = found else {
        return Err(does_not_apply(input));
    };
    let minus = if operator.starts_with('!') { "-" } else { "" };
    let operator = (*operator).to_owned();
    let better = format!("{minus}{head}:{comparison}VALUE");
    Err(Problem::failure(
        rest,
        QueryErrorKind::Operator { operator, better },
    ))
}

fn anywhere(input: &str) -> Parsed<'_, Node> {
    let text = alt((
        phrase.map(Text::Phrase),
        regex.map(Text::Regex),
        word.map(Text::Phrase),
    ));
    text.map(|text| Node::Clause(Clause::Anywhere(text)))
        .parse(input)
}

/// `*`: everything.
fn everything(input: &str) -> Parsed<'_, Node> {
    let end = peek(take_while(|c| !is_end(c))).map_opt(|rest: &str| rest.is_empty().then_some(()));
    terminated(tag("*"), end)
        .map(|_| Node::All(Vec::new()))
        .parse(input)
}

/// An operator that ends here.
fn operator<'q>(name: &'static str) -> impl Parser<&'q str, Output = &'q str, Error = Problem<'q>> {
    let end = peek(take_while(|c| !is_end(c))).map_opt(|rest: &str| rest.is_empty().then_some(()));
    terminated(terminated(tag(name), end), spaces)
}

/// What stands between two parts of a query.
fn is_between(input: &str) -> bool {
    input.is_empty()
        || input.starts_with(')')
        || operator("OR").parse(input).is_ok()
        || operator("AND").parse(input).is_ok()
}

/// A part that an operator, which stands at `operator_at`, must have behind it.
fn operand<'q>(operator_at: &'q str, name: &'static str, input: &'q str) -> Parsed<'q, ()> {
    if is_between(input) {
        return Err(Problem::failure(
            operator_at,
            QueryErrorKind::NoOperand { operator: name },
        ));
    }
    Ok((input, ()))
}

/// `(any)`
fn parentheses<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    let (inside, _) = char('(').parse(input)?;
    let (inside, _) = spaces(inside)?;
    if inside.starts_with(')') {
        return Err(Problem::failure(input, QueryErrorKind::EmptyParentheses));
    }
    if inside.is_empty() {
        return Err(Problem::failure(input, QueryErrorKind::UnclosedParenthesis));
    }
    let (rest, inner) = any(inside, around.deeper())?;
    match rest.strip_prefix(')') {
        Some(rest) => Ok((rest, inner)),
        None => Err(Problem::failure(input, QueryErrorKind::UnclosedParenthesis)),
    }
}

/// `field:(any)`: the field stands before each value in the parentheses.
fn values<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    let (rest, field) = head(input)?;
    if !rest.starts_with('(') {
        return Err(does_not_apply(input));
    }
    if !field.is_known() {
        return Err(unknown_field(input, field.name));
    }
    let field = Some(field);
    parentheses(rest, Around { field, ..around })
}

/// A condition, or a value of the field whose values these are.
fn part<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    let other = head(input).is_ok_and(|(_, field)| field.is_known());
    match around.field {
        Some(field) if !other => {
            let (rest, clause) = value_of(field, input)?;
            Ok((rest, Node::Clause(clause)))
        }
        _ => alt((everything, field.map(Node::Clause), slip, anywhere)).parse(input),
    }
}

fn one<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    if around.depth > MAX_DEPTH {
        let kind = QueryErrorKind::TooDeep { most: MAX_DEPTH };
        return Err(Problem::failure(input, kind));
    }
    let minus = |input| {
        let (rest, _) = one_of::<&str, _, Problem<'_>>("-!").parse(input)?;
        // `--` and `-5` are no words that somebody wants to exclude; `- x` is a slip.
        match rest.chars().next() {
            Some(c) if !c.is_whitespace() && !matches!(c, ')' | '-' | '!' | '=') => Ok((rest, "-")),
            _ => Err(does_not_apply(input)),
        }
    };
    if let Ok((rest, name)) = alt((operator("NOT").map(|_| "NOT"), minus)).parse(input) {
        operand(input, name, rest)?;
        let (rest, inner) = one(rest, around.deeper())?;
        return Ok((rest, Node::Not(Box::new(inner))));
    }
    if input.starts_with('(') {
        return parentheses(input, around);
    }
    match values(input, around) {
        Err(nom::Err::Error(_)) => part(input, around),
        parsed => parsed,
    }
}

fn all<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    for name in ["AND", "OR"] {
        if operator(name).parse(input).is_ok() {
            return Err(Problem::failure(
                input,
                QueryErrorKind::NoOperand { operator: name },
            ));
        }
    }
    let (mut rest, first) = one(input, around)?;
    let mut parts = vec![first];
    loop {
        (rest, _) = spaces(rest)?;
        if let Ok((behind, _)) = operator("AND").parse(rest) {
            operand(rest, "AND", behind)?;
            rest = behind;
        } else if is_between(rest) {
            let only = parts.len() == 1;
            let node = if only {
                parts.swap_remove(0)
            } else {
                Node::All(parts)
            };
            return Ok((rest, node));
        }
        let part;
        (rest, part) = one(rest, around)?;
        parts.push(part);
    }
}

fn any<'q>(input: &'q str, around: Around<'q>) -> Parsed<'q, Node> {
    let (mut rest, first) = all(input, around)?;
    let mut parts = vec![first];
    while let Ok((behind, _)) = operator("OR").parse(rest) {
        operand(rest, "OR", behind)?;
        let part;
        (rest, part) = all(behind, around)?;
        parts.push(part);
    }
    let only = parts.len() == 1;
    Ok((
        rest,
        if only {
            parts.swap_remove(0)
        } else {
            Node::Any(parts)
        },
    ))
}

fn query(input: &str) -> Parsed<'_, Query> {
    let (rest, _) = spaces(input)?;
    if rest.is_empty() {
        return Err(Problem::failure(rest, QueryErrorKind::Empty));
    }
    let (rest, root) = if rest.starts_with(')') {
        (rest, Node::All(Vec::new()))
    } else {
        any(rest, Around::default())?
    };
    if rest.starts_with(')') {
        return Err(Problem::failure(rest, QueryErrorKind::StrayParenthesis));
    }
    Ok((rest, Query { root }))
}
