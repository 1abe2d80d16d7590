//! Quotes text for the languages that examples are written in.

use std::borrow::Cow;
use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Number, Value};

use crate::pyrepr::{is_obeyed, is_plain};
use crate::usage::{Place, is_deeper};

/// Returns `text` as one word of a POSIX shell: between single quotes every character stands for
/// itself, but for the single quote. The text must hold no NUL: no argument of a program can.
pub(super) fn shell_word(text: &str) -> Cow<'_, str> {
    let is_bare = |byte: u8| {
        byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'_' | b'-' | b'.' | b'/' | b':' | b'@' | b'%' | b'+' | b','
            )
    };
    if !text.is_empty() && text.bytes().all(is_bare) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("'{}'", text.replace('\'', r"'\''")))
}

/// Returns JSON in one line as what a shell feeds to the command before it. Such JSON is never equal
/// to the delimiter.
pub(super) fn here_document(json: &str) -> String {
    format!(" <<'JSON'\n{json}\nJSON")
}

/// All but the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Returns `text` as a part of a URL's path.
pub(super) fn url_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

/// Returns the URL under which Zato's REST API calls a service.
#[must_use]
pub fn service_url(base_url: &str, service: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    format!("{base_url}/zato/api/invoke/{}", url_segment(service))
}

/// Returns `text` as comment lines of a shell script or of Python, free of all that a terminal would
/// obey.
pub(super) fn comment(text: &str) -> String {
    let mut comment = String::with_capacity(text.len() + text.len() / 16);
    for line in text.split('\n') {
        comment.push_str(if line.is_empty() { "#" } else { "# " });
        comment.push_str(&visible_lines(line));
        comment.push('\n');
    }
    comment
}

/// Returns `text` with its lines, free of all else that a terminal or a browser would obey.
pub(super) fn visible_lines(text: &str) -> String {
    let is_shown = |c: char| c == '\n' || !is_obeyed(c);
    let chars = text.chars();
    chars
        .map(|c| if is_shown(c) { c } else { '\u{fffd}' })
        .collect()
}

/// Returns `text` as comment lines of a `.http` file. Editors take a comment that starts with `@`
/// for an order, such as to wait or to read a file.
pub(super) fn request_comment(text: &str) -> String {
    let defused = text.split('\n').map(|line| {
        if line.trim_start().starts_with('@') {
            format!("\\{}", line.trim_start())
        } else {
            line.to_owned()
        }
    });
    comment(&defused.collect::<Vec<_>>().join("\n"))
}

/// Returns JSON in which nothing is a template, `{{…}}`, of `.http` files, Hurl or Postman. Two
/// braces in a row open a template; in JSON they stand in strings only, where one can be escaped.
pub(super) fn without_templates(json: &str) -> String {
    json.replace("{{", "{\\u007b")
}

/// Returns JSON as a body of Hurl that is sent as it is.
pub(super) fn hurl_body(json: &str) -> String {
    // Hurl's own JSON loses escapes in keys. In JSON, backticks stand in strings only.
    let json = without_templates(json).replace("```", "``\\u0060");
    format!("```json\n{json}\n```\n")
}

/// Returns `text` as a string literal of Hurl in which every character is visible or escaped.
pub(super) fn hurl_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            // Two of them open a template.
            '{' => literal.push_str("\\u{7b}"),
            _ if is_obeyed(c) => {
                write!(literal, "\\u{{{:x}}}", u32::from(c))
                    .expect("memory takes all that is written");
            }
            _ => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// Returns the step of a JSONPath (RFC 9535) to the member of this name, as short as it can be.
pub(super) fn json_path_member(name: &str) -> String {
    if is_word(name) {
        format!(".{name}")
    } else {
        json_path_step(name)
    }
}

/// Returns the step of a JSONPath (RFC 9535) to the member of this name, in the form that every name
/// has.
pub(super) fn json_path_step(name: &str) -> String {
    let mut step = "['".to_owned();
    for c in name.chars() {
        match c {
            '\'' | '\\' => step.extend(['\\', c]),
            _ => push_visible(c, &mut step),
        }
    }
    step + "']"
}

/// Whether JSONPath and jq take a name as it is, behind a dot.
fn is_word(name: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    !name.starts_with(|c: char| c.is_ascii_digit()) && !name.is_empty() && name.bytes().all(is_part)
}

/// Returns a value as compact JSON in which every character is visible or escaped.
#[must_use]
pub fn compact_json(value: &Value) -> String {
    visible_json(value.to_string()).into_owned()
}

/// Returns a value as indented JSON in which every character is visible or escaped.
#[must_use]
pub fn indented_json(value: &Value) -> String {
    visible_json(format!("{value:#}")).into_owned()
}

/// Returns a value as compact JSON for an element of a web page, which nothing in it can end: `<` is
/// in none but its texts, and escaped there.
pub(super) fn script_json(value: &Value) -> String {
    compact_json(value).replace('<', "\\u003c")
}

