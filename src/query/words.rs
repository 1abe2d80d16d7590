//! What a word is, for those who search and for those who are searched.
//!
//! A word is a run of letters and digits; a `T` between digits, as in `2018-11-11T22:01`, is none of
//! them, so that dates are found in times. Words are compared without regard to case. Whoever looks
//! for words in a payload takes each of its keys and values by itself: no phrase goes from one to
//! the next.

use super::pattern::{Pattern, Piece};

/// A longer word, in bytes, is passed over as if any word stood there: nobody types it, and base64
/// is full of them.
pub const LONGEST_WORD: usize = 255;

/// Words, one behind the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phrase {
    /// The words in lower case, at least one and at the most [`MOST_WORDS`]; a lone `*` stands for
    /// any word. At least one has a letter or digit in it.
    words: Vec<Pattern>,
}

/// A phrase has no more words: as many as a set of bits holds.
pub(super) const MOST_WORDS: usize = 64;

/// Why a text is no phrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoPhrase {
    /// It has no letter or digit.
    NoWord,
    /// It has too many words.
    TooManyWords,
    /// One of its words is too long.
    LongWord,
}

impl Phrase {
    /// Cuts a text into words. In them `*` stands for any letters, unless it is `quoted`.
    pub(super) fn new(text: &str, quoted: bool) -> Result<Self, NoPhrase> {
        let mut words = Vec::new();
        let mut start = None;
        for (at, c) in text.char_indices() {
            if is_part_of_word(text.as_bytes(), at, c) || (c == '*' && !quoted) {
                start.get_or_insert(at);
            } else if let Some(start) = start.take() {
                words.push(word_pattern(&text[start..at]));
            }
        }
        words.extend(start.map(|start| word_pattern(&text[start..])));
        let has_text = |word: &Pattern| {
            let is_text = |piece: &Piece| matches!(piece, Piece::Text(_));
            word.pieces.iter().any(is_text)
        };
        if !words.iter().any(has_text) {
            Err(NoPhrase::NoWord)
        } else if words.len() > MOST_WORDS {
            Err(NoPhrase::TooManyWords)
        } else if words
            .iter()
            .any(|word| longest_text(word).len() > LONGEST_WORD)
        {
            Err(NoPhrase::LongWord)
        } else {
            Ok(Self { words })
        }
    }

    /// The words in lower case, in order; a lone `*` stands for any word.
    #[must_use]
    pub fn words(&self) -> &[Pattern] {
        &self.words
    }

    /// Finds the phrase in a text that is one key or one value. Gives the bytes from its first word
    /// to its last to `found`, for each place where it stands, until that returns `false`.
    pub(super) fn find(&self, text: &str, mut found: impl FnMut(usize, usize) -> bool) {
        // Bit `n` is set when the words up to the `n`th of the phrase stand here.
        let mut stand = 0_u64;
        let last = 1_u64 << (self.words.len() - 1);
        let mut starts = [0; MOST_WORDS];
        let mut count = 0_usize;
        each_word(text, |start, word| {
            starts[count % MOST_WORDS] = start;
            count += 1;
            let fits = |word: &str| {
                let bits = self.words.iter().enumerate();
                bits.filter(|(_, pattern)| fits_word(pattern, word))
                    .fold(0_u64, |all, (nth, _)| all | 1 << nth)
            };
            let (fits, length) = match word {
                Word::Short(word, length) => (fits(word), length),
                Word::Long(length) => (self.any_words(), length),
            };
            stand = ((stand << 1) | 1) & fits;
            if stand & last != 0 {
                let first = starts[(count - self.words.len()) % MOST_WORDS];
                return found(first, start + length);
            }
            true
        });
    }

    /// Whether the phrase stands in a text that is one key or one value.
    pub(super) fn is_in(&self, text: &str) -> bool {
        let mut is_in = false;
        self.find(text, |_, _| {
            is_in = true;
            false
        });
        is_in
    }

    /// For each word the longest text without `*` that is in it, in lower case.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(longest_text)
    }

    /// The longest of these.
    pub(super) fn longest_text(&self) -> &str {
        self.texts()
            .max_by_key(|text| text.len())
            .unwrap_or_default()
    }

    /// The places of the words that are any word.
    fn any_words(&self) -> u64 {
        let bits = self.words.iter().enumerate();
        bits.filter(|(_, word)| word.pieces == [Piece::AnyText])
            .fold(0, |all, (nth, _)| all | 1 << nth)
    }
}

/// A word in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Word<'w> {
    /// The word in lower case, and how many bytes it takes in the text.
    Short(&'w str, usize),
    /// One that is longer than [`LONGEST_WORD`], and its bytes.
    Long(usize),
}

/// Gives the words of a text to `take`, with the place in bytes where each starts, until `take`
/// returns `false`.
pub fn each_word(text: &str, mut take: impl FnMut(usize, Word<'_>) -> bool) {
    let bytes = text.as_bytes();
    let mut lower = String::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() && !is_between_digits(bytes, at)
        {
            at += 1;
        }
        if bytes.get(at).is_none_or(u8::is_ascii) {
            if at == start {
                at += 1;
                continue;
            }
        } else {
            // Other alphabets are rare.
            let behind = text[start..]
                .char_indices()
                .find(|(at, c)| !is_part_of_word(bytes, start + at, *c));
            at = behind.map_or(bytes.len(), |(behind, _)| start + behind);
            if at == start {
                at += text[start..].chars().next().map_or(1, char::len_utf8);
                continue;
            }
        }
        let word = &text[start..at];
        let go_on = if word.len() > LONGEST_WORD {
            take(start, Word::Long(word.len()))
        } else {
            lower.clear();
            lower_case(word, &mut lower);
            take(start, Word::Short(&lower, word.len()))
        };
        if !go_on {
            return;
        }
    }
}

