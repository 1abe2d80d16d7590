//! Counts records that are equal byte for byte, so that each has an ID of its own.

use std::collections::VecDeque;
use std::num::NonZeroUsize;

use lru::LruCache;
use xxhash_rust::xxh3::xxh3_64;

use super::keys::Keys;
use super::saved::{SavedRecord, SavedRepeat};
use crate::entry::Asctime;

/// How many records are remembered, whatever their times: servers log equal ones in the same
/// millisecond. Those that are farther from each other, such as a log that was appended to itself, share
/// their IDs.
const REMEMBERED: usize = 64;

/// How many are remembered beside these that have one and the same time, or none.
const OF_ONE_TIME: NonZeroUsize = NonZeroUsize::new(1 << 16).unwrap();

/// The latest records.
#[derive(Debug, Default)]
pub(super) struct Repeats<'a> {
    seen: VecDeque<Seen<'a>>,
    newest: Option<Asctime>,
    /// The hashes of records behind which so many others of the same time came that they are not among
    /// the latest, with their ordinals.
    earlier: Option<LruCache<u64, u32>>,
}

#[derive(Debug)]
struct Seen<'a> {
    asctime: Option<Asctime>,
    keys: Keys,
    /// With the white space at its end, which does not count: what is not compared is not read
    /// from memory again.
    record: Text<'a>,
    ordinal: u32,
}

/// The bytes of a record. The white space at its end does not count.
#[derive(Clone, Copy, Debug)]
enum Text<'a> {
    AtHand(&'a [u8]),
    /// The hash of bytes that are gone.
    Gone(u64),
}

impl Text<'_> {
    fn is(self, record: &[u8]) -> bool {
        match self {
            Self::AtHand(text) => text.trim_ascii_end() == record,
            Self::Gone(hash) => hash == xxh3_64(record),
        }
    }

    fn hash(self) -> u64 {
        match self {
            Self::AtHand(text) => xxh3_64(text.trim_ascii_end()),
            Self::Gone(hash) => hash,
        }
    }
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
                    && other.record.is(record.trim_ascii_end())
            };
            let last = self
                .seen
                .iter()
                .rev()
                .find(is_equal)
                .map(|last| last.ordinal);
            let last = last.or_else(|| {
                let earlier = self.earlier.as_ref()?;
                earlier.peek(&xxh3_64(record.trim_ascii_end())).copied()
            });
            last.map_or(0, |last| last.saturating_add(1))
        };
        if self.seen.len() == REMEMBERED
            && let Some(oldest) = self.seen.pop_front()
            && oldest.asctime == asctime
        {
            self.remember(oldest.record.hash(), oldest.ordinal);
        }
        self.seen.push_back(Seen {
            asctime,
            keys,
            record: Text::AtHand(record),
            ordinal,
        });
        ordinal
    }

    /// The latest time of all records, and the latest records.
    pub(super) fn save(&self) -> (u64, impl ExactSizeIterator<Item = SavedRecord>) {
        let newest = self.newest.map_or(0, Asctime::to_bits);
        let records = self.seen.iter().map(|seen| SavedRecord {
            hash: seen.record.hash(),
            asctime: seen.asctime.map_or(0, Asctime::to_bits),
            keys: seen.keys,
            ordinal: seen.ordinal.into(),
        });
        (newest, records)
    }

    /// What is remembered beside [these](Self::save), the oldest first.
    pub(super) fn save_earlier(&self) -> Vec<SavedRepeat> {
        let earlier = self.earlier.iter().flat_map(|earlier| earlier.iter().rev());
        let saved = earlier.map(|(&hash, &ordinal)| SavedRepeat {
            hash,
            ordinal: ordinal.into(),
        });
        saved.collect()
    }

    /// What was [saved](Self::save).
    pub(super) fn resume(newest: u64, records: &[SavedRecord], repeats: &[SavedRepeat]) -> Self {
        let seen = records.iter().map(|saved| Seen {
            asctime: Asctime::from_bits(saved.asctime),
            keys: saved.keys,
            record: Text::Gone(saved.hash),
            ordinal: u32::try_from(saved.ordinal).unwrap_or(u32::MAX),
        });
        let mut resumed = Self {
            seen: seen.collect(),
            newest: Asctime::from_bits(newest),
            earlier: None,
        };
        for repeat in repeats {
            let ordinal = u32::try_from(repeat.ordinal).unwrap_or(u32::MAX);
            resumed.remember(repeat.hash, ordinal);
        }
        resumed
    }

    /// Remembers a record that is not among the latest.
    fn remember(&mut self, hash: u64, ordinal: u32) {
        self.earlier
            .get_or_insert_with(|| LruCache::new(OF_ONE_TIME))
            .put(hash, ordinal);
    }

    /// Goes on without the bytes of the records so far.
    pub(super) fn leave(self) -> Repeats<'static> {
        let gone = |seen: Seen<'a>| Seen {
            asctime: seen.asctime,
            keys: seen.keys,
            record: Text::Gone(seen.record.hash()),
            ordinal: seen.ordinal,
        };
        Repeats {
            seen: self.seen.into_iter().map(gone).collect(),
            newest: self.newest,
            earlier: self.earlier,
        }
    }
}

