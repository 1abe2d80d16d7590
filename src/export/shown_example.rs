//! An example as a page shows it: code to copy, request and response, and what is to be said of
//! them.

use serde_json::Value;

use super::comment::cut_in_words;
use super::curl::curl_call;
use super::format::Settings;
use super::python::python_call;
use super::quote::{indented_json, visible_lines};
use super::words::{EMPTY_RESPONSE, NO_RESPONSE, example_title};
use crate::usage::{Example, Presentation};

/// A longer request, in bytes of JSON, is shown in part.
const LONGEST_REQUEST: usize = 16_000;

/// A longer request, in bytes of JSON, makes code that nobody reads.
const LONGEST_CODE: usize = 64_000;

/// An example as a page shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ShownExample {
    pub(super) title: &'static str,
    /// The secrets of the request that are masked, by path.
    pub(super) masked: Vec<String>,
    /// Code that makes the call, in several languages.
    pub(super) snippets: Vec<Block>,
    /// How many bytes the request has, if that is too long for code on a page.
    pub(super) too_long: Option<usize>,
    pub(super) request: Block,
    /// `Err` says why there is none.
    pub(super) response: Result<Block, &'static str>,
}

/// Text to be shown as it is, in which every character is visible.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Block {
    /// What it is.
    pub(super) label: &'static str,
    /// The language, as fences of Markdown name it.
    pub(super) language: &'static str,
    pub(super) code: String,
    /// What is left out of it: `2 of 100 items of rows`.
    pub(super) cuts: Vec<String>,
}

impl ShownExample {
    pub(super) fn new(example: &Example, settings: &Settings) -> Self {
        let length = example.request.to_string().len();
        let too_long = (length > LONGEST_CODE).then_some(length);
        let snippet = |label, language, code: String| Block {
            label,
            language,
            code: code.trim_end().to_owned() + "\n",
            cuts: Vec::new(),
        };
        let base_url = &settings.base_url;
        let snippets = if too_long.is_some() {
            Vec::new()
        } else {
            vec![
                snippet("curl", "bash", curl_call(example, base_url, None).script),
                snippet("Python", "python", python_call(example, base_url)),
            ]
        };
        Self {
            title: example_title(example.kind),
            masked: example.masked(),
            snippets,
            too_long,
            request: request(&example.request, length),
            response: response(example),
        }
    }
}

fn request(request: &Value, length: usize) -> Block {
    if length <= LONGEST_REQUEST {
        return block("Request", request, Vec::new());
    }
    let mut request = request.clone();
    let cuts = Presentation::default().cut(&mut request);
    block("Request", &request, cuts.iter().map(cut_in_words).collect())
}

fn response(example: &Example) -> Result<Block, &'static str> {
    match &example.response {
        None => Err(NO_RESPONSE),
        Some(Value::Null) => Err(EMPTY_RESPONSE),
        Some(value) => {
            let cuts = example.cuts.iter().map(cut_in_words).collect();
            Ok(block("Response", value, cuts))
        }
    }
}

fn block(label: &'static str, value: &Value, cuts: Vec<String>) -> Block {
    let (language, code) = match value {
        Value::String(text) => ("text", visible_lines(text)),
        value => ("json", indented_json(value)),
    };
    Block {
        label,
        language,
        code: code + "\n",
        cuts,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_long_request_is_shown_in_part_and_said_to_be_so() {
        let settings = Settings {
            base_url: "http://h".to_owned(),
        };
        let show = |length: usize| {
            let request = json!({"id": 1, "payload": "x".repeat(length)});
            let example = Example::of_call("zato.x.upload", request, None);
            ShownExample::new(&example, &settings)
        };
        assert_eq!(show(10).request.cuts, Vec::<String>::new());
        let long = show(LONGEST_REQUEST);
        assert_eq!(long.request.cuts, ["500 of 16000 characters of payload"]);
        assert!(long.request.code.len() < 600);
        assert!(long.snippets[0].code.len() > LONGEST_REQUEST);
        let longer = show(LONGEST_CODE);
        assert_eq!((longer.snippets.len(), longer.too_long), (0, Some(64_021)));
    }
}
