//! Where something stands in a payload, as a number.
//!
//! The number of a path is the hash of its last key on top of the number of the path to there, so
//! that going down takes one hash a key. Two paths with one number are taken for one another: of
//! a million different ones, two are the same once in 40 million indexes.

use xxhash_rust::xxh3::xxh3_64_with_seed;

use crate::entry::Direction;
use crate::query::{Path, Step};

/// A path, whatever stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PathHash(u64);

/// Some number in the line is written in another way than [`canonical_number`] would.
///
/// [`canonical_number`]: crate::query::canonical_number
pub(super) const ODD_NUMBER: u64 = 0;

impl PathHash {
    /// The payload itself.
    pub(super) fn root(side: Direction) -> Self {
        Self(match side {
            Direction::Request => 0x9e37_79b9_7f4a_7c15,
            Direction::Response => 0xc2b2_ae3d_27d4_eb4f,
        })
    }

    /// The path behind a key: each part of it between dots is a step.
    pub(super) fn key(self, key: &str) -> Self {
        key.split('.').fold(self, Self::step)
    }

    /// Something stands there.
    pub(super) fn exists(self) -> u64 {
        self.0
    }

    /// `null` stands there.
    pub(super) fn null(self) -> u64 {
        self.0.wrapping_add(1)
    }

    /// `true` or `false` stands there.
    pub(super) fn truth(self, truth: bool) -> u64 {
        self.0.wrapping_add(if truth { 2 } else { 3 })
    }

    /// A number stands there that is written so by [`canonical_number`].
    ///
    /// [`canonical_number`]: crate::query::canonical_number
    pub(super) fn number(self, canonical: &str) -> u64 {
        xxh3_64_with_seed(canonical.as_bytes(), self.0.wrapping_add(4))
    }

    /// A text with this word stands there.
    pub(super) fn word(self, word: &str) -> u64 {
        xxh3_64_with_seed(word.as_bytes(), self.0.wrapping_add(5))
    }

    fn step(self, part: &str) -> Self {
        Self(xxh3_64_with_seed(part.as_bytes(), self.0))
    }
}

/// The number of a path that is made of keys alone. A key that may be the number of an item is
/// none of these.
pub(super) fn hash_of(path: &Path) -> Option<PathHash> {
    path.steps
        .iter()
        .try_fold(PathHash::root(path.side), |hash, step| match step {
            Step::Key(key) if key.starts_with(|c: char| c.is_ascii_digit()) => None,
            // A key with a dot is no step of any path.
            Step::Key(key) => Some(hash.step(key)),
            Step::One | Step::Any => None,
        })
}
