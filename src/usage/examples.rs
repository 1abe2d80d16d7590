//! Chooses for each service the call that shows best how it is used.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::entry::{Direction, Payload, Wording};
use crate::invocation::{Invocation, REST_WRAPPER, Side};
use crate::redact::MASK;
use crate::view::View;

/// The best example of each service seen so far.
#[derive(Debug, Default)]
pub struct Examples {
    best: BTreeMap<Box<str>, Option<Best>>,
}

/// A call of a service as an example of its use.
#[derive(Clone, Debug, PartialEq)]
pub struct Example<'a> {
    /// The service's name.
    pub service: &'a str,
    /// What it was called with.
    pub request: Value,
    /// What it returned, if that is in the log.
    pub response: Option<Value>,
}

impl Example<'_> {
    /// Returns what a client of the REST API receives.
    #[must_use]
    pub fn received(&self) -> Option<&Value> {
        self.response.as_ref().map(content_of_envelope)
    }

    /// Returns the paths of the request's secrets that are masked, such as `auth.password`.
    #[must_use]
    pub fn masked(&self) -> Vec<String> {
        let mut paths = Vec::new();
        collect_masked(&self.request, "", &mut paths);
        paths
    }
}

/// Returns what a client of the REST API receives of a response. Zato up to 3.3 logs it in an
/// envelope, `zato_…_response`, of which the API sends the content.
#[must_use]
pub fn content_of_envelope(response: &Value) -> &Value {
    let envelope = response
        .as_object()
        .and_then(|response| response.iter().next());
    match envelope {
        Some((key, content)) if key.starts_with("zato_") && key.ends_with("_response") => content,
        _ => response,
    }
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
            let dot = if path.is_empty() { "" } else { "." };
            collect_masked(value, &format!("{path}{dot}{key}"), paths);
        }),
        _ => {}
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

/// The payloads of a call that may serve as an example.
#[derive(Clone, Copy, Debug)]
struct Candidate<'a> {
    request: Payload<'a>,
    response: Payload<'a>,
}

/// The payloads of the best candidate.
#[derive(Debug)]
struct Best {
    request: Kept,
    response: Kept,
}

/// A payload that outlives its log.
#[derive(Debug)]
struct Kept {
    text: Box<[u8]>,
    wording: Wording,
}

impl Candidate<'_> {
    /// Compares two candidates; the lesser is the better example. Its response says something, its
    /// request does and is plain, both are short. Equal ones are told apart by what they say and not
    /// by when or where they were made, so that the same traffic always gives the same examples.
    fn compare(&self, other: &Self) -> Ordering {
        let silent_response = |call: &Self| !says_something(call.response.text);
        let silent_request = |call: &Self| !says_something(call.request.text);
        let oddities = |call: &Self| oddities(call.request.text);
        let length = |call: &Self| call.request.text.len() + call.response.text.len();
        let texts = |call: &Self| (call.request.text, call.response.text);
        (silent_response(self).cmp(&silent_response(other)))
            .then_with(|| silent_request(self).cmp(&silent_request(other)))
            .then_with(|| oddities(self).cmp(&oddities(other)))
            .then_with(|| length(self).cmp(&length(other)))
            .then_with(|| texts(self).cmp(&texts(other)))
    }

    /// Whether both payloads can be read whole.
    fn is_decoded(&self, view: &View) -> bool {
        view.is_decoded(&self.request, Direction::Request)
            && view.is_decoded(&self.response, Direction::Response)
    }

    fn keep(&self) -> Best {
        Best {
            request: Kept::new(&self.request),
            response: Kept::new(&self.response),
        }
    }
}

impl Best {
    fn candidate(&self) -> Candidate<'_> {
        Candidate {
            request: self.request.payload(),
            response: self.response.payload(),
        }
    }
}

impl Kept {
    fn new(payload: &Payload<'_>) -> Self {
        Self {
            text: payload.text.into(),
            wording: payload.wording,
        }
    }

    fn payload(&self) -> Payload<'_> {
        Payload {
            text: &self.text,
            wording: self.wording,
            // What is cut off is no candidate.
            is_cut_off: false,
        }
    }
}

/// How much of a request is unlike what a reader would type: escapes, quotes in text, control
/// characters, other scripts.
fn oddities(request: &[u8]) -> usize {
    let is_odd = |byte: &&u8| matches!(byte, b'\\' | b'"' | b'`' | b'$' | b'<' | 0x7f..);
    request.iter().filter(is_odd).count()
}

/// Whether a payload holds more than an empty list or dict, alone or in Zato's envelope.
fn says_something(payload: &[u8]) -> bool {
    // A response of 3.0 stands between quotes.
    let text = payload.strip_prefix(b"u").unwrap_or(payload);
    let text = text.trim_ascii().strip_prefix(b"'").unwrap_or(text);
    let text = text.strip_suffix(b"'").unwrap_or(text);
    let is_empty = matches!(text, b"" | b"None" | b"null" | b"{}" | b"[]");
    !is_empty && !text.ends_with(b": []}") && !text.ends_with(b": {}}")
}

impl Examples {
    /// Considers one more invocation. The REST API's wrapper is how a service is called, and none
    /// that anyone calls.
    pub fn add(&mut self, view: &View, invocation: &Invocation<'_>) {
        if invocation.service == REST_WRAPPER {
            return;
        }
        let best = match self.best.get_mut(invocation.service) {
            Some(best) => best,
            None => self.best.entry(invocation.service.into()).or_default(),
        };
        let (Some(request), Some(response)) = (&invocation.request, &invocation.response) else {
            return;
        };
        let is_whole = |side: &Side<'_>| !side.is_ambiguous && !side.payload.is_cut_off;
        if !is_whole(request) || !is_whole(response) {
            return;
        }
        let candidate = Candidate {
            request: request.payload,
            response: response.payload,
        };
        let is_better = best
            .as_ref()
            .is_none_or(|best| candidate.compare(&best.candidate()).is_lt());
        if is_better && candidate.is_decoded(view) {
            *best = Some(candidate.keep());
        }
    }

    /// Returns the examples, by the names of their services.
    pub fn iter(&self, view: &View) -> impl Iterator<Item = Example<'_>> {
        self.best.iter().filter_map(|(service, best)| {
            let Candidate { request, response } = best.as_ref()?.candidate();
            Some(Example {
                service,
                request: view.payload(&request, Direction::Request).0,
                response: Some(view.payload(&response, Direction::Response).0),
            })
        })
    }

    /// Returns the services that were called and of which no call can serve as an example.
    pub fn without_example(&self) -> impl Iterator<Item = &str> {
        self.best
            .iter()
            .filter(|(_, best)| best.is_none())
            .map(|(service, _)| &**service)
    }
}
