//! Finds where records end.
//!
//! A header at the start of a line is no proof of a new record, since a plain-text response may
//! hold one; a closing delimiter is no proof of an end, since a payload may hold one. What counts:
//! * A record that has opened a payload ends where its closing delimiter stands at the end of a
//!   line and a header, or the end of the log, follows. Where the header names the CID, the
//!   delimiter must repeat it.
//! * A request is a repr and holds no newline, and neither does a value of JSON or of a repr hold
//!   a header at the start of a line: so a header before the closing delimiter means that the
//!   record was cut off.
//! * In plain text, headers and closing delimiters are paired like brackets. If a whole record with
//!   a header behind it stands between, it is a real one, and the record before it was cut off.
//! * A record that was cut off in the middle of its line is followed by the next one's header on
//!   that same line.

use memchr::{memchr, memchr_iter, memmem};
use nom::Parser;
use nom::bytes::complete::tag;
use nom::sequence::terminated;

use super::header::{self, header, level};
use super::wording::{Closing, Direction, MARKERS, Opened, Wording, opening};
use super::{Call, Content, Entry, Message, Payload, Record, Span};
use crate::pyrepr::{Notation, Tokens};

/// How far behind the first header in an unfinished payload its closing delimiter is looked for,
/// in bytes. A plain-text response that quotes more of a log than this is taken for cut off.
pub const LOOKAHEAD: usize = 1 << 20;

/// The longest header that is looked for in the middle of a line, in bytes.
const LONGEST_HEADER: usize = 1024;

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

/// The first place from `at` on where a line starts that looks like a record's.
pub(super) fn next_start(log: &[u8], at: usize) -> usize {
    let mut at = match at {
        0 => 0,
        at => line_after(log, at - 1),
    };
    while at < log.len() && !starts_record(&log[at..]) {
        at = line_after(log, at);
    }
    at
}

/// Whether a record may start here.
fn starts_record(input: &[u8]) -> bool {
    header::may_start(input) || starts_documented(input)
}

/// The `documented` wording has nothing before the level.
fn starts_documented(input: &[u8]) -> bool {
    input.first().is_some_and(u8::is_ascii_uppercase)
        && terminated(level, tag(" - name:`")).parse(input).is_ok()
}

/// The end of the line that `at` stands in, without its newline.
fn line_end(log: &[u8], at: usize) -> usize {
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
    let end = Frame {
        log,
        payload_at,
        opened,
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
    let end = torn_at(log, after_header, first_line_end)
        .unwrap_or_else(|| next_start(log, (first_line_end + 1).min(log.len())));
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

/// A record from its payload on.
#[derive(Clone, Copy)]
struct Frame<'a> {
    log: &'a [u8],
    payload_at: usize,
    opened: Opened<'a>,
}

/// Where a payload and its record end.
struct End<'a> {
    payload: usize,
    record: usize,
    /// Whether the record takes one line, newline and all.
    is_one_line: bool,
    cid: Option<&'a str>,
    is_cut_off: bool,
    is_ambiguous: bool,
}

