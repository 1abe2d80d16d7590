//! Documents of services made of a few values, merged with documents of others.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::tree::Tree;
use super::*;
use crate::usage::{Envelope, Example, Schema, Service};

fn seen(values: &[Value]) -> Schema {
    Schema::of_values(values, Envelope::None)
}

/// A service that was called with each of these and answered it.
fn service(name: &str, values: &[Value]) -> Service {
    let example = |value: &Value| Example::of_call(name, value.clone(), Some(value.clone()));
    Service {
        name: name.to_owned(),
        calls: values.len() as u64,
        unanswered: 0,
        examples: values.iter().take(2).map(example).collect(),
        request: seen(values),
        response: seen(values),
    }
}

/// What is told of the requests of a service, where the document has this schema.
fn told(schema: &str, values: &[Value]) -> Vec<String> {
    let text = format!(
        "openapi: 3.1.0\npaths:\n  /zato/api/invoke/x:\n    post:\n      requestBody:\n        content:\n          \
         application/json:\n            examples: {{}}\n            schema: {schema}\n"
    );
    let merged = merge(&text, &[service("x", values)]).unwrap();
    let notes = merged.notes.iter().map(ToString::to_string);
    notes.filter(|note| !note.contains("response")).collect()
}

#[test]
fn differences_are_told() {
    let values = [
        json!({"id": 1, "kind": "a"}),
        json!({"id": "x", "kind": "c", "tag": null}),
    ];
    assert_eq!(
        told(
            "{type: object, required: [id, tag], properties: {id: {type: integer}, tag: {type: string}, \
             kind: {enum: [a, b]}, gone: {type: boolean}}}",
            &values
        ),
        [
            "x request.gone: in the document, never seen",
            "x request.id: the document says integer, calls show string",
            "x request.kind: not in the document's enum: \"c\"",
            "x request.tag: the document says string, calls show null",
            "x request.tag: required in the document, not there in 1 of 2",
        ]
    );
    assert_eq!(
        told("{type: array}", &values),
        ["x request: the document says array, calls show object"]
    );
    assert_eq!(
        told(
            "{type: [object, 'null'], additionalProperties: {}}",
            &values
        ),
        [""; 0]
    );
}

#[test]
fn a_number_is_no_difference_to_an_integer() {
    assert_eq!(told("{type: number}", &[json!(1)]), [""; 0]);
    assert_eq!(
        told("{type: integer}", &[json!(1.5)]),
        ["x request: the document says integer, calls show number"]
    );
}

#[test]
fn what_a_schema_is_put_together_from_is_known() {
    let values = [json!({"id": 1, "name": "x"})];
    let schema =
        "{allOf: [{properties: {id: {type: integer}}}, {properties: {name: {type: boolean}}}]}";
    assert_eq!(
        told(schema, &values),
        ["x request.name: the document says boolean, calls show string"]
    );
    let schema = "{oneOf: [{properties: {id: {type: integer}}}, {type: string}]}";
    assert_eq!(told(schema, &values), [""; 0]);
    let schema = "{allOf: [{properties: {id: {type: integer}}}]}";
    assert_eq!(told(schema, &values), ["x request.name: added"]);
}

#[test]
fn a_document_of_version_3_0_gets_schemas_of_its_version() {
    let values = [json!({"a": 1}), json!({"a": null})];
    let merged = merge("openapi: 3.0.3\ninfo: {}\n", &[service("x", &values)]).unwrap();
    let document = read_document(&merged.text).unwrap();
    let schema = "/paths/~1zato~1api~1invoke~1x/post/requestBody/content/application~1json/schema";
    let field = &document.pointer(schema).unwrap()["properties"]["a"];
    assert_eq!(
        *field,
        json!({"type": "integer", "nullable": true, "x-zalog-seen": 2})
    );
}

#[test]
fn an_operation_in_which_nothing_stands_is_filled_at_once() {
    let services = [Service {
        unanswered: 1,
        ..service("x", &[json!({"a": 1})])
    }];
    for end in ["", "\n", "\n  /other: {}\n"] {
        let text = format!("openapi: 3.1.0\npaths:\n  /zato/api/invoke/x:\n    post:{end}");
        let merged = merge(&text, &services).unwrap();
        for key in ["x-zalog-calls: 1\n", "x-zalog-unanswered: 1\n"] {
            assert!(merged.text.contains(key), "{}", merged.text);
        }
        assert_eq!(merge(&merged.text, &services).unwrap().text, merged.text);
    }
}