/// Returns `text` in one line in which every character is visible: what a terminal or a browser
/// would obey is written as in JSON.
pub(super) fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\t' => line.push_str("\\t"),
            _ => push_visible(c, &mut line),
        }
    }
    line
}

/// Returns `text`, which is one line, as code within a line of Markdown, also in a table.
///
/// Between backticks nothing is obeyed but backticks, and in a table bars, which no two programs
/// escape alike. Text with such is written between HTML tags, and all its punctuation as numbers,
/// which stand for text wherever they are.
pub(super) fn markdown_code(text: &str) -> String {
    let is_plain = !text.is_empty()
        && !text.contains(['`', '|', '\\', '\n'])
        && !text.starts_with(' ')
        && !text.ends_with(' ');
    if is_plain {
        return format!("`{text}`");
    }
    let mut code = "<code>".to_owned();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || !c.is_ascii() {
            code.push(c);
        } else {
            write!(code, "&#{};", u32::from(c)).expect("memory takes all that is written");
        }
    }
    code + "</code>"
}

/// Returns `code`, in which every character is visible, as a block of Markdown. No line of it ends
/// the block: the fence is longer than any of its own.
pub(super) fn markdown_fence(language: &str, code: &str) -> String {
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(3.max(longest + 1));
    let code = code.trim_end_matches('\n');
    format!("{fence}{language}\n{code}\n{fence}\n")
}

/// Words that a version of YAML takes for something else than text, in lower case.
const YAML_WORDS: [&str; 9] = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// Returns `text` as a scalar of YAML in one line, for a block: as it is where no version of YAML
/// can take it for something else, and otherwise as JSON, whose strings are YAML's between double
/// quotes.
pub(super) fn yaml_string(text: &str) -> String {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./$ ,".contains(&byte);
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || "/_$".contains(c))
        && text.bytes().all(is_bare)
        && !text.ends_with(' ')
        && !YAML_WORDS.contains(&&*text.to_ascii_lowercase());
    if is_plain {
        return text.to_owned();
    }
    // These two are no characters to YAML.
    visible_json(Value::from(text).to_string())
        .replace('\u{fffe}', "\\ufffe")
        .replace('\u{ffff}', "\\uffff")
}

/// Returns a number as all versions of YAML read it: with an exponent, 1.1 wants a dot and a sign.
pub(super) fn yaml_number(number: &Number) -> String {
    let number = number.to_string();
    let Some((mantissa, exponent)) = number.split_once(['e', 'E']) else {
        return number;
    };
    let dot = if mantissa.contains('.') { "" } else { ".0" };
    let sign = if exponent.starts_with(['-', '+']) {
        ""
    } else {
        "+"
    };
    format!("{mantissa}{dot}e{sign}{exponent}")
}

/// A value that is nested deeper stands in the code as JSON: Python takes about a hundred brackets
/// within each other.
const DEEPEST_LITERAL: usize = 50;

/// Returns a value as an expression of Python: a literal, or `json.loads(…)` of one that is nested
/// too deeply.
pub(super) fn python_expression(value: &Value) -> String {
    if is_deeper(value, DEEPEST_LITERAL) {
        return format!("json.loads({})", python_string(&value.to_string()));
    }
    python_expression_with(value, &[])
}

/// Returns a value as a literal of Python, with names of variables in the places of what they stand
/// for. It must not be nested more than [`DEEPEST_LITERAL`] levels deep.
pub(super) fn python_expression_with(value: &Value, variables: &[Standing<'_>]) -> String {
    let mut literal = String::new();
    write_python(value, variables, "", &mut literal);
    literal
}

fn write_python(value: &Value, variables: &[Standing<'_>], indent: &str, out: &mut String) {
    if let Some(name) = standing_here(variables) {
        out.push_str(name);
        return;
    }
    let deeper = format!("{indent}    ");
    match value {
        Value::Null => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        // Every number of JSON is one of Python.
        Value::Number(number) => out.push_str(&number.to_string()),
        Value::String(text) => out.push_str(&python_string(text)),
        Value::Array(list) if list.is_empty() => out.push_str("[]"),
        Value::Object(dict) if dict.is_empty() => out.push_str("{}"),
        Value::Array(list) => {
            out.push_str("[\n");
            for (nth, item) in list.iter().enumerate() {
                out.push_str(&deeper);
                write_python(item, &in_item(variables, nth), &deeper, out);
                out.push_str(",\n");
            }
            out.extend([indent, "]"]);
        }
        Value::Object(dict) => {
            out.push_str("{\n");
            for (key, value) in dict {
                out.extend([&deeper, &python_string(key), ": "]);
                write_python(value, &in_key(variables, key), &deeper, out);
                out.push_str(",\n");
            }
            out.extend([indent, "}"]);
        }
    }
}

/// Returns the value that stands in such a place of a variable of Python.
pub(super) fn python_path(path: &[Place]) -> String {
    let steps = path.iter().map(|place| match place {
        Place::Key(key) => format!("[{}]", python_string(key)),
        Place::Item(nth) => format!("[{nth}]"),
    });
    steps.collect()
}

/// Returns `text` as a string literal of Python in which every character is visible or escaped.
pub(super) fn python_string(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '\\' => literal.extend(['\\', c]),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            _ if is_obeyed(c) => {
                write!(literal, "\\u{:04x}", u32::from(c))
                    .expect("memory takes all that is written");
            }
            _ => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

/// The name of a variable, and the place in a value where it stands.
pub(super) type Standing<'v> = (&'v [Place], &'v str);

fn standing_here<'v>(variables: &[Standing<'v>]) -> Option<&'v str> {
    let mut here = variables.iter().filter(|(path, _)| path.is_empty());
    here.next().map(|(_, name)| *name)
}

