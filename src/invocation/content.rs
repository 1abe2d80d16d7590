//! What a payload's text is: which of Python's notations, or plain text.

use std::borrow::Cow;

use thiserror::Error;

use crate::entry::{Direction, Payload, Wording};
use crate::pyrepr::{Notation, ReprError, Token, Tokens, bytes_to_text};

/// A payload's text, out of its wrapping, with the ways in which it may be read.
#[derive(Debug)]
pub struct Content<'a> {
    text: Cow<'a, [u8]>,
    notations: &'static [Notation],
    is_cut_off: bool,
}

/// Why a payload, or a part of it, is given as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Undecoded {
    /// Nothing in the text is a value.
    #[error("not a Python value, kept as text: {0}")]
    Unfit(ReprError),
    /// The record breaks off.
    #[error("cut off, read up to byte {0}")]
    CutOff(usize),
    /// A part is nested too deeply.
    #[error("nested too deeply at byte {0}, kept as text from there")]
    TooDeep(usize),
}

impl<'a> Content<'a> {
    /// Takes the wrapping of the payload's wording away.
    #[must_use]
    pub fn new(payload: &Payload<'a>, direction: Direction) -> Self {
        let text = match payload.wording {
            Wording::Documented => Cow::Owned(unwrapped(payload.text)),
            _ => Cow::Borrowed(payload.text),
        };
        let is_cut_off = payload.is_cut_off;
        if direction == Direction::Request {
            return Self {
                text,
                notations: &[Notation::Repr, Notation::Json],
                is_cut_off,
            };
        }
        let notations = &[Notation::Json, Notation::Repr];
        // A response of 3.0 is the repr of a text; one of 2.0 that is a text by itself is not.
        let is_repr_of_text = matches!(payload.wording, Wording::Backticks | Wording::Documented);
        let inner = if is_repr_of_text {
            literal(&text, is_cut_off)
        } else {
            None
        };
        match inner {
            Some(inner) => Self {
                text: Cow::Owned(inner.into_bytes()),
                notations,
                is_cut_off,
            },
            None => Self {
                text,
                notations,
                is_cut_off,
            },
        }
    }

