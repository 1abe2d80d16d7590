//! Masks secrets that stand inside text: keys with values in any notation, credentials in URLs,
//! `Authorization` headers, private keys, and all of these in base64.

use std::ops::Range;
use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use regex::Regex;

use super::encoded::{MAX_BASE64_DEPTH, SHORTEST_BASE64, secrets_in_base64};
use super::hints::Hints;
use super::{MASK, is_secret};

/// A private key in PEM, whole or cut off.
static PRIVATE_KEY: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY[A-Z ]*-----|\z)",
    )
});

/// The password in `scheme://user:password@host`; it may hold a slash or an `@` itself. JSON may escape
/// slashes.
static URL_PASSWORD: LazyLock<Regex> =
    LazyLock::new(|| regex(r#":\\*/\\*/[^\s/:@"'<>]*:([^\s"<>]+)@"#));

/// The token in `https://token@host`, as services for git take it, also with a password that is none.
static URL_TOKEN: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"https?:\\*/\\*/([^\s/:@"'<>]{8,})(?::(?:x-oauth-basic)?)?@"#));

/// A bearer token, wherever it stands.
static BEARER: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)\bbearer\s+([A-Za-z0-9._~+/=-]{8,})"));

/// The credentials of HTTP Basic Auth, which are base64 of `user:password`.
static BASIC: LazyLock<Regex> = LazyLock::new(|| regex(r"(?i)\bbasic\s+([A-Za-z0-9+/]{4,}={0,2})"));

/// What stands between a name and its value: `:`, `=` or `=>`, behind a quote or not; the quote may
/// be escaped.
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| regex(r#"^(?:\\*["'`])?\s*(?:=>|[:=])\s*"#));

/// What stands before a name that is the first of a list, and between it and the second.
static FIRST_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"[\[(]\s*[ub]?\\*["']$"#));
static SECOND_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"^\\*["']\s*,\s*"#));

/// What stands before a name that is under `name`, and between it and what is under `value`.
static AS_NAME: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"["'](?:name|key|header|field)\\*["']\s*:\s*[ub]?\\*["']$"#));
static AS_VALUE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"^\\*["'][^{}]*?["'](?:value|val)\\*["']\s*:\s*"#));

/// How far from a name its value is looked for, in bytes; a limit, or names without values would
/// take quadratic time.
const FAR_BEHIND: usize = 512;

/// How much before a name is looked at.
const FAR_BEFORE: usize = 32;

/// The opening tag of an XML element, without its attributes.
static ELEMENT: LazyLock<Regex> = LazyLock::new(|| regex(r"<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?>"));

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and tested")
}

/// Returns `text` with its secrets masked, or `None` if it holds none.
#[must_use]
pub fn mask_text(text: &str) -> Option<String> {
    mask_hinted(text, &Hints::find(text))
}

/// [`mask_text`] for a text whose hints are known.
pub(super) fn mask_hinted(text: &str, hints: &Hints) -> Option<String> {
    if hints.is_empty() && text.len() < SHORTEST_BASE64 {
        return None;
    }
    mask_to_depth(text, hints, MAX_BASE64_DEPTH)
}

pub(super) fn mask_to_depth(text: &str, hints: &Hints, depth: usize) -> Option<String> {
    let mut masks: Vec<(Range<usize>, String)> = Vec::new();
    let &Hints {
        ref names,
        bearer,
        basic,
        url,
        pem,
    } = hints;
    let mut mask = |range: Range<usize>| masks.push((range, MASK.to_owned()));
    if pem {
        PRIVATE_KEY
            .find_iter(text)
            .for_each(|key| mask(key.range()));
    }
    for (_, pattern) in [(url, &URL_PASSWORD), (url, &URL_TOKEN), (bearer, &BEARER)]
        .iter()
        .filter(|(hint, _)| *hint)
    {
        let secrets = pattern.captures_iter(text).filter_map(|found| found.get(1));
        secrets.for_each(|secret| mask(secret.range()));
    }
    if basic {
        let credentials = BASIC.captures_iter(text).filter_map(|found| found.get(1));
        credentials
            .filter(|pair| {
                STANDARD
                    .decode(pair.as_str())
                    .is_ok_and(|pair| pair.contains(&b':'))
            })
            .for_each(|pair| mask(pair.range()));
    }
    if !names.is_empty() {
        values_of_secret_names(text, names).for_each(&mut mask);
        if text.contains('<') {
            contents_of_secret_elements(text).for_each(&mut mask);
        }
    }
    if text.len() >= SHORTEST_BASE64 {
        masks.extend(secrets_in_base64(text, depth));
    }
    if masks.is_empty() {
        None
    } else {
        Some(replace(text, masks))
    }
}

/// Puts the masks into the text. Of two that overlap, the one that starts first counts up to the
/// end of both.
fn replace(text: &str, mut masks: Vec<(Range<usize>, String)>) -> String {
    masks.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut masked = String::with_capacity(text.len());
    let mut at = 0;
    for (range, mask) in masks {
        if range.start >= at {
            masked.push_str(&text[at..range.start]);
            masked.push_str(&mask);
        }
        at = at.max(range.end);
    }
    masked.push_str(&text[at..]);
    masked
}

/// What is inside a masked value is not looked at again, or nesting would take quadratic time.
fn values_of_secret_names(
    text: &str,
    hints: &[Range<usize>],
) -> impl Iterator<Item = Range<usize>> {
    let mut looked_at_up_to = 0;
    hints.iter().filter_map(move |hint| {
        if hint.start < looked_at_up_to {
            return None;
        }
        let name = name_around(text, hint, looked_at_up_to);
        looked_at_up_to = name.end;
        let separator = SEPARATOR.find(&text[name.end..]);
        if (separator.is_none() && !is_quoted(text, &name)) || !is_secret(&text[name.clone()]) {
            return None;
        }
        let Some(separator) = separator else {
            let value = value_beside(text, &name)?;
            looked_at_up_to = value.end;
            return Some(value);
        };
        let is_header = text[name.clone()].to_lowercase().ends_with("authorization");
        let style = match separator.as_str().trim_start().chars().next() {
            Some(':') if is_header => Style::Header,
            Some(':') => Style::Line,
            Some('=') => Style::Assignment,
            _ => Style::Value,
        };
        let value = value_at(text, name.end + separator.end(), style);
        let harmless = ["", MASK, "None", "null", "True", "False", "true", "false"];
        if harmless.contains(&&text[value.clone()]) {
            return None;
        }
        looked_at_up_to = value.end;
        Some(value)
    })
}

/// The word, and one before `key` (`API key`), that a hint is a part of.
fn name_around(text: &str, hint: &Range<usize>, from: usize) -> Range<usize> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    let word_start = |end: usize| from + text[from..end].trim_end_matches(is_part).len();
    let end = text.len() - text[hint.end..].trim_start_matches(is_part).len();
    let mut start = word_start(hint.start);
    if text[start..end].eq_ignore_ascii_case("key") && text[from..start].ends_with(' ') {
        start = word_start(start - 1);
    }
    start..end
}

