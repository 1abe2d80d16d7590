//! Compares a schema of a document with what was seen: what it lacks, and where they differ.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::edit::Insertion;
use super::lookup::{Found, Lookup};
use super::note::{Note, NoteKind, types_of};
use super::schema::{DEEPEST, SchemaWriter};
use crate::usage::{Schema, below};

/// What is found out of a document.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// What is lacking, and what is told if it is written.
    pub(super) insertions: Vec<(Insertion, Vec<Note>)>,
    pub(super) notes: Vec<Note>,
}

/// A schema that is compared, of one side of a service.
#[derive(Debug)]
pub(super) struct Comparison<'a> {
    pub(super) service: &'a str,
    /// `request` or `response`.
    pub(super) side: &'static str,
    pub(super) lookup: &'a Lookup<'a>,
    pub(super) writer: &'a SchemaWriter<'a>,
}

/// Words that put a schema together from others, so that it is not known which one lacks something.
const CHOICES: [&str; 5] = ["oneOf", "anyOf", "not", "if", "unevaluatedProperties"];

/// Words that say all of a value, so that its type is no gap.
const WHOLE: [&str; 7] = [
    "$ref",
    "$dynamicRef",
    "enum",
    "const",
    "allOf",
    "oneOf",
    "anyOf",
];

const SHARED: &str = "other parts of the document refer to its schema too";

impl<'a> Comparison<'a> {
    pub(super) fn compare(&self, schema: &Found<'a>, seen: &Schema, findings: &mut Findings) {
        self.compare_at("", schema, seen, 0, findings);
    }

    fn note(&self, path: &str, kind: NoteKind) -> Note {
        Note {
            service: self.service.to_owned(),
            place: below(self.side, path).trim_end_matches('.').to_owned(),
            kind,
        }
    }

    /// Adds an entry to a schema, which tells of these paths.
    fn insert(
        &self,
        into: &Found<'a>,
        paths: &[String],
        key: &str,
        value: Value,
        findings: &mut Findings,
    ) {
        let notes = |kind: NoteKind| paths.iter().map(move |path| self.note(path, kind.clone()));
        if into.is_shared {
            findings.notes.extend(notes(NoteKind::NotAdded(SHARED)));
            return;
        }
        let insertion = Insertion {
            at: into.at.clone(),
            key: key.to_owned(),
            value,
        };
        let notes = notes(NoteKind::Added).collect();
        findings.insertions.push((insertion, notes));
    }

    fn compare_at(
        &self,
        path: &str,
        schema: &Found<'a>,
        seen: &Schema,
        depth: usize,
        findings: &mut Findings,
    ) {
        let Value::Object(dict) = schema.value else {
            return;
        };
        // The schemas that are written end there, too.
        if seen.count == 0 || depth > DEEPEST {
            return;
        }
        let types = types_of(schema.value);
        let other = other_types(&types, seen);
        if !other.is_empty() {
            let kind = NoteKind::Types(types.clone(), other);
            findings.notes.push(self.note(path, kind));
        }
        self.compare_values(path, dict, seen, findings);
        if types.is_empty() && !has_any(dict, &WHOLE) {
            let Value::Object(own) = self.writer.schema(seen, path, depth) else {
                return;
            };
            for key in ["type", "nullable"] {
                if let Some(value) = own.get(key).filter(|_| !dict.contains_key(key)) {
                    self.insert(schema, &[path.to_owned()], key, value.clone(), findings);
                }
            }
        }
        if depth == DEEPEST {
            return;
        }
        let allows = |name: &str| types.is_empty() || types.iter().any(|one| one == name);
        if seen.types.object > 0 && allows("object") {
            self.compare_fields(path, schema, dict, seen, depth, findings);
        }
        if let Some(items) = seen.items.as_deref().filter(|_| allows("array")) {
            let below = below(path, "*");
            if let Some(known) = self.lookup.child(schema, "items") {
                self.compare_at(&below, &known, items, depth + 1, findings);
            } else if !dict.contains_key("items")
                && !has_any(dict, &WHOLE)
                && !dict.contains_key("prefixItems")
            {
                let items = self.writer.schema(items, &below, depth + 1);
                self.insert(schema, &[below], "items", items, findings);
            }
        }
    }

