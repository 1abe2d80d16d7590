//! Reads examples as `zalog examples` writes them: `--format json`, or an OpenAPI document.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::export::openapi::{
    DocumentError, DocumentedExample, documented_examples, read_document,
};
use crate::pyrepr::{Notation, Tokens};

/// A call as an example has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Recorded {
    /// The service's name.
    pub service: String,
    /// What it was called with.
    pub request: Value,
    /// What came back, if anything did.
    pub response: Option<Value>,
    /// The paths of what is cut in the response.
    pub cuts: Vec<String>,
}

/// Why a text holds no examples.
#[derive(Debug, Error)]
pub enum NotExamples {
    /// It is no JSON, or an example in it is none.
    #[error("examples that can't be read")]
    Json(#[source] serde_json::Error),
    /// It is no YAML.
    #[error("a document that can't be read")]
    Yaml(#[source] DocumentError),
    /// It is something else.
    #[error("neither examples of `zalog examples --format json` nor an OpenAPI document")]
    Other,
}

#[derive(Deserialize)]
struct Document {
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    service: String,
    request: Value,
    #[serde(default, deserialize_with = "present")]
    response: Option<Value>,
    #[serde(default)]
    cut: Vec<Cut>,
}

#[derive(Deserialize)]
struct Cut {
    path: String,
}

/// A `null` that is there is not the same as nothing.
fn present<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

impl From<DocumentedExample> for Recorded {
    fn from(example: DocumentedExample) -> Self {
        Self {
            service: example.service,
            request: example.request,
            response: example.response,
            cuts: example.cuts,
        }
    }
}

/// Reads the document of all examples, that of one, or an OpenAPI document, which may be YAML.
pub fn read_examples(text: &str) -> Result<Vec<Recorded>, NotExamples> {
    let is_json = text.trim_start().starts_with(['{', '[']);
    let value = json(text).map_err(NotExamples::Json);
    let value = value.or_else(|error| match read_document(text) {
        Ok(value) => Ok(value),
        Err(_) if is_json => Err(error),
        Err(error) => Err(NotExamples::Yaml(error)),
    })?;
    if value.get("openapi").is_some_and(Value::is_string) {
        let examples = documented_examples(&value);
        return Ok(examples.into_iter().map(Recorded::from).collect());
    }
    let examples = if value.get("examples").is_some_and(Value::is_array) {
        Document::deserialize(value).map(|document| document.examples)
    } else if value.get("service").is_some() {
        Example::deserialize(value).map(|example| vec![example])
    } else {
        return Err(NotExamples::Other);
    };
    let examples = examples.map_err(NotExamples::Json)?;
    let examples = examples.into_iter().map(|example| Recorded {
        service: example.service,
        request: example.request,
        response: example.response,
        cuts: example.cut.into_iter().map(|cut| cut.path).collect(),
    });
    Ok(examples.collect())
}

/// Reads JSON that is nested as deeply as payloads are.
fn json(text: &str) -> Result<Value, serde_json::Error> {
    let content = text.trim_start_matches('\u{feff}').as_bytes();
    match Tokens::new(content.trim_ascii(), Notation::Json).into_value() {
        Ok(value) => Ok(value),
        // Its errors tell line and column.
        Err(_) => serde_json::from_str(text),
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use serde_json::json;

    use super::*;

    #[test]
    fn one_example_or_all_are_read() {
        let one = json!({"service": "x", "kind": "smallest", "request": {}, "response": null});
        let read = read_examples(&one.to_string()).unwrap();
        assert_eq!(read[0].response, Some(Value::Null));
        let failed = json!({"service": "x", "kind": "failure", "request": {}});
        let all = json!({"examples": [one, failed]});
        let read = read_examples(&all.to_string()).unwrap();
        assert_eq!((read.len(), &read[1].response), (2, &None));
    }

    #[test]
    fn what_is_none_is_said() {
        for (text, expected) in [
            (r#"{"examples": ["#, "EOF while parsing"),
            (r#"{"examples": [{"service": 1}]}"#, "expected a string"),
            (r#"{"service": "x"}"#, "missing field `request`"),
        ] {
            let error = read_examples(text).unwrap_err();
            let cause = error.source().map(ToString::to_string).unwrap_or_default();
            assert!(cause.contains(expected), "{cause}");
        }
        for text in [
            r#"{"swagger": "2.0"}"#,
            "overlay: 1.0.0\n",
            "[]",
            "{}",
            "text",
        ] {
            let error = read_examples(text).unwrap_err();
            assert!(matches!(error, NotExamples::Other), "{error:?}");
        }
    }

    #[test]
    fn what_is_nested_deeply_is_read() {
        let depth = 400;
        let value = format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
        let text = format!(r#"{{"service": "x", "request": {value}, "response": {value}}}"#);
        assert_eq!(read_examples(&text).unwrap()[0].request.to_string(), value);
    }

    #[test]
    fn an_openapi_document_is_read() {
        let yaml = "openapi: 3.1.0\npaths:\n  /zato/api/invoke/zato.x.get:\n    post:\n      \
                    requestBody: {content: {application/json: {examples: {smallest: {value: {id: 1}}}}}}\n      \
                    responses: {'200': {content: {application/json: {examples: {smallest: \
                    {value: [2], x-zalog-cut: ['']}}}}}}\n  \
                    /zato/api/invoke/zato.x.ping:\n    post:\n      \
                    requestBody: {content: {application/json: {examples: {smallest: {value: {}}, failure: {value: 1}}}}}\n      \
                    responses: {'200': {description: empty}}\n";
        let read = read_examples(yaml).unwrap();
        let expected = Recorded {
            service: "zato.x.get".to_owned(),
            request: json!({"id": 1}),
            response: Some(json!([2])),
            cuts: vec![String::new()],
        };
        assert_eq!(read[0], expected);
        assert_eq!(read[1].response, Some(Value::Null));
        assert_eq!(read[2].response, None);
    }
}