impl<'a> Frame<'a> {
    fn end(&self) -> End<'a> {
        let line_end = line_end(self.log, self.payload_at);
        let next = line_end + 1;
        match self.closed(line_end) {
            Some(end) if self.is_boundary(next) => {
                let line = &self.log[self.payload_at..end.payload];
                if self.opened.closing.marker().find(line).is_none() {
                    return end;
                }
                match torn_at(self.log, self.payload_at, line_end) {
                    Some(torn) if self.hides_record(torn, end.payload, line_end) => {
                        self.cut_off(torn)
                    }
                    _ => end,
                }
            }
            None if self.is_boundary(next) => match torn_at(self.log, self.payload_at, line_end) {
                Some(torn) => self.cut_off(torn),
                None if next >= self.log.len() || self.is_cut_off_value(line_end) => {
                    self.cut_off(next)
                }
                None => self.end_of_many_lines(line_end),
            },
            _ => self.end_of_many_lines(line_end),
        }
    }

    /// Whether a record can end before this line. In the manual a blank line follows each.
    fn is_boundary(&self, at: usize) -> bool {
        let rest = self.log.get(at..).unwrap_or_default();
        let is_blank = rest.starts_with(b"\n") || rest.starts_with(b"\r\n");
        rest.is_empty()
            || starts_record(rest)
            || (is_blank && self.opened.wording == Wording::Documented)
    }

    /// The end at the end of this line, if it closes the payload.
    fn closed(&self, line_end: usize) -> Option<End<'a>> {
        let (payload, cid) = self
            .opened
            .closing
            .split(&self.log[self.payload_at..line_end])?;
        Some(End {
            payload: self.payload_at + payload.len(),
            record: (line_end + 1).min(self.log.len()),
            is_one_line: line_end < self.log.len(),
            cid,
            is_cut_off: false,
            is_ambiguous: false,
        })
    }

    /// The end of a record that is broken off where the next one starts.
    fn cut_off(&self, next: usize) -> End<'a> {
        let record = next.min(self.log.len());
        let text = &self.log[self.payload_at..record];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        End {
            payload: self.payload_at + text.len(),
            record,
            is_one_line: false,
            cid: None,
            is_cut_off: true,
            is_ambiguous: false,
        }
    }

    /// Whether the payload up to the end of this line is the start of a value that would not hold
    /// a line that looks like a header.
    fn is_cut_off_value(&self, line_end: usize) -> bool {
        if self.opened.direction == Direction::Request {
            return true;
        }
        let text = &self.log[self.payload_at..line_end];
        let is_value_so_far = |notation| {
            let mut tokens = Tokens::new(text, notation).cut_off();
            tokens.by_ref().all(|token| token.is_ok()) && tokens.ended_at().is_some()
        };
        matches!(text.first(), Some(b'{' | b'[' | b'(' | b'\'' | b'"' | b'u'))
            && (is_value_so_far(Notation::Json) || is_value_so_far(Notation::Repr))
    }

    /// Whether a line that closes this payload is the line of two records, the first of which was
    /// cut off where the second starts, at `torn`.
    fn hides_record(&self, torn: usize, payload_end: usize, line_end: usize) -> bool {
        let Some(hidden) = frame_at(self.log, torn) else {
            return false;
        };
        let Some((payload, _)) = hidden
            .opened
            .closing
            .split(&self.log[hidden.payload_at..line_end])
        else {
            return false;
        };
        // Text that quotes a record quotes its closing delimiter too, before the one of its own.
        if matches!(hidden.opened.closing, Closing::Cid(_))
            && memmem::find(payload, b"` cid:`").is_some()
        {
            return false;
        }
        let text = &self.log[self.payload_at..payload_end];
        let is_value = |notation| Tokens::new(text, notation).skip().is_ok();
        !is_value(Notation::Repr) && !is_value(Notation::Json)
    }

    /// The end of a payload where more follows its first line than a record.
    fn end_of_many_lines(&self, first_line_end: usize) -> End<'a> {
        let own_cid = match self.opened.closing {
            Closing::Cid(own_cid) => own_cid,
            Closing::Bracket | Closing::Backtick => None,
        };
        let mut open = vec![*self];
        let mut first_header = None;
        let mut last_own_closing = None;
        // The last line before the first header that closes the payload, with no header behind it.
        let mut candidate = None;
        let mut line_end = first_line_end;
        loop {
            let next = (line_end + 1).min(self.log.len());
            let at_boundary = self.is_boundary(next);
            let innermost = open.last().copied().unwrap_or(*self);
            if let Some(end) = innermost.closed(line_end) {
                if open.len() > 1 {
                    open.pop();
                    let is_quoted = last_own_closing.is_some_and(|closing| closing > next);
                    if let (Some(header), true, false) = (first_header, at_boundary, is_quoted) {
                        return self.broken_off(candidate, header);
                    }
                } else if at_boundary {
                    let is_ambiguous = first_header.is_some() && own_cid.is_none();
                    return End {
                        is_one_line: false,
                        is_ambiguous,
                        ..end
                    };
                } else if first_header.is_none() {
                    candidate = Some(End {
                        is_one_line: false,
                        ..end
                    });
                }
            }
            if next >= self.log.len() {
                return self.broken_off(candidate, first_header.unwrap_or(next));
            }
            if at_boundary {
                if self.opened.direction == Direction::Request {
                    return self.broken_off(candidate, next);
                }
                let header = *first_header.get_or_insert_with(|| {
                    last_own_closing = own_cid.and_then(|cid| self.last_closing(cid, next));
                    next
                });
                if next - header > LOOKAHEAD {
                    return self.broken_off(candidate, header);
                }
                open.extend(frame_at(self.log, next));
            }
            line_end = self::line_end(self.log, next);
        }
    }

    /// The end of a record that nothing closes before the next one starts. If a line did close it,
    /// and what followed was no record, it ends there.
    fn broken_off(&self, candidate: Option<End<'a>>, next: usize) -> End<'a> {
        candidate.unwrap_or_else(|| self.cut_off(next))
    }

    /// Where the last delimiter with this CID stands in what is looked at behind `at`.
    fn last_closing(&self, cid: &str, at: usize) -> Option<usize> {
        let ahead = &self.log[at..self.log.len().min(at + LOOKAHEAD)];
        let closing = format!("` cid:`{cid}`,");
        Some(at + memmem::rfind(ahead, closing.as_bytes())?)
    }
}

/// The frame of the record that starts here, if it is a call.
fn frame_at(log: &[u8], at: usize) -> Option<Frame<'_>> {
    let (rest, header) = header(&log[at..]).ok()?;
    let context_cid = header.context.map(|context| context.cid);
    let (rest, opened) = opening(rest, true, context_cid).ok()?;
    Some(Frame {
        log,
        payload_at: log.len() - rest.len(),
        opened,
    })
}

/// Where in `from..line_end` the header and the opening of a call stand, if they do.
fn torn_at(log: &[u8], from: usize, line_end: usize) -> Option<usize> {
    let line = &log[from..line_end];
    MARKERS
        .iter()
        .filter_map(|marker| {
            let marker = marker.find(line)?;
            let window = marker.saturating_sub(LONGEST_HEADER)..marker;
            let starts = memchr_iter(b'-', &line[window.clone()])
                .filter_map(|dash| (window.start + dash).checked_sub(4));
            starts
                .map(|start| from + start)
                .filter(|&start| start > from && header::may_start(&log[start..]))
                .find(|&start| frame_at(log, start).is_some())
        })
        .min()
}
