//! Reads examples as `zalog examples` writes them: `--format json`, or an OpenAPI document.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

use crate::export::openapi::{DocumentedExample, documented_examples, read_document};

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
#[error("no examples of `zalog examples --format json`")]
pub struct NotExamples(#[from] serde_json::Error);

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
    if let Ok(document) = read_document(text)
        && document.get("openapi").is_some_and(Value::is_string)
    {
        let examples = documented_examples(&document);
        return Ok(examples.into_iter().map(Recorded::from).collect());
    }
    let value: Value = serde_json::from_str(text)?;
    let examples = if value.get("examples").is_some() {
        serde_json::from_value::<Document>(value)?.examples
    } else {
        vec![serde_json::from_value(value)?]
    };
    let examples = examples.into_iter().map(|example| Recorded {
        service: example.service,
        request: example.request,
        response: example.response,
        cuts: example.cut.into_iter().map(|cut| cut.path).collect(),
    });
    Ok(examples.collect())
}

#[cfg(test)]
mod tests {
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
        let error = |json: &str| read_examples(json).unwrap_err().0.to_string();
        assert!(error("{").contains("EOF while parsing"));
        assert!(error(r#"{"swagger": "2.0"}"#).contains("missing field `service`"));
        assert!(error(r#"{"examples": [{"service": 1}]}"#).contains("expected a string"));
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
