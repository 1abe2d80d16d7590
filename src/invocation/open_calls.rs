//! Keeps the calls that have not been answered: a log can hold millions of them.
//!
//! They stand in the order of their requests, as plain numbers that say where in the log all else
//! is, so that they can leave memory. Two indexes lead to them: from the call tree to the innermost
//! call that is open in it, and from call tree and service to the latest one. Each call names the
//! one before it.

use bytemuck::{Pod, Zeroable};

use super::hash_index::HashIndex;
use super::keys::Keys;
use crate::source::Spill;

/// A call that has not been answered.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct OpenCall {
    pub(super) keys: Keys,
    pub(super) identity: StoredIdentity,
    /// The call that this one was made in; all zeros if there is none.
    pub(super) parent: StoredIdentity,
    /// The first call that was made in this one; all zeros if there is none.
    pub(super) first_call: StoredIdentity,
    pub(super) payload: Bytes,
    pub(super) thread: Bytes,
    /// The line that its request starts in, from 1.
    pub(super) line: u64,
    /// When it was made, and when the first call of its tree was; zero if that is not known.
    pub(super) asctime: u64,
    pub(super) tree_started_at: u64,
    pub(super) process: u32,
    /// The call around this one in the same tree. This and what follows without a word is set by
    /// [`OpenCalls`].
    pub(super) enclosing: u32,
    /// The call of the same tree and service before this one.
    pub(super) before: u32,
    pub(super) wording: u8,
    pub(super) is_cut_off: u8,
    pub(super) is_ambiguous: u8,
    pub(super) is_rest_call: u8,
    pub(super) is_rest_wrapper: u8,
    pub(super) state: u8,
    pub(super) unused: [u8; 6],
}

/// Some bytes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Bytes {
    pub(super) offset: u64,
    pub(super) length: u64,
}

/// An [`Identity`](super::Identity), with the number of the file that the record stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct StoredIdentity {
    pub(super) record: Bytes,
    pub(super) file: u32,
    pub(super) ordinal: u32,
}

const NONE: u32 = u32::MAX;

/// The states of a call.
const ANSWERED: u8 = 0;
const OPEN: u8 = 1;
/// A call around this one has been answered: it can still be answered, but nothing is made in it.
const LEFT: u8 = 2;
/// A call that stands in no tree.
const ALONE: u8 = 3;

/// So many places of answered calls are not worth taking out.
const FEW: usize = 256;

/// The calls of one server that have not been answered.
#[derive(Debug, Default)]
pub(super) struct OpenCalls {
    /// Answered ones among them, until they are half of all.
    calls: Spill<OpenCall>,
    answered: usize,
    innermost: HashIndex,
    latest: HashIndex,
}

impl OpenCalls {
    /// The innermost open call of a tree.
    pub(super) fn innermost(&mut self, tree: u64) -> Option<&mut OpenCall> {
        let position = self
            .innermost
            .get(tree, |at| self.calls[at as usize].keys.tree == tree)?;
        Some(&mut self.calls[position as usize])
    }

    /// Adds a call; `in_tree` tells whether others can be made in it.
    pub(super) fn open(&mut self, call: OpenCall, in_tree: bool) {
        let position = self.calls.len() as u32;
        self.calls.push(OpenCall {
            state: if in_tree { OPEN } else { ALONE },
            ..call
        });
        self.link(position);
    }

    /// Takes out the latest call with these keys.
    pub(super) fn answer(&mut self, keys: Keys) -> Option<OpenCall> {
        let Self {
            calls,
            innermost,
            latest,
            ..
        } = self;
        let position = latest.get(keys.call, |at| calls[at as usize].keys == keys)?;
        let call = calls[position as usize];
        let is_it = |at| at == position;
        if call.before == NONE {
            latest.remove(keys.call, is_it);
        } else {
            latest.replace(keys.call, call.before, is_it);
        }
        if call.state == OPEN {
            let mut inner =
                innermost.get(keys.tree, |at| calls[at as usize].keys.tree == keys.tree);
            while let Some(at) = inner.filter(|&at| at != position && at != NONE) {
                calls[at as usize].state = LEFT;
                inner = Some(calls[at as usize].enclosing);
            }
            let is_of_tree = |at: u32| calls[at as usize].keys.tree == keys.tree;
            if call.enclosing == NONE {
                innermost.remove(keys.tree, is_of_tree);
            } else {
                innermost.replace(keys.tree, call.enclosing, is_of_tree);
            }
        }
        calls[position as usize].state = ANSWERED;
        self.answered += 1;
        if self.answered >= FEW && self.answered * 2 > self.calls.len() {
            self.compact();
        }
        Some(call)
    }

    /// The open call at this position or the first one behind it, with the position behind that.
    pub(super) fn next_open(&self, position: usize) -> Option<(&OpenCall, usize)> {
        let rest = self.calls.get(position..)?;
        let at = rest.iter().position(|call| call.state != ANSWERED)?;
        Some((&rest[at], position + at + 1))
    }

    /// Lets the system take what is not in memory out of its caches too.
    pub(super) fn release(&mut self) {
        self.calls.release();
        self.innermost.release();
        self.latest.release();
    }

    /// Makes the call at this position, the last one, the latest of its keys and tree.
    fn link(&mut self, position: u32) {
        let Self {
            calls,
            innermost,
            latest,
            ..
        } = self;
        let OpenCall { keys, state, .. } = calls[position as usize];
        let before = latest.replace(keys.call, position, |at| calls[at as usize].keys == keys);
        let enclosing = if state == OPEN {
            innermost.replace(keys.tree, position, |at| {
                calls[at as usize].keys.tree == keys.tree
            })
        } else {
            None
        };
        let call = &mut calls[position as usize];
        call.before = before.unwrap_or(NONE);
        call.enclosing = enclosing.unwrap_or(NONE);
    }

    /// Takes out the places of answered calls.
    fn compact(&mut self) {
        self.innermost = HashIndex::default();
        self.latest = HashIndex::default();
        let mut kept = 0;
        for at in 0..self.calls.len() {
            if self.calls[at].state != ANSWERED {
                self.calls[kept] = self.calls[at];
                self.link(kept as u32);
                kept += 1;
            }
        }
        self.calls.truncate(kept);
        self.answered = 0;
    }
}
