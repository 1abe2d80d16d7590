//! What traffic shows as an OpenAPI Overlay: actions that add it to a document of others.
//!
//! An overlay can't see what it is applied to, and it overwrites. So one for any document holds
//! counts and examples alone, of operations that are there; one that was made for a document holds
//! all that it lacks.

use serde_json::{Map, Value, json};

use super::edit::Insertion;
use super::name::path;
use super::operation::{JSON, request_examples, response_examples};
use crate::export::quote::json_path_step;
use crate::usage::Service;

/// Returns an overlay for any document: it adds counts and examples to the operations that are
/// there.
#[must_use]
pub fn overlay(services: &[Service]) -> Value {
    let actions = services.iter().map(|service| {
        let mut update = Map::new();
        update.insert("x-zalog-calls".to_owned(), service.calls.into());
        if service.unanswered > 0 {
            update.insert("x-zalog-unanswered".to_owned(), service.unanswered.into());
        }
        let requests = request_examples(service);
        if !requests.is_empty() {
            let body = json!({"content": {JSON: {"examples": requests}}});
            update.insert("requestBody".to_owned(), body);
        }
        let responses = response_examples(service);
        if !responses.is_empty() {
            let body = json!({"200": {"content": {JSON: {"examples": responses}}}});
            update.insert("responses".to_owned(), body);
        }
        let at = ["paths".to_owned(), path(&service.name), "post".to_owned()];
        json!({"target": jsonpath(&at), "update": update})
    });
    overlay_document(&actions.collect::<Vec<_>>())
}

/// Returns an overlay of a document that adds these entries, one action a mapping.
pub(super) fn overlay_of<'i>(
    document: &Value,
    insertions: impl Iterator<Item = &'i Insertion>,
) -> Value {
    let mut updates: Vec<(&[String], Map<String, Value>)> = Vec::new();
    for insertion in insertions {
        let (key, value) = (insertion.key.clone(), insertion.value.clone());
        match updates.iter_mut().find(|(at, _)| *at == insertion.at) {
            Some((_, update)) => drop(update.insert(key, value)),
            None => updates.push((&insertion.at, [(key, value)].into_iter().collect())),
        }
    }
    let actions = updates.into_iter();
    let actions =
        actions.map(|(at, update)| json!({"target": jsonpath_in(document, at), "update": update}));
    overlay_document(&actions.collect::<Vec<_>>())
}

fn overlay_document(actions: &[Value]) -> Value {
    json!({
        "overlay": "1.0.0",
        "info": {"title": "What calls of Zato's services show", "version": "1.0.0"},
        "actions": actions,
    })
}

/// The path that these keys of mappings make.
fn jsonpath(keys: &[String]) -> String {
    let steps = keys.iter().map(|key| json_path_step(key));
    format!("${}", steps.collect::<String>())
}

/// The path of what stands there in the document, whose lists have numbers for keys.
fn jsonpath_in(document: &Value, keys: &[String]) -> String {
    let mut path = "$".to_owned();
    let mut around = Some(document);
    for key in keys {
        match (around, key.parse::<usize>()) {
            (Some(Value::Array(list)), Ok(nth)) => {
                path.extend(["[", key, "]"]);
                around = list.get(nth);
            }
            (value, _) => {
                path.push_str(&json_path_step(key));
                around = value.and_then(|value| value.get(key));
            }
        }
    }
    path
}
