//! Writes tokens as JSON, straight into bytes or as a tree.

use std::str::FromStr as _;

use serde_json::{Map, Number, Value};

use super::error::ReprError;
use super::plain::plain_length;
use super::token::{Text, Token};
use super::tokens::Tokens;

/// Writes the value that `tokens` make as compact JSON behind what `out` holds.
///
/// After an error `out` holds a part of the value: its caller takes that back or closes it.
pub fn write_json<'a>(
    tokens: impl Iterator<Item = Result<Token<'a>, ReprError>>,
    out: &mut Vec<u8>,
) -> Result<(), ReprError> {
    let mut needs_comma = false;
    for token in tokens {
        write_token(token?, &mut needs_comma, out);
    }
    Ok(())
}

/// Writes a token as a part of a value in JSON. Whether a comma stands before the next one is told
/// by the last, which starts with `false`.
#[inline(always)]
#[expect(
    clippy::inline_always,
    reason = "a token that is moved through memory costs as much as reading it"
)]
pub(crate) fn write_token(token: Token<'_>, needs_comma: &mut bool, out: &mut Vec<u8>) {
    if *needs_comma && !matches!(token, Token::ListEnd | Token::DictEnd) {
        out.push(b',');
    }
    *needs_comma = !matches!(token, Token::ListStart | Token::DictStart | Token::Key(_));
    match token {
        Token::Null => out.extend_from_slice(b"null"),
        Token::True => out.extend_from_slice(b"true"),
        Token::False => out.extend_from_slice(b"false"),
        Token::Number(number) => out.extend_from_slice(number.as_bytes()),
        Token::Text(text) => write_text(&text, out),
        Token::ListStart => out.push(b'['),
        Token::ListEnd => out.push(b']'),
        Token::DictStart => out.push(b'{'),
        Token::DictEnd => out.push(b'}'),
        Token::Key(key) => {
            write_text(&key, out);
            out.push(b':');
        }
    }
}

#[inline]
fn write_text(text: &Text<'_>, out: &mut Vec<u8>) {
    if text.is_plain() {
        out.reserve(text.len() + 3);
        out.push(b'"');
        out.extend_from_slice(text.as_bytes());
        out.push(b'"');
    } else {
        write_json_string(text, out);
    }
}

/// Writes `text` as a JSON string behind what `out` holds. What a terminal, an editor or a reader
/// of lines would obey is escaped, though JSON itself asks that for ASCII only.
pub fn write_json_string(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text;
    loop {
        let plain = plain_length(rest.as_bytes());
        out.extend_from_slice(&rest.as_bytes()[..plain]);
        rest = &rest[plain..];
        let Some(c) = rest.chars().next() else {
            break;
        };
        match c {
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '"' | '\\' => out.extend_from_slice(&[b'\\', c as u8]),
            _ if is_obeyed(c) => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(c)).as_bytes());
            }
            _ => out.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]),
        }
        rest = &rest[c.len_utf8()..];
    }
    out.push(b'"');
}

/// Whether a text has no character but those of ASCII that can be seen, and spaces: nothing in it
/// [is obeyed](is_obeyed), which is told much faster than for each character.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    // Of a part all bytes are looked at, which is many at a time.
    const PART: usize = 64;
    let mut parts = text.as_bytes().chunks(PART);
    parts.all(|part| {
        let bytes = part.iter();
        bytes.fold(true, |all, byte| all & matches!(byte, b' '..=b'~'))
    })
}

/// Whether a terminal, an editor or a reader of lines obeys this character instead of showing it:
/// control characters, line separators, those that turn the direction of writing. All of them take
/// four hexadecimal digits.
#[must_use]
pub fn is_obeyed(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}'
        )
}

/// Builds the value that `tokens` make. Of equal keys the last counts, as in Python.
pub fn to_value<'a>(
    tokens: impl Iterator<Item = Result<Token<'a>, ReprError>>,
) -> Result<Value, ReprError> {
    enum Open {
        List(Vec<Value>),
        Dict(Map<String, Value>, String),
    }
    let mut open: Vec<Open> = Vec::new();
    let mut whole = Value::Null;
    for token in tokens {
        let value = match token? {
            Token::Null => Value::Null,
            Token::True => Value::Bool(true),
            Token::False => Value::Bool(false),
            Token::Number(number) => Number::from_str(&number)
                .map_or_else(|_| Value::String(number.into_owned()), Value::Number),
            Token::Text(text) => Value::String(text.into_cow().into_owned()),
            Token::ListStart => {
                open.push(Open::List(Vec::new()));
                continue;
            }
            Token::DictStart => {
                open.push(Open::Dict(Map::new(), String::new()));
                continue;
            }
            Token::Key(name) => {
                if let Some(Open::Dict(_, key)) = open.last_mut() {
                    *key = name.into_cow().into_owned();
                }
                continue;
            }
            Token::ListEnd | Token::DictEnd => match open.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Dict(dict, _)) => Value::Object(dict),
                None => continue,
            },
        };
        match open.last_mut() {
            Some(Open::List(list)) => list.push(value),
            Some(Open::Dict(dict, key)) => {
                dict.insert(std::mem::take(key), value);
            }
            None => whole = value,
        }
    }
    Ok(whole)
}

impl Tokens<'_> {
    /// Reads all tokens into a tree.
    pub fn into_value(self) -> Result<Value, ReprError> {
        to_value(self)
    }
}
