//! Counts records that are equal byte for byte, so that each has an ID of its own.

use std::collections::HashMap;

use foldhash::fast::FixedState;
use xxhash_rust::xxh3::xxh3_64;

use super::keys::Keys;
use crate::entry::Asctime;

/// How many calls are remembered. Equal records are logged in the same millisecond.
const REMEMBERED: usize = 1 << 12;

/// The latest records.
#[derive(Debug, Default)]
pub(super) struct Repeats<'a> {
    seen: Generation<'a>,
    seen_before: Generation<'a>,
}

/// Each record by what tells it from most others, with how often it has been seen.
type Generation<'a> = HashMap<(u64, Option<Asctime>, usize), (&'a [u8], u32), FixedState>;

impl<'a> Repeats<'a> {
    /// Returns how many records came shortly before that are equal to this one.
    pub(super) fn count(&mut self, keys: Keys, asctime: Option<Asctime>, record: &'a [u8]) -> u32 {
        let record = record.trim_ascii_end();
        if self.seen.len() >= REMEMBERED {
            std::mem::swap(&mut self.seen, &mut self.seen_before);
            self.seen.clear();
        }
        self.count_by(keys.call, asctime, record)
            // Another payload of the same length, in the same millisecond.
            .or_else(|| self.count_by(xxh3_64(record), asctime, record))
            .unwrap_or(0)
    }

    fn count_by(&mut self, hash: u64, asctime: Option<Asctime>, record: &'a [u8]) -> Option<u32> {
        let key = (hash, asctime, record.len());
        let before = self.seen_before.get(&key).copied();
        let (first, count) = self
            .seen
            .entry(key)
            .or_insert_with(|| before.unwrap_or((record, 0)));
        if *count > 0 && *first != record {
            return None;
        }
        *count += 1;
        Some(*count - 1)
    }
}
