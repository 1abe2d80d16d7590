//! Keeps values that may be many out of memory, and gives them back in the order of their keys.

use std::cmp::Ordering;
use std::marker::PhantomData;
use std::ops::Range;

use bytemuck::{Pod, Zeroable};
use rayon::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::source::{Kept, Spill};

/// How many values a thread reads at the least.
const VALUES_A_THREAD: usize = 64;

/// Values as JSON, in memory while they are few, then in temporary files. A value takes 32 bytes
/// besides, which can leave memory too.
#[derive(Debug)]
pub struct Shelf<T> {
    texts: Kept,
    places: Spill<Place>,
    /// Where the next text is written.
    written: Vec<u8>,
    kind: PhantomData<T>,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, Pod, Zeroable)]
#[repr(C)]
struct Place {
    key: i64,
    /// The order of values whose keys are equal.
    nth: u64,
    start: u64,
    length: u64,
}

impl<T> Default for Shelf<T> {
    fn default() -> Self {
        Self {
            texts: Kept::default(),
            places: Spill::default(),
            written: Vec::new(),
            kind: PhantomData,
        }
    }
}

impl<T: Serialize + DeserializeOwned> Shelf<T> {
    /// Keeps a value.
    pub(super) fn put(&mut self, key: i64, value: &T) {
        self.written.clear();
        serde_json::to_writer(&mut self.written, value)
            .expect("keys are text, so that it has a JSON form");
        let start = self.texts.put(&self.written) as u64;
        self.places.push(Place {
            key,
            nth: self.places.len() as u64,
            start,
            length: self.written.len() as u64,
        });
    }

    /// Puts the values in the order of their keys. Those with the same key stay as they came.
    pub(super) fn sort(&mut self) {
        let order = |one: &Place, other: &Place| -> Ordering {
            (one.key, one.nth).cmp(&(other.key, other.nth))
        };
        self.places.sort_unstable_by(order);
    }

    /// How many values there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns the key of a value by its number from 0.
    pub(super) fn key(&self, nth: usize) -> Option<i64> {
        self.places.get(nth).map(|place| place.key)
    }

    /// Returns a value by its number from 0.
    #[must_use]
    pub fn get(&self, nth: usize) -> Option<T> {
        self.text(nth).map(read)
    }

    /// Returns the values in a range of numbers, which all threads read.
    #[must_use]
    pub fn range(&self, numbers: Range<usize>) -> Vec<T>
    where
        T: Send,
    {
        let texts: Vec<&[u8]> = numbers.filter_map(|nth| self.text(nth)).collect();
        let texts = texts.into_par_iter().with_min_len(VALUES_A_THREAD);
        texts.map(read).collect()
    }

    fn text(&self, nth: usize) -> Option<&[u8]> {
        let place = self.places.get(nth)?;
        let number = |number: u64| usize::try_from(number).expect("it was one before");
        Some(self.texts.text(number(place.start), number(place.length)))
    }

    /// Returns the values in their order.
    pub fn iter(&self) -> impl Iterator<Item = T> {
        (0..self.len()).filter_map(|nth| self.get(nth))
    }
}

fn read<T: DeserializeOwned>(text: &[u8]) -> T {
    serde_json::from_slice(text).expect("it was written by `put`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back_in_the_order_of_their_keys() {
        let mut shelf = Shelf::default();
        for (key, value) in [(3, "c"), (1, "a"), (3, "d"), (2, "b")] {
            shelf.put(key, &value.to_owned());
        }
        shelf.sort();
        assert_eq!(shelf.iter().collect::<Vec<String>>(), ["a", "b", "c", "d"]);
        assert_eq!((shelf.len(), shelf.get(4)), (4, None));
        assert_eq!(shelf.range(1..9), ["b", "c", "d"]);
    }
}