fn is_quoted(text: &str, name: &Range<usize>) -> bool {
    text[name.end..]
        .trim_start_matches('\\')
        .starts_with(['"', '\''])
}

/// The start of the character that this byte is in.
fn boundary_at(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// The value of a name that is no key: `["Authorization", "Basic …"]`, or
/// `{"name": "password", "value": …}`.
fn value_beside(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let from = boundary_at(text, name.start.saturating_sub(FAR_BEFORE));
    let to = boundary_at(text, text.len().min(name.end + FAR_BEHIND));
    let (before, behind) = (&text[from..name.start], &text[name.end..to]);
    let found = [(&FIRST_OF_LIST, &SECOND_OF_LIST), (&AS_NAME, &AS_VALUE)]
        .into_iter()
        .find_map(|(first, second)| {
            first.find(before)?;
            second.find(behind)
        })?;
    Some(value_at(text, name.end + found.end(), Style::Value))
}

/// Where the value that starts at `at` stands in the text, without its quotes.
fn value_at(text: &str, at: usize, style: Style) -> Range<usize> {
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
        return inside..closing_quote(text, inside, quote, escape);
    }
    if let Some(open) = rest.chars().next().filter(|c| matches!(c, '{' | '[' | '(')) {
        return at..closing_bracket(text, at, open);
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

/// What stands before a value that has no quotes tells how far it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    /// `Authorization: Digest username="x", …`, quotes and all
    Header,
    /// `password: all of the line`
    Line,
    /// `password=word`
    Assignment,
    /// `"password": word`, in JSON or a repr
    Value,
}

/// The length of a value that stands without quotes.
fn bare_length(rest: &str, style: Style) -> usize {
    let mut characters = rest.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let ends = match c {
            _ if style == Style::Header => c == '\n',
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

/// The place of the quote that closes one with `escape` backslashes before it: it has as many.
fn closing_quote(text: &str, from: usize, quote: char, escape: usize) -> usize {
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
                let escape = bytes[..at - 1]
                    .iter()
                    .rev()
                    .take_while(|&&byte| byte == b'\\')
                    .count();
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

fn contents_of_secret_elements(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut masked_up_to = 0;
    ELEMENT.captures_iter(text).filter_map(move |found| {
        let (name, whole) = (found.get(1)?.as_str(), found.get(0)?);
        let local = name.rsplit_once(':').map_or(name, |(_, local)| local);
        if whole.start() < masked_up_to || !is_secret(local) {
            return None;
        }
        let content = whole.end();
        let end = text[content..]
            .find(&format!("</{name}"))
            .map_or(text.len(), |at| content + at);
        masked_up_to = end;
        (end > content).then_some(content..end)
    })
}
