//! Counts records that are equal byte for byte, so that each has an ID of its own.

use std::collections::VecDeque;

use super::keys::Keys;
use crate::entry::Asctime;

/// How many records are remembered. Equal ones are logged in the same millisecond, so that none is
/// farther from the one before.
const REMEMBERED: usize = 64;

/// The latest records.
#[derive(Debug, Default)]
pub(super) struct Repeats<'a> {
    seen: VecDeque<Seen<'a>>,
    newest: Option<Asctime>,
}

#[derive(Debug)]
struct Seen<'a> {
    asctime: Option<Asctime>,
    keys: Keys,
    record: &'a [u8],
}

impl<'a> Repeats<'a> {
    /// Returns how many records came shortly before that are equal to this one.
    pub(super) fn count(&mut self, keys: Keys, asctime: Option<Asctime>, record: &'a [u8]) -> u32 {
        let seen = Seen {
            asctime,
            keys,
            record: record.trim_ascii_end(),
        };
        // Most are newer than all others, and need no look at these.
        let count = if asctime > self.newest {
            self.newest = asctime;
            0
        } else {
            let is_equal = |other: &&Seen<'_>| {
                other.asctime == asctime && other.keys == keys && other.record == seen.record
            };
            self.seen.iter().filter(is_equal).count()
        };
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(seen);
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}
