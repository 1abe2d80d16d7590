//! Quotes text for files of Hurl.

use std::fmt::Write as _;

use super::json::without_templates;
use crate::pyrepr::is_obeyed;

/// Returns JSON as a body of Hurl that is sent as it is.
pub(in crate::export) fn hurl_body(json: &str) -> String {
    // Hurl's own JSON loses escapes in keys. In JSON, backticks stand in strings only.
    let json = without_templates(json).replace("```", "``\\u0060");
    format!("```json\n{json}\n```\n")
}

/// Returns `text` as a string literal of Hurl in which every character is visible or escaped.
pub(in crate::export) fn hurl_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            // Two of them open a template.
            '{' => literal.push_str("\\u{7b}"),
            _ if is_obeyed(c) => {
                write!(literal, "\\u{{{:x}}}", u32::from(c))
                    .expect("memory takes all that is written");
            }
            _ => literal.push(c),
        }
    }
    literal.push('"');
    literal
}
