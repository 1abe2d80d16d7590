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
    /// `request` stands without a key.
    #[error("no key behind 'request': write request.KEY:VALUE")]
    MissingKey,
    /// A phrase has no second quote.
    #[error("quote is never closed")]
    UnclosedQuote,
    /// The value of `outcome` is none.
    #[error("unknown outcome '{name}': {}", Advice(*nearest, OUTCOMES))]
    UnknownOutcome {
        /// What stands there.
        name: String,
        /// The outcome that looks like it.
        nearest: Option<&'static str>,
    },
    /// A text consists of punctuation, which is not searched for.
    #[error("no letter or digit in '{text}'")]
    NoWord {
        /// The text.
        text: String,
    },
    /// A word that other languages take for an operator: to search for it would surprise.
    #[error(
        "no operator '{text}': all parts of a query must fit; put it in quotes to search for the word"
    )]
    Operator {
        /// What stands there.
        text: String,
    },
    /// A text holds a `*`, which would be taken for punctuation.
    #[error(
        "'*' stands for any text behind 'service:', 'cid:', 'server:' and 'id:' only; put it in quotes to search for the words around it"
    )]
    StrayStar,
}

const FIELDS: &str = "the fields are id, service, cid, server, outcome and request.KEY; put text with a colon in quotes";
const OUTCOMES: &str = "an outcome is completed, unanswered or response-only";

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
