//! Examples as JSON. `examples.schema.json` beside this file is the schema of the document.

use serde::Serialize;
use serde_json::{Value, json};

use super::items::Items;
use super::quote::indented_json;
use crate::usage::Example;

/// The JSON Schema of the document.
pub const SCHEMA: &str = include_str!("examples.schema.json");

/// Returns all examples as one JSON document, `{"examples": […]}`.
pub(super) fn document<'e>(examples: impl Iterator<Item = &'e Example> + Clone) -> String {
    #[derive(Serialize)]
    struct Document<E> {
        examples: E,
    }

    let examples = Items(examples.map(object));
    indented_json(&Document { examples }) + "\n"
}

/// Returns an example as a JSON document of its own.
pub(super) fn example_object(example: &Example) -> String {
    indented_json(&object(example)) + "\n"
}

fn object(example: &Example) -> Value {
    let mut object = json!({
        "service": example.service,
        "kind": example.kind.as_str(),
    });
    object["request"] = example.request.clone();
    if let Some(response) = &example.response {
        object["response"] = response.clone();
    }
    if !example.cuts.is_empty() {
        let cuts = example.cuts.iter().map(
            |cut| json!({"path": cut.path, "shown": cut.shown, cut.of.unit(): cut.of.length()}),
        );
        object["cut"] = cuts.collect();
    }
    object
}
