//! What may stand in a part of a log, told for all its records at once: one look at all bytes of a
//! chunk, while they are in the processor's cache, takes less than one at each payload.

use std::fmt;

/// Which of the first [`MOST`](Self::MOST) things that are looked for may stand in some bytes of a
/// log. The others may always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hints(u16);

impl Hints {
    /// So many things can be told of.
    pub const MOST: usize = u16::BITS as usize;

    /// Anything may be there.
    pub const UNKNOWN: Self = Self(u16::MAX);

    /// Tells of each thing, from the first on, whether it may be there.
    pub fn new(may_be_there: impl IntoIterator<Item = bool>) -> Self {
        let things = may_be_there.into_iter().take(Self::MOST).enumerate();
        let absent = things.filter(|(_, may_be_there)| !may_be_there);
        Self(absent.fold(u16::MAX, |hints, (nth, _)| hints & !(1 << nth)))
    }

    /// Whether the `nth` thing may be there.
    #[must_use]
    pub fn may_hold(self, nth: usize) -> bool {
        nth >= Self::MOST || self.0 >> nth & 1 == 1
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
    fn what_is_not_told_of_may_be_there() {
        let hints = Hints::new([true, false]);
        let told: Vec<bool> = [0, 1, 2, 15, 16, 99].map(|nth| hints.may_hold(nth)).into();
        assert_eq!(told, [true, false, true, true, true, true]);
        let none = Hints::new(std::iter::repeat_n(false, 99));
        assert!(!none.may_hold(15) && none.may_hold(16));
        assert!(Hints::UNKNOWN.may_hold(0));
    }
}
