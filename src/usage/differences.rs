//! What differs between the shapes of two sets of payloads.

use std::collections::{BTreeMap, BTreeSet};

use super::path::below;
use super::schema::{Schema, Types};
use crate::entry::Direction;

/// A difference between an old schema and a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Where: keys, and `*` for the items of a list, with a dot between them. Empty for the whole
    /// payload.
    pub path: String,
    /// What differs.
    pub change: SchemaChange,
}

/// What differs in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaChange {
    /// A field that was not there before, with JSON Schema's names of its types.
    Came(Vec<&'static str>),
    /// A field that is no longer there, with the types that it had.
    Went(Vec<&'static str>),
    /// Other types than before: the old ones, and the new ones.
    Types(Vec<&'static str>, Vec<&'static str>),
}

impl Difference {
    /// Returns the place in a call: `request.name`, or `response` for all of it.
    #[must_use]
    pub fn place(&self, side: Direction) -> String {
        if self.path.is_empty() {
            side.as_str().to_owned()
        } else {
            below(side.as_str(), &self.path)
        }
    }
}

impl SchemaChange {
    /// The change's name in every output.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Came(_) => "came",
            Self::Went(_) => "went",
            Self::Types(_, _) => "types",
        }
    }

    /// The types before, if the field was there.
    #[must_use]
    pub fn old_types(&self) -> Option<&[&'static str]> {
        match self {
            Self::Came(_) => None,
            Self::Went(types) | Self::Types(types, _) => Some(types),
        }
    }

    /// The types now, if the field is there.
    #[must_use]
    pub fn new_types(&self) -> Option<&[&'static str]> {
        match self {
            Self::Went(_) => None,
            Self::Came(types) | Self::Types(_, types) => Some(types),
        }
    }
}

/// Returns what differs between two schemas, by path. What was only `null` or empty on a side says
/// nothing of what stands there, and a field of a dict that was never seen on a side neither came
/// nor went with it.
#[must_use]
pub fn differences(old: &Schema, new: &Schema) -> Vec<Difference> {
    let mut found = BTreeMap::new();
    compare("", old, new, &mut found);
    let found = found.into_iter();
    found
        .map(|(path, change)| Difference { path, change })
        .collect()
}

fn compare(path: &str, old: &Schema, new: &Schema, found: &mut BTreeMap<String, SchemaChange>) {
    if is_other(old.types, new.types) {
        let change = SchemaChange::Types(old.types.names(), new.types.names());
        found.insert(path.to_owned(), change);
    }
    if let (Some(old), Some(new)) = (&old.items, &new.items) {
        compare(&below(path, "*"), old, new, found);
    }
    if old.types.object == 0 || new.types.object == 0 {
        return;
    }
    let names = |schema: &Schema| {
        let names = schema
            .fields
            .by_name()
            .into_iter()
            .map(|(name, _)| name.to_owned());
        names.collect::<BTreeSet<String>>()
    };
    for name in names(old).union(&names(new)) {
        let change = match (old.fields.get(name), new.fields.get(name)) {
            (Some(old), Some(new)) => {
                compare(&below(path, name), old, new, found);
                continue;
            }
            // Where keys are values, one more or less is no change.
            (Some(_), None) if new.fields.others().is_some() => continue,
            (None, Some(_)) if old.fields.others().is_some() => continue,
            (Some(old), None) => SchemaChange::Went(old.types.names()),
            (None, Some(new)) => SchemaChange::Came(new.types.names()),
            (None, None) => continue,
        };
        found.insert(below(path, name), change);
    }
}

/// Whether a type stands on one side that the other side never had, while both had something.
fn is_other(old: Types, new: Types) -> bool {
    let kinds = |types: Types| {
        [
            types.boolean > 0,
            types.integer > 0 || types.number > 0,
            types.string > 0,
            types.array > 0,
            types.object > 0,
        ]
    };
    let (old, new) = (kinds(old), kinds(new));
    let is_known = |kinds: [bool; 5]| kinds.contains(&true);
    is_known(old) && is_known(new) && old != new
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::usage::Envelope;

    fn schema(values: &[Value]) -> Schema {
        Schema::of_values(values, Envelope::None)
    }

    #[test]
    fn what_came_went_or_changed_its_type_is_told() {
        let old = schema(&[
            json!({"id": 1, "gone": "x", "rows": [{"a": 1}], "none": null, "list": []}),
            json!({"id": 2, "rows": []}),
        ]);
        let new = schema(&[
            json!({"id": "1", "rows": [{"a": 1.5, "b": true}], "none": "x", "list": [1]}),
        ]);
        let found = differences(&old, &new);
        let texts: Vec<(&str, &str)> = found
            .iter()
            .map(|difference| (&*difference.path, difference.change.as_str()))
            .collect();
        assert_eq!(
            texts,
            [("gone", "went"), ("id", "types"), ("rows.*.b", "came")]
        );
        assert_eq!(found[1].change.old_types(), Some(&["integer"][..]));
        assert_eq!(found[1].change.new_types(), Some(&["string"][..]));
        assert_eq!(differences(&old, &old), []);
    }

    #[test]
    fn what_was_never_filled_says_nothing() {
        assert_eq!(
            differences(&schema(&[json!(null)]), &schema(&[json!({"a": 1})])),
            []
        );
        assert_eq!(
            differences(&schema(&[json!([])]), &schema(&[json!([1])])),
            []
        );
        assert_eq!(differences(&schema(&[]), &schema(&[json!({"a": 1})])), []);
    }
}
