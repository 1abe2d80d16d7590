//! What is taken of the fields of an object, and which of them a request changes.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::fields::{FieldValue, Fields};
use super::json::{Entries, Json, text, tree};
use super::object::{is_ignored, is_nothing, scalar_text};
use crate::redact::is_secret;

/// A longer text is kept as its length and its hash.
const LONGEST: usize = 4096;

/// A change of one field.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct FieldChange<'c> {
    /// What it was; `None` if the log does not tell.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "known"
    )]
    pub before: Option<Json<'c>>,
    /// What it has become; `None` if the log does not tell.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "known"
    )]
    pub after: Option<Json<'c>>,
    /// Whether it holds a secret, so that its values are masked.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_secret: bool,
}

/// The fields of an object, by their names.
pub type FieldValues<'f> = BTreeMap<Cow<'f, str>, Json<'f>>;

/// Fields that have changed, by their names.
pub type ChangedFields<'c> = BTreeMap<Cow<'c, str>, FieldChange<'c>>;

/// `null` is a value that is known.
fn known<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Json<'static>>, D::Error> {
    Json::deserialize(deserializer).map(Some)
}

impl FieldChange<'_> {
    /// The same, kept apart from the log.
    pub(super) fn into_owned(self) -> FieldChange<'static> {
        FieldChange {
            before: self.before.map(Json::into_owned),
            after: self.after.map(Json::into_owned),
            is_secret: self.is_secret,
        }
    }
}

impl<'f> FieldValue<'f> {
    /// What is shown of it.
    pub(super) fn shown(self) -> Json<'f> {
        match self {
            Self::Plain(json) => Json::written(json),
            Self::Secret(_) => masked(),
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

/// What is known of an object, as it is shown.
pub(super) fn shown_values(fields: &Fields) -> FieldValues<'_> {
    let shown = fields.iter();
    let shown = shown.map(|(name, value)| (Cow::Borrowed(name), value.shown()));
    shown.collect()
}

/// The same, kept apart from the log.
pub(super) fn owned_values(values: FieldValues<'_>) -> FieldValues<'static> {
    let values = values.into_iter();
    let owned = values.map(|(name, json)| (Cow::Owned(name.into_owned()), json.into_owned()));
    owned.collect()
}

/// What is shown of a secret.
pub(super) fn masked() -> Json<'static> {
    Json::written(QUOTED_MASK)
}

/// [`MASK`](crate::redact::MASK) as JSON.
pub(super) const QUOTED_MASK: &str = "\"******\"";

/// The fields that tell about an object. `clear` are the same values with their secrets.
pub(super) fn fields(values: &Entries<'_>, clear: Option<&Entries<'_>>) -> Fields {
    let told = values.iter().filter(|(name, _)| !is_ignored(name));
    told.map(|(name, value)| {
        let field = if value.get() == QUOTED_MASK && is_secret(name) {
            let clear = clear.and_then(|clear| clear.get(name));
            let logged = clear.filter(|clear| !is_mask(clear));
            FieldValue::Secret(logged.map(|clear| xxh3_64(clear.as_bytes())))
        } else {
            FieldValue::Plain(short(value.get()))
        };
        (name, field)
    })
    .collect()
}

/// Whether Zato has put asterisks in the place of the value.
fn is_mask(json: &str) -> bool {
    let is_asterisks =
        |text: Cow<'_, str>| !text.is_empty() && text.bytes().all(|byte| byte == b'*');
    text(json).is_some_and(is_asterisks)
}

/// A value that is short enough to be kept.
fn short(json: &str) -> Cow<'_, str> {
    let long = |bytes: &[u8]| {
        let hash = xxh3_64(bytes);
        Cow::Owned(format!("\"{} bytes, XXH3 {hash:016x}\"", bytes.len()))
    };
    if json.len() <= LONGEST {
        return Cow::Borrowed(json);
    }
    match text(json) {
        Some(text) if text.len() > LONGEST => long(text.as_bytes()),
        None if json.starts_with(['[', '{']) => long(json.as_bytes()),
        Some(_) | None => Cow::Borrowed(json),
    }
}

