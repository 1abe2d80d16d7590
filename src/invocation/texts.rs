//! Finds the bytes of records again, wherever they are, and what open calls tell with them.

use bytemuck::{Pod, Zeroable};

use super::id::Identity;
use super::open_calls::OpenCall;
use super::{Invocation, Place, Rest, Side, SourceFile};
use crate::entry::{Asctime, Hints, Payload, Span};
use crate::source::Kept;

/// Some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Bytes {
    pub(super) offset: usize,
    pub(super) length: usize,
}

/// An [`Identity`], with the place where the bytes of the record are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct StoredIdentity {
    pub(super) record: Bytes,
    /// The number of a file that is in memory as a whole; else [`WINDOW`] or [`KEPT`].
    pub(super) store: u32,
    pub(super) ordinal: u32,
}

/// The window that is being read.
pub(super) const WINDOW: u32 = u32::MAX;

/// What was kept of windows.
const KEPT: u32 = u32::MAX - 1;

/// All bytes that are at hand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Texts<'p, 'a> {
    /// The files so far. What is streamed has no bytes here.
    pub(super) files: &'p [SourceFile<'a>],
    pub(super) window: &'a [u8],
    pub(super) kept: &'a Kept,
}

/// What the request and the response of a call both tell.
#[derive(Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) server: Option<&'a str>,
    pub(super) process: Option<u32>,
    pub(super) service: &'a str,
    pub(super) cid: Option<&'a str>,
}

impl<'a> Texts<'_, 'a> {
    /// The bytes of a record.
    pub(super) fn record(&self, stored: StoredIdentity) -> &'a [u8] {
        let Bytes { offset, length } = stored.record;
        let store = match stored.store {
            WINDOW => self.window,
            KEPT => return self.kept.text(offset, length),
            file => self.files[file as usize].bytes,
        };
        &store[offset..offset + length]
    }

    pub(super) fn identity(&self, stored: StoredIdentity) -> Identity<'a> {
        Identity {
            record: self.record(stored),
            ordinal: stored.ordinal,
        }
    }

    /// Keeps the bytes of a record, if they are in the window.
    pub(super) fn keep(&self, stored: &mut StoredIdentity) {
        if stored.store == WINDOW {
            stored.record.offset = self.kept.put(self.record(*stored));
            stored.store = KEPT;
        }
    }

    /// The request of an open call.
    pub(super) fn request(&self, open: &OpenCall) -> Side<'a> {
        Side {
            at: Place {
                file: self.files[open.file as usize].name,
                span: Span {
                    offset: open.offset,
                    length: open.identity.record.length,
                },
                line: open.line,
            },
            asctime: Asctime::from_bits(open.asctime),
            payload: Payload {
                text: open.payload.part_of(self.record(open.identity)),
                wording: open.wording(),
                is_cut_off: open.is_cut_off != 0,
            },
            is_ambiguous: open.is_ambiguous != 0,
            hints: Hints::from_bits(open.hints),
        }
    }

    /// A call with its request and response.
    pub(super) fn invocation(
        &self,
        open: &OpenCall,
        told: Told<'a>,
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
            service: told.service,
            cid: told.cid,
            server: told.server,
            process: told.process,
            thread: open.thread.part_of(self.record(open.identity)),
            request,
            response,
            parent: known(open.parent),
            rest,
            tree_started_at: Asctime::from_bits(open.tree_started_at),
        }
    }
}

impl Bytes {
    /// Where in a record a part of it stands.
    pub(super) fn of(part: &[u8], record: &[u8]) -> Self {
        let offset = part.as_ptr().addr().wrapping_sub(record.as_ptr().addr());
        Self {
            // What is empty stands nowhere.
            offset: if part.is_empty() { 0 } else { offset },
            length: part.len(),
        }
    }

    /// This part of a record.
    pub(super) fn part_of(self, record: &[u8]) -> &[u8] {
        &record[self.offset..self.offset + self.length]
    }
}
