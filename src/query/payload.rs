//! Looks for what a query asks for in one payload.

use regex::Regex;

use super::path::{Path, Reached};
use super::words::Phrase;
use super::{Range, Scalar, canonical_number};
use crate::pyrepr::{Notation, ReprError, Token, Tokens};

/// Text that is searched for, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) enum Needle {
    Phrase(Phrase),
    Regex(Regex),
}

impl Needle {
    /// Whether a key or a value has it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        match self {
            Self::Phrase(phrase) => phrase.is_in(text),
            Self::Regex(regex) => regex.is_match(text),
        }
    }
}

/// What a value must look like, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Exists,
    Value(Phrase, Option<Scalar>),
    Regex(Regex),
    Number(Range<f64>),
}

impl ValueTest {
    /// Whether a scalar fits.
    fn fits(&self, token: &Token<'_>) -> bool {
        match (self, token) {
            (Self::Exists, _)
            | (Self::Value(_, Some(Scalar::Null)), Token::Null)
            | (Self::Value(_, Some(Scalar::Bool(true))), Token::True)
            | (Self::Value(_, Some(Scalar::Bool(false))), Token::False) => true,
            (Self::Value(phrase, _), Token::Text(text)) => phrase.is_in(text),
            (Self::Value(_, Some(Scalar::Number(wanted))), Token::Number(number)) => {
                canonical_number(number) == *wanted
            }
            (Self::Number(range), Token::Number(number)) => number
                .parse()
                .is_ok_and(|number: f64| std::ops::RangeBounds::contains(range, &number)),
            (Self::Regex(regex), token) => {
                scalar_text(token).is_some_and(|text| regex.is_match(text))
            }
            (Self::Value(..) | Self::Number(_), _) => false,
        }
    }
}

/// The text of a scalar, as JSON has it.
fn scalar_text<'t>(token: &'t Token<'_>) -> Option<&'t str> {
    Some(match token {
        Token::Text(text) => text,
        Token::Number(number) => number,
        Token::True => "true",
        Token::False => "false",
        Token::Null => "null",
        Token::Key(_) | Token::DictStart | Token::DictEnd | Token::ListStart | Token::ListEnd => {
            return None;
        }
    })
}

/// A container that is open.
struct Open {
    is_list: bool,
    /// How many of a list's items have been read.
    items: usize,
}

/// What is looked for in one payload: each with the place of its answer.
#[derive(Default)]
pub(super) struct Wanted<'m> {
    pub(super) anywhere: Vec<(usize, &'m Needle)>,
    pub(super) values: Vec<(usize, &'m Path, &'m ValueTest)>,
}

impl Wanted<'_> {
    /// Reads a payload's JSON and calls `found` with the places of what is in it. Stops when all is
    /// found.
    pub(super) fn find_in(
        mut self,
        json: &str,
        mut found: impl FnMut(usize),
    ) -> Result<(), ReprError> {
        let mut tokens = Tokens::of_text(json, Notation::Json);
        let mut open: Vec<Open> = Vec::new();
        // For each container and each path, how far the path has come there.
        let mut reached: Vec<Vec<Reached>> = self
            .values
            .iter()
            .map(|(_, path, _)| vec![path.start()])
            .collect();
        // The same for the value that comes next.
        let mut next: Vec<Reached> = reached.iter().map(|reached| reached[0]).collect();
        while let Some(token) = tokens.next_token()? {
            if let Some(text) = match &token {
                Token::Key(text) | Token::Text(text) => Some(&**text),
                Token::Number(number) => Some(&**number),
                _ => None,
            } {
                self.anywhere.retain(|(place, needle)| {
                    let is_in = needle.is_in(text);
                    if is_in {
                        found(*place);
                    }
                    !is_in
                });
            }
            match &token {
                Token::Key(key) => {
                    for (nth, (_, path, _)) in self.values.iter().enumerate() {
                        let around = reached[nth].last().copied().unwrap_or_default();
                        next[nth] = path.behind_key(around, key);
                    }
                    continue;
                }
                Token::DictEnd | Token::ListEnd => {
                    open.pop();
                    for reached in &mut reached {
                        reached.pop();
                    }
                    continue;
                }
                _ => {}
            }
            if let Some(Open {
                is_list: true,
                items,
            }) = open.last_mut()
            {
                for (nth, (_, path, _)) in self.values.iter().enumerate() {
                    let around = reached[nth].last().copied().unwrap_or_default();
                    next[nth] = path.at_item(around, *items);
                }
                *items += 1;
            }
            let is_list = matches!(token, Token::ListStart);
            let is_container = is_list || matches!(token, Token::DictStart);
            let mut nth = 0;
            while let Some(&(place, path, test)) = self.values.get(nth) {
                let is_found = path.is_end(next[nth])
                    && if is_container {
                        matches!(test, ValueTest::Exists)
                    } else {
                        test.fits(&token)
                    };
                if is_found {
                    found(place);
                    self.values.swap_remove(nth);
                    reached.swap_remove(nth);
                    next.swap_remove(nth);
                } else {
                    nth += 1;
                }
            }
            if self.anywhere.is_empty() && self.values.is_empty() {
                return Ok(());
            }
            if is_container {
                open.push(Open { is_list, items: 0 });
                for (reached, next) in reached.iter_mut().zip(&next) {
                    reached.push(*next);
                }
            }
        }
        Ok(())
    }
}