/// What differs between the fields of an object before and after a request.
pub(super) fn changed<'f>(before: Option<&'f Fields>, after: &'f Fields) -> ChangedFields<'f> {
    let changed = after.iter().filter_map(|(name, after)| {
        let before = before.and_then(|before| before.get(name));
        let is_secret = after.is_secret();
        let is_same = before.as_ref().and_then(|before| before.is_same(&after));
        // Whether a masked secret has changed nobody can tell: `change-password` says so itself.
        if is_same == Some(true) || (is_secret && before.is_some() && is_same.is_none()) {
            return None;
        }
        let change = FieldChange {
            before: before.map(FieldValue::shown),
            after: Some(after.shown()),
            is_secret,
        };
        Some((Cow::Borrowed(name), change))
    });
    changed.collect()
}

/// Whether two values are the same in Zato, which takes numbers as text, knows several words for
/// nothing, and shows times with a `T` that it gets without.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let is_tree = |json: &str| json.starts_with(['[', '{']);
    if is_tree(one) || is_tree(other) {
        // The order of a dict tells nothing.
        return one.as_bytes()[0] == other.as_bytes()[0] && tree(one) == tree(other);
    }
    (is_nothing(one) && is_nothing(other))
        || match (plain_text(one), plain_text(other)) {
            (Some(one), Some(other)) => one == other,
            (None, _) | (_, None) => false,
        }
}

fn plain_text(json: &str) -> Option<Cow<'_, str>> {
    let text = match json {
        "true" | "false" => Cow::Borrowed(json),
        json => scalar_text(json)?,
    };
    let is_python = matches!(&*text, "True" | "False");
    let is_time = text.as_bytes().get(10) == Some(&b'T') && text.as_bytes().get(4) == Some(&b'-');
    Some(if is_python {
        Cow::Owned(text.to_ascii_lowercase())
    } else if is_time {
        Cow::Owned(text.replacen('T', " ", 1))
    } else {
        text
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::redact::MASK;

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
            (json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1}), true),
            (json!({"a": 1}), json!([1]), false),
        ] {
            let (one, other) = (one.to_string(), other.to_string());
            assert_eq!(is_same(&one, &other), expected, "{one} {other}");
            assert_eq!(is_same(&other, &one), expected, "{other} {one}");
        }
    }

    #[test]
    fn secrets_are_compared_by_what_is_in_the_log_and_never_kept() {
        assert_eq!(QUOTED_MASK, json!(MASK).to_string());
        let fields_of = |masked: Value, clear: Value| {
            let (masked, clear) = (masked.to_string(), clear.to_string());
            fields(&Entries::of(&masked).unwrap(), Entries::of(&clear).as_ref())
        };
        let with_mask = || json!({"secret": MASK, "name": "x"});
        let one = fields_of(with_mask(), json!({"secret": "a", "name": "x"}));
        let other = fields_of(with_mask(), json!({"secret": "b", "name": "x"}));
        let by_zato = fields_of(with_mask(), json!({"secret": "******", "name": "x"}));
        assert!(changed(Some(&one), &one).is_empty());
        let changes = changed(Some(&one), &other);
        assert_eq!(changes.keys().collect::<Vec<_>>(), ["secret"]);
        assert!(!format!("{changes:?}{one:?}").contains("\"a\""));
        assert!(changed(Some(&by_zato), &by_zato).is_empty());
    }

    #[test]
    fn a_null_that_is_known_is_not_unknown() {
        let change = FieldChange {
            before: Some(Json::written("null")),
            after: None,
            is_secret: false,
        };
        let text = serde_json::to_string(&change).unwrap();
        assert_eq!(text, r#"{"before":null}"#);
        assert_eq!(
            serde_json::from_str::<FieldChange<'_>>(&text).unwrap(),
            change
        );
    }

    #[test]
    fn long_texts_are_kept_by_their_hash() {
        for (value, expected) in [
            (json!("x".repeat(LONGEST + 1)), "\"4097 bytes, XXH3 "),
            (json!(["x".repeat(LONGEST)]), "\"4100 bytes, XXH3 "),
            (json!("\n".repeat(LONGEST)), "\"\\n\\n"),
            (json!("x".repeat(LONGEST)), "\"xx"),
        ] {
            let json = value.to_string();
            let short = short(&json);
            assert!(short.starts_with(expected), "{short}");
        }
    }
}
