//! A call of a service as an example of its use.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::path::below;
use super::present::Cut;
use crate::redact::MASK;

/// A call of a service as an example of its use.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// The service's name.
    pub service: String,
    /// Why it was chosen.
    pub kind: ExampleKind,
    /// What it was called with.
    pub request: Value,
    /// What a client of the REST API received, `null` if that was empty; nothing if there was no
    /// response.
    pub response: Option<Value>,
    /// What is left out of the response.
    pub cuts: Vec<Cut>,
}

/// Why a call was chosen as an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ExampleKind {
    /// It is the shortest that says something.
    Smallest,
    /// It has the most fields.
    Fullest,
    /// It has fields, or types of them, that those before it have not.
    Variant,
    /// It was not answered.
    Failure,
}

impl ExampleKind {
    /// The kind's name in every output.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Smallest => "smallest",
            Self::Fullest => "fullest",
            Self::Variant => "variant",
            Self::Failure => "failure",
        }
    }
}

impl Example {
    /// Takes a call as it is, with what a client received.
    #[must_use]
    pub fn of_call(service: &str, request: Value, response: Option<Value>) -> Self {
        Self {
            service: service.to_owned(),
            kind: ExampleKind::Smallest,
            request,
            response,
            cuts: Vec::new(),
        }
    }

    /// Returns the paths of the request's secrets that are masked, such as `auth.password`.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        masked(&self.request)
    }
}

/// Returns the paths of the texts and keys in which a secret is masked.
#[must_use]
pub fn masked(value: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    collect_masked(value, "", &mut paths);
    paths
}

fn collect_masked(value: &Value, path: &str, paths: &mut Vec<String>) {
    match value {
        Value::String(text) if holds_mask(text) && paths.last().is_none_or(|last| last != path) => {
            paths.push(path.to_owned());
        }
        Value::Array(list) => list
            .iter()
            .for_each(|item| collect_masked(item, path, paths)),
        Value::Object(dict) => dict.iter().for_each(|(key, value)| {
            let below = below(path, key);
            if holds_mask(key) {
                paths.push(below.clone());
            }
            collect_masked(value, &below, paths);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether a secret in this text was masked, in clear or in base64.
fn holds_mask(text: &str) -> bool {
    let in_base64 = || {
        let decoded = STANDARD.decode(text).unwrap_or_default();
        decoded
            .windows(MASK.len())
            .any(|window| window == MASK.as_bytes())
    };
    text.contains(MASK) || in_base64()
}
