//! Writes values as Python does: `repr()` of Python 2 and 3, and two writers of JSON.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::Write as _;

/// A value that a service was called with or has returned.
#[derive(Clone, Debug)]
pub(super) enum Value {
    None,
    Bool(bool),
    Number(u64),
    Fraction(f64),
    Text(Cow<'static, str>),
    List(Vec<Value>),
    Dict(Vec<(Cow<'static, str>, Value)>),
}

impl From<&'static str> for Value {
    fn from(text: &'static str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

/// How a value is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Python2,
    Python3,
    /// `json.dumps()`
    Json,
    /// The `ujson` of Zato 3.2: no spaces, and slashes have a backslash.
    CompactJson,
}

/// Which characters of a text are escaped, and how.
#[derive(Clone, Copy)]
enum Escapes {
    /// `u'…'` of Python 2.
    Python2(char),
    /// `'…'` of Python 2.
    Bytes(char),
    Python3(char),
    Json,
    CompactJson,
}

impl Notation {
    /// Writes `value` behind what `out` holds.
    pub(super) fn write(self, value: &Value, out: &mut Vec<u8>) {
        match value {
            Value::None => out.extend_from_slice(self.word(b"None", b"null")),
            Value::Bool(true) => out.extend_from_slice(self.word(b"True", b"true")),
            Value::Bool(false) => out.extend_from_slice(self.word(b"False", b"false")),
            Value::Number(number) => {
                write!(out, "{number}").expect("memory takes all that is written");
            }
            Value::Fraction(number) => {
                write!(out, "{number:?}").expect("memory takes all that is written");
            }
            // The mix of `unicode` and `str` in Python 2 follows no rule that a log would show.
            // Here it is the length, which is the same in every run.
            Value::Text(text) => self.write_text(text, text.len() % 8 == 7, out),
            Value::List(items) => {
                out.push(b'[');
                for (nth, item) in items.iter().enumerate() {
                    self.write_comma(nth, out);
                    self.write(item, out);
                }
                out.push(b']');
            }
            Value::Dict(items) => {
                out.push(b'{');
                for (nth, (key, item)) in items.iter().enumerate() {
                    self.write_comma(nth, out);
                    self.write_text(key, key.len() % 2 == 1, out);
                    out.extend_from_slice(if self == Self::CompactJson {
                        b":"
                    } else {
                        b": "
                    });
                    self.write(item, out);
                }
                out.push(b'}');
            }
        }
    }

    fn word(self, python: &'static [u8], json: &'static [u8]) -> &'static [u8] {
        match self {
            Self::Python2 | Self::Python3 => python,
            Self::Json | Self::CompactJson => json,
        }
    }

    fn write_comma(self, nth: usize, out: &mut Vec<u8>) {
        if nth > 0 {
            out.extend_from_slice(if self == Self::CompactJson {
                b","
            } else {
                b", "
            });
        }
    }

    fn write_text(self, text: &str, is_bytes: bool, out: &mut Vec<u8>) {
        match self {
            Self::Python2 if is_bytes => write_bytes_repr(text, out),
            Self::Python2 => {
                out.push(b'u');
                let quote = quote(text);
                write_quoted(text, quote, Escapes::Python2(quote), out);
            }
            Self::Python3 => {
                let quote = quote(text);
                write_quoted(text, quote, Escapes::Python3(quote), out);
            }
            Self::Json => write_quoted(text, '"', Escapes::Json, out),
            Self::CompactJson => write_quoted(text, '"', Escapes::CompactJson, out),
        }
    }
}

/// Writes the repr that Python 2 gives the UTF-8 of `text`.
pub(super) fn write_bytes_repr(text: &str, out: &mut Vec<u8>) {
    let quote = quote(text);
    write_quoted(text, quote, Escapes::Bytes(quote), out);
}

/// The quote that Python puts around a text: the one that needs no escape.
fn quote(text: &str) -> char {
    if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    }
}

fn write_quoted(text: &str, quote: char, escapes: Escapes, out: &mut Vec<u8>) {
    out.push(quote as u8);
    let mut written = 0;
    for (at, c) in text.char_indices() {
        if let Some(escape) = escapes.escape(c) {
            out.extend_from_slice(&text.as_bytes()[written..at]);
            out.extend_from_slice(escape.as_bytes());
            written = at + c.len_utf8();
        }
    }
    out.extend_from_slice(&text.as_bytes()[written..]);
    out.push(quote as u8);
}

impl Escapes {
    fn escape(self, c: char) -> Option<Cow<'static, str>> {
        match self {
            Self::Python2(quote) | Self::Bytes(quote) | Self::Python3(quote) if c == quote => {
                Some(Cow::Owned(format!("\\{quote}")))
            }
            Self::Json | Self::CompactJson if c == '"' => Some(Cow::Borrowed("\\\"")),
            Self::CompactJson if c == '/' => Some(Cow::Borrowed("\\/")),
            _ if matches!(c, ' '..='~') => (c == '\\').then_some(Cow::Borrowed("\\\\")),
            _ => match c {
                '\n' => Some(Cow::Borrowed("\\n")),
                '\r' => Some(Cow::Borrowed("\\r")),
                '\t' => Some(Cow::Borrowed("\\t")),
                _ => self.rare(c),
            },
        }
    }

    /// Other control characters, and all that is not ASCII.
    fn rare(self, c: char) -> Option<Cow<'static, str>> {
        let code = u32::from(c);
        match self {
            Self::Bytes(_) => {
                let mut utf_8 = [0; 4];
                let bytes = c.encode_utf8(&mut utf_8).bytes();
                Some(Cow::Owned(bytes.fold(String::new(), |mut escape, byte| {
                    write!(escape, "\\x{byte:02x}").expect("memory takes all that is written");
                    escape
                })))
            }
            // Of what Python 3 does not print, the texts of the catalogue hold only these.
            Self::Python3(_) if !(c.is_control() || c == '\u{a0}' || c == '\u{2028}') => None,
            Self::Python2(_) | Self::Python3(_) => Some(Cow::Owned(match code {
                0..=0xff => format!("\\x{code:02x}"),
                0x100..=0xffff => format!("\\u{code:04x}"),
                _ => format!("\\U{code:08x}"),
            })),
            Self::Json | Self::CompactJson => {
                let mut utf_16 = [0; 2];
                let units = c.encode_utf16(&mut utf_16).iter();
                Some(Cow::Owned(units.fold(String::new(), |mut escape, unit| {
                    write!(escape, "\\u{unit:04x}").expect("memory takes all that is written");
                    escape
                })))
            }
        }
    }
}
