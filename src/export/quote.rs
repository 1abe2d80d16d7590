//! Quotes text for the languages that examples are written in.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::pyrepr::is_obeyed;

/// Returns `text` as one word of a POSIX shell: between single quotes every character stands for
/// itself, but for the single quote. The text must hold no NUL: no argument of a program can.
pub(super) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_bare = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'/' | b':' | b'@' | b'%' | b'+' | b','
            )
    };
    if !text.is_empty() && text.bytes().all(is_bare) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns `text` as a part of a URL's path.
pub(super) fn url_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Returns `text` as comment lines of a shell script, free of all that a terminal would obey.
pub(super) fn shell_comment(text: &str) -> String {
    let mut comment = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split('\n') {
        comment.push_str(if line.is_empty() { "#" } else { "# " });
        comment.extend(
            line.chars()
                .map(|c| if is_obeyed(c) { '\u{fffd}' } else { c }),
        );
        comment.push('\n');
    }
    comment
}

/// Returns a value as compact JSON in which every character is visible or escaped.
#[must_use]
pub fn compact_json(value: &Value) -> String {
    visible(&value.to_string())
}

/// Returns a value as indented JSON in which every character is visible or escaped.
#[must_use]
pub fn indented_json(value: &Value) -> String {
    visible(&format!("{value:#}"))
}

/// Escapes what JSON may hold raw and a terminal or an editor would obey. In JSON such characters
/// stand in strings only.
fn visible(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c != '\n' && is_obeyed(c) {
            write!(out, "\\u{:04x}", u32::from(c)).expect("memory takes all that is written");
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_hold_only_unreserved_characters() {
        assert_eq!(
            url_segment("zato.http-soap.get-list"),
            "zato.http-soap.get-list"
        );
        assert_eq!(url_segment("a b/../ż?"), "a%20b%2F..%2F%C5%BC%3F");
    }

    #[test]
    fn words_of_the_shell_are_quoted_where_they_must_be() {
        assert_eq!(
            shell_word("http://localhost:17010/zato"),
            "http://localhost:17010/zato"
        );
        assert_eq!(shell_word("it's $x"), r"'it'\''s $x'");
        assert_eq!(shell_word(""), "''");
    }

    #[test]
    fn comments_stay_comments() {
        assert_eq!(
            shell_comment("a\n\nb\r\x1b[31m"),
            "# a\n#\n# b\u{fffd}\u{fffd}[31m\n"
        );
    }

    #[test]
    fn json_is_visible() {
        let value = serde_json::json!({"a": "\u{202e}\u{9b}\u{7f}\0ż"});
        assert_eq!(compact_json(&value), r#"{"a":"\u202e\u009b\u007f\u0000ż"}"#);
    }
}
