//! Makes the calls of examples again on a live server, and compares what comes back.
//!
//! What must be the same is the shape: which fields there are, of which types. Values differ from
//! server to server and from day to day.

mod read;
mod server;

pub use read::{NotExamples, Recorded, read_examples};
pub use server::{Credentials, Server};

use crate::invocation::{Kind, verb};
use crate::pyrepr::{Notation, Token, Tokens};
use crate::redact::Redactor;
use crate::usage::{Difference, Envelope, Schema, SchemaChange, differences, masked};

/// What became of an example on a live server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It runs, and what comes back has the shape that the example shows.
    Runs,
    /// It runs, and what comes back has another shape.
    Differs(Vec<Difference>),
    /// It does not run, and why.
    Fails(String),
    /// It was not tried.
    Skipped(Skipped),
}

/// Why an example is not tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skipped {
    /// By its name it may change something.
    Writes,
    /// A secret in its request is masked.
    Masked,
    /// It got no response when it was recorded.
    Failed,
    /// All the time that there was had been taken by others.
    NoTime,
}

impl Verdict {
    /// The verdict's name in every output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Differs(_) => "differs",
            Self::Fails(_) => "fails",
            Self::Skipped(_) => "skipped",
        }
    }

    /// Whether nothing speaks against the example: it runs, or was not to be tried.
    #[must_use]
    pub fn is_fine(&self) -> bool {
        match self {
            Self::Runs => true,
            Self::Differs(_) | Self::Fails(_) => false,
            Self::Skipped(skipped) => match skipped {
                Skipped::Writes | Skipped::Masked | Skipped::Failed => true,
                Skipped::NoTime => false,
            },
        }
    }
}

/// Verbs that look by their names, and yet take messages out of a queue.
///
/// Source: the services of Zato 3.2 and 4.1.
const TAKING: [&str; 3] = [
    "get-messages",
    "get-delivery-messages",
    "get-server-delivery-messages",
];

/// Whether a service with this name may change something, as far as its name tells.
fn may_write(service: &str) -> bool {
    Kind::of(service) != Kind::Read || TAKING.contains(&verb(service))
}

impl Skipped {
    /// Why, in words.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Writes => "may change something",
            Self::Masked => "a secret in its request is masked",
            Self::Failed => "got no response when it was recorded",
            Self::NoTime => "no time was left for it",
        }
    }
}

impl Recorded {
    /// Returns why this example is not to be tried, if it is not.
    #[must_use]
    pub fn reason_to_skip(&self, allows_writes: bool) -> Option<Skipped> {
        if self.response.is_none() {
            Some(Skipped::Failed)
        } else if may_write(&self.service) && !allows_writes {
            Some(Skipped::Writes)
        } else if !masked(&self.request).is_empty() {
            Some(Skipped::Masked)
        } else {
            None
        }
    }

    /// Compares the shape of `body`, which a server has sent, with that of the example.
    #[must_use]
    pub fn compare(&self, body: &str) -> Verdict {
        let expected = self.response.as_ref();
        let expected = expected.map(|response| schema(&response.to_string()));
        let mut found = differences(&expected.unwrap_or_default(), &schema(body));
        // Of a list that is cut, the fields of the items that are not shown are not known.
        found.retain(|difference| {
            !matches!(difference.change, SchemaChange::Came(_))
                || !self.is_below_cut(&difference.path)
        });
        if found.is_empty() {
            Verdict::Runs
        } else {
            Verdict::Differs(found)
        }
    }

    fn is_below_cut(&self, path: &str) -> bool {
        self.cuts.iter().any(|cut| {
            let below = path.strip_prefix(cut.as_str());
            below.is_some_and(|below| cut.is_empty() || below.is_empty() || below.starts_with('.'))
        })
    }
}

