//! Finds where the record of a call ends.
//!
//! A header at the start of a line is no proof of a new record, since a plain-text response may
//! quote one; a closing delimiter is no proof of an end, since a payload may hold one. What counts:
//! * A record ends where its closing delimiter stands at the end of a line, and a header, or the
//!   end of the log, follows. Where the header names the CID, the delimiter must repeat it: that
//!   outranks all that stands between, but for a record of the same CID.
//! * A value ends where its grammar ends: what follows it is not a part of it. A request is a
//!   value, and no value holds a newline with a header behind it. So a header before the closing
//!   delimiter means that the record was cut off.
//! * In plain text, headers and closing delimiters are paired like brackets. If a whole record with
//!   a header behind it stands between, it is a real one, and the record before it was cut off;
//!   unless its time is earlier, or it is no whole record, and so only quoted.
//! * A record that was cut off in the middle of its line is followed by the next one's header on
//!   that same line.

use memchr::memmem::Finder;
use memchr::{memmem, memrchr_iter};

use super::asctime::Asctime;
use super::framing::{LastLine, starts_record};
use super::header;
use super::start::Start;
use super::wording::{Closing, Direction, MARKERS, Opened, Wording};
use crate::pyrepr::{Notation, Tokens};

/// How far behind the first header in an unfinished payload its closing delimiter is looked for,
/// in bytes. A plain-text response that quotes more of a log than this is taken for cut off.
pub const LOOKAHEAD: usize = 1 << 20;

/// How many headers in an unfinished payload are passed by. With this limit and the next one, a log
/// of unfinished records alone is still read in linear time.
pub const MAX_QUOTED: usize = 1024;

/// How many headers that are no older than the record itself are passed by, where only their
/// closing delimiters tell whether they are quoted.
pub const MAX_OPEN: usize = 64;

/// How many records are looked at to tell a clock that was put back from a quote.
const MAX_FOLLOWING: usize = 16;

/// How many there are at the least: a single one is rather quoted.
const LEAST_FOLLOWING: usize = 2;

/// How many records that break off in one line are looked at as far as the line's end, for evidence
/// that they only quote what follows in it. Those behind them break off wherever another one starts:
/// with this limit, a line of them is read in linear time, whatever ends it.
pub const MAX_TORN: usize = 64;

/// The longest header that is looked for in the middle of a line, in bytes.
const LONGEST_HEADER: usize = 1024;

/// How much of a line is looked through at first for the header of a second record, in bytes.
const NEAR: usize = 1 << 12;

/// How many places in a line are looked at for the header of a second record.
const MAX_MARKERS: usize = 16;

/// Records of many threads are written in nearly the order of their times: one that is earlier by
/// more milliseconds is a quote.
const MAX_DISORDER_MS: i64 = 5_000;

/// A record from its payload on.
#[derive(Clone, Copy)]
pub(super) struct Frame<'a> {
    pub(super) log: &'a [u8],
    pub(super) payload_at: usize,
    pub(super) opened: Opened<'a>,
    /// When it was written; `None` in the manual.
    pub(super) asctime: Option<Asctime>,
}

/// Where a payload and its record end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End<'a> {
    pub(super) payload: usize,
    pub(super) record: usize,
    /// Whether the record takes one line, newline and all.
    pub(super) is_one_line: bool,
    pub(super) cid: Option<&'a str>,
    pub(super) is_cut_off: bool,
    pub(super) is_ambiguous: bool,
}

