//! Examples as Hurl files, which run as tests: they call the service and check the status and the
//! shape of what comes back.
//!
//! The shape is which fields there are and of which JSON types. What differs between the items of a
//! list, is masked, or is null, is checked for being there or not at all.

use serde_json::Value;

use super::body::{Place, Snippet, body};
use super::comment::{response, title};
use super::quote::{hurl_body, hurl_string, indented_json, json_path_member, service_url};
use crate::redact::MASK;
use crate::usage::{Example, ExampleKind};

/// Returns an example as a Hurl file that runs as it is: it sends the request to `base_url`, with
/// Basic Auth taken from the variables `ZATO_USER` and `ZATO_PASSWORD`, and checks what comes back.
///
/// A long body belongs into a file of the name `body_file`, a plain file name beside this one;
/// without one it stands in this one.
#[must_use]
pub fn hurl(example: &Example, base_url: &str, body_file: Option<&str>) -> Snippet {
    let (body, place) = body(example, body_file);
    let mut script = title(example);
    script.extend([
        "POST ",
        &service_url(base_url, &example.service),
        "\n\
         Content-Type: application/json\n\
         [BasicAuth]\n\
         {{ZATO_USER}}: {{ZATO_PASSWORD}}\n",
    ]);
    match place {
        Place::Inside | Place::Below => {
            script.push_str(&hurl_body(&indented_json(&example.request)));
        }
        Place::Beside(name) => script.extend(["file,", name, ";\n"]),
    }
    script.push('\n');
    // Why a call was not answered is not in the log, and so it is not known what it gives.
    let is_answered = example.kind != ExampleKind::Failure;
    script.push_str(if is_answered {
        "HTTP 200\n"
    } else {
        "HTTP *\n"
    });
    let mut asserts = String::new();
    match &example.response {
        // What Zato logs as empty it sends as nothing, `""`, `[]` or `{}`.
        None | Some(Value::Null) => {}
        // It may be sent as it is, or as JSON.
        Some(Value::String(text)) if text.is_empty() => {}
        Some(Value::String(_)) => asserts.push_str("bytes count > 0\n"),
        Some(value) => check(&[value], "$", &mut asserts),
    }
    if !asserts.is_empty() {
        script.extend(["[Asserts]\n", &asserts]);
    }
    script.push('\n');
    script.push_str(&response(example));
    let body = matches!(place, Place::Beside(_)).then_some(body);
    Snippet { script, body }
}

/// Writes what all values of a place have in common; of these there is at least one. A server has
/// at least the first of them.
fn check(values: &[&Value], path: &str, asserts: &mut String) {
    let predicates: Vec<&str> = values.iter().map(|value| predicate(value)).collect();
    let predicate = if predicates.iter().all(|other| *other == predicates[0]) {
        predicates[0]
    } else {
        "exists"
    };
    asserts.extend(["jsonpath ", &hurl_string(path), " ", predicate, "\n"]);
    if let Some(dicts) = all(values, Value::as_object) {
        for name in dicts[0].keys() {
            if let Some(members) = all(&dicts, |dict| dict.get(name)) {
                check(
                    &members,
                    &format!("{path}{}", json_path_member(name)),
                    asserts,
                );
            }
        }
    } else if let Some(lists) = all(values, Value::as_array)
        && lists.iter().all(|list| !list.is_empty())
    {
        let items: Vec<&Value> = lists.into_iter().flatten().collect();
        check(&items, &format!("{path}[0]"), asserts);
    }
}

/// What each of these has, if each has it.
fn all<'v, T: ?Sized, U: ?Sized>(
    values: &[&'v T],
    part: impl Fn(&'v T) -> Option<&'v U>,
) -> Option<Vec<&'v U>> {
    values.iter().map(|value| part(value)).collect()
}

/// What a value must be.
fn predicate(value: &Value) -> &'static str {
    match value {
        Value::Null => "exists",
        // A secret of any type is masked with text.
        Value::String(text) if text.contains(MASK) => "exists",
        Value::Bool(_) => "isBoolean",
        // Hurl takes integers of 64 bits for such.
        Value::Number(number) if number.is_i64() => "isInteger",
        Value::Number(_) => "isNumber",
        Value::String(_) => "isString",
        Value::Array(_) => "isList",
        Value::Object(_) => "isObject",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn file(request: Value, response: Option<Value>) -> String {
        let example = Example::of_call("zato.ping", request, response);
        hurl(&example, "http://h:1/", None).script
    }

    #[test]
    fn a_file_checks_what_its_items_have_in_common() {
        let response = json!({
            "rows": [
                {"id": 1, "name": "x", "it's \"{{": 1.5, "tags": [1], "only": true, "token": "******"},
                {"id": 2, "name": null, "it's \"{{": 1e300, "tags": [], "token": "******"},
            ],
            "more": {},
            "nothing": null,
        });
        insta::assert_snapshot!(file(json!({"name": "{{x}} ```"}), Some(response)), @r#"
        # zato.ping
        POST http://h:1/zato/api/invoke/zato.ping
        Content-Type: application/json
        [BasicAuth]
        {{ZATO_USER}}: {{ZATO_PASSWORD}}
        ```json
        {
          "name": "{\u007bx}} ``\u0060"
        }
        ```

        HTTP 200
        [Asserts]
        jsonpath "$" isObject
        jsonpath "$.rows" isList
        jsonpath "$.rows[0]" isObject
        jsonpath "$.rows[0].id" isInteger
        jsonpath "$.rows[0].name" exists
        jsonpath "$.rows[0]['it\\'s \"\u{7b}\u{7b}']" isNumber
        jsonpath "$.rows[0].tags" isList
        jsonpath "$.rows[0].token" exists
        jsonpath "$.more" isObject
        jsonpath "$.nothing" exists

        # Response:
        # {
        #   "rows": [
        #     {
        #       "id": 1,
        #       "name": "x",
        #       "it's \"{{": 1.5,
        #       "tags": [
        #         1
        #       ],
        #       "only": true,
        #       "token": "******"
        #     },
        #     {
        #       "id": 2,
        #       "name": null,
        #       "it's \"{{": 1e+300,
        #       "tags": [],
        #       "token": "******"
        #     }
        #   ],
        #   "more": {},
        #   "nothing": null
        # }
        "#);
    }

    #[test]
    fn what_is_empty_or_text_is_not_parsed() {
        let asserts = |response: Value| {
            let file = file(json!({}), Some(response));
            let (_, checks) = file.split_once("HTTP 200\n").unwrap();
            checks.split("\n#").next().unwrap().to_owned()
        };
        assert_eq!(asserts(json!(null)), "");
        assert_eq!(asserts(json!("")), "");
        assert_eq!(asserts(json!("pong")), "[Asserts]\nbytes count > 0\n");
        assert_eq!(asserts(json!(1)), "[Asserts]\njsonpath \"$\" isInteger\n");
    }

    #[test]
    fn no_status_is_expected_of_a_call_that_was_not_answered() {
        let mut example = Example::of_call("zato.ping", json!({}), None);
        example.kind = ExampleKind::Failure;
        assert!(
            hurl(&example, "http://h", None)
                .script
                .contains("\nHTTP *\n\n#")
        );
    }
}
