//! Finds secrets inside text by the names beside them: `password=x`, `{"API key": "x"}`,
//! `["token", "x"]`, `{"name": "password", "value": "x"}`.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::elements::{end_of_element, is_part_of_name};
use super::key::{Holds, holds};
use super::pattern::regex;
use super::value::{Style, backslashes_before, boundary_at, closing_quote, continued, value_at};
use super::{MASK, is_secret};

/// What stands between a name in quotes and its value, from the quote on. It may be escaped as in a
/// literal, a URL, XML or JSON.
static BEHIND_QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^(?:\\*["'`]|%2[27]|&quot;|&#3[49];|\\+u002[27])(?:\s|%20)*(?:=>|:=|==|[:=]|%3[aAdD])(?:\s|%20)*"#,
    )
});

/// What stands between a name without quotes and its value: in a form a bracket may be around the
/// name, and a remark in brackets behind it.
static BEHIND_BARE: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"^(?:\]|%5[dD])?(?:\[\d*\]|%5[bB]\d*%5[dD])?(?:[ \t]\([^()\n]{0,32}\))?(?:[ \t]+==|(?:[ \t]|%20)*(?:=>|:=|[:=]|%3[aAdD]|\\+u003[aAdD]))[ \t]*",
    )
});

/// What stands behind the quote that ends a key, and behind what is around the key: `('password',): `.
static BEHIND_KEY: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^\s*(?:,?\s*[)\]])*\s*(?:=>|:=|==|[:=])\s*"));

/// What stands between a name and the literal that it is given, where its type is told:
/// `password: Optional['str'] = 'x'`.
static ANNOTATION: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^(?:[\w.\[\], |]|\\*'[^'\n]{0,32}'|\\*"[^"\n]{0,32}"){1,64}?=[ \t]*([uUbBrRfF]{0,2}\\*["'])"#,
    )
});

/// What stands before a name that is the first of its line, of a quoted text, or of a setting behind
/// a semicolon: all that stands before it in the line.
static START_OF_LINE: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"(^|["'\n;]|\\+n)([ \t]*(?:- +)?)(?:(?:export|set|ENV) +)?$"#));

/// What stands before a name that is the first of a list, and between it and the second.
static FIRST_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"[\[(]\s*[ub]?\\*["']$"#));
static SECOND_OF_LIST: LazyLock<Regex> = LazyLock::new(|| regex(r#"^\\*["']\s*,\s*"#));

/// What stands before the name of an attribute in `setattr(x, 'password', 'y')`.
static IN_SETATTR: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"setattr(?:__)?\([^,()"']{1,64},\s*[ub]?\\*["']$"#));

/// What stands before `password x` in a `.netrc`.
static LOGIN_IN_NETRC: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"\b(?:machine(?:\s|\\n)+\S+?|default)(?:\s|\\n)+login(?:\s|\\n)+\S+?(?:\s|\\n)+$")
});

/// What stands between `auth` and the password in `auth=('user', 'password')`, `"auth": ["user", …]`,
/// and `HTTPBasicAuth(user, 'password')`.
static AUTH_PAIR: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"^(?:\\*["'])?\s*(?:[=:]\s*)?[(\[]\s*(?:[ubr]?\\*(?:"[^"\n]{0,128}?"|'[^'\n]{0,128}?')|[\w.]{1,64})\s*,\s*"#,
    )
});

/// What stands between an option and its value, if not a `=`: `--password x`, or the same as a list.
static BEHIND_OPTION: LazyLock<Regex> = LazyLock::new(|| regex(r#"^(?:\\*["']\s*,\s*|[ \t]+)"#));

/// What stands between a name and a literal that nothing else parts from it: `PASSWORD 'x'` in SQL,
/// and `set_password('x')`.
static BEFORE_LITERAL: LazyLock<Regex> =
    LazyLock::new(|| regex(r#"^(?:[ \t]+|[ \t]*\(\s*)(?:[A-Za-z$]{0,2}\\*["'])"#));

/// What stands before a name that is under `name` in a dict, or is that attribute of an element.
static AS_NAME: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r#"(?i)\b(?:name|key|header|field|param|parameter|attribute|property|option|setting|variable|label|path)\\*["']?\s*[:=]\s*[ub]?\\*["']/?$"#,
    )
});

/// What stands before the value of such a name, wherever it stands.
static AS_VALUE: LazyLock<Regex> = LazyLock::new(|| {
    regex(r#"(?i)\b(?:(?:old_|new_)?values?|old|new|val|default)\\*["']?\s*[:=]\s*"#)
});

/// The same in a line of YAML each.
static NAME_IN_LINE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"(?:^|\n|\\+n)[ \t-]*(?:name|key)[ \t]*:[ \t]*$"));
static VALUE_IN_LINE: LazyLock<Regex> =
    LazyLock::new(|| regex(r"^[ \t]*(?:\r?\n|(?:\\+r)?\\+n)[ \t]*(?:value|default)[ \t]*:[ \t]*"));