impl<'a> Frame<'a> {
    pub(super) fn end(&self, line: &mut LastLine) -> End<'a> {
        let line_end = line.end(self.log, self.payload_at);
        self.usual_end(line_end, line)
            .unwrap_or_else(|| self.unusual_end(line_end, line))
    }

    /// The end of a payload that is surely one line: nothing in it looks like the opening of
    /// another record.
    fn usual_end(&self, line_end: usize, line: &mut LastLine) -> Option<End<'a>> {
        let end = self.closed(line_end)?;
        let next = line_end + 1;
        let asctime = self.log.get(next..).and_then(header::may_start);
        let is_boundary = asctime.is_some() || self.is_boundary(next);
        let is_sure = is_boundary
            && !self.is_doubtful(end, asctime, line)
            && !self
                .opened
                .closing
                .marker_is_in(&self.log[self.payload_at..end.payload]);
        is_sure.then_some(end)
    }

    /// The end of any other payload, whose first line ends at `line_end`.
    fn unusual_end(&self, line_end: usize, line: &mut LastLine) -> End<'a> {
        let closed = self.closed(line_end);
        if let Some(end) = self.end_of_first_line(closed, line_end, line) {
            return end;
        }
        match self.own_cid() {
            Some(cid) => self.end_with_cid(cid, line_end, line),
            None => self.end_of_text(line_end, line),
        }
    }

    fn own_cid(&self) -> Option<&'a str> {
        match self.opened.closing {
            Closing::Cid(own_cid) => own_cid,
            Closing::Bracket | Closing::Backtick => None,
        }
    }

    /// Whether a record can end before this line. In the manual a blank line follows each.
    fn is_boundary(&self, at: usize) -> bool {
        let rest = self.log.get(at..).unwrap_or_default();
        rest.is_empty()
            || if self.opened.wording == Wording::Documented {
                starts_record(rest) || rest.starts_with(b"\n") || rest.starts_with(b"\r\n")
            } else {
                header::may_start(rest).is_some()
            }
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

    /// Whether a closing delimiter has no CID as Zato makes them, and an older record follows: then
    /// both are rather a quote, unless one record after the other follows, as where a clock was put
    /// back.
    fn is_doubtful(&self, end: End<'_>, next: Option<Asctime>, line: &mut LastLine) -> bool {
        self.own_cid().is_none()
            && next.is_some_and(|next| self.is_older(next))
            && end.cid.is_some_and(|cid| !is_usual_cid(cid))
            && !self.is_followed_by_records(end.record, line)
    }

    /// Whether nothing but whole records follows, so far as is looked: some at least.
    fn is_followed_by_records(&self, mut at: usize, line: &mut LastLine) -> bool {
        for nth in 0..MAX_FOLLOWING {
            if at >= self.log.len() {
                return nth >= LEAST_FOLLOWING;
            }
            let whole = frame_at(self.log, at)
                .and_then(|next| next.closed(line.another_end(self.log, next.payload_at)));
            match whole {
                Some(end) => at = end.record,
                None => return false,
            }
        }
        true
    }

    /// The end of a record that is broken off where the next one starts.
    fn cut_off(&self, next: usize) -> End<'a> {
        let record = next.min(self.log.len());
        let text = &self.log[self.payload_at..record];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        let text = self.opened.closing.without_part(text);
        End {
            payload: self.payload_at + text.len(),
            record,
            is_one_line: false,
            cid: None,
            is_cut_off: true,
            is_ambiguous: false,
        }
    }

    /// The end, if it is sure that the payload is over with its first line.
    fn end_of_first_line(
        &self,
        closed: Option<End<'a>>,
        line_end: usize,
        line: &mut LastLine,
    ) -> Option<End<'a>> {
        let next = line_end + 1;
        let is_doubtful =
            closed.is_some_and(|end| self.is_doubtful(end, self.asctime_at(next), line));
        let at_boundary = self.is_boundary(next) && !is_doubtful;
        let torn = self.torn_at(self.payload_at, line_end);
        let is_request = self.opened.direction == Direction::Request;
        if let Some(end) = closed {
            let payload = &self.log[self.payload_at..end.payload];
            return match torn {
                Some(torn) if line.torn() >= MAX_TORN => Some(self.cut_off(torn)),
                // Text may start with a word or a number; with a whole container it does not.
                _ if is_value(payload) && (at_boundary || is_container(payload)) => Some(end),
                Some(torn) if at_boundary && self.hides_record(torn, line_end) => {
                    Some(self.cut_off(torn))
                }
                _ if at_boundary => Some(end),
                // No request takes more than a line.
                Some(torn) if is_request && self.hides_record(torn, line_end) => {
                    Some(self.cut_off(torn))
                }
                _ => None,
            };
        }
        match torn {
            Some(torn) if is_request || self.own_cid().is_none() => Some(self.cut_off(torn)),
            _ if next >= self.log.len() => Some(self.cut_off(next)),
            _ if at_boundary && (is_request || self.is_start_of_value(line_end)) => {
                Some(self.cut_off(next))
            }
            _ => None,
        }
    }

    /// Where a line, or the rest of one, breaks off and another record starts.
    fn torn_at(&self, from: usize, line_end: usize) -> Option<usize> {
        let own = self.opened.closing.marker();
        torn_at(self.log, from, line_end, Some(own), |at| self.is_quoted(at))
    }

    /// Whether the payload up to the end of this line is surely the start of a value.
    fn is_start_of_value(&self, line_end: usize) -> bool {
        /// Brackets and quotes alone are no evidence: text has them too.
        const FEW_TOKENS: usize = 3;

        let text = &self.log[self.payload_at..line_end];
        let is_value_so_far = |notation| {
            let mut tokens = Tokens::new(text, notation).cut_off();
            let mut count = 0;
            while let Ok(Some(_)) = tokens.next_token() {
                if tokens.ended_at().is_some() {
                    return count > FEW_TOKENS;
                }
                count += 1;
            }
            false
        };
        is_container(text) && (is_value_so_far(Notation::Json) || is_value_so_far(Notation::Repr))
    }

    /// Whether a header that stands in this payload is older than the record: a quote.
    fn is_quoted(&self, header_at: usize) -> bool {
        self.asctime_at(header_at)
            .is_some_and(|asctime| self.is_older(asctime))
    }

    /// Whether this is older than the record, and no disorder of threads explains it.
    fn is_older(&self, asctime: Asctime) -> bool {
        self.asctime
            .is_some_and(|own| asctime < own && own.millis_since(asctime) > MAX_DISORDER_MS)
    }

    fn asctime_at(&self, at: usize) -> Option<Asctime> {
        self.log.get(at..).and_then(Asctime::at_start_of)
    }

    /// Whether a line that closes this payload is the line of two records, the first of which was
    /// cut off where the second starts, at `torn`.
    fn hides_record(&self, torn: usize, line_end: usize) -> bool {
        let hidden = frame_at(self.log, torn);
        hidden.is_some_and(|hidden| {
            hidden
                .closed(line_end)
                .is_some_and(|end| hidden.is_whole(end))
        })
    }

    /// Whether what a record would end with is the payload of one: text that quotes a record
    /// quotes its closing delimiter too, before the one of its own, and a request is a value.
    fn is_whole(&self, end: End<'_>) -> bool {
        let payload = &self.log[self.payload_at..end.payload];
        match (self.opened.direction, self.opened.closing) {
            (Direction::Request, _) => is_value(payload),
            (Direction::Response, Closing::Cid(_)) => {
                memmem::find(payload, b"` cid:`").is_none() || is_value(payload)
            }
            (Direction::Response, Closing::Bracket | Closing::Backtick) => true,
        }
    }

    /// The end of a payload of many lines, where the closing delimiter repeats a CID that is known.
    fn end_with_cid(&self, cid: &str, first_line_end: usize, line: &mut LastLine) -> End<'a> {
        let mut candidate = None;
        let mut first_header = None;
        let mut headers = 0;
        let mut line_end = first_line_end;
        loop {
            let next = (line_end + 1).min(self.log.len());
            if let Some(end) = self.closed(line_end) {
                let end = End {
                    is_one_line: false,
                    ..end
                };
                if self.is_boundary(next) {
                    return end;
                }
                candidate = candidate.or(Some(end));
            }
            let rest = &self.log[next..];
            if header::may_start(rest).is_some() {
                first_header = first_header.or(Some(next));
                headers += 1;
                // A record of the same call: this one will not be closed behind it.
                let header = Start::read(self.log, next).and_then(|start| start.header);
                let context = header.and_then(|header| header.context);
                let is_of_same_call = context.is_some_and(|context| context.cid == cid);
                if is_of_same_call || headers > MAX_QUOTED {
                    return self.broken_off(candidate, first_header.unwrap_or(next));
                }
            }
            if rest.is_empty() || next - first_header.unwrap_or(next) > LOOKAHEAD {
                return self.broken_off(candidate, first_header.unwrap_or(next));
            }
            line_end = line.another_end(self.log, next);
        }
    }

    /// The end of a payload of many lines, where nothing tells its closing delimiter from others.
    fn end_of_text(&self, first_line_end: usize, line: &mut LastLine) -> End<'a> {
        let mut open = vec![*self];
        let mut first_header = None;
        let mut has_quote = false;
        let mut headers = 0;
        // The last line before the first header that closes the payload, with no header behind it.
        let mut candidate = None;
        let mut line_end = first_line_end;
        let mut line_start = self.payload_at;
        loop {
            let next = (line_end + 1).min(self.log.len());
            let is_header = header::may_start(&self.log[next..]).is_some();
            let is_quoted = is_header && self.is_quoted(next);
            let at_boundary = self.is_boundary(next) && !(is_quoted && has_quote);
            let innermost = open.last().copied().unwrap_or(*self);
            let closed = innermost.closed(line_end).map(|end| End {
                is_one_line: false,
                ..end
            });
            if first_header.is_none()
                && line_start > self.payload_at
                && let Some(torn) = self.torn_at(line_start, line_end)
                && (closed.is_none() || self.hides_record(torn, line_end))
            {
                return self.broken_off(candidate, torn);
            }
            if let Some(end) = closed {
                if open.len() > 1 {
                    open.pop();
                    let is_real = at_boundary && innermost.is_whole(end);
                    if let (Some(header), true) = (first_header, is_real) {
                        return self.broken_off(candidate, header);
                    }
                } else if at_boundary && !self.is_doubtful(end, self.asctime_at(next), line) {
                    return self.end_of_lines(
                        end,
                        candidate,
                        first_line_end,
                        has_quote || first_header.is_some(),
                    );
                } else if first_header.is_none() {
                    candidate = Some(end);
                }
            }
            if next >= self.log.len() {
                return self.broken_off(candidate, first_header.unwrap_or(next));
            }
            if is_header {
                headers += 1;
                if headers > MAX_QUOTED || open.len() > MAX_OPEN {
                    return self.broken_off(candidate, first_header.unwrap_or(next));
                }
            }
            if is_quoted {
                has_quote = true;
            } else if is_header {
                if self.opened.direction == Direction::Request {
                    return self.broken_off(candidate, next);
                }
                let first_header = *first_header.get_or_insert(next);
                if next - first_header > LOOKAHEAD {
                    return self.broken_off(candidate, first_header);
                }
                open.extend(frame_at(self.log, next));
            } else if at_boundary && self.asctime.is_none() {
                return self.broken_off(candidate, next);
            }
            line_start = next;
            line_end = line.another_end(self.log, next);
        }
    }

    /// The end of a text that a line closes, where another line did before, if one did: of a value that is
    /// over with that one, what stands between is no part.
    fn end_of_lines(
        &self,
        end: End<'a>,
        candidate: Option<End<'a>>,
        first_line_end: usize,
        has_quote: bool,
    ) -> End<'a> {
        let payload = |end: End<'_>| &self.log[self.payload_at..end.payload];
        let is_broken =
            is_container(payload(end)) && candidate.is_some() && !is_value(payload(end));
        match candidate.filter(|_| is_broken) {
            Some(candidate) if is_value(payload(candidate)) => candidate,
            _ => End {
                is_ambiguous: has_quote
                    || is_broken
                    || self.torn_at(self.payload_at, first_line_end).is_some(),
                ..end
            },
        }
    }

    /// The end of a record that nothing closes before the next one starts. If a line did close it,
    /// and what followed was no record, it ends there.
    fn broken_off(&self, candidate: Option<End<'a>>, next: usize) -> End<'a> {
        match candidate {
            Some(end) => End {
                is_ambiguous: true,
                ..end
            },
            None => self.cut_off(next),
        }
    }
}

