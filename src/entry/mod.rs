//! Cuts the bytes of a log into records and reads what each says. Payloads stay text.
//!
//! ```text
//! record   = header message newline
//! header   = asctime " - " level " - " process ":" thread " - " [ service " - " cid " - " ]
//!            logger ":" lineno " - "
//! message  = opening payload closing          one row of the table in `wording` each
//!          | other                            anything else, up to the next header
//! ```
//! Everything is borrowed from the log. Records and [`Unreadable`](Content::Unreadable) bytes
//! together are the whole input, in order: nothing is dropped. What a record says depends on
//! nothing before it, so a log can be read from any record on, by many threads at once
//! ([`read_in_chunks`]).

mod asctime;
mod chunks;
mod ending;
mod framing;
mod header;
mod hints;
mod start;
mod usual;
mod window;
mod wording;

#[cfg(test)]
mod tests;

pub use asctime::Asctime;
pub use chunks::{CHUNK_SIZE, Chunk, read_in_chunks};
pub use ending::{LOOKAHEAD, MAX_OPEN, MAX_QUOTED, MAX_TORN};
pub use framing::{Records, records};
#[cfg(fuzzing)]
pub use header::header_in_both_ways;
pub use header::{Context, Header};
pub use hints::{Hinter, Hints};
pub use start::{LONGEST_START, called};
pub use window::{SettledRecords, Window};
pub use wording::{Direction, Wording};

/// A range of a log's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    /// Where it starts, in bytes from the start of the log.
    pub offset: usize,
    /// How many bytes it takes.
    pub length: usize,
}

impl Span {
    /// Where it ends.
    #[must_use]
    pub fn end(self) -> usize {
        self.offset + self.length
    }
}

/// A piece of a log: all bytes from where one record starts to where the next one does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<'a> {
    /// The bytes it takes, with its final newline.
    pub span: Span,
    /// How many lines it ends.
    pub lines: usize,
    /// What it is.
    pub content: Content<'a>,
}

impl<'a> Record<'a> {
    /// Returns the call that the record is of, with its header, if it is of one.
    #[must_use]
    pub fn call(&self) -> Option<(Option<&Header<'a>>, &Call<'a>)> {
        match &self.content {
            Content::Entry(Entry {
                header,
                message: Message::Call(call),
            }) => Some((header.as_ref(), call)),
            Content::Entry(_) | Content::Unreadable => None,
        }
    }
}

/// What a piece of a log is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content<'a> {
    /// A record that could be read.
    Entry(Entry<'a>),
    /// Bytes that stand where a record should start and are none.
    Unreadable,
}

/// A record that has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// What stands before its message. The `documented` wording has none.
    pub header: Option<Header<'a>>,
    /// What it says.
    pub message: Message<'a>,
}

/// What a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A service was called, or has answered.
    Call(Call<'a>),
    /// Likewise, but its name or the CID can't be read: it is empty or no text, or the record breaks
    /// off in it.
    Nameless,
    /// Anything else.
    Other,
}

/// The request or the response of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Call<'a> {
    /// Whether this is the request or the response.
    pub direction: Direction,
    /// The service's name.
    pub service: &'a str,
    /// The correlation ID; `None` where the wording has none.
    pub cid: Option<&'a str>,
    /// What was sent or returned.
    pub payload: Payload<'a>,
    /// Whether another reading of where this record ends was possible.
    pub is_ambiguous: bool,
}

/// The text of a request or response, as logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload<'a> {
    /// Its bytes, without the delimiters of the wording.
    pub text: &'a [u8],
    /// How the record was worded, which says what kind of text this is.
    pub wording: Wording,
    /// Whether the record breaks off before its closing delimiter.
    pub is_cut_off: bool,
}
