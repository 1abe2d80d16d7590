//! Looks for what a query asks for in one payload.

use std::ops::{Range, RangeBounds as _};

use regex::Regex;

use super::path::Path;
use super::walk::Walk;
use super::words::Phrase;
use super::{Scalar, canonical_number};
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

    /// Adds the bytes of a key or a value where it stands.
    pub(super) fn places(&self, text: &str, found: &mut Vec<Range<usize>>) {
        match self {
            Self::Phrase(phrase) => phrase.find(text, |start, end| {
                found.push(start..end);
                true
            }),
            Self::Regex(regex) => add_matches(regex, text, found),
        }
    }
}

fn add_matches(regex: &Regex, text: &str, found: &mut Vec<Range<usize>>) {
    let places = regex.find_iter(text).map(|found| found.range());
    found.extend(places.filter(|range| !range.is_empty()));
}

/// What a value must look like, ready to be looked for.
#[derive(Clone, Debug)]
pub(super) enum ValueTest {
    Exists,
    Value(Phrase, Option<Scalar>),
    Regex(Regex),
    Number(super::Range<super::Number>),
}

impl ValueTest {
    /// Whether the value fits that this token is, or starts.
    pub(super) fn fits(&self, token: &Token<'_>) -> bool {
        match (self, token) {
            (Self::Exists, _)
            | (Self::Value(_, Some(Scalar::Null)), Token::Null)
            | (Self::Value(_, Some(Scalar::Bool(true))), Token::True)
            | (Self::Value(_, Some(Scalar::Bool(false))), Token::False) => true,
            (Self::Value(phrase, _), Token::Text(text)) => phrase.is_in(text),
            (Self::Value(_, Some(Scalar::Number(wanted))), Token::Number(number)) => {
                canonical_number(number) == *wanted
            }
            (Self::Number(range), Token::Number(number)) => {
                super::Number::new(number).is_some_and(|number| range.contains(&number))
            }
            (Self::Regex(regex), token) => {
                scalar_text(token).is_some_and(|text| regex.is_match(text))
            }
            (Self::Value(..) | Self::Number(_), _) => false,
        }
    }
}

impl ValueTest {
    /// Adds the bytes of a value that fits where it does.
    pub(super) fn places(&self, text: &str, found: &mut Vec<Range<usize>>) {
        let before = found.len();
        match self {
            Self::Value(phrase, _) => Needle::Phrase(phrase.clone()).places(text, found),
            Self::Regex(regex) => add_matches(regex, text, found),
            Self::Exists | Self::Number(_) => {}
        }
        if found.len() == before && !text.is_empty() {
            found.push(0..text.len());
        }
    }
}

/// The text of a scalar, as JSON has it.
pub(super) fn scalar_text<'t>(token: &'t Token<'_>) -> Option<&'t str> {
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
        let mut walk = Walk::new(self.values.iter().map(|(_, path, _)| *path).collect());
        while let Some(token) = tokens.next_token()? {
            walk.step(&token);
            if let Some(text) = searched_text(&token) {
                self.anywhere.retain(|(place, needle)| {
                    let is_in = needle.is_in(text);
                    if is_in {
                        found(*place);
                    }
                    !is_in
                });
            }
            let mut nth = 0;
            while let Some(&(place, _, test)) = self.values.get(nth) {
                if walk.is_at_end(nth) && test.fits(&token) {
                    found(place);
                    self.values.swap_remove(nth);
                    walk.forget(nth);
                } else {
                    nth += 1;
                }
            }
            if self.anywhere.is_empty() && self.values.is_empty() {
                return Ok(());
            }
        }
        Ok(())
    }
}

/// The text of a key or a value in which words are searched.
pub(super) fn searched_text<'t>(token: &'t Token<'_>) -> Option<&'t str> {
    match token {
        Token::Key(text) | Token::Text(text) => Some(text),
        Token::Number(number) => Some(number),
        _ => None,
    }
}
