//! Reads in one step what most values are made of: plain strings, whole numbers, names, dicts and
//! lists, laid out as Python prints them.
//!
//! The machine in `tokens` asks here first and reads for itself whatever is left to it. What is
//! read here, it would read in the same way, only by several steps.

#![expect(
    clippy::inline_always,
    reason = "a token that is moved through memory costs as much as reading it"
)]

use std::borrow::Cow;

use super::open::Open;
use super::token::{Text, Token};
use super::tokens::{Expect, Tokens};
use super::{Notation, grammar};

impl<'a> Tokens<'a> {
    /// Returns the next token, with the comma before it or the colon behind it. Where that is
    /// nothing usual, nothing is read.
    #[inline(always)]
    pub(super) fn quick(&mut self) -> Option<Token<'a>> {
        let has_comma = match self.expect {
            Expect::Value => return self.quick_value(self.rest()),
            Expect::ElementOrEnd => false,
            Expect::CommaOrEnd => true,
            Expect::Element | Expect::Done => return None,
        };
        let innermost = *self.open.last()?;
        let (&first, after) = self.rest().split_first()?;
        let is_dict = match innermost {
            Open::Dict => true,
            Open::List(_) => false,
            Open::Keywords | Open::Pairs | Open::Pair | Open::Wrapper => return None,
        };
        if first == innermost.closer() {
            return self.close();
        }
        let rest = match (has_comma, first) {
            (true, b',') => after.strip_prefix(b" ").unwrap_or(after),
            (true, _) => return None,
            (false, _) => self.rest(),
        };
        if is_dict {
            self.quick_key(rest)
        } else {
            self.quick_value(rest)
        }
    }

    #[inline(always)]
    fn quick_key(&mut self, input: &'a [u8]) -> Option<Token<'a>> {
        let (rest, key) = self.quick_string(input)?;
        let rest = rest.strip_prefix(b":")?;
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        // The machine gives no key that nothing but white space follows.
        if rest.first().is_none_or(u8::is_ascii_whitespace) {
            return None;
        }
        self.at = self.input.len() - rest.len();
        self.expect = Expect::Value;
        Some(Token::Key(key))
    }

    #[inline(always)]
    fn quick_value(&mut self, input: &'a [u8]) -> Option<Token<'a>> {
        let (rest, token) = match input.first()? {
            b'\'' | b'"' | b'u' => {
                let (rest, text) = self.quick_string(input)?;
                (rest, Token::Text(text))
            }
            b'-' | b'0'..=b'9' => {
                let (rest, number) = grammar::plain_number(self.notation, input).ok()?;
                (
                    rest,
                    Token::Number(Cow::Borrowed(self.checked_text(number)?)),
                )
            }
            b'[' | b'{' => return self.quick_start(input),
            _ => grammar::plain_name(self.notation, input).ok()?,
        };
        self.at = self.input.len() - rest.len();
        self.after_value();
        Some(token)
    }

    #[inline(always)]
    fn quick_string(&self, input: &'a [u8]) -> Option<(&'a [u8], Text<'a>)> {
        let (rest, (inside, look)) = match (self.notation, input) {
            (Notation::Repr, [b'u', b'\'', rest @ ..] | [b'\'', rest @ ..]) => {
                grammar::plain_string_rest(rest, b'\'')
            }
            (_, [b'"', rest @ ..]) => grammar::plain_string_rest(rest, b'"'),
            _ => return None,
        }
        .ok()?;
        let text = Cow::Borrowed(self.checked_text(inside)?);
        Some((rest, Text::new(text, look)))
    }

    fn quick_start(&mut self, input: &'a [u8]) -> Option<Token<'a>> {
        let open = match (input, self.notation) {
            // `[...]` and `{...}` are containers inside themselves.
            ([_, b'.', ..], Notation::Repr) => return None,
            ([b'[', ..], _) => Open::List(b']'),
            ([b'{', ..], Notation::Json) | ([b'{', b'}', ..], _) => Open::Dict,
            ([b'{', inside @ ..], Notation::Repr) => {
                // Else it may be a set.
                let (rest, _) = self.quick_string(inside)?;
                (rest.first() == Some(&b':')).then_some(Open::Dict)?
            }
            _ => return None,
        };
        if self.is_deepest() {
            return None;
        }
        self.at = self.input.len() - input.len() + 1;
        self.open.push(open);
        self.expect = Expect::ElementOrEnd;
        open.start()
    }
}