/// Whether the character that stands at `at` is a part of a word.
fn is_part_of_word(text: &[u8], at: usize, c: char) -> bool {
    c.is_alphanumeric() && !is_between_digits(text, at)
}

/// Whether a `T` stands here that parts a date from a time.
fn is_between_digits(text: &[u8], at: usize) -> bool {
    let is_digit = |at: usize| text.get(at).is_some_and(u8::is_ascii_digit);
    matches!(text[at], b'T' | b't') && at > 0 && is_digit(at - 1) && is_digit(at + 1)
}

/// Appends a text in lower case. No letter beyond ASCII becomes one of ASCII, so that ASCII letters
/// of a word stand as such wherever the word stands.
fn lower_case(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
        return;
    }
    for c in text.chars() {
        let mut lower = c.to_lowercase();
        match lower.next() {
            Some(first) if c.is_ascii() || !first.is_ascii() => {
                out.push(first);
                out.extend(lower);
            }
            _ => out.push(c),
        }
    }
}

fn word_pattern(word: &str) -> Pattern {
    let mut pieces = Vec::new();
    let mut rest = word;
    while !rest.is_empty() {
        let text_end = rest.find('*').unwrap_or(rest.len());
        let (text, behind) = rest.split_at(text_end);
        if !text.is_empty() {
            let mut lower = String::new();
            lower_case(text, &mut lower);
            pieces.push(Piece::Text(lower));
        }
        rest = behind.trim_start_matches('*');
        if rest.len() < behind.len() {
            pieces.push(Piece::AnyText);
        }
    }
    Pattern { pieces }
}

fn fits_word(pattern: &Pattern, word: &str) -> bool {
    match pattern.as_literal() {
        Some(text) => text == word,
        None => pattern.fits(word),
    }
}

fn longest_text(pattern: &Pattern) -> &str {
    let texts = pattern.pieces.iter().map(|piece| match piece {
        Piece::Text(text) => text.as_str(),
        Piece::AnyText | Piece::AnyCharacter => "",
    });
    texts.max_by_key(|text| text.len()).unwrap_or_default()
}

/// The words of a text, those that are too long as `None`.
#[cfg(test)]
pub(super) fn words_of(text: &str) -> Vec<Option<String>> {
    let mut words = Vec::new();
    each_word(text, |_, word| {
        words.push(match word {
            Word::Short(word, _) => Some(word.to_owned()),
            Word::Long(_) => None,
        });
        true
    });
    words
}

/// The text in lower case, as words are compared.
#[cfg(test)]
fn lower(text: &str) -> String {
    let mut out = String::new();
    lower_case(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_are_runs_of_letters_and_digits() {
        let words = |text| {
            words_of(text)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(" ")
        };
        assert_eq!(
            words("zato.http-soap.get_list2"),
            "zato http soap get list2"
        );
        assert_eq!(words("Zürich, ŻÓŁW—x 日本 ½"), "zürich żółw x 日本 ½");
        assert_eq!(
            words("\u{212a}x İx"),
            "\u{212a}x İx",
            "these become ASCII in lower case"
        );
        assert_eq!(
            words("2018-01-20T18:29, T1 1t 1T2t3"),
            "2018 01 20 18 29 t1 1t 1 2 3"
        );
        assert_eq!(words(""), "");
    }

    #[test]
    fn a_word_that_is_too_long_takes_its_place() {
        let long = "x".repeat(LONGEST_WORD + 1);
        assert_eq!(
            words_of(&format!("a {long} b")),
            [Some("a".into()), None, Some("b".into())]
        );
        let phrase = |text| Phrase::new(text, false).unwrap();
        assert!(phrase("a.*.b").is_in(&format!("a {long} b")));
        assert!(!phrase("a.x*.b").is_in(&format!("a {long} b")));
        assert_eq!(Phrase::new(&long, true), Err(NoPhrase::LongWord));
    }

    #[test]
    fn a_phrase_stands_where_its_words_do() {
        for (phrase, text, expected) in [
            ("my channel", "this is My Channel.", Some((8, 18))),
            ("my channel", "my my channel", Some((3, 13))),
            ("my channel", "my other channel", None),
            ("my channel", "channel my", None),
            ("a a b", "a a a b", Some((2, 7))),
            ("cha*", "my Channel", Some((3, 10))),
            ("*nel", "my channel", Some((3, 10))),
            ("c*n*l", "my channel", Some((3, 10))),
            ("crm-*", "crm-1", Some((0, 5))),
            ("crm-*", "crm-", None),
        ] {
            let mut found = None;
            Phrase::new(phrase, false)
                .unwrap()
                .find(text, |start, end| {
                    found = Some((start, end));
                    false
                });
            assert_eq!(found, expected, "{phrase} in {text}");
        }
    }

    proptest! {
        #[test]
        fn words_are_those_of_the_plain_definition(text in "[a-cA-CTt0-2 ._żŻK日\u{301}-]{0,20}|\\PC{0,20}") {
            let times = regex::Regex::new("([0-9])[Tt]([0-9])").unwrap();
            // Twice, since what is found does not overlap.
            let parted = times.replace_all(&text, "$1 $2");
            let parted = times.replace_all(&parted, "$1 $2");
            let expected: Vec<Option<String>> = parted
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty())
                .map(|word| Some(lower(word)))
                .collect();
            prop_assert_eq!(words_of(&text), expected);
        }
    }
}
