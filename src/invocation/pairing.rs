//! Finds the request that a response belongs to, and the call that a call was made in.
//!
//! A response belongs to the latest unanswered request of the same process, CID and service: a
//! stack, since a service may call itself. Without a CID the service alone has to do.

use bytemuck::Zeroable as _;

use super::id::Identity;
use super::keys::Keys;
use super::open_calls::{Bytes, OpenCall, OpenCalls, StoredIdentity};
use super::repeats::Repeats;
use super::{Invocation, Place, REST_WRAPPER, Rest, Side, SourceFile};
use crate::entry::{Asctime, Call, Direction, Header, Payload, Record, Span, Wording, record_at};
use crate::source::Spill;

/// Joins the records of one server.
#[derive(Debug)]
pub(super) struct Pairing<'a> {
    server: Option<&'a str>,
    /// The files so far; the last one is being read.
    files: Vec<SourceFile<'a>>,
    open: OpenCalls,
    repeats: Repeats<'a>,
}

/// A record of a call.
#[derive(Clone, Copy)]
pub(super) struct CallRecord<'r, 'a> {
    pub(super) record: &'r Record<'a>,
    pub(super) header: Option<&'r Header<'a>>,
    pub(super) call: &'r Call<'a>,
    pub(super) keys: Keys,
    /// The line that it starts in, from 1.
    pub(super) line: usize,
}

impl<'a> Pairing<'a> {
    pub(super) fn new(server: Option<&'a str>) -> Self {
        Self {
            server,
            files: Vec::new(),
            open: OpenCalls::default(),
            repeats: Repeats::default(),
        }
    }

    /// Goes on with the next file.
    pub(super) fn start_file(&mut self, file: SourceFile<'a>) {
        self.files.push(file);
    }

