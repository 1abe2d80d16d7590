//! Fields of objects: what is kept of their values, and when two values are the same.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::object::{is_ignored, is_nothing, scalar_text};
use crate::entry::{Direction, Payload};
use crate::redact::{MASK, Redactor, is_secret};
use crate::usage::Envelope;
use crate::view::View;

/// A longer text is kept as its length and its hash.
const LONGEST: usize = 4096;

/// A change of one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// What it was; `None` if the log does not tell.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "known"
    )]
    pub before: Option<Value>,
    /// What it has become; `None` if the log does not tell.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "known"
    )]
    pub after: Option<Value>,
    /// Whether it holds a secret, so that its values are masked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_secret: bool,
}

/// `null` is a value that is known.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

/// What is known of a field.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) enum FieldValue {
    Plain(Value),
    /// The hash of a secret that is in the log in clear; `None` where Zato masked it.
    Secret(Option<u64>),
}

/// The fields of an object that are known.
pub(super) type Fields = BTreeMap<String, FieldValue>;

impl FieldValue {
    /// What is shown of it.
    pub(super) fn shown(&self) -> Value {
        match self {
            Self::Plain(value) => value.clone(),
            Self::Secret(_) => MASK.into(),
        }
    }

    /// Whether both are the same; `None` if that can't be told.
    fn is_same(&self, other: &Self) -> Option<bool> {
        match (self, other) {
            (Self::Plain(one), Self::Plain(other)) => Some(is_same(one, other)),
            (Self::Secret(one), Self::Secret(other)) => Some((*one)? == (*other)?),
            (Self::Plain(_), Self::Secret(_)) | (Self::Secret(_), Self::Plain(_)) => None,
        }
    }
}

/// Reads a payload as values with their secrets masked and, where there are some, also in clear.
pub(super) fn decoded(
    view: &View,
    payload: &Payload<'_>,
    direction: Direction,
) -> (Value, Option<Value>) {
    let inner = |view: &View| {
        let (mut value, _) = view.payload(payload, direction);
        if direction == Direction::Response {
            let content = Envelope::Named.content(&value);
            if !std::ptr::eq(content, &raw const value) {
                value = content.clone();
            }
        }
        value
    };
    let masked = inner(view);
    if view.redactor == Redactor::Mask && holds_mask(&masked) {
        let clear = inner(&View {
            redactor: Redactor::Show,
            timezone: None,
        });
        return (masked, Some(clear));
    }
    (masked, None)
}

