//! What requests and responses are paired by, as numbers.

use std::hash::{BuildHasher as _, RandomState};

use bytemuck::{Pod, Zeroable};
use foldhash::quality::FixedState;

use crate::entry::Record;

/// The form in which keys are saved, with all else. Another one has another number.
const SAVED_FORM: u32 = 2;

/// The hashes of what a record of a call is paired by.
///
/// Two calls with equal hashes are taken for one another's: with seeds that are drawn anew each
/// time, that happens once in more than 100,000 logs with ten million open calls each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
#[repr(C)]
pub(super) struct Keys {
    /// Of the process and the CID: the call tree.
    pub(super) tree: u64,
    /// Of the call tree and the service.
    pub(super) call: u64,
}

/// Makes [`Keys`]: in the threads that read the records, whose text is at hand there.
#[derive(Debug)]
pub(super) struct KeyMaker {
    hashes: FixedState,
    pub(super) seed: u64,
}

impl Default for KeyMaker {
    fn default() -> Self {
        Self::with_seed(RandomState::new().hash_one(()))
    }
}

impl KeyMaker {
    /// Makes the same keys as any other with this seed.
    pub(super) fn with_seed(seed: u64) -> Self {
        Self {
            hashes: FixedState::with_seed(seed),
            seed,
        }
    }

    /// A number that tells whether the same seed makes the same keys, and what was saved is read alike.
    pub(super) fn check(&self) -> u64 {
        self.hashes.hash_one((Some(SAVED_FORM), Some("zalog")))
    }

    /// The keys of a record, if it is that of a call.
    pub(super) fn keys(&self, record: &Record<'_>) -> Option<Keys> {
        let (header, call) = record.call()?;
        let process = header.map(|header| header.process);
        let tree = self.hashes.hash_one((process, call.cid));
        let call = self.hashes.hash_one((tree, call.service));
        Some(Keys { tree, call })
    }
}
