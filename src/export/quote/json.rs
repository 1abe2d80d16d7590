//! Writes values as JSON, for those who read more than JSON in it.

use serde::Serialize;
use serde_json::Value;

use super::visible::visible_json;

/// Returns a value as compact JSON in which every character is visible or escaped.
#[must_use]
pub fn compact_json(value: &Value) -> String {
    visible_json(value.to_string()).into_owned()
}

/// Returns a value as indented JSON in which every character is visible or escaped.
#[must_use]
pub fn indented_json(value: &impl Serialize) -> String {
    let json =
        serde_json::to_string_pretty(value).expect("it has text as keys, and memory takes all");
    visible_json(json).into_owned()
}

/// Returns a value as compact JSON for an element of a web page, which nothing in it can end: `<` is
/// in none but its texts, and escaped there.
pub(in crate::export) fn script_json(value: &Value) -> String {
    compact_json(value).replace('<', "\\u003c")
}

/// Returns JSON in which nothing is a template, `{{…}}`, of `.http` files, Hurl or Postman. Two
/// braces in a row open a template; in JSON they stand in strings only, where one can be escaped.
pub(in crate::export) fn without_templates(json: &str) -> String {
    json.replace("{{", "{\\u007b")
}
