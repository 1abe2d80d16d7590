//! Finds secrets inside text by the names beside them: `password=x`, `{"API key": "x"}`,
//! `["token", "x"]`, `{"name": "password", "value": "x"}`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::value::{Style, backslashes_before, closing_quote, value_at};
use super::{MASK, is_secret};

/// What stands between a name and its value: `:`, `=`, ` ==` or `=>`, behind a quote or not; the
/// quote may be escaped, and all of it percent-encoded.
static SEPARATOR: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"^(?:\\*["'`]|%2[27])?(?:\s+==|(?:\s|%20)*(?:=>|:=|[:=]|%3[aAdD]))\s*"#)
});

/// The same behind the quote that ends a key, and behind what is around the key: `('password',): `.
static BEHIND_KEY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:,?\s*[)\]])*\s*(?:=>|:=|==|[:=])\s*"));

/// What stands before a name that is the first of a list, and between it and the second.
static FIRST_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"[\[(]\s*[ub]?\\*["']$"#));
static SECOND_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"^\\*["']\s*,\s*"#));

/// What stands between an option and its value, if not a `=`: `--password x`, or the same as a list.
static BEHIND_OPTION: LazyLock<Regex> = LazyLock::new(|| regex(r#"^(?:\\*["']\s*,\s*|\s+)"#));

/// What stands before a name that is under `name` in a dict, or is that attribute of an element.
static AS_NAME: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\b(?:name|key|header|field)\\*["']?\s*[:=]\s*[ub]?\\*["']$"#));

/// What stands before the value of such a name, wherever it stands.
static AS_VALUE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(?i)\b(?:values?|val|default)\\*["']?\s*[:=]\s*"#));

/// The end of a tag behind a name that is an attribute, and the whole way from a name that is an
/// element to the value that is the next: `<name>password</name><value>`.
static END_OF_TAG: LazyLock<Regex> = LazyLock::new(|| regex(r#"^\\*["'](?:[^<>]*[^<>/])?>"#));
static IN_NAME_ELEMENT: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?i)<(?:[\w.-]+:)?(?:name|key|header|field)(?:\s[^<>]*)?>[^<>]*$"));
static TO_VALUE_ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)^[^<>]*</[^<>]*>\s*<(?:[\w.-]+:)?(?:values?|val|default)(?:\s[^<>]*)?>")
});

/// How far from a name its value is looked for, in bytes; a limit, or names without values would
/// take quadratic time.
const FAR: usize = 512;

/// How much before a name is looked at for what makes it one.
const NEAR: usize = 32;

/// The longest name in bytes that is looked at whole: a key in quotes may have spaces in it, or
/// anything else.
const LONGEST: usize = 256;

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is fixed and tested")
}

/// Adds where the values of names stand that name secrets; `hints` are parts of such names.
///
/// What is inside a masked value is not looked at again, or nesting would take quadratic time.
pub(super) fn values_of_secret_names(
    text: &str,
    hints: &[Range<usize>],
    secrets: &mut Vec<Range<usize>>,
) {
    let mut looked_at_up_to = 0;
    for hint in hints {
        if hint.start < looked_at_up_to {
            continue;
        }
        let name = name_around(text, hint, looked_at_up_to);
        let first = secrets.len();
        secrets.extend(value_of_word(text, &name));
        if secrets.len() == first {
            values_of_quoted(text, hint, looked_at_up_to, secrets);
        }
        if secrets.len() == first {
            secrets.extend(value_of_unquoted(text, &name));
        }
        let end_of_values = secrets[first..].iter().map(|value| value.end).max();
        looked_at_up_to = name.end.max(end_of_values.unwrap_or_default());
    }
    let harmless = ["", MASK, "None", "null", "True", "False", "true", "false"];
    secrets.retain(|value| !harmless.contains(&&text[value.clone()]));
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

/// The value of a word that names a secret and has a separator behind it.
fn value_of_word(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let word = &text[name.clone()];
    let separator = SEPARATOR.find(&text[name.end..])?;
    if !is_secret(word) {
        return None;
    }
    let is_header = word.to_ascii_lowercase().ends_with("authorization");
    let style = match separator.as_str().trim_start().chars().next() {
        Some(':') if is_header => Style::Header,
        Some(':') => Style::Line,
        Some('=') => Style::Assignment,
        Some('%') => Style::Encoded,
        _ => Style::Value,
    };
    Some(value_at(text, name.end + separator.end(), style))
}

/// Adds the values of a name in quotes, whatever else stands between the quotes.
fn values_of_quoted(text: &str, hint: &Range<usize>, from: usize, secrets: &mut Vec<Range<usize>>) {
    let from = boundary_at(text, from.max(hint.start.saturating_sub(LONGEST)));
    let to = boundary_at(text, text.len().min(hint.end + LONGEST));
    for quote in ['"', '\'', '`'] {
        let Some(opening) = text[from..hint.start].rfind(quote) else {
            continue;
        };
        let start = from + opening + 1;
        let escape = backslashes_before(text, start - 1);
        let end = closing_quote(&text[..to], start, quote, escape);
        if end < hint.end || end == to || !is_secret(&text[start..end]) {
            continue;
        }
        let behind = end + escape + 1;
        match BEHIND_KEY.find(&text[behind..]) {
            Some(separator) => {
                secrets.push(value_at(text, behind + separator.end(), Style::Value));
            }
            None => values_beside(text, &(start..end), behind, secrets),
        }
        return;
    }
}

/// The value of a name that no quotes and no separator tell: `--password x`, or an element.
fn value_of_unquoted(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    if !is_secret(&text[name.clone()]) {
        return None;
    }
    let behind = &text[name.end..boundary_at(text, text.len().min(name.end + FAR))];
    if text[name.clone()].starts_with("--") {
        let space = BEHIND_OPTION.find(behind)?;
        return Some(value_at(text, name.end + space.end(), Style::Assignment));
    }
    let before = &text[boundary_at(text, name.start.saturating_sub(FAR))..name.start];
    if !before.contains('<') || !IN_NAME_ELEMENT.is_match(before) {
        return None;
    }
    let content = name.end + TO_VALUE_ELEMENT.find(behind)?.end();
    Some(content_at(text, content))
}

/// Adds the values of a name that is no key: `["Authorization", "Basic …"]`, or `{"name": "password",
/// "value": …}`. Its quote ends at `end_of_name`.
fn values_beside(
    text: &str,
    name: &Range<usize>,
    end_of_name: usize,
    secrets: &mut Vec<Range<usize>>,
) {
    let before = &text[boundary_at(text, name.start.saturating_sub(NEAR))..name.start];
    let behind = name.end..boundary_at(text, text.len().min(name.end + FAR));
    if FIRST_OF_LIST.is_match(before)
        && let Some(found) = SECOND_OF_LIST.find(&text[behind.clone()])
    {
        secrets.push(value_at(text, name.end + found.end(), Style::Value));
    }
    let Some(as_name) = AS_NAME.find(before) else {
        return;
    };
    let key_of_name = name.start - before.len() + as_name.start();
    let before = boundary_at(text, key_of_name.saturating_sub(FAR))..key_of_name;
    let keys_before =
        keys_of_values(text, before).filter(|key| is_in_same(text, key, key.end..key_of_name));
    let keys_behind = keys_of_values(text, behind.clone())
        .filter(|key| is_in_same(text, key, end_of_name..key.start));
    secrets.extend(
        keys_before
            .chain(keys_behind)
            .map(|key| value_at(text, key.end, Style::Value)),
    );
    if let Some(end_of_tag) = END_OF_TAG.find(&text[behind]) {
        secrets.push(content_at(text, name.end + end_of_tag.end()));
    }
}

/// What stands under `value` in the attributes of an element.
pub(super) fn values_of_attributes(
    text: &str,
    attributes: Range<usize>,
) -> impl Iterator<Item = Range<usize>> {
    keys_of_values(text, attributes).map(|key| value_at(text, key.end, Style::Value))
}

/// Where `value` and the like stand in this part of the text, with what separates them from values.
fn keys_of_values(text: &str, part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let start = part.start;
    AS_VALUE
        .find_iter(&text[part])
        .map(move |key| start + key.start()..start + key.end())
}

/// Whether a key stands in the same dict, call or tag as a name with this part of the text between
/// both. Brackets in quoted strings do not count.
fn is_in_same(text: &str, key: &Range<usize>, between: Range<usize>) -> bool {
    let is_attribute = text[key.clone()].contains('=');
    let part = &text[..between.end];
    let mut depth = 0_usize;
    let mut at = between.start;
    while let Some(&byte) = part.as_bytes().get(at) {
        match byte {
            b'"' | b'\'' => {
                let escape = backslashes_before(part, at);
                at = closing_quote(part, at + 1, char::from(byte), escape) + escape;
            }
            b'{' | b'[' | b'(' => depth += 1,
            b'}' | b']' | b')' if depth == 0 => return false,
            b'}' | b']' | b')' => depth -= 1,
            b'<' | b'>' if is_attribute => return false,
            _ => {}
        }
        at += 1;
    }
    depth == 0
}

/// What an element holds that starts here.
fn content_at(text: &str, at: usize) -> Range<usize> {
    let length = text[at..].find('<').unwrap_or(text.len() - at);
    at..at + length
}

/// The start of the character that this byte is in.
fn boundary_at(text: &str, mut at: usize) -> usize {
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