/// Whether a field of an object, or of one in a list, is masked.
fn holds_mask(value: &Value) -> bool {
    match value {
        Value::Object(fields) => fields
            .values()
            .any(|value| value == MASK || value.is_array() && holds_mask(value)),
        Value::Array(rows) => rows.iter().any(holds_mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The fields that tell about an object. `clear` are the same values with their secrets.
pub(super) fn fields(values: &Map<String, Value>, clear: Option<&Map<String, Value>>) -> Fields {
    let told = values.iter().filter(|(name, _)| !is_ignored(name));
    told.map(|(name, value)| {
        let field = if value == MASK && is_secret(name) {
            let clear = clear.and_then(|clear| clear.get(name));
            let logged = clear.filter(|clear| !is_mask(clear));
            FieldValue::Secret(logged.map(|clear| xxh3_64(clear.to_string().as_bytes())))
        } else {
            FieldValue::Plain(short(value))
        };
        (name.clone(), field)
    })
    .collect()
}

/// Whether Zato has put asterisks in the place of the value.
fn is_mask(value: &Value) -> bool {
    let is_asterisks = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    value.as_str().is_some_and(is_asterisks)
}

/// A value that is short enough to be kept.
fn short(value: &Value) -> Value {
    let long = |bytes: &[u8]| {
        let hash = xxh3_64(bytes);
        Value::from(format!("{} bytes, XXH3 {hash:016x}", bytes.len()))
    };
    match value {
        Value::String(text) if text.len() > LONGEST => long(text.as_bytes()),
        Value::Array(_) | Value::Object(_) => {
            let text = value.to_string();
            if text.len() > LONGEST {
                long(text.as_bytes())
            } else {
                value.clone()
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

/// What differs between the fields of an object before and after a request.
pub(super) fn changed(before: Option<&Fields>, after: &Fields) -> BTreeMap<String, FieldChange> {
    let changed = after.iter().filter_map(|(name, after)| {
        let before = before.and_then(|before| before.get(name));
        let is_secret = matches!(after, FieldValue::Secret(_));
        let is_same = before.and_then(|before| before.is_same(after));
        // Whether a masked secret has changed nobody can tell: `change-password` says so itself.
        if is_same == Some(true) || (is_secret && before.is_some() && is_same.is_none()) {
            return None;
        }
        let change = FieldChange {
            before: before.map(FieldValue::shown),
            after: Some(after.shown()),
            is_secret,
        };
        Some((name.clone(), change))
    });
    changed.collect()
}

/// Whether two values are the same in Zato, which takes numbers as text, knows several words for
/// nothing, and shows times with a `T` that it gets without.
pub(super) fn is_same(one: &Value, other: &Value) -> bool {
    one == other
        || (is_nothing(one) && is_nothing(other))
        || match (plain_text(one), plain_text(other)) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => false,
        }
}

fn plain_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Bool(is_true) => is_true.to_string(),
        value => scalar_text(value)?.into_owned(),
    };
    let is_python = matches!(text.as_str(), "True" | "False");
    let is_time = text.as_bytes().get(10) == Some(&b'T') && text.as_bytes().get(4) == Some(&b'-');
    Some(if is_python {
        text.to_ascii_lowercase()
    } else if is_time {
        text.replacen('T', " ", 1)
    } else {
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_the_same_as_zato_takes_them() {
        for (one, other, expected) in [
            (json!(85), json!("85"), true),
            (json!(true), json!("True"), true),
            (json!(null), json!("ZATO_NONE"), true),
            (json!(""), json!(null), true),
            (
                json!("2026-11-23 18:02:27"),
                json!("2026-11-23T18:02:27"),
                true,
            ),
            (json!("a"), json!("b"), false),
            (json!(0), json!(null), false),
            (json!([1]), json!([1]), true),
            (json!([1]), json!("[1]"), false),
        ] {
            assert_eq!(is_same(&one, &other), expected, "{one} {other}");
            assert_eq!(is_same(&other, &one), expected, "{other} {one}");
        }
    }

    #[test]
    fn secrets_are_compared_by_what_is_in_the_log_and_never_kept() {
        let fields_of =
            |masked: Value, clear: Value| fields(masked.as_object().unwrap(), clear.as_object());
        let masked = || json!({"secret": MASK, "name": "x"});
        let one = fields_of(masked(), json!({"secret": "a", "name": "x"}));
        let other = fields_of(masked(), json!({"secret": "b", "name": "x"}));
        let by_zato = fields_of(masked(), json!({"secret": "******", "name": "x"}));
        assert!(changed(Some(&one), &one).is_empty());
        let changes = changed(Some(&one), &other);
        assert_eq!(changes.keys().collect::<Vec<_>>(), ["secret"]);
        assert!(!format!("{changes:?}{one:?}").contains("\"a\""));
        assert!(changed(Some(&by_zato), &by_zato).is_empty());
    }

    #[test]
    fn a_null_that_is_known_is_not_unknown() {
        let change = FieldChange {
            before: Some(Value::Null),
            after: None,
            is_secret: false,
        };
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(text, r#"{"before":null}"#);
        assert_eq!(serde_json::from_str::<FieldChange>(&text).unwrap(), change);
    }

    #[test]
    fn long_texts_are_kept_by_their_hash() {
        let long = json!("x".repeat(LONGEST + 1));
        assert!(
            short(&long)
                .as_str()
                .unwrap()
                .starts_with("4097 bytes, XXH3 ")
        );
    }
}
