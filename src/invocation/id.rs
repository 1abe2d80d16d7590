//! Tells one invocation from all others, wherever it is read.

use std::fmt;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::entry::called;

/// What an invocation's ID is made of. The ID itself takes reading the whole record, so it is made
/// when it is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity<'a> {
    /// The bytes of its first record.
    pub(super) record: &'a [u8],
    /// How many records that are equal to this one came shortly before it.
    pub(super) ordinal: u32,
}

/// In the place of an ordinal: the record is not at hand, and there are the bytes of the ID.
pub(super) const SAVED: u32 = u32::MAX;

impl<'a> Identity<'a> {
    /// The service that its first record names, where that record is at hand.
    #[must_use]
    pub fn service(self) -> Option<&'a str> {
        let (_, service) = called(self.record).filter(|_| !self.is_saved())?;
        Some(service)
    }

    /// Returns the ID: 64 bits of the record's bytes, so that it is the same after a rotation, on
    /// another machine, alone or in a set.
    #[must_use]
    pub fn id(self) -> InvocationId {
        if self.is_saved()
            && let Ok(id) = self.record.try_into()
        {
            return InvocationId(u64::from_ne_bytes(id));
        }
        let record = self.record.trim_ascii_end();
        InvocationId(xxh3_64_with_seed(record, u64::from(self.ordinal)))
    }

    /// Whether the record was read another time.
    pub(super) fn is_saved(self) -> bool {
        self.ordinal == SAVED
    }
}

/// An invocation's ID.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct InvocationId(pub(super) u64);

/// 16 hexadecimal digits.
impl fmt::Display for InvocationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", self.0)
    }
}

impl fmt::Debug for InvocationId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "InvocationId({self})")
    }
}
