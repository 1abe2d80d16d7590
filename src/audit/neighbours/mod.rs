//! What other logs of the server know of a call, joined by its CID: who made it over HTTP, and how
//! it failed.
//!
//! Lines of `http_access.log`, `access.log` and `server.log` are told apart by what they say, so
//! that any of these can be given, in any order. All else in them is passed over. A call takes 48
//! bytes in an array that can leave memory; texts that repeat (addresses, channels, agents, causes)
//! are kept once, up to [`MOST_TEXTS`] of them.

mod access;
mod exception;
mod lines;
mod rest;
mod texts;

pub use exception::Cause;
pub use texts::MOST_TEXTS;

use bytemuck::{Pod, Zeroable};
use xxhash_rust::xxh3::xxh3_64;

use crate::entry::Asctime;
use crate::source::Spill;
use lines::records;
use texts::{NO_TEXT, Texts};

/// What is known of calls besides their own log.
#[derive(Debug, Default)]
pub struct Neighbours {
    files: Vec<String>,
    texts: Texts,
    http: Spill<HttpRow>,
    failures: Spill<FailureRow>,
    causes: Vec<Cause>,
    causes_by_key: std::collections::BTreeMap<String, u32>,
    span: Option<(Asctime, Asctime)>,
}

/// What a neighbour knows of one call over HTTP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct HttpCall<'n> {
    pub(super) remote: Option<&'n str>,
    pub(super) channel: Option<&'n str>,
    pub(super) path: Option<&'n str>,
    pub(super) agent: Option<&'n str>,
    pub(super) status: Option<u16>,
    pub(super) response_ms: Option<u32>,
}

/// How a call failed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Failure<'n> {
    /// The number of its cause.
    pub(super) cause: usize,
    pub(super) status: Option<u16>,
    pub(super) file: &'n str,
    pub(super) line: u64,
}

/// One line about an HTTP call. Several can be about the same.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct HttpRow {
    cid: u64,
    remote: u32,
    channel: u32,
    path: u32,
    agent: u32,
    response_ms: u32,
    status: u32,
}

#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct FailureRow {
    cid: u64,
    line: u64,
    cause: u32,
    file: u32,
    status: u32,
    unused: u32,
}

/// In the place of a number that is not known.
const NO_NUMBER: u32 = u32::MAX;

/// What a file has told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Lines about HTTP calls.
    pub http_calls: u64,
    /// Exceptions.
    pub exceptions: u64,
}

/// A line about an HTTP call.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct HttpLine<'a> {
    cid: &'a str,
    remote: Option<&'a str>,
    channel: Option<&'a str>,
    path: Option<&'a str>,
    agent: Option<&'a str>,
    status: Option<u16>,
    response_ms: Option<u32>,
}

impl Neighbours {
    /// Reads a log. Call [`finish`](Self::finish) behind the last.
    pub fn read(&mut self, name: &str, log: &[u8]) -> Told {
        let file = u32::try_from(self.files.len()).unwrap_or(NO_NUMBER);
        self.files.push(name.to_owned());
        let mut told = Told::default();
        for record in records(log) {
            let http = access::access_line(record.message)
                .or_else(|| rest::request_line(record.message))
                .or_else(|| rest::response_line(record.message));
            if let Some(line) = http {
                told.http_calls += 1;
                self.add_http(&line);
            } else if let Some(exception) = exception::exception(record.message) {
                told.exceptions += 1;
                let cause = self.cause(&exception);
                self.failures.push(FailureRow {
                    cid: xxh3_64(exception.cid.as_bytes()),
                    line: record.line,
                    cause,
                    file,
                    status: exception.status.map_or(NO_NUMBER, u32::from),
                    unused: 0,
                });
            } else {
                continue;
            }
            if let Some(asctime) = record.asctime {
                let (first, last) = self.span.unwrap_or((asctime, asctime));
                self.span = Some((first.min(asctime), last.max(asctime)));
            }
        }
        told
    }

    /// Puts what was read in order, so that calls can be looked up.
    pub fn finish(&mut self) {
        self.http.sort_by_key(|row| row.cid);
        self.failures.sort_by_key(|row| row.cid);
    }

    /// Whether exceptions at this time would be known.
    pub(super) fn covers(&self, time: Asctime) -> bool {
        let is_within = |(first, last): (Asctime, Asctime)| first <= time && time <= last;
        !self.causes.is_empty() && self.span.is_some_and(is_within)
    }

    /// Why calls failed.
    pub(super) fn causes(&self) -> &[Cause] {
        &self.causes
    }

    /// What is known of the HTTP call with this CID.
    pub(super) fn http(&self, cid: &str) -> Option<HttpCall<'_>> {
        let cid = xxh3_64(cid.as_bytes());
        let start = self.http.partition_point(|row| row.cid < cid);
        let rows = self.http[start..].iter().take_while(|row| row.cid == cid);
        let mut call: Option<HttpCall<'_>> = None;
        for row in rows {
            let known = call.unwrap_or_default();
            let number = |number: u32| (number != NO_NUMBER).then_some(number);
            let status = number(row.status).and_then(|status| u16::try_from(status).ok());
            call = Some(HttpCall {
                remote: known.remote.or_else(|| self.texts.get(row.remote)),
                channel: known.channel.or_else(|| self.texts.get(row.channel)),
                path: known.path.or_else(|| self.texts.get(row.path)),
                agent: known.agent.or_else(|| self.texts.get(row.agent)),
                status: known.status.or(status),
                response_ms: known.response_ms.or_else(|| number(row.response_ms)),
            });
        }
        call
    }

    /// How the call with this CID failed.
    pub(super) fn failure(&self, cid: &str) -> Option<Failure<'_>> {
        let cid = xxh3_64(cid.as_bytes());
        let start = self.failures.partition_point(|row| row.cid < cid);
        let row = self.failures.get(start).filter(|row| row.cid == cid)?;
        Some(Failure {
            cause: row.cause as usize,
            status: u16::try_from(row.status).ok(),
            file: &self.files[row.file as usize],
            line: row.line,
        })
    }

    fn add_http(&mut self, line: &HttpLine<'_>) {
        let mut number = |text: Option<&str>| text.map_or(NO_TEXT, |text| self.texts.number(text));
        self.http.push(HttpRow {
            cid: xxh3_64(line.cid.as_bytes()),
            remote: number(line.remote),
            channel: number(line.channel),
            path: number(line.path),
            agent: number(line.agent),
            response_ms: line.response_ms.unwrap_or(NO_NUMBER),
            status: line.status.map_or(NO_NUMBER, u32::from),
        });
    }

    /// The number of an exception's cause. When there are too many, the last one stands for more.
    fn cause(&mut self, exception: &exception::Exception<'_>) -> u32 {
        let cause = exception.cause();
        let key = cause.key();
        if let Some(number) = self.causes_by_key.get(&key) {
            return *number;
        }
        if self.causes.len() >= MOST_TEXTS {
            return u32::try_from(self.causes.len() - 1).unwrap_or(NO_NUMBER);
        }
        let number = u32::try_from(self.causes.len()).unwrap_or(NO_NUMBER);
        self.causes_by_key.insert(key, number);
        self.causes.push(cause);
        number
    }
}

#[cfg(test)]
mod tests;