/// The end of a tag behind a name that is an attribute, and the whole way from a name that is an
/// element to the value that is one behind it: `<name>password</name><value>`.
static END_OF_TAG: LazyLock<Regex> = LazyLock::new(|| regex(r#"^\\*["'](?:[^<>]*[^<>/])?>"#));
static IN_NAME_ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(r"(?i)<(?:[\w.-]+:)?(?:name|key|header|field|string)(?:\s[^<>]*)?>[^<>]*$")
});
static TO_VALUE_ELEMENT: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(?i)^[^<>]*</[^<>]*>\s*(?:<[\w.:-]+>[^<>]*</[^<>]*>\s*){0,2}?<((?:[\w.-]+:)?(?:values?|val|default|string))(?:\s[^<>]*)?>",
    )
});

/// How far from a name its value is looked for, in bytes; a limit, or names without values would
/// take quadratic time.
const FAR: usize = 512;

/// How much before a name is looked at for what makes it one.
const NEAR: usize = 96;

/// The longest name in bytes that is looked at whole: a key in quotes may have spaces in it, or
/// anything else.
const LONGEST: usize = 256;

/// Adds where the values of names stand that name secrets; `hints` are parts of such names.
///
/// What is inside a masked value is not looked at again, or nesting would take quadratic time; but for
/// the last name in it, the value of which may stand behind: `token=x {"password": "y"}`.
pub(super) fn values_of_secret_names(
    text: &str,
    hints: &[Range<usize>],
    secrets: &mut Vec<Range<usize>>,
) {
    let (mut end_of_name, mut end_of_values) = (0, 0);
    for (nth, hint) in hints.iter().enumerate() {
        let next = hints.get(nth + 1);
        let is_last_inside = next.is_none_or(|next| next.start >= end_of_values);
        if hint.start < end_of_name || (hint.start < end_of_values && !is_last_inside) {
            continue;
        }
        let name = name_around(text, hint, end_of_name);
        let first = secrets.len();
        secrets.extend(value_of_word(text, &name));
        if secrets.len() == first {
            values_of_quoted(text, hint, end_of_name, secrets);
        }
        if secrets.len() == first {
            secrets.extend(value_of_unquoted(text, &name));
        }
        end_of_name = name.end;
        let ends = secrets[first..].iter().map(|value| value.end);
        end_of_values = ends.fold(end_of_values, usize::max);
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
    if text[start..end].eq_ignore_ascii_case("key") {
        let before = text[from..start].trim_end_matches(' ');
        if from + before.len() < start {
            start = word_start(from + before.len());
        }
    }
    start..end
}

/// The value of a word that names a secret and has a separator behind it.
fn value_of_word(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    let word = &text[name.clone()];
    let behind = &text[name.end..];
    if let Some(separator) = BEHIND_QUOTED.find(behind) {
        let is_encoded = separator.as_str().starts_with('%');
        let style = if is_encoded {
            Style::Encoded
        } else {
            Style::Value
        };
        return is_secret(word).then(|| value_at(text, name.end + separator.end(), style));
    }
    let separator = BEHIND_BARE.find(behind)?;
    if !is_secret(word) {
        return None;
    }
    let at = name.end + separator.end();
    let separator = separator.as_str();
    if separator.contains('%') {
        return Some(value_at(text, at, Style::Encoded));
    }
    let line = indentation_before(text, name.start);
    let style = match separator.contains(':') {
        true if word.to_ascii_lowercase().ends_with("authorization") => Style::Header,
        true => Style::Line,
        false if line.is_some() => Style::Setting,
        false => Style::Assignment,
    };
    // The path of a shell's working directory.
    if matches!(word, "PWD" | "OLDPWD") && text[at..].starts_with('/') {
        return None;
    }
    if style == Style::Line
        && let Some(found) = ANNOTATION.captures(&text[at..])
        && let Some(literal) = found.get(1)
    {
        return Some(at..value_at(text, at + literal.start(), Style::Value).end);
    }
    let value = value_at(text, at, style);
    Some(match line {
        Some(indentation) if style != Style::Header => continued(text, value, indentation),
        Some(_) | None => value,
    })
}

/// By how many characters a line is indented of which this is the first word, but for what may stand
/// before a setting.
fn indentation_before(text: &str, at: usize) -> Option<usize> {
    let from = boundary_at(text, at.saturating_sub(NEAR));
    let found = START_OF_LINE.captures(&text[from..at])?;
    let (start, indentation) = (found.get(1)?, found.get(2)?);
    (!start.is_empty() || from == 0).then_some(indentation.len())
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

/// The value of a name that no quotes and no separator tell: `--password x`, a literal, a line of
/// YAML, or an element.
fn value_of_unquoted(text: &str, name: &Range<usize>) -> Option<Range<usize>> {
    if holds(&text[name.clone()]) == Holds::Login {
        let behind = &text[name.end..boundary_at(text, text.len().min(name.end + FAR))];
        let password = name.end + AUTH_PAIR.find(behind)?.end();
        return text[password..]
            .starts_with(['"', '\'', '\\', 'u', 'b', 'r'])
            .then(|| value_at(text, password, Style::Value));
    }
    if !is_secret(&text[name.clone()]) {
        return None;
    }
    let behind = &text[name.end..boundary_at(text, text.len().min(name.end + FAR))];
    if text[name.clone()].starts_with('-')
        && let Some(space) = BEHIND_OPTION.find(behind)
    {
        let at = name.end + space.end();
        let is_option = text[at..].starts_with('-');
        return (!is_option).then(|| value_at(text, at, Style::Assignment));
    }
    if let Some(found) = BEFORE_LITERAL.find(behind) {
        let opening = found
            .as_str()
            .trim_start_matches([' ', '\t', '(', '\n', '\r']);
        let at = name.end + found.end() - opening.len();
        return Some(value_at(text, at, Style::Value));
    }
    let from = boundary_at(text, name.start.saturating_sub(FAR));
    let before = &text[from..name.start];
    let space = behind.len() - behind.trim_start_matches([' ', '\t']).len();
    if space > 0 && LOGIN_IN_NETRC.is_match(before) {
        return Some(value_at(text, name.end + space, Style::Assignment));
    }
    if NAME_IN_LINE.is_match(before)
        && let Some(found) = VALUE_IN_LINE.find(behind)
    {
        return Some(value_at(text, name.end + found.end(), Style::Line));
    }
    if !before.contains('<') || !IN_NAME_ELEMENT.is_match(before) {
        return None;
    }
    let opening = TO_VALUE_ELEMENT.captures(behind)?;
    let content = name.end + opening.get(0)?.end();
    let end = end_of_element(text, content, "<", opening.get(1)?.as_str());
    Some(content..end)
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
    if (FIRST_OF_LIST.is_match(before) || IN_SETATTR.is_match(before))
        && let Some(found) = SECOND_OF_LIST.find(&text[behind.clone()])
    {
        secrets.push(value_at(text, name.end + found.end(), Style::Value));
    }
    let Some(as_name) = AS_NAME.find(before) else {
        return;
    };
    let key_of_name = name.start - before.len() + as_name.start();
    let before = boundary_at(text, key_of_name.saturating_sub(FAR))..key_of_name;
    let keys_before = keys_of_values(text, before.clone())
        .filter(|key| is_in_same(text, key, key.end..key_of_name));
    let keys_behind = keys_of_values(text, behind.clone())
        .filter(|key| is_in_same(text, key, end_of_name..key.start));
    secrets.extend(values_of(text, keys_before.chain(keys_behind)));
    if let Some(end_of_tag) = END_OF_TAG.find(&text[behind])
        && let Some(bracket) = text[before.clone()].rfind('<')
    {
        let tag = &text[before.start + bracket + 1..];
        let tag = &tag[..tag.len() - tag.trim_start_matches(is_part_of_name).len()];
        let content = name.end + end_of_tag.end();
        secrets.push(content..end_of_element(text, content, "<", tag));
    }
}

/// What stands under `value` in the attributes of an element.
pub(super) fn values_of_attributes(text: &str, attributes: Range<usize>) -> Vec<Range<usize>> {
    values_of(text, keys_of_values(text, attributes))
}

/// The values behind these keys. A key inside a value is none.
fn values_of(text: &str, keys: impl Iterator<Item = Range<usize>>) -> Vec<Range<usize>> {
    let mut values: Vec<Range<usize>> = Vec::new();
    for key in keys {
        if values.last().is_none_or(|last| last.end <= key.start) {
            values.push(value_at(text, key.end, Style::Value));
        }
    }
    values
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
