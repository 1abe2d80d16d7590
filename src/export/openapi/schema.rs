//! What was seen of payloads as a JSON Schema.
//!
//! A schema claims only what enough samples show: see the constants. Whatever it claims, all that
//! was seen fits it.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::redact::is_secret;
use crate::usage::{Example, Schema, Whole, below};

/// A field is required if so many dicts were seen or more, and all had it.
pub const REQUIRED_FROM: u64 = 5;

/// Texts are of a closed set if so many were seen or more, and each of the set so many times on
/// average: [`TEXTS_PER_VALUE`].
pub const ENUM_FROM: u64 = 20;

/// How often each text of a closed set was seen at least, on average.
pub const TEXTS_PER_VALUE: u64 = 5;

/// Texts have a format if so many were seen or more, and all fit it.
pub const FORMAT_FROM: u64 = 3;

/// What stands in more containers than these is left open: two levels of the document are needed
/// for each, and many parsers of JSON give up at 128.
pub(super) const DEEPEST: usize = 32;

/// In the place of a key in a path, where keys are values.
const ANY_KEY: &str = "\0";

/// The version of OpenAPI, as far as schemas differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Version {
    /// A type is one name, and `nullable` is apart.
    V3_0,
    /// Types are those of JSON Schema: one or several.
    V3_1,
}

/// What is seen on one side of a service's calls.
#[derive(Clone, Debug)]
pub(super) struct SchemaWriter<'e> {
    version: Version,
    /// The paths of texts that are cut in an example, which fits no set and no format any more.
    cut: BTreeSet<&'e str>,
}

impl<'e> SchemaWriter<'e> {
    /// Writes schemas of requests, which are never cut.
    pub(super) fn of_requests(version: Version) -> Self {
        Self {
            version,
            cut: BTreeSet::new(),
        }
    }

    /// Writes schemas of responses that these examples fit.
    pub(super) fn of_responses(version: Version, examples: &'e [Example]) -> Self {
        let cuts = examples.iter().flat_map(|example| &example.cuts);
        let of_texts = cuts.filter(|cut| matches!(cut.of, Whole::Characters(_)));
        Self {
            version,
            cut: of_texts.map(|cut| cut.path.as_str()).collect(),
        }
    }

    /// Returns the schema of what stands at `path` in so many containers. The path is empty for
    /// the whole payload.
    pub(super) fn schema(&self, seen: &Schema, path: &str, depth: usize) -> Value {
        let mut schema = self.types(seen);
        // Of keys that are values it is not known which ones have a text that is cut.
        let is_any_cut = path.contains(ANY_KEY) && !self.cut.is_empty();
        let is_text = !seen.texts.is_secret && !self.cut.contains(path) && !is_any_cut;
        if seen.texts.is_secret && is_secret(last_key(path)) {
            schema.insert("format".to_owned(), "password".into());
        } else if let Some(format) = format(seen).filter(|_| is_text) {
            schema.insert("format".to_owned(), format.into());
        }
        if let Some(values) = closed_set(seen).filter(|_| is_text) {
            schema.insert("enum".to_owned(), values);
        }
        if depth < DEEPEST {
            self.add_fields(seen, path, depth, &mut schema);
            if let Some(items) = &seen.items {
                let items = self.schema(items, &below(path, "*"), depth + 1);
                schema.insert("items".to_owned(), items);
            }
        }
        if self.version == Version::V3_0 && seen.types.array > 0 && !schema.contains_key("items") {
            schema.insert("items".to_owned(), json!({}));
        }
        schema.insert("x-zalog-seen".to_owned(), seen.count.into());
        Value::Object(schema)
    }

    /// The types alone; none where nothing but `null` was seen, which tells no type.
    fn types(&self, seen: &Schema) -> Map<String, Value> {
        let mut names = seen.types.names();
        let mut schema = Map::new();
        if names == ["null"] {
            return schema;
        }
        match self.version {
            Version::V3_1 => {
                let types = match names.as_slice() {
                    [] => return schema,
                    [one] => json!(one),
                    several => json!(several),
                };
                schema.insert("type".to_owned(), types);
            }
            Version::V3_0 => {
                names.retain(|name| *name != "null");
                // Without a type any value fits, and there is no list of types.
                if let [one] = names.as_slice() {
                    schema.insert("type".to_owned(), json!(one));
                    if seen.types.null > 0 {
                        schema.insert("nullable".to_owned(), true.into());
                    }
                }
            }
        }
        schema
    }

