//! Says what in a query can't be understood, and where.

use std::fmt;

use thiserror::Error;

/// Why a text is no query.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("column {column}: {kind}")]
pub struct QueryError {
    /// Where it is, in characters from 1.
    pub column: usize,
    /// What it is.
    pub kind: QueryErrorKind,
}

/// The kinds of [`QueryError`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum QueryErrorKind {
    /// Nothing is searched for.
    #[error("empty query")]
    Empty,
    /// A word has the form of a field and is none.
    #[error("unknown field '{name}': {}", Advice(nearest.as_deref(), FIELDS))]
    UnknownField {
        /// What stands before the colon.
        name: String,
        /// The field that looks like it.
        nearest: Option<String>,
    },
    /// A field stands without its value.
    #[error("no value behind '{field}:'")]
    MissingValue {
        /// The field.
        field: String,
    },
    /// A dot stands without a key.
    #[error("no key behind the dot: write {field}.KEY:VALUE")]
    MissingKey {
        /// `request` or `response`.
        field: String,
    },
    /// A key has a `*` among letters.
    #[error("'{key}' is no key: '*' stands for a whole key, '**' for any number of them")]
    StarInKey {
        /// What stands there.
        key: String,
    },
    /// A path has too many steps.
    #[error("a path has no more than {most} keys")]
    LongPath {
        /// As many as there may be.
        most: usize,
    },
    /// Only what is in payloads may be there or not.
    #[error("'has:{field}' is neither in a request nor in a response: write has:request.KEY")]
    NotInPayload {
        /// What stands there.
        field: String,
    },
    /// A phrase has no second quote.
    #[error("quote is never closed")]
    UnclosedQuote,
    /// A parenthesis has no counterpart behind it.
    #[error("parenthesis is never closed")]
    UnclosedParenthesis,
    /// A parenthesis has no counterpart before it.
    #[error("parenthesis was never opened; put it in quotes to search for it")]
    StrayParenthesis,
    /// Parentheses hold nothing.
    #[error("nothing between the parentheses")]
    EmptyParentheses,
    /// An operator stands alone.
    #[error(
        "'{operator}' needs something on each side that it can join; put it in quotes to search for the word"
    )]
    NoOperand {
        /// The operator.
        operator: &'static str,
    },
    /// A condition is written as in another language.
    #[error(
        "'{operator}' is no operator: write {better}, or put it in quotes to search for the words"
    )]
    Operator {
        /// What stands there.
        operator: String,
        /// How it is written here.
        better: String,
    },
    /// A range ends before it starts.
    #[error("nothing is in this range: its end is before its start")]
    Reversed,
    /// Parentheses and `NOT`s are too many.
    #[error("more than {most} parentheses or NOTs inside one another")]
    TooDeep {
        /// As many as there may be.
        most: usize,
    },
    /// The value is none of the few that the field can have.
    #[error("unknown {field} '{name}': {}", OneOf(nearest.as_deref(), all))]
    UnknownValue {
        /// The field.
        field: &'static str,
        /// What stands there.
        name: String,
        /// The value that looks like it.
        nearest: Option<String>,
        /// All values.
        all: String,
    },
    /// A value can't be measured by the units of its field.
    #[error("'{text}' does not fit here: expected {expected}")]
    Unit {
        /// What stands there.
        text: String,
        /// What could.
        expected: &'static str,
    },
    /// What is compared is no number.
    #[error(
        "'{text}' is no number: values in payloads are compared as numbers, such as `>5` or `1..10`"
    )]
    Number {
        /// What stands there.
        text: String,
    },
    /// A regular expression can't be read.
    #[error("/{text}/ is no regular expression: {reason}")]
    Regex {
        /// What stands between the slashes.
        text: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A text consists of punctuation, which is not searched for.
    #[error("no letter or digit in '{text}': a regular expression such as /€/ finds all else")]
    NoWord {
        /// The text.
        text: String,
    },
    /// A word is longer than any that is searched for.
    #[error("'{}…' is too long a word", .text.chars().take(40).collect::<String>())]
    LongWord {
        /// The text.
        text: String,
    },
    /// A phrase has too many words.
    #[error("a phrase has no more than {most} words")]
    TooManyWords {
        /// As many as there may be.
        most: usize,
    },
}

const FIELDS: &str = "the fields are service, verb, kind, cid, id, server, pid, thread, parent, \
    outcome, duration, size, started, finished, request.KEY, response.KEY and has; put text with a \
    colon in quotes";

/// What to write instead: the nearest word, or else what there is.
struct Advice<'a>(Option<&'a str>, &'a str);

impl fmt::Display for Advice<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(nearest) => write!(formatter, "did you mean '{nearest}'?"),
            None => formatter.write_str(self.1),
        }
    }
}

/// What to write instead: the nearest of these, or else all of them.
struct OneOf<'a>(Option<&'a str>, &'a str);

impl fmt::Display for OneOf<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(_) => Advice(self.0, "").fmt(formatter),
            None => write!(formatter, "it is one of {}", self.1),
        }
    }
}
