//! Finds where a value ends that stands inside text, whatever notation it is in.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// What stands before a value that has no quotes tells how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// `Authorization: Digest username="x", …`, quotes and folded lines and all
    Header,
    /// `password: all of the line`
    Line,
    /// `password=word`
    Assignment,
    /// `"password": word`, in JSON or a repr
    Value,
    /// `password%3Dword%26`
    Encoded,
}

/// A text of several lines in YAML: those behind the mark that are indented. In a literal, line
/// breaks are escaped.
static YAML_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^[|>][-+0-9]*[ \t]*(?:(?:(?:\r|\\+r)?(?:\n|\\+n))+[ \t]+(?:[^\n\r\\]|\\+[^nr\\])*)+",
    )
    .expect("the pattern is fixed and tested")
});

/// Where the value that starts at `at` stands in the text, without its quotes.
pub(super) fn value_at(text: &str, at: usize, style: Style) -> Range<usize> {
    let rest = &text[at..];
    let after_prefix = rest.strip_prefix(['u', 'b']).unwrap_or(rest);
    let unescaped = after_prefix.trim_start_matches('\\');
    if let Some(quote) = unescaped
        .chars()
        .next()
        .filter(|c| matches!(c, '"' | '\'' | '`'))
    {
        let escape = after_prefix.len() - unescaped.len();
        let inside = text.len() - unescaped.len() + 1;
        return inside..end_of_literals(text, inside, quote, escape);
    }
    if let Some(open) = rest.chars().next().filter(|c| matches!(c, '{' | '[' | '(')) {
        return at..closing_bracket(text, at, open);
    }
    if let Some(block) = YAML_BLOCK.find(rest) {
        return at..at + block.end();
    }
    let end = at + bare_length(rest, style);
    match arguments_of(rest).filter(|_| matches!(style, Style::Line | Style::Value)) {
        Some(arguments) => at..closing_bracket(text, at + arguments, '(').max(end),
        None => at..end,
    }
}

/// Where the arguments of a call start, if the text is one: `Token(1, 'x')`.
fn arguments_of(text: &str) -> Option<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.');
    let arguments = text.trim_start_matches(is_part);
    let start = text.len() - arguments.len();
    (start > 0 && arguments.starts_with('(')).then_some(start)
}

/// The length of a value that stands without quotes.
fn bare_length(rest: &str, style: Style) -> usize {
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let ends = match c {
            _ if style == Style::Header => {
                let next = characters.peek().map(|(_, next)| *next);
                c == '\n' && !matches!(next, Some(' ' | '\t'))
            }
            '%' if style == Style::Encoded => rest[at..].starts_with("%26"),
            '\n' | '"' | '`' => true,
            // `it's`
            '\'' => !characters
                .peek()
                .is_some_and(|(_, next)| next.is_alphanumeric()),
            // The end of an element, and an escape in the text of a literal.
            '<' => characters.peek().is_none_or(|(_, next)| *next == '/'),
            '\\' => characters
                .peek()
                .is_none_or(|(_, next)| "nrt\"'".contains(*next)),
            ',' | '}' | ']' | ')' => style == Style::Value,
            ';' | '&' => style != Style::Line,
            _ => c.is_whitespace() && style != Style::Line,
        };
        if ends {
            return at;
        }
    }
    rest.len()
}

/// Where the quote stands that ends the last of literals that are one text: `'a''b'` in SQL, `'a' 'b'`
/// in Python.
fn end_of_literals(text: &str, inside: usize, quote: char, escape: usize) -> usize {
    let mut end = closing_quote(text, inside, quote, escape);
    while end < text.len() {
        let behind = end + escape + 1;
        let rest = text[behind..].trim_start_matches(' ');
        let opening = rest.trim_start_matches('\\');
        if rest.len() - opening.len() != escape || !opening.starts_with(quote) {
            break;
        }
        end = closing_quote(text, text.len() - opening.len() + 1, quote, escape);
    }
    end
}

/// How many backslashes stand before this place.
pub(super) fn backslashes_before(text: &str, at: usize) -> usize {
    let before = text.as_bytes()[..at].iter().rev();
    before.take_while(|&&byte| byte == b'\\').count()
}

/// The place of the quote that closes one with `escape` backslashes before it: it has as many.
pub(super) fn closing_quote(text: &str, from: usize, quote: char, escape: usize) -> usize {
    let bytes = text.as_bytes();
    let mut backslashes = 0;
    for (at, &byte) in bytes.iter().enumerate().skip(from) {
        if byte == b'\\' {
            backslashes += 1;
            continue;
        }
        if byte == quote as u8 && (backslashes == escape || (escape == 0 && backslashes % 2 == 0)) {
            return at - escape;
        }
        backslashes = 0;
    }
    text.len()
}

/// The end of a bracketed value; brackets in quoted strings do not count.
fn closing_bracket(text: &str, from: usize, open: char) -> usize {
    let close = match open {
        '{' => b'}',
        '[' => b']',
        _ => b')',
    };
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = from;
    while let Some(&byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' | b'\'' => {
                let escape = backslashes_before(text, at - 1);
                at = (closing_quote(text, at, char::from(byte), escape) + escape + 1)
                    .min(text.len());
            }
            _ if byte == open as u8 => depth += 1,
            _ if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
    }
    text.len()
}
