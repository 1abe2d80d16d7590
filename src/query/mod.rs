//! The language in which users say which invocations they mean, and what it means.
//!
//! ```text
//! query    = any
//! any      = all { "OR" all }
//! all      = one { [ "AND" ] one }
//! one      = ( "NOT" | "-" ) one | "(" any ")" | clause
//! clause   = "*"                                              everything
//!          | words | regex                                    anywhere: service, request, response
//!          | ( "id" | "service" | "cid" | "server" | "thread" | "parent" | "verb" ) ":" name
//!          | "outcome:" ( "completed" | "unanswered" | "response-only" )
//!          | "kind:" ( "read" | "write" | "other" )
//!          | "pid:" digits
//!          | ( "duration" | "size" | "started" | "finished" ) ":" range
//!          | ( "request" | "response" ) [ "." path ] ":" ( words | regex | range )
//!          | "has:" ( "request" | "response" ) [ "." path ]
//!          | field ":(" any ")"                               the field stands before each value
//! words    = phrase | word
//! name     = phrase | regex | { "*" | "?" | character }
//! range    = ( ">" | ">=" | "<" | "<=" ) value | [ value ] ".." [ value ] | value
//! phrase   = '"' { '\"' | '\\' | any character but a double quote } '"'
//! regex    = "/" { "\/" | any character but "/" } "/"         in the syntax of the crate `regex`
//! word     = { "*" | any character but spaces, double quotes and parentheses }
//! path     = step { "." step }
//! step     = key | phrase | "*" | "**"
//! ```
//! A word that starts with lower-case letters and a colon is a field, and an error if it is none of
//! these, unless `//` follows: `http://host` is a word, and so is `12:30`. Any text can be put in
//! quotes.
//!
//! What a query means is defined over what an invocation shows ([`Matcher`]): its fields, and its
//! payloads as they are printed, with their secrets masked. Whoever finds invocations in a faster
//! way has to find the same.

mod asked;
mod disguise;
mod error;
mod excerpt;
mod facts;
mod finder;
mod matcher;
mod moment;
mod nearest;
mod order;
mod parsing;
mod path;
mod pattern;
mod payload;
mod ranges;
mod required;
mod scan;
mod walk;
mod words;

#[cfg(test)]
mod scan_tests;
#[cfg(test)]
mod tests;

pub use asked::{AskedNames, UnknownName};
pub use error::{QueryError, QueryErrorKind};
pub use excerpt::Excerpt;
pub use facts::{Facts, Line};
pub use matcher::{Matcher, Scratch};
pub use moment::{Moment, MomentError, civil_time};
pub use order::{Group, GroupBy, Grouping, Order, Page, Rank, RankWithoutId, SortBy, sort_groups};
pub use path::{Path, Step};
pub use pattern::{Pattern, Piece};
pub use scan::{Best, Groups, Scan};
pub use words::{LONGEST_WORD, Phrase, Word, each_word};

pub(crate) use matcher::{compile_regex, milliseconds};
pub use ranges::Number;

pub(crate) use ranges::canonical_number;
pub(crate) use required::regex_literals;

use std::ops::Bound;

use crate::invocation::{Kind, Outcome};

/// What a user searches for.
///
/// ```
/// use zalog::query::{Node, Query};
///
/// let query: Query = r#"service:zato.http-soap.* ("my channel" OR duration:>2s)"#.parse()?;
/// assert!(matches!(query.root, Node::All(ref all) if all.len() == 2));
///
/// let error = "servise:zato.ping".parse::<Query>().unwrap_err();
/// assert_eq!(error.to_string(), "column 1: unknown field 'servise': did you mean 'service'?");
/// # Ok::<(), zalog::query::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// What an invocation must fulfil.
    pub root: Node,
}

/// A query or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Node {
    /// All of these. Everything fulfils none of them.
    All(Vec<Node>),
    /// At least one of these.
    Any(Vec<Node>),
    /// Not this.
    Not(Box<Node>),
    /// One condition.
    Clause(Clause),
}

/// A condition.
#[derive(Clone, Debug, PartialEq)]
pub enum Clause {
    /// This text stands in the service's name, or in a key or a value of the request or the
    /// response.
    Anywhere(Text),
    /// A name fits.
    Name(NameField, Name),
    /// This became of the call.
    Outcome(Outcome),
    /// This is what services with such a name do.
    Kind(Kind),
    /// The worker that ran it had this process ID.
    Process(u32),
    /// It took so long, in milliseconds.
    Duration(Range<u64>),
    /// Its records take so many bytes of the log.
    Size(Range<u64>),
    /// It happened then, by the server's clock.
    Time(TimeField, Range<Moment>),
    /// A payload has such a value.
    Payload(Path, Test),
}

/// Text that is searched for.
#[derive(Clone, Debug, PartialEq)]
pub enum Text {
    /// Words, one behind the other.
    Phrase(Phrase),
    /// The text fits this regular expression, which can be read.
    Regex(String),
}

/// The fields that hold a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameField {
    /// `id`
    Id,
    /// `parent`: the ID of the call around it.
    Parent,
    /// `service`
    Service,
    /// `verb`: the last part of the service's name.
    Verb,
    /// `cid`
    Cid,
    /// `server`
    Server,
    /// `thread`
    Thread,
}

/// What a name must look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Name {
    /// All of it fits this.
    Pattern(Pattern),
    /// A part of it fits this regular expression, which can be read.
    Regex(String),
}

/// The fields that hold a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeField {
    /// When the request was logged; where that is not in the log, when the response was.
    Started,
    /// When the response was logged.
    Finished,
}

/// From where to where.
pub type Range<T> = (Bound<T>, Bound<T>);

/// What a value in a payload must look like.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// It is there, whatever it is.
    Exists,
    /// It is text with these words, or, if that is given, this scalar. Only text can be quoted.
    Value(Phrase, Option<Scalar>),
    /// It is a scalar whose text fits this regular expression, which can be read.
    Regex(String),
    /// It is a number from here to there.
    Number(Range<Number>),
}

/// A value of JSON that is no text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scalar {
    /// `null`, Python's `None`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, in the one form in which all that are equal to it are written.
    Number(String),
}
