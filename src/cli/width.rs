//! How many columns of a terminal a text takes: none for an accent on a letter, two for 漢 or 🦀.

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use crate::pyrepr::is_plain;

/// How many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    if is_plain(text) {
        return text.len();
    }
    text.width()
}

/// The start of a text that takes no more columns than `most`.
pub(super) fn start(text: &str, most: usize) -> &str {
    let end = fitting(
        text.char_indices().map(|(at, c)| (at + c.len_utf8(), c)),
        most,
    );
    &text[..end.unwrap_or(0)]
}

/// The end of a text that takes no more columns than `most`.
pub(super) fn end(text: &str, most: usize) -> &str {
    let start = fitting(text.char_indices().rev(), most);
    &text[start.unwrap_or(text.len())..]
}

/// The last place before which all characters fit.
fn fitting(characters: impl Iterator<Item = (usize, char)>, most: usize) -> Option<usize> {
    let mut taken = 0;
    let fits = |(at, c): (usize, char)| {
        taken += c.width().unwrap_or(0);
        (taken <= most).then_some(at)
    };
    characters.map_while(fits).last()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!(width("żółw"), 4);
        assert_eq!(width("漢字🦀"), 6);
        assert_eq!(width("e\u{301}"), 1);
        assert_eq!(
            [start("漢字a", 3), start("漢字a", 4), start("漢", 1)],
            ["漢", "漢字", ""]
        );
        assert_eq!(
            [end("a漢字", 3), end("a漢字", 5), end("漢", 1)],
            ["字", "a漢字", ""]
        );
    }
}