#[test]
fn what_is_added_is_where_the_document_has_the_api() {
    let services = [service("zato.ping", &[json!({})])];
    for (document, expected) in [
        (
            r#"{"openapi": "3.1.0", "paths": {"/invoke/zato.x": {"post": {}}}}"#,
            "/invoke/zato.ping",
        ),
        (
            r#"{"openapi": "3.1.0", "servers": [{"url": "https://x/zato/api"}], "paths": {}}"#,
            "/invoke/zato.ping",
        ),
        (
            r#"{"openapi": "3.1.0", "paths": {"/other": {"get": {}}}}"#,
            "/zato/api/invoke/zato.ping",
        ),
    ] {
        let merged = merge(document, &services).unwrap();
        let value: Value = serde_json::from_str(&merged.text).unwrap();
        assert!(value["paths"].get(expected).is_some(), "{}", merged.text);
    }
}

#[test]
fn a_security_scheme_is_added_where_none_is() {
    let services = [service("x", &[json!({})])];
    let schemes = |text: &str| {
        let merged = merge(text, &services).unwrap();
        let document = read_document(&merged.text).unwrap();
        let operation = &document["paths"]["/zato/api/invoke/x"]["post"];
        (
            document.pointer("/components/securitySchemes").cloned(),
            operation.get("security").cloned(),
        )
    };
    let basic = json!({"basicAuth": {"type": "http", "scheme": "basic"}});
    let used = Some(json!([{"basicAuth": []}]));
    assert_eq!(
        schemes("openapi: 3.1.0\n"),
        (Some(basic.clone()), used.clone())
    );
    assert_eq!(
        schemes("openapi: 3.1.0\ncomponents: {}\n"),
        (Some(basic), used)
    );
    let own =
        "openapi: 3.1.0\ncomponents:\n  securitySchemes:\n    own: {type: http, scheme: Basic}\n";
    let known = Some(json!({"own": {"type": "http", "scheme": "Basic"}}));
    assert_eq!(schemes(own), (known, Some(json!([{"own": []}]))));
    assert_eq!(schemes("openapi: 3.1.0\nsecurity: []\n"), (None, None));
}

