//! What a snippet says around its code, as comments: those of the shell, of Python and of Hurl are
//! alike.

use serde_json::Value;

use super::quote::{comment, indented_json};
use super::words::{EMPTY_RESPONSE, MASKED, NO_RESPONSE};
use crate::usage::{Cut, Example};

/// Returns which service is called, and what must be filled in before.
pub(super) fn title(example: &Example) -> String {
    call_title(&example.service, &example.masked())
}

/// Returns which service is called, and what must be filled in before: the paths of what is masked.
pub(super) fn call_title(service: &str, masked: &[String]) -> String {
    let mut title = comment(service);
    if let Some(masked) = masked_in_words(masked) {
        title.push_str(&comment(&masked));
    }
    title
}

/// Returns what the service answers.
pub(super) fn response(example: &Example) -> String {
    comment(&response_in_words(example))
}

/// Says what must be filled in before a request can be sent.
pub(super) fn masked_in_words(masked: &[String]) -> Option<String> {
    (!masked.is_empty()).then(|| format!("{MASKED}: {}", masked.join(", ")))
}

/// Says what the service answers, over several lines.
pub(super) fn response_in_words(example: &Example) -> String {
    let cuts: Vec<String> = example.cuts.iter().map(cut_in_words).collect();
    let cuts = if cuts.is_empty() {
        String::new()
    } else {
        format!(" ({})", cuts.join("; "))
    };
    match &example.response {
        None => NO_RESPONSE.to_owned(),
        Some(Value::Null) => EMPTY_RESPONSE.to_owned(),
        Some(Value::String(text)) => format!("Response{cuts}:\n{text}"),
        Some(value) => format!("Response{cuts}:\n{}", indented_json(value)),
    }
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
