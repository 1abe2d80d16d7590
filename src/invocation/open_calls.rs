//! Keeps the calls that have not been answered: a log can hold millions of them.
//!
//! There can be four billion of them. They are plain numbers that say where in the log all else is,
//! so that they can leave memory. Two
//! indexes lead to them: from the call tree to the innermost call that is open in it, and from call
//! tree and service to the latest one. Each call names the one before it.

use bytemuck::{Pod, Zeroable};

use super::hash_index::HashIndex;
use super::keys::Keys;
use super::texts::{Bytes, StoredIdentity};
use crate::entry::Wording;
use crate::source::Spill;

/// A call that has not been answered.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct OpenCall {
    pub(super) keys: Keys,
    /// When it was made, and when the first call of its tree was; zero if that is not known.
    pub(super) asctime: u64,
    pub(super) tree_started_at: u64,
    pub(super) identity: StoredIdentity,
    /// The IDs of this call, its parent and its first call, where they are remembered; else zero.
    pub(super) id: u64,
    pub(super) parent_id: u64,
    pub(super) first_call_id: u64,
    /// The call that this one was made in; all zeros if there is none.
    pub(super) parent: StoredIdentity,
    /// The first call that was made in this one; all zeros if there is none.
    pub(super) first_call: StoredIdentity,
    /// These are parts of its record.
    pub(super) payload: Bytes,
    pub(super) thread: Bytes,
    /// Empty if there is none.
    pub(super) cid: Bytes,
    /// Where in its file its record stands.
    pub(super) offset: usize,
    /// The line that its request starts in, from 1.
    pub(super) line: usize,
    /// The call around this one in the same tree. This, `before` and `state` are for [`OpenCalls`].
    pub(super) enclosing: u32,
    /// The call of the same tree and service before this one, or the next free place.
    pub(super) before: u32,
    pub(super) file: u32,
    pub(super) wording: u8,
    pub(super) is_cut_off: u8,
    pub(super) is_ambiguous: u8,
    pub(super) is_rest_call: u8,
    pub(super) is_rest_wrapper: u8,
    pub(super) state: u8,
    /// [`Hints`](crate::entry::Hints) of its request.
    pub(super) hints: u16,
    pub(super) unused: [u8; 4],
}

impl OpenCall {
    /// Whether others can be made in it.
    pub(super) fn is_in_tree(&self) -> bool {
        self.state == OPEN
    }

    /// How its request is worded. What was saved by another version may be worded in no known way.
    pub(super) fn wording(&self) -> Wording {
        Wording::ALL[usize::from(self.wording) % Wording::ALL.len()]
    }
}

/// The place of no call.
const NONE: u32 = u32::MAX;

/// A place that is free.
const FREE: u8 = 0;
/// A call in which others can be made.
const OPEN: u8 = 1;
/// A call that can be answered, but nothing is made in it: a call around it has been answered, or
/// it stands in no tree.
const LEFT: u8 = 2;

/// The calls of one server that have not been answered.
#[derive(Debug)]
pub(super) struct OpenCalls {
    calls: Spill<OpenCall>,
    /// The first free place.
    free: u32,
    innermost: HashIndex,
    latest: HashIndex,
}

impl Default for OpenCalls {
    fn default() -> Self {
        Self {
            calls: Spill::default(),
            free: NONE,
            innermost: HashIndex::default(),
            latest: HashIndex::default(),
        }
    }
}

impl OpenCalls {
    /// The innermost open call of a tree.
    pub(super) fn innermost(&self, tree: u64) -> Option<OpenCall> {
        let is_of_tree = |place: u32| self.calls[place as usize].keys.tree == tree;
        let place = self.innermost.get(tree, is_of_tree)?;
        Some(self.calls[place as usize])
    }

    /// Adds a call. If it stands in a tree, others can be made in it, and `adopt` gets the call that
    /// it was made in, with the call itself. Returns the places of both.
    pub(super) fn open(
        &mut self,
        mut call: OpenCall,
        in_tree: bool,
        adopt: impl FnOnce(&mut OpenCall, &mut OpenCall),
    ) -> (u32, Option<u32>) {
        let Self {
            calls,
            free,
            innermost,
            latest,
        } = self;
        let keys = call.keys;
        let place = match *free {
            NONE => u32::try_from(calls.len())
                .ok()
                .filter(|&place| place != NONE)
                .expect("fewer than 2^32 - 1 calls are open"),
            place => place,
        };
        let before = latest.replace(keys.call, place, |at| calls[at as usize].keys == keys);
        call.before = before.unwrap_or(NONE);
        call.state = LEFT;
        let mut enclosing = None;
        if in_tree {
            let is_of_tree = |at: u32| calls[at as usize].keys.tree == keys.tree;
            enclosing = innermost.replace(keys.tree, place, is_of_tree);
            if let Some(enclosing) = enclosing {
                adopt(&mut calls[enclosing as usize], &mut call);
            }
            call.state = OPEN;
        }
        call.enclosing = enclosing.unwrap_or(NONE);
        if *free == NONE {
            calls.push(call);
        } else {
            let free_place = &mut calls[place as usize];
            *free = free_place.before;
            *free_place = call;
        }
        (place, enclosing)
    }

    /// Takes out the latest call with these keys.
    pub(super) fn answer(&mut self, keys: Keys) -> Option<OpenCall> {
        let Self {
            calls,
            free,
            innermost,
            latest,
        } = self;
        let place = latest.remove(keys.call, |at| calls[at as usize].keys == keys)?;
        let call = calls[place as usize];
        if call.before != NONE {
            latest.replace(keys.call, call.before, |_| false);
        }
        if call.state == OPEN {
            let is_of_tree = |at: u32| calls[at as usize].keys.tree == keys.tree;
            let mut inner = innermost.remove(keys.tree, is_of_tree).unwrap_or(place);
            if call.enclosing != NONE {
                innermost.replace(keys.tree, call.enclosing, |_| false);
            }
            // What was called in it and has not answered is over with it.
            while inner != place {
                let left = &mut calls[inner as usize];
                left.state = LEFT;
                inner = left.enclosing;
            }
        }
        let place_of_call = &mut calls[place as usize];
        place_of_call.state = FREE;
        place_of_call.before = *free;
        *free = place;
        Some(call)
    }

    /// The places of the calls that are open, in the order of their requests.
    pub(super) fn places(&self) -> Spill<u32> {
        let mut places = Spill::default();
        for (place, call) in (0..).zip(self.calls.iter()) {
            if call.state != FREE {
                places.push(place);
            }
        }
        places.sort_unstable_by_key(|&place| {
            let OpenCall { file, offset, .. } = self.calls[place as usize];
            (file, offset)
        });
        places
    }

    /// The call at one of the [`places`](Self::places).
    pub(super) fn at(&self, place: u32) -> &OpenCall {
        &self.calls[place as usize]
    }

    /// The call at a place that was returned, if it has not been answered.
    pub(super) fn at_mut(&mut self, place: u32) -> Option<&mut OpenCall> {
        let call = &mut self.calls[place as usize];
        (call.state != FREE).then_some(call)
    }

    /// Lets the system take what is kept in files out of memory until it is used again.
    pub(super) fn release(&mut self) {
        self.calls.release();
        self.innermost.release();
        self.latest.release();
    }
}
