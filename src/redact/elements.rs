//! Finds what stands in the elements of XML that are named after secrets.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;

use super::is_secret;
use super::named::values_of_attributes;
use super::pattern::regex;

/// The opening tag of an element: its bracket, its name, and its attributes.
static OPENING: LazyLock<Regex> = LazyLock::new(|| regex(r"(<)([A-Za-z_][\w:.-]*)(\s[^<>]*)?>"));

/// The same with its brackets escaped, as those of XML inside XML or JSON may be.
static ESCAPED_OPENING: LazyLock<Regex> = LazyLock::new(|| {
    regex(
        r"(&(?:amp;)?lt;|\\+u003[cC])([A-Za-z_][\w:.-]*)(\s[^<>&\\]*(?:(?:&(?:amp;)?(?:quot|apos|#\w+);|\\+[^u])[^<>&\\]*)*)?(?:&(?:amp;)?gt;|\\+u003[eE])",
    )
});

/// Adds what stands in elements that are named after secrets, and in their attribute `value`.
///
/// What is inside a masked value is not looked at again, or nesting would take quadratic time.
pub(super) fn contents_of_secret_elements(text: &str, secrets: &mut Vec<Range<usize>>) {
    if text.contains('<') {
        contents_behind(&OPENING, text, secrets);
    }
    if text.contains("lt;") || text.contains("u003") {
        contents_behind(&ESCAPED_OPENING, text, secrets);
    }
}

fn contents_behind(opening: &Regex, text: &str, secrets: &mut Vec<Range<usize>>) {
    let mut looked_at_up_to = 0;
    for found in opening.captures_iter(text) {
        let (Some(whole), Some(bracket), Some(name)) = (found.get(0), found.get(1), found.get(2))
        else {
            continue;
        };
        let local = name.as_str().rsplit(':').next().unwrap_or_default();
        if whole.start() < looked_at_up_to || !is_secret(local) {
            continue;
        }
        looked_at_up_to = whole.end();
        if let Some(attributes) = found.get(3) {
            let values = values_of_attributes(text, attributes.range());
            looked_at_up_to = values.last().map_or(looked_at_up_to, |last| last.end);
            secrets.extend(values);
        }
        let is_empty = text[..whole.end()].ends_with("/>") || whole.as_str().contains("/&");
        if !is_empty && looked_at_up_to <= whole.end() {
            let end = end_of_element(text, whole.end(), bracket.as_str(), name.as_str());
            secrets.extend((whole.end() < end).then_some(whole.end()..end));
            looked_at_up_to = end;
        }
    }
}

/// Where the tag stands that closes the element whose content starts here, or the end of the text.
/// Elements of the same name may stand within one another.
pub(super) fn end_of_element(text: &str, content: usize, bracket: &str, name: &str) -> usize {
    let mut depth = 0_usize;
    for at in memmem::find_iter(&text.as_bytes()[content..], bracket) {
        let at = content + at;
        let inside = &text[at + bracket.len()..];
        let closing = inside.strip_prefix('/');
        let is_same = closing.unwrap_or(inside).strip_prefix(name);
        match (is_same, closing) {
            (Some(rest), _) if rest.starts_with(is_part_of_name) => {}
            (Some(_), Some(_)) if depth == 0 => return at,
            (Some(_), Some(_)) => depth -= 1,
            (Some(_), None) => depth += 1,
            (None, _) => {}
        }
    }
    text.len()
}

/// Whether a character may stand in the name of an element.
pub(super) fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | ':' | '.' | '-')
}
