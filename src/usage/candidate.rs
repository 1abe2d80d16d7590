//! A call that may serve as an example, and which of two is the better one.

use std::cmp::{Ordering, Reverse};

use serde_json::Value;

use super::envelope::Envelope;
use super::shape::Shape;
use super::stable::stabilize;
use crate::entry::{Direction, Payload, Wording};
use crate::invocation::{Content, Invocation, Side, Undecoded};
use crate::view::View;

/// A longer payload, in bytes, is no example and is not made a tree, which takes thirty times as much
/// memory.
pub const LONGEST_PAYLOAD: usize = 8_000_000;

/// The request of a call without input, as the REST API of Zato 4.1 takes it.
const NO_INPUT: Payload<'_> = Payload {
    text: b"{}",
    wording: Wording::ServiceData,
    is_cut_off: false,
};

/// The payloads of a call that may serve as an example.
#[derive(Clone, Copy, Debug)]
pub(super) struct Candidate<'a> {
    pub(super) request: Payload<'a>,
    /// `None` if the call was not answered.
    pub(super) response: Option<Payload<'a>>,
    /// What stands around the content of its response.
    pub(super) envelope: Envelope,
}

/// A candidate that outlives its log.
#[derive(Debug)]
pub(super) struct Kept {
    request: KeptPayload,
    response: Option<KeptPayload>,
    envelope: Envelope,
}

#[derive(Debug)]
struct KeptPayload {
    text: Box<[u8]>,
    wording: Wording,
}

impl<'a> Candidate<'a> {
    /// Takes a call whose records are whole, and whose request is in the log or was empty: Zato 4.1
    /// logs no request without input.
    pub(super) fn of(invocation: &Invocation<'a>) -> Option<Self> {
        let is_whole = |side: &Side<'_>| {
            !side.is_ambiguous
                && !side.payload.is_cut_off
                && side.payload.text.len() <= LONGEST_PAYLOAD
        };
        let request = match &invocation.request {
            Some(request) => Some(request.payload).filter(|_| is_whole(request)),
            None => invocation.had_no_input().then_some(NO_INPUT),
        };
        let response = match invocation.response {
            Some(response) if is_whole(&response) => Some(response.payload),
            Some(_) => return None,
            None => None,
        };
        Some(Self {
            request: request?,
            response,
            envelope: Envelope::of(invocation.service, invocation.cid),
        })
    }

    /// Compares two candidates; the lesser is the better example. Its response says something, its
    /// request does and is plain, both are short. Equal ones are told apart by what they say and not
    /// by when or where they were made, so that the same traffic always gives the same examples.
    pub(super) fn compare(&self, other: &Self) -> Ordering {
        let silent_response = |call: &Self| !says_something(call.response_text());
        let silent_request = |call: &Self| !says_something(call.request.text);
        let oddities = |call: &Self| oddities(call.request.text);
        let texts = |call: &Self| (call.request.text, call.response_text());
        let readings = |call: &Self| {
            let wording = call.response.map(|response| response.wording);
            (call.request.wording, wording, call.envelope)
        };
        (silent_response(self).cmp(&silent_response(other)))
            .then_with(|| silent_request(self).cmp(&silent_request(other)))
            .then_with(|| oddities(self).cmp(&oddities(other)))
            .then_with(|| self.bytes().cmp(&other.bytes()))
            .then_with(|| texts(self).cmp(&texts(other)))
            .then_with(|| readings(self).cmp(&readings(other)))
    }

    /// Compares two candidates with so many fields each; the lesser says more.
    pub(super) fn compare_fullness(&self, fields: usize, other: &Self, others: usize) -> Ordering {
        (Reverse(fields).cmp(&Reverse(others))).then_with(|| self.compare(other))
    }

    /// How long both payloads are.
    pub(super) fn bytes(&self) -> usize {
        self.request.text.len() + self.response_text().len()
    }

    /// Whether both payloads can be read whole.
    pub(super) fn is_decoded(&self) -> bool {
        self.sides().all(|(side, payload)| {
            let content = Content::new(&payload, side);
            let ((), undecoded) =
                content.read(|tokens| tokens.try_for_each(|token| token.map(drop)));
            undecoded.is_none()
        })
    }

    /// Adds the fields of both payloads to `shape`, if they can be read whole, and returns the
    /// hash of the request's alone.
    pub(super) fn add_to(&self, shape: &mut Shape) -> Result<u64, Undecoded> {
        let mut of_request = 0;
        for (side, payload) in self.sides() {
            let content = Content::new(&payload, side);
            let ((), undecoded) = content.read(|tokens| shape.add(side, tokens));
            undecoded.map_or(Ok(()), Err)?;
            if side == Direction::Request {
                of_request = shape.hash();
            }
        }
        Ok(of_request)
    }

    /// Returns the call as `view` shows it, with stand-ins for what differs from server to server;
    /// nothing if it can't be read whole.
    pub(super) fn with_stable_values(&self, view: &View) -> Option<Kept> {
        let read = |payload, direction| {
            let (value, undecoded) = view.payload(payload, direction);
            undecoded.is_none().then_some(value)
        };
        let mut request = read(&self.request, Direction::Request)?;
        let mut response = match &self.response {
            Some(response) => Some(read(response, Direction::Response)?),
            None => None,
        };
        stabilize(&mut request, response.as_mut());
        Some(Kept {
            request: KeptPayload::of_value(&request),
            response: response.as_ref().map(KeptPayload::of_value),
            envelope: self.envelope,
        })
    }

    fn sides(&self) -> impl Iterator<Item = (Direction, Payload<'a>)> {
        let response = self
            .response
            .map(|response| (Direction::Response, response));
        [(Direction::Request, self.request)]
            .into_iter()
            .chain(response)
    }

    fn response_text(&self) -> &'a [u8] {
        self.response.map_or(b"", |response| response.text)
    }

    pub(super) fn keep(&self) -> Kept {
        Kept {
            request: KeptPayload::new(&self.request),
            response: self.response.as_ref().map(KeptPayload::new),
            envelope: self.envelope,
        }
    }
}

