//! Writes values, paths and text as Python.

use std::fmt::Write as _;

use serde_json::Value;

use super::standing::{Standing, in_item, in_key, standing_here};
use crate::pyrepr::is_obeyed;
use crate::usage::{Place, is_deeper};

/// Returns a value as an expression of Python: a literal, or `json.loads(…)` of one that is nested
/// too deeply.
pub(in crate::export) fn python_expression(value: &Value) -> String {
    if is_deeper(value, DEEPEST_LITERAL) {
        return format!("json.loads({})", python_string(&value.to_string()));
    }
    python_expression_with(value, &[])
}

/// A value that is nested deeper stands in the code as JSON: Python takes about a hundred brackets
/// within each other.
const DEEPEST_LITERAL: usize = 50;

/// Returns a value as a literal of Python, with names of variables in the places of what they stand
/// for. It must not be nested more than [`DEEPEST_LITERAL`] levels deep.
pub(in crate::export) fn python_expression_with(
    value: &Value,
    variables: &[Standing<'_>],
) -> String {
    let mut literal = String::new();
    write_python(value, variables, "", &mut literal);
    literal
}

fn write_python(value: &Value, variables: &[Standing<'_>], indent: &str, out: &mut String) {
    if let Some(name) = standing_here(variables) {
        out.push_str(name);
        return;
    }
    let deeper = format!("{indent}    ");
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        // Every number of JSON is one of Python.
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&python_string(text)),
        Value::Array(list) if list.is_empty() => out.push_str("[]"),
        Value::Object(dict) if dict.is_empty() => out.push_str("{}"),
        Value::Array(list) => {
            out.push_str("[\n");
            for (nth, item) in list.iter().enumerate() {
                out.push_str(&deeper);
                write_python(item, &in_item(variables, nth), &deeper, out);
                out.push_str(",\n");
            }
            out.extend([indent, "]"]);
        }
        Value::Object(dict) => {
            out.push_str("{\n");
            for (key, value) in dict {
                out.extend([&deeper, &python_string(key), ": "]);
                write_python(value, &in_key(variables, key), &deeper, out);
                out.push_str(",\n");
            }
            out.extend([indent, "}"]);
        }
    }
}

/// Returns the value that stands in such a place of a variable of Python.
pub(in crate::export) fn python_path(path: &[Place]) -> String {
    let steps = path.iter().map(|place| match place {
        Place::Key(key) => format!("[{}]", python_string(key)),
        Place::Item(nth) => format!("[{nth}]"),
    });
    steps.collect()
}

/// Returns `text` as a string literal of Python in which every character is visible or escaped.
pub(in crate::export) fn python_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ if is_obeyed(c) => {
                write!(literal, "\\u{:04x}", u32::from(c))
                    .expect("memory takes all that is written");
            }
            _ => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}