    /// Takes the next record of a call. Returns the invocation that it completes, if it does.
    pub(super) fn take(&mut self, record: &CallRecord<'_, 'a>) -> Option<Invocation<'a>> {
        let &CallRecord {
            header, call, keys, ..
        } = record;
        // A record that breaks off before its CID can't be paired, and needs none to wait for.
        let is_lone = call.cid.is_none() && header.is_some();
        if is_lone {
            return Some(self.lone(record));
        }
        match call.direction {
            Direction::Request => {
                self.open(record);
                None
            }
            Direction::Response => Some(match self.open.answer(keys) {
                Some(open) => self.completed(&open, record),
                None => self.response_only(record),
            }),
        }
    }

    /// The places of the calls that were never answered, in the order of their requests.
    pub(super) fn unanswered(&self) -> Spill<u32> {
        self.open.places()
    }

    /// The call at one of these places.
    pub(super) fn unanswered_at(&self, place: u32) -> Option<Invocation<'a>> {
        let open = self.open.at(place);
        let file = self.files[open.identity.file as usize];
        let record = record_at(file.bytes, open.identity.record.offset);
        let (header, call) = record.call()?;
        let request = Side {
            at: self.place(open.identity, open.line),
            asctime: header.map(|header| header.asctime),
            payload: call.payload,
            is_ambiguous: call.is_ambiguous,
        };
        Some(self.invocation(open, header, call, (Some(request), None)))
    }

    /// Lets the system take out of memory what it can.
    pub(super) fn release(&mut self) {
        self.open.release();
    }

    fn open(&mut self, record: &CallRecord<'_, 'a>) {
        let &CallRecord {
            header, call, keys, ..
        } = record;
        let identity = self.new_identity(record);
        let asctime = header.map_or(0, |header| header.asctime.to_bits());
        let thread = header.map_or(&[][..], |header| header.thread_name.as_bytes());
        let open = OpenCall {
            keys,
            identity,
            payload: self.bytes_of(call.payload.text),
            thread: self.bytes_of(thread),
            line: record.line,
            asctime,
            tree_started_at: asctime,
            wording: call.payload.wording as u8,
            is_cut_off: call.payload.is_cut_off.into(),
            is_ambiguous: call.is_ambiguous.into(),
            is_rest_wrapper: (call.service == REST_WRAPPER).into(),
            ..OpenCall::zeroed()
        };
        // Without a CID nothing tells which call tree a call belongs to.
        let in_tree = call.cid.is_some();
        self.open.open(open, in_tree, |parent, call| {
            call.parent = parent.identity;
            call.tree_started_at = parent.tree_started_at;
            if parent.is_rest_wrapper != 0 {
                if parent.first_call == StoredIdentity::zeroed() {
                    parent.first_call = call.identity;
                }
                call.is_rest_call = 1;
            }
        });
    }

    /// What a call and its response tell together.
    fn completed(&self, open: &OpenCall, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let wording = Wording::ALL[usize::from(open.wording)];
        let request = Side {
            at: self.place(open.identity, open.line),
            asctime: Asctime::from_bits(open.asctime),
            payload: Payload {
                text: self.text(open.identity.file, open.payload),
                wording,
                is_cut_off: open.is_cut_off != 0,
            },
            is_ambiguous: open.is_ambiguous != 0,
        };
        let mut response = self.side(record);
        if (wording, response.payload.wording) == (Wording::Brackets, Wording::Backticks) {
            response.payload.wording = Wording::Mixed;
        }
        let sides = (Some(request), Some(response));
        self.invocation(open, record.header, record.call, sides)
    }

    /// A response whose request is not in the log.
    fn response_only(&mut self, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let parent = self.open.innermost(record.keys.tree);
        Invocation {
            parent: parent.map(|parent| self.identity(parent.identity)),
            // A CID tells the offset of the first record that bears it, which this is not.
            tree_started_at: parent.and_then(|parent| Asctime::from_bits(parent.tree_started_at)),
            ..self.lone(record)
        }
    }

    /// A record that nothing else belongs to.
    fn lone(&mut self, record: &CallRecord<'_, 'a>) -> Invocation<'a> {
        let &CallRecord { header, call, .. } = record;
        let identity = self.new_identity(record);
        let side = Some(self.side(record));
        let (request, response) = match call.direction {
            Direction::Request => (side, None),
            Direction::Response => (None, side),
        };
        Invocation {
            identity: self.identity(identity),
            service: call.service,
            cid: call.cid,
            server: self.server,
            process: header.map(|header| header.process),
            thread: header.map_or(&[], |header| header.thread_name.as_bytes()),
            request,
            response,
            parent: None,
            rest: None,
            tree_started_at: None,
        }
    }

    /// A call with its request and response. `header` and `call` are those of either.
    fn invocation(
        &self,
        open: &OpenCall,
        header: Option<&Header<'a>>,
        call: &Call<'a>,
        (request, response): (Option<Side<'a>>, Option<Side<'a>>),
    ) -> Invocation<'a> {
        let known = |identity: StoredIdentity| {
            (identity != StoredIdentity::zeroed()).then(|| self.identity(identity))
        };
        let rest = match known(open.first_call) {
            _ if open.is_rest_call != 0 => Some(Rest::Call),
            first_call => first_call.map(Rest::WrapperOf),
        };
        Invocation {
            identity: self.identity(open.identity),
            service: call.service,
            cid: call.cid,
            server: self.server,
            process: header.map(|header| header.process),
            thread: self.text(open.identity.file, open.thread),
            request,
            response,
            parent: known(open.parent),
            rest,
            tree_started_at: Asctime::from_bits(open.tree_started_at),
        }
    }

    fn side(&self, record: &CallRecord<'_, 'a>) -> Side<'a> {
        let &CallRecord {
            record,
            header,
            call,
            line,
            ..
        } = record;
        Side {
            at: Place {
                file: self.files.last().map_or("", |file| file.name),
                span: record.span,
                line,
            },
            asctime: header.map(|header| header.asctime),
            payload: call.payload,
            is_ambiguous: call.is_ambiguous,
        }
    }

    fn new_identity(&mut self, record: &CallRecord<'_, 'a>) -> StoredIdentity {
        let &CallRecord {
            record,
            header,
            keys,
            ..
        } = record;
        let Span { offset, length } = record.span;
        let file = self.files.len() - 1;
        let text = &self.files[file].bytes[offset..offset + length];
        let asctime = header.map(|header| header.asctime);
        StoredIdentity {
            record: Bytes { offset, length },
            file: u32::try_from(file).expect("no system has so many files"),
            ordinal: self.repeats.count(keys, asctime, text),
        }
    }

    fn identity(&self, stored: StoredIdentity) -> Identity<'a> {
        Identity {
            record: self.text(stored.file, stored.record),
            ordinal: stored.ordinal,
        }
    }

    fn place(&self, identity: StoredIdentity, line: usize) -> Place<'a> {
        Place {
            file: self.files[identity.file as usize].name,
            span: Span {
                offset: identity.record.offset,
                length: identity.record.length,
            },
            line,
        }
    }

    /// Some bytes of a file.
    fn text(&self, file: u32, bytes: Bytes) -> &'a [u8] {
        let Bytes { offset, length } = bytes;
        &self.files[file as usize].bytes[offset..offset + length]
    }

    /// Where in the file that is being read some of its bytes stand.
    fn bytes_of(&self, text: &'a [u8]) -> Bytes {
        let file = self.files.last().map_or(&[][..], |file| file.bytes);
        let offset = text.as_ptr().addr().wrapping_sub(file.as_ptr().addr());
        Bytes {
            // What is empty stands nowhere.
            offset: if text.is_empty() { 0 } else { offset },
            length: text.len(),
        }
    }
}
