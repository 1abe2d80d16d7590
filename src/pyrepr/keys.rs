//! Knows the keys of dicts again, with one comparison and without looking for their ends.
//!
//! The rows of a list repeat their keys in one order, and so do the payloads of a service: which
//! key comes next is mostly known, with its quotes and its colon and with what JSON writes for it.

use std::collections::HashMap;

/// The longest key that is known again, in bytes, with its quotes, its colon and a space. Some
/// fields of Zato have 31.
pub(super) const LONGEST_KEY: usize = 48;

/// What stands around a key in JSON: a comma, quotes and a colon.
const JSON_AROUND: usize = 4;

/// How many keys are known at once: more than any mix of services has; dicts that are made of data
/// have any number.
const MOST_KEYS: usize = 1024;

/// Keys that have been read, and which of them came behind each other.
#[derive(Debug, Default)]
pub(crate) struct Keys {
    known: Vec<Key>,
    places: HashMap<Box<[u8]>, usize>,
    last: usize,
}

/// A key whose value needs no care.
#[derive(Debug)]
pub(super) struct Key {
    /// The bytes of the key, and ones where there are any.
    bytes: [u64; LONGEST_KEY / 8],
    mask: [u64; LONGEST_KEY / 8],
    pub(super) length: usize,
    /// The key in JSON, between a comma and its colon.
    json: [u8; 1 + LONGEST_KEY],
    json_length: usize,
    /// Whether its value may be the name of another value in the same dict.
    pub(super) gives_name: bool,
    /// The places of the keys that came behind this one, the last first.
    next: [usize; 2],
}

impl Keys {
    /// Returns the place of the key that stands at the start of `input`, if that is likely there.
    #[inline]
    pub(super) fn find(&self, input: &[u8]) -> Option<usize> {
        let words = words(input.first_chunk()?);
        let next = self.known.get(self.last)?.next;
        next.into_iter()
            .find(|&nth| self.known.get(nth).is_some_and(|key| key.is(&words)))
    }

    /// Takes the key at this place for the last that was read.
    #[inline]
    pub(super) fn pass(&mut self, place: usize) -> Option<&Key> {
        self.last = place;
        self.known.get(place)
    }

    /// Takes a key for the last that was read: `raw` is all of it, from its quote to its value, and
    /// `name` is its inside, which must be plain.
    pub(super) fn learn(&mut self, raw: &[u8], name: &str, gives_name: bool) {
        // In JSON it may be longer by its comma, where no space stands behind its colon.
        if raw.len() > LONGEST_KEY || name.len() + JSON_AROUND > LONGEST_KEY {
            return;
        }
        let place = match self.places.get(raw) {
            Some(&place) => place,
            None => self.add(raw, name, gives_name),
        };
        if let Some(last) = self.known.get_mut(self.last)
            && last.next[0] != place
        {
            last.next = [place, last.next[0]];
        }
        self.last = place;
    }

    fn add(&mut self, raw: &[u8], name: &str, gives_name: bool) -> usize {
        if self.known.len() == MOST_KEYS {
            *self = Self::default();
        }
        let place = self.known.len();
        let mut bytes = [0; LONGEST_KEY];
        bytes[..raw.len()].copy_from_slice(raw);
        let mut mask = [0; LONGEST_KEY];
        mask[..raw.len()].fill(u8::MAX);
        let mut json = [0; 1 + LONGEST_KEY];
        let text = [b",\"", name.as_bytes(), b"\":"].concat();
        json[..text.len()].copy_from_slice(&text);
        self.known.push(Key {
            bytes: words(&bytes),
            mask: words(&mask),
            length: raw.len(),
            json,
            json_length: text.len(),
            gives_name,
            next: [place; 2],
        });
        self.places.insert(raw.into(), place);
        place
    }
}

impl Key {
    #[inline]
    fn is(&self, words: &[u64; LONGEST_KEY / 8]) -> bool {
        let mut other = 0;
        for (nth, word) in words.iter().enumerate() {
            other |= (word ^ self.bytes[nth]) & self.mask[nth];
        }
        other == 0
    }

    /// Writes the key in JSON. All of its memory is copied, which takes fewer steps than its length
    /// would.
    #[inline]
    pub(super) fn write(&self, has_comma: bool, out: &mut Vec<u8>) {
        let without = usize::from(!has_comma);
        let start = out.len();
        if let Some(json) = self.json[without..].first_chunk::<LONGEST_KEY>() {
            out.extend_from_slice(json);
        }
        out.truncate(start + self.json_length - without);
    }
}

fn words(bytes: &[u8; LONGEST_KEY]) -> [u64; LONGEST_KEY / 8] {
    let (chunks, _) = bytes.as_chunks::<8>();
    std::array::from_fn(|nth| u64::from_le_bytes(chunks[nth]))
}
