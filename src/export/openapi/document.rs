//! The whole OpenAPI document: one operation a service.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::name::{OperationIds, path, tag};
use super::operation::operation;
use super::schema::{ENUM_FROM, FORMAT_FROM, REQUIRED_FROM, TEXTS_PER_VALUE, Version};
use crate::export::quote::markdown_code;
use crate::usage::Service;

/// The name of the security scheme.
pub(super) const BASIC_AUTH: &str = "basicAuth";

/// The statuses of errors, with the names of their responses.
const ERRORS: [(&str, &str); 2] = [("400", "BadRequest"), ("500", "ServerError")];

/// Returns the OpenAPI 3.1 document of these services on this server.
///
/// It is a tree of values and not of a crate's types: those know neither extensions within schemas
/// nor numbers of any size, and lose the order of fields.
#[must_use]
pub fn openapi(services: &[Service], base_url: &str) -> Value {
    let mut ids = OperationIds::default();
    let mut paths = Map::new();
    let mut tags = BTreeSet::new();
    for service in services {
        let mut operation = operation(service, Version::V3_1, &mut ids);
        for (status, name) in ERRORS {
            operation["responses"][status] =
                json!({"$ref": format!("#/components/responses/{name}")});
        }
        tags.insert(tag(&service.name));
        paths.insert(path(&service.name), json!({"post": operation}));
    }
    let tags = tags.iter().map(|tag| {
        let words = format!("Services around {}.", markdown_code(tag));
        json!({"name": tag, "description": words})
    });
    let tags: Vec<Value> = tags.collect();
    let responses: Map<String, Value> = ERRORS
        .iter()
        .map(|(status, name)| ((*name).to_owned(), error_response(status)))
        .collect();
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Services of Zato",
            "version": "1.0.0",
            "description": about(services),
        },
        "servers": [{"url": server_url(base_url)}],
        "security": [{BASIC_AUTH: []}],
        "tags": tags,
        "paths": paths,
        "components": {
            "responses": responses,
            "securitySchemes": {BASIC_AUTH: basic_auth()},
        },
    })
}

/// Returns the responses to calls that fail, by status.
pub(super) fn error_responses() -> impl Iterator<Item = (String, Value)> {
    ERRORS
        .iter()
        .map(|(status, _)| ((*status).to_owned(), error_response(status)))
}

pub(super) fn basic_auth() -> Value {
    json!({"type": "http", "scheme": "basic"})
}

/// What servers of 4.1 and of 3.2 answer to calls that fail.
fn error_response(status: &str) -> Value {
    let words = match status {
        "400" => "The request was refused, as JSON since Zato 4.1 and as text before.",
        _ => "The service failed, which is told as JSON since Zato 4.1 and as text before.",
    };
    json!({
        "description": words,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "result": {"type": "string"},
                        "cid": {"type": "string", "description": "The correlation ID of the call."},
                        "details": {"description": "What went wrong."},
                    },
                },
            },
            "text/plain": {"schema": {"type": "string"}},
        },
    })
}

/// Braces would be variables.
fn server_url(base_url: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    base_url.replace('{', "%7B").replace('}', "%7D")
}

fn about(services: &[Service]) -> String {
    let calls: u64 = services.iter().map(|service| service.calls).sum();
    format!(
        "What these services are sent and what they answer, as {calls} calls in logs of Zato show. \
         A field is required here if {REQUIRED_FROM} objects or more were seen and all had it; \
         texts are an enumeration if {ENUM_FROM} or more were seen, each value {TEXTS_PER_VALUE} \
         times or more on average; they have a format if {FORMAT_FROM} or more were seen and all \
         fit it. `x-zalog-seen` tells how often each thing was seen."
    )
}
