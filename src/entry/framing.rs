//! Cuts a log into records, one behind the other.
//!
//! Where the record of a call ends is told in `ending`; all other messages, and what is no record,
//! go up to the next line that looks like the start of one.

use memchr::{memchr, memchr_iter};

use super::ending::{Frame, torn_at};
use super::header;
use super::start::{Start, starts_documented};
use super::wording::{breaks_off_in_words, starts_call};
use super::{Call, Content, Entry, Message, Payload, Record, Span};

/// Returns the records of a log, which together are all of its bytes.
#[must_use]
pub fn records(log: &[u8]) -> Records<'_> {
    Records {
        log,
        at: 0,
        until: log.len(),
        line: LastLine::default(),
    }
}

/// An iterator over the records of a log or of a part of it.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    log: &'a [u8],
    at: usize,
    until: usize,
    line: LastLine,
}

impl<'a> Records<'a> {
    /// The records that start in `from..until`. One must start at `from`.
    pub(super) fn between(log: &'a [u8], from: usize, until: usize) -> Self {
        Self {
            log,
            at: from,
            until,
            line: LastLine::default(),
        }
    }

    /// Goes on at `at`, where a record must start.
    pub(super) fn skip_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Up to where lines were read to tell what the records so far are.
    pub(super) fn reach(&self) -> usize {
        self.line.reach.max(self.at)
    }

    /// Goes on behind the records of another reader.
    pub(super) fn follow(&mut self, other: &Self) {
        self.line = other.line;
    }

    /// How many records have broken off in the line of the next one.
    pub(super) fn torn(&self) -> usize {
        self.line.torn
    }

    /// So many records have broken off in the line of the next one.
    pub(super) fn set_torn(&mut self, torn: usize) {
        self.line.torn = torn;
    }

    /// The record at `at`, and no more. It must be in the log.
    pub(super) fn only(&mut self, at: usize) -> Record<'a> {
        read(self.log, at, &mut self.line)
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        if self.at >= self.until {
            return None;
        }
        let record = read(self.log, self.at, &mut self.line);
        self.at = record.span.end();
        Some(record)
    }
}

/// The first place in `at..until` where a line starts that looks like a record's; `until` if there
/// is none.
pub(super) fn next_start(log: &[u8], at: usize, until: usize) -> usize {
    // No farther than asked: a line may be as long as the log.
    let line_after =
        |at: usize| memchr(b'\n', &log[at..until]).map_or(until, |length| at + length + 1);
    let mut at = match at {
        0 => 0,
        at => line_after(at - 1),
    };
    while at < until && !starts_record(&log[at..]) {
        at = line_after(at);
    }
    at
}

/// Whether a record may start here.
pub(super) fn starts_record(input: &[u8]) -> bool {
    header::may_start(input).is_some() || starts_documented(input)
}

/// The end of the line that `at` stands in, without its newline.
pub(super) fn line_end(log: &[u8], at: usize) -> usize {
    memchr(b'\n', &log[at..]).map_or(log.len(), |length| at + length)
}

/// The last line whose end was looked for: many records that break off may share a line, which is
/// searched once.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LastLine {
    from: usize,
    end: usize,
    /// The farthest end of a line that was looked for.
    reach: usize,
    /// How many records in a row have ended before the end of their line.
    torn: usize,
}

impl LastLine {
    /// The end of the line that `at` stands in, without its newline.
    pub(super) fn end(&mut self, log: &[u8], at: usize) -> usize {
        if !(self.from..=self.end).contains(&at) || at == 0 {
            self.from = at;
            self.end = self.another_end(log, at);
        }
        self.end
    }

    /// How many records have broken off in the line of the one that is read.
    pub(super) fn torn(&self) -> usize {
        self.torn
    }

    /// The end of another line than the one that a record starts in.
    pub(super) fn another_end(&mut self, log: &[u8], at: usize) -> usize {
        let end = line_end(log, at);
        self.reach = self.reach.max(end);
        end
    }
}

fn count_lines(bytes: &[u8]) -> usize {
    memchr_iter(b'\n', bytes).count()
}

/// Reads the record, or what stands in its place, at `at`.
fn read<'a>(log: &'a [u8], at: usize, line: &mut LastLine) -> Record<'a> {
    let record = read_whole(log, at, line);
    let is_torn = log[record.span.offset..record.span.end()].last() != Some(&b'\n');
    line.torn = if is_torn { line.torn + 1 } else { 0 };
    record
}

fn read_whole<'a>(log: &'a [u8], at: usize, line: &mut LastLine) -> Record<'a> {
    let start_at = skip_byte_order_mark(log, at);
    let Some(start) = Start::read(log, start_at) else {
        return other(log, at, start_at, line, Content::Unreadable);
    };
    let header = start.header;
    let Some((opened, payload_at)) = start.call else {
        let entry = |message| Content::Entry(Entry { header, message });
        let mut record = other(log, at, start.message_at, line, entry(Message::Other));
        // The words of a call may stand in the next record.
        let message = &log[start.message_at..record.span.end()];
        if starts_call(message, header.is_some())
            || (header.is_some() && breaks_off_in_words(message))
        {
            record.content = entry(Message::Nameless);
        }
        return record;
    };
    let asctime = header.map(|header| header.asctime);
    let end = Frame {
        log,
        payload_at,
        opened,
        asctime,
    }
    .end(line);
    let payload = Payload {
        text: &log[payload_at..end.payload],
        wording: opened.wording,
        is_cut_off: end.is_cut_off,
    };
    let call = Call {
        direction: opened.direction,
        service: opened.service,
        cid: end.cid.or(opened.cid).or(header
            .and_then(|header| header.context)
            .map(|context| context.cid)),
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
fn other<'a>(
    log: &'a [u8],
    at: usize,
    after_header: usize,
    line: &mut LastLine,
    content: Content<'a>,
) -> Record<'a> {
    let first_line_end = line.end(log, after_header);
    // The next header may stand where this one ends.
    let from = after_header.saturating_sub(1).max(at);
    let end = torn_at(log, from, first_line_end, None, |_| false)
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

/// Where the first record starts in a log that some editor has written.
pub(super) fn skip_byte_order_mark(log: &[u8], at: usize) -> usize {
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
