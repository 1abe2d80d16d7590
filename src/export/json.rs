//! Examples as JSON.

use serde_json::{Value, json};

use super::quote::indented_json;
use crate::usage::Example;

/// Returns one example as a JSON document.
#[must_use]
pub fn example_object(example: &Example<'_>) -> String {
    indented_json(&object(example)) + "\n"
}

/// Returns all examples as one JSON document: `{"examples": [{"service", "request", "response"}]}`.
#[must_use]
pub fn document<'e>(examples: impl IntoIterator<Item = &'e Example<'e>>) -> String {
    let examples: Vec<Value> = examples.into_iter().map(object).collect();
    indented_json(&json!({ "examples": examples })) + "\n"
}

fn object(example: &Example<'_>) -> Value {
    let Example {
        service,
        request,
        response,
    } = example;
    json!({ "service": service, "request": request, "response": response })
}