/// Values of JSON, with keys and texts that YAML could take for something else.
fn values() -> impl Strategy<Value = Value> {
    let text =
        "[a-c]{0,2}|[-:#?&*!|>'\"%@`{}\\[\\], \n\tż😀\u{85}\u{feff}]{0,6}|no|~|1e3|2018-11-11";
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(|float: f64| Value::from(float)),
        text.prop_map(Value::from),
    ];
    scalar.prop_recursive(3, 16, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..4)
                .prop_map(|fields| fields.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

fn services() -> impl Strategy<Value = Vec<Service>> {
    let name = "zato\\.[ab]\\.[ab]|[a-z{}/% ż'\"]{1,4}";
    prop::collection::btree_map(name, prop::collection::vec(values(), 1..8), 1..4).prop_map(
        |services| {
            let services = services.iter();
            services
                .map(|(name, values)| service(name, values))
                .collect()
        },
    )
}

/// A document with all that YAML has.
const ODD: &str = "%YAML 1.2\n--- # żó\nopenapi: \"3.1.0\"\ny: &y [1]\nx: &x {a: 1, b: [*y, 'it''s'],\n  c: !!str 5}\n\
    paths: !!map\n  ? /zato/api/invoke/zato.a.a\n  : post: &p\n      requestBody: {content: {\n        \
    application/json: {}, }}\n      responses:\n      - |+\n        text\n\n  /zato/api/invoke/zato.a.b:\n    \
    <<: *x\n    post: *p\n  '/zato/api/invoke/zato.b.a': {post: {}}\n  /zato/api/invoke/zato.b.b: # none\n\
    components: {}\ntext: >-\n  folded\n   more\n...\n";

#[test]
fn a_document_with_all_that_yaml_has_is_filled() {
    let services = ["zato.a.a", "zato.a.b", "zato.b.a", "zato.b.b", "new"];
    let services = services.map(|name| service(name, &[json!({"id": 1})]));
    let merged = merge(ODD, &services).unwrap();
    let whole = read_document(&merged.text).unwrap();
    assert!(is_part(&read_document(ODD).unwrap(), &whole));
    let told: Vec<String> = merged.notes.iter().map(ToString::to_string).collect();
    insta::assert_snapshot!(told.join("\n"), @"
    new: not in the document, and not added: it has no place that can be written to
    zato.a.a request examples: not in the document, and not added: it has no place that can be written to
    zato.a.a request schema: not in the document, and not added: it has no place that can be written to
    zato.a.a response: not in the document, and not added: it has no place that can be written to
    zato.a.b request examples: not in the document, and not added: it has no place that can be written to
    zato.a.b request schema: not in the document, and not added: it has no place that can be written to
    zato.a.b response: not in the document, and not added: it has no place that can be written to
    zato.b.a request: added
    zato.b.a response: added
    zato.b.b: not in the document, and not added: it has no place that can be written to
    ");
    let mut lines = merged.text.lines();
    for line in ODD.lines().filter(|line| !line.contains('{')) {
        assert!(lines.any(|found| found == line), "{line}");
    }
}

/// Takes every so many-th entry of mappings away, of those that a document can lack.
fn thin(value: &mut Value, every: usize, count: &mut usize) {
    let known = ["openapi", "info", "paths", "type"];
    match value {
        Value::Object(dict) => {
            dict.retain(|key, value| {
                *count += 1;
                // What has lost a part of its types would differ.
                known.contains(&&**key) || value.is_null() || !count.is_multiple_of(every)
            });
            dict.values_mut()
                .for_each(|value| thin(value, every, count));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| thin(value, every, count)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Whether all lines of a text stand in another one in their order, but for commas behind them and
/// braces that are no longer empty.
fn keeps_lines(text: &str, of: &str) -> bool {
    let bare = |line: &str| {
        let line = line.trim_end_matches(['}', '{', ' ', ',']);
        line.to_owned()
    };
    let mut lines = text.lines().map(bare);
    of.lines()
        .map(bare)
        .all(|line| lines.any(|found| found == line))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn yaml_says_what_was_written(value in values()) {
        let read = read_document(&yaml(&value)).unwrap();
        prop_assert_eq!(yaml(&read), yaml(&value));
    }

    #[test]
    fn a_merge_with_its_own_services_changes_nothing(services in services()) {
        let document = openapi(&services, "http://h");
        for text in [yaml(&document), format!("{document:#}\n")] {
            let merged = merge(&text, &services).unwrap();
            prop_assert_eq!(&merged.text, &text);
            prop_assert_eq!(merged.notes, vec![]);
        }
    }

    #[test]
    fn a_document_with_any_mistake_is_refused_or_kept(
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[-:#?&*!|>'\"{}\\[\\], \n\t~ż]{0,3}"), 1..4),
        services in services(),
    ) {
        let mut text = ODD.to_owned();
        for (place, new) in changes {
            let places: Vec<usize> = text.char_indices().map(|(place, _)| place).collect();
            let place = *place.get(&places);
            let next = text[place..].chars().next().map_or(0, char::len_utf8);
            text.replace_range(place..place + next, &new);
        }
        if let Ok(merged) = merge(&text, &services) {
            let is_kept = is_part(&Tree::read(&text).unwrap().value, &Tree::read(&merged.text).unwrap().value);
            prop_assert!(is_kept, "{}", merged.text);
        }
    }

    #[test]
    fn a_merge_keeps_every_line_and_leaves_no_gap(services in services(), every in 3_usize..20) {
        let mut document = openapi(&services, "http://h");
        thin(&mut document, every, &mut 0);
        let commented: String = yaml(&document)
            .lines()
            .enumerate()
            .map(|(nth, line)| if nth % 3 == 0 { format!("{line}\n    # żó {nth}\n") } else { format!("{line}\n") })
            .collect();
        for text in [commented, format!("{document:#}\n"), document.to_string()] {
            let merged = merge(&text, &services).unwrap();
            let is_left = |note: &Note| matches!(note.kind, NoteKind::NotAdded(_));
            prop_assert!(!merged.notes.iter().any(is_left), "{:?}", merged.notes);
            if text.lines().count() > 1 {
                prop_assert!(keeps_lines(&merged.text, &text), "{}\n{}", text, merged.text);
            }
            let again = merge(&merged.text, &services).unwrap();
            prop_assert_eq!(&again.text, &merged.text);
            let is_kept = is_part(&Tree::read(&text).unwrap().value, &Tree::read(&merged.text).unwrap().value);
            prop_assert!(is_kept);
        }
    }
}

/// Whether all that one value says is said by the other.
fn is_part(one: &Value, whole: &Value) -> bool {
    match (one, whole) {
        (Value::Object(one), Value::Object(whole)) => one
            .iter()
            .all(|(key, value)| whole.get(key).is_some_and(|whole| is_part(value, whole))),
        (Value::Array(one), Value::Array(whole)) => {
            one.len() == whole.len()
                && one
                    .iter()
                    .zip(whole)
                    .all(|(one, whole)| is_part(one, whole))
        }
        // A mapping in which nothing stands is null in YAML, and is filled.
        (Value::Null, Value::Object(_)) => true,
        (one, whole) => one == whole,
    }
}