/// Those that stand in the value of this key.
fn in_key<'v>(variables: &[Standing<'v>], key: &str) -> Vec<Standing<'v>> {
    let below = variables.iter().filter_map(|(path, name)| match path {
        [Place::Key(first), rest @ ..] if first == key => Some((rest, *name)),
        _ => None,
    });
    below.collect()
}

/// Those that stand in this item of a list.
fn in_item<'v>(variables: &[Standing<'v>], nth: usize) -> Vec<Standing<'v>> {
    let below = variables.iter().filter_map(|(path, name)| match path {
        [Place::Item(first), rest @ ..] if *first == nth => Some((rest, *name)),
        _ => None,
    });
    below.collect()
}

/// Returns a value as compact JSON that is one word of a POSIX shell, with variables of the shell in
/// the places of what they stand for. They hold JSON.
pub(super) fn shell_json(value: &Value, variables: &[Standing<'_>]) -> String {
    let mut template = Template::default();
    template.write(value, variables);
    let mut word = template.before;
    if !template.text.is_empty() {
        word.push_str(&shell_word(&visible_json(&template.text)));
    }
    word
}

/// JSON of which the part up to its last variable is quoted.
#[derive(Default)]
struct Template {
    before: String,
    text: String,
}

impl Template {
    fn write(&mut self, value: &Value, variables: &[Standing<'_>]) {
        if let Some(name) = standing_here(variables) {
            if !self.text.is_empty() {
                self.before.push_str(&shell_word(&visible_json(&self.text)));
                self.text.clear();
            }
            self.before.extend(["\"$", name, "\""]);
            return;
        }
        match value {
            Value::Array(items) => {
                self.text.push('[');
                for (nth, item) in items.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { "," });
                    self.write(item, &in_item(variables, nth));
                }
                self.text.push(']');
            }
            Value::Object(fields) => {
                self.text.push('{');
                for (nth, (key, value)) in fields.iter().enumerate() {
                    self.text.push_str(if nth == 0 { "" } else { "," });
                    self.text.push_str(&Value::from(key.as_str()).to_string());
                    self.text.push(':');
                    self.write(value, &in_key(variables, key));
                }
                self.text.push('}');
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                self.text.push_str(&value.to_string());
            }
        }
    }
}

/// Returns a program of jq that takes what stands in such a place of its input.
pub(super) fn jq_path(path: &[Place]) -> String {
    let steps = jq_steps(path);
    if steps.starts_with('.') {
        steps
    } else {
        format!(".{steps}")
    }
}

/// Returns what stands in a program of jq behind an expression, to take what is in such a place of it.
pub(super) fn jq_steps(path: &[Place]) -> String {
    let steps = path.iter().map(|place| match place {
        Place::Key(key) => jq_key(key),
        Place::Item(nth) => format!("[{nth}]"),
    });
    steps.collect()
}

/// Returns what takes a key's value behind an expression of jq: `.name`, or `["it's"]`.
fn jq_key(key: &str) -> String {
    if is_word(key) {
        format!(".{key}")
    } else {
        format!("[{}]", jq_string(key))
    }
}

/// Returns `text` as a string of jq: one of JSON is, for JSON escapes the backslash with which jq
/// would start a program within it.
pub(super) fn jq_string(text: &str) -> String {
    visible_json(Value::from(text).to_string()).into_owned()
}

/// Escapes what JSON may hold raw and a terminal or an editor would obey. In JSON such characters
/// stand in strings only.
#[must_use]
pub fn visible_json<'j>(json: impl Into<Cow<'j, str>>) -> Cow<'j, str> {
    let json = json.into();
    if is_plain(&json) {
        return json;
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if c == '\n' {
            out.push(c);
        } else {
            push_visible(c, &mut out);
        }
    }
    Cow::Owned(out)
}

fn push_visible(c: char, out: &mut String) {
    if is_obeyed(c) {
        write!(out, "\\u{:04x}", u32::from(c)).expect("memory takes all that is written");
    } else {
        out.push(c);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

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
                found.len() == expected.len()
                    && found.iter().zip(expected).all(|(a, b)| is_same(a, b))
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
}
