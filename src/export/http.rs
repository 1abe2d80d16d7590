//! Examples as HTTP messages (RFC 9110) in `.http` files, as the REST clients of editors read them:
//! VS Code's REST Client, those of JetBrains, and httpYac.

use serde_json::Value;

use super::body::{Place, Snippet, body};
use super::comment::{masked_in_words, response_in_words};
use super::quote::{indented_json, one_line, request_comment, service_url, without_templates};
use crate::usage::Example;

/// Returns an example as a request to `base_url`, with Basic Auth taken from the variables
/// `ZATO_USER` and `ZATO_PASSWORD` of the editor's environment. The response stands above as a
/// comment: all that follows the head of a request is its body.
///
/// A long body belongs into a file of the name `body_file`, a plain file name beside the request;
/// without one it stands in the request.
#[must_use]
pub fn http(example: &Example, base_url: &str, body_file: Option<&str>) -> Snippet {
    let (body, place) = body(example, body_file);
    // The line that parts requests is a title, too.
    let mut script = format!("### {}\n", one_line(&example.service));
    if let Some(masked) = masked_in_words(&example.masked()) {
        script.push_str(&request_comment(&masked));
    }
    script.push_str(&request_comment(&response_in_words(example)));
    let url = service_url(base_url, &example.service);
    script.extend([
        "POST ",
        &url,
        " HTTP/1.1\n\
         Content-Type: application/json\n\
         Authorization: Basic {{ZATO_USER}} {{ZATO_PASSWORD}}\n\n",
    ]);
    match place {
        Place::Inside | Place::Below => script.push_str(&sent(&example.request)),
        Place::Beside(name) => script.extend(["< ./", name]),
    }
    script.push('\n');
    let body = matches!(place, Place::Beside(_)).then_some(body);
    Snippet { script, body }
}

/// Returns the body as it stands in the file.
fn sent(request: &Value) -> String {
    without_templates(&indented_json(request))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::body::LONGEST_ARGUMENT;
    use super::*;

    #[test]
    fn a_message_holds_no_template_and_no_order_but_its_own() {
        let request = json!({"name": "{{x}} {{{", "password": "******"});
        let example = Example::of_call("zato.ping", request, Some(json!("@import x\n### y")));
        insta::assert_snapshot!(http(&example, "http://h:1/", None).script, @r#"
        ### zato.ping
        # Masked here, to be filled in before it runs: password
        # Response:
        # \@import x
        # ### y
        POST http://h:1/zato/api/invoke/zato.ping HTTP/1.1
        Content-Type: application/json
        Authorization: Basic {{ZATO_USER}} {{ZATO_PASSWORD}}

        {
          "name": "{\u007bx}} {\u007b{",
          "password": "******"
        }
        "#);
    }

    #[test]
    fn a_long_body_stands_beside_the_message_or_in_it() {
        let request = json!({"payload": "x".repeat(LONGEST_ARGUMENT)});
        let long = Example::of_call("zato.ping", request, None);
        let beside = http(&long, "http://h", Some("zato.ping.body.json"));
        assert!(beside.script.ends_with("\n\n< ./zato.ping.body.json\n"));
        assert_eq!(beside.body.unwrap(), long.request.to_string());
        let inside = http(&long, "http://h", None);
        assert!(inside.script.ends_with("x\"\n}\n"));
        assert_eq!(inside.body, None);
    }
}
