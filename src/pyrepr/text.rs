//! Decodes the inside of string literals: escapes, encodings, and the difference between Python 2
//! and 3.
//!
//! Rules that are not obvious:
//! * An unknown escape keeps its backslash, as in Python.
//! * Bytes (`b'…'`) know no `\u`; bytes become text as UTF-8, or as Latin-1 when they are not.
//! * A literal without prefix is text in Python 3 and bytes in Python 2. Python 3 prints every
//!   character that UTF-8 could lead with (`\xc2` to `\xf4`) as itself, so reading such a literal as
//!   bytes first and falling back to Latin-1 is right for both.
//! * Surrogates become U+FFFD. In JSON a pair of them is one character; in a repr it is two.

use std::borrow::Cow;

use memchr::memchr;

/// What a string literal's prefix says about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prefix {
    /// `u'…'`
    Unicode,
    /// `b'…'`
    Bytes,
    /// `'…'`
    Absent,
}

/// Turns bytes of unknown encoding into text: UTF-8, else Latin-1, which fits any bytes.
#[must_use]
pub fn bytes_to_text(bytes: &[u8]) -> Cow<'_, str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(bytes.iter().map(|&byte| char::from(byte)).collect()),
    }
}

/// Decodes the inside of a Python string literal.
pub(super) fn unescape_repr(raw: &[u8], prefix: Prefix) -> String {
    let first = memchr(b'\\', raw).unwrap_or(raw.len());
    match prefix {
        Prefix::Absent if is_text_of_python_3(raw, first) => unescape_unicode(raw, first),
        Prefix::Unicode => unescape_unicode(raw, first),
        Prefix::Bytes | Prefix::Absent => owned_text(unescape_bytes(raw, first)),
    }
}

/// Decodes the inside of a JSON string; `None` if an escape in it is none of JSON.
pub(super) fn unescape_json(raw: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(raw.len());
    let mut rest = push_until_backslash(&mut out, raw);
    while let Some((&_, after)) = rest.split_first() {
        let (&escape, after) = after.split_first()?;
        rest = after;
        match escape {
            b'"' | b'\\' | b'/' => out.push(char::from(escape)),
            b'b' => out.push('\u{8}'),
            b'f' => out.push('\u{c}'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let high = hex(rest, 4)?;
                rest = &rest[4..];
                let low = match rest.strip_prefix(b"\\u") {
                    Some(next) if (0xd800..0xdc00).contains(&high) => {
                        hex(next, 4).filter(|low| (0xdc00..0xe000).contains(low))
                    }
                    _ => None,
                };
                match low {
                    Some(low) => {
                        rest = &rest[6..];
                        let code = 0x1_0000 + ((high - 0xd800) << 10) + (low - 0xdc00);
                        out.push(character(code));
                    }
                    None => out.push(character(high)),
                }
            }
            _ => return None,
        }
        rest = push_until_backslash(&mut out, rest);
    }
    Some(out)
}

/// Whether a literal without prefix was surely written by Python 3: bytes of Python 2 hold neither
/// `\u` nor anything but ASCII.
fn is_text_of_python_3(raw: &[u8], first_escape: usize) -> bool {
    if !raw.is_ascii() {
        return true;
    }
    let mut rest = &raw[first_escape..];
    while let [_, escape, after @ ..] = rest {
        if matches!(escape, b'u' | b'U') {
            return true;
        }
        rest = memchr(b'\\', after).map_or(&[], |next| &after[next..]);
    }
    false
}

fn unescape_unicode(raw: &[u8], first: usize) -> String {
    let mut out = String::with_capacity(raw.len());
    out.push_str(&bytes_to_text(&raw[..first]));
    let mut rest = &raw[first..];
    while let [_, after @ ..] = rest {
        let (code, length) = escape(after, true);
        match code {
            Escape::Code(code) => out.push(character(code)),
            Escape::Nothing => {}
            Escape::Unknown => out.push('\\'),
        }
        rest = push_until_backslash(&mut out, &after[length..]);
    }
    out
}

fn unescape_bytes(raw: &[u8], first: usize) -> Vec<u8> {
    let mut out = Vec::with_capacity(raw.len());
    out.extend_from_slice(&raw[..first]);
    let mut rest = &raw[first..];
    while let [_, after @ ..] = rest {
        let (code, length) = escape(after, false);
        match code {
            // Without `\u` every code fits a byte, but for octal ones over `\377`, which wrap.
            Escape::Code(code) => out.push((code & 0xff) as u8),
            Escape::Nothing => {}
            Escape::Unknown => out.push(b'\\'),
        }
        let after = &after[length..];
        let next = memchr(b'\\', after).unwrap_or(after.len());
        out.extend_from_slice(&after[..next]);
        rest = &after[next..];
    }
    out
}

enum Escape {
    Code(u32),
    /// A backslash before a newline.
    Nothing,
    /// Not an escape: the backslash stays, and so does what follows.
    Unknown,
}

