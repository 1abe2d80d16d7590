//! Finds what stands in the elements of XML that are named after secrets.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::is_secret;
use super::named::values_of_attributes;

/// The opening tag of an element: its name, and its attributes. Its brackets may be escaped, as
/// those of XML inside XML are.
static OPENING: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"(?:<|&lt;)([A-Za-z_][\w:.-]*)(\s(?:[^<>&]|&(?:amp|quot|apos|#\w+);)*)?(?:>|/>|&gt;)",
    )
    .expect("the pattern is fixed and tested")
});

/// Adds what stands in elements that are named after secrets, and in their attribute `value`.
///
/// What is inside a masked value is not looked at again, or nesting would take quadratic time.
pub(super) fn contents_of_secret_elements(text: &str, secrets: &mut Vec<Range<usize>>) {
    if memchr::memchr2(b'<', b'&', text.as_bytes()).is_none() {
        return;
    }
    let mut looked_at_up_to = 0;
    for found in OPENING.captures_iter(text) {
        let (Some(name), Some(whole)) = (found.get(1), found.get(0)) else {
            continue;
        };
        let local = name.as_str().rsplit(':').next().unwrap_or_default();
        if whole.start() < looked_at_up_to || !is_secret(local) {
            continue;
        }
        let first = secrets.len();
        if let Some(attributes) = found.get(2) {
            secrets.extend(values_of_attributes(text, attributes.range()));
        }
        if !whole.as_str().ends_with("/>") {
            let end = end_of_element(text, whole.end(), name.as_str());
            secrets.push(whole.end()..end);
        }
        let end_of_values = secrets[first..].iter().map(|value| value.end).max();
        looked_at_up_to = end_of_values.unwrap_or_default();
    }
    secrets.retain(|secret| !secret.is_empty());
}

/// Where the closing tag of an element stands, or the end of the text.
fn end_of_element(text: &str, content: usize, name: &str) -> usize {
    let ends = ["<", "&lt;"].map(|bracket| text[content..].find(&format!("{bracket}/{name}")));
    let nearest = ends.into_iter().flatten().min();
    nearest.map_or(text.len(), |at| content + at)
}