impl Kept {
    pub(super) fn candidate(&self) -> Candidate<'_> {
        Candidate {
            request: self.request.payload(),
            response: self.response.as_ref().map(KeptPayload::payload),
            envelope: self.envelope,
        }
    }
}

impl KeptPayload {
    fn new(payload: &Payload<'_>) -> Self {
        Self {
            text: payload.text.into(),
            wording: payload.wording,
        }
    }

    /// Writes a value as a payload, in the wording whose payloads are reprs.
    fn of_value(value: &Value) -> Self {
        let mut text = String::new();
        // Nothing is logged as nothing.
        if !value.is_null() {
            write_repr(value, &mut text);
        }
        Self {
            text: text.into_bytes().into(),
            wording: Wording::ServiceData,
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

/// Writes a value as Python does, but for the quotes of text: with JSON's, and its escapes, text is
/// the same to both.
fn write_repr(value: &Value, out: &mut String) {
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Number(_) | Value::String(_) => out.push_str(&value.to_string()),
        Value::Array(list) => {
            out.push('[');
            for (nth, item) in list.iter().enumerate() {
                out.push_str(if nth > 0 { ", " } else { "" });
                write_repr(item, out);
            }
            out.push(']');
        }
        Value::Object(dict) => {
            out.push('{');
            for (nth, (key, value)) in dict.iter().enumerate() {
                out.push_str(if nth > 0 { ", " } else { "" });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                write_repr(value, out);
            }
            out.push('}');
        }
    }
}

/// How much of a request is unlike what a reader would type: escapes, quotes in text, control
/// characters, other scripts.
fn oddities(request: &[u8]) -> usize {
    // Where they stand around all texts, those within have a backslash.
    let is_quoted = request.starts_with(b"{\"");
    let is_odd = |byte: &&u8| {
        matches!(byte, b'\\' | b'`' | b'$' | b'<' | 0x7f..) || (**byte == b'"' && !is_quoted)
    };
    request.iter().filter(is_odd).count()
}

/// Whether a payload holds more than an empty list or dict, alone or in Zato's envelope.
fn says_something(payload: &[u8]) -> bool {
    // A response of 3.0 stands between quotes.
    let text = payload.strip_prefix(b"u").unwrap_or(payload);
    let text = text.trim_ascii().strip_prefix(b"'").unwrap_or(text);
    let text = text.strip_suffix(b"'").unwrap_or(text);
    let is_empty = matches!(text, b"" | b"\"\"" | b"None" | b"null" | b"{}" | b"[]");
    !is_empty && !text.ends_with(b": []}") && !text.ends_with(b": {}}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::redact::Redactor;

    fn values() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e300..1e300).prop_map(|float: f64| Value::from(float)),
            "[a\"'\\\\\n\r\t\0\u{1b}\u{7f}\u{85}ÃÅ¼ż😀ux0{}]{0,12}".prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                prop::collection::btree_map("[a-z'\"\\\\ż]{0,4}", inner, 0..6)
                    .prop_map(|dict| Value::Object(dict.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_that_is_kept_as_a_payload_is_read_again(value in values()) {
            let kept = KeptPayload::of_value(&value);
            let view = View { redactor: Redactor::Show, ..View::default() };
            for direction in [Direction::Request, Direction::Response] {
                prop_assert_eq!(&view.payload(&kept.payload(), direction), &(value.clone(), None));
            }
        }
    }
}
