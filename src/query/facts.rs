//! What an invocation shows besides its payloads.

use std::borrow::Cow;
use std::fmt::Write as _;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::entry::Asctime;
use crate::invocation::{Identity, Invocation, Outcome};

/// What a query asks of an invocation besides its payloads. It can be read of the invocation itself
/// or of its line of JSON: both are the same.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts<'a> {
    id: Id<'a>,
    parent: Option<Id<'a>>,
    /// The service's name.
    pub service: Cow<'a, str>,
    /// The correlation ID.
    pub cid: Option<Cow<'a, str>>,
    /// The server that ran it.
    pub server: Option<Cow<'a, str>>,
    /// The thread that ran it.
    pub thread: Option<Cow<'a, str>>,
    /// The process ID of the worker that ran it.
    pub process: Option<u32>,
    /// What became of it.
    pub outcome: Outcome,
    /// When its first record was logged: milliseconds since 1970-01-01 00:00:00 of the server's
    /// clock.
    pub started: Option<i64>,
    /// When its response was logged, likewise.
    pub finished: Option<i64>,
    /// How long it took, in milliseconds.
    pub duration: Option<u64>,
    /// How many bytes of the log its records take.
    pub size: u64,
}

/// An ID, which takes reading a record, so it is made when it is asked for.
#[derive(Clone, Debug)]
enum Id<'a> {
    Of(Identity<'a>),
    Text(Cow<'a, str>),
}

impl Id<'_> {
    fn text(&self) -> Cow<'_, str> {
        match self {
            Id::Of(identity) => Cow::Owned(identity.id().to_string()),
            Id::Text(text) => Cow::Borrowed(text),
        }
    }
}

impl PartialEq for Id<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl<'a> Facts<'a> {
    /// Reads them of an invocation.
    #[must_use]
    pub fn of(invocation: &Invocation<'a>) -> Self {
        let sides = [invocation.request, invocation.response];
        let sizes = sides.map(|side| side.map_or(0, |side| side.at.span.length as u64));
        Self {
            id: Id::Of(invocation.identity),
            parent: invocation.parent.map(Id::Of),
            service: invocation.service.into(),
            cid: invocation.cid.map(Cow::Borrowed),
            server: invocation.server.map(Cow::Borrowed),
            thread: invocation.thread_name().map(Cow::Borrowed),
            process: invocation.process,
            outcome: invocation.outcome(),
            started: invocation.seen_at().map(Asctime::millis),
            finished: invocation.finished_at().map(Asctime::millis),
            duration: invocation
                .duration_ms()
                .and_then(|duration| u64::try_from(duration).ok()),
            size: sizes.iter().sum(),
        }
    }

    /// The ID.
    #[must_use]
    pub fn id(&self) -> Cow<'_, str> {
        self.id.text()
    }

    /// The ID of the call around it.
    #[must_use]
    pub fn parent(&self) -> Option<Cow<'_, str>> {
        self.parent.as_ref().map(Id::text)
    }
}

/// An invocation's line of JSON, taken apart.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// What it shows besides the payloads.
    pub facts: Facts<'a>,
    /// The first time that is known of it, as it is shown: in 4.1 with its UTC offset.
    pub started_at: Option<Cow<'a, str>>,
    /// When its response was logged, likewise.
    pub finished_at: Option<Cow<'a, str>>,
    /// The request as JSON, if there is one.
    pub request: Option<&'a str>,
    /// The response as JSON, if there is one.
    pub response: Option<&'a str>,
    /// Where in its file the request's record starts, in bytes.
    pub request_offset: Option<u64>,
    /// Where in its file the response's record starts, in bytes.
    pub response_offset: Option<u64>,
}

/// The keys of [`write_json_line`](crate::view::write_json_line).
#[derive(Deserialize)]
struct Keys<'a> {
    #[serde(borrow)]
    id: Cow<'a, str>,
    #[serde(borrow)]
    parent: Option<Cow<'a, str>>,
    #[serde(borrow)]
    service: Cow<'a, str>,
    #[serde(borrow)]
    cid: Option<Cow<'a, str>>,
    #[serde(borrow)]
    server: Option<Cow<'a, str>>,
    #[serde(borrow)]
    thread: Option<Cow<'a, str>>,
    outcome: Cow<'a, str>,
    pid: Option<u32>,
    #[serde(borrow)]
    started_at: Option<Cow<'a, str>>,
    #[serde(borrow)]
    finished_at: Option<Cow<'a, str>>,
    duration_ms: Option<u64>,
    #[serde(borrow, default, deserialize_with = "present")]
    request: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    response: Option<&'a RawValue>,
    request_at: Option<At>,
    response_at: Option<At>,
}

#[derive(Deserialize)]
struct At {
    offset: Option<u64>,
    length: u64,
}

/// A payload that is `null` is there.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

impl<'a> Line<'a> {
    /// Takes a line apart. Fails if it is none that zalog writes.
    pub fn read(line: &'a str) -> Result<Self, serde_json::Error> {
        let keys: Keys<'a> = serde_json::from_str(line)?;
        let outcome = Outcome::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == keys.outcome)
            .ok_or_else(|| serde::de::Error::custom("unknown outcome"))?;
        let millis = |time: &Option<Cow<'_, str>>| time.as_deref().and_then(millis);
        let finished = millis(&keys.finished_at);
        let size = |at: &Option<At>| at.as_ref().map_or(0, |at| at.length);
        let offset = |at: &Option<At>| at.as_ref().and_then(|at| at.offset);
        let facts = Facts {
            id: Id::Text(keys.id),
            parent: keys.parent.map(Id::Text),
            service: keys.service,
            cid: keys.cid,
            server: keys.server,
            thread: keys.thread,
            process: keys.pid,
            outcome,
            started: millis(&keys.started_at).or(finished),
            finished,
            duration: keys.duration_ms,
            size: size(&keys.request_at) + size(&keys.response_at),
        };
        Ok(Self {
            facts,
            started_at: keys.started_at.or_else(|| keys.finished_at.clone()),
            finished_at: keys.finished_at,
            request: keys.request.map(RawValue::get),
            response: keys.response.map(RawValue::get),
            request_offset: offset(&keys.request_at),
            response_offset: offset(&keys.response_at),
        })
    }
}

/// The milliseconds of `2018-11-11T22:01:57.123`, with or without a UTC offset.
fn millis(time: &str) -> Option<i64> {
    let mut asctime = String::with_capacity(23);
    let (date, clock) = (time.get(..10)?, time.get(11..19)?);
    write!(asctime, "{date} {clock},{}", time.get(20..23)?).ok()?;
    Asctime::at_start_of(asctime.as_bytes()).map(Asctime::millis)
}
