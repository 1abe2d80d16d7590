//! The fields of payloads as the rows of a table, for pages in any format.

use crate::usage::{Schema, below};

/// A table with more rows is no use to a reader.
const MAX_ROWS: usize = 500;

/// So many texts for each different one make these a closed set.
const TEXTS_FOR_EACH_VALUE: u64 = 3;

/// Fewer texts say nothing of what else may stand there.
const FEWEST_TEXTS: u64 = 6;

/// What is known of the payloads of one side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FieldTable {
    /// The types of the payloads themselves: `object`, `array of object or null`.
    pub(super) types: String,
    /// How many payloads were looked at.
    pub(super) payloads: u64,
    /// Their fields, each before those that stand in it.
    pub(super) rows: Vec<Field>,
    /// How many fields more there are.
    pub(super) left_out: usize,
}

/// A field of payloads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    /// Keys, and `*` for the items of a list or for any key, with a dot between them.
    pub(super) path: String,
    /// JSON Schema's names of its types: `string or null`, `array of integer`.
    pub(super) types: String,
    /// How often it was there.
    pub(super) presence: Presence,
    /// The format that all of its texts have, by JSON Schema's name.
    pub(super) format: Option<&'static str>,
    /// All its different texts, if they seem to be a closed set.
    pub(super) values: Vec<String>,
    /// Whether what stood there was masked.
    pub(super) is_secret: bool,
}

/// How often a field was there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Presence {
    /// In all dicts, so many, that it could be in.
    Always(u64),
    /// In so many of so many.
    Sometimes(u64, u64),
    /// The keys of these dicts are values.
    AnyKey,
}

impl FieldTable {
    /// Lists the fields of a schema. Those that are always there come first, and else the name
    /// decides, so that the same payloads in any order give the same table.
    pub(super) fn of(schema: &Schema) -> Self {
        let mut rows = Vec::new();
        add_fields("", schema, &mut rows);
        let left_out = rows.len().saturating_sub(MAX_ROWS);
        rows.truncate(MAX_ROWS);
        Self {
            types: types(schema),
            payloads: schema.count,
            rows,
            left_out,
        }
    }
}

fn add_fields(path: &str, schema: &Schema, rows: &mut Vec<Field>) {
    if let Some(items) = &schema.items {
        add_fields(&below(path, "*"), items, rows);
    }
    let fields = schema.fields.by_name();
    if let Some(others) = schema.fields.others() {
        let mut any = others.clone();
        for (_, field) in fields {
            any.merge(field.clone());
        }
        add_field(&below(path, "*"), &any, Presence::AnyKey, rows);
        return;
    }
    let dicts = schema.types.object;
    let (always, sometimes): (Vec<_>, Vec<_>) = fields
        .into_iter()
        .partition(|(_, field)| field.count >= dicts);
    for (name, field) in always {
        add_field(&below(path, name), field, Presence::Always(dicts), rows);
    }
    for (name, field) in sometimes {
        let presence = Presence::Sometimes(field.count, dicts);
        add_field(&below(path, name), field, presence, rows);
    }
}

fn add_field(path: &str, schema: &Schema, presence: Presence, rows: &mut Vec<Field>) {
    // What is said of the texts in a list is said of the list.
    let mut texts = schema;
    while texts.types.string == 0
        && let Some(items) = &texts.items
    {
        texts = items;
    }
    let is_secret = texts.texts.is_secret;
    rows.push(Field {
        types: types(schema),
        presence,
        format: texts.texts.formats.name().filter(|_| !is_secret),
        values: if is_secret {
            Vec::new()
        } else {
            closed_values(texts)
        },
        is_secret,
        path: path.to_owned(),
    });
    add_fields(path, schema, rows);
}

fn types(schema: &Schema) -> String {
    let names = schema.types.names().into_iter();
    let name = |name: &str| match &schema.items {
        Some(items) if name == "array" => match items.types.names().as_slice() {
            [] | [_] => format!("array of {}", types(items)),
            _ => format!("array of ({})", types(items)),
        },
        _ => name.to_owned(),
    };
    names.map(name).collect::<Vec<_>>().join(" or ")
}

fn closed_values(schema: &Schema) -> Vec<String> {
    let texts = schema.types.string;
    let values = schema.texts.values.iter().flatten();
    let values: Vec<String> = values.map(|value| String::from(&**value)).collect();
    let is_closed =
        texts >= FEWEST_TEXTS && texts >= TEXTS_FOR_EACH_VALUE.saturating_mul(values.len() as u64);
    if is_closed { values } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use serde_json::{Value, json};

    use super::*;
    use crate::usage::Envelope;

    fn table(values: &[Value]) -> FieldTable {
        FieldTable::of(&Schema::of_values(values, Envelope::None))
    }

    fn lines(table: &FieldTable) -> String {
        let mut lines = String::new();
        for row in &table.rows {
            let (path, types, presence) = (&row.path, &row.types, row.presence);
            write!(lines, "{path}: {types}, {presence:?}").unwrap();
            if row.is_secret {
                lines.push_str(", secret");
            }
            if let Some(format) = row.format {
                write!(lines, ", {format}").unwrap();
            }
            if !row.values.is_empty() {
                write!(lines, ", {:?}", row.values).unwrap();
            }
            lines.push('\n');
        }
        lines
    }

    #[test]
    fn a_table_has_a_row_for_each_field() {
        let call = |verb: &str| {
            json!({"z": verb, "password": "******", "at": "2018-11-11",
                "rows": [{"a": 1, "tags": ["x", "y"]}, {"a": null}]})
        };
        let mut calls = vec![call("a"), call("b"), call("a"), call("a"), call("b")];
        calls.push(json!({"z": "", "at": "2018-11-12"}));
        calls.extend([call("a"), call("b"), call("")]);
        assert_eq!(
            lines(&table(&calls)),
            "at: string, Always(9), date, [\"2018-11-11\", \"2018-11-12\"]\n\
             z: string, Always(9), [\"\", \"a\", \"b\"]\n\
             password: string, Sometimes(8, 9), secret\n\
             rows: array of object, Sometimes(8, 9)\n\
             rows.*.a: integer or null, Always(16)\n\
             rows.*.tags: array of string, Sometimes(8, 16), [\"x\", \"y\"]\n"
        );
    }

    #[test]
    fn keys_that_are_values_are_one_row() {
        let dict: serde_json::Map<String, Value> = (0..300)
            .map(|nth| (format!("key {nth}"), json!({"id": nth})))
            .collect();
        let table = table(&[json!([[dict, 1]])]);
        assert_eq!(table.types, "array of array of (integer or object)");
        assert_eq!(
            lines(&table),
            "*.*.*: object, AnyKey\n*.*.*.id: integer, Always(300)\n"
        );
    }

    #[test]
    fn a_table_is_bounded() {
        let dict: serde_json::Map<String, Value> = (0..190)
            .map(|nth| (format!("{nth:03}"), json!({"a": 1, "b": 2, "c": 3})))
            .collect();
        let table = table(&[Value::Object(dict)]);
        assert_eq!((table.rows.len(), table.left_out), (MAX_ROWS, 260));
    }
}
