//! Makes a document of the index out of an invocation.
//!
//! What can be found is what the invocation's line shows: words and values are read from the line
//! itself, so whatever the [`View`] has masked there is not in the index at all.

use serde_json::{Number, Value};
use tantivy::TantivyDocument;
use tantivy::schema::{Field, OwnedValue};

use super::schema::{END_OF_PATH, Fields};
use crate::entry::Asctime;
use crate::invocation::Invocation;
use crate::pyrepr::{Notation, Tokens};
use crate::view::{View, write_json_line};

/// A value whose path of keys has more bytes is found by its words only: tantivy drops terms over
/// 64 KiB, and each starts with its path.
const LONGEST_PATH: usize = 1024;

pub(super) fn document(
    fields: &Fields,
    view: &View,
    invocation: &Invocation<'_>,
    id: &str,
) -> TantivyDocument {
    let mut document = TantivyDocument::default();
    document.add_text(fields.id, id);
    document.add_text(fields.service, invocation.service);
    document.add_text(fields.service_words, invocation.service);
    document.add_text(fields.outcome, invocation.outcome().as_str());
    for (field, text) in [
        (fields.cid, invocation.cid),
        (fields.server, invocation.server),
    ] {
        if let Some(text) = text {
            document.add_text(field, text);
        }
    }
    for (field, number) in [
        (fields.seen_at, invocation.seen_at().map(Asctime::millis)),
        (
            fields.started_at,
            invocation.started_at().map(Asctime::millis),
        ),
        (
            fields.finished_at,
            invocation.finished_at().map(Asctime::millis),
        ),
        (
            fields.duration_ms,
            invocation.duration_ms().filter(|&duration| duration >= 0),
        ),
    ] {
        if let Some(number) = number {
            document.add_i64(field, number);
        }
    }
    let mut line = Vec::new();
    write_json_line(view, invocation, &mut line);
    let line = line.trim_ascii_end();
    let shown = Tokens::new(line, Notation::Json)
        .into_value()
        .expect("the line is JSON");
    if let Some(request) = shown.get("request") {
        add_words(&mut document, fields.request_words, request);
        add_values(&mut document, fields, "request", request);
    }
    if let Some(response) = shown.get("response") {
        add_words(&mut document, fields.response_words, response);
    }
    document.add_text(
        fields.line,
        std::str::from_utf8(line).expect("JSON is UTF-8"),
    );
    document
}

/// Adds each text by itself, keys included, so that no phrase goes from one to the next.
fn add_words(document: &mut TantivyDocument, field: Field, value: &Value) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => document.add_text(field, number.to_string()),
        Value::String(text) => document.add_text(field, text),
        Value::Array(items) => items
            .iter()
            .for_each(|item| add_words(document, field, item)),
        Value::Object(entries) => {
            for (key, value) in entries {
                document.add_text(field, key);
                add_words(document, field, value);
            }
        }
    }
}

fn add_values(document: &mut TantivyDocument, fields: &Fields, root: &str, value: &Value) {
    let mut path = root.to_owned();
    let mut nulls = Vec::new();
    if let Some(value) = indexed(value, &mut path, &mut nulls) {
        document.add_object(fields.values, [(path, value)].into());
    }
    for null in nulls {
        document.add_text(fields.nulls, null);
    }
}

/// Returns what tantivy indexes of the value under `path`, and puts the paths of nulls aside.
fn indexed(value: &Value, path: &mut String, nulls: &mut Vec<String>) -> Option<OwnedValue> {
    Some(match value {
        Value::Null => {
            nulls.push(path.clone());
            return None;
        }
        Value::Bool(truth) => OwnedValue::Bool(*truth),
        Value::Number(number) => indexed_number(number),
        Value::String(text) => OwnedValue::Str(text.clone()),
        Value::Array(items) => OwnedValue::Array(
            items
                .iter()
                .filter_map(|item| indexed(item, path, nulls))
                .collect(),
        ),
        Value::Object(entries) => {
            let mut object = Vec::with_capacity(entries.len());
            for (key, value) in entries {
                if path.len() + 1 + key.len() > LONGEST_PATH || key.contains(END_OF_PATH) {
                    continue;
                }
                let parent = path.len();
                path.push('.');
                path.push_str(key);
                object.extend(indexed(value, path, nulls).map(|value| (key.clone(), value)));
                path.truncate(parent);
            }
            OwnedValue::Object(object)
        }
    })
}

/// Takes a number as exactly as it can be searched for. An integer that has no exact form is found
/// by its digits.
fn indexed_number(number: &Number) -> OwnedValue {
    let text = number.to_string();
    let is_integer = !text.contains(['.', 'e', 'E']);
    if let Ok(number) = text.parse::<i64>() {
        OwnedValue::I64(number)
    } else if let Ok(number) = text.parse::<u64>() {
        OwnedValue::U64(number)
    } else {
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() && !is_integer => OwnedValue::F64(number),
            _ => OwnedValue::Str(text),
        }
    }
}
