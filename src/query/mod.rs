//! Reads what a user searches for.
//!
//! ```text
//! query    = clause { clause }                  all of them must hold
//! clause   = text
//!          | ( "id" | "service" | "cid" | "server" ) ":" pattern
//!          | "outcome" ":" ( "completed" | "unanswered" | "response-only" )
//!          | "request." path ":" text
//! text     = phrase | word
//! pattern  = phrase | { "*" | "?" | any character but a space or a double quote }
//! phrase   = '"' { '\"' | '\\' | any character but a double quote } '"'
//! word     = any characters but "*", spaces and double quotes
//! path     = key { "." key }                    a key holds no space, quote, dot or colon
//! ```
//! `AND`, `OR`, `NOT` and words that start with a minus are errors, and words in quotes.
//! A word that starts with lower-case letters and a colon is a field, and an error if it is none
//! of these, unless `//` follows: `http://host` is a word, and so is `12:30`. Any text can be
//! put in quotes. What a word is compared with is up to who answers the query; it holds at least
//! one letter or digit.

mod error;
mod nearest;
mod parsing;

#[cfg(test)]
mod tests;

pub use error::{QueryError, QueryErrorKind};

use std::fmt;

use crate::invocation::Outcome;

/// What a user searches for.
///
/// ```
/// use zalog::query::Query;
///
/// let query: Query = r#"service:zato.http-soap.* "my channel""#.parse()?;
/// assert_eq!(query.clauses.len(), 2);
///
/// let error = "servise:zato.ping".parse::<Query>().unwrap_err();
/// assert_eq!(error.to_string(), "column 1: unknown field 'servise': did you mean 'service'?");
/// # Ok::<(), zalog::query::QueryError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    /// What an invocation must fulfil, all of it.
    pub clauses: Vec<Clause>,
}

/// A part of a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clause {
    /// These words stand in the service's name, the request or the response, one behind the other.
    Text(String),
    /// The invocation has this ID.
    Id(Pattern),
    /// The service has this name.
    Service(Pattern),
    /// The call tree has this correlation ID.
    Cid(Pattern),
    /// It ran on this server.
    Server(Pattern),
    /// This became of the call.
    Outcome(Outcome),
    /// The request holds a value under a path of keys.
    Request {
        /// The keys, from the outermost to the innermost, with dots between them. Lists on the way
        /// have no keys: the path goes through each of their items.
        path: String,
        /// The value.
        value: Value,
    },
}

/// A value that is searched for under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A word stands for the number, truth value or null that is written like this, and for text
    /// with it.
    Word(String),
    /// A phrase stands for text with these words, one behind the other.
    Phrase(String),
}

/// A name, or what several names have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Its parts in order, of which there is at least one.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text, letter by letter.
    Text(String),
    /// `*`: any text or none.
    AnyText,
    /// `?`: one character.
    AnyCharacter,
}

/// As it was typed, but for quotes.
impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => formatter.write_str(text),
            Piece::AnyText => formatter.write_str("*"),
            Piece::AnyCharacter => formatter.write_str("?"),
        })
    }
}
