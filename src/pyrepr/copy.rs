//! Copies what is usual in a value as JSON, without making tokens of it.
//!
//! Most of a log is rows of known keys with short texts, numbers and names: these are told by
//! comparing and copying a few words at a time. Whatever else stands there is left to
//! [`Tokens::next_token`], which reads on from the same place, and which would have read the same.

use std::borrow::Cow;

use super::json::write_json_string;
use super::keys::{Keys, LONGEST_KEY};
use super::open::Open;
use super::plain::plain_end;
use super::token::{Text, Token};
use super::tokens::{Expect, Tokens};
use super::{Notation, grammar};

/// Sees what is copied.
pub(crate) trait Watch<'a> {
    /// Takes a text that is about to be copied, and whether it stands under a key that
    /// [gives a name](Keys::learn). Returns what is to be written instead.
    fn text(&mut self, text: Text<'a>, is_name: bool) -> Option<String>;

    /// Takes note of the start of a dict.
    fn start_of_dict(&mut self);

    /// Takes note of the end of a dict.
    fn end_of_dict(&mut self);
}

/// What comes after the last that was copied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The first element of a list, or its end.
    FirstOfList,
    /// The value of a key, which may give a name.
    ValueOf {
        gives_name: bool,
    },
    Other,
}

/// How much input a key and its value are looked for in at once.
const WINDOW: usize = 2 + LONGEST_KEY;

/// As much of a text that is not longer, with its quotes, is copied at once.
const SHORT: usize = 32;

impl<'a> Tokens<'a> {
    /// Writes what is usual behind a value or the start of a container as JSON behind what `out`
    /// holds, up to what is not; `None` if nothing is.
    #[inline]
    pub(crate) fn copy(
        &mut self,
        keys: &mut Keys,
        watch: &mut impl Watch<'a>,
        out: &mut Vec<u8>,
    ) -> Option<Next> {
        let mut has_comma = match self.expect {
            Expect::ElementOrEnd => false,
            Expect::CommaOrEnd => true,
            Expect::Value | Expect::Element | Expect::Done => return None,
        };
        let mut innermost = *self.open.last()?;
        let input = self.input;
        let start = self.at;
        let mut at = start;
        while let Some(window) = input[at..].first_chunk::<WINDOW>() {
            let is_dict = match innermost {
                Open::Dict => true,
                Open::List(_) => false,
                Open::Keywords | Open::Pairs | Open::Pair | Open::Wrapper => break,
            };
            if window[0] == innermost.closer() {
                out.push(if is_dict { b'}' } else { b']' });
                if is_dict {
                    watch.end_of_dict();
                }
                at += 1;
                has_comma = true;
                self.open.pop();
                match self.open.last() {
                    Some(&open) => innermost = open,
                    None => break,
                }
                continue;
            }
            let mut value_at = at;
            if has_comma {
                value_at += match window {
                    [b',', b' ', ..] => 2,
                    // JSON of 3.2 has no spaces.
                    [b',', ..] => 1,
                    _ => break,
                };
            }
            let mut gives_name = false;
            if is_dict {
                let found = keys.find(&window[value_at - at..]);
                let Some(key) = found.and_then(|place| keys.pass(place)) else {
                    break;
                };
                // As in `quick`: what may be a key without a value is for the machine to tell.
                let value = input.get(value_at + key.length);
                if value.is_none_or(u8::is_ascii_whitespace) {
                    break;
                }
                key.write(has_comma, out);
                value_at += key.length;
                gives_name = key.gives_name;
            } else if has_comma {
                out.push(b',');
            }
            let copied = match input.get(value_at) {
                // The first text of a list may be the name of the next, and so may an option.
                Some(b'\'' | b'"' | b'u')
                    if is_dict || (has_comma && !starts_with_dash(input, value_at)) =>
                {
                    self.copy_text(value_at, gives_name, watch, out)
                }
                Some(b'0'..=b'9') => copy_number(input, value_at, out),
                Some(&bracket @ (b'[' | b'{')) if self.opens(keys, value_at) => {
                    innermost = if bracket == b'[' {
                        Open::List(b']')
                    } else {
                        watch.start_of_dict();
                        Open::Dict
                    };
                    self.open.push(innermost);
                    out.push(bracket);
                    at = value_at + 1;
                    has_comma = false;
                    continue;
                }
                _ => copy_name(self.notation, input, value_at, out),
            };
            match copied {
                Some(end) => at = end,
                None if is_dict => {
                    self.at = value_at;
                    self.expect = Expect::Value;
                    return Some(Next::ValueOf { gives_name });
                }
                None => {
                    if has_comma {
                        out.pop();
                    }
                    break;
                }
            }
            has_comma = true;
        }
        if at == start {
            return None;
        }
        self.at = at;
        self.expect = match (has_comma, self.open.is_empty()) {
            (_, true) => Expect::Done,
            (true, false) => Expect::CommaOrEnd,
            (false, false) => Expect::ElementOrEnd,
        };
        let is_first = !has_comma && matches!(innermost, Open::List(_));
        Some(if is_first {
            Next::FirstOfList
        } else {
            Next::Other
        })
    }

