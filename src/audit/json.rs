//! Values as the JSON that they are written as: most of what calls hold is only compared and written
//! again, and to build trees of it took most of the time of an audit.

use std::borrow::Cow;
use std::fmt;

use serde::de::{MapAccess, SeqAccess, Visitor};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::pyrepr::{Notation, Tokens};

/// A value as compact JSON. Two are equal if they are written alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Json<'j>(Cow<'j, str>);

impl<'j> Json<'j> {
    /// Takes what has been written as JSON. Nothing else can be written again.
    pub(super) fn written(json: impl Into<Cow<'j, str>>) -> Self {
        let json = json.into();
        debug_assert!(serde_json::from_str::<&RawValue>(&json).is_ok(), "{json}");
        Self(json)
    }

    /// The JSON text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The same, kept apart from the log.
    pub(super) fn into_owned(self) -> Json<'static> {
        Json(Cow::Owned(self.0.into_owned()))
    }
}

impl Serialize for Json<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &RawValue = serde_json::from_str(&self.0).map_err(S::Error::custom)?;
        raw.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Json<'_> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw: Box<RawValue> = Box::deserialize(deserializer)?;
        Ok(Self(Cow::Owned(Box::<str>::from(raw).into_string())))
    }
}

impl fmt::Display for Json<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The tree of what has been written as JSON, of which `serde_json` would not read what is nested as deeply
/// as payloads may be.
///
/// # Panics
/// If it is no JSON.
#[must_use]
pub fn tree(json: &str) -> Value {
    let value = Tokens::of_text(json, Notation::Json).into_value();
    value.expect("it has been written as JSON")
}

/// The text that this JSON is of; `None` if it is of no text.
pub(super) fn text(json: &str) -> Option<Cow<'_, str>> {
    let inside = json.strip_prefix('"')?.strip_suffix('"')?;
    if inside.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(inside))
}

/// What most dicts have no more entries than.
const USUAL_ENTRIES: usize = 16;

/// The entries of a dict, in order; of those with the same name the last one counts.
#[derive(Debug, Default)]
pub(super) struct Entries<'j>(Vec<(Cow<'j, str>, &'j RawValue)>);

impl<'j> Entries<'j> {
    /// Reads the entries of a dict. `None` if this JSON is of something else.
    pub(super) fn of(json: &'j str) -> Option<Self> {
        if !json.starts_with('{') {
            return None;
        }
        serde_json::from_str(json).ok()
    }

    pub(super) fn get(&self, name: &str) -> Option<&'j str> {
        let mut entries = self.0.iter().rev();
        let (_, raw) = entries.find(|(other, _)| other == name)?;
        Some(raw.get())
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &'j RawValue)> {
        self.0.iter().map(|(name, raw)| (&**name, *raw))
    }
}

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OfEntries;

        impl<'de> Visitor<'de> for OfEntries {
            type Value = Entries<'de>;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a dict")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entries<'de>, A::Error> {
                let mut entries = Vec::with_capacity(USUAL_ENTRIES);
                while let Some(name) = map.next_key_seed(Name)? {
                    entries.push((name, map.next_value()?));
                }
                Ok(Entries(entries))
            }
        }

        deserializer.deserialize_map(OfEntries)
    }
}

/// Reads a name without copying it, unless it has escapes.
struct Name;

impl<'de> serde::de::DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}

/// The elements of a list that are dicts. `None` if this JSON is of something else.
pub(super) fn dicts(json: &str) -> Option<Vec<Entries<'_>>> {
    struct OfDicts;

    impl<'de> Visitor<'de> for OfDicts {
        type Value = Vec<Entries<'de>>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut dicts = Vec::new();
            while let Some(element) = list.next_element::<&'de RawValue>()? {
                dicts.extend(Entries::of(element.get()));
            }
            Ok(dicts)
        }
    }

    if !json.starts_with('[') {
        return None;
    }
    serde_json::Deserializer::from_str(json)
        .deserialize_seq(OfDicts)
        .ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entries_are_those_of_the_tree() {
        for value in [
            json!({}),
            json!({"a": 1, "b\"": [1, {"c": "d"}], "": null, "ü": "\u{1}", "x": {"y": "}"}}),
            json!({"n": 1.50, "t": true}),
        ] {
            let text = value.to_string();
            let entries = Entries::of(&text).unwrap();
            let fields = value.as_object().unwrap();
            assert_eq!(entries.iter().count(), fields.len());
            for (name, value) in fields {
                assert_eq!(entries.get(name), Some(value.to_string().as_str()));
            }
        }
        assert_eq!(Entries::of(r#"{"a":1,"a":2}"#).unwrap().get("a"), Some("2"));
        assert!(Entries::of("[]").is_none());
        assert!(dicts("{}").is_none());
        let rows = dicts(r#"[1,{"id":2},[{"id":3}],{"id":4}]"#).unwrap();
        let ids: Vec<_> = rows.iter().map(|row| row.get("id")).collect();
        assert_eq!(ids, [Some("2"), Some("4")]);
    }

    #[test]
    fn a_value_is_written_and_read_as_it_is() {
        for text in [
            r#"{"n":1.50,"x":"\u001b"}"#,
            "12345678901234567890.0",
            "null",
            "\"\"",
        ] {
            let json = Json::written(text);
            let written = serde_json::to_string(&json).unwrap();
            assert_eq!(written, text);
            let read: Json<'_> = serde_json::from_str(&written).unwrap();
            assert_eq!(read, json);
        }
    }

    #[test]
    fn a_text_is_read_out_of_its_quotes() {
        for (json, expected) in [
            (r#""a""#, Some("a")),
            (r#""\"\u00fc""#, Some("\"ü")),
            (r#""""#, Some("")),
            ("1", None),
            ("null", None),
            (r#"["a"]"#, None),
        ] {
            assert_eq!(text(json).as_deref(), expected, "{json}");
        }
    }
}
