//! What a snippet says around its code, as comments: the shell's and Python's are alike.

use serde_json::Value;

use super::quote::{comment, indented_json};
use crate::usage::{Cut, Example};

/// Returns which service is called, and what must be filled in before.
pub(super) fn title(example: &Example) -> String {
    let mut title = comment(&example.service);
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
pub(super) fn response(example: &Example) -> String {
    let cuts: Vec<String> = example.cuts.iter().map(cut_in_words).collect();
    let cuts = if cuts.is_empty() {
        String::new()
    } else {
        format!(" ({})", cuts.join("; "))
    };
    comment(&match &example.response {
        None => "The response is not in the log.".to_owned(),
        Some(Value::Null) => "The response is empty.".to_owned(),
        Some(Value::String(text)) => format!("Response{cuts}:\n{text}"),
        Some(value) => format!("Response{cuts}:\n{}", indented_json(value)),
    })
}

/// `2 of 100 items`, `2 of 100 items of rows.*.tags`
pub(super) fn cut_in_words(cut: &Cut) -> String {
    let (shown, all, unit) = (cut.shown, cut.of.length(), cut.of.unit());
    if cut.path.is_empty() {
        format!("{shown} of {all} {unit}")
    } else {
        format!("{shown} of {all} {unit} of {}", cut.path)
    }
}
