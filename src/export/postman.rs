//! Examples as a Postman collection, version 2.1 of its format.

use serde::Serialize;
use serde_json::{Value, json};

use super::comment::{cut_in_words, masked_in_words};
use super::items::Items;
use super::quote::{indented_json, one_line, url_segment, without_templates};
use crate::usage::{Example, Service};

/// The file's name. Postman finds collections by their ending.
pub(super) const FILE: &str = "zato.postman_collection.json";

/// Returns all examples as one collection: a request each, in a folder of the service's where it
/// has several. The server, the user and the password are the variables `base_url`, `user` and
/// `password`; the last two are empty.
pub(super) fn collection(services: &[Service], base_url: &str) -> String {
    let services = services
        .iter()
        .filter(|service| !service.examples.is_empty());
    let variable = |key: &str, value: &str| json!({"key": key, "value": value, "type": "string"});
    let credential =
        |key: &str| json!({"key": key, "value": format!("{{{{{key}}}}}"), "type": "string"});
    let mut credentials = [credential("user"), credential("password")];
    credentials[0]["key"] = "username".into();
    let collection = Collection {
        info: json!({
            "name": "Zato services",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        }),
        auth: json!({"type": "basic", "basic": credentials}),
        variable: [
            variable("base_url", base_url.trim_end_matches('/')),
            variable("user", ""),
            variable("password", ""),
        ],
        item: Items(services.map(item_or_folder)),
    };
    indented_json(&collection) + "\n"
}

#[derive(Serialize)]
struct Collection<I> {
    info: Value,
    auth: Value,
    variable: [Value; 3],
    item: I,
}

fn item_or_folder(service: &Service) -> Value {
    let name = one_line(&service.name);
    if let [example] = service.examples.as_slice() {
        return item(&name, example);
    }
    let items = service.examples.iter().enumerate().map(|(nth, example)| {
        let name = format!("{} ({})", nth + 1, example.kind.as_str());
        item(&name, example)
    });
    json!({"name": name, "item": items.collect::<Vec<_>>()})
}

fn item(name: &str, example: &Example) -> Value {
    let mut request = json!({
        "method": "POST",
        "header": [{"key": "Content-Type", "value": "application/json"}],
        "url": url(&example.service),
        "body": {
            "mode": "raw",
            "raw": without_templates(&indented_json(&example.request)),
            "options": {"raw": {"language": "json"}},
        },
    });
    let mut item = json!({"name": name});
    let responses: Vec<Value> = saved_response(example, &request).into_iter().collect();
    if let Some(masked) = masked_in_words(&example.masked()) {
        // As Markdown, which is Postman's default, it could mean something else.
        request["description"] = json!({"content": masked, "type": "text/plain"});
    }
    item["request"] = request;
    item["response"] = responses.into();
    item
}

fn url(service: &str) -> Value {
    let segment = url_segment(service);
    json!({
        "raw": format!("{{{{base_url}}}}/zato/api/invoke/{segment}"),
        "host": ["{{base_url}}"],
        "path": ["zato", "api", "invoke", segment],
    })
}

/// The response as an example of Postman's, named for what was left out of it.
fn saved_response(example: &Example, request: &Value) -> Option<Value> {
    let response = example.response.as_ref()?;
    let (body, language) = match response {
        Value::Null => (String::new(), "text"),
        Value::String(text) => (text.clone(), "text"),
        value => (indented_json(value), "json"),
    };
    let cuts: Vec<String> = example.cuts.iter().map(cut_in_words).collect();
    let name = if cuts.is_empty() {
        "Response".to_owned()
    } else {
        one_line(&format!("Response ({})", cuts.join("; ")))
    };
    let content_type = if language == "json" {
        "application/json"
    } else {
        "text/plain"
    };
    Some(json!({
        "name": name,
        "originalRequest": request,
        "status": "OK",
        "code": 200,
        "header": [{"key": "Content-Type", "value": content_type}],
        "_postman_previewlanguage": language,
        "body": body,
    }))
}
