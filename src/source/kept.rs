//! Keeps texts that outlive the window that they were read in: behind each other, in memory while
//! they are few, then in temporary files that are mapped, so that the system can take them out of
//! memory.

use std::cell::RefCell;

use memmap2::{MmapMut, MmapRaw};

use super::spill::zeros_in_file;

/// How many bytes are kept in memory.
const IN_MEMORY: usize = 1 << 20;

/// Texts, which stay where they are as long as this lives.
#[derive(Debug, Default)]
pub struct Kept(RefCell<Vec<Block>>);

/// Room for texts: nothing in it moves or is written twice.
#[derive(Debug)]
struct Block {
    /// The place of its first byte among those of all blocks.
    start: usize,
    used: usize,
    room: MmapRaw,
}

impl Kept {
    /// Puts a text behind the others. Returns its place.
    #[expect(unsafe_code, reason = "texts before this one may be in use meanwhile")]
    pub fn put(&self, text: &[u8]) -> usize {
        let mut blocks = self.0.borrow_mut();
        let has_room = |block: &Block| block.room.len() - block.used >= text.len();
        if !blocks.last().is_some_and(has_room) {
            let start = blocks
                .last()
                .map_or(0, |block| block.start + block.room.len());
            blocks.push(Block::new(start, text.len()));
        }
        let Some(block) = blocks.last_mut() else {
            return 0;
        };
        // SAFETY: the block has room for the text behind what is used of it.
        let free = unsafe { block.room.as_mut_ptr().add(block.used) };
        // SAFETY: nobody has a reference to what is not used yet.
        unsafe { free.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        let place = block.start + block.used;
        block.used += text.len();
        place
    }

    /// Returns so many bytes of the text at `place`.
    #[must_use]
    #[expect(unsafe_code, reason = "blocks are added while this text is in use")]
    pub fn text(&self, place: usize, length: usize) -> &[u8] {
        let blocks = self.0.borrow();
        let after = blocks.partition_point(|block| block.start <= place);
        let Some(block) = after.checked_sub(1).map(|last| &blocks[last]) else {
            return &[];
        };
        let at = place - block.start;
        assert!(at + length <= block.used, "a text is inside its block");
        // SAFETY: the bytes are inside the block.
        let start = unsafe { block.room.as_ptr().add(at) };
        // SAFETY: they have been written and will not be again; a map stays where it is when its
        // block is moved, and no block is dropped before `self` is.
        unsafe { std::slice::from_raw_parts(start, length) }
    }
}

impl Block {
    /// Makes room for a text of so many bytes, and for others: the more, the more there is already.
    fn new(start: usize, least: usize) -> Self {
        let size = least.max(start / 2).max(IN_MEMORY);
        let in_file = if start == 0 && size == IN_MEMORY {
            None
        } else {
            zeros_in_file(size).ok()
        };
        let room = in_file
            .or_else(|| MmapMut::map_anon(size).ok())
            .expect("memory is left");
        Self {
            start,
            used: 0,
            room: room.into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_stay_what_and_where_they_are() {
        let kept = Kept::default();
        let text = |nth: usize| vec![u8::try_from(nth % 251).unwrap(); nth * 97];
        let places: Vec<(usize, &[u8])> = (0..200)
            .map(|nth| {
                let place = kept.put(&text(nth));
                (place, kept.text(place, text(nth).len()))
            })
            .collect();
        let large = vec![b'x'; 9 * IN_MEMORY];
        let place = kept.put(&large);
        assert!(kept.text(place, large.len()) == large);
        for (nth, (place, found)) in places.into_iter().enumerate() {
            assert!(found == text(nth));
            assert_eq!(kept.text(place, found.len()).as_ptr(), found.as_ptr());
        }
        assert_eq!(kept.0.borrow().len(), 3);
    }
}