    fn add_fields(&self, seen: &Schema, path: &str, depth: usize, schema: &mut Map<String, Value>) {
        let fields = seen.fields.by_name();
        if let Some(others) = seen.fields.others() {
            // Keys that are so many are values themselves.
            let mut any = others.clone();
            for (_, field) in fields {
                any.merge(field.clone());
            }
            let any = self.schema(&any, &below(path, ANY_KEY), depth + 1);
            schema.insert("additionalProperties".to_owned(), any);
            return;
        }
        if fields.is_empty() {
            return;
        }
        let is_required =
            |field: &Schema| seen.types.object >= REQUIRED_FROM && field.count >= seen.types.object;
        let required = fields.iter().filter(|(_, field)| is_required(field));
        let required: Vec<&str> = required.map(|(name, _)| *name).collect();
        let properties: Map<String, Value> = fields
            .iter()
            .map(|(name, field)| {
                let field = self.schema(field, &below(path, name), depth + 1);
                ((*name).to_owned(), field)
            })
            .collect();
        schema.insert("properties".to_owned(), properties.into());
        if !required.is_empty() {
            schema.insert("required".to_owned(), required.into());
        }
    }
}

fn last_key(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or_default()
}

fn format(seen: &Schema) -> Option<&'static str> {
    let is_claimed = seen.types.string >= FORMAT_FROM && !seen.texts.has_empty;
    seen.texts.formats.name().filter(|_| is_claimed)
}

/// The values of a closed set. A set of one says more of the logs than of the service.
fn closed_set(seen: &Schema) -> Option<Value> {
    let values = seen.texts.values.as_ref()?;
    let (texts, all) = (seen.types.string, values.len() as u64);
    let is_only_text = texts + seen.types.null == seen.count;
    if !is_only_text || all < 2 || texts < ENUM_FROM || texts < all * TEXTS_PER_VALUE {
        return None;
    }
    let null = (seen.types.null > 0).then_some(Value::Null);
    let values = values.iter().map(|value| json!(value));
    Some(values.chain(null).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::Envelope;

    fn seen(values: &[Value]) -> Schema {
        Schema::of_values(values, Envelope::None)
    }

    fn written(version: Version, values: &[Value]) -> Value {
        SchemaWriter::of_requests(version).schema(&seen(values), "", 0)
    }

    #[test]
    fn one_sample_tells_types_and_nothing_else() {
        let value = json!({"id": 1, "day": "2018-11-11", "none": null, "rows": [1.5, null]});
        assert_eq!(
            written(Version::V3_1, &[value]),
            json!({
                "type": "object",
                "properties": {
                    "day": {"type": "string", "x-zalog-seen": 1},
                    "id": {"type": "integer", "x-zalog-seen": 1},
                    "none": {"x-zalog-seen": 1},
                    "rows": {
                        "type": "array",
                        "items": {"type": ["number", "null"], "x-zalog-seen": 2},
                        "x-zalog-seen": 1,
                    },
                },
                "x-zalog-seen": 1,
            })
        );
    }

    #[test]
    fn many_samples_tell_what_is_required_and_which_values_there_are() {
        let value = |nth: u64| {
            let mut value =
                json!({"kind": if nth < ENUM_FROM / 2 { "a" } else { "b" }, "day": "2018-11-11"});
            if nth > 0 {
                value["more"] = json!(true);
            }
            value
        };
        let values: Vec<Value> = (0..ENUM_FROM).map(value).collect();
        let schema = written(Version::V3_1, &values);
        assert_eq!(schema["required"], json!(["day", "kind"]));
        assert_eq!(schema["properties"]["kind"]["enum"], json!(["a", "b"]));
        assert_eq!(schema["properties"]["day"]["format"], "date");
        let few = usize::try_from(REQUIRED_FROM - 1).unwrap();
        let schema = written(Version::V3_1, &values[..few]);
        assert_eq!(schema.get("required"), None);
        assert_eq!(schema["properties"]["kind"].get("enum"), None);
    }

    #[test]
    fn secrets_are_no_set_and_an_empty_text_has_no_format() {
        let values = vec![json!({"password": "******", "day": ""}); 30];
        let schema = written(Version::V3_1, &values);
        let password = &schema["properties"]["password"];
        assert_eq!(
            *password,
            json!({"type": "string", "format": "password", "x-zalog-seen": 30})
        );
        let values = [json!("2018-11-11"), json!("2018-11-11"), json!("")];
        assert_eq!(written(Version::V3_1, &values).get("format"), None);
    }

    #[test]
    fn version_3_0_has_one_type_and_nullable() {
        let schema = written(
            Version::V3_0,
            &[
                json!({"a": 1, "b": 1, "c": []}),
                json!({"a": null, "b": "x"}),
            ],
        );
        let properties = &schema["properties"];
        assert_eq!(
            properties["a"],
            json!({"type": "integer", "nullable": true, "x-zalog-seen": 2})
        );
        assert_eq!(properties["b"], json!({"x-zalog-seen": 2}));
        assert_eq!(properties["c"]["items"], json!({}));
    }

    #[test]
    fn keys_that_are_values_are_no_fields() {
        let dict: Map<String, Value> = (0..300).map(|nth| (nth.to_string(), json!(nth))).collect();
        let schema = written(Version::V3_1, &[dict.into()]);
        assert_eq!(schema.get("properties"), None);
        assert_eq!(
            schema["additionalProperties"],
            json!({"type": "integer", "x-zalog-seen": 300})
        );
    }
}