    /// Remembers a key that was read just before, if what stands around it is usual, too.
    pub(crate) fn learn_key(&self, name: &'a str, gives_name: bool, keys: &mut Keys) {
        let inside = name.as_ptr().addr() - self.input.as_ptr().addr();
        let before = &self.input[..inside];
        let (prefix, quote) = match (self.notation, before) {
            (Notation::Repr, [.., b'u', b'\'']) => (2, b'\''),
            (Notation::Repr, [.., b'\'']) => (1, b'\''),
            (_, [.., b'"']) => (1, b'"'),
            _ => return,
        };
        let behind = &self.input[inside + name.len()..self.at];
        if self.open.last() == Some(&Open::Dict)
            && behind
                .strip_prefix(&[quote, b':'])
                .is_some_and(|space| matches!(space, b"" | b" "))
        {
            keys.learn(&self.input[inside - prefix..self.at], name, gives_name);
        }
    }

    /// Whether a bracket opens a list or, surely, a dict.
    #[inline]
    fn opens(&self, keys: &Keys, at: usize) -> bool {
        let usual = match (self.notation, self.input.get(at), self.input.get(at + 1)) {
            (Notation::Repr, _, Some(b'.')) | (_, _, None) => false,
            (_, Some(b'['), _) | (Notation::Json, _, _) | (_, _, Some(b'}')) => true,
            // Else it may be a set.
            _ => keys.find(&self.input[at + 1..]).is_some(),
        };
        usual && !self.is_deepest()
    }

    /// Copies the text that starts here, and returns its end.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the loop that calls it is all about it"
    )]
    fn copy_text(
        &self,
        at: usize,
        is_name: bool,
        watch: &mut impl Watch<'a>,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let (quote_at, quote) = match (self.notation, &self.input[at..]) {
            (_, [b'"', ..]) => (at, b'"'),
            (Notation::Repr, [b'\'', ..]) => (at, b'\''),
            (Notation::Repr, [b'u', b'\'', ..]) => (at + 1, b'\''),
            _ => return None,
        };
        let inside = &self.input[quote_at + 1..];
        let (length, look) = plain_end(inside, quote)?;
        let end = quote_at + length + 2;
        let text = self.text?.get(quote_at + 1..end - 1)?;
        if let Some(other) = watch.text(Text::new(Cow::Borrowed(text), look), is_name) {
            write_json_string(&other, out);
            return Some(end);
        }
        let start = out.len();
        match self.input[quote_at..].first_chunk::<SHORT>() {
            Some(block) if length + 2 <= SHORT => {
                out.extend_from_slice(block);
                out.truncate(start + length + 2);
            }
            _ => out.extend_from_slice(&self.input[quote_at..end]),
        }
        if quote == b'\'' {
            out[start] = b'"';
            out[start + length + 1] = b'"';
        }
        Some(end)
    }
}

/// Whether the text that starts here starts with a dash.
#[inline]
fn starts_with_dash(input: &[u8], at: usize) -> bool {
    matches!(
        input[at..],
        [b'u', b'\'', b'-', ..] | [b'\'' | b'"', b'-', ..]
    )
}

/// Copies the whole number that starts here if it has less than eight digits, and returns its end.
#[inline]
fn copy_number(input: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
    let digits = input[at..].first_chunk::<8>()?;
    let length = digits_of(u64::from_le_bytes(*digits));
    let ends = matches!(digits.get(length), Some(b',' | b'}' | b']'));
    if !ends || (digits[0] == b'0' && length > 1) {
        return None;
    }
    let start = out.len();
    out.extend_from_slice(digits);
    out.truncate(start + length);
    Some(at + length)
}

/// How many of eight bytes, from the lowest on, are digits.
#[inline]
fn digits_of(word: u64) -> usize {
    const ONES: u64 = u64::MAX / 0xff;
    let values = word ^ (ONES * 0x30);
    let others = ((values & (ONES * 0x7f)) + ONES * (0x80 - 10)) | values;
    (others & (ONES << 7)).trailing_zeros() as usize / 8
}

/// Copies `True`, `False` or `None`, or what JSON has for them, and returns its end.
#[inline]
fn copy_name(notation: Notation, input: &[u8], at: usize, out: &mut Vec<u8>) -> Option<usize> {
    let (rest, token) = grammar::plain_name(notation, &input[at..]).ok()?;
    match token {
        Token::Null => out.extend_from_slice(b"null"),
        Token::True => out.extend_from_slice(b"true"),
        _ => out.extend_from_slice(b"false"),
    }
    Some(input.len() - rest.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_counted_up_to_any_other_byte() {
        for byte in 0..=u8::MAX {
            for at in 0..8 {
                let mut bytes = *b"01234567";
                bytes[at] = byte;
                let expected = bytes
                    .iter()
                    .take_while(|byte| byte.is_ascii_digit())
                    .count();
                assert_eq!(digits_of(u64::from_le_bytes(bytes)), expected, "{bytes:?}");
            }
        }
    }
}
