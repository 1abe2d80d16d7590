//! Finds the ends of strings as they are written, in Python and in JSON.

/// Where the first quote or backslash is. Most strings are short, so that a word at a time is
/// faster than what is made for long ones.
#[inline]
pub(super) fn first_of(quote: u8, text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    let mut at = 0;
    while let Some(word) = text.get(at..at + 8) {
        let word = u64::from_le_bytes(word.try_into().ok()?);
        let found =
            zeros(word ^ (ONES * u64::from(quote))) | zeros(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return Some(at + found.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = &text[at..];
    let found = rest
        .iter()
        .position(|byte| *byte == quote || *byte == b'\\');
    found.map(|found| at + found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_string_is_found_at_any_place() {
        for length in 0..40 {
            let text = format!("{}'{}", "x".repeat(length), "y".repeat(7));
            assert_eq!(first_of(b'\'', text.as_bytes()), Some(length));
            let text = format!("{}\\'", "\u{a7}".repeat(length));
            assert_eq!(first_of(b'\'', text.as_bytes()), Some(2 * length));
            assert_eq!(first_of(b'\'', "x".repeat(length).as_bytes()), None);
        }
    }
}
