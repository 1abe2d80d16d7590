//! What a snippet says around its code, as comments: the shell's and Python's are alike.

use serde_json::Value;

use super::quote::{comment, indented_json};
use crate::usage::Example;

/// Returns which service is called, and what must be filled in before.
pub(super) fn title(example: &Example<'_>) -> String {
    let mut title = comment(example.service);
    let masked = example.masked();
    if !masked.is_empty() {
        let paths = masked.join(", ");
        title.push_str(&comment(&format!(
            "Masked here, to be filled in before it runs: {paths}"
        )));
    }
    title
}

/// Returns what the service answers.
pub(super) fn response(example: &Example<'_>) -> String {
    comment(&match example.received() {
        None => "The response is not in the log.".to_owned(),
        Some(Value::Null) => "The response is empty.".to_owned(),
        Some(Value::String(text)) => format!("Response:\n{text}"),
        Some(value) => format!("Response:\n{}", indented_json(value)),
    })
}