/// Reads the escape whose backslash stands before `after`; returns it with the bytes it takes.
fn escape(after: &[u8], unicode: bool) -> (Escape, usize) {
    let Some(&letter) = after.first() else {
        return (Escape::Unknown, 0);
    };
    let coded = |digits: usize| match hex(&after[1..], digits) {
        Some(code) => (Escape::Code(code), 1 + digits),
        None => (Escape::Unknown, 0),
    };
    match letter {
        b'\\' | b'\'' | b'"' => (Escape::Code(u32::from(letter)), 1),
        b'a' => (Escape::Code(7), 1),
        b'b' => (Escape::Code(8), 1),
        b'f' => (Escape::Code(12), 1),
        b'n' => (Escape::Code(10), 1),
        b'r' => (Escape::Code(13), 1),
        b't' => (Escape::Code(9), 1),
        b'v' => (Escape::Code(11), 1),
        b'\n' => (Escape::Nothing, 1),
        b'x' => coded(2),
        b'u' if unicode => coded(4),
        b'U' if unicode => coded(8),
        b'0'..=b'7' => {
            let digits = after
                .iter()
                .take(3)
                .take_while(|d| matches!(d, b'0'..=b'7'))
                .count();
            let code = after[..digits]
                .iter()
                .fold(0, |code, d| code * 8 + u32::from(d - b'0'));
            (Escape::Code(code), digits)
        }
        _ => (Escape::Unknown, 0),
    }
}

fn push_until_backslash<'a>(out: &mut String, rest: &'a [u8]) -> &'a [u8] {
    let next = memchr(b'\\', rest).unwrap_or(rest.len());
    out.push_str(&bytes_to_text(&rest[..next]));
    &rest[next..]
}

fn hex(bytes: &[u8], digits: usize) -> Option<u32> {
    bytes.get(..digits)?.iter().try_fold(0_u32, |code, &digit| {
        Some(code << 4 | char::from(digit).to_digit(16)?)
    })
}

fn character(code: u32) -> char {
    char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
}

fn owned_text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_else(|error| {
        error
            .as_bytes()
            .iter()
            .map(|&byte| char::from(byte))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn repr(raw: &str, prefix: Prefix, expected: &str) {
        assert_eq!(unescape_repr(raw.as_bytes(), prefix), expected, "{raw}");
    }

    #[test]
    fn python_2_bytes_are_utf_8() {
        repr(r"\xc5\xbc", Prefix::Absent, "ż");
        repr(r"\xc5\xbc", Prefix::Unicode, "Å¼");
        repr(r"\xff", Prefix::Absent, "ÿ");
    }

    #[test]
    fn python_3_escapes_of_unprintable_characters_are_characters() {
        repr(r"\x80\xa0\xad\x00", Prefix::Absent, "\u{80}\u{a0}\u{ad}\0");
        repr(r"ż\x80", Prefix::Absent, "ż\u{80}");
        repr(r"\u2028\xa0", Prefix::Absent, "\u{2028}\u{a0}");
    }

    #[test]
    fn surrogates_are_replaced_one_by_one_in_a_repr() {
        repr(r"\ud83d\ude00", Prefix::Absent, "\u{fffd}\u{fffd}");
        repr(r"\U0001f600", Prefix::Absent, "😀");
    }

    #[test]
    fn surrogate_pairs_are_one_character_in_json() {
        assert_eq!(unescape_json(br"\ud83d\ude00").unwrap(), "😀");
        assert_eq!(unescape_json(br"\ud83d\u0041").unwrap(), "\u{fffd}A");
        assert_eq!(unescape_json(br"\ud83d").unwrap(), "\u{fffd}");
        assert_eq!(unescape_json(br"\u0041\ude00").unwrap(), "A\u{fffd}");
    }

    #[test]
    fn escapes_of_one_letter_are_control_characters() {
        let raw = "\\a\\b\\f\\n\\r\\t\\v\\\\\\'\\\"\\\n.";
        let expected = "\u{7}\u{8}\u{c}\n\r\t\u{b}\\'\".";
        for prefix in [Prefix::Absent, Prefix::Bytes, Prefix::Unicode] {
            repr(raw, prefix, expected);
        }
        assert_eq!(
            unescape_json(br#"\b\f\n\r\t\/\\\""#).unwrap(),
            "\u{8}\u{c}\n\r\t/\\\""
        );
    }

    #[test]
    fn json_refuses_what_python_refuses() {
        assert_eq!(unescape_json(br"\x41"), None);
        assert_eq!(unescape_json(br"\u00"), None);
    }

    #[test]
    fn unknown_escapes_keep_their_backslash() {
        repr(r"\d\N{DASH}\xg", Prefix::Absent, r"\d\N{DASH}\xg");
        repr(r"\u0041", Prefix::Bytes, r"\u0041");
        repr(r"\U00000041", Prefix::Bytes, r"\U00000041");
        repr(r"\101\0", Prefix::Bytes, "A\0");
    }
}
