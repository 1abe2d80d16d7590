//! Holds what is quoted against expected texts, and against the programs that read it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use serde_json::{Value, json};

use super::standing::Standing;
use super::*;
use crate::usage::Place;

#[test]
fn urls_hold_only_unreserved_characters() {
    assert_eq!(
        url_segment("zato.http-soap.get-list"),
        "zato.http-soap.get-list"
    );
    assert_eq!(url_segment("a b/../ż?"), "a%20b%2F..%2F%C5%BC%3F");
}

#[test]
fn words_of_the_shell_are_quoted_where_they_must_be() {
    assert_eq!(
        shell_word("http://localhost:17010/zato"),
        "http://localhost:17010/zato"
    );
    assert_eq!(shell_word("it's $x"), r"'it'\''s $x'");
    assert_eq!(shell_word(""), "''");
}

#[test]
fn comments_stay_comments() {
    assert_eq!(
        comment("a\n\nb\r\x1b[31m"),
        "# a\n#\n# b\u{fffd}\u{fffd}[31m\n"
    );
}

#[test]
fn json_is_visible() {
    let value = serde_json::json!({"a": "\u{202e}\u{9b}\u{7f}\0ż"});
    assert_eq!(compact_json(&value), r#"{"a":"\u202e\u009b\u007f\u0000ż"}"#);
}

#[test]
fn json_ends_no_element() {
    let value = serde_json::json!({"</script>": "<!-- \u{2028}"});
    let text = script_json(&value);
    assert!(!text.contains('<'));
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
}

#[test]
fn text_is_text_to_every_version_of_yaml() {
    for plain in [
        "zato.http-soap.create",
        "x-zalog-seen",
        "Seen in 3 calls.",
        "$ref",
        "/a/b",
    ] {
        assert_eq!(yaml_string(plain), plain);
    }
    for (text, quoted) in [
        ("", r#""""#),
        ("No", r#""No""#),
        ("200", r#""200""#),
        ("2018-11-11", r#""2018-11-11""#),
        ("a: b", r#""a: b""#),
        ("a #b", r#""a #b""#),
        ("x\n\u{85}\u{fffe}", r#""x\n\u0085\ufffe""#),
        ("- x", r#""- x""#),
        ("x ", r#""x ""#),
    ] {
        assert_eq!(yaml_string(text), quoted);
    }
}

#[test]
fn numbers_are_numbers_to_every_version_of_yaml() {
    for (json, yaml) in [
        ("1e300", "1.0e+300"),
        ("1E-7", "1.0e-7"),
        ("-1.5e+3", "-1.5e+3"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("-0.5", "-0.5"),
    ] {
        assert_eq!(yaml_number(&serde_json::from_str(json).unwrap()), yaml);
    }
}

#[test]
fn steps_of_a_path_are_quoted() {
    assert_eq!(json_path_step(r"it's \ a"), r"['it\'s \\ a']");
    assert_eq!(json_path_step("a\nb"), r"['a\u000ab']");
    let members = ["_a1", "1a", "a-b", ""].map(json_path_member);
    assert_eq!(members, ["._a1", "['1a']", "['a-b']", "['']"]);
}

/// Values of JSON, with the characters that are escaped and those that end a string.
fn values() -> impl Strategy<Value = Value> {
    let text = "[a\"'\\\\\n\r\t\0\u{1b}\u{7f}\u{85}\u{2028}\u{202e}{}ż😀$#]{0,12}";
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        (-1e300..1e300).prop_map(|float: f64| Value::from(float)),
        Just(serde_json::from_str("123456789012345678901234567890").unwrap()),
        text.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map(text, inner, 0..6)
                .prop_map(|dict| Value::Object(dict.into_iter().collect())),
        ]
    })
}

/// What a program prints that is fed `input`; `None` where it is not installed.
fn printed_by(program: &str, args: &[&str], input: &str) -> Option<String> {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .ok()?;
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(input.as_bytes()).unwrap();
    drop(stdin);
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

/// What Python 3 reads in these expressions, as JSON; `None` where there is no Python.
fn read_by_python(values: &[Value]) -> Option<String> {
    let mut program = "import json\n".to_owned();
    for value in values {
        program.extend(["print(json.dumps(", &python_expression(value), "))\n"]);
    }
    printed_by("python3", &["-X", "utf8", "-"], &program)
}

/// Equality, but for the notation of floats.
fn is_same(found: &Value, expected: &Value) -> bool {
    match (found, expected) {
        (Value::Number(found), Value::Number(expected)) if expected.is_f64() => {
            found.as_f64() == expected.as_f64()
        }
        (Value::Array(found), Value::Array(expected)) => {
            found.len() == expected.len() && found.iter().zip(expected).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(found), Value::Object(expected)) => {
            found.len() == expected.len()
                && found
                    .iter()
                    .all(|(key, value)| is_same(value, &expected[key]))
        }
        _ => found == expected,
    }
}

#[track_caller]
fn python_reads(values: &[Value]) {
    let Some(read) = read_by_python(values) else {
        // There is no Python here.
        return;
    };
    assert_eq!(read.lines().count(), values.len());
    for (line, value) in read.lines().zip(values) {
        let found: Value = serde_json::from_str(line).unwrap();
        assert!(is_same(&found, value), "{value}\n{found}");
    }
}

proptest! {
    // A Python is started for each.
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn python_reads_what_was_quoted(values in prop::collection::vec(values(), 100)) {
        python_reads(&values);
    }
}

#[test]
fn python_reads_deeply_nested_values() {
    let mut value = Value::Null;
    let values = (0..60).map(|_| {
        value = json!({"it's": [value.take()]});
        value.clone()
    });
    python_reads(&values.collect::<Vec<_>>());
}

#[test]
fn a_service_is_called_under_its_name() {
    for base_url in ["http://localhost:17010", "http://localhost:17010//"] {
        assert_eq!(
            service_url(base_url, "my.service/1"),
            "http://localhost:17010/zato/api/invoke/my.service%2F1"
        );
    }
    assert_eq!(
        here_document(r#"{"a":"$x"}"#),
        " <<'JSON'\n{\"a\":\"$x\"}\nJSON"
    );
}

#[test]
fn comments_of_requests_order_nothing() {
    assert_eq!(
        request_comment("a @b\n @wait 1\n\n@c"),
        "# a @b\n# \\@wait 1\n#\n# \\@c\n"
    );
}

#[test]
fn nothing_is_a_template() {
    let json = r#"{"a":"{{b}} {{{ ```json"}"#;
    let defused = without_templates(json);
    assert_eq!(defused, r#"{"a":"{\u007bb}} {\u007b{ ```json"}"#);
    assert_eq!(
        hurl_body(json),
        "```json\n{\"a\":\"{\\u007bb}} {\\u007b{ ``\\u0060json\"}\n```\n"
    );
    let read = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    assert_eq!(read(&defused), read(json));
    assert_eq!(
        hurl_string("it's \"a\" \\ {{b}}\nż"),
        r#""it's \"a\" \\ \u{7b}\u{7b}b}}\u{a}ż""#
    );
}

#[test]
fn what_is_obeyed_is_escaped_as_each_language_does() {
    let text = "a'\\\n\r\t\u{1b}\u{202e}ż";
    assert_eq!(one_line(text), r"a'\\n\r\t\u001b\u202eż");
    assert_eq!(python_string(text), r"'a\'\\\n\r\t\u001b\u202eż'");
    assert_eq!(
        indented_json(&json!({ "a": text })),
        "{\n  \"a\": \"a'\\\\\\n\\r\\t\\u001b\\u202eż\"\n}"
    );
}

#[test]
fn code_within_a_line_of_markdown_obeys_nothing() {
    for (text, code) in [
        ("a.b-c ż", "`a.b-c ż`"),
        ("", "<code></code>"),
        ("a`b", "<code>a&#96;b</code>"),
        ("a|b", "<code>a&#124;b</code>"),
        (r"\a", r"<code>&#92;a</code>"),
        ("a\nż", "<code>a&#10;ż</code>"),
        (" a", "<code>&#32;a</code>"),
        ("a ", "<code>a&#32;</code>"),
    ] {
        assert_eq!(markdown_code(text), code);
    }
}

#[test]
fn a_block_of_markdown_ends_at_its_own_fence() {
    for (code, fence) in [
        ("a", "```"),
        ("a ``b\n", "```"),
        ("```\na ````\n\n", "`````"),
    ] {
        let block = format!("{fence}sh\n{}\n{fence}\n", code.trim_end());
        assert_eq!(markdown_fence("sh", code), block);
    }
}

/// What is written of a value where a variable stands in a list and another in a dict.
fn with_variables(write: fn(&Value, &[Standing<'_>]) -> String) -> String {
    let value = json!({"it's": [1, [], null], "b": {"c d": "$z", "b": {}}, "c d": false});
    let in_list = [Place::Key("it's".into()), Place::Item(2)];
    let in_dict = [Place::Key("b".into()), Place::Key("c d".into())];
    write(&value, &[(&in_list, "x"), (&in_dict, "y")])
}

#[test]
fn variables_stand_in_their_places() {
    assert_eq!(
        with_variables(python_expression_with),
        "{\n    \
             'it\\'s': [\n        1,\n        [],\n        x,\n    ],\n    \
             'b': {\n        'c d': y,\n        'b': {},\n    },\n    \
             'c d': False,\n\
         }"
    );
    assert_eq!(
        with_variables(shell_json),
        r#"'{"it'\''s":[1,[],'"$x"'],"b":{"c d":'"$y"',"b":{}},"c d":false}'"#
    );
    assert_eq!(shell_json(&Value::Null, &[(&[], "x")]), r#""$x""#);
}

#[test]
fn paths_lead_to_a_place() {
    let key = |key: &str| Place::Key(key.to_owned());
    for (path, python, jq) in [
        (vec![], "", "."),
        (vec![key("a_1"), Place::Item(0)], "['a_1'][0]", ".a_1[0]"),
        (vec![Place::Item(12), key("b")], "[12]['b']", ".[12].b"),
        (vec![key("it's")], r"['it\'s']", r#".["it's"]"#),
    ] {
        assert_eq!(python_path(&path), python);
        assert_eq!(jq_path(&path), jq);
    }
    let path = [Place::Item(0), key("a")];
    assert_eq!(
        (jq_steps(&[]), jq_steps(&path)),
        (String::new(), "[0].a".to_owned())
    );
    assert_eq!(jq_string("\\(1)\u{1b}"), r#""\\(1)\u001b""#);
}

/// Keys that mean something to a shell or to jq.
const HOSTILE_KEYS: [&str; 12] = [
    "plain",
    "1a",
    "",
    "it's",
    "a \"b\"",
    "$x",
    "`id`",
    "\\(1)",
    "\\",
    "!a\n",
    "\u{1b}[0m",
    "ż😀",
];

#[test]
fn a_shell_and_jq_take_what_stands_under_any_key() {
    let place = |key: &str| [key.to_owned(), "a".to_owned(), key.to_owned()].map(Place::Key);
    let value = |key: &str| json!({key: {"a": {key: "it's $x"}}, "b": [key]});
    let mut script = "x='\"it'\\''s $x\"'\n".to_owned();
    for key in HOSTILE_KEYS {
        let word = shell_json(&value(key), &[(&place(key), "x")]);
        script.extend(["printf '%s\\n' ", &word, "\n"]);
    }
    let Some(printed) = printed_by("sh", &[], &script) else {
        // There is no shell here.
        return;
    };
    let read: Vec<Value> = printed
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(read, HOSTILE_KEYS.map(value));

    for key in HOSTILE_KEYS {
        let path = jq_path(&place(key));
        if let Some(taken) = printed_by("jq", &[&path], &printed) {
            let found = taken.lines().filter(|line| *line == "\"it's $x\"");
            assert_eq!(found.count(), 1, "{path}");
        }
    }
}
