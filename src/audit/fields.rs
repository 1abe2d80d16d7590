//! The fields of an object, in two pieces of memory: there may be many objects.

use std::borrow::Cow;
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// What is known of a field.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum FieldValue<'f> {
    /// The value as JSON.
    Plain(Cow<'f, str>),
    /// The hash of a secret that is in the log in clear; `None` where Zato masked it.
    Secret(Option<u64>),
}

/// The fields of an object that are known, in the order of their names.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Fields {
    /// The name of each and its value, if it is no secret, one behind the other.
    text: Box<str>,
    fields: Box<[Field]>,
}

/// Where in the text a field stands: behind the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Field {
    name_end: usize,
    end: usize,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
enum Kind {
    Plain,
    Masked,
    Secret(u64),
}

impl Fields {
    /// The value of the field with this name.
    pub(super) fn get(&self, name: &str) -> Option<FieldValue<'_>> {
        let (mut from, mut to) = (0, self.fields.len());
        while from < to {
            let middle = usize::midpoint(from, to);
            let (found, value) = self.field(middle);
            match found.cmp(name) {
                Ordering::Less => from = middle + 1,
                Ordering::Equal => return Some(value),
                Ordering::Greater => to = middle,
            }
        }
        None
    }

    /// All fields, in the order of their names.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, FieldValue<'_>)> {
        (0..self.fields.len()).map(|nth| self.field(nth))
    }

    /// Adds fields, in the place of those that have their names.
    pub(super) fn extend(&mut self, more: &Self) {
        *self = self.iter().chain(more.iter()).collect();
    }

    /// Leaves the secrets alone.
    pub(super) fn secrets(&self) -> impl Iterator<Item = (&str, FieldValue<'_>)> {
        self.iter().filter(|(_, value)| value.is_secret())
    }

    fn field(&self, nth: usize) -> (&str, FieldValue<'_>) {
        let Field {
            name_end,
            end,
            kind,
        } = self.fields[nth];
        let start = nth
            .checked_sub(1)
            .map_or(0, |before| self.fields[before].end);
        let value = match kind {
            Kind::Plain => FieldValue::Plain(Cow::Borrowed(&self.text[name_end..end])),
            Kind::Masked => FieldValue::Secret(None),
            Kind::Secret(hash) => FieldValue::Secret(Some(hash)),
        };
        (&self.text[start..name_end], value)
    }
}

/// Of fields with one name the last one counts.
impl<'f> FromIterator<(&'f str, FieldValue<'f>)> for Fields {
    fn from_iter<I: IntoIterator<Item = (&'f str, FieldValue<'f>)>>(fields: I) -> Self {
        let fields = fields.into_iter();
        // A filter, which most of them come from, knows no fewest.
        let most = fields.size_hint().1.unwrap_or_default();
        let mut sorted: Vec<(&str, FieldValue<'_>)> = Vec::with_capacity(most);
        sorted.extend(fields);
        sorted.sort_by_key(|(name, _)| *name);
        sorted.dedup_by(|later, kept| {
            let is_same = later.0 == kept.0;
            if is_same {
                std::mem::swap(later, kept);
            }
            is_same
        });
        let lengths = sorted
            .iter()
            .map(|(name, value)| name.len() + value.text().len());
        let mut text = String::with_capacity(lengths.sum());
        let place = |(name, value): &(&str, FieldValue<'_>)| {
            text.push_str(name);
            let name_end = text.len();
            text.push_str(value.text());
            let kind = match value {
                FieldValue::Plain(_) => Kind::Plain,
                FieldValue::Secret(None) => Kind::Masked,
                FieldValue::Secret(Some(hash)) => Kind::Secret(*hash),
            };
            Field {
                name_end,
                end: text.len(),
                kind,
            }
        };
        Self {
            fields: sorted.iter().map(place).collect(),
            text: text.into_boxed_str(),
        }
    }
}

impl FieldValue<'_> {
    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }

    /// The JSON of what is no secret.
    fn text(&self) -> &str {
        match self {
            Self::Plain(json) => json,
            Self::Secret(_) => "",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(fields: &[(&'static str, &'static str)]) -> Fields {
        let fields = fields.iter();
        fields
            .map(|(name, json)| (*name, FieldValue::Plain(Cow::Borrowed(*json))))
            .collect()
    }

    #[test]
    fn fields_are_found_by_their_names_and_the_last_of_a_name_counts() {
        let mut all = fields(&[
            ("b", "1"),
            ("a", "\"x\""),
            ("", "{}"),
            ("b", "2"),
            ("ab", "3"),
            ("b", "4"),
        ]);
        let names: Vec<&str> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["", "a", "ab", "b"]);
        let plain = |json| Some(FieldValue::Plain(Cow::Borrowed(json)));
        for (name, expected) in [
            ("", plain("{}")),
            ("a", plain("\"x\"")),
            ("ab", plain("3")),
            ("b", plain("4")),
            ("aa", None),
            ("c", None),
        ] {
            assert_eq!(all.get(name), expected, "{name}");
        }
        all.extend(&fields(&[("ab", "5"), ("c", "null")]));
        let shown: Vec<String> = all
            .iter()
            .map(|(name, value)| format!("{name}={}", value.text()))
            .collect();
        assert_eq!(shown, ["={}", "a=\"x\"", "ab=5", "b=4", "c=null"]);
    }

    #[test]
    fn secrets_leave_nothing_but_a_hash() {
        let all = [("password", Some(7)), ("token", None)]
            .map(|(name, hash)| (name, FieldValue::Secret(hash)));
        let more = fields(&[("name", "\"x\"")]);
        let all: Fields = all.into_iter().chain(more.iter()).collect();
        assert_eq!(all.get("password"), Some(FieldValue::Secret(Some(7))));
        assert_eq!(all.get("token"), Some(FieldValue::Secret(None)));
        assert_eq!(all.secrets().count(), 2);
        assert_eq!(Fields::default().secrets().count(), 0);
    }
}
