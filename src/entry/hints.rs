//! What may stand in a part of a log, told for all its records at once: one look at all bytes of a
//! chunk, while they are in the processor's cache, takes less than one at each payload.

use std::fmt;

/// Which of the things that are looked for may stand in some bytes of a log. Of those from the
/// [`MOST`](Self::MOST)th on it is told of all together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hints(u16);

impl Hints {
    /// So many things can be told of, the last of which is all that are more.
    pub const MOST: usize = u16::BITS as usize;

    const LAST: usize = Self::MOST - 1;

    /// Anything may be there.
    pub const UNKNOWN: Self = Self(u16::MAX);

    /// Tells of each thing, from the first on, whether it may be there.
    pub fn new(may_be_there: impl IntoIterator<Item = bool>) -> Self {
        let things = may_be_there.into_iter().enumerate();
        let there = things.filter(|(_, may_be_there)| *may_be_there);
        Self(there.fold(0, |hints, (nth, _)| hints | 1 << nth.min(Self::LAST)))
    }

    /// Whether the `nth` thing may be there.
    #[must_use]
    pub fn may_hold(self, nth: usize) -> bool {
        self.0 >> nth.min(Self::LAST) & 1 == 1
    }

    pub(crate) fn to_bits(self) -> u16 {
        self.0
    }

    pub(crate) fn from_bits(bits: u16) -> Self {
        Self(bits)
    }
}

/// Tells what may stand in bytes of a log.
#[derive(Clone, Copy)]
pub struct Hinter<'h>(pub &'h (dyn Fn(&[u8]) -> Hints + Sync));

impl fmt::Debug for Hinter<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Hinter")
    }
}

impl Hinter<'_> {
    /// Knows nothing.
    pub const NONE: Self = Self(&|_| Hints::UNKNOWN);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hint_is_for_all_that_are_more() {
        let told = |there: usize| {
            let hints = Hints::new((0..40).map(|nth| nth == there));
            let held = (0..40).filter(|nth| hints.may_hold(*nth));
            held.collect::<Vec<_>>()
        };
        assert_eq!(told(0), [0]);
        assert_eq!(told(14), [14]);
        let more: Vec<usize> = (15..40).collect();
        assert_eq!((told(15), told(39)), (more.clone(), more));
        assert!(told(40).is_empty());
        assert!(Hints::UNKNOWN.may_hold(0) && Hints::UNKNOWN.may_hold(99));
    }
}
