//! Writes values as YAML that versions 1.1 and 1.2 read alike: blocks of plain and double-quoted
//! text.
//!
//! The writers of crates lose numbers that are no machine numbers, or leave text plain that one of
//! the two versions takes for something else.

use serde_json::{Map, Value};

use crate::export::quote::{yaml_number, yaml_string};

/// A longer key, in bytes, needs a question mark before it: YAML takes 1024 characters.
const LONGEST_KEY: usize = 1000;

/// Returns a value as a YAML document.
#[must_use]
pub fn yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(dict) if !dict.is_empty() => write_entries(dict, 0, &mut text),
        Value::Array(list) if !list.is_empty() => write_items(list, 0, &mut text),
        _ => {
            write_scalar(value, &mut text);
            text.push('\n');
        }
    }
    text
}

/// Writes the entries of a mapping, each with so many spaces before it and a newline behind.
pub(super) fn write_entries(dict: &Map<String, Value>, indent: usize, out: &mut String) {
    for (key, value) in dict {
        push_indent(indent, out);
        write_entry(key, value, indent, out);
    }
}

fn write_entry(key: &str, value: &Value, indent: usize, out: &mut String) {
    let key = yaml_string(key);
    if key.len() > LONGEST_KEY {
        out.extend(["? ", &key, "\n"]);
        push_indent(indent, out);
        out.push(':');
    } else {
        out.extend([&*key, ":"]);
    }
    match value {
        Value::Object(dict) if !dict.is_empty() => {
            out.push('\n');
            write_entries(dict, indent + 2, out);
        }
        Value::Array(list) if !list.is_empty() => {
            out.push('\n');
            write_items(list, indent + 2, out);
        }
        _ => {
            out.push(' ');
            write_scalar(value, out);
            out.push('\n');
        }
    }
}

fn write_items(list: &[Value], indent: usize, out: &mut String) {
    for item in list {
        push_indent(indent, out);
        write_item(item, indent, out);
    }
}

/// Writes an item whose indentation has been written. Its content starts two columns behind.
fn write_item(item: &Value, indent: usize, out: &mut String) {
    out.push_str("- ");
    match item {
        Value::Object(dict) => {
            let mut entries = dict.iter();
            match entries.next() {
                Some((key, value)) => write_entry(key, value, indent + 2, out),
                None => out.push_str("{}\n"),
            }
            for (key, value) in entries {
                push_indent(indent + 2, out);
                write_entry(key, value, indent + 2, out);
            }
        }
        Value::Array(list) => {
            let mut items = list.iter();
            match items.next() {
                Some(item) => write_item(item, indent + 2, out),
                None => out.push_str("[]\n"),
            }
            for item in items {
                push_indent(indent + 2, out);
                write_item(item, indent + 2, out);
            }
        }
        scalar => {
            write_scalar(scalar, out);
            out.push('\n');
        }
    }
}

/// Writes what stands in one line. Containers that do are empty.
fn write_scalar(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(true) => out.push_str("true"),
        Value::Bool(false) => out.push_str("false"),
        Value::Number(number) => out.push_str(&yaml_number(number)),
        Value::String(text) => out.push_str(&yaml_string(text)),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn push_indent(indent: usize, out: &mut String) {
    out.extend(std::iter::repeat_n(' ', indent));
}
