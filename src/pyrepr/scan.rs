//! Looks ahead over brackets and strings without reading values: where does a value end, and does
//! a `{` open a dict or a set?
//!
//! The scan trusts the text to be a repr. Where it is not, the machine in `tokens` finds out.

use std::collections::HashMap;

use nom::Parser;
use nom::branch::alt;
use nom::combinator::recognize;

use super::error::{ReprError, ReprErrorKind};
use super::grammar;

/// A walk from one bracket to the next, with a stack of those that are open.
pub(super) struct Scan<'a> {
    input: &'a [u8],
    at: usize,
    open: Vec<usize>,
    /// The kind of each `{` passed, once known: dict or set.
    pub(super) dicts: HashMap<usize, bool>,
    /// Up to here neither quotes nor `<` open anything: trying each again takes quadratic time.
    barren_before: usize,
}

impl<'a> Scan<'a> {
    pub(super) fn new(input: &'a [u8], at: usize) -> Self {
        Self {
            input,
            at,
            open: Vec::new(),
            dicts: HashMap::new(),
            barren_before: 0,
        }
    }

    /// Returns the end of the value that starts here.
    pub(super) fn end_of_value(mut self) -> Result<usize, ReprError> {
        let scalar = alt((
            recognize(grammar::string),
            grammar::complex,
            recognize((grammar::number, nom::combinator::opt(grammar::long_suffix))),
            grammar::again,
            grammar::object,
        ));
        let name = grammar::name(&self.input[self.at..]);
        if let Ok((rest, name)) = name
            && !matches!(rest.first(), Some(b'\'' | b'"'))
        {
            self.at += name.len();
            if rest.first() != Some(&b'(') {
                return Ok(self.at);
            }
        } else if let Ok((rest, _)) = { scalar }.parse(&self.input[self.at..]) {
            return Ok(self.input.len() - rest.len());
        }
        if !matches!(self.input.get(self.at), Some(b'(' | b'[' | b'{')) {
            return Err(ReprErrorKind::Expected("a value").at(self.at));
        }
        while self.step().is_some() {
            if self.open.is_empty() {
                return Ok(self.at);
            }
        }
        Err(ReprErrorKind::UnexpectedEnd.at(self.input.len()))
    }

    /// Returns whether the `{` that stands here opens a dict; `None` when the text ends before
    /// that shows.
    pub(super) fn first_bracket_is_dict(&mut self) -> Option<bool> {
        let bracket = self.at;
        loop {
            self.step()?;
            if let Some(&is_dict) = self.dicts.get(&bracket) {
                return Some(is_dict);
            }
        }
    }

    /// Passes one string, object or byte; `None` at the end.
    fn step(&mut self) -> Option<()> {
        let byte = *self.input.get(self.at)?;
        match byte {
            b'\'' | b'"' | b'<' if self.at >= self.barren_before => {
                let rest = &self.input[self.at..];
                if let Ok((rest, _)) =
                    alt((recognize(grammar::string), grammar::object)).parse(rest)
                {
                    self.at = self.input.len() - rest.len();
                } else {
                    self.at += 1;
                    self.barren_before = self.input.len();
                }
                return Some(());
            }
            b'(' | b'[' | b'{' => self.open.push(self.at),
            b')' | b']' | b'}' => {
                if let Some(bracket) = self.open.pop() {
                    self.decide(bracket, false);
                }
            }
            b':' | b',' => {
                if let Some(&bracket) = self.open.last() {
                    self.decide(bracket, byte == b':');
                }
            }
            _ => {}
        }
        self.at += 1;
        Some(())
    }

    /// The first `:`, `,` or `}` behind a `{` decides its kind.
    fn decide(&mut self, bracket: usize, is_dict: bool) {
        if self.input[bracket] == b'{' {
            self.dicts.entry(bracket).or_insert(is_dict);
        }
    }
}