/// The schema of JSON, or of a text. Nothing at all is of no type, as `null` is.
fn schema(body: &str) -> Schema {
    let mut schema = Schema::default();
    if body.trim().is_empty() {
        return schema;
    }
    // A secret that is masked on one side has the type of its mask on both, and no part of a key is
    // shown that should not be.
    let mut tokens = Tokens::of_text(body, Notation::Json);
    let tokens = Redactor::Mask.tokens(&mut tokens);
    if schema.add(tokens, Envelope::None).is_err() {
        schema = Schema::default();
        let text = [Ok(Token::Text(body.to_owned().into()))];
        schema.add(text, Envelope::None).expect("a text is a value");
    }
    // Servers send an empty text, list or dict where the log has nothing.
    if matches!(body.trim(), r#""""# | "[]" | "{}") {
        return Schema::default();
    }
    schema
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde_json::{Value, json};

    use super::*;

    fn recorded(service: &str, request: Value, response: Option<Value>) -> Recorded {
        Recorded {
            service: service.to_owned(),
            request,
            response,
            cuts: Vec::new(),
        }
    }

    #[test]
    fn only_what_reads_is_tried() {
        let reason = |service: &str, request, response| {
            recorded(service, request, response).reason_to_skip(false)
        };
        assert_eq!(reason("zato.x.get-list", json!({}), Some(json!([]))), None);
        assert_eq!(reason("zato.x.ping", json!({}), Some(json!([]))), None);
        for (service, expected) in [
            ("zato.x.delete", Skipped::Writes),
            ("my.service", Skipped::Writes),
            ("zato.pubsub.pubapi.get-messages", Skipped::Writes),
        ] {
            assert_eq!(reason(service, json!({}), Some(json!([]))), Some(expected));
        }
        let in_base64 = STANDARD.encode(r#"{"password": "******"}"#);
        for masked in [
            json!({"a": [{"password": "******"}]}),
            json!({"amqp://user:******@host": 1}),
            json!({"payload": in_base64}),
        ] {
            let masked = reason("x.get", masked, Some(json!([])));
            assert_eq!(masked, Some(Skipped::Masked));
        }
        assert_eq!(reason("x.get", json!({}), None), Some(Skipped::Failed));
        let delete = recorded("zato.x.delete", json!({}), Some(json!(null)));
        assert_eq!(delete.reason_to_skip(true), None);
    }

    #[test]
    fn shapes_are_compared_and_no_values() {
        let example = recorded(
            "x.get",
            json!({}),
            Some(json!({"id": 1, "name": null, "rows": []})),
        );
        assert_eq!(
            example.compare(r#"{"id": 2, "name": "x", "rows": [5]}"#),
            Verdict::Runs
        );
        let Verdict::Differs(found) = example.compare(r#"{"id": "2", "more": 1}"#) else {
            panic!("it differs");
        };
        let paths: Vec<&str> = found.iter().map(|found| &*found.path).collect();
        assert_eq!(paths, ["id", "more", "name", "rows"]);
        let Verdict::Differs(found) = example.compare("<html>") else {
            panic!("it differs");
        };
        assert_eq!(found[0].change.new_types(), Some(&["string"][..]));
        let empty = recorded("x.get", json!({}), Some(json!(null)));
        for body in ["", "[]", "\"\"", "{}", "null", "[{\"id\": 1}]"] {
            assert_eq!(empty.compare(body), Verdict::Runs, "{body}");
        }
    }

    #[test]
    fn a_secret_has_the_type_of_its_mask_on_both_sides() {
        let masked = json!({"token": "******", "amqp://u:******@h": 1});
        let example = recorded("x.get", json!({}), Some(masked));
        for body in [
            r#"{"token": "abc", "amqp://u:pw@h": 1}"#,
            r#"{"token": 123, "amqp://u:pw@h": 2}"#,
            r#"{"token": {"key": "abc"}, "amqp://u:pw@h": 3}"#,
        ] {
            assert_eq!(example.compare(body), Verdict::Runs, "{body}");
        }
        let Verdict::Differs(found) = example.compare(r#"{"amqp://u:pw@other": 1}"#) else {
            panic!("it differs");
        };
        assert!(found.iter().all(|found| !found.path.contains("pw")));
    }

    #[test]
    fn fields_of_items_that_were_cut_are_not_known() {
        let mut example = recorded("x.get", json!({}), Some(json!({"rows": [{"id": 1}]})));
        example.cuts = vec!["rows".to_owned()];
        assert_eq!(
            example.compare(r#"{"rows": [{"id": 1, "n": 2}]}"#),
            Verdict::Runs
        );
        assert_ne!(example.compare(r#"{"rows": [{"id": "1"}]}"#), Verdict::Runs);
        assert_ne!(
            example.compare(r#"{"rows": [{"id": 1}], "rows2": 1}"#),
            Verdict::Runs
        );
    }
}
