//! Reads examples as `zalog examples --format json` writes them.

use serde::Deserialize;
use serde_json::Value;
use thiserror::Error;

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

/// Reads the document of all examples, or that of one.
pub fn read_examples(json: &str) -> Result<Vec<Recorded>, NotExamples> {
    let value: Value = serde_json::from_str(json)?;
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
        assert!(error(r#"{"openapi": "3.1.0"}"#).contains("missing field `service`"));
        assert!(error(r#"{"examples": [{"service": 1}]}"#).contains("expected a string"));
    }
}
