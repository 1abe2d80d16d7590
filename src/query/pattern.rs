//! Names, or what several names have in common.

use std::fmt;

/// Text in which `*` and `?` stand for what differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Its parts in order. There is no [`Piece::AnyText`] beside another.
    pub pieces: Vec<Piece>,
}

/// A part of a [`Pattern`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// This text, letter by letter.
    Text(String),
    /// `*`: any text or none.
    AnyText,
    /// `?`: one character.
    AnyCharacter,
}

impl Pattern {
    /// A pattern that only this text fits.
    #[must_use]
    pub fn literal(text: &str) -> Self {
        Self {
            pieces: vec![Piece::Text(text.to_owned())],
        }
    }

    /// The text, if it is the only one that fits.
    #[must_use]
    pub fn as_literal(&self) -> Option<&str> {
        match self.pieces.as_slice() {
            [Piece::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// Whether all of `name` fits.
    #[must_use]
    pub fn fits(&self, name: &str) -> bool {
        // Where to try again after a `*`: what comes behind it, and the text that is left there.
        let mut again: Option<(usize, &str)> = None;
        let (mut at, mut rest) = (0, name);
        loop {
            let behind = match self.pieces.get(at) {
                Some(Piece::Text(text)) => rest.strip_prefix(text.as_str()),
                Some(Piece::AnyCharacter) => {
                    let mut characters = rest.chars();
                    characters.next().map(|_| characters.as_str())
                }
                Some(Piece::AnyText) => {
                    again = Some((at + 1, rest));
                    Some(rest)
                }
                None if rest.is_empty() => return true,
                None => None,
            };
            if let Some(behind) = behind {
                rest = behind;
                at += 1;
                continue;
            }
            // The `*` takes one character more.
            let Some((behind_star, left)) = &mut again else {
                return false;
            };
            let mut characters = left.chars();
            if characters.next().is_none() {
                return false;
            }
            *left = characters.as_str();
            (at, rest) = (*behind_star, *left);
        }
    }
}

/// As it was typed, but for quotes.
impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.pieces.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => formatter.write_str(text),
            Piece::AnyText => formatter.write_str("*"),
            Piece::AnyCharacter => formatter.write_str("?"),
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;

    use super::*;

    fn pattern() -> impl Strategy<Value = Pattern> {
        let piece = prop_oneof![
            "[ab.\n]{1,3}".prop_map(Piece::Text),
            Just(Piece::AnyText),
            Just(Piece::AnyCharacter),
        ];
        prop::collection::vec(piece, 0..6).prop_map(|pieces| Pattern { pieces })
    }

    /// A regular expression that fits the same, written for all of a text.
    fn regex(pattern: &Pattern) -> String {
        let pieces = pattern.pieces.iter().map(|piece| match piece {
            Piece::Text(text) => regex::escape(text),
            Piece::AnyText => ".*".to_owned(),
            Piece::AnyCharacter => ".".to_owned(),
        });
        pieces.collect()
    }

    proptest! {
        #[test]
        fn a_pattern_fits_what_its_regex_fits(pattern in pattern(), name in "[ab.\nż]{0,8}") {
            let regex = Regex::new(&format!("(?s)^(?:{})$", regex(&pattern))).unwrap();
            // `$` is the end of all here: there is no `m`.
            prop_assert_eq!(pattern.fits(&name), regex.is_match(&name), "{} {:?}", pattern, name);
        }
    }
}