#[cfg(test)]
mod tests {
    use bytemuck::Zeroable as _;

    use super::*;

    const ONE: &[u8] = b"one ";

    fn count(repeats: &mut Repeats<'static>, time: &str, record: &'static [u8]) -> u32 {
        let asctime = Asctime::at_start_of(time.as_bytes());
        repeats.count(Keys::zeroed(), asctime, record)
    }

    #[test]
    fn equal_records_are_numbered_until_they_are_far_apart() {
        let (time, later) = ("2018-11-11 22:01:57,123", "2018-11-11 22:01:57,124");
        let mut repeats = Repeats::default();
        assert_eq!(count(&mut repeats, time, ONE), 0);
        // White space at the end does not count.
        assert_eq!(count(&mut repeats, time, b"one"), 1);
        assert_eq!(count(&mut repeats, time, b"other"), 0);
        assert_eq!(count(&mut repeats, later, b"later"), 0);
        assert_eq!(count(&mut repeats, later, b"later"), 1);
        assert_eq!(count(&mut repeats, time, ONE), 2);
        for _ in 0..REMEMBERED {
            count(&mut repeats, later, b"other");
        }
        assert_eq!(count(&mut repeats, time, ONE), 0);
    }

    #[test]
    fn equal_records_of_one_time_are_numbered_however_many_stand_between() {
        let time = "2018-11-11 22:01:57,123";
        for time in [time, "no time"] {
            let mut repeats = Repeats::default();
            for ordinal in 0..3 {
                assert_eq!(count(&mut repeats, time, ONE), ordinal, "{time}");
                for _ in 0..2 * REMEMBERED {
                    count(&mut repeats, time, b"other");
                }
            }
        }
    }

    #[test]
    fn so_many_are_forgotten_again() {
        let mut repeats = Repeats::default();
        for _ in 0..2 {
            for nth in 0..=OF_ONE_TIME.get() + REMEMBERED {
                let record = nth.to_string().leak().as_bytes();
                assert_eq!(count(&mut repeats, "no time", record), 0);
            }
        }
        let remembered = repeats.earlier.map(|earlier| earlier.len());
        assert_eq!(remembered, Some(OF_ONE_TIME.get()));
    }

    #[test]
    fn what_was_saved_goes_on_as_it_was() {
        let time = "2018-11-11 22:01:57,123";
        for between in [0, 2 * REMEMBERED] {
            let started = || {
                let mut repeats = Repeats::default();
                count(&mut repeats, time, ONE);
                count(&mut repeats, time, ONE);
                for _ in 0..between {
                    count(&mut repeats, time, b"between");
                }
                repeats
            };
            let before = started();
            let (newest, records) = before.save();
            let records: Vec<SavedRecord> = records.collect();
            let resumed = Repeats::resume(newest, &records, &before.save_earlier());
            for mut repeats in [resumed, started().leave()] {
                assert_eq!(count(&mut repeats, time, b"other"), 0);
                assert_eq!(count(&mut repeats, time, ONE), 2);
            }
        }
    }
}
