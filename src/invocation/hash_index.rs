//! Finds the position of what has a hash: a table with open addressing that can leave memory.
//!
//! Hashes are 64 random bits. A slot holds 32 of them, which say where it belongs, and a position;
//! whether that is the one that is looked for, its caller says.

use crate::source::Spill;

/// Positions by hashes.
#[derive(Debug, Default)]
pub(super) struct HashIndex {
    /// Bits of the hash above, the position plus one below; zero where nothing is. As many as a
    /// power of two.
    slots: Spill<u64>,
    used: usize,
}

const SMALLEST: usize = 64;

impl HashIndex {
    /// Returns the position with this hash that `is_it` accepts.
    pub(super) fn get(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        position(self.slots[self.find(hash, is_it)?])
    }

    /// Puts a position in the place of the one with this hash that `is_it` accepts, and returns
    /// that; or beside the others.
    pub(super) fn replace(
        &mut self,
        hash: u64,
        new: u32,
        is_it: impl Fn(u32) -> bool,
    ) -> Option<u32> {
        let slot = (hash & TAG) | (u64::from(new) + 1);
        if let Some(at) = self.find(hash, is_it) {
            return position(std::mem::replace(&mut self.slots[at], slot));
        }
        if (self.used + 1) * 3 > self.slots.len() * 2 {
            self.grow();
        }
        self.put(slot);
        self.used += 1;
        None
    }

    /// Takes out the position with this hash that `is_it` accepts, and returns it.
    pub(super) fn remove(&mut self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<u32> {
        let mut hole = self.find(hash, is_it)?;
        let slots: &mut [u64] = &mut self.slots;
        let removed = position(slots[hole]);
        // Those behind it move up, so that none is cut off from the slot where it belongs.
        let last = slots.len() - 1;
        let mut at = hole;
        loop {
            at = (at + 1) & last;
            let slot = slots[at];
            if slot == 0 {
                break;
            }
            let distance = |from: usize| at.wrapping_sub(from) & last;
            if distance(home(slots, slot)) >= distance(hole) {
                slots[hole] = slot;
                hole = at;
            }
        }
        slots[hole] = 0;
        self.used -= 1;
        removed
    }

    /// Lets the system take the table out of memory until it is used again.
    pub(super) fn release(&mut self) {
        self.slots.release();
    }

    fn find(&self, hash: u64, is_it: impl Fn(u32) -> bool) -> Option<usize> {
        let slots: &[u64] = &self.slots;
        let last = slots.len().checked_sub(1)?;
        let mut at = home(slots, hash);
        loop {
            let slot = slots[at];
            let position = position(slot)?;
            if slot & TAG == hash & TAG && is_it(position) {
                return Some(at);
            }
            at = (at + 1) & last;
        }
    }

    fn put(&mut self, slot: u64) {
        let slots: &mut [u64] = &mut self.slots;
        let last = slots.len() - 1;
        let mut at = home(slots, slot);
        while slots[at] != 0 {
            at = (at + 1) & last;
        }
        slots[at] = slot;
    }

    #[cold]
    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(SMALLEST);
        let old = std::mem::replace(&mut self.slots, Spill::zeroed(size));
        old.iter()
            .filter(|slot| **slot != 0)
            .for_each(|slot| self.put(*slot));
    }
}

/// The slot where a hash belongs: the order of the slots is that of the hashes.
fn home(slots: &[u64], hash: u64) -> usize {
    let home = ((hash >> 32) * slots.len() as u64) >> 32;
    usize::try_from(home).expect("it is less than the number of slots")
}

const TAG: u64 = !0 << 32;

fn position(slot: u64) -> Option<u32> {
    u32::try_from(slot & !TAG).ok()?.checked_sub(1)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Few different hashes, so that many stand in each other's way.
        #[test]
        fn it_holds_what_a_map_holds(steps in proptest::collection::vec((0..4_u8, 0..40_u64), 0..400)) {
            let hash = |key: u64| (key / 3).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let (mut index, mut map) = (HashIndex::default(), HashMap::new());
            let mut keys: Vec<u64> = Vec::new();
            for (step, key) in steps {
                let is_it = |position: u32| keys[position as usize] == key;
                if step == 0 {
                    let removed = index.remove(hash(key), is_it);
                    prop_assert_eq!(removed, map.remove(&key));
                } else {
                    let position = u32::try_from(keys.len()).unwrap();
                    let before = index.replace(hash(key), position, is_it);
                    prop_assert_eq!(before, map.insert(key, position));
                    keys.push(key);
                }
                for key in 0..40 {
                    let found = index.get(hash(key), |position| keys[position as usize] == key);
                    prop_assert_eq!(found, map.get(&key).copied());
                }
            }
        }
    }
}
