//! Keeps an array that may grow without bound: in memory while it is small, then in a temporary
//! file that is mapped, so that the system can take its pages out of memory.

use std::io::{self, Read as _};
use std::ops::{Deref, DerefMut};

use bytemuck::Pod;
use memmap2::{MmapMut, UncheckedAdvice};

/// How many bytes of an array are kept in memory.
const IN_MEMORY: usize = 2 << 20;

/// A growable array of plain values.
#[derive(Debug)]
pub struct Spill<T> {
    values: Values<T>,
    length: usize,
    /// How many bytes may be in memory: any number, where no file can be made.
    in_memory: usize,
}

#[derive(Debug)]
enum Values<T> {
    Memory(Vec<T>),
    File(MmapMut),
}

impl<T> Default for Spill<T> {
    fn default() -> Self {
        Self {
            values: Values::Memory(Vec::new()),
            length: 0,
            in_memory: IN_MEMORY,
        }
    }
}

impl<T: Pod> Spill<T> {
    /// Makes an array of zeros.
    #[must_use]
    pub fn zeroed(length: usize) -> Self {
        let mut zeros = Self::default();
        let bytes = length * size_of::<T>();
        zeros.values = match Some(bytes)
            .filter(|&bytes| bytes > IN_MEMORY)
            .map(zeros_in_file)
        {
            Some(Ok(map)) => Values::File(map),
            Some(Err(_)) | None => Values::Memory(vec![T::zeroed(); length]),
        };
        zeros.length = length;
        zeros
    }

    /// Puts a value behind the others.
    pub fn push(&mut self, value: T) {
        self.make_room();
        let at = self.length;
        self.length += 1;
        match &mut self.values {
            Values::Memory(values) => values.push(value),
            Values::File(_) => self[at] = value,
        }
    }

    /// Lets the system take the array out of memory until it is used again, if it is in a file.
    #[expect(
        unsafe_code,
        reason = "advice that drops pages is for the caller to vouch for"
    )]
    pub fn release(&mut self) {
        if let Values::File(map) = &self.values {
            // SAFETY: the map is shared, so what was written stays in the file's pages, and they
            // are read again when they are needed.
            let advised = unsafe { map.unchecked_advise(UncheckedAdvice::DontNeed) };
            // Memory stays in use then, and all else works.
            drop(advised);
        }
    }

    fn make_room(&mut self) {
        let needed = (self.length + 1) * size_of::<T>();
        let has_room = match &self.values {
            Values::Memory(_) => needed <= self.in_memory,
            Values::File(map) => needed <= map.len(),
        };
        if !has_room {
            self.grow(needed);
        }
    }

    /// Moves the values into a file for twice as many.
    #[cold]
    fn grow(&mut self, needed: usize) {
        self.values = if let Ok(mut map) = zeros_in_file(2 * needed) {
            let held: &[u8] = bytemuck::cast_slice(self);
            map[..held.len()].copy_from_slice(held);
            Values::File(map)
        } else {
            self.in_memory = usize::MAX;
            Values::Memory(self.to_vec())
        };
    }
}

impl<T: Pod> Deref for Spill<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.values {
            Values::Memory(values) => values,
            Values::File(map) => &bytemuck::cast_slice(&map[..whole::<T>(map)])[..self.length],
        }
    }
}

impl<T: Pod> DerefMut for Spill<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.values {
            Values::Memory(values) => values,
            Values::File(map) => {
                let whole = whole::<T>(map);
                &mut bytemuck::cast_slice_mut(&mut map[..whole])[..self.length]
            }
        }
    }
}

/// How many bytes of a map are whole values.
fn whole<T>(map: &[u8]) -> usize {
    map.len() / size_of::<T>() * size_of::<T>()
}

/// Makes a file that nobody else can open, and maps it. Its bytes are written, not only promised:
/// a full disk is an error here, and would end the program later. (File systems that copy on write,
/// such as btrfs, may still need room then.)
#[expect(
    unsafe_code,
    reason = "a map is what lets the system keep an array out of memory"
)]
pub(super) fn zeros_in_file(length: usize) -> io::Result<MmapMut> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::repeat(0).take(length as u64), &mut file)?;
    // SAFETY: The file has no name, so that no other process can open and truncate it.
    unsafe { MmapMut::map_mut(&file) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_array_that_grows_out_of_memory_keeps_its_values() {
        let count = 3 * IN_MEMORY / size_of::<usize>();
        let mut numbers = Spill::<usize>::default();
        (0..count).for_each(|number| numbers.push(number));
        assert!(matches!(numbers.values, Values::File(_)));
        numbers[7] = count;
        numbers.release();
        let is_kept = |(at, number): (usize, &usize)| *number == if at == 7 { count } else { at };
        assert!(numbers.iter().enumerate().all(is_kept));
        numbers.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
        assert_eq!(numbers[..2], [count, count - 1]);
    }

    #[test]
    fn zeros_are_zeros_in_memory_and_in_a_file() {
        for length in [0, 1, IN_MEMORY] {
            let zeros = Spill::<u64>::zeroed(length);
            assert_eq!(zeros.len(), length);
            assert!(zeros.iter().all(|zero| *zero == 0));
        }
    }
}
