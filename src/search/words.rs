//! The words of a line as one text, and how tantivy takes it apart.
//!
//! The words are cut and made lower-case once, when a document is made: in `Text`, a space stands
//! between words, a newline behind each key or value, and [`LONG_WORD`] in the place of a word that
//! is too long.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use crate::query::{Word, each_word};

/// Stands for each word that is too long: as if any word stood there.
pub(super) const LONG_WORD: &str = "\u{1}";

/// Adds the words of a key or a value to `out`, and gives each to `take`.
pub(super) fn add_words(text: &str, out: &mut String, mut take: impl FnMut(&str)) {
    let start = out.len();
    each_word(text, |_, word| {
        if out.len() > start {
            out.push(' ');
        }
        match word {
            Word::Short(word, _) => {
                out.push_str(word);
                take(word);
            }
            Word::Long(_) => out.push_str(LONG_WORD),
        }
        true
    });
    if out.len() > start {
        out.push('\n');
    }
}

/// Takes the text apart.
#[derive(Clone, Debug, Default)]
pub(super) struct Words {
    token: Token,
}

/// The words of one text.
#[derive(Debug)]
pub(super) struct WordStream<'a> {
    rest: &'a str,
    token: &'a mut Token,
    position: usize,
}

impl Tokenizer for Words {
    type TokenStream<'a> = WordStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> WordStream<'a> {
        self.token.reset();
        WordStream {
            rest: text,
            token: &mut self.token,
            position: 0,
        }
    }
}

impl TokenStream for WordStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(end) = self.rest.bytes().position(|byte| byte <= b' ' && byte > 1) else {
            return false;
        };
        let (word, behind) = self.rest.split_at(end);
        self.token.text.clear();
        self.token.text.push_str(word);
        self.token.position = self.position;
        // No phrase goes from one value to the next.
        self.position += if behind.starts_with('\n') { 2 } else { 1 };
        self.rest = &behind[1..];
        true
    }

    fn token(&self) -> &Token {
        self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_phrase_goes_from_one_value_to_the_next() {
        let mut text = String::new();
        for value in ["Two words", "", "-", &"x".repeat(256), "ŻÓŁW"] {
            add_words(value, &mut text, |_| {});
        }
        let mut words = Words::default();
        let mut stream = words.token_stream(&text);
        let mut seen = Vec::new();
        while let Some(token) = stream.next() {
            seen.push((token.position, token.text.clone()));
        }
        let expected = [(0, "two"), (1, "words"), (3, LONG_WORD), (5, "żółw")];
        assert_eq!(
            seen,
            expected.map(|(position, word)| (position, word.to_owned()))
        );
    }
}
