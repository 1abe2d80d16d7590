//! Finds the examples of an OpenAPI document that are named alike on both sides of an operation.

use serde_json::{Map, Value};

use super::name::service_of_path;
use super::operation::JSON;
use crate::usage::ExampleKind;

/// A request with the response to it, as a document has them.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentedExample {
    /// The service's name.
    pub service: String,
    /// What it is called with.
    pub request: Value,
    /// What comes back, `null` if that is empty; nothing if the document does not tell.
    pub response: Option<Value>,
    /// The paths of what is cut in the response.
    pub cuts: Vec<String>,
}

/// Returns the examples of all services that a document describes, in its order.
#[must_use]
pub fn documented_examples(document: &Value) -> Vec<DocumentedExample> {
    let paths = document.get("paths").and_then(Value::as_object);
    let mut found = Vec::new();
    for (path, item) in paths.into_iter().flatten() {
        let (Some(service), Some(post)) = (service_of_path(path), item.get("post")) else {
            continue;
        };
        let requests = post.get("requestBody").and_then(examples);
        let success = post.get("responses").and_then(|all| all.get("200"));
        let responses = success.and_then(examples);
        let is_always_empty = success.is_some_and(|success| success.get("content").is_none());
        for (name, request) in requests.into_iter().flatten() {
            let Some(request) = request.get("value") else {
                continue;
            };
            let response = responses.and_then(|responses| responses.get(name));
            let is_failure = name.starts_with(ExampleKind::Failure.as_str());
            let empty = (is_always_empty && !is_failure).then_some(Value::Null);
            let cuts = response.and_then(|response| response.get("x-zalog-cut")?.as_array());
            let cuts = cuts.into_iter().flatten().filter_map(Value::as_str);
            found.push(DocumentedExample {
                service: service.clone(),
                request: request.clone(),
                response: response
                    .and_then(|response| response.get("value").cloned())
                    .or(empty),
                cuts: cuts.map(str::to_owned).collect(),
            });
        }
    }
    found
}

fn examples(body: &Value) -> Option<&Map<String, Value>> {
    let media_type = body.get("content")?.get(JSON)?;
    media_type.get("examples")?.as_object()
}
