//! Joins requests with their responses.
//!
//! What goes in are the records of the files of one server, in order; what comes out are
//! [`Invocation`]s, each as soon as its response has been read, and at the end those that never
//! got one. Payloads stay text until [`Content`] is asked for.

mod content;
mod following;
mod hash_index;
mod id;
mod keys;
mod note;
mod offset;
mod open_calls;
mod pairing;
mod patchwork;
mod reading;
mod repeats;
mod saved;
mod texts;
mod verb;

#[cfg(test)]
mod tests;

pub use content::{Content, Undecoded};
pub use following::{Following, Settled};
pub use id::{Identity, InvocationId};
pub use note::{RecordKind, RecordNote};
pub use offset::{UtcOffset, is_cid_with_time};
pub use reading::{Batch, Counts, Diagnostic, DiagnosticKind, LogReader, SourceFile, Unanswered};
pub use saved::Saved;
pub use verb::{Effect, Kind, verb};

use serde::{Deserialize, Serialize};

use crate::entry::{Asctime, Hints, Payload, Span};

/// The service that Zato 3.2 and 3.3 wrap around each call that comes through the REST API.
pub const REST_WRAPPER: &str = "pub.zato.service.service-invoker";

/// One call of a service.
#[derive(Clone, Debug)]
pub struct Invocation<'a> {
    /// What tells it from all others.
    pub identity: Identity<'a>,
    /// The service's name.
    pub service: &'a str,
    /// The correlation ID of the call tree that it belongs to.
    pub cid: Option<&'a str>,
    /// The server that ran it.
    pub server: Option<&'a str>,
    /// The process ID of the worker that ran it.
    pub process: Option<u32>,
    /// The name of the thread that ran it, as logged.
    thread: &'a [u8],
    /// What it was called with, if that is in the log.
    pub request: Option<Side<'a>>,
    /// What it returned, if that is in the log.
    pub response: Option<Side<'a>>,
    /// The call that was open in the same process, under the same CID, when this one started.
    pub parent: Option<Identity<'a>>,
    /// What part it has in a call through the REST API of 3.2 and 3.3, which writes four records.
    pub rest: Option<Rest<'a>>,
    /// When the first record was written that bears its CID.
    tree_started_at: Option<Asctime>,
}

/// A call's part in a call through the REST API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest<'a> {
    /// The call of the service that the client has asked for.
    Call,
    /// The wrapper around that call, where the call itself is in the log.
    WrapperOf(Identity<'a>),
}

/// The request or the response of an invocation.
#[derive(Clone, Copy, Debug)]
pub struct Side<'a> {
    /// Where its record stands.
    pub at: Place<'a>,
    /// When its record was written.
    pub asctime: Option<Asctime>,
    /// Its payload, as logged.
    pub payload: Payload<'a>,
    /// Whether another reading of where its record ends was possible.
    pub is_ambiguous: bool,
    /// What of that which is looked for may stand in its record: see [`LogReader::look_for`].
    pub hints: Hints,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The file, as given or found.
    pub file: &'a str,
    /// Its bytes in that file, uncompressed.
    pub span: Span,
    /// The line it starts in, from 1.
    pub line: usize,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It was called and has answered.
    Completed,
    /// No response is in the log: it failed, was still running, or its response is elsewhere.
    Unanswered,
    /// Only its response is in the log.
    ResponseOnly,
}

impl Outcome {
    /// All outcomes, in the order in which they are shown.
    pub const ALL: [Self; 3] = [Self::Completed, Self::Unanswered, Self::ResponseOnly];

    /// The outcome's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Unanswered => "unanswered",
            Self::ResponseOnly => "response-only",
        }
    }
}

impl<'a> Invocation<'a> {
    /// What became of the call.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        match (&self.request, &self.response) {
            (_, None) => Outcome::Unanswered,
            (Some(_), Some(_)) => Outcome::Completed,
            (None, Some(_)) => Outcome::ResponseOnly,
        }
    }

    /// When the service was called.
    #[must_use]
    pub fn started_at(&self) -> Option<Asctime> {
        self.request.and_then(|request| request.asctime)
    }

    /// Whether it has a response alone because it was called without input: Zato 4.1, whose CIDs hold
    /// times, logs no request then. One whose request stood before the start of the log can't be told
    /// from it.
    #[must_use]
    pub fn had_no_input(&self) -> bool {
        self.outcome() == Outcome::ResponseOnly && self.cid.is_some_and(is_cid_with_time)
    }

    /// When the service answered.
    #[must_use]
    pub fn finished_at(&self) -> Option<Asctime> {
        self.response.and_then(|response| response.asctime)
    }

    /// The first time that is known of the call.
    #[must_use]
    pub fn seen_at(&self) -> Option<Asctime> {
        self.started_at().or(self.finished_at())
    }

    /// Milliseconds from the request to the response. Less than zero when the server's clock was
    /// put back in between.
    #[must_use]
    pub fn duration_ms(&self) -> Option<i64> {
        Some(self.finished_at()?.millis_since(self.started_at()?))
    }

    /// The thread that ran it.
    #[must_use]
    pub fn thread_name(&self) -> Option<&'a str> {
        std::str::from_utf8(self.thread)
            .ok()
            .filter(|name| !name.is_empty())
    }

    /// How far the server's clock was ahead of UTC, where the CID tells it.
    #[must_use]
    pub fn utc_offset(&self) -> Option<UtcOffset> {
        UtcOffset::between(self.cid?, self.tree_started_at?)
    }

    /// Whether this is the response of a call whose request was read another time, so that it is not
    /// at hand: see [`LogReader::resume`].
    #[must_use]
    pub fn is_continued(&self) -> bool {
        self.identity.is_saved()
    }

    /// Whether this is the wrapper around another call that is in the log too.
    #[must_use]
    pub fn is_rest_wrapper(&self) -> bool {
        matches!(self.rest, Some(Rest::WrapperOf(_)))
    }
}
