//! Counts records that are equal byte for byte, so that each has an ID of its own.

use std::collections::VecDeque;

use super::keys::Keys;
use crate::entry::Asctime;

/// How many records are remembered. Servers log equal ones in the same millisecond; those that are
/// farther from each other, such as a log that was appended to itself, share their IDs.
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
    /// With the white space at its end, which does not count: what is not compared is not read
    /// from memory again.
    record: &'a [u8],
    ordinal: u32,
}

impl<'a> Repeats<'a> {
    /// Returns how many records came shortly before that are equal to this one.
    pub(super) fn count(&mut self, keys: Keys, asctime: Option<Asctime>, record: &'a [u8]) -> u32 {
        // Most are newer than all others, and need no look at these.
        let ordinal = if asctime > self.newest {
            self.newest = asctime;
            0
        } else {
            let is_equal = |other: &&Seen<'_>| {
                other.asctime == asctime
                    && other.keys == keys
                    && other.record.trim_ascii_end() == record.trim_ascii_end()
            };
            let last = self.seen.iter().rev().find(is_equal);
            last.map_or(0, |last| last.ordinal.saturating_add(1))
        };
        if self.seen.len() == REMEMBERED {
            self.seen.pop_front();
        }
        self.seen.push_back(Seen {
            asctime,
            keys,
            record,
            ordinal,
        });
        ordinal
    }
}
