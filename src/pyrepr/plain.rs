//! Finds the end of a plain string, eight bytes at a time.
//!
//! Most strings in a log are printable ASCII without quotes and backslashes: between their quotes
//! stands what they mean, and what JSON writes too. One look at their bytes finds the closing
//! quote, makes sure of that, and tells whether there is more than a word.

use super::token::{Look, SEPARATORS};

/// Returns how many bytes stand before the `quote` that closes a string, and how they look; `None`
/// where they are not plain or the quote is missing.
///
/// What it skips, `grammar::string_rest` and `grammar::json_string_rest` skip too.
#[inline(always)]
#[expect(clippy::inline_always, reason = "what it returns stays in registers")]
pub(super) fn plain_end(input: &[u8], quote: u8) -> Option<(usize, Look)> {
    let mut look = Look::Word;
    let (chunks, tail) = input.as_chunks::<8>();
    for (nth, chunk) in chunks.iter().enumerate() {
        let word = u64::from_le_bytes(*chunk);
        let stops = stops(word, quote);
        // All bits below the first stop; without one that is all of them.
        let before = (stops & stops.wrapping_neg()).wrapping_sub(1);
        if separators(word) & before != 0 {
            look = Look::Plain;
        }
        if stops != 0 {
            let at = stops.trailing_zeros() as usize / 8;
            return (chunk[at] == quote).then_some((nth * 8 + at, look));
        }
    }
    for (nth, &byte) in tail.iter().enumerate() {
        if byte == quote {
            return Some((chunks.len() * 8 + nth, look));
        }
        if !is_plain_byte(byte) {
            return None;
        }
        if SEPARATORS.contains(&byte) {
            look = Look::Plain;
        }
    }
    None
}

/// Returns how many bytes at the start of `text` are the inside of a JSON string as they stand.
#[inline]
pub(super) fn plain_length(text: &[u8]) -> usize {
    let (chunks, tail) = text.as_chunks::<8>();
    for (nth, chunk) in chunks.iter().enumerate() {
        let stops = stops(u64::from_le_bytes(*chunk), b'"');
        if stops != 0 {
            return nth * 8 + stops.trailing_zeros() as usize / 8;
        }
    }
    let rest = tail.iter().take_while(|&&byte| is_plain_byte(byte));
    chunks.len() * 8 + rest.count()
}

fn is_plain_byte(byte: u8) -> bool {
    (0x20..0x7f).contains(&byte) && !matches!(byte, b'"' | b'\\')
}

/// A one in each of eight bytes.
const ONES: u64 = u64::MAX / 0xff;

/// The highest bit of each of eight bytes.
const HIGHEST: u64 = ONES << 7;

/// Marks the bytes that may be no part of a plain string, each by its highest bit. Those above the
/// first mark may be marked in error.
#[inline]
fn stops(word: u64, quote: u8) -> u64 {
    let is_control = word.wrapping_sub(ONES * 0x20) & !word;
    let is_delete_or_above = word.wrapping_add(ONES) | word;
    let is_special = equal(word, quote) | equal(word, b'"') | equal(word, b'\\');
    (is_control | is_delete_or_above | is_special) & HIGHEST
}

/// Marks separators, in the same way.
#[inline]
fn separators(word: u64) -> u64 {
    let marks = SEPARATORS.map(|separator| equal(word, separator));
    marks.into_iter().fold(0, |all, marks| all | marks) & HIGHEST
}

/// Sets the highest bit of the bytes that are `byte`, among other bits. Those above the first such
/// byte may be set in error.
#[inline]
fn equal(word: u64, byte: u8) -> u64 {
    let zero_where_equal = word ^ (ONES * u64::from(byte));
    zero_where_equal.wrapping_sub(ONES) & !zero_where_equal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The plain way to say what [`plain_end`] finds.
    fn expected(input: &[u8], quote: u8) -> Option<(usize, Look)> {
        let end = input.iter().position(|&byte| byte == quote)?;
        let text = &input[..end];
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let is_word = !text.iter().any(|byte| b":=<, %".contains(byte));
        let look = if is_word { Look::Word } else { Look::Plain };
        text.iter().all(is_plain).then_some((end, look))
    }

    #[track_caller]
    fn finds_the_same(input: &[u8]) {
        for quote in [b'\'', b'"'] {
            assert_eq!(plain_end(input, quote), expected(input, quote), "{input:?}");
        }
        let is_plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let plain = input.iter().take_while(|byte| is_plain(byte)).count();
        assert_eq!(plain_length(input), plain, "{input:?}");
    }

    #[test]
    fn each_byte_is_told_at_each_place_of_a_word() {
        for byte in 0..=u8::MAX {
            for at in 0..18 {
                for length in at + 1..20 {
                    let mut input = vec![b'x'; length];
                    input[at] = byte;
                    finds_the_same(&input);
                    input.extend(b"'\"");
                    finds_the_same(&input);
                    input.extend(b"1234567\x80");
                    finds_the_same(&input);
                }
            }
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_told(input in prop::collection::vec(any::<u8>(), 0..40)) {
            finds_the_same(&input);
        }

        #[test]
        fn likely_bytes_are_told(input in "[a-z:=<, %\u{7f}\u{80}ż\\\\\"'\n]{0,40}") {
            finds_the_same(input.as_bytes());
        }
    }
}
