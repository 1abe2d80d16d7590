//! Cuts a log into records, one behind the other.
//!
//! Where the record of a call ends is told in `ending`; all other messages, and what is no record,
//! go up to the next line that looks like the start of one.

use memchr::{memchr, memchr_iter, memmem};
use nom::Parser;
use nom::bytes::complete::tag;
use nom::sequence::terminated;

use super::ending::{Frame, torn_at};
use super::header::{self, header, level};
use super::wording::opening;
use super::{Call, Content, Entry, Message, Payload, Record, Span};

/// Returns the records of a log, which together are all of its bytes.
#[must_use]
pub fn records(log: &[u8]) -> Records<'_> {
    Records {
        log,
        at: 0,
        until: log.len(),
    }
}

/// An iterator over the records of a log or of a part of it.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    log: &'a [u8],
    at: usize,
    until: usize,
}

impl<'a> Records<'a> {
    /// The records that start in `from..until`. One must start at `from`.
    pub(super) fn between(log: &'a [u8], from: usize, until: usize) -> Self {
        Self {
            log,
            at: from,
            until,
        }
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at >= self.until {
            return None;
        }
        let record = read(self.log, self.at);
        self.at = record.span.end();
        Some(record)
    }
}

/// The first place in `at..until` where a line starts that looks like a record's; `until` or more
/// if there is none.
pub(super) fn next_start(log: &[u8], at: usize, until: usize) -> usize {
    let mut at = match at {
        0 => 0,
        at => line_after(log, at - 1),
    };
    while at < until && !starts_record(&log[at..]) {
        at = line_after(log, at);
    }
    at
}

/// Whether a record may start here.
pub(super) fn starts_record(input: &[u8]) -> bool {
    header::may_start(input) || starts_documented(input)
}

/// The `documented` wording has nothing before the level.
fn starts_documented(input: &[u8]) -> bool {
    input.first().is_some_and(u8::is_ascii_uppercase)
        && terminated(level, tag(" - name:`")).parse(input).is_ok()
}

/// The end of the line that `at` stands in, without its newline.
pub(super) fn line_end(log: &[u8], at: usize) -> usize {
    memchr(b'\n', &log[at..]).map_or(log.len(), |length| at + length)
}

/// The start of the next line, or the end of the log.
fn line_after(log: &[u8], at: usize) -> usize {
    (line_end(log, at) + 1).min(log.len())
}

fn count_lines(bytes: &[u8]) -> usize {
    memchr_iter(b'\n', bytes).count()
}

/// Reads the record, or what stands in its place, at `at`.
fn read(log: &[u8], at: usize) -> Record<'_> {
    let start = skip_byte_order_mark(log, at);
    let (after_header, header) = match header(&log[start..]) {
        Ok((rest, header)) => (log.len() - rest.len(), Some(header)),
        Err(_) if starts_documented(&log[start..]) => {
            let length = memmem::find(&log[start..], b" - ").map_or(0, |length| length + 3);
            (start + length, None)
        }
        Err(_) => return other(log, at, start, Content::Unreadable),
    };
    let context_cid = header
        .and_then(|header| header.context)
        .map(|context| context.cid);
    let Ok((rest, opened)) = opening(&log[after_header..], header.is_some(), context_cid) else {
        let entry = Entry {
            header,
            message: Message::Other,
        };
        return other(log, at, after_header, Content::Entry(entry));
    };
    let payload_at = log.len() - rest.len();
    let asctime = header.map(|header| header.asctime);
    let end = Frame {
        log,
        payload_at,
        opened,
        asctime,
    }
    .end();
    let payload = Payload {
        text: &log[payload_at..end.payload],
        wording: opened.wording,
        is_cut_off: end.is_cut_off,
    };
    let call = Call {
        direction: opened.direction,
        service: opened.service,
        cid: end.cid.or(opened.cid).or(context_cid),
        payload,
        is_ambiguous: end.is_ambiguous,
    };
    let record_end = if header.is_none() {
        skip_blank_lines(log, end.record)
    } else {
        end.record
    };
    Record {
        span: Span {
            offset: at,
            length: record_end - at,
        },
        lines: match header {
            Some(_) if end.is_one_line => 1,
            _ => count_lines(&log[at..record_end]),
        },
        content: Content::Entry(Entry {
            header,
            message: Message::Call(call),
        }),
    }
}

/// A record with another message, or something that is no record: all up to the next header.
fn other<'a>(log: &'a [u8], at: usize, after_header: usize, content: Content<'a>) -> Record<'a> {
    let first_line_end = line_end(log, after_header);
    let end = torn_at(log, after_header, first_line_end, |_| false)
        .unwrap_or_else(|| next_start(log, (first_line_end + 1).min(log.len()), log.len()));
    Record {
        span: Span {
            offset: at,
            length: end - at,
        },
        lines: count_lines(&log[at..end]),
        content,
    }
}

fn skip_byte_order_mark(log: &[u8], at: usize) -> usize {
    if at == 0 && log.starts_with("\u{feff}".as_bytes()) {
        3
    } else {
        at
    }
}

fn skip_blank_lines(log: &[u8], mut at: usize) -> usize {
    while matches!(log.get(at), Some(b'\n' | b'\r')) {
        at += 1;
    }
    at
}
