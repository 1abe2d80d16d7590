//! A service as an operation: what is sent to it, what comes back.

use std::collections::HashSet;

use serde_json::{Map, Value, json};

use super::name::{OperationIds, tag};
use super::schema::{REQUIRED_FROM, SchemaWriter, Version};
use crate::export::comment::cut_in_words;
use crate::export::quote::{markdown_code, one_line};
use crate::export::words::number;
use crate::usage::{Example, Service, is_deeper};

/// An example that is nested deeper is left out: many parsers of YAML and JSON give up soon after.
const DEEPEST_EXAMPLE: usize = 64;

/// The type of what services are sent and answer.
pub(super) const JSON: &str = "application/json";

/// Returns the operation that calls a service, without what answers tell of errors.
pub(super) fn operation(
    service: &Service,
    version: Version,
    ids: &mut OperationIds,
) -> Map<String, Value> {
    let mut operation = Map::new();
    let mut add = |key: &str, value: Value| operation.insert(key.to_owned(), value);
    add("operationId", ids.id(&service.name).into());
    add("tags", json!([tag(&service.name)]));
    add("summary", summary(&service.name).into());
    add("description", description(service).into());
    add("x-zalog-calls", service.calls.into());
    if service.unanswered > 0 {
        add("x-zalog-unanswered", service.unanswered.into());
    }
    if let Some(body) = request_body(service, version) {
        add("requestBody", body);
    }
    add("responses", json!({"200": response(service, version)}));
    operation
}

/// Returns what is sent; nothing if no request was seen.
pub(super) fn request_body(service: &Service, version: Version) -> Option<Value> {
    let seen = &service.request;
    let content = request_content(service, version)?;
    let mut body = Map::new();
    let is_always_sent = seen.types.null == 0 && seen.count == service.calls;
    if seen.count >= REQUIRED_FROM && is_always_sent {
        body.insert("required".to_owned(), true.into());
    }
    body.insert("content".to_owned(), json!({JSON: content}));
    Some(body.into())
}

/// Returns the schema and the examples of requests.
pub(super) fn request_content(service: &Service, version: Version) -> Option<Map<String, Value>> {
    if service.request.count == 0 {
        return None;
    }
    let schema = SchemaWriter::of_requests(version).schema(&service.request, "", 0);
    Some(media_type(schema, request_examples(service)))
}

/// Returns what comes back.
pub(super) fn response(service: &Service, version: Version) -> Value {
    let seen = &service.response;
    let words = match (seen.count, seen.types.null) {
        (0, _) => "No response is in the logs.",
        (all, null) if all == null => {
            "Always empty in the logs: an empty text, list or object, or nothing at all."
        }
        (_, 0) => "What the service returned.",
        (_, _) => {
            "What the service returned. Where it is null here, a client receives an empty text, \
             list or object, or nothing at all."
        }
    };
    let mut response = Map::new();
    response.insert("description".to_owned(), words.into());
    if let Some(content) = response_content(service, version) {
        response.insert("content".to_owned(), json!({JSON: content}));
    }
    response.into()
}

/// Returns the schema and the examples of responses; nothing if all were empty.
pub(super) fn response_content(service: &Service, version: Version) -> Option<Map<String, Value>> {
    let seen = &service.response;
    if seen.count == seen.types.null {
        return None;
    }
    let schema = SchemaWriter::of_responses(version, &service.examples).schema(seen, "", 0);
    Some(media_type(schema, response_examples(service)))
}

fn media_type(schema: Value, examples: Map<String, Value>) -> Map<String, Value> {
    let mut media_type = Map::new();
    media_type.insert("schema".to_owned(), schema);
    if !examples.is_empty() {
        media_type.insert("examples".to_owned(), examples.into());
    }
    media_type
}

/// Returns the requests of the examples by kind.
pub(super) fn request_examples(service: &Service) -> Map<String, Value> {
    let examples = named(&service.examples).filter(|(_, example)| is_shown(&example.request));
    let objects = examples.map(|(name, example)| {
        let mut object = Map::new();
        let masked: Vec<String> = example.masked().iter().map(|path| code(path)).collect();
        if !masked.is_empty() {
            let words = format!("Masked here, to be filled in: {}.", masked.join(", "));
            object.insert("description".to_owned(), words.into());
        }
        object.insert("value".to_owned(), example.request.clone());
        (name, object.into())
    });
    objects.collect()
}

/// Returns the responses of the examples by kind.
pub(super) fn response_examples(service: &Service) -> Map<String, Value> {
    let responses = named(&service.examples)
        .filter_map(|(name, example)| Some((name, example, example.response.as_ref()?)));
    let shown = responses.filter(|(_, _, response)| is_shown(response));
    let objects = shown.map(|(name, example, response)| {
        let mut object = Map::new();
        if !example.cuts.is_empty() {
            let cuts = example.cuts.iter();
            let cut = cuts.clone().map(|cut| code(&cut_in_words(cut)));
            let words = format!("A part is shown: {}.", cut.collect::<Vec<_>>().join(", "));
            object.insert("description".to_owned(), words.into());
            let paths: Vec<&str> = cuts.map(|cut| cut.path.as_str()).collect();
            object.insert("x-zalog-cut".to_owned(), paths.into());
        }
        object.insert("value".to_owned(), response.clone());
        (name, object.into())
    });
    objects.collect()
}

/// The examples with their kinds, numbered where there are several of a kind. The request and the
/// response of a call have the same name.
fn named(examples: &[Example]) -> impl Iterator<Item = (String, &Example)> {
    let mut taken = HashSet::new();
    examples.iter().map(move |example| {
        let kind = example.kind.as_str();
        let mut name = kind.to_owned();
        let mut number = 1;
        while !taken.insert(name.clone()) {
            number += 1;
            name = format!("{kind}-{number}");
        }
        (name, example)
    })
}

fn is_shown(value: &Value) -> bool {
    !is_deeper(value, DEEPEST_EXAMPLE)
}

/// Descriptions are Markdown.
fn code(text: &str) -> String {
    markdown_code(&one_line(text))
}

fn summary(service: &str) -> String {
    let name = one_line(service);
    if name.trim().is_empty() {
        "A service without a name".to_owned()
    } else {
        name
    }
}

fn description(service: &Service) -> String {
    let calls = number(service.calls, "call");
    let unanswered = match service.unanswered {
        0 => String::new(),
        unanswered => format!(", {unanswered} of them without an answer"),
    };
    format!("Seen in {calls}{unanswered}.")
}
