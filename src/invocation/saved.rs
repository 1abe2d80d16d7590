//! Where the reading of a log has come to, as bytes: to go on from there another time, when the
//! bytes before may be gone.
//!
//! Of a call that is open, its ID is kept and what it is paired by, but nothing of its payload:
//! that holds secrets.

use bytemuck::{Pod, Zeroable};

use super::keys::Keys;

/// The state of a [`LogReader`](super::LogReader) before a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Saved {
    /// Where the record starts in its file, in bytes.
    pub offset: usize,
    /// The line that it starts in, from 1.
    pub line: usize,
    /// The calls that are open there.
    pub bytes: Vec<u8>,
}

/// What stands first.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct SavedHead {
    /// What the seed makes of something known: another version may make something else of it.
    pub(super) check: u64,
    pub(super) seed: u64,
    pub(super) calls: u64,
    pub(super) latest: u64,
    pub(super) earlier: u64,
    /// The latest time of all records.
    pub(super) newest: u64,
}

/// A call that is open. Those of a tree are in the order in which they were made.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct SavedCall {
    pub(super) id: u64,
    pub(super) parent: u64,
    pub(super) first_call: u64,
    pub(super) keys: Keys,
    pub(super) asctime: u64,
    pub(super) tree_started_at: u64,
    pub(super) in_tree: u8,
    pub(super) has_parent: u8,
    pub(super) has_first_call: u8,
    pub(super) is_rest_call: u8,
    pub(super) is_rest_wrapper: u8,
    pub(super) wording: u8,
    pub(super) unused: [u8; 2],
}

/// One of the latest records.
#[derive(Clone, Copy, Pod, Zeroable)]
#[repr(C)]
pub(super) struct SavedRecord {
    pub(super) hash: u64,
    pub(super) asctime: u64,
    pub(super) keys: Keys,
    pub(super) ordinal: u64,
}

/// The hash of a record that came before the latest ones, all with the same time.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
pub(super) struct SavedRepeat {
    pub(super) hash: u64,
    pub(super) ordinal: u64,
}

/// Takes the next value of some bytes, with the place where it stands.
pub(super) fn take<T: Pod>(bytes: &[u8], at: &mut usize) -> Option<(usize, T)> {
    let start = *at;
    let end = start.checked_add(size_of::<T>())?;
    let value = bytemuck::try_pod_read_unaligned(bytes.get(start..end)?).ok()?;
    *at = end;
    Some((start, value))
}
