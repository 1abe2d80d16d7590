//! Finds what a document says, behind its references.

use std::collections::HashMap;

use percent_encoding::percent_decode_str;
use serde_json::Value;

/// More references in a row are a circle.
const MAX_HOPS: usize = 16;

/// A document and how often each place of it is referred to.
#[derive(Debug)]
pub(super) struct Lookup<'d> {
    root: &'d Value,
    references: HashMap<&'d str, usize>,
}

/// A value and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Found<'d> {
    /// The keys that lead there.
    pub(super) at: Vec<String>,
    pub(super) value: &'d Value,
    /// Whether other parts of the document refer to it as well.
    pub(super) is_shared: bool,
}

impl Found<'_> {
    /// Returns what stands under a key, as it is.
    pub(super) fn own_child(&self, key: &str) -> Option<Self> {
        Some(Self {
            at: [self.at.as_slice(), &[key.to_owned()]].concat(),
            value: self.value.get(key)?,
            is_shared: self.is_shared,
        })
    }
}

impl<'d> Lookup<'d> {
    pub(super) fn new(root: &'d Value) -> Self {
        let mut references = HashMap::new();
        count_references(root, &mut references);
        Self { root, references }
    }

    pub(super) fn root(&self) -> Found<'d> {
        Found {
            at: Vec::new(),
            value: self.root,
            is_shared: false,
        }
    }

    /// Returns what stands under a key, behind its references; nothing if they lead nowhere in
    /// this document.
    pub(super) fn child(&self, of: &Found<'d>, key: &str) -> Option<Found<'d>> {
        let value = match of.value {
            Value::Object(dict) => dict.get(key)?,
            Value::Array(list) => list.get(key.parse::<usize>().ok()?)?,
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
        };
        let mut at = of.at.clone();
        at.push(key.to_owned());
        self.resolved(Found {
            at,
            value,
            is_shared: of.is_shared,
        })
    }

    /// Returns what stands behind these keys.
    pub(super) fn path(&self, of: &Found<'d>, keys: &[&str]) -> Option<Found<'d>> {
        keys.iter()
            .try_fold(of.clone(), |found, key| self.child(&found, key))
    }

    fn resolved(&self, found: Found<'d>) -> Option<Found<'d>> {
        let mut found = found;
        for _ in 0..MAX_HOPS {
            let Some(reference) = found.value.get("$ref").and_then(Value::as_str) else {
                return Some(found);
            };
            let is_shared = self
                .references
                .get(reference)
                .is_some_and(|count| *count > 1);
            let mut at = Vec::new();
            let mut value = self.root;
            for step in reference.strip_prefix("#/")?.split('/') {
                let step = percent_decode_str(step).decode_utf8_lossy();
                let step = step.replace("~1", "/").replace("~0", "~");
                value = match value {
                    Value::Object(dict) => dict.get(&step)?,
                    Value::Array(list) => list.get(step.parse::<usize>().ok()?)?,
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                        return None;
                    }
                };
                at.push(step);
            }
            found = Found {
                at,
                value,
                is_shared: found.is_shared || is_shared,
            };
        }
        None
    }
}

fn count_references<'d>(value: &'d Value, references: &mut HashMap<&'d str, usize>) {
    match value {
        Value::Object(dict) => {
            if let Some(Value::String(reference)) = dict.get("$ref") {
                *references.entry(reference).or_default() += 1;
            }
            for value in dict.values() {
                count_references(value, references);
            }
        }
        Value::Array(list) => {
            for value in list {
                count_references(value, references);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