    /// The text out of its wrapping.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// Gives the payload's tokens to `read`, in the first notation that `read` can read to its
    /// end; else the text itself as one token.
    ///
    /// `read` may be called several times: it must forget what it did when it gave an error.
    pub fn read<T>(
        &self,
        mut read: impl FnMut(&mut Tokens<'_>) -> Result<T, ReprError>,
    ) -> (T, Option<Undecoded>) {
        if self.text.is_empty() {
            let value = read(&mut Tokens::single(Token::Null));
            let cut_off = self.is_cut_off.then_some(Undecoded::CutOff(0));
            return (value.expect("one token is a value"), cut_off);
        }
        let mut error: Option<ReprError> = None;
        let utf_8 = std::str::from_utf8(&self.text).ok();
        for &notation in self.notations {
            let mut tokens = match utf_8 {
                Some(text) => Tokens::of_text(text, notation),
                None => Tokens::new(&self.text, notation),
            };
            if self.is_cut_off {
                tokens = tokens.cut_off();
            }
            match read(&mut tokens) {
                Ok(value) => {
                    let too_deep = tokens.too_deep_at().map(Undecoded::TooDeep);
                    let cut_off = tokens.ended_at().map(Undecoded::CutOff);
                    return (value, cut_off.or(too_deep));
                }
                // The notation that fits further is the one that was meant.
                Err(other) if error.is_none_or(|error| error.offset < other.offset) => {
                    error = Some(other);
                }
                Err(_) => {}
            }
        }
        let text = Token::Text(bytes_to_text(&self.text).into());
        let mut single = Tokens::single(text);
        if self.is_cut_off {
            single = single.ending_at(self.text.len());
        }
        let value = read(&mut single).expect("one token is a value");
        let undecoded = match error {
            _ if self.is_cut_off => Some(Undecoded::CutOff(self.text.len())),
            Some(error) if self.should_be_a_value() => Some(Undecoded::Unfit(error)),
            _ => None,
        };
        (value, undecoded)
    }

    /// Whether plain text would be a surprise: a request is always a dict, and a response between
    /// brackets looks like a value.
    fn should_be_a_value(&self) -> bool {
        let is_request = self.notations.first() == Some(&Notation::Repr);
        is_request || matches!(self.text.trim_ascii(), [b'{', .., b'}'] | [b'[', .., b']'])
    }
}

/// Undoes the wrapping of the manual: each line break stands for a space.
fn unwrapped(text: &[u8]) -> Vec<u8> {
    let lines = text.split(|&byte| byte == b'\n').map(<[u8]>::trim_ascii);
    lines.collect::<Vec<_>>().join(&b' ')
}

/// The text that a string literal stands for, if `text` is one.
fn literal(text: &[u8], is_cut_off: bool) -> Option<String> {
    let unprefixed = text.strip_prefix(b"u").unwrap_or(text);
    if !matches!(unprefixed.first(), Some(b'\'' | b'"')) {
        return None;
    }
    if text.starts_with(b"\"") && !text.contains(&b'\'') {
        // Python quotes like this only what holds an apostrophe: this is JSON of 2.0.
        return None;
    }
    let mut tokens = Tokens::new(text, Notation::Repr);
    if is_cut_off {
        tokens = tokens.cut_off();
    }
    let Some(Ok(Token::Text(inner))) = tokens.next() else {
        return None;
    };
    tokens
        .next()
        .is_none()
        .then(|| inner.into_cow().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pyrepr::to_value;

    /// A payload as JSON, with why it is given as text.
    fn read(
        wording: Wording,
        direction: Direction,
        (text, is_cut_off): (&str, bool),
    ) -> (String, String) {
        let payload = Payload {
            text: text.as_bytes(),
            wording,
            is_cut_off,
        };
        let content = Content::new(&payload, direction);
        let (value, undecoded) = content.read(|tokens| to_value(tokens));
        let why = undecoded.map_or(String::new(), |undecoded| undecoded.to_string());
        (value.to_string(), why)
    }

    #[test]
    fn a_payload_is_read_as_what_its_wording_holds() {
        use Direction::{Request, Response};
        use Wording::{Backticks, Documented, ServiceData};

        for (wording, direction, text, value, why) in [
            (ServiceData, Request, "{'a': u'b'}", r#"{"a":"b"}"#, ""),
            (ServiceData, Request, "{'a': None}", r#"{"a":null}"#, ""),
            (ServiceData, Response, r#"{"a": true}"#, r#"{"a":true}"#, ""),
            (ServiceData, Response, "{'a': True}", r#"{"a":true}"#, ""),
            (ServiceData, Response, "", "null", ""),
            // Text is a surprise only where a value is expected.
            (ServiceData, Response, "all is well", r#""all is well""#, ""),
            (ServiceData, Response, "{a", r#""{a""#, ""),
            (ServiceData, Response, "[a] b", r#""[a] b""#, ""),
            (
                ServiceData,
                Response,
                " [a] ",
                r#"" [a] ""#,
                "not a Python value, kept as text: ",
            ),
            (
                ServiceData,
                Response,
                "{a}",
                r#""{a}""#,
                "not a Python value, kept as text: ",
            ),
            (
                ServiceData,
                Request,
                "a b",
                r#""a b""#,
                "not a Python value, kept as text: ",
            ),
            // The repr of a text of JSON.
            (Backticks, Response, r#"u'{"a": 1}'"#, r#"{"a":1}"#, ""),
            (Backticks, Response, r"'caf\xe9'", "\"caf\u{e9}\"", ""),
            (
                Backticks,
                Response,
                r#""it's \"x\"""#,
                r#""it's \"x\"""#,
                "",
            ),
            (Backticks, Response, r#""a""#, r#""a""#, ""),
            (Backticks, Response, "'a' b", r#""'a' b""#, ""),
            (ServiceData, Response, "'1'", r#""1""#, ""),
            (Backticks, Response, "'1'", "1", ""),
            // The manual breaks lines where there is a space.
            (
                Documented,
                Request,
                "{'a':\n   'b\n  c'}",
                r#"{"a":"b c"}"#,
                "",
            ),
        ] {
            let (read_value, read_why) = read(wording, direction, (text, false));
            assert_eq!(read_value, value, "{text}");
            assert!(
                read_why.starts_with(why) && read_why.is_empty() == why.is_empty(),
                "{text}: {read_why}"
            );
        }
    }

    #[test]
    fn what_breaks_off_is_read_up_to_there() {
        for (text, value, why) in [
            ("{'a': 1, 'b", r#"{"a":1}"#, "cut off, read up to byte 11"),
            ("a b", r#""a b""#, "cut off, read up to byte 3"),
            ("", "null", "cut off, read up to byte 0"),
        ] {
            let read = read(Wording::ServiceData, Direction::Request, (text, true));
            assert_eq!(read, (value.to_owned(), why.to_owned()), "{text}");
        }
    }

    #[test]
    fn the_notation_that_fits_further_tells_what_is_wrong() {
        for (text, place) in [
            // JSON has no `True`, reprs have no `true`.
            ("{'a': True, 'b': ?}", "byte 17"),
            (r#"{"a": true, "b": ?}"#, "byte 17"),
        ] {
            for direction in [Direction::Request, Direction::Response] {
                let (_, why) = read(Wording::ServiceData, direction, (text, false));
                assert!(why.contains(place), "{text}: {why}");
            }
        }
    }
}