    fn compare_values(
        &self,
        path: &str,
        dict: &Map<String, Value>,
        seen: &Schema,
        findings: &mut Findings,
    ) {
        let (Some(Value::Array(allowed)), Some(values)) = (dict.get("enum"), &seen.texts.values)
        else {
            return;
        };
        let is_allowed = |value: &str| allowed.iter().any(|one| one.as_str() == Some(value));
        let others = values.iter().filter(|value| !is_allowed(value));
        let others: Vec<String> = others.map(ToString::to_string).collect();
        if !others.is_empty() {
            findings
                .notes
                .push(self.note(path, NoteKind::OtherValues(others)));
        }
    }

    fn compare_fields(
        &self,
        path: &str,
        schema: &Found<'a>,
        dict: &Map<String, Value>,
        seen: &Schema,
        depth: usize,
        findings: &mut Findings,
    ) {
        let is_map = !dict.contains_key("properties")
            && dict
                .get("additionalProperties")
                .is_some_and(|more| *more != Value::Bool(false));
        if seen.fields.others().is_some() || is_map {
            // Keys that are values are no fields.
            return;
        }
        let mut declared = Vec::new();
        self.collect(schema, &mut declared, 0);
        let names: HashSet<&str> = declared.iter().map(|(name, _)| *name).collect();
        for (name, field) in &declared {
            let below = below(path, name);
            match (seen.fields.get(name), field) {
                (Some(seen), Some(field)) => {
                    self.compare_at(&below, field, seen, depth + 1, findings);
                }
                // What its schema refers to is not in the document.
                (Some(_), None) => {}
                (None, _) => findings.notes.push(self.note(&below, NoteKind::NeverSeen)),
            }
        }
        for name in dict
            .get("required")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
        {
            let Some(name) = name.as_str() else { continue };
            let Some(field) = seen.fields.get(name) else {
                continue;
            };
            let missing = seen.types.object.saturating_sub(field.count);
            if missing > 0 {
                let kind = NoteKind::NotAlwaysThere(missing, seen.types.object);
                findings.notes.push(self.note(&below(path, name), kind));
            }
        }
        if has_any(dict, &CHOICES) {
            return;
        }
        let fields = seen.fields.by_name().into_iter();
        let new = fields.filter(|(name, _)| !names.contains(name));
        let (paths, new): (Vec<String>, Map<String, Value>) = new
            .map(|(name, field)| {
                let below = below(path, name);
                let field = self.writer.schema(field, &below, depth + 1);
                (below, (name.to_owned(), field))
            })
            .unzip();
        if new.is_empty() {
            return;
        }
        let Some(properties) = schema.own_child("properties") else {
            self.insert(schema, &paths, "properties", new.into(), findings);
            return;
        };
        for (path, (name, field)) in paths.into_iter().zip(new) {
            self.insert(&properties, &[path], &name, field, findings);
        }
    }

    /// The fields of a schema and of all that it is put together from, each with its schema where
    /// that is in the document.
    fn collect(
        &self,
        schema: &Found<'a>,
        fields: &mut Vec<(&'a str, Option<Found<'a>>)>,
        depth: usize,
    ) {
        let Some(dict) = schema.value.as_object().filter(|_| depth < DEEPEST) else {
            return;
        };
        if let Some(properties) = schema.own_child("properties") {
            for (name, _) in properties.value.as_object().into_iter().flatten() {
                let field = self.lookup.child(&properties, name);
                if fields.iter().all(|(known, _)| known != name) {
                    fields.push((name, field));
                }
            }
        }
        for word in ["allOf", "oneOf", "anyOf"] {
            let parts = dict.get(word).and_then(Value::as_array);
            let (Some(parts), Some(list)) = (parts, schema.own_child(word)) else {
                continue;
            };
            for nth in 0..parts.len() {
                if let Some(part) = self.lookup.child(&list, &nth.to_string()) {
                    self.collect(&part, fields, depth + 1);
                }
            }
        }
    }
}

fn has_any(schema: &Map<String, Value>, words: &[&str]) -> bool {
    words.iter().any(|word| schema.contains_key(*word))
}

/// The types that were seen and that a schema of these types does not allow. One without types
/// allows all.
fn other_types(types: &[String], seen: &Schema) -> Vec<&'static str> {
    let allows = |name: &str| types.iter().any(|one| one == name);
    let mut seen = seen.types.names();
    seen.retain(|name| !(allows(name) || *name == "integer" && allows("number")));
    if types.is_empty() { Vec::new() } else { seen }
}
