//! Writes paths and text as programs of jq.

use serde_json::Value;

use super::json_path::is_word;
use super::visible::visible_json;
use crate::usage::Place;

/// Returns a program of jq that takes what stands in such a place of its input.
pub(in crate::export) fn jq_path(path: &[Place]) -> String {
    let steps = jq_steps(path);
    if steps.starts_with('.') {
        steps
    } else {
        format!(".{steps}")
    }
}

/// Returns what stands in a program of jq behind an expression, to take what is in such a place of it.
pub(in crate::export) fn jq_steps(path: &[Place]) -> String {
    let steps = path.iter().map(|place| match place {
        Place::Key(key) => jq_key(key),
        Place::Item(nth) => format!("[{nth}]"),
    });
    steps.collect()
}

/// Returns what takes a key's value behind an expression of jq: `.name`, or `["it's"]`.
fn jq_key(key: &str) -> String {
    if is_word(key) {
        format!(".{key}")
    } else {
        format!("[{}]", jq_string(key))
    }
}

/// Returns `text` as a string of jq: one of JSON is, for JSON escapes the backslash with which jq
/// would start a program within it.
pub(in crate::export) fn jq_string(text: &str) -> String {
    visible_json(Value::from(text).to_string()).into_owned()
}