fn is_container(text: &[u8]) -> bool {
    matches!(text.first(), Some(b'{' | b'[' | b'('))
}

fn is_value(text: &[u8]) -> bool {
    let is_value = |notation| Tokens::new(text, notation).skip().is_ok();
    is_value(Notation::Repr) || is_value(Notation::Json)
}

/// Whether a CID has one of the forms that Zato gives it: up to 24 hexadecimal digits, `K` and more
/// than 20 letters and digits, or a date and time and more. Users may give CIDs of their own.
fn is_usual_cid(cid: &str) -> bool {
    let is_hex = cid.len() >= 16 && cid.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    is_hex || (cid.len() > 20 && cid.bytes().all(is_word))
}

/// The frame of the record that starts here, if it is a call with a header.
pub(super) fn frame_at(log: &[u8], at: usize) -> Option<Frame<'_>> {
    let start = Start::read(log, at)?;
    let asctime = Some(start.header?.asctime);
    let (opened, payload_at) = start.call?;
    Some(Frame {
        log,
        payload_at,
        opened,
        asctime,
    })
}

/// Where in `from..line_end` the header and the opening of a call stand that is no quote. What
/// follows a record is most likely of its `own` kind.
pub(super) fn torn_at(
    log: &[u8],
    from: usize,
    line_end: usize,
    own: Option<&Finder<'_>>,
    is_quote: impl Fn(usize) -> bool,
) -> Option<usize> {
    let line = &log[from..line_end];
    // The header that belongs to a marker is the last one before it.
    let before_marker = |marker: usize| {
        let window = marker.saturating_sub(LONGEST_HEADER)..marker;
        memrchr_iter(b'-', &line[window.clone()])
            .filter_map(|dash| (window.start + dash).checked_sub(4))
            .map(|start| from + start)
            .filter(|&start| start > from && header::may_start(&log[start..]).is_some())
            .find(|&start| frame_at(log, start).is_some())
            .filter(|&start| !is_quote(start))
    };
    // The nearest one counts, so that a part of the line is enough where one is found in it. Looking
    // for what is not there would read all of a line of torn records for each.
    let mut part = NEAR.min(line.len());
    loop {
        let markers = own.into_iter().chain(MARKERS.iter());
        let torn = markers.fold(None, |torn: Option<usize>, marker| {
            // Where one has been found, only an earlier one counts.
            let end = torn.map_or(part, |torn| part.min(torn - from + LONGEST_HEADER));
            let found = marker
                .find_iter(&line[..end])
                .take(MAX_MARKERS)
                .find_map(before_marker);
            torn.into_iter().chain(found).min()
        });
        // A marker behind this part has its header in it, or not far before its end.
        let is_nearest = torn.is_some_and(|torn| torn - from + 2 * LONGEST_HEADER <= part);
        if is_nearest || part == line.len() {
            return torn;
        }
        part = line.len().min(part * 4);
    }
}
